#include "web/endpoint/listed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "token/status_list.h"

/*
 * A token that is dealt an index right after the list has grown may be looked up in
 * a copy from before: the list is always as long as the next one is to be.
 */
#define BITS_PER_INDEX 2

#define LISTED_LEAST_AGE_MS 1000	/* anybody may ask: it is made anew no more often than that */

/* What the list that is kept was made of. */
struct edition {
	struct store_status status;
	int64_t expires_at;
	char key_id[SIGNING_KID_SIZE];
};

/* One list as it is given out, held by those who send it. */
struct kept {
	struct listed_copy copy;	/* the first member: what is released is found by it */
	struct edition edition;
	int64_t made_ms;	/* by the clock that nobody sets */
	unsigned holders;	/* under the lock; the one that is kept counts */
};

struct listed {
	pthread_mutex_t lock;
	pthread_cond_t made;	/* the one that is being made is there, or could not be made */
	struct kept *kept;	/* NULL: there is none yet */
	bool making;		/* by one thread, outside of the lock */
};

enum pt_err
listed_new(struct listed **out)
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
listed_release(struct listed *listed, const struct listed_copy *copy)
{
	if (copy == NULL)
		return;
	pthread_mutex_lock(&listed->lock);
	kept_let_go((struct kept *)(uintptr_t)copy);
	pthread_mutex_unlock(&listed->lock);
}

void
listed_free(struct listed *listed)
{
	if (listed == NULL)
		return;
	kept_let_go(listed->kept);
	pthread_cond_destroy(&listed->made);
	pthread_mutex_destroy(&listed->lock);
	free(listed);
}

static int64_t
listed_window(const struct listed_source *source)
{
	return status_list_window(source->ttl);
}

static int64_t
listed_window_start(const struct listed_source *source)
{
	return source->now_ms / 1000 / listed_window(source) * listed_window(source);
}

/* Whether both are signed alike, whatever is in them. */
static bool
edition_signed_alike(const struct edition *a, const struct edition *b)
{
	return a->expires_at == b->expires_at && strcmp(a->key_id, b->key_id) == 0;
}

static bool
edition_same(const struct edition *a, const struct edition *b)
{
	return a->status.version == b->status.version && a->status.capacity == b->status.capacity &&
	    edition_signed_alike(a, b);
}

struct listed_walk {
	struct store_status *status;	/* there before the first visit */
	struct status_list *list;	/* made at the first, when its size is known */
	enum pt_err err;
};

static bool
listed_visit(uint64_t index, void *ctx)
{
	struct listed_walk *walk = ctx;

	if (walk->list == NULL)
		walk->err = status_list_new(walk->status->capacity * BITS_PER_INDEX, &walk->list);
	if (walk->err == PT_OK)
		status_list_set(walk->list, index);
	return walk->err == PT_OK;
}

/*
 * Appends the list as the store has it now; *status is what it is the list of. What was over when
 * the window began is left out, and what has been over since is not, so that it is one list for all workers.
 */
static enum pt_err
listed_encode(const struct listed_source *source, struct store_status *status, struct buf *out)
{
	struct listed_walk walk = { .status = status };
	enum pt_err err = store_status_each(source->store, listed_window_start(source) * 1000, status, listed_visit, &walk);

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
listed_tag(const struct edition *edition, const struct buf *encoded, struct buf *tag)
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
listed_fill(const struct listed_source *source, const struct signing_key *key, struct kept *kept)
{
	struct buf encoded = BUF_EMPTY;
	enum pt_err err = listed_encode(source, &kept->edition.status, &encoded);

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
		err = listed_tag(&kept->edition, &encoded, &kept->copy.tag);
	buf_free(&encoded);
	return err;
}

/* A new list of this edition, as the store has it now. */
static enum pt_err
listed_make(const struct listed_source *source, const struct signing_key *key, const struct edition *edition,
    struct kept **out)
{
	struct kept *kept = calloc(1, sizeof(*kept));

	*out = NULL;
	if (kept == NULL)
		return PT_ERR_NOMEM;
	kept->edition = *edition;
	kept->made_ms = clock_now().stamp.ms;
	kept->holders = 1;
	enum pt_err err = listed_fill(source, key, kept);

	if (err == PT_OK)
		*out = kept;
	else
		kept_free(kept);
	return err;
}

/* Makes another in the place of the one that is kept. The lock is held before and after, and not meanwhile. */
static enum pt_err
listed_renew(struct listed *listed, const struct listed_source *source, const struct signing_key *key,
    const struct edition *edition)
{
	struct kept *fresh;

	listed->making = true;
	pthread_mutex_unlock(&listed->lock);
	enum pt_err err = listed_make(source, key, edition, &fresh);

	pthread_mutex_lock(&listed->lock);
	listed->making = false;
	pthread_cond_broadcast(&listed->made);
	if (err == PT_OK) {
		kept_let_go(listed->kept);
		listed->kept = fresh;
	}
	return err;
}

/* Whether the kept one will do: nothing has changed, or it was made a moment ago, or is all that can be had now. */
static bool
listed_will_do(const struct listed *listed, const struct edition *wanted, int64_t now_s)
{
	const struct kept *kept = listed->kept;

	if (kept == NULL || strcmp(kept->edition.key_id, wanted->key_id) != 0)
		return false;
	if (edition_same(&kept->edition, wanted))
		return true;
	if (listed->making)
		return kept->edition.expires_at > now_s;
	return edition_signed_alike(&kept->edition, wanted) &&
	    clock_now().stamp.ms - kept->made_ms < LISTED_LEAST_AGE_MS;
}

enum pt_err
listed_hold(struct listed *listed, const struct listed_source *source, const struct listed_copy **out)
{
	const struct signing_key *key = keyring_signing_key(source->keys, source->now_ms / 1000);
	struct edition edition = { .expires_at = listed_window_start(source) + 2 * listed_window(source) };
	enum pt_err err = key ? store_status_look(source->store, &edition.status) : PT_ERR_CRYPTO;

	*out = NULL;
	if (err != PT_OK)
		return err;
	slice_copy(slice_of(signing_key_id(key)), edition.key_id, sizeof(edition.key_id));
	pthread_mutex_lock(&listed->lock);
	while (err == PT_OK && !listed_will_do(listed, &edition, source->now_ms / 1000)) {
		if (listed->making)
			pthread_cond_wait(&listed->made, &listed->lock);
		else
			err = listed_renew(listed, source, key, &edition);
		/* What was looked at may be of yesterday by now: any that is as new as this request is right. */
		if (err == PT_OK && listed->kept && edition_signed_alike(&listed->kept->edition, &edition) &&
		    listed->kept->edition.status.version >= edition.status.version)
			break;
	}
	if (err == PT_OK) {
		listed->kept->holders++;
		*out = &listed->kept->copy;
	}
	pthread_mutex_unlock(&listed->lock);
	return err;
}
