/* An address and the places that it may be read as. */
#include <string.h>

#include "fuzz.h"
#include "web/guard/reading.h"

static struct guard_place places[] = {
	{ .path = "/app/" },
	{ .path = "/app/staff/" },
	{ .path = "/favicon.ico", .exact = true },
	{ .path = "/Win/", .ignore_case = PLACE_YES },
};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct guards guards = { places, sizeof(places) / sizeof(places[0]) }, none = { NULL, 0 };
	struct slice path = reading_path((struct slice){ (const char *)bytes, len });
	struct buf read = BUF_EMPTY;
	const struct guard_place *home;
	bool strays = true;

	MUST(memchr(path.len ? path.ptr : "", '?', path.len) == NULL);
	reading_put(path, &read);
	home = places_at(&guards, buf_slice(&read), false);
	/* The reading has no dots left, nor two slashes in a row. */
	MUST(read.len > 0 && read.ptr[0] == '/' && memmem(read.ptr, read.len, "//", 2) == NULL);
	MUST(memmem(read.ptr, read.len, "/../", 4) == NULL && memmem(read.ptr, read.len, "/./", 3) == NULL);
	MUST(reading_strays(&guards, path, home, &strays) == PT_OK);
	/* An address with only one reading is in the place where it is. */
	if (path.len && path.len <= READING_MAX && !memchr(path.ptr, '%', path.len) && !memchr(path.ptr, ';', path.len) &&
	    !memchr(path.ptr, '\\', path.len) && !memchr(path.ptr, '#', path.len) && !memchr(path.ptr, '\0', path.len) &&
	    !memmem(path.ptr, path.len, "/.", 2) && !(home && home->ignore_case == PLACE_YES) && path.ptr[0] == '/')
		MUST(!strays);
	/* Without places there is no other place. */
	MUST(reading_strays(&none, path, NULL, &strays) == PT_OK && (!strays || path.len > READING_MAX || memchr(path.ptr, '%', path.len)));
	buf_free(&read);
	return 0;
}
