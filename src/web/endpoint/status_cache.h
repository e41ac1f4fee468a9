/*
 * Keeps the status list as it is sent out: it is made anew when the store's state has changed or
 * its signature is about to expire. Used by many threads. See DESIGN.md, The status list is made by
 * one thread.
 */
#ifndef PINTLE_WEB_ENDPOINT_STATUS_CACHE_H
#define PINTLE_WEB_ENDPOINT_STATUS_CACHE_H

#include "base/buf.h"
#include "store/store.h"
#include "token/keyring.h"

struct status_cache;

/* *out is yours, for status_cache_free */
enum pt_err status_cache_new(struct status_cache **out);
void status_cache_free(struct status_cache *cache);

/* What a list is made from. */
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
	 * The ETag as it is sent: the same for the same list, key and expiry, whichever worker
	 * signed it. It is weak, since two signatures differ.
	 */
	struct buf tag;
};

/*
 * The list as it is now or was within the last second. Anybody may ask, so it is made no more often
 * than that, by one thread while the others get the previous one. *out is borrowed until
 * status_cache_release.
 */
enum pt_err status_cache_hold(struct status_cache *cache, const struct status_cache_source *source,
    const struct status_cache_copy **out);

/* May be called by any thread; NULL does nothing. */
void status_cache_release(struct status_cache *cache, const struct status_cache_copy *copy);

#endif
