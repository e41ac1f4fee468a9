#include "base/base64url.h"

#include "base/secret.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
base64url_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *in = bytes;
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | in[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = alphabet[held >> (bits - 6) & 0x3f];
	}
	if (bits)
		*out++ = alphabet[held << (6 - bits) & 0x3f];
	*out = '\0';
}

void
base64url_put(struct buf *buf, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;
	char text[BASE64URL_LEN(48) + 1];

	for (size_t at = 0; at < len; at += 48) {
		size_t part = len - at < 48 ? len - at : 48;

		base64url_encode(in + at, part, text);
		buf_append(buf, text, BASE64URL_LEN(part));
	}
	secret_wipe(text, sizeof(text));
}

/* The two alphabets differ in their last two characters. */
static int
alphabet_value(char c, const char last[2])
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == last[0])
		return 62;
	return c == last[1] ? 63 : -1;
}

static bool
alphabet_decode(struct slice text, const char last[2], void *out, size_t cap, size_t *len)
{
	uint8_t *to = out;
	uint32_t held = 0;
	unsigned bits = 0;
	size_t at = 0;

	*len = 0;
	if (text.len % 4 == 1 || text.len / 4 * 3 + (text.len % 4 ? text.len % 4 - 1 : 0) > cap)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int value = alphabet_value(text.ptr[i], last);

		if (value < 0)
			return false;
		held = held << 6 | (uint32_t)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			to[at++] = (uint8_t)(held >> bits);
		}
	}
	/* Leftover bits must be zero, or two texts would mean the same bytes. */
	if (held & ((1u << bits) - 1))
		return false;
	*len = at;
	return true;
}

bool
base64url_decode(struct slice text, void *out, size_t cap, size_t *len)
{
	return alphabet_decode(text, "-_", out, cap, len);
}

bool
base64_decode(struct slice text, void *out, size_t cap, size_t *len)
{
	*len = 0;
	if (text.len % 4 != 0)
		return false;
	for (int padding = 0; padding < 2 && text.len && text.ptr[text.len - 1] == '='; padding++)
		text.len--;
	return alphabet_decode(text, "+/", out, cap, len);
}

bool
base64url_decode_exact(struct slice text, void *out, size_t len)
{
	size_t got;

	return text.len == BASE64URL_LEN(len) && base64url_decode(text, out, len, &got) &&
	    got == len;
}
