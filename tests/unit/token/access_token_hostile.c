/*
 * What strangers send as an access token. Every row says why it must be refused; a refusal for
 * another reason would be luck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "support/ring_fixture.h"
#include "support/scratch.h"
#include "token/access_token.h"
#include "token/refresh_token.h"

#define NOW INT64_C(1795485169)
#define ISSUER SLICE("https://auth.example")
#define AUDIENCE SLICE("https://api.example")

#define HEADER_OF(alg, kid) "{\"typ\":\"at+jwt\",\"alg\":\"" alg "\",\"kid\":\"" kid "\"}"
#define HEADER HEADER_OF("ES256", "@ES256")
#define HEADER_AND(more) "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\"," more "}"
#define CLAIMS "{\"iss\":\"https://auth.example\",\"aud\":\"https://api.example\",\"sub\":\"user\",\"sid\":\"session\"," \
	"\"client_id\":\"pintle\",\"jti\":\"id\",\"preferred_username\":\"ann\",\"groups\":[\"staff\"],\"amr\":[\"pwd\"]," \
	"\"iat\":1795485169,\"exp\":1795485769,\"auth_time\":1795485169}"

/* One key of each algorithm, all ours, and one that is not ours. */
static struct signing_key *keys[SIGNING_RS256 + 1], *stranger;
static struct keyring *ring;

static int
ring_begin(void **state)
{
	struct buf list = BUF_EMPTY;

	if (scratch_begin(state) != 0 || keyring_create(scratch_path("keys"), SIGNING_EDDSA, 1) != PT_OK ||
	    signing_key_generate(SIGNING_ES256, &stranger) != PT_OK)
		return -1;
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
		keys[alg] = ring_key_add(&list, alg, 1, 0);
	ring = ring_list_open(&list);
	buf_free(&list);
	return 0;
}

static int
ring_end(void **state)
{
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
		signing_key_free(keys[alg]);
	signing_key_free(stranger);
	keyring_free(ring);
	return scratch_end(state);
}

static enum access_verdict
verdict_of(struct slice text)
{
	struct access_token token;
	enum access_verdict verdict = ACCESS_UNSEEN;

	/* Whatever is sent gets a verdict, never an error. */
	assert_int_equal(access_token_verify(ring, text, ISSUER, AUDIENCE, NOW, &token, &verdict), PT_OK);
	assert_int_equal(token.text.ptr != NULL, verdict == ACCESS_GOOD);
	access_token_free(&token);
	return verdict;
}

/* Appends text; "@ALG" in it is the id of our key of that algorithm, "@other" the stranger's. */
static void
put_with_kids(struct buf *out, const char *text)
{
	struct slice rest = slice_of(text), part;

	while (slice_cut(rest, '@', &part, &rest)) {
		const struct signing_key *key = stranger;

		buf_put(out, part);
		for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
			if (slice_starts(rest, slice_of(signing_alg_name(alg))))
				key = keys[alg];
		buf_puts(out, signing_key_id(key));
		rest = slice_skip(rest, 5);
	}
	buf_put(out, part);
}

static void
put_encoded(struct buf *out, const char *text)
{
	struct buf plain = BUF_EMPTY;

	put_with_kids(&plain, text);
	base64url_put(out, plain.ptr, plain.len);
	buf_free(&plain);
}

/* The first two parts. */
static struct buf
unsigned_make(const char *header, const char *claims)
{
	struct buf out = BUF_EMPTY;

	put_encoded(&out, header);
	buf_putc(&out, '.');
	put_encoded(&out, claims);
	return out;
}

/* The whole token, signed by key in its own algorithm. */
static struct buf
token_make(const char *header, const char *claims, const struct signing_key *key)
{
	struct buf out = unsigned_make(header, claims);
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len;

	assert_int_equal(signing_sign(key, buf_slice(&out), signature, &len), PT_OK);
	buf_putc(&out, '.');
	base64url_put(&out, signature, len);
	return out;
}

static void
assert_verdict(const char *name, struct slice text, enum access_verdict wanted)
{
	enum access_verdict verdict = verdict_of(text);

	if (verdict != wanted)
		fail_msg("%s: %s instead of %s", name, access_verdict_name(verdict), access_verdict_name(wanted));
}

/* ---- headers, all correctly signed by our ES256 key */

static const struct {
	const char *name;
	const char *header;
	enum access_verdict verdict;
} headers[] = {
	{ "as it has to be", HEADER, ACCESS_GOOD },
	{ "with a member that means nothing", HEADER_AND("\"x\":1"), ACCESS_GOOD },
	{ "the long media type", "{\"typ\":\"application/at+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_GOOD },
	{ "the media type in capitals", "{\"typ\":\"AT+JWT\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_GOOD },

	{ "algorithm none", HEADER_OF("none", "@ES256"), ACCESS_WRONG_ALG },
	{ "algorithm None", HEADER_OF("None", "@ES256"), ACCESS_WRONG_ALG },
	{ "algorithm NONE", HEADER_OF("NONE", "@ES256"), ACCESS_WRONG_ALG },
	{ "algorithm nOnE, of the usual type", "{\"typ\":\"JWT\",\"alg\":\"nOnE\",\"kid\":\"@ES256\"}", ACCESS_WRONG_ALG },
	{ "an empty algorithm", HEADER_OF("", "@ES256"), ACCESS_WRONG_ALG },
	{ "HMAC", HEADER_OF("HS256", "@ES256"), ACCESS_WRONG_ALG },
	{ "our algorithm in small letters", HEADER_OF("es256", "@ES256"), ACCESS_WRONG_ALG },
	{ "a longer digest", HEADER_OF("ES512", "@ES256"), ACCESS_WRONG_ALG },
	{ "another curve of the same length", HEADER_OF("ES256K", "@ES256"), ACCESS_WRONG_ALG },
	{ "an algorithm of encryption", HEADER_OF("RSA-OAEP", "@RS256"), ACCESS_WRONG_ALG },
	{ "RS256 with the ES256 key", HEADER_OF("RS256", "@ES256"), ACCESS_WRONG_ALG },
	{ "EdDSA with the ES256 key", HEADER_OF("EdDSA", "@ES256"), ACCESS_WRONG_ALG },
	{ "ES256 with the EdDSA key", HEADER_OF("ES256", "@EdDSA"), ACCESS_WRONG_ALG },
	{ "ES256 with the RS256 key", HEADER_OF("ES256", "@RS256"), ACCESS_WRONG_ALG },
	{ "EdDSA and its key, signed by another", HEADER_OF("EdDSA", "@EdDSA"), ACCESS_BAD_SIGNATURE },
	{ "RS256 and its key, signed by another", HEADER_OF("RS256", "@RS256"), ACCESS_BAD_SIGNATURE },
	{ "no algorithm", "{\"typ\":\"at+jwt\",\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },
	{ "an algorithm that is a number", "{\"typ\":\"at+jwt\",\"alg\":256,\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },
	{ "an algorithm that is a list", "{\"typ\":\"at+jwt\",\"alg\":[\"ES256\"],\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },
	{ "an algorithm that is null", "{\"typ\":\"at+jwt\",\"alg\":null,\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },
	{ "two algorithms", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"alg\":\"none\",\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },
	{ "two algorithms, one escaped", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"\\u0061lg\":\"none\",\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },
	{ "Alg for alg", "{\"typ\":\"at+jwt\",\"Alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_BAD_HEADER },

	{ "no key named", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\"}", ACCESS_BAD_HEADER },
	{ "a key that is a number", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":0}", ACCESS_BAD_HEADER },
	{ "an empty key", HEADER_OF("ES256", ""), ACCESS_UNKNOWN_KEY },
	{ "a stranger's key", HEADER_OF("ES256", "@other"), ACCESS_UNKNOWN_KEY },
	{ "a key that is a path", HEADER_OF("ES256", "../../../../dev/null"), ACCESS_UNKNOWN_KEY },
	{ "a key that is a path to ours", HEADER_OF("ES256", "./@ES256"), ACCESS_UNKNOWN_KEY },
	{ "a key that is a query", HEADER_OF("ES256", "x' UNION SELECT 'key"), ACCESS_UNKNOWN_KEY },
	{ "a key that is a command", HEADER_OF("ES256", "|sleep 10"), ACCESS_UNKNOWN_KEY },
	{ "a key that is an address", HEADER_OF("ES256", "https://evil.example/jwks.json"), ACCESS_UNKNOWN_KEY },
	{ "a key that begins as ours", HEADER_OF("ES256", "@ES256x"), ACCESS_UNKNOWN_KEY },
	{ "a NUL behind our key", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\\u0000x\"}", ACCESS_BAD_HEADER },

	{ "a key of its own", HEADER_AND("\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\","
	  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}"), ACCESS_BAD_HEADER },
	{ "an address of keys", HEADER_AND("\"jku\":\"https://evil.example/\""), ACCESS_BAD_HEADER },
	{ "an address of a certificate", HEADER_AND("\"x5u\":\"https://evil.example/\""), ACCESS_BAD_HEADER },
	{ "a certificate", HEADER_AND("\"x5c\":[\"MIIB\"]"), ACCESS_BAD_HEADER },
	{ "a certificate's thumbprint", HEADER_AND("\"x5t\":\"AAAA\""), ACCESS_BAD_HEADER },
	{ "a certificate's other thumbprint", HEADER_AND("\"x5t#S256\":\"AAAA\""), ACCESS_BAD_HEADER },
	{ "a null for a key", HEADER_AND("\"jwk\":null"), ACCESS_BAD_HEADER },

	{ "an extension that must be understood", HEADER_AND("\"crit\":[\"exp\"],\"exp\":1"), ACCESS_BAD_HEADER },
	{ "an empty list of extensions", HEADER_AND("\"crit\":[]"), ACCESS_BAD_HEADER },
	{ "a payload that is not encoded", HEADER_AND("\"b64\":false,\"crit\":[\"b64\"]"), ACCESS_BAD_HEADER },
	{ "b64 without crit", HEADER_AND("\"b64\":false"), ACCESS_BAD_HEADER },
	{ "a payload that is compressed", HEADER_AND("\"zip\":\"DEF\""), ACCESS_BAD_HEADER },
	{ "a payload that is encrypted", HEADER_AND("\"enc\":\"A128GCM\""), ACCESS_BAD_HEADER },

	{ "no type", "{\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "the usual type", "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "a logout token", "{\"typ\":\"logout+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "a status list", "{\"typ\":\"statuslist+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "a proof of possession", "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "a type that ends as ours", "{\"typ\":\"text/at+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "a blank behind the type", "{\"typ\":\"at+jwt \",\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },
	{ "a type that is a list", "{\"typ\":[\"at+jwt\"],\"alg\":\"ES256\",\"kid\":\"@ES256\"}", ACCESS_WRONG_TYPE },

	{ "a list", "[" HEADER "]", ACCESS_BAD_HEADER },
	{ "a text", "\"at+jwt\"", ACCESS_BAD_HEADER },
	{ "null", "null", ACCESS_BAD_HEADER },
	{ "no JSON", "at+jwt", ACCESS_BAD_HEADER },
	{ "bytes behind it", HEADER "x", ACCESS_BAD_HEADER },
	{ "a comma behind the last member", "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\",}", ACCESS_BAD_HEADER },
	{ "a byte-order mark", "\xef\xbb\xbf" HEADER, ACCESS_BAD_HEADER },
	{ "Latin-1", HEADER_AND("\"x\":\"\xe9\""), ACCESS_BAD_HEADER },
	{ "nine values in each other", HEADER_AND("\"x\":[[[[[[[[1]]]]]]]]"), ACCESS_BAD_HEADER },
};

static void
judges_every_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct buf text = token_make(headers[i].header, CLAIMS, keys[SIGNING_ES256]);

		assert_verdict(headers[i].name, buf_slice(&text), headers[i].verdict);
		buf_free(&text);
	}
}

/* ---- claims, all correctly signed: what is changed in CLAIMS, and into what */

static const struct {
	const char *name;
	const char *what;
	const char *into;
	enum access_verdict verdict;
} claims[] = {
	{ "as they have to be", "", "", ACCESS_GOOD },
	{ "with one more", "{", "{\"scope\":\"x\",", ACCESS_GOOD },
	{ "with a time to begin", "{", "{\"nbf\":1795485169,", ACCESS_GOOD },
	{ "no groups", "[\"staff\"]", "[]", ACCESS_GOOD },
	{ "with a place in the status list", "{", "{\"status\":{\"status_list\":{\"idx\":0,\"uri\":\"u\"}},", ACCESS_GOOD },
	{ "a status that is a text", "{", "{\"status\":\"good\",", ACCESS_BAD_CLAIMS },
	{ "a status without a list", "{", "{\"status\":{},", ACCESS_BAD_CLAIMS },
	{ "a status list that is an array", "{", "{\"status\":{\"status_list\":[0,\"u\"]},", ACCESS_BAD_CLAIMS },
	{ "a place before the list", "{", "{\"status\":{\"status_list\":{\"idx\":-1,\"uri\":\"u\"}},", ACCESS_BAD_CLAIMS },
	{ "a place that is a text", "{", "{\"status\":{\"status_list\":{\"idx\":\"1\",\"uri\":\"u\"}},", ACCESS_BAD_CLAIMS },
	{ "a list without an address", "{", "{\"status\":{\"status_list\":{\"idx\":1}},", ACCESS_BAD_CLAIMS },

	{ "another issuer", "https://auth.example", "https://evil.example", ACCESS_WRONG_ISSUER },
	{ "an issuer with a slash behind it", "https://auth.example", "https://auth.example/", ACCESS_WRONG_ISSUER },
	{ "an issuer in other letters", "https://auth.example", "https://Auth.example", ACCESS_WRONG_ISSUER },
	{ "an empty issuer", "https://auth.example", "", ACCESS_BAD_CLAIMS },
	{ "a list of issuers", "\"https://auth.example\"", "[\"https://auth.example\"]", ACCESS_BAD_CLAIMS },
	{ "another audience", "https://api.example", "https://evil.example", ACCESS_WRONG_AUDIENCE },
	{ "an audience that begins as ours", "https://api.example", "https://api.example.evil.example", ACCESS_WRONG_AUDIENCE },
	{ "a list of audiences", "\"https://api.example\"", "[\"https://api.example\",\"https://evil.example\"]", ACCESS_BAD_CLAIMS },
	{ "a null for the audience", "\"https://api.example\"", "null", ACCESS_BAD_CLAIMS },

	{ "no iss", "\"iss\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no aud", "\"aud\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no sub", "\"sub\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no sid", "\"sid\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no client_id", "\"client_id\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no jti", "\"jti\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no preferred_username", "\"preferred_username\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no groups at all", "\"groups\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no amr", "\"amr\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no iat", "\"iat\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no exp", "\"exp\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "no auth_time", "\"auth_time\"", "\"x\"", ACCESS_BAD_CLAIMS },
	{ "EXP for exp", "\"exp\"", "\"EXP\"", ACCESS_BAD_CLAIMS },
	{ "a subject that is a number", "\"user\"", "1", ACCESS_BAD_CLAIMS },
	{ "a subject that is an object", "\"user\"", "{\"id\":\"user\"}", ACCESS_BAD_CLAIMS },
	{ "an empty subject", "\"user\"", "\"\"", ACCESS_BAD_CLAIMS },
	{ "an empty session", "\"session\"", "\"\"", ACCESS_BAD_CLAIMS },
	{ "a NUL in the subject", "\"user\"", "\"user\\u0000\"", ACCESS_BAD_CLAIMS },
	{ "two subjects", "{", "{\"sub\":\"admin\",", ACCESS_BAD_CLAIMS },
	{ "two subjects, one escaped", "{", "{\"s\\u0075b\":\"admin\",", ACCESS_BAD_CLAIMS },
	{ "two ends", "{", "{\"exp\":9999999999,", ACCESS_BAD_CLAIMS },
	{ "groups that are a text", "[\"staff\"]", "\"staff\"", ACCESS_BAD_CLAIMS },
	{ "a group that is a number", "[\"staff\"]", "[\"staff\",1]", ACCESS_BAD_CLAIMS },
	{ "a group that is two", "[\"staff\"]", "[\"staff,wheel\"]", ACCESS_BAD_CLAIMS },
	{ "a group without a name", "[\"staff\"]", "[\"\"]", ACCESS_BAD_CLAIMS },
	{ "groups in groups", "[\"staff\"]", "[[\"staff\"]]", ACCESS_BAD_CLAIMS },

	{ "an end that is a text", "1795485769", "\"1795485769\"", ACCESS_BAD_CLAIMS },
	{ "an end that is no number", "1795485769", "\"never\"", ACCESS_BAD_CLAIMS },
	{ "an end with a fraction", "1795485769", "1795485769.5", ACCESS_BAD_CLAIMS },
	{ "an end that is null", "1795485769", "null", ACCESS_BAD_CLAIMS },
	{ "an end that is true", "1795485769", "true", ACCESS_BAD_CLAIMS },
	{ "an end in a list", "1795485769", "[1795485769]", ACCESS_BAD_CLAIMS },
	{ "an end beyond every double", "1795485769", "1e400", ACCESS_BAD_CLAIMS },
	{ "an end beyond 64 bits", "1795485769", "1e30", ACCESS_BAD_CLAIMS },
	{ "an end of 64 bits", "1795485769", "9223372036854775807", ACCESS_BAD_CLAIMS },
	{ "an end of 53 bits", "1795485769", "9007199254740991", ACCESS_BAD_CLAIMS },
	{ "an end in milliseconds", "1795485769", "1795485769000", ACCESS_BAD_CLAIMS },
	{ "an end more than a day away", "1795485769", "1795571570", ACCESS_BAD_CLAIMS },
	{ "an end a day away", "1795485769", "1795571569", ACCESS_GOOD },
	{ "an end that wraps 32 bits", "1795485769", "6090453065", ACCESS_BAD_CLAIMS },
	{ "an end that has come", "1795485769", "1795485169", ACCESS_EXPIRED },
	{ "an end long ago", "1795485769", "1", ACCESS_EXPIRED },
	{ "an end before all time", "1795485769", "-1", ACCESS_EXPIRED },
	{ "an end at nothing", "1795485769", "0", ACCESS_EXPIRED },
	{ "minus nothing", "1795485769", "-0", ACCESS_EXPIRED },
	{ "a making that is a text", "\"iat\":1795485169", "\"iat\":\"1795485169\"", ACCESS_BAD_CLAIMS },
	{ "a making with a fraction", "\"iat\":1795485169", "\"iat\":1795485169.25", ACCESS_BAD_CLAIMS },
	{ "a making in a minute", "\"iat\":1795485169", "\"iat\":1795485229", ACCESS_GOOD },
	{ "a making in more than a minute", "\"iat\":1795485169", "\"iat\":1795485230", ACCESS_NOT_YET },
	{ "a making long ago", "\"iat\":1795485169", "\"iat\":1", ACCESS_BAD_CLAIMS },
	{ "a login that is a text", "\"auth_time\":1795485169", "\"auth_time\":\"now\"", ACCESS_BAD_CLAIMS },
	{ "a beginning in a minute", "{", "{\"nbf\":1795485229,", ACCESS_GOOD },
	{ "a beginning in more than a minute", "{", "{\"nbf\":1795485230,", ACCESS_NOT_YET },
	{ "a beginning that is a text", "{", "{\"nbf\":\"0\",", ACCESS_BAD_CLAIMS },
	{ "a beginning with a fraction", "{", "{\"nbf\":0.5,", ACCESS_BAD_CLAIMS },
	{ "a beginning that is null", "{", "{\"nbf\":null,", ACCESS_BAD_CLAIMS },

	{ "a list of claims", "{", "[{", ACCESS_BAD_CLAIMS },
	{ "bytes behind them", "169}", "169}x", ACCESS_BAD_CLAIMS },
	{ "Latin-1 in a name", "ann", "ann\xe9", ACCESS_BAD_CLAIMS },
	{ "half an astral character in a name", "ann", "\\ud83d", ACCESS_BAD_CLAIMS },
};

static void
judges_every_claim(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		const char *at = strstr(CLAIMS, claims[i].what);
		struct buf changed = BUF_EMPTY;

		assert_non_null(at);
		buf_append(&changed, CLAIMS, strlen(CLAIMS) - strlen(at));
		buf_puts(&changed, claims[i].into);
		buf_puts(&changed, at + strlen(claims[i].what));
		buf_putc(&changed, '\0');
		struct buf text = token_make(HEADER, changed.ptr, keys[SIGNING_ES256]);

		assert_verdict(claims[i].name, buf_slice(&text), claims[i].verdict);
		buf_free(&text);
		buf_free(&changed);
	}
}

/* ---- the compact form */

/* "H", "P" and "S" stand for the parts of a good token. */
static const struct {
	const char *name;
	const char *form;
	enum access_verdict verdict;
} forms[] = {
	{ "as it has to be", "H.P.S", ACCESS_GOOD },
	{ "nothing", "", ACCESS_MALFORMED },
	{ "a dot", ".", ACCESS_MALFORMED },
	{ "two dots", "..", ACCESS_MALFORMED },
	{ "one part", "H", ACCESS_MALFORMED },
	{ "two parts", "H.P", ACCESS_MALFORMED },
	{ "no signature", "H.P.", ACCESS_MALFORMED },
	{ "no payload", "H..S", ACCESS_MALFORMED },
	{ "no header", ".P.S", ACCESS_MALFORMED },
	{ "four parts", "H.P.S.S", ACCESS_MALFORMED },
	{ "five parts, as if it were encrypted", "H.P.S.P.S", ACCESS_MALFORMED },
	{ "a dot behind it", "H.P.S.", ACCESS_MALFORMED },
	{ "a dot before it", ".H.P.S", ACCESS_MALFORMED },
	{ "two dots behind the header", "H..P.S", ACCESS_MALFORMED },
	{ "padding behind the header", "H=.P.S", ACCESS_BAD_HEADER },
	{ "padding behind the payload", "H.P=.S", ACCESS_BAD_SIGNATURE },
	{ "padding behind the signature", "H.P.S=", ACCESS_BAD_SIGNATURE },
	{ "more padding behind the signature", "H.P.S==", ACCESS_BAD_SIGNATURE },
	{ "a line feed behind it", "H.P.S\n", ACCESS_BAD_SIGNATURE },
	{ "a blank behind it", "H.P.S ", ACCESS_BAD_SIGNATURE },
	{ "a blank before it", " H.P.S", ACCESS_BAD_HEADER },
	{ "a line feed in between", "H.\nP.S", ACCESS_BAD_SIGNATURE },
	{ "in quotes", "\"H.P.S\"", ACCESS_BAD_HEADER },
	{ "with its scheme", "Bearer H.P.S", ACCESS_BAD_HEADER },
	{ "one character more", "H.P.SA", ACCESS_BAD_SIGNATURE },
	{ "four characters more", "H.P.SAAAA", ACCESS_BAD_SIGNATURE },
	{ "the signature twice", "H.P.SS", ACCESS_BAD_SIGNATURE },
	{ "the payload as its signature", "H.P.P", ACCESS_BAD_SIGNATURE },
	{ "the payload for a header", "P.P.S", ACCESS_BAD_HEADER },
	{ "the header for a payload", "H.H.S", ACCESS_BAD_SIGNATURE },
	{ "characters of the other alphabet", "H.P.+/+/", ACCESS_BAD_SIGNATURE },
	{ "the JSON form", "{\"payload\":\"P\",\"protected\":\"H\",\"signature\":\"S\"}", ACCESS_MALFORMED },
};

static void
judges_every_form(void **state)
{
	struct buf good = token_make(HEADER, CLAIMS, keys[SIGNING_ES256]);
	struct slice header, payload, signature;

	(void)state;
	slice_cut(buf_slice(&good), '.', &header, &payload);
	slice_cut(payload, '.', &payload, &signature);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct buf text = BUF_EMPTY;

		for (const char *c = forms[i].form; *c; c++) {
			if (*c == 'H')
				buf_put(&text, header);
			else if (*c == 'P')
				buf_put(&text, payload);
			else if (*c == 'S')
				buf_put(&text, signature);
			else
				buf_putc(&text, *c);
		}
		assert_verdict(forms[i].name, buf_slice(&text), forms[i].verdict);
		buf_free(&text);
	}
	buf_free(&good);
}

static void
refuses_every_change_of_a_character(void **state)
{
	(void)state;
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++) {
		char header[64];

		snprintf(header, sizeof(header), HEADER_OF("%s", "@%s"), signing_alg_name(alg),
		    signing_alg_name(alg));
		struct buf text = token_make(header, CLAIMS, keys[alg]);

		assert_int_equal(verdict_of(buf_slice(&text)), ACCESS_GOOD);
		for (size_t i = 0; i < text.len; i++) {
			char right = text.ptr[i];

			text.ptr[i] = right == 'A' ? 'B' : 'A';
			if (verdict_of(buf_slice(&text)) == ACCESS_GOOD)
				fail_msg("%s: character %zu", signing_alg_name(alg), i);
			text.ptr[i] = '\0';
			assert_int_not_equal(verdict_of(buf_slice(&text)), ACCESS_GOOD);
			text.ptr[i] = right;
			/* No prefix of it is valid either. */
			assert_int_not_equal(verdict_of((struct slice){ text.ptr, i }), ACCESS_GOOD);
		}
		buf_free(&text);
	}
}

/* Four bits of the last base64url character mean nothing: fifteen other texts give these bytes. */
static void
refuses_other_texts_of_the_same_signature(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	struct buf text = token_make(HEADER, CLAIMS, keys[SIGNING_ES256]);
	char *last = text.ptr + text.len - 1, right = *last;

	(void)state;
	for (const char *c = alphabet; *c; c++) {
		*last = *c;
		assert_int_equal(verdict_of(buf_slice(&text)) == ACCESS_GOOD, *c == right);
	}
	buf_free(&text);
}

static void
bounds_what_it_looks_at(void **state)
{
	struct buf claims_text = BUF_EMPTY, header = BUF_EMPTY;

	(void)state;
	/* A valid signature does not excuse a token that is too long. */
	buf_puts(&claims_text, "{\"x\":\"");
	for (int i = 0; i < ACCESS_TOKEN_MAX * 3 / 4; i++)
		buf_putc(&claims_text, 'x');
	buf_puts(&claims_text, "\",");
	buf_puts(&claims_text, &CLAIMS[1]);
	buf_putc(&claims_text, '\0');
	struct buf text = token_make(HEADER, claims_text.ptr, keys[SIGNING_ES256]);

	assert_verdict("a token of more than the most", buf_slice(&text), ACCESS_MALFORMED);
	buf_free(&text);
	buf_puts(&header, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"@ES256\",\"x\":\"");
	for (int i = 0; i < 400; i++)
		buf_putc(&header, 'x');
	buf_puts(&header, "\"}");
	buf_putc(&header, '\0');
	text = token_make(header.ptr, CLAIMS, keys[SIGNING_ES256]);
	assert_verdict("a header of more than ours has", buf_slice(&text), ACCESS_MALFORMED);
	buf_free(&text);
	buf_free(&header);
	buf_free(&claims_text);
}

/* ---- signatures that none of our keys made */

static void
assert_signature(const char *name, const char *header, const void *signature, size_t len, enum access_verdict wanted)
{
	struct buf text = unsigned_make(header, CLAIMS);

	buf_putc(&text, '.');
	base64url_put(&text, signature, len);
	assert_verdict(name, buf_slice(&text), wanted);
	buf_free(&text);
}

static void
refuses_hmac_with_what_is_public(void **state)
{
	static const char *const hmac[] = {
		HEADER_OF("HS256", "@ES256"),
		HEADER_OF("HS256", "@RS256"),
	};
	static const char *const own[] = {
		HEADER,
		HEADER_OF("RS256", "@RS256"),
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct signing_key *key = keys[i ? SIGNING_RS256 : SIGNING_ES256];
		struct buf secrets[2] = { BUF_EMPTY, BUF_EMPTY };

		assert_int_equal(signing_key_public_pem(key, &secrets[0]), PT_OK);
		assert_int_equal(signing_key_jwk(key, &secrets[1]), PT_OK);
		for (size_t j = 0; j < 2; j++) {
			struct buf input = unsigned_make(hmac[i], CLAIMS);
			uint8_t mac[DIGEST_SIZE];
			struct mac_key *mac_key;

			assert_int_equal(mac_key_new(buf_slice(&secrets[j]), &mac_key), PT_OK);
			assert_int_equal(mac_compute(mac_key, input.ptr, input.len, mac), PT_OK);
			assert_signature("HMAC, said to be HMAC", hmac[i], mac, sizeof(mac), ACCESS_WRONG_ALG);
			assert_signature("HMAC, said to be the key's own", own[i], mac, sizeof(mac), ACCESS_BAD_SIGNATURE);
			mac_key_free(mac_key);
			buf_free(&input);
			buf_free(&secrets[j]);
		}
	}
}

static void
refuses_signatures_of_nothing(void **state)
{
	static const uint8_t zero[SIGNING_MAX_SIGNATURE];
	uint8_t ones[SIGNING_MAX_SIGNATURE];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (size_t len = 1; len <= sizeof(zero); len++) {
		assert_signature("zeros", HEADER, zero, len, ACCESS_BAD_SIGNATURE);
		assert_signature("ones", HEADER, ones, len, ACCESS_BAD_SIGNATURE);
	}
	assert_signature("zeros for EdDSA", HEADER_OF("EdDSA", "@EdDSA"), zero, 64, ACCESS_BAD_SIGNATURE);
	assert_signature("zeros for RS256", HEADER_OF("RS256", "@RS256"), zero, 256, ACCESS_BAD_SIGNATURE);
	assert_signature("ones for RS256", HEADER_OF("RS256", "@RS256"), ones, 256, ACCESS_BAD_SIGNATURE);
}

static void
refuses_the_stranger_and_other_tokens(void **state)
{
	struct buf by_stranger = token_make(HEADER, CLAIMS, stranger);
	struct buf other = token_make(HEADER, "{\"sub\":\"admin\"}", keys[SIGNING_ES256]), mine = unsigned_make(HEADER, CLAIMS);
	struct slice signature = buf_slice(&other), part;
	const struct refresh_token refresh = { .session_number = 1 };
	char refresh_text[REFRESH_TOKEN_CHARS + 1];
	size_t count;

	(void)state;
	assert_verdict("a stranger's signature under our key's name", buf_slice(&by_stranger), ACCESS_BAD_SIGNATURE);
	for (int i = 0; i < 2; i++)
		slice_cut(signature, '.', &part, &signature);
	buf_putc(&mine, '.');
	buf_put(&mine, signature);
	assert_verdict("the signature of another token", buf_slice(&mine), ACCESS_BAD_SIGNATURE);
	assert_verdict("our signature over claims that are not all there", buf_slice(&other), ACCESS_BAD_CLAIMS);
	assert_int_equal(refresh_token_format(&refresh, keyring_refresh_keys(ring, &count)[0], refresh_text), PT_OK);
	assert_verdict("a refresh token", slice_of(refresh_text), ACCESS_MALFORMED);
	buf_free(&by_stranger);
	buf_free(&other);
	buf_free(&mine);
}

static void
an_access_token_is_no_refresh_token(void **state)
{
	struct buf text = token_make(HEADER, CLAIMS, keys[SIGNING_ES256]);
	struct refresh_token out;
	size_t count;
	const struct mac_key *const *mac_keys = keyring_refresh_keys(ring, &count);
	bool good;

	(void)state;
	assert_int_equal(refresh_token_parse(buf_slice(&text), mac_keys, count, &out, &good), PT_OK);
	assert_false(good);
	assert_int_equal(refresh_token_parse((struct slice){ text.ptr, REFRESH_TOKEN_CHARS }, mac_keys, count, &out, &good), PT_OK);
	assert_false(good);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_every_header),
		cmocka_unit_test(judges_every_claim),
		cmocka_unit_test(judges_every_form),
		cmocka_unit_test(refuses_every_change_of_a_character),
		cmocka_unit_test(refuses_other_texts_of_the_same_signature),
		cmocka_unit_test(bounds_what_it_looks_at),
		cmocka_unit_test(refuses_hmac_with_what_is_public),
		cmocka_unit_test(refuses_signatures_of_nothing),
		cmocka_unit_test(refuses_the_stranger_and_other_tokens),
		cmocka_unit_test(an_access_token_is_no_refresh_token),
	};

	return cmocka_run_group_tests(tests, ring_begin, ring_end);
}
