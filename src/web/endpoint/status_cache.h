/*
 * The status list as it is given out: made when the store's has changed, or
 * when its signature is about to run out, and else given out again. Used by
 * many threads.
 */
#ifndef PINTLE_WEB_ENDPOINT_STATUS_CACHE_H
#define PINTLE_WEB_ENDPOINT_STATUS_CACHE_H

#include "base/buf.h"
#include "store/store.h"
#include "token/keyring.h"

struct status_cache;

enum pt_err status_cache_new(struct status_cache **out);	/* *out is yours, for status_cache_free */
void status_cache_free(struct status_cache *cache);

/* What a list is made of. */
struct status_cache_source {
	struct store *store;
	const struct keyring *keys;
	struct slice uri;	/* where the list is found */
	int64_t now_ms;
	int64_t ttl;		/* seconds */
};

struct status_cache_copy {
	struct buf token;	/* the signed list */
	/*
	 * The ETag as it is sent, the same for the same list, key and time of expiry, whoever signed it: a weak one,
	 * since two signatures differ.
	 */
	struct buf tag;
};

/*
 * The list as it is now, or as it was within the last second: anybody may ask, and it is made no more often, by one
 * thread while the others have the one before. *out is borrowed until status_cache_release.
 */
enum pt_err status_cache_hold(struct status_cache *cache, const struct status_cache_source *source, const struct status_cache_copy **out);

/* Of any thread; NULL does nothing. */
void status_cache_release(struct status_cache *cache, const struct status_cache_copy *copy);

#endif
