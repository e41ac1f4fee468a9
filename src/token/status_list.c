#include "token/status_list.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/base64url.h"
#include "base/json.h"
#include "token/jws.h"

#define LEAST_WINDOW INT64_C(300)	/* seconds */
/* and at least this many ttls, for services that cannot fetch it for a while */
#define WINDOW_TTLS 10

#define MOST_BYTES (UINT32_C(1) << 28)	/* zlib counts with 32 bits */

struct status_list {
	size_t len;
	uint8_t bytes[];
};

enum pt_err
status_list_new(uint64_t bits, struct status_list **out)
{
	*out = NULL;
	if (bits == 0 || bits % 8 != 0 || bits / 8 > MOST_BYTES)
		return PT_ERR_INVALID;
	*out = calloc(1, sizeof(**out) + (size_t)(bits / 8));
	if (*out == NULL)
		return PT_ERR_NOMEM;
	(*out)->len = (size_t)(bits / 8);
	return PT_OK;
}

void
status_list_free(struct status_list *list)
{
	free(list);
}

void
status_list_set(struct status_list *list, uint64_t index)
{
	if (index / 8 < list->len)
		list->bytes[index / 8] |= (uint8_t)(1u << index % 8);
}

/* Compresses the whole list at once and appends it; returns zlib's code. */
static int
status_list_deflate(z_stream *z, const struct status_list *list, struct buf *out)
{
	uLong room = deflateBound(z, (uLong)list->len);
	uint8_t *packed = malloc(room);

	if (packed == NULL)
		return Z_MEM_ERROR;
	/* zlib does not write to its input, although its type is not const. */
	z->next_in = (uint8_t *)(uintptr_t)list->bytes;
	z->avail_in = (uInt)list->len;
	z->next_out = packed;
	z->avail_out = (uInt)room;
	int rc = deflate(z, Z_FINISH);

	if (rc == Z_STREAM_END)
		base64url_put(out, packed, z->total_out);
	free(packed);
	return rc;
}

enum pt_err
status_list_encode(const struct status_list *list, struct buf *out)
{
	z_stream z = { 0 };
	/*
	 * Single random bits in runs of zeros: there is nothing to find but the runs (DESIGN.md,
	 * zlib looks for runs of zeros alone). Looking for more takes up to two hundred times as
	 * long.
	 */
	int rc = deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS, MAX_MEM_LEVEL - 1,
	    Z_RLE);

	if (rc == Z_OK) {
		rc = status_list_deflate(&z, list, out);
		deflateEnd(&z);
	}
	if (rc != Z_STREAM_END)
		return rc == Z_MEM_ERROR ? PT_ERR_NOMEM : PT_ERR_CRYPTO;
	return buf_status(out);
}

enum pt_err
status_list_sign(const struct signing_key *key, const struct status_claims *claims, struct buf *out)
{
	struct buf payload = BUF_EMPTY;
	struct json_writer w = json_writer(&payload);

	json_open(&w, NULL);
	json_put_string(&w, "sub", claims->uri);
	json_put_integer(&w, "iat", claims->issued_at);
	json_put_integer(&w, "exp", claims->expires_at);
	json_put_integer(&w, "ttl", claims->ttl);
	json_open(&w, "status_list");
	json_put_integer(&w, "bits", 1);
	json_put_string(&w, "lst", claims->encoded);
	json_close(&w);
	json_close(&w);

	enum pt_err err = jws_sign(key, STATUS_LIST_TYPE, &payload, out);

	buf_free(&payload);
	return err;
}

int64_t
status_list_window(int64_t ttl)
{
	return WINDOW_TTLS * ttl > LEAST_WINDOW ? WINDOW_TTLS * ttl : LEAST_WINDOW;
}

int64_t
status_list_longest(int64_t ttl)
{
	return 2 * status_list_window(ttl);
}
