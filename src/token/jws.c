#include "token/jws.h"

#include "base/base64url.h"
#include "base/json.h"

static void
header_put(struct buf *out, const char *type, const struct signing_key *key)
{
	struct json_writer w = json_writer(out);

	json_open(&w, NULL);
	json_put_cstr(&w, "typ", type);
	json_put_cstr(&w, "alg", signing_alg_name(signing_key_alg(key)));
	json_put_cstr(&w, "kid", signing_key_id(key));
	json_close(&w);
}

/* Appends the signature of the bytes of out after the place from. */
static enum pt_err
signature_put(struct buf *out, size_t from, const struct signing_key *key)
{
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len;
	enum pt_err err = signing_sign(key, slice_skip(buf_slice(out), from), signature, &len);

	if (err != PT_OK)
		return err;
	buf_putc(out, '.');
	base64url_put(out, signature, len);
	return buf_status(out);
}

enum pt_err
jws_sign(const struct signing_key *key, const char *type, const struct buf *payload,
    struct buf *out)
{
	struct buf header = BUF_EMPTY;
	size_t from = out->len;

	header_put(&header, type, key);
	base64url_put(out, header.ptr, header.len);
	buf_putc(out, '.');
	base64url_put(out, payload->ptr, payload->len);

	enum pt_err err = header.failed || payload->failed ? PT_ERR_NOMEM : buf_status(out);

	if (err == PT_OK)
		err = signature_put(out, from, key);
	buf_free(&header);
	return err;
}
