#include "base/base32.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void
base32_encode(const void *bytes, size_t len, char *out)
{
	const uint8_t *in = bytes;
	uint32_t held = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | in[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*out++ = alphabet[held >> (bits - 5) & 0x1f];
	}
	if (bits)
		*out++ = alphabet[held << (5 - bits) & 0x1f];
	*out = '\0';
}

static int
base32_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool
base32_decode_exact(struct slice text, void *out, size_t len)
{
	uint8_t *to = out;
	uint32_t held = 0;
	unsigned bits = 0;
	size_t chars = 0;

	for (size_t i = 0; i < text.len; i++) {
		int value = base32_value(text.ptr[i]);

		if (text.ptr[i] == ' ' || text.ptr[i] == '-')
			continue;
		if (value < 0 || ++chars > BASE32_LEN(len))
			return false;
		held = held << 5 | (uint32_t)value;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*to++ = (uint8_t)(held >> bits);
			held &= (1u << bits) - 1;
		}
	}
	return chars == BASE32_LEN(len) && held == 0;
}
