/*
 * HTTP Basic, by which services say who they are. If the first byte of an input is even, the rest
 * is the header as a stranger sends it; otherwise the rest is name, colon and secret, which are
 * encoded here. Only the service's own name and secret are accepted, in whatever case the scheme is
 * written.
 */
#include <string.h>

#include "base/base64url.h"
#include "house.h"

#define LONGEST 512

/* Whether the header holds exactly the name and the secret that the service was given. */
static bool
is_the_service(struct slice header)
{
	char plain[LONGEST];
	struct slice scheme, text;
	size_t len;

	return slice_cut(slice_trim(header), ' ', &scheme, &text) && slice_eq_nocase(scheme, SLICE("Basic")) &&
	    base64_decode(slice_trim(text), plain, sizeof(plain), &len) &&
	    slice_eq((struct slice){ plain, len }, SLICE(HOUSE_SERVICE ":" HOUSE_SECRET));
}

static void
asked(struct slice header)
{
	const struct web_param params[] = {
		{ SLICE("REQUEST_METHOD"), SLICE("POST") },
		{ SLICE("SCRIPT_NAME"), SLICE("/auth/introspect") },
		{ SLICE("REMOTE_ADDR"), SLICE("192.0.2.1") },
		{ SLICE("CONTENT_TYPE"), SLICE("application/x-www-form-urlencoded") },
		{ SLICE("HTTP_AUTHORIZATION"), header },
	};
	const struct web_request request = {
		.params = params,
		.param_count = sizeof(params) / sizeof(params[0]),
		.body = SLICE("token=x"),
		.accepted = clock_now(),
	};
	struct web_response response;

	house_ask(&request, 0, &response);
	MUST(response.status == (is_the_service(header) ? 200 : 401));
	web_response_free(&response);
}

static void
put_base64(struct buf *out, struct slice bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		const uint8_t *at = (const uint8_t *)bytes.ptr + i;
		size_t left = bytes.len - i;
		uint32_t three = (uint32_t)at[0] << 16;

		if (left > 1)
			three |= (uint32_t)at[1] << 8;
		if (left > 2)
			three |= at[2];
		buf_putc(out, digits[three >> 18]);
		buf_putc(out, digits[three >> 12 & 63]);
		buf_putc(out, left > 1 ? digits[three >> 6 & 63] : '=');
		buf_putc(out, left > 2 ? digits[three & 63] : '=');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice rest = { (const char *)bytes, len };
	struct buf header = BUF_EMPTY;

	if (len == 0)
		return 0;
	rest = slice_skip(rest, 1);
	if (bytes[0] % 2 == 0) {
		asked(rest);
		return 0;
	}
	buf_puts(&header, "bAsIc ");
	put_base64(&header, rest);
	MUST(buf_status(&header) == PT_OK);
	asked(buf_slice(&header));
	buf_free(&header);
	return 0;
}
