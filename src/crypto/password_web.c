/*
 * Hashes that crypt(3) does not know: apr1, which is md5crypt under Apache's name, and {SHA} and
 * {SSHA} of Apache, nginx and LDAP (RFC 2307).
 */
#include "crypto/password_internal.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"

#define MD5_SIZE 16
#define SHA1_SIZE 20
#define SALT_MAX 64	/* bytes of {SSHA}'s */
#define APR1_PREFIX "$apr1$"
#define APR1_ROUNDS 1000
#define APR1_HASH 22	/* characters */

/* A digest in the making; it remembers the first step that failed. */
struct hasher {
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
	bool good;
};

static struct hasher
hasher_new(const EVP_MD *md)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	return (struct hasher){ ctx, md, ctx != NULL };
}

static void
hasher_begin(struct hasher *hasher)
{
	hasher->good = hasher->good && EVP_DigestInit_ex(hasher->ctx, hasher->md, NULL) == 1;
}

static void
hasher_put(struct hasher *hasher, struct slice bytes)
{
	hasher->good = hasher->good && EVP_DigestUpdate(hasher->ctx, bytes.ptr ?
	    bytes.ptr : "", bytes.len) == 1;
}

static void
hasher_end(struct hasher *hasher, uint8_t *out)
{
	hasher->good = hasher->good && EVP_DigestFinal_ex(hasher->ctx, out, NULL) == 1;
}

/* Wipes and frees it. PT_ERR_CRYPTO if a step failed. */
static enum pt_err
hasher_free(struct hasher *hasher)
{
	EVP_MD_CTX_free(hasher->ctx);
	return hasher->good ? PT_OK : PT_ERR_CRYPTO;
}

/* ---- apr1 ---- */

static struct slice
apr1_salt(struct slice hash)
{
	struct slice salt, rest;

	slice_cut(slice_skip(hash, strlen(APR1_PREFIX)), '$', &salt, &rest);
	return salt;
}

/* $apr1$salt$hash */
enum password_form
password_web_look_apr1(struct slice hash, struct password_need *need)
{
	struct slice salt, rest;

	if (!slice_cut(slice_skip(hash, strlen(APR1_PREFIX)), '$', &salt, &rest) ||
	    !password_crypt_alphabet(salt, 1, 8) ||
	    !password_crypt_alphabet(rest, APR1_HASH, APR1_HASH))
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = 4;
	need->work_kib = 700;
	return PASSWORD_FORM_GOOD;
}

/*
 * The first digest: of the password, the prefix, the salt, and more bytes by the password's length.
 */
static void
apr1_first(struct hasher *md5, struct slice password, struct slice salt, uint8_t sum[MD5_SIZE])
{
	const struct slice inner = { (const char *)sum, MD5_SIZE };

	hasher_begin(md5);
	hasher_put(md5, password);
	hasher_put(md5, salt);
	hasher_put(md5, password);
	hasher_end(md5, sum);

	hasher_begin(md5);
	hasher_put(md5, password);
	hasher_put(md5, SLICE(APR1_PREFIX));
	hasher_put(md5, salt);
	for (size_t left = password.len; left > 0; left -= left < MD5_SIZE ? left : MD5_SIZE)
		hasher_put(md5, (struct slice){ inner.ptr, left < MD5_SIZE ? left : MD5_SIZE });
	for (size_t bits = password.len; bits > 0; bits >>= 1)
		hasher_put(md5, bits & 1 ? SLICE("\0") : (struct slice){ password.ptr, 1 });
	hasher_end(md5, sum);
}

static void
apr1_round(struct hasher *md5, unsigned round, struct slice password, struct slice salt,
    uint8_t sum[MD5_SIZE])
{
	const struct slice last = { (const char *)sum, MD5_SIZE };

	hasher_begin(md5);
	hasher_put(md5, round & 1 ? password : last);
	if (round % 3 != 0)
		hasher_put(md5, salt);
	if (round % 7 != 0)
		hasher_put(md5, password);
	hasher_put(md5, round & 1 ? last : password);
	hasher_end(md5, sum);
}

/* Three bytes become four characters, the lowest bits first; the last byte becomes two. */
static void
apr1_encode(const uint8_t sum[MD5_SIZE], char out[APR1_HASH])
{
	static const char alphabet[] =
	    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const uint8_t order[][3] = {
		{ 0, 6, 12 }, { 1, 7, 13 }, { 2, 8, 14 }, { 3, 9, 15 }, { 4, 10, 5 },
	};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		uint32_t bits = (uint32_t)sum[order[i][0]] << 16 | (uint32_t)sum[order[i][1]] << 8 |
		    sum[order[i][2]];

		for (int j = 0; j < 4; j++, bits >>= 6)
			*out++ = alphabet[bits & 0x3f];
	}
	*out++ = alphabet[sum[11] & 0x3f];
	*out = alphabet[sum[11] >> 6];
}

enum pt_err
password_web_check_apr1(struct slice password, const char *hash, struct password_match *match)
{
	struct hasher md5 = hasher_new(EVP_md5());
	struct slice text = slice_of(hash), salt = apr1_salt(text);
	uint8_t sum[MD5_SIZE] = { 0 };
	char made[APR1_HASH];

	apr1_first(&md5, password, salt, sum);
	for (unsigned round = 0; round < APR1_ROUNDS; round++)
		apr1_round(&md5, round, password, salt, sum);
	apr1_encode(sum, made);
	enum pt_err err = hasher_free(&md5);

	*match = (struct password_match){
		.right = err == PT_OK &&
		    secret_eq(made, text.ptr + text.len - APR1_HASH, APR1_HASH),
		.whole = true,
	};
	secret_wipe(sum, sizeof(sum));
	secret_wipe(made, sizeof(made));
	return err;
}

/* ---- SHA-1 ---- */

/* The digest and the salt after it; {SHA} has no salt. */
static bool
sha_decode(struct slice hash, uint8_t out[SHA1_SIZE + SALT_MAX], size_t *len)
{
	bool salted = slice_starts(hash, SLICE("{SSHA}"));
	struct slice text = slice_skip(hash, strlen(salted ? "{SSHA}" : "{SHA}"));

	return base64_decode(text, out, SHA1_SIZE + SALT_MAX, len) &&
	    (salted ? *len > SHA1_SIZE : *len == SHA1_SIZE);
}

enum password_form
password_web_look_sha(struct slice hash, struct password_need *need)
{
	uint8_t bytes[SHA1_SIZE + SALT_MAX];
	size_t len;
	bool good = sha_decode(hash, bytes, &len);

	secret_wipe(bytes, sizeof(bytes));
	need->memory_kib = 4;
	return good ? PASSWORD_FORM_GOOD : PASSWORD_FORM_MALFORMED;
}

enum pt_err
password_web_check_sha(struct slice password, const char *hash, struct password_match *match)
{
	struct hasher sha = hasher_new(EVP_sha1());
	uint8_t bytes[SHA1_SIZE + SALT_MAX], made[SHA1_SIZE] = { 0 };
	size_t len = 0;
	bool good = sha_decode(slice_of(hash), bytes, &len);

	hasher_begin(&sha);
	hasher_put(&sha, password);
	if (good)
		hasher_put(&sha,
		    (struct slice){ (const char *)bytes + SHA1_SIZE, len - SHA1_SIZE });
	hasher_end(&sha, made);
	enum pt_err err = hasher_free(&sha);

	*match = (struct password_match){
		.right = err == PT_OK && good && secret_eq(made, bytes, SHA1_SIZE), .whole = true,
	};
	secret_wipe(bytes, sizeof(bytes));
	secret_wipe(made, sizeof(made));
	return err;
}
