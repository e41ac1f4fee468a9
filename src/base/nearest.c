#include "base/nearest.h"

#include <limits.h>

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, counting a swap of neighbours, the commonest slip, as one edit. */
unsigned
nearest_distance(struct slice a, struct slice b)
{
	unsigned rows[3][NEAREST_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	if (a.len > NEAREST_MAX || b.len > NEAREST_MAX)
		return UINT_MAX;
	for (size_t j = 0; j <= b.len; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.len; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned replaced = above[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);

			row[j] = least(replaced, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
			    a.ptr[i - 2] == b.ptr[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		unsigned *free_row = before;

		before = above;
		above = row;
		row = free_row;
	}
	return above[b.len];
}

struct nearest
nearest_to(struct slice word)
{
	/* If more than a third of it is wrong, another word was meant. */
	unsigned limit = (unsigned)(least((unsigned)word.len, NEAREST_MAX) / 3) + 1;

	return (struct nearest){ word, NULL, limit < 2 ? 2 : limit };
}

void
nearest_offer(struct nearest *nearest, const char *name)
{
	unsigned distance = nearest_distance(nearest->word, slice_of(name));

	if (distance >= nearest->distance &&
	    !(nearest->best == NULL && distance == nearest->distance))
		return;
	nearest->best = name;
	nearest->distance = distance;
}
