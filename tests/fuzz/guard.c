/*
 * What a web server asks about an original address, and the page that it shows for a refusal. The
 * first byte says the mode, the place that the server knows of and whether a person asks; the rest
 * is the address. Nobody is signed in: no place but the open one lets anybody in, and the page
 * holds nothing of the address that a browser would act on.
 */
#include <string.h>

#include "house.h"
#include "web/guard/reading.h"

static const char *const modes[] = { "verify", "deny", "guard", "forward" };
static const char *const told[] = { NULL, "/app/", "/app/staff/", "/open/" };

/* No tag, attribute or script of the address: each '<' and quote of it is a reference. */
static void
page_is_ours(struct slice page)
{
	struct slice harm[] = { SLICE("<fuzz"), SLICE("\"fuzz"), SLICE("'fuzz"), SLICE("=\"javascript:") };

	for (size_t i = 0; i < sizeof(harm) / sizeof(harm[0]); i++)
		MUST(memmem(page.ptr ? page.ptr : "", page.len, harm[i].ptr, harm[i].len) == NULL);
}

/* A person is sent to our own page, and from there only to addresses of this site. */
static void
goes_to_our_own(struct slice head)
{
	static const char mark[] = "Location: ";
	const char *at = head.len ? memmem(head.ptr, head.len, mark, sizeof(mark) - 1) : NULL;

	if (at == NULL)
		return;
	struct slice to = slice_skip(head, (size_t)(at - head.ptr) + sizeof(mark) - 1);

	MUST(slice_starts(to, SLICE("/auth")) || slice_starts(to, SLICE(HOUSE_ISSUER)));
}

static bool
may_pass(const char *mode, const char *place, struct slice address)
{
	struct buf read = BUF_EMPTY;

	if (strcmp(mode, "forward") != 0 && (place == NULL || strcmp(place, "/open/") != 0))
		return false;
	reading_put(reading_path(address), &read);
	const struct guard_place *home = places_at(house()->settings->places, buf_slice(&read), false);
	bool open = place ? strcmp(place, "/open/") == 0 : home && place_is_open(home);

	buf_free(&read);
	return open && (home == NULL || place_is_open(home));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	if (len == 0)
		return 0;
	const char *mode = modes[bytes[0] & 3], *place = told[bytes[0] >> 2 & 3];
	struct slice address = { (const char *)bytes + 1, len - 1 };
	struct web_param params[] = {
		{ SLICE("REQUEST_METHOD"), SLICE("GET") },
		{ SLICE("REMOTE_ADDR"), SLICE("192.0.2.1") },
		{ SLICE("PINTLE_MODE"), slice_of(mode) },
		{ SLICE("HTTP_ACCEPT"), bytes[0] & 0x10 ? SLICE("text/html") : SLICE("*/*") },
		{ SLICE("REQUEST_URI"), address },
		{ SLICE("HTTP_X_FORWARDED_URI"), address },
		{ SLICE("HTTP_X_FORWARDED_METHOD"), SLICE("GET") },
		{ SLICE("PINTLE_PLACE"), slice_of(place) },
	};
	const struct web_request request = {
		.params = params,
		.param_count = sizeof(params) / sizeof(params[0]) - (place ? 0 : 1),
		.accepted = clock_now(),
	};
	struct web_response response;

	if (memchr(address.ptr, '\0', address.len))
		return 0;	/* no gate passes one on */
	house_ask(&request, strcmp(mode, "forward") == 0 && address.len == 0 ? 500 : 0, &response);
	if (response.status < 300)
		MUST(strcmp(mode, "deny") != 0 && may_pass(mode, place, address));
	page_is_ours(buf_slice(&response.body));
	goes_to_our_own(buf_slice(&response.head));
	web_response_free(&response);
	return 0;
}
