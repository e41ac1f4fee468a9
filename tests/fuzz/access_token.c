/*
 * Access tokens. An input that begins with an empty line is a token as a stranger sends it, from
 * the second line on. Any other input is a header (its first line, in which '@' means our key's id)
 * and claims (the rest), which are encoded and signed with our key, so that the fuzzer gets past
 * the signature.
 */
#include <ftw.h>
#include <string.h>
#include <unistd.h>

#include "base/base64url.h"
#include "base/json.h"
#include "fuzz.h"
#include "token/access_token.h"

#define NOW_S 1795485169
#define ISSUER SLICE("https://auth.example")
#define AUDIENCE SLICE("https://api.example")

static struct keyring *ring;

static int
remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
	(void)about;
	(void)type;
	(void)where;
	return remove(path);
}

static void
ring_make(void)
{
	const char *tmp = getenv("TMPDIR");
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/pintle-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	MUST(mkdtemp(folder) != NULL);
	MUST(keyring_create(folder, SIGNING_ES256, NOW_S) == PT_OK);
	MUST(keyring_open(folder, &ring, NULL) == PT_OK);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
good_keeps_its_promises(const struct access_claims *claims)
{
	const struct slice required[] = { claims->subject, claims->session_id, claims->client_id, claims->token_id,
	    claims->username };

	MUST(slice_eq(claims->issuer, ISSUER) && slice_eq(claims->audience, AUDIENCE));
	MUST(claims->expires_at > NOW_S && claims->issued_at <= NOW_S + 60);
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		MUST(required[i].len > 0 && slice_is_utf8(required[i]) && !memchr(required[i].ptr, '\0', required[i].len));
}

static enum access_verdict
verify(struct slice text)
{
	struct access_token token;
	enum access_verdict verdict;

	MUST(access_token_verify(ring, text, ISSUER, AUDIENCE, NOW_S, &token, &verdict) == PT_OK);
	MUST(verdict != ACCESS_UNSEEN && access_verdict_name(verdict) != NULL);
	if (verdict == ACCESS_GOOD)
		good_keeps_its_promises(&token.claims);
	else
		MUST(token.text.len == 0);
	access_token_free(&token);
	return verdict;
}

static void
put_header(struct buf *out, struct slice header)
{
	const char *kid = signing_key_id(keyring_signing_key(ring, NOW_S));
	struct buf plain = BUF_EMPTY;

	for (size_t i = 0; i < header.len; i++) {
		if (header.ptr[i] == '@')
			buf_puts(&plain, kid);
		else
			buf_putc(&plain, header.ptr[i]);
	}
	base64url_put(out, plain.ptr, plain.len);
	buf_free(&plain);
}

/*
 * A signed token is accepted only if its claims are strict JSON, and never when the first character
 * of its signature has changed.
 */
static void
signed_is_judged(struct slice header, struct slice claims)
{
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	struct buf text = BUF_EMPTY;
	size_t len;

	put_header(&text, header);
	buf_putc(&text, '.');
	base64url_put(&text, claims.ptr, claims.len);
	MUST(buf_status(&text) == PT_OK);
	MUST(signing_sign(keyring_signing_key(ring, NOW_S), buf_slice(&text), signature, &len) == PT_OK);
	buf_putc(&text, '.');
	size_t at = text.len;

	base64url_put(&text, signature, len);
	enum access_verdict verdict = verify(buf_slice(&text));

	MUST(verdict != ACCESS_BAD_SIGNATURE);
	if (verdict == ACCESS_GOOD) {
		MUST(json_scan(claims));
		text.ptr[at] = text.ptr[at] == 'A' ? 'B' : 'A';
		MUST(verify(buf_slice(&text)) == ACCESS_BAD_SIGNATURE);
	}
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice header, rest = { (const char *)bytes, len };

	if (!ring)
		ring_make();
	slice_cut(rest, '\n', &header, &rest);
	if (header.len)
		signed_is_judged(header, rest);
	else
		MUST(verify(rest) != ACCESS_GOOD);
	return 0;
}
