/*
 * The status list as it is given out: made when the store's has changed, or
 * when its signature is about to run out, and else given out again. Used by
 * many threads.
 */
#ifndef PINTLE_WEB_ENDPOINT_LISTED_H
#define PINTLE_WEB_ENDPOINT_LISTED_H

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

struct listed_copy {
	struct buf token;	/* the signed list */
	/*
	 * The ETag as it is sent, the same for the same list, key and time of expiry, whoever signed it: a weak one,
	 * since two signatures differ.
	 */
	struct buf tag;
};

/*
 * The list as it is now, or as it was within the last second: anybody may ask, and it is made no more often, by one
 * thread while the others have the one before. *out is borrowed until listed_release.
 */
enum pt_err listed_hold(struct listed *listed, const struct listed_source *source, const struct listed_copy **out);

/* Of any thread; NULL does nothing. */
void listed_release(struct listed *listed, const struct listed_copy *copy);

#endif
