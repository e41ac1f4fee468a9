/* The known name that a person most likely meant, for "did you mean". */
#ifndef PINTLE_BASE_NEAREST_H
#define PINTLE_BASE_NEAREST_H

#include "base/slice.h"

#define NEAREST_MAX 48	/* bytes of the longest word that is compared */

struct nearest {
	struct slice word;
	const char *best;	/* NULL: no word is near enough */
	unsigned distance;
};

/* Begins the search for word, borrowed. */
struct nearest nearest_to(struct slice word);

/* Offers a known name, which must live as long as the search. */
void nearest_offer(struct nearest *nearest, const char *name);

/*
 * Edits (insert, delete, replace, swap of neighbours) from a to b; UINT_MAX if one is longer than
 * NEAREST_MAX.
 */
unsigned nearest_distance(struct slice a, struct slice b);

#endif
