/* The guarded places: what their sections may say, and the exact words for what is wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cmd/config.h"
#include "cmd/units.h"

#define ISSUER "issuer = https://example.org/auth\n"
#define PROXY "proxy = http://127.0.0.1:8081\n"

static const struct bad_row {
	const char *name;
	const char *text;
	const char *problem;
} bad_rows[] = {
	{ "a section that was to be a guard",
	  "[gaurd /app/]\n" PROXY,
	  "c:2: section [gaurd /app/] is none; a guarded place is [guard /PATH/]" },
	{ "a path without its slash at the end",
	  "[guard /app]\n" PROXY,
	  "c:2: the guarded path \"/app\" does not end in a slash: it would mean its neighbours too" },
	{ "a path without its slash in front",
	  "[guard app/]\n" PROXY,
	  "c:2: the guarded path \"app/\" does not begin with a slash" },
	{ "a path that climbs",
	  "[guard /app/../etc/]\n" PROXY,
	  "c:2: the guarded path \"/app/../etc/\" has an empty, \".\" or \"..\" part" },
	{ "a path that a server would read as its own words",
	  "[guard /a{b}/]\n" PROXY,
	  "c:2: the guarded path \"/a{b}/\" has a character other than letters, digits and - . _ ~" },
	{ "a place that is there twice",
	  "[guard /app/]\n" PROXY "[guard /app/]\n" PROXY,
	  "c:4: [guard /app/] is there twice, first in line 2" },
	{ "a place inside the mount",
	  "[guard /auth/x/]\n" PROXY,
	  "c:2: [guard /auth/x/] is inside pintle's own mount, which guards itself" },
	{ "a place with nothing behind it, the last one",
	  "[guard /app/]\n" PROXY "[guard /empty/]\n",
	  "c:4: [guard /empty/] has nothing behind it; write proxy, php or files" },
	{ "a place with two things behind it",
	  "[guard /app/]\n" PROXY "files = /srv\n",
	  "c:2: [guard /app/] has more than one of proxy, php and files" },
	{ "a PHP server without PHP",
	  "[guard /app/]\nfiles = /srv\nfpm = 127.0.0.1:9000\n",
	  "c:2: [guard /app/] has fpm without php" },
	{ "a misspelt setting of a place",
	  "[guard /app/]\ngruop = staff\n",
	  "c:3: unknown setting \"gruop\" of a guarded place; did you mean \"group\"?" },
	{ "a setting of the site in a place",
	  "[guard /app/]\naccess_ttl = 10 min\n",
	  "c:3: unknown setting \"access_ttl\" of a guarded place" },
	{ "a setting that is set twice",
	  "[guard /app/]\ngroup = a\ngroup = b\n",
	  "c:4: group is set twice for the same place" },
	{ "an age that is set twice",
	  "[guard /app/]\nmax_age = 1 s\nmax_age = 1 s\n",
	  "c:4: max_age is set twice for the same place" },
	{ "an empty demand is no demand, and not wanted",
	  "[guard /app/]\ngroup =\n",
	  "c:3: group: \"\" is no list of groups such as staff,admins" },
	{ "groups with blanks between",
	  "[guard /app/]\ngroup = staff admins\n",
	  "c:3: group: \"staff admins\" is no list of groups such as staff,admins" },
	{ "an age without its unit",
	  "[guard /app/]\nmax_age = 15\n",
	  "c:3: max_age: \"15\" has no unit; write it with ms, s, min, h or d" },
	{ "an age that is none",
	  "[guard /app/]\nmax_age = 0 s\n",
	  "c:3: max_age: \"0 s\" is out of range; it may be 1 s to 3650 d, in whole seconds" },
	{ "an application without its scheme",
	  "[guard /app/]\nproxy = 127.0.0.1:8081\n",
	  "c:3: proxy: \"127.0.0.1:8081\" is not of the form http://HOST:PORT" },
	{ "an application with a path",
	  "[guard /app/]\nproxy = http://127.0.0.1:8081/\n",
	  "c:3: proxy: \"http://127.0.0.1:8081/\" is not of the form http://HOST:PORT" },
	{ "a folder that ends in a slash",
	  "[guard /app/]\nfiles = /srv/\n",
	  "c:3: files: \"/srv/\" ends in a slash; leave it out" },
	{ "a folder whose name would end a directive",
	  "[guard /app/]\nphp = /srv/$x\n",
	  "c:3: php: \"/srv/$x\" has a character that a web server's configuration may misread" },
	{ "a PHP server that is nowhere",
	  "[guard /app/]\nphp = /srv\nfpm = /run/php.sock\n",
	  "c:4: fpm: \"/run/php.sock\" is neither unix:/PATH nor HOST:PORT" },
};

static enum pt_err
parse(const char *text, struct settings *settings, struct guards *guards, struct buf *problem)
{
	struct buf whole = BUF_EMPTY;

	buf_printf(&whole, ISSUER "%s", text);

	enum pt_err err = config_parse("c", buf_slice(&whole), settings, guards, problem);

	buf_free(&whole);
	return err;
}

static void
what_is_wrong_is_said_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		struct settings settings;
		struct guards guards = { 0 };
		struct buf problem = BUF_EMPTY;

		print_message("# %s\n", bad_rows[i].name);
		assert_int_equal(parse(bad_rows[i].text, &settings, &guards, &problem), PT_ERR_INVALID);
		buf_putc(&problem, '\0');
		assert_string_equal(problem.ptr, bad_rows[i].problem);
		assert_null(guards.places);
		buf_free(&problem);
	}
}

static void
load_good(const char *text, struct settings *settings, struct guards *guards)
{
	struct buf problem = BUF_EMPTY;
	enum pt_err err = parse(text, settings, guards, &problem);

	if (err != PT_OK)
		print_message("# %.*s\n", SLICE_ARG(buf_slice(&problem)));
	assert_int_equal(err, PT_OK);
	buf_free(&problem);
}

static void
places_are_kept_as_they_stand(void **state)
{
	struct settings settings;
	struct guards guards;

	(void)state;
	load_good("[guard /app/]\n" PROXY "max_age = 15 min\n"
	    "[guard   /wiki/]  \n  php = /srv/wiki ; the old one\n\tgroup = staff,admins\n"
	    "[worker]\nthreads = 4\n[guard /]\nfiles=/srv/all\n", &settings, &guards);
	assert_int_equal(settings.threads, 4);
	assert_int_equal(guards.count, 3);
	assert_string_equal(guards.places[0].path, "/app/");
	assert_string_equal(guards.places[0].proxy, "http://127.0.0.1:8081");
	assert_int_equal(guards.places[0].max_age_ms, 15 * UNITS_MINUTE);
	assert_null(guards.places[0].groups);
	assert_int_equal(guards.places[0].line, 2);
	assert_string_equal(guards.places[1].path, "/wiki/");
	assert_string_equal(guards.places[1].php, "/srv/wiki");
	assert_string_equal(guards.places[1].fpm, "unix:/run/php/php-fpm.sock");
	assert_string_equal(guards.places[1].groups, "staff,admins");
	assert_string_equal(guards.places[2].path, "/");
	assert_string_equal(guards.places[2].files, "/srv/all");
	guards_free(&guards);
	config_free(&settings);
}

/* inih cuts the names of sections at 50 bytes: two long paths must not become one, nor one a shorter one. */
static void
a_long_path_is_not_cut(void **state)
{
#define LONG "/0123456789/0123456789/0123456789/0123456789/0123456789"
	struct settings settings;
	struct guards guards;

	(void)state;
	load_good("[guard " LONG "/a/]\n" PROXY "[guard " LONG "/b/]\nfiles = /srv\n", &settings, &guards);
	assert_int_equal(guards.count, 2);
	assert_string_equal(guards.places[0].path, LONG "/a/");
	assert_string_equal(guards.places[1].path, LONG "/b/");
	assert_null(guards.places[1].proxy);
	guards_free(&guards);
	config_free(&settings);
}

static void
who_does_not_ask_for_the_places_still_has_them_checked(void **state)
{
	struct settings settings;
	struct buf problem = BUF_EMPTY;

	(void)state;
	assert_int_equal(parse("[guard /app/]\n", &settings, NULL, &problem), PT_ERR_INVALID);
	buf_clear(&problem);
	assert_int_equal(parse("[guard /app/]\n" PROXY, &settings, NULL, &problem), PT_OK);
	buf_free(&problem);
	config_free(&settings);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(places_are_kept_as_they_stand),
		cmocka_unit_test(a_long_path_is_not_cut),
		cmocka_unit_test(who_does_not_ask_for_the_places_still_has_them_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
