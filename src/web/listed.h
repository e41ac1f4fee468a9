/*
 * The status list as it is given out: made when the store's has changed, or
 * when its signature is about to run out, and else given out again. Used by
 * many threads.
 */
#ifndef PINTLE_WEB_LISTED_H
#define PINTLE_WEB_LISTED_H

#include "base/buf.h"
#include "store/store.h"
#include "token/keyring.h"

struct listed;

enum pt_err listed_new(struct listed **out);	/* *out is yours, for listed_free */
void listed_free(struct listed *listed);

/* What a list is made of. */
struct listed_source {
	struct store *store;
	const struct keyring *keys;
	struct slice uri;	/* where the list is found */
	int64_t now_ms;
	int64_t ttl;		/* seconds */
};

/* How long a list lives at most, in seconds, whose ttl is so many. */
int64_t listed_longest(int64_t ttl);

/*
 * Appends the signed list to token, and to tag a text that is the same for the same list, key and
 * time of expiry, whoever signed it: for an ETag, a weak one, since two signatures differ.
 */
enum pt_err listed_get(struct listed *listed, const struct listed_source *source, struct buf *token, struct buf *tag);

#endif
