/* The guarded places: what their sections may contain, and the exact messages for mistakes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "conf/config.h"
#include "conf/units.h"

#define ISSUER "issuer = https://example.org/auth\n"
#define PROXY "proxy = http://127.0.0.1:8081\n"

static const struct bad_row {
	const char *name;
	const char *text;
	const char *problem;
} bad_rows[] = {
	{ "a section that was to be a guard",
	  "[gaurd /app/]\n" PROXY,
	  "c:2: section [gaurd /app/] is unknown; a guarded place is [guard /PATH/]" },
	{ "a path without its slash at the end",
	  "[guard /app]\n" PROXY,
	  "c:2: [guard /app] does not end in a slash, so it would include its neighbours; only with open = yes does it mean that address alone" },
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
	  "c:4: [guard /app/] appears twice, first in line 2" },
	{ "a place inside the mount",
	  "[guard /auth/x/]\n" PROXY,
	  "c:2: [guard /auth/x/] is inside pintle's own mount, which guards itself" },
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
	  "c:3: group: \"\" is not a list of groups such as staff,admins" },
	{ "groups with blanks between",
	  "[guard /app/]\ngroup = staff admins\n",
	  "c:3: group: \"staff admins\" is not a list of groups such as staff,admins" },
	{ "an age without its unit",
	  "[guard /app/]\nmax_age = 15\n",
	  "c:3: max_age: \"15\" has no unit; write it with ms, s, min, h or d" },
	{ "an age that is none",
	  "[guard /app/]\nmax_age = 0 s\n",
	  "c:3: max_age: \"0 s\" is out of range; it may be 1 s to 3650 d, in whole seconds" },
	{ "an application without its scheme",
	  "[guard /app/]\nproxy = 127.0.0.1:8081\n",
	  "c:3: proxy: \"127.0.0.1:8081\" is not of the form http://HOST:PORT, https://HOST:PORT or unix:/PATH" },
	{ "an application with a path",
	  "[guard /app/]\nproxy = http://127.0.0.1:8081/\n",
	  "c:3: proxy: \"http://127.0.0.1:8081/\" is not of the form http://HOST:PORT, https://HOST:PORT or unix:/PATH" },
	{ "a folder that ends in a slash",
	  "[guard /app/]\nfiles = /srv/\n",
	  "c:3: files: \"/srv/\" ends in a slash; leave it out" },
	{ "a folder whose name would end a directive",
	  "[guard /app/]\nphp = /srv/$x\n",
	  "c:3: php: \"/srv/$x\" has a character that a web server's configuration may misread" },
	{ "an application at a socket with no path",
	  "[guard /app/]\nproxy = unix:app.sock\n",
	  "c:3: proxy: \"unix:app.sock\" is not of the form http://HOST:PORT, https://HOST:PORT or unix:/PATH" },
	{ "a front controller without PHP",
	  "[guard /app/]\nfiles = /srv\nfront = index.php\n",
	  "c:2: [guard /app/] has front without php" },
	{ "a front controller out of the folder",
	  "[guard /app/]\nphp = /srv\nfront = ../x.php\n",
	  "c:4: front: \"../x.php\" has an empty, \".\" or \"..\" part" },
	{ "a front controller that is no script",
	  "[guard /app/]\nphp = /srv\nfront = index.html\n",
	  "c:4: front: \"index.html\" does not end in .php" },
	{ "an upload of no size",
	  "[guard /app/]\nbody = 0 MiB\n",
	  "c:3: body: \"0 MiB\" is out of range; it may be 1 KiB to 1024 GiB" },
	{ "a word that there is not",
	  "[guard /app/]\nauthorization = yes\n",
	  "c:3: authorization: \"yes\" is neither drop nor keep" },
	{ "a word that is said twice",
	  "[guard /app/]\nopen = no\nopen = yes\n",
	  "c:4: open is set twice for the same place" },
	{ "methods in small letters",
	  "[guard /app/]\nopen = yes\nmethods = GET head\n",
	  "c:4: methods: \"head\" is not a method; write it in capitals, such as GET" },
	{ "no method at all",
	  "[guard /app/]\nopen = yes\nmethods =\n",
	  "c:4: methods: \"\" is empty" },
	{ "a network that is none",
	  "[guard /app/]\nopen = yes\nfrom = 192.168.0.0/33\n",
	  "c:4: from: \"192.168.0.0/33\" is not an address or range such as 192.168.0.0/16" },
	{ "methods of a place that is not open",
	  "[guard /app/]\nmethods = GET\n",
	  "c:2: [guard /app/] has methods or from, which limit an open place, without open = yes" },
	{ "a place that is open to everybody and demands a group",
	  "[guard /app/]\nopen = yes\ngroup = staff\n",
	  "c:2: [guard /app/] is open to everybody, but has demands; methods or from would limit what it is open to" },
	{ "the mount itself",
	  "[guard /auth]\nopen = yes\n",
	  "c:2: [guard /auth] is inside pintle's own mount, which guards itself" },
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
	assert_int_equal(guards.count, 4);	/* including the one that is always open */
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

/* inih cuts section names at 50 bytes: a long path must not become another one. */
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

static const struct guard_place *
place_at(const struct guards *guards, const char *path)
{
	for (size_t i = 0; i < guards->count; i++)
		if (strcmp(guards->places[i].path, path) == 0)
			return &guards->places[i];
	return NULL;
}

static void
a_place_takes_what_it_does_not_say_from_the_one_around_it(void **state)
{
	struct settings settings;
	struct guards guards;

	(void)state;
	/* Deeper places come first; their order in the file does not matter. */
	load_good("[guard /wiki/img/logo.png]\nopen = yes\n"
	    "[guard /wiki/img/]\ncase = ignore\n"
	    "[guard /wiki/]\nphp = /srv/wiki\nfront = sub/index.php\nbody = 2 GiB\nauthorization = keep\npreflight = pass\n"
	    "[guard /wiki/other/]\nproxy = unix:/run/other.sock\n"
	    "[guard /bare/]\n[guard /free/]\nopen = yes\nfiles = /srv/free\n", &settings, &guards);

	const struct guard_place *logo = place_at(&guards, "/wiki/img/logo.png"), *img = place_at(&guards, "/wiki/img/"),
	    *wiki = place_at(&guards, "/wiki/"), *other = place_at(&guards, "/wiki/other/"), *bare = place_at(&guards, "/bare/");

	assert_string_equal(wiki->front_path, "/wiki/sub/index.php");
	assert_string_equal(wiki->front_file, "/srv/wiki/sub/index.php");
	assert_string_equal(wiki->fpm, "unix:/run/php/php-fpm.sock");
	assert_string_equal(img->php, "/srv/wiki/img");
	assert_string_equal(img->front_path, "/wiki/sub/index.php");
	assert_string_equal(img->front_file, "/srv/wiki/sub/index.php");
	assert_int_equal(img->body_max, 2 * UNITS_GIB);
	assert_int_equal(img->pass_preflight, PLACE_YES);
	assert_int_equal(img->keep_authorization, PLACE_YES);
	assert_true(logo->exact);
	assert_string_equal(logo->php, "/srv/wiki/img/logo.png");
	assert_int_equal(logo->ignore_case, PLACE_YES);
	assert_false(place_is_asked(place_at(&guards, "/free/")));
	assert_true(place_is_asked(logo));
	assert_null(other->php);
	assert_int_equal(other->body_max, UNITS_GIB);
	assert_int_equal(other->pass_preflight, PLACE_NO);
	assert_int_equal(other->keep_authorization, PLACE_YES);
	assert_null(bare->proxy);
	assert_null(bare->files);
	guards_free(&guards);
	config_free(&settings);
}

static void
to_whom_a_place_is_not_open_it_demands_what_is_demanded_around_it(void **state)
{
	struct settings settings;
	struct guards guards;

	(void)state;
	load_good("[guard /app/]\n" PROXY "group = staff\nmax_age = 1 h\ncredentials = bearer\n"
	    "[guard /app/hook/]\nopen = yes\nmethods = POST  PUT\nfrom = 10.0.0.0/8 fd00::/8\n"
	    "[guard /app/own/]\nopen = yes\nmethods = POST\ngroup = admins\n"
	    "[guard /app/free/]\nopen = yes\n"
	    "[guard /app/deep/]\nopen = no\n", &settings, &guards);

	const struct guard_place *hook = place_at(&guards, "/app/hook/"), *own = place_at(&guards, "/app/own/"),
	    *free_ = place_at(&guards, "/app/free/"), *deep = place_at(&guards, "/app/deep/");

	assert_string_equal(hook->methods, "POST PUT");
	assert_string_equal(hook->from, "10.0.0.0/8 fd00::/8");
	assert_string_equal(hook->groups, "staff");
	assert_int_equal(hook->max_age_ms, UNITS_HOUR);
	assert_int_equal(hook->bearer_only, PLACE_YES);
	assert_false(place_is_open(hook));
	assert_false(place_admits_people(hook));
	assert_string_equal(own->groups, "admins");
	assert_int_equal(own->max_age_ms, 0);
	assert_int_equal(own->bearer_only, PLACE_NO);
	assert_true(place_is_open(free_));
	assert_null(free_->groups);
	/* A deeper guarded place makes its own demands. */
	assert_null(deep->groups);
	assert_true(place_admits_people(deep));
	guards_free(&guards);
	config_free(&settings);
}

static const struct acme_row {
	const char *name;
	const char *text;
	bool added;
} acme_rows[] = {
	{ "below a guarded site", "[guard /]\n" PROXY, true },
	{ "below a guarded folder around it", "[guard /.well-known/]\n" PROXY, true },
	{ "not where nothing around it is guarded", "[guard /app/]\n" PROXY, false },
	{ "not where what is around it is open", "[guard /]\n" PROXY "[guard /.well-known/]\nopen = yes\n", false },
	{ "not where the site says something itself", "[guard /]\n" PROXY "[guard /.well-known/acme-challenge/]\nfiles = /srv\n", false },
};

static void
certificates_are_proven_at_an_address_that_is_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(acme_rows) / sizeof(acme_rows[0]); i++) {
		struct settings settings;
		struct guards guards;

		print_message("# %s\n", acme_rows[i].name);
		load_good(acme_rows[i].text, &settings, &guards);

		const struct guard_place *acme = place_at(&guards, "/.well-known/acme-challenge/");

		assert_int_equal(acme && acme->line == 0, acme_rows[i].added);
		if (acme_rows[i].added) {
			assert_true(place_is_open(acme));
			assert_string_equal(acme->proxy, "http://127.0.0.1:8081");
		}
		guards_free(&guards);
		config_free(&settings);
	}
}

static void
files_about_places_have_names_of_their_own(void **state)
{
	struct settings settings;
	struct guards guards;

	(void)state;
	load_good("[guard /]\n[guard /a/b/]\n[guard /a-b/]\n[guard /a-b]\nopen = yes\n[guard /root/]\n", &settings, &guards);
	for (size_t i = 0; i < guards.count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(guards.places[i].name, guards.places[j].name);
	assert_string_equal(place_at(&guards, "/")->name, "");
	assert_string_equal(place_at(&guards, "/a/b/")->name, "a+b");
	assert_string_equal(place_at(&guards, "/a-b")->name, "a-b+");
	guards_free(&guards);
	config_free(&settings);
}

static void
who_does_not_ask_for_the_places_still_has_them_checked(void **state)
{
	struct settings settings;
	struct buf problem = BUF_EMPTY;

	(void)state;
	assert_int_equal(parse("[guard /app/]\nfpm = 127.0.0.1:9000\n", &settings, NULL, &problem), PT_ERR_INVALID);
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
		cmocka_unit_test(a_place_takes_what_it_does_not_say_from_the_one_around_it),
		cmocka_unit_test(to_whom_a_place_is_not_open_it_demands_what_is_demanded_around_it),
		cmocka_unit_test(certificates_are_proven_at_an_address_that_is_open),
		cmocka_unit_test(files_about_places_have_names_of_their_own),
		cmocka_unit_test(who_does_not_ask_for_the_places_still_has_them_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
