#include "token/otp_secret.h"

#include <string.h>

#include "base/base32.h"
#include "base/secret.h"
#include "crypto/random.h"

_Static_assert(BASE32_LEN(RECOVERY_CODE_BYTES) == 16, "four groups of four");

enum pt_err
otp_secret_seal(const struct keyring *ring, struct slice sub,
    const uint8_t secret[TOTP_SECRET_SIZE], uint8_t out[OTP_SECRET_SEALED])
{
	size_t count;

	return aead_seal(keyring_otp_keys(ring, &count)[0], sub, secret, TOTP_SECRET_SIZE, out);
}

enum pt_err
otp_secret_open(const struct keyring *ring, struct slice sub,
    const uint8_t sealed[OTP_SECRET_SEALED], uint8_t out[TOTP_SECRET_SIZE], bool *good)
{
	size_t count;
	const struct aead_key *const *keys = keyring_otp_keys(ring, &count);
	enum pt_err err = PT_OK;

	*good = false;
	for (size_t i = 0; i < count && !*good && err == PT_OK; i++)
		err = aead_open(keys[i], sub, sealed, TOTP_SECRET_SIZE, out, good);
	return err;
}

enum pt_err
otp_secret_renew(const struct keyring *ring, struct slice sub, uint8_t sealed[OTP_SECRET_SEALED],
    bool *changed, bool *good)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	size_t count;
	enum pt_err err = aead_open(keyring_otp_keys(ring, &count)[0], sub, sealed,
	    TOTP_SECRET_SIZE, secret, good);

	*changed = false;
	if (err == PT_OK && !*good) {
		err = otp_secret_open(ring, sub, sealed, secret, good);
		*changed = err == PT_OK && *good;
	}
	if (*changed)
		err = otp_secret_seal(ring, sub, secret, sealed);
	secret_wipe(secret, sizeof(secret));
	return err;
}

/* Unreserved characters (RFC 3986, 2.3) are not escaped. */
static void
put_escaped(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    strchr("-._~", c))
			buf_putc(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

/* The host and port of an http URL. */
static struct slice
host_of(struct slice url)
{
	struct slice scheme, rest, host;

	if (!slice_cut(url, '/', &scheme, &rest))
		return url;
	slice_cut(slice_skip(rest, 1), '/', &host, &rest);
	return host;
}

void
otp_address_put(struct buf *out, struct slice issuer, struct slice name,
    const uint8_t secret[TOTP_SECRET_SIZE])
{
	char text[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	struct slice site = host_of(issuer);

	base32_encode(secret, TOTP_SECRET_SIZE, text);
	buf_puts(out, "otpauth://totp/");
	put_escaped(out, site);
	buf_putc(out, ':');
	put_escaped(out, name);
	buf_puts(out, "?secret=");
	buf_puts(out, text);
	buf_puts(out, "&issuer=");
	put_escaped(out, site);
	secret_wipe(text, sizeof(text));
}

enum pt_err
recovery_code_new(char out[RECOVERY_CODE_SIZE], uint8_t hash[DIGEST_SIZE])
{
	uint8_t bytes[RECOVERY_CODE_BYTES];
	char text[BASE32_LEN(RECOVERY_CODE_BYTES) + 1];
	enum pt_err err = random_bytes(bytes, sizeof(bytes));

	if (err == PT_OK)
		err = digest_sha256(bytes, sizeof(bytes), hash);
	if (err == PT_OK) {
		base32_encode(bytes, sizeof(bytes), text);
		for (size_t i = 0, at = 0; text[i]; i++) {
			if (i > 0 && i % 4 == 0)
				out[at++] = '-';
			/* Lower-case letters are easier to copy. */
			out[at++] = (char)(text[i] >= 'A' ? text[i] - 'A' + 'a' : text[i]);
			out[at] = '\0';
		}
	}
	secret_wipe(bytes, sizeof(bytes));
	secret_wipe(text, sizeof(text));
	return err;
}

enum pt_err
recovery_code_read(struct slice typed, uint8_t hash[DIGEST_SIZE], bool *good)
{
	uint8_t bytes[RECOVERY_CODE_BYTES];
	enum pt_err err = PT_OK;

	*good = base32_decode_exact(typed, bytes, sizeof(bytes));
	if (*good)
		err = digest_sha256(bytes, sizeof(bytes), hash);
	secret_wipe(bytes, sizeof(bytes));
	return err;
}
