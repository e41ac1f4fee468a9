#include "token/access_token.h"

#include <string.h>

#include "base/base64url.h"
#include "base/json.h"
#include "token/jws.h"

#define TYPE "at+jwt"		/* RFC 9068, 2.1 */
#define MAX_HEADER_BYTES 512	/* of the header's base64url; ours has fewer than 150 */

/* The claims, each listed once: their names, and their members in struct access_claims. */
static const struct {
	const char *name;
	size_t offset;		/* the member's offset; a struct slice */
	bool is_list;		/* comma-separated there, an array in the token; may be empty */
} text_claims[] = {
	{ "iss", offsetof(struct access_claims, issuer), false },
	{ "aud", offsetof(struct access_claims, audience), false },
	{ "sub", offsetof(struct access_claims, subject), false },
	{ "sid", offsetof(struct access_claims, session_id), false },
	{ "client_id", offsetof(struct access_claims, client_id), false },
	{ "jti", offsetof(struct access_claims, token_id), false },
	{ "preferred_username", offsetof(struct access_claims, username), false },
	{ "groups", offsetof(struct access_claims, groups), true },
	{ "amr", offsetof(struct access_claims, amr), true },
};

static const struct {
	const char *name;
	size_t offset;		/* the member's offset; an int64_t */
} time_claims[] = {
	{ "iat", offsetof(struct access_claims, issued_at) },
	{ "exp", offsetof(struct access_claims, expires_at) },
	{ "auth_time", offsetof(struct access_claims, auth_time) },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct slice *
text_claim(struct access_claims *claims, size_t i)
{
	return (struct slice *)(void *)((char *)claims + text_claims[i].offset);
}

static int64_t *
time_claim(struct access_claims *claims, size_t i)
{
	return (int64_t *)(void *)((char *)claims + time_claims[i].offset);
}

/* ---- signing */

static void
list_put(struct json_writer *w, const char *name, struct slice commas)
{
	struct slice one;

	json_open_array(w, name);
	while (commas.len) {
		slice_cut(commas, ',', &one, &commas);
		json_put_string(w, NULL, one);
	}
	json_close_array(w);
}

void
access_status_put(struct json_writer *w, const struct access_claims *claims)
{
	json_open(w, "status");
	json_open(w, "status_list");
	json_put_integer(w, "idx", claims->status_index);
	json_put_string(w, "uri", claims->status_list);
	json_close(w);
	json_close(w);
}

static void
claims_put(struct buf *out, struct access_claims claims)
{
	struct json_writer w = json_writer(out);

	json_open(&w, NULL);
	for (size_t i = 0; i < COUNT(text_claims); i++)
		(text_claims[i].is_list ? list_put : json_put_string)(&w, text_claims[i].name,
		    *text_claim(&claims, i));
	for (size_t i = 0; i < COUNT(time_claims); i++)
		json_put_integer(&w, time_claims[i].name, *time_claim(&claims, i));
	if (claims.status_list.len)
		access_status_put(&w, &claims);
	json_close(&w);
}

enum pt_err
access_token_sign(const struct keyring *ring, const struct access_claims *claims, struct buf *out)
{
	const struct signing_key *key = keyring_signing_key(ring, claims->issued_at);
	struct buf payload = BUF_EMPTY;

	if (key == NULL)
		return PT_ERR_CRYPTO;
	claims_put(&payload, *claims);

	enum pt_err err = jws_sign(key, TYPE, &payload, out);

	buf_free(&payload);
	return err;
}

/* ---- verifying */

static const char *const verdict_names[] = {
	[ACCESS_UNSEEN] = "unseen",
	[ACCESS_GOOD] = "good",
	[ACCESS_MALFORMED] = "malformed",
	[ACCESS_BAD_HEADER] = "bad_header",
	[ACCESS_WRONG_TYPE] = "wrong_type",
	[ACCESS_UNKNOWN_KEY] = "unknown_key",
	[ACCESS_WRONG_ALG] = "wrong_alg",
	[ACCESS_BAD_SIGNATURE] = "bad_signature",
	[ACCESS_BAD_CLAIMS] = "bad_claims",
	[ACCESS_WRONG_ISSUER] = "wrong_issuer",
	[ACCESS_WRONG_AUDIENCE] = "wrong_audience",
	[ACCESS_EXPIRED] = "expired",
	[ACCESS_NOT_YET] = "not_yet",
};

const char *
access_verdict_name(enum access_verdict verdict)
{
	return verdict_names[verdict];
}

/* The compact form's three parts (RFC 7515, 3.1), still encoded. */
struct compact {
	struct slice header, payload, signature;
	struct slice signed_part;	/* header, payload and the dot between them */
};

static bool
compact_cut(struct slice text, struct compact *parts)
{
	struct slice rest, none;

	if (text.len > ACCESS_TOKEN_MAX || !slice_cut(text, '.', &parts->header, &rest) ||
	    !slice_cut(rest, '.', &parts->payload, &parts->signature) ||
	    slice_cut(parts->signature, '.', &none, &none))
		return false;
	parts->signed_part = (struct slice){ text.ptr, parts->header.len + 1 + parts->payload.len };
	return parts->header.len <= MAX_HEADER_BYTES && parts->header.len && parts->payload.len &&
	    parts->signature.len;
}

/* Decodes a part and reads it as an object; PT_ERR_INVALID if it is none. */
static enum pt_err
part_read(struct slice encoded, struct json **out)
{
	char bytes[ACCESS_TOKEN_MAX];
	size_t len;

	*out = NULL;
	if (!base64url_decode(encoded, bytes, sizeof(bytes), &len))
		return PT_ERR_INVALID;
	return json_parse_object((struct slice){ bytes, len }, out);
}

/* RFC 7515, 4.1.9: a media type, so in any case, with or without "application/". */
static bool
type_is_ours(struct slice type)
{
	return slice_eq_nocase(type, SLICE(TYPE)) ||
	    slice_eq_nocase(type, SLICE("application/" TYPE));
}

/*
 * The header must name the type, and one of our keys with that key's one algorithm. Members that
 * would bring in another key or another reading are refused, not ignored (RFC 7515, 4.1.11; RFC
 * 7797, 7; RFC 8725, 3.10).
 */
static enum access_verdict
header_judge(const struct json *header, const struct keyring *ring, int64_t now_s,
    const struct signing_key **key)
{
	static const char *const refused[] = { "crit", "b64", "zip", "enc", "jwk", "jku", "x5u",
	    "x5c", "x5t", "x5t#S256" };
	struct slice type, alg, kid;

	for (size_t i = 0; i < COUNT(refused); i++)
		if (json_kind_of(header, refused[i]) != JSON_ABSENT)
			return ACCESS_BAD_HEADER;
	if (!json_get_string(header, "alg", &alg) || !json_get_string(header, "kid", &kid))
		return ACCESS_BAD_HEADER;
	/* Whatever kid says, we have no key for "none" or HMAC. */
	if (signing_alg_of(alg) == SIGNING_NONE)
		return ACCESS_WRONG_ALG;
	if (!json_get_string(header, "typ", &type) || !type_is_ours(type))
		return ACCESS_WRONG_TYPE;
	*key = keyring_find(ring, kid, now_s);
	if (*key == NULL)
		return ACCESS_UNKNOWN_KEY;
	return signing_alg_of(alg) == signing_key_alg(*key) ? ACCESS_GOOD : ACCESS_WRONG_ALG;
}

/* Judges header and signature; *key is the key that verified them. */
static enum pt_err
signature_judge(const struct keyring *ring, const struct compact *parts, int64_t now_s,
    const struct signing_key **key, enum access_verdict *verdict)
{
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	struct json *header;
	size_t len;
	bool good;
	enum pt_err err = part_read(parts->header, &header);

	*verdict = ACCESS_BAD_HEADER;
	if (err != PT_OK)
		return err == PT_ERR_INVALID ? PT_OK : err;
	*verdict = header_judge(header, ring, now_s, key);
	json_free(header);
	if (*verdict != ACCESS_GOOD)
		return PT_OK;
	*verdict = ACCESS_BAD_SIGNATURE;
	if (!base64url_decode(parts->signature, signature, sizeof(signature), &len))
		return PT_OK;
	err = signing_verify(*key, parts->signed_part,
	    (struct slice){ (const char *)signature, len }, &good);
	if (err == PT_OK && good)
		*verdict = ACCESS_GOOD;
	return err;
}

/* Appends an array of texts, separated by commas. None may be empty or contain a comma. */
static bool
list_take(const struct json *payload, const char *name, struct buf *text)
{
	size_t count = json_array_len(payload, name);
	struct slice one;

	if (json_kind_of(payload, name) != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!json_array_string(payload, name, i, &one) || one.len == 0 ||
		    memchr(one.ptr, ',', one.len))
			return false;
		if (i)
			buf_putc(text, ',');
		buf_put(text, one);
	}
	return true;
}

static bool
text_take(const struct json *payload, const char *name, struct buf *text)
{
	struct slice value;

	if (!json_get_string(payload, name, &value) || value.len == 0)
		return false;
	buf_put(text, value);
	return true;
}

/* The token's place in the status list; tokens from before there was a list have no such claim. */
static bool
status_take(const struct json *payload, struct access_token *out)
{
	const struct json *status, *list;
	size_t from = out->text.len;

	if (json_kind_of(payload, "status") == JSON_ABSENT)
		return true;
	status = json_get_object(payload, "status");
	list = status ? json_get_object(status, "status_list") : NULL;
	if (list == NULL || !json_get_integer(list, "idx", &out->claims.status_index) ||
	    out->claims.status_index < 0 || !text_take(list, "uri", &out->text))
		return false;
	out->claims.status_list.len = out->text.len - from;
	return true;
}

/* RFC 9068, 2.2: every claim must be there, with its type. */
static bool
claims_take(const struct json *payload, struct access_token *out)
{
	struct slice rest;

	for (size_t i = 0; i < COUNT(text_claims); i++) {
		size_t from = out->text.len;

		if (!(text_claims[i].is_list ? list_take : text_take)(payload, text_claims[i].name,
		    &out->text))
			return false;
		text_claim(&out->claims, i)->len = out->text.len - from;
	}
	if (!status_take(payload, out))
		return false;
	/* Only now does the text stop growing, and therefore moving. */
	rest = buf_slice(&out->text);
	for (size_t i = 0; i < COUNT(text_claims); i++) {
		struct slice *claim = text_claim(&out->claims, i);

		claim->ptr = rest.ptr;
		rest = slice_skip(rest, claim->len);
	}
	out->claims.status_list.ptr = rest.ptr;
	for (size_t i = 0; i < COUNT(time_claims); i++)
		if (!json_get_integer(payload, time_claims[i].name, time_claim(&out->claims, i)))
			return false;
	return true;
}

/* RFC 9068, 4, and the order of the times, which only our own signer could get wrong. */
static enum access_verdict
claims_judge(const struct json *payload, const struct access_claims *claims, struct slice issuer,
    struct slice audience, int64_t now_s)
{
	int64_t not_before = claims->issued_at;

	if (json_kind_of(payload, "nbf") != JSON_ABSENT &&
	    !json_get_integer(payload, "nbf", &not_before))
		return ACCESS_BAD_CLAIMS;
	if (claims->expires_at - claims->issued_at > ACCESS_TOKEN_MAX_LIFE)
		return ACCESS_BAD_CLAIMS;
	if (!slice_eq(claims->issuer, issuer))
		return ACCESS_WRONG_ISSUER;
	if (!slice_eq(claims->audience, audience))
		return ACCESS_WRONG_AUDIENCE;
	if (claims->expires_at <= now_s)
		return ACCESS_EXPIRED;
	if (claims->issued_at > now_s + ACCESS_TOKEN_LEEWAY ||
	    not_before > now_s + ACCESS_TOKEN_LEEWAY)
		return ACCESS_NOT_YET;
	return ACCESS_GOOD;
}

static enum pt_err
payload_judge(struct slice encoded, struct slice issuer, struct slice audience, int64_t now_s,
    struct access_token *out, enum access_verdict *verdict)
{
	struct json *payload;
	enum pt_err err = part_read(encoded, &payload);

	*verdict = ACCESS_BAD_CLAIMS;
	if (err != PT_OK)
		return err == PT_ERR_INVALID ? PT_OK : err;
	if (claims_take(payload, out))
		*verdict = claims_judge(payload, &out->claims, issuer, audience, now_s);
	json_free(payload);
	return buf_status(&out->text);
}

enum pt_err
access_token_verify(const struct keyring *ring, struct slice text, struct slice issuer,
    struct slice audience, int64_t now_s, struct access_token *out, enum access_verdict *verdict)
{
	const struct signing_key *key = NULL;
	struct compact parts;

	*out = (struct access_token){ .text = BUF_EMPTY };
	*verdict = ACCESS_MALFORMED;
	if (!compact_cut(text, &parts))
		return PT_OK;

	enum pt_err err = signature_judge(ring, &parts, now_s, &key, verdict);

	/* The payload is not read before its signature was found good. */
	if (err == PT_OK && *verdict == ACCESS_GOOD) {
		slice_copy(slice_of(signing_key_id(key)), out->key_id, sizeof(out->key_id));
		err = payload_judge(parts.payload, issuer, audience, now_s, out, verdict);
	}
	if (err != PT_OK)
		*verdict = ACCESS_UNSEEN;
	if (*verdict != ACCESS_GOOD)
		access_token_free(out);
	return err;
}

void
access_token_free(struct access_token *token)
{
	buf_free(&token->text);
	*token = (struct access_token){ .text = BUF_EMPTY };
}
