#include "web/endpoint/status_cache.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "token/status_list.h"

/*
 * A token whose index was dealt right after the list grew may be looked up in an older copy:
 * therefore the list is always as long as the next one will have to be.
 */
#define BITS_PER_INDEX 2

#define LEAST_AGE_MS 1000	/* anybody may ask, so it is made no more often than this */

/* What a list was made from. */
struct edition {
	struct store_status status;
	int64_t expires_at;
	char key_id[SIGNING_KID_SIZE];
};

/* One list as it is sent out; requests that are sending it hold it. */
struct kept {
	struct status_cache_copy copy;	/* the first member, so that a copy leads to its struct */
	struct edition edition;
	int64_t made_ms;	/* by the monotonic clock */
	unsigned holders;	/* under the lock; being kept counts as one */
};

struct status_cache {
	pthread_mutex_t lock;
	pthread_cond_t made;	/* the one in the making is done, or failed */
	struct kept *kept;	/* NULL: there is none yet */
	bool making;		/* one thread is at it, outside the lock */
};

enum pt_err
status_cache_new(struct status_cache **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return PT_ERR_NOMEM;
	pthread_mutex_init(&(*out)->lock, NULL);
	pthread_cond_init(&(*out)->made, NULL);
	return PT_OK;
}

static void
kept_free(struct kept *kept)
{
	buf_free(&kept->copy.token);
	buf_free(&kept->copy.tag);
	free(kept);
}

/* Under the lock. */
static void
kept_let_go(struct kept *kept)
{
	if (kept && --kept->holders == 0)
		kept_free(kept);
}

void
status_cache_release(struct status_cache *cache, const struct status_cache_copy *copy)
{
	if (copy == NULL)
		return;
	pthread_mutex_lock(&cache->lock);
	kept_let_go((struct kept *)(uintptr_t)copy);
	pthread_mutex_unlock(&cache->lock);
}

void
status_cache_free(struct status_cache *cache)
{
	if (cache == NULL)
		return;
	kept_let_go(cache->kept);
	pthread_cond_destroy(&cache->made);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

static int64_t
status_cache_window(const struct status_cache_source *source)
{
	return status_list_window(source->ttl);
}

static int64_t
status_cache_window_start(const struct status_cache_source *source)
{
	return source->now_ms / 1000 / status_cache_window(source) * status_cache_window(source);
}

/* Whether both have the same key and expiry, whatever their content. */
static bool
edition_signed_alike(const struct edition *a, const struct edition *b)
{
	return a->expires_at == b->expires_at && strcmp(a->key_id, b->key_id) == 0;
}

struct status_cache_walk {
	struct store_status *status;	/* set before the first visit */
	struct status_list *list;	/* made at the first visit, when its size is known */
	enum pt_err err;
};

static bool
status_cache_visit(uint64_t index, void *ctx)
{
	struct status_cache_walk *walk = ctx;

	if (walk->list == NULL)
		walk->err = status_list_new(walk->status->capacity * BITS_PER_INDEX, &walk->list);
	if (walk->err == PT_OK)
		status_list_set(walk->list, index);
	return walk->err == PT_OK;
}

/*
 * Appends the list as the store has it now; *status says of which state. Sessions that had expired
 * when the window began are left out, later ones are not, so that all workers make the same list.
 */
static enum pt_err
status_cache_encode(const struct status_cache_source *source, struct store_status *status,
    struct buf *out)
{
	struct status_cache_walk walk = { .status = status };
	enum pt_err err = store_status_each(source->store, status_cache_window_start(source) * 1000,
	    status, status_cache_visit, &walk);

	if (err == PT_OK)
		err = walk.err;
	if (err == PT_OK && walk.list == NULL)
		err = status_list_new(status->capacity * BITS_PER_INDEX, &walk.list);
	if (err == PT_OK)
		err = status_list_encode(walk.list, out);
	status_list_free(walk.list);
	return err;
}

static enum pt_err
status_cache_tag(const struct edition *edition, const struct buf *encoded, struct buf *tag)
{
	struct buf named = BUF_EMPTY;
	uint8_t digest[DIGEST_SIZE];

	buf_printf(&named, "%s %lld ", edition->key_id, (long long)edition->expires_at);
	buf_put(&named, buf_slice(encoded));

	enum pt_err err = buf_status(&named);

	if (err == PT_OK)
		err = digest_sha256(named.ptr, named.len, digest);
	buf_puts(tag, "W/\"");
	if (err == PT_OK)
		base64url_put(tag, digest, sizeof(digest));
	buf_putc(tag, '"');
	buf_free(&named);
	return err == PT_OK ? buf_status(tag) : err;
}

static enum pt_err
status_cache_fill(const struct status_cache_source *source, const struct signing_key *key,
    struct kept *kept)
{
	struct buf encoded = BUF_EMPTY;
	enum pt_err err = status_cache_encode(source, &kept->edition.status, &encoded);

	if (err == PT_OK)
		err = status_list_sign(key, &(struct status_claims){
			.uri = source->uri,
			.encoded = buf_slice(&encoded),
			.issued_at = source->now_ms / 1000,
			.expires_at = kept->edition.expires_at,
			.ttl = source->ttl,
		}, &kept->copy.token);
	if (err == PT_OK)
		err = buf_status(&kept->copy.token);
	if (err == PT_OK)
		err = status_cache_tag(&kept->edition, &encoded, &kept->copy.tag);
	buf_free(&encoded);
	return err;
}

/* Makes a new list of this edition from the store. */
static enum pt_err
status_cache_make(const struct status_cache_source *source, const struct signing_key *key,
    const struct edition *edition, struct kept **out)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	*out = NULL;
	if (kept == NULL)
		return PT_ERR_NOMEM;
	kept->edition = *edition;
	kept->made_ms = clock_now().stamp.ms;
	kept->holders = 1;
	enum pt_err err = status_cache_fill(source, key, kept);

	if (err == PT_OK)
		*out = kept;
	else
		kept_free(kept);
	return err;
}

/*
 * Replaces the kept list with a new one. The lock is held on entry and return, but not while the
 * list is made.
 */
static enum pt_err
status_cache_renew(struct status_cache *cache, const struct status_cache_source *source,
    const struct signing_key *key, const struct edition *edition)
{
	struct kept *fresh;

	cache->making = true;
	pthread_mutex_unlock(&cache->lock);
	enum pt_err err = status_cache_make(source, key, edition, &fresh);

	pthread_mutex_lock(&cache->lock);
	cache->making = false;
	pthread_cond_broadcast(&cache->made);
	if (err == PT_OK) {
		kept_let_go(cache->kept);
		cache->kept = fresh;
	}
	return err;
}

/*
 * Whether the kept list will do: nothing has changed, or it was made a moment ago, or a new one is
 * in the making.
 */
static bool
status_cache_will_do(const struct status_cache *cache, const struct edition *wanted, int64_t now_s)
{
	const struct kept *kept = cache->kept;

	if (kept == NULL || strcmp(kept->edition.key_id, wanted->key_id) != 0)
		return false;
	const bool alike = edition_signed_alike(&kept->edition, wanted);

	if (alike && kept->edition.status.version == wanted->status.version &&
	    kept->edition.status.capacity == wanted->status.capacity)
		return true;
	if (cache->making)
		return kept->edition.expires_at > now_s;
	return alike && clock_now().stamp.ms - kept->made_ms < LEAST_AGE_MS;
}

enum pt_err
status_cache_hold(struct status_cache *cache, const struct status_cache_source *source,
    const struct status_cache_copy **out)
{
	const struct signing_key *key = keyring_signing_key(source->keys, source->now_ms / 1000);
	struct edition edition = { .expires_at = status_cache_window_start(source) + 2 *
	    status_cache_window(source) };
	enum pt_err err = key ? store_status_look(source->store, &edition.status) : PT_ERR_CRYPTO;

	*out = NULL;
	if (err != PT_OK)
		return err;
	slice_copy(slice_of(signing_key_id(key)), edition.key_id, sizeof(edition.key_id));
	pthread_mutex_lock(&cache->lock);
	while (err == PT_OK && !status_cache_will_do(cache, &edition, source->now_ms / 1000)) {
		if (cache->making)
			pthread_cond_wait(&cache->made, &cache->lock);
		else
			err = status_cache_renew(cache, source, key, &edition);
		/*
		 * The edition may be out of date by now: any list as new as this request is right.
		 */
		if (err == PT_OK && cache->kept &&
		    edition_signed_alike(&cache->kept->edition, &edition) &&
		    cache->kept->edition.status.version >= edition.status.version)
			break;
	}
	if (err == PT_OK) {
		cache->kept->holders++;
		*out = &cache->kept->copy;
	}
	pthread_mutex_unlock(&cache->lock);
	return err;
}
