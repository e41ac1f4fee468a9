#include "token/access_token.h"

#include <string.h>

#include "base/base64url.h"
#include "base/json.h"

#define LEEWAY_S 60	/* for clocks of others that run ahead; iat and nbf only */
#define MAX_HEADER_BYTES 512

/* ---- signing */

static void
put_list(struct json_writer *w, const char *name, struct slice commas)
{
	struct slice one;

	json_open_array(w, name);
	while (commas.len) {
		slice_cut(commas, ',', &one, &commas);
		json_put_string(w, NULL, one);
	}
	json_close_array(w);
}

static void
put_claims(struct buf *out, const struct access_claims *claims)
{
	struct json_writer w = json_writer(out);

	json_open(&w, NULL);
	json_put_string(&w, "iss", claims->issuer);
	json_put_string(&w, "aud", claims->audience);
	json_put_string(&w, "sub", claims->subject);
	json_put_string(&w, "sid", claims->session_id);
	json_put_string(&w, "client_id", claims->client_id);
	json_put_string(&w, "jti", claims->token_id);
	json_put_integer(&w, "iat", claims->issued_at);
	json_put_integer(&w, "exp", claims->expires_at);
	json_put_integer(&w, "auth_time", claims->auth_time);
	put_list(&w, "amr", claims->amr);
	put_list(&w, "groups", claims->groups);
	json_put_string(&w, "preferred_username", claims->username);
	json_close(&w);
}

static void
put_header(struct buf *out, const struct signing_key *key)
{
	struct json_writer w = json_writer(out);

	json_open(&w, NULL);
	json_put_cstr(&w, "typ", "at+jwt");
	json_put_cstr(&w, "alg", signing_alg_name(signing_key_alg(key)));
	json_put_cstr(&w, "kid", signing_key_id(key));
	json_close(&w);
}

enum pt_err
access_token_sign(const struct keyring *ring, const struct access_claims *claims, struct buf *out)
{
	const struct signing_key *key = keyring_signing_key(ring, claims->issued_at);
	struct buf header = BUF_EMPTY, payload = BUF_EMPTY;
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len, from = out->len;

	if (!key)
		return PT_ERR_CRYPTO;
	put_header(&header, key);
	put_claims(&payload, claims);
	base64url_put(out, header.ptr, header.len);
	buf_putc(out, '.');
	base64url_put(out, payload.ptr, payload.len);
	enum pt_err err = header.failed || payload.failed ? PT_ERR_NOMEM : buf_status(out);

	if (!err)
		err = signing_sign(key, (struct slice){ out->ptr + from, out->len - from }, signature, &len);
	if (!err) {
		buf_putc(out, '.');
		base64url_put(out, signature, len);
		err = buf_status(out);
	}
	buf_free(&header);
	buf_free(&payload);
	return err;
}

/* ---- verifying */

static const char *const verdict_names[] = {
	[ACCESS_UNSEEN] = "unseen", [ACCESS_GOOD] = "good", [ACCESS_MALFORMED] = "malformed",
	[ACCESS_BAD_HEADER] = "bad_header", [ACCESS_WRONG_TYPE] = "wrong_type",
	[ACCESS_UNKNOWN_KEY] = "unknown_key", [ACCESS_WRONG_ALG] = "wrong_alg",
	[ACCESS_BAD_SIGNATURE] = "bad_signature", [ACCESS_BAD_CLAIMS] = "bad_claims",
	[ACCESS_WRONG_ISSUER] = "wrong_issuer", [ACCESS_WRONG_AUDIENCE] = "wrong_audience",
	[ACCESS_EXPIRED] = "expired", [ACCESS_NOT_YET] = "not_yet",
};

const char *
access_verdict_name(enum access_verdict verdict)
{
	return verdict_names[verdict];
}

/* The three parts of the compact form (RFC 7515, 3.1), still encoded. */
struct compact {
	struct slice header, payload, signature;
	struct slice signed_part;
};

static bool
compact_cut(struct slice text, struct compact *parts)
{
	struct slice rest;

	if (text.len > ACCESS_TOKEN_MAX || !slice_cut(text, '.', &parts->header, &rest) ||
	    !slice_cut(rest, '.', &parts->payload, &parts->signature))
		return false;
	parts->signed_part = (struct slice){ text.ptr, parts->header.len + 1 + parts->payload.len };
	return parts->header.len && parts->payload.len && parts->signature.len;
}

/* Decodes a part and reads it as an object. */
static enum pt_err
part_read(struct slice encoded, struct json **out)
{
	char bytes[ACCESS_TOKEN_MAX];
	size_t len;

	*out = NULL;
	if (!base64url_decode(encoded, bytes, sizeof bytes, &len))
		return PT_ERR_INVALID;
	return json_parse_object((struct slice){ bytes, len }, out);
}

/*
 * The header names its type, and a key of ours with that key's one algorithm.
 * Whatever would bring another key or another reading is refused, not ignored
 * (RFC 7515, 4.1.11; RFC 8725, 3.10).
 */
static enum access_verdict
header_judge(const struct json *header, const struct keyring *ring, int64_t now_s, const struct signing_key **key)
{
	static const char *const refused[] = { "crit", "b64", "zip", "jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "enc" };
	struct slice type, alg, kid;

	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		if (json_kind_of(header, refused[i]) != JSON_ABSENT)
			return ACCESS_BAD_HEADER;
	if (!json_get_string(header, "typ", &type))
		return ACCESS_WRONG_TYPE;
	/* RFC 7515, 4.1.9: a media type, so whatever the case, with or without "application/". */
	if (!slice_eq_nocase(type, SLICE("at+jwt")) && !slice_eq_nocase(type, SLICE("application/at+jwt")))
		return ACCESS_WRONG_TYPE;
	if (!json_get_string(header, "kid", &kid) || !json_get_string(header, "alg", &alg))
		return ACCESS_BAD_HEADER;
	*key = keyring_find(ring, kid, now_s);
	if (!*key)
		return ACCESS_UNKNOWN_KEY;
	return slice_eq(alg, slice_of(signing_alg_name(signing_key_alg(*key)))) ? ACCESS_GOOD : ACCESS_WRONG_ALG;
}

/* Appends a string claim to the token's own text; the claim's place is found when all are there. */
static bool
claim_keep(const struct json *payload, const char *name, struct buf *text, size_t *len)
{
	struct slice value;

	if (!json_get_string(payload, name, &value) || value.len == 0)
		return false;
	buf_put(text, value);
	*len = value.len;
	return true;
}

static bool
list_keep(const struct json *payload, const char *name, struct buf *text, size_t *len)
{
	size_t count = json_array_len(payload, name), from = text->len;
	struct slice one;

	if (json_kind_of(payload, name) != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!json_array_string(payload, name, i, &one) || (one.len && memchr(one.ptr, ',', one.len)))
			return false;
		if (i)
			buf_putc(text, ',');
		buf_put(text, one);
	}
	*len = text->len - from;
	return true;
}

/* RFC 9068, 2.2: all of them required, each of its type. */
static bool
claims_read(const struct json *payload, struct access_token *out)
{
	struct access_claims *claims = &out->claims;
	struct {
		const char *name;
		struct slice *to;
		bool list;
		size_t len;
	} rows[] = {
		{ "iss", &claims->issuer, false, 0 },
		{ "aud", &claims->audience, false, 0 },
		{ "sub", &claims->subject, false, 0 },
		{ "sid", &claims->session_id, false, 0 },
		{ "client_id", &claims->client_id, false, 0 },
		{ "jti", &claims->token_id, false, 0 },
		{ "preferred_username", &claims->username, false, 0 },
		{ "groups", &claims->groups, true, 0 },
		{ "amr", &claims->amr, true, 0 },
	};
	const size_t count = sizeof rows / sizeof rows[0];

	for (size_t i = 0; i < count; i++)
		if (!(rows[i].list ? list_keep : claim_keep)(payload, rows[i].name, &out->text, &rows[i].len))
			return false;
	if (out->text.failed)
		return false;
	struct slice rest = buf_slice(&out->text);

	for (size_t i = 0; i < count; i++) {
		*rows[i].to = (struct slice){ rest.ptr, rows[i].len };
		rest = slice_skip(rest, rows[i].len);
	}
	return json_get_integer(payload, "iat", &claims->issued_at) &&
	    json_get_integer(payload, "exp", &claims->expires_at) &&
	    json_get_integer(payload, "auth_time", &claims->auth_time);
}

static enum access_verdict
claims_judge(const struct json *payload, const struct access_claims *claims, struct slice issuer, struct slice audience,
    int64_t now_s)
{
	int64_t not_before;

	if (!slice_eq(claims->issuer, issuer))
		return ACCESS_WRONG_ISSUER;
	if (!slice_eq(claims->audience, audience))
		return ACCESS_WRONG_AUDIENCE;
	if (claims->expires_at <= now_s)
		return ACCESS_EXPIRED;
	if (claims->issued_at > now_s + LEEWAY_S)
		return ACCESS_NOT_YET;
	if (json_kind_of(payload, "nbf") == JSON_ABSENT)
		return ACCESS_GOOD;
	if (!json_get_integer(payload, "nbf", &not_before))
		return ACCESS_BAD_CLAIMS;
	return not_before > now_s + LEEWAY_S ? ACCESS_NOT_YET : ACCESS_GOOD;
}

/* Header and signature: nothing of the payload is looked at before they are good. */
static enum pt_err
signature_judge(const struct keyring *ring, const struct compact *parts, int64_t now_s, char key_id[SIGNING_KID_SIZE],
    enum access_verdict *verdict)
{
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	const struct signing_key *key = NULL;
	struct json *header = NULL;
	size_t len;
	bool good;

	*verdict = ACCESS_BAD_HEADER;
	if (parts->header.len > MAX_HEADER_BYTES)
		return PT_OK;
	enum pt_err err = part_read(parts->header, &header);

	if (err)
		return err == PT_ERR_INVALID ? PT_OK : err;
	*verdict = header_judge(header, ring, now_s, &key);
	json_free(header);
	if (*verdict != ACCESS_GOOD)
		return PT_OK;
	*verdict = ACCESS_BAD_SIGNATURE;
	if (!base64url_decode(parts->signature, signature, sizeof signature, &len))
		return PT_OK;
	err = signing_verify(key, parts->signed_part, (struct slice){ (const char *)signature, len }, &good);
	if (!err && good) {
		slice_copy(slice_of(signing_key_id(key)), key_id, SIGNING_KID_SIZE);
		*verdict = ACCESS_GOOD;
	}
	return err;
}

enum pt_err
access_token_verify(const struct keyring *ring, struct slice text, struct slice issuer, struct slice audience,
    int64_t now_s, struct access_token *out, enum access_verdict *verdict)
{
	struct json *payload = NULL;
	struct compact parts;

	*out = (struct access_token){ .text = BUF_EMPTY };
	*verdict = ACCESS_MALFORMED;
	if (!compact_cut(text, &parts))
		return PT_OK;
	enum pt_err err = signature_judge(ring, &parts, now_s, out->key_id, verdict);

	if (err || *verdict != ACCESS_GOOD)
		return err;
	*verdict = ACCESS_BAD_CLAIMS;
	err = part_read(parts.payload, &payload);
	if (err)
		return err == PT_ERR_INVALID ? PT_OK : err;
	if (claims_read(payload, out))
		*verdict = claims_judge(payload, &out->claims, issuer, audience, now_s);
	else
		err = buf_status(&out->text);
	json_free(payload);
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
