/* Cookies are found by their exact name, all of them, and are written with every attribute. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "web/http/cookie.h"

struct read_row {
	const char *name;
	const char *header;
	const char *values;	/* the values of all cookies called "pin", each followed by '|' */
};

static const struct read_row read_rows[] = {
	{ "no header has no cookie", "", "" },
	{ "one cookie", "pin=abc", "abc|" },
	{ "among others", "a=1; pin=abc; b=2", "abc|" },
	{ "without a blank behind the semicolon", "a=1;pin=abc", "abc|" },
	{ "all of several come, in their order", "pin=1; pin=2; x=y; pin=3", "1|2|3|" },
	{ "an empty value is a value", "pin=; pin=x", "|x|" },
	{ "a value may hold an equals sign", "pin=a=b", "a=b|" },
	{ "another case is another name", "Pin=abc; PIN=abc", "" },
	{ "a longer name is another name", "pins=abc; xpin=abc; pin2=a", "" },
	{ "a name alone is no cookie of that name", "pin", "" },
	{ "the name inside another's value is nothing", "a=pin=abc; b=\"pin", "" },
	{ "semicolons alone are nothing", ";;; ;", "" },
};

static void
read_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(read_rows) / sizeof(read_rows[0]); i++) {
		struct slice header = slice_of(read_rows[i].header), value;
		struct buf got = BUF_EMPTY;

		while (cookie_next(&header, SLICE("pin"), &value)) {
			buf_put(&got, value);
			buf_putc(&got, '|');
		}
		if (!slice_eq(buf_slice(&got), slice_of(read_rows[i].values)))
			fail_msg("%s: got %.*s", read_rows[i].name, SLICE_ARG(buf_slice(&got)));
		buf_free(&got);
	}
}

struct write_row {
	const char *name;
	struct cookie cookie;
	const char *line;
};

static const struct write_row write_rows[] = {
	{ "a cookie for as long as the browser runs has no Max-Age",
	    { { "p", 1 }, { "v", 1 }, { "/auth", 5 }, true, COOKIE_NO_AGE, false },
	    "Set-Cookie: p=v; Path=/auth; Secure; HttpOnly; SameSite=Strict\r\n" },
	{ "a remembered one has its age in seconds",
	    { { "p", 1 }, { "v", 1 }, { "/", 1 }, true, 86400, false },
	    "Set-Cookie: p=v; Path=/; Max-Age=86400; Secure; HttpOnly; SameSite=Strict\r\n" },
	{ "one that is cleared has no value and no age left",
	    { { "p", 1 }, { NULL, 0 }, { "/auth", 5 }, true, COOKIE_CLEAR, false },
	    "Set-Cookie: p=; Path=/auth; Max-Age=0; Secure; HttpOnly; SameSite=Strict\r\n" },
	{ "on loopback without TLS only Secure is missing",
	    { { "p", 1 }, { "v", 1 }, { "/auth", 5 }, false, COOKIE_NO_AGE, false },
	    "Set-Cookie: p=v; Path=/auth; HttpOnly; SameSite=Strict\r\n" },
	{ "one that goes along with navigations is Lax",
	    { { "p", 1 }, { "v", 1 }, { "/", 1 }, true, COOKIE_NO_AGE, true },
	    "Set-Cookie: p=v; Path=/; Secure; HttpOnly; SameSite=Lax\r\n" },
};

static void
write_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(write_rows) / sizeof(write_rows[0]); i++) {
		struct buf got = BUF_EMPTY;

		cookie_put(&got, &write_rows[i].cookie);
		if (!slice_eq(buf_slice(&got), slice_of(write_rows[i].line)))
			fail_msg("%s: got %.*s", write_rows[i].name, SLICE_ARG(buf_slice(&got)));
		buf_free(&got);
	}
}

static const struct {
	const char *name;
	const char *header, *others;
} other_rows[] = {
	{ "all of them are others", "a=1; b=2", "a=1; b=2" },
	{ "ours alone", "gate=x", "" },
	{ "ours first", "gate=x; a=1", "a=1" },
	{ "ours in the middle", "a=1; gate=x; b=2", "a=1; b=2" },
	{ "ours at the end", "a=1; gate=x", "a=1" },
	{ "ours twice, and both names", "gate=x; a=1; device=y;gate=z", "a=1" },
	{ "odd spacing stays", "a=1;gate=x;  b = 2;c", "a=1;  b = 2;c" },
	{ "spaces around our name", "a=1; gate =x", "a=1" },
	{ "joined by a comma", "a=3, gate=x;c", "a=3;c" },
	{ "a value with commas", "a=1,2,3; gate=x", "a=1,2,3" },
	{ "what begins or ends like ours", "gate2=x; xgate=y; gate", "gate2=x; xgate=y; gate" },
	{ "another case is another cookie", "Gate=x", "Gate=x" },
	{ "an empty value", "gate=; a=", "a=" },
	{ "nothing", "", "" },
};

static void
all_cookies_but_ours_stay_as_they_came(void **state)
{
	static const char *const ours[] = { "gate", "device" };

	(void)state;
	for (size_t i = 0; i < sizeof(other_rows) / sizeof(other_rows[0]); i++) {
		struct buf got = BUF_EMPTY;

		cookie_put_others(slice_of(other_rows[i].header), ours, 2, &got);
		if (!slice_eq(buf_slice(&got), slice_of(other_rows[i].others)))
			fail_msg("%s: got \"%.*s\"", other_rows[i].name, SLICE_ARG(buf_slice(&got)));
		buf_free(&got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_every_row),
		cmocka_unit_test(write_every_row),
		cmocka_unit_test(all_cookies_but_ours_stay_as_they_came),
	};

	return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}
