/* Addresses that can be read in more than one way, and the places that they belong to. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "web/guard/reading.h"

static struct guard_place places[] = {
	{ .path = "/app/" },
	{ .path = "/app/staff/" },
	{ .path = "/app/staff/open/", .open = PLACE_YES },
	{ .path = "/favicon.ico", .exact = true, .open = PLACE_YES },
	{ .path = "/win/", .ignore_case = PLACE_YES },
	{ .path = "/win/Staff/", .ignore_case = PLACE_YES },
};
static const struct guards guards = { places, sizeof(places) / sizeof(places[0]) };

static const struct row {
	const char *name;
	const char *target, *home;
	bool strays;
} rows[] = {
	{ "an address like any other", "/app/x", "/app/", false },
	{ "the query is the application's", "/app/x?a=/app/staff/;b=..%2f", "/app/", false },
	{ "a session in a parameter", "/app/x;jsessionid=1", "/app/", false },
	{ "parameters with a folder's name", "/app/x;a=staff/y", "/app/", false },
	{ "letters that need no encoding", "/app/%78/%79", "/app/", false },
	{ "an encoded slash within a place", "/app/a%2Fb", "/app/", false },
	{ "a percent sign", "/app/100%25", "/app/", false },
	{ "two slashes", "/app//x", "/app/", false },
	{ "dots that stay", "/app/x/../y", "/app/", false },
	{ "dots that stay, encoded", "/app/x/%2e%2e/./y", "/app/", false },
	{ "an encoded name that the server reads too", "/app/%73taff/y", "/app/staff/", false },
	{ "leaving all places", "/app/..;/public", "/app/", false },
	{ "an address of its own", "/favicon.ico", "/favicon.ico", false },
	{ "another case, where that is another address", "/app/STAFF/x", "/app/", false },
	{ "an absolute target", "http://example.org/app/x?y", "/app/", false },
	{ "an absolute target without a path", "http://example.org", NULL, false },
	{ "no path at all", "*", NULL, false },

	{ "dots left in, out of a deeper place", "/app/staff/../x", "/app/", true },
	{ "dots left in, encoded", "/app/staff/%2e%2E/x", "/app/", true },
	{ "dots left in behind an encoded slash", "/app/staff/..%2fx", "/app/", true },
	{ "dots left in, into a deeper place", "/app/x/../staff/y", "/app/staff/", true },
	{ "dots left in, into an open place", "/app/staff/x/../open/y", "/app/staff/open/", true },
	{ "parameters cut", "/app/staff;a=b/x", "/app/", true },
	{ "parameters cut from dots", "/app/x/..;/staff/x", "/app/", true },
	{ "parameters cut from dots, with a value", "/app/x/..;a=b/staff/x", "/app/", true },
	{ "encoded parameters", "/app/staff%3Ba/x", "/app/", true },
	{ "parameters cut before they are decoded", "/app/staff;%2F../x", "/app/", true },
	{ "a backslash", "/app/x\\..\\staff\\x", "/app/", true },
	{ "an encoded backslash", "/app/x%5C..%5cstaff/x", "/app/", true },
	{ "decoded twice", "/app/%2573taff/x", "/app/", true },
	{ "dots decoded twice", "/app/x/%252e%252e/staff/x", "/app/", true },
	{ "decoded twice, then cut", "/app/staff%253Bx/y", "/app/", true },
	{ "a backslash decoded twice, then cut", "/app/x%255C..%253B/staff/y", "/app/", true },
	{ "an encoded slash that the server left alone", "/app/staff%2Fx", "/app/", true },
	{ "an encoded slash that leads out of an open place", "/app/staff/open/..%2Fx", "/app/staff/open/", true },
	{ "a NUL that ends it", "/app/staff%00x/y", "/app/", true },
	{ "a fragment that ends it", "/app/staff#x/y", "/app/", true },
	{ "a folder without its slash", "/app/staff", "/app/", true },
	{ "the server told of another place", "/app/staff/x", "/app/", true },
	{ "a place that the server knows nothing of", "/app/x", NULL, true },
	{ "another case, where that is the same address", "/win/STAFF/x", "/win/", true },
	{ "another case, encoded", "/WIN/%73taff/x", "/win/", true },
	{ "no slash at its front", "app/staff/x", "/app/", true },
	{ "no slash at its front, and dots", "../app/staff/x", "/app/", true },
	{ "a parameter behind an address of its own", "/favicon.ico;x", NULL, true },
};

static bool
strays(const struct row *row)
{
	const struct guard_place *home = row->home ? places_named(&guards, slice_of(row->home)) : NULL;
	bool result = false;

	assert_true(row->home == NULL || home);
	assert_int_equal(reading_strays(&guards, reading_path(slice_of(row->target)), home, &result), PT_OK);
	return result;
}

static void
an_address_strays_only_into_another_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strays(&rows[i]) != rows[i].strays)
			fail_msg("%s: %s", rows[i].name, rows[i].target);
}

static void
a_path_that_is_too_long_strays(void **state)
{
	static char path[READING_MAX + 2];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	memcpy(path, "/app/", 5);
	assert_true(strays(&(struct row){ .target = path, .home = "/app/" }));
	path[READING_MAX] = '\0';
	assert_false(strays(&(struct row){ .target = path, .home = "/app/" }));
}

static const struct {
	const char *path, *read;
} read_rows[] = {
	{ "/", "/" }, { "/app", "/app" }, { "/app/", "/app/" }, { "//app///x/", "/app/x/" }, { "/a/./b/.", "/a/b/" },
	{ "/a/../..", "/" }, { "/a/b/..", "/a/" }, { "/../x", "/x" }, { "/%2e%2E/%61%2Fb", "/a/b" }, { "/100%", "/100%" },
	{ "/%zz%4", "/%zz%4" }, { "/...", "/..." },
};

static void
servers_read_a_path_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(read_rows) / sizeof(read_rows[0]); i++) {
		struct buf out = BUF_EMPTY;

		reading_put(slice_of(read_rows[i].path), &out);
		if (!slice_eq(buf_slice(&out), slice_of(read_rows[i].read)))
			fail_msg("%s: %.*s", read_rows[i].path, SLICE_ARG(buf_slice(&out)));
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_strays_only_into_another_place),
		cmocka_unit_test(a_path_that_is_too_long_strays),
		cmocka_unit_test(servers_read_a_path_so),
	};

	return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
