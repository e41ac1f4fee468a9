#include "web/listed.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "crypto/digest.h"
#include "token/status_list.h"

/*
 * A token that is dealt an index right after the list has grown may be looked up in
 * a copy from before: the list is always as long as the next one is to be.
 */
#define BITS_PER_INDEX 2

#define LEAST_WINDOW INT64_C(300)	/* seconds: lists signed in one window expire together, at the end of the next */
#define WINDOW_TTLS 10		/* and so many ttls at least, for services that cannot fetch it for a while */

/* What the list that is kept was made of. */
struct edition {
	struct store_status status;
	int64_t expires_at;
	char key_id[SIGNING_KID_SIZE];
};

struct listed {
	pthread_mutex_t lock;
	struct edition edition;	/* without a key id: there is none yet */
	struct buf token;
	struct buf tag;
};

enum pt_err
listed_new(struct listed **out)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return PT_ERR_NOMEM;
	pthread_mutex_init(&(*out)->lock, NULL);
	return PT_OK;
}

void
listed_free(struct listed *listed)
{
	if (listed == NULL)
		return;
	pthread_mutex_destroy(&listed->lock);
	buf_free(&listed->token);
	buf_free(&listed->tag);
	free(listed);
}

/* Seconds for which lists that are alike are the same for all workers. */
static int64_t
window_of(int64_t ttl)
{
	return WINDOW_TTLS * ttl > LEAST_WINDOW ? WINDOW_TTLS * ttl : LEAST_WINDOW;
}

int64_t
listed_longest(int64_t ttl)
{
	return 2 * window_of(ttl);
}

static int64_t
listed_window(const struct listed_source *source)
{
	return window_of(source->ttl);
}

static int64_t
listed_window_start(const struct listed_source *source)
{
	return source->now_ms / 1000 / listed_window(source) * listed_window(source);
}

static bool
edition_same(const struct edition *a, const struct edition *b)
{
	return a->status.version == b->status.version && a->status.capacity == b->status.capacity &&
	    a->expires_at == b->expires_at && strcmp(a->key_id, b->key_id) == 0;
}

static bool
listed_visit(uint64_t index, void *ctx)
{
	status_list_set(ctx, index);
	return true;
}

/*
 * Appends the list as the store has it now; *status is what it is the list of. What was over when
 * the window began is left out, and what has been over since is not, so that it is one list for all workers.
 */
static enum pt_err
listed_encode(const struct listed_source *source, struct store_status *status, struct buf *out)
{
	struct status_list *list;
	struct store_status seen;
	enum pt_err err = status_list_new(status->capacity * BITS_PER_INDEX, &list);

	if (err != PT_OK)
		return err;
	err = store_status_each(source->store, listed_window_start(source) * 1000, &seen, listed_visit, list);
	if (err == PT_OK && seen.capacity != status->capacity) {
		/* It grew between the two looks: once more, with a list of that size. */
		status_list_free(list);
		*status = seen;
		return listed_encode(source, status, out);
	}
	*status = seen;
	if (err == PT_OK)
		err = status_list_encode(list, out);
	status_list_free(list);
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
	if (err == PT_OK)
		base64url_put(tag, digest, sizeof(digest));
	buf_free(&named);
	return err == PT_OK ? buf_status(tag) : err;
}

/* Makes the list anew, in the place of the one that is kept. */
static enum pt_err
listed_make(struct listed *listed, const struct listed_source *source, const struct signing_key *key,
    struct edition *edition)
{
	struct buf encoded = BUF_EMPTY;
	enum pt_err err = listed_encode(source, &edition->status, &encoded);

	listed->edition = (struct edition){ .expires_at = 0 };
	buf_clear(&listed->token);
	buf_clear(&listed->tag);
	if (err == PT_OK)
		err = status_list_sign(key, &(struct status_claims){
			.uri = source->uri,
			.encoded = buf_slice(&encoded),
			.issued_at = source->now_ms / 1000,
			.expires_at = edition->expires_at,
			.ttl = source->ttl,
		}, &listed->token);
	if (err == PT_OK)
		err = listed_tag(edition, &encoded, &listed->tag);
	if (err == PT_OK)
		listed->edition = *edition;
	buf_free(&encoded);
	return err;
}

enum pt_err
listed_get(struct listed *listed, const struct listed_source *source, struct buf *token, struct buf *tag)
{
	const struct signing_key *key = keyring_signing_key(source->keys, source->now_ms / 1000);
	struct edition edition = { .expires_at = listed_window_start(source) + 2 * listed_window(source) };

	if (key == NULL)
		return PT_ERR_CRYPTO;
	slice_copy(slice_of(signing_key_id(key)), edition.key_id, sizeof(edition.key_id));
	pthread_mutex_lock(&listed->lock);
	enum pt_err err = store_status_look(source->store, &edition.status);

	if (err == PT_OK && !edition_same(&edition, &listed->edition))
		err = listed_make(listed, source, key, &edition);
	if (err == PT_OK) {
		buf_put(token, buf_slice(&listed->token));
		buf_put(tag, buf_slice(&listed->tag));
	}
	pthread_mutex_unlock(&listed->lock);
	if (err == PT_OK)
		err = buf_status(token);
	return err == PT_OK ? buf_status(tag) : err;
}
