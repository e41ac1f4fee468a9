/* The configuration: defaults, what each kind accepts, and the exact messages for mistakes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/config.h"
#include "conf/setting.h"
#include "conf/units.h"

#define ISSUER "issuer = https://example.org/auth\n"

struct bad_row {
	const char *name;
	const char *text;
	const char *problem;
};

static const struct bad_row bad_rows[] = {
	{ "a misspelt name is answered with the nearest one",
	  "isuer = https://example.org/auth\n",
	  "pintle.conf:1: unknown setting \"isuer\"; did you mean \"issuer\"?" },
	{ "a name like no other is said to be unknown",
	  ISSUER "\n# colours\ncolour = blue\n",
	  "pintle.conf:4: unknown setting \"colour\"" },
	{ "the issuer has to be set",
	  "",
	  "pintle.conf: issuer is not set; write issuer = https://HOST/auth" },
	{ "a setting without a value sign",
	  ISSUER "idle\n",
	  "pintle.conf:2: is not of the form name = value" },
	{ "of a bad line and a bad value the earlier is told",
	  ISSUER "idle\nquiet = 10\n",
	  "pintle.conf:2: is not of the form name = value" },
	{ "of a bad value and a bad line the earlier is told",
	  ISSUER "quiet = 10\nidle\n",
	  "pintle.conf:2: quiet: \"10\" has no unit; write it with ms, s, min, h or d" },
	{ "a setting that is set twice",
	  ISSUER "idle = 1 h\nidle = 2 h\n",
	  "pintle.conf:3: idle is set twice, first in line 2" },
	{ "a setting in another's section",
	  "[worker]\nissuer = https://example.org/auth\n",
	  "pintle.conf:2: issuer is in section [worker]; it belongs in [site], or before any section" },
	{ "a setting in a section that there is not",
	  "[sight]\nissuer = https://example.org/auth\n",
	  "pintle.conf:2: issuer is in section [sight]; it belongs in [site], or before any section" },
	{ "a duration that is too short",
	  ISSUER "access_ttl = 10 ms\n",
	  "pintle.conf:2: access_ttl: \"10 ms\" is out of range; it may be 1 s to 1 d" },
	{ "a number that is out of range",
	  ISSUER "threads = 0\n",
	  "pintle.conf:2: threads: \"0\" is out of range; it may be 1 to 256" },
	{ "a size that is out of range",
	  ISSUER "hashing_memory = 1 KiB\n",
	  "pintle.conf:2: hashing_memory: \"1 KiB\" is out of range; it may be 64 KiB to 2 GiB" },
	{ "a word that is none of those possible",
	  ISSUER "log_level = verbose\n",
	  "pintle.conf:2: log_level: \"verbose\" is not possible; it may be error, warning, info or debug" },
	{ "a truth in another spelling",
	  ISSUER "refresh_cookie_root = true\n",
	  "pintle.conf:2: refresh_cookie_root: \"true\" is neither yes nor no" },
	{ "a socket that everybody may connect to",
	  ISSUER "socket_mode = 0666\n",
	  "pintle.conf:2: socket_mode: \"0666\" lets others connect, who could then claim to be anybody; 0770 is the widest" },
	{ "a path that is relative",
	  ISSUER "state_folder = state\n",
	  "pintle.conf:2: state_folder: \"state\" is not an absolute path" },
	{ "a cookie with its prefix",
	  ISSUER "refresh_cookie = __Host-session\n",
	  "pintle.conf:2: refresh_cookie: \"__Host-session\" begins with a prefix; pintle adds __Secure- or __Host- itself" },
	{ "a cookie that would break the header",
	  ISSUER "device_cookie = a=b\n",
	  "pintle.conf:2: device_cookie: \"a=b\" is not a cookie name of letters, digits, _ - and ." },
	{ "cookies of one name",
	  ISSUER "device_cookie = one\nrefresh_cookie = one\n",
	  "pintle.conf:3: refresh_cookie and device_cookie must not be the same" },
	{ "a proxy that is a name",
	  ISSUER "proxies = 127.0.0.1 gateway\n",
	  "pintle.conf:2: proxies: \"gateway\" is not an IP address" },
	{ "a range that is too narrow to be one",
	  ISSUER "proxies = 10.0.0.0/33\n",
	  "pintle.conf:2: proxies: \"10.0.0.0/33\" has an impossible prefix length" },
	{ "an account that is none",
	  ISSUER "user = www:data\n",
	  "pintle.conf:2: user: \"www:data\" is not the name of a user or group" },
	{ "an issuer over plain HTTP",
	  "issuer = http://example.org/auth\n",
	  "pintle.conf:1: issuer: \"http://example.org/auth\" is not https; http is possible only on loopback" },
	{ "an issuer whose name only begins like loopback",
	  "issuer = http://127.example.org/auth\n",
	  "pintle.conf:1: issuer: \"http://127.example.org/auth\" is not https; http is possible only on loopback" },
	{ "an issuer without a scheme",
	  "issuer = example.org/auth\n",
	  "pintle.conf:1: issuer: \"example.org/auth\" does not begin with https://" },
	{ "an issuer without a host",
	  "issuer = https:///auth\n",
	  "pintle.conf:1: issuer: \"https:///auth\" has no host" },
	{ "an issuer that ends in a slash",
	  "issuer = https://example.org/auth/\n",
	  "pintle.conf:1: issuer: \"https://example.org/auth/\" ends in a slash; leave it out" },
	{ "an issuer in capitals",
	  "issuer = https://Example.org/auth\n",
	  "pintle.conf:1: issuer: \"https://Example.org/auth\" has capitals in its host; write it in lower case, as browsers send it" },
	{ "an issuer with somebody's name",
	  "issuer = https://me@example.org/auth\n",
	  "pintle.conf:1: issuer: \"https://me@example.org/auth\" has a character that no host may have" },
	{ "an issuer with the usual port",
	  "issuer = https://example.org:443/auth\n",
	  "pintle.conf:1: issuer: \"https://example.org:443/auth\" names the default port; leave it out, as browsers do" },
	{ "an issuer with a port that is none",
	  "issuer = https://example.org:65536\n",
	  "pintle.conf:1: issuer: \"https://example.org:65536\" has an impossible port" },
	{ "an issuer with a query",
	  "issuer = https://example.org/auth?x\n",
	  "pintle.conf:1: issuer: \"https://example.org/auth?x\" has a character in its path other than letters, digits and - . _ ~" },
	{ "an issuer that climbs",
	  "issuer = https://example.org/a/../auth\n",
	  "pintle.conf:1: issuer: \"https://example.org/a/../auth\" has an empty, \".\" or \"..\" part in its path" },
	{ "an origin with a path",
	  ISSUER "allowed_origins = https://a.example.org https://b.example.org/x\n",
	  "pintle.conf:2: allowed_origins: \"https://b.example.org/x\" has a path; an origin is only scheme, host and port" },
	{ "an origin that means everybody",
	  ISSUER "allowed_origins = *\n",
	  "pintle.conf:2: allowed_origins: \"*\" does not begin with https://" },
	{ "an access token that ends before the rotation is quiet",
	  ISSUER "access_ttl = 3 min\n",
	  "pintle.conf:2: access_ttl (3 min) must be longer than hand_out and quiet together (3 min)" },
	{ "a quiet period that outlasts the access token",
	  "quiet = 10 min\n" ISSUER,
	  "pintle.conf:1: access_ttl (10 min) must be longer than hand_out and quiet together (11 min)" },
	{ "an idle end behind the absolute one",
	  ISSUER "idle = 2 d\nabsolute = 1 d\nidle_remember = 1 d\n",
	  "pintle.conf:3: idle (2 d) must not be longer than absolute (1 d)" },
	{ "a remembered idle end behind the absolute one",
	  ISSUER "absolute = 10 d\n",
	  "pintle.conf:2: idle_remember (14 d) must not be longer than absolute (10 d)" },
	{ "too little memory for so many lanes",
	  ISSUER "hashing_memory = 64 KiB\nhashing_lanes = 16\n",
	  "pintle.conf:3: hashing_memory (64 KiB) must be at least 8 KiB for each of the hashing_lanes (16)" },
	{ "more threads than readers",
	  ISSUER "workers = 32\nthreads = 64\nhashing_queue = 8\n",
	  "pintle.conf:4: store_readers (2048) must be at least workers times threads and hashing_queue, and 32 more (2336)" },
	{ "what a terminal would obey",
	  ISSUER "a\033[2J\xe9 = b\n",
	  "pintle.conf:2: unknown setting \"a?[2J?\"" },
};

static enum pt_err
parse(const char *text, struct settings *settings, struct buf *problem)
{
	return config_parse("pintle.conf", slice_of(text), settings, NULL, problem);
}

static void
what_is_wrong_is_said_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
		struct settings settings;
		struct buf problem = BUF_EMPTY;

		print_message("# %s\n", bad_rows[i].name);
		assert_int_equal(parse(bad_rows[i].text, &settings, &problem), PT_ERR_INVALID);
		buf_putc(&problem, '\0');
		assert_string_equal(problem.ptr, bad_rows[i].problem);
		assert_null(settings.issuer);
		buf_free(&problem);
	}
}

static void
load_good(const char *text, struct settings *settings)
{
	struct buf problem = BUF_EMPTY;
	enum pt_err err = parse(text, settings, &problem);

	if (err != PT_OK)
		print_message("# %.*s\n", SLICE_ARG(buf_slice(&problem)));
	assert_int_equal(err, PT_OK);
	buf_free(&problem);
}

static void
the_issuer_alone_is_enough(void **state)
{
	struct settings s;

	(void)state;
	load_good(ISSUER, &s);
	assert_string_equal(s.issuer, "https://example.org/auth");
	assert_string_equal(s.mount, "/auth");
	assert_string_equal(s.origins, "https://example.org");
	assert_string_equal(s.audience, "https://example.org");
	assert_string_equal(s.allowed_origins, "");
	assert_string_equal(s.refresh_cookie, "__Secure-pintle-refresh");
	assert_string_equal(s.device_cookie, "__Host-pintle-device");
	assert_false(s.insecure_loopback);
	assert_int_equal(s.access_ttl_ms, 10 * UNITS_MINUTE);
	assert_int_equal(s.periods.hand_out_ms, 60 * UNITS_SECOND);
	assert_int_equal(s.periods.quiet_ms, 120 * UNITS_SECOND);
	assert_int_equal(s.lifetimes.idle_ms, 24 * UNITS_HOUR);
	assert_int_equal(s.lifetimes.idle_remember_ms, 14 * UNITS_DAY);
	assert_int_equal(s.lifetimes.absolute_ms, 90 * UNITS_DAY);
	assert_int_equal(s.sessions_per_user, 50);
	assert_int_equal(s.password_cost.memory_kib, 19456);
	assert_int_equal(s.password_cost.passes, 2);
	assert_int_equal(s.password_cost.lanes, 1);
	assert_int_equal(s.socket_mode, 0660);
	assert_int_equal(s.signing_alg, SIGNING_ES256);
	assert_int_equal(s.jwks_max_age_ms, 5 * UNITS_MINUTE);
	assert_int_equal(s.key_prepublish_ms, 2 * UNITS_HOUR);
	assert_int_equal(s.log_level, LOG_LEVEL_INFO);
	config_free(&s);
	assert_null(s.mount);
}

static void
sections_blanks_and_comments_are_taken(void **state)
{
	struct settings s;

	(void)state;
	load_good("; a comment\r\n[site]\r\nissuer: https://example.org:8443\r\n\r\n[log]\r\n"
	    "   log_level =   debug  ; loud\r\n\t[sessions]\n\tidle = 1h\n  absolute = 2d\n idle_remember=1d", &s);
	assert_string_equal(s.mount, "");
	assert_string_equal(s.origins, "https://example.org:8443");
	assert_int_equal(s.log_level, LOG_LEVEL_DEBUG);
	assert_int_equal(s.lifetimes.idle_ms, UNITS_HOUR);
	config_free(&s);
}

static void
loopback_goes_without_tls_and_prefixes(void **state)
{
	static const char *const issuers[] = {
		"issuer = http://localhost:8080/auth", "issuer = http://127.0.0.1:8080/auth",
		"issuer = http://[::1]:8080/auth", "issuer = http://pintle.localhost/auth",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
		struct settings s;

		load_good(issuers[i], &s);
		assert_true(s.insecure_loopback);
		assert_string_equal(s.refresh_cookie, "pintle-refresh");
		assert_string_equal(s.device_cookie, "pintle-device");
		config_free(&s);
	}
}

static void
lists_are_kept_with_one_space_between(void **state)
{
	struct settings s;

	(void)state;
	load_good(ISSUER "allowed_origins = https://a.example.org,  https://b.example.org\t,\n"
	    "allowed_origins = https://c.example.org\n"
	    "proxies = 10.0.0.0/8 ::1\nrefresh_cookie_root = yes\nrefresh_cookie = r\n", &s);
	assert_string_equal(s.allowed_origins, "https://a.example.org https://b.example.org https://c.example.org");
	assert_string_equal(s.proxies, "10.0.0.0/8 ::1");
	assert_string_equal(s.refresh_cookie, "__Host-r");
	config_free(&s);
}

/* The output of setting_format parses to the same value: init and the manual rely on it. */
static void
every_setting_can_be_written_and_read_again(void **state)
{
	struct settings s;
	struct buf text = BUF_EMPTY, again = BUF_EMPTY, why = BUF_EMPTY;

	(void)state;
	load_good("issuer = http://localhost/auth\nsocket_owner = root\n", &s);
	for (const struct setting *setting = setting_table; setting->name; setting++) {
		buf_clear(&text);
		buf_clear(&again);
		setting_format(setting, &s, &text);
		print_message("# %s = %.*s\n", setting->name, SLICE_ARG(buf_slice(&text)));
		assert_int_equal(setting_parse(setting, buf_slice(&text), &s, &why), PT_OK);
		setting_format(setting, &s, &again);
		assert_true(slice_eq(buf_slice(&text), buf_slice(&again)));
		setting_describe(setting, &why);
		assert_true(why.len > 0);
		buf_clear(&why);
	}
	buf_free(&text);
	buf_free(&again);
	buf_free(&why);
	config_free(&s);
}

static bool
is_a_number(const struct setting *setting)
{
	return setting->kind == SETTING_DURATION || setting->kind == SETTING_SIZE || setting->kind == SETTING_COUNT ||
	    setting->kind == SETTING_MODE || setting->kind == SETTING_BOOL || setting->kind == SETTING_WORD;
}

/* Members have different widths, and the padding after each depends on the machine. */
static void
a_number_is_written_into_its_own_member_alone(void **state)
{
	struct settings s;
	struct buf why = BUF_EMPTY;

	(void)state;
	for (const struct setting *setting = setting_table; setting->name; setting++) {
		if (!is_a_number(setting) || setting->fallback == NULL)
			continue;
		memset(&s, 0xa5, sizeof(s));
		assert_int_equal(setting_parse(setting, slice_of(setting->fallback), &s, &why), PT_OK);
		for (size_t at = 0; at < sizeof(s); at++) {
			if (at - setting->offset < setting->size || ((const unsigned char *)&s)[at] == 0xa5)
				continue;
			fail_msg("%s of %zu bytes changes byte %zu after it", setting->name, setting->size, at - setting->offset);
		}
	}
	buf_free(&why);
}

static void
a_line_that_is_too_long_is_no_line(void **state)
{
	struct settings s;
	struct buf text = BUF_EMPTY, problem = BUF_EMPTY;

	(void)state;
	buf_puts(&text, ISSUER "audience = ");
	for (int i = 0; i < 100000; i++)
		buf_putc(&text, 'a');
	assert_int_equal(config_parse("pintle.conf", buf_slice(&text), &s, NULL, &problem), PT_ERR_INVALID);
	assert_true(slice_starts(buf_slice(&problem), SLICE("pintle.conf:2: line holds a NUL or more than ")));
	buf_clear(&text);
	buf_clear(&problem);
	buf_append(&text, "issuer = https://example.org\0/auth\n", 35);
	assert_int_equal(config_parse("pintle.conf", buf_slice(&text), &s, NULL, &problem), PT_ERR_INVALID);
	assert_true(slice_starts(buf_slice(&problem), SLICE("pintle.conf:1: line holds a NUL or more than ")));
	buf_free(&text);
	buf_free(&problem);
}

static void
a_file_that_is_not_there_is_said_with_how_to_make_it(void **state)
{
	struct settings s;
	struct buf problem = BUF_EMPTY;

	(void)state;
	assert_int_equal(config_load("/nowhere/pintle.conf", &s, NULL, &problem), PT_ERR_IO);
	buf_putc(&problem, '\0');
	assert_string_equal(problem.ptr, "/nowhere/pintle.conf: there is no such file; pintle init --issuer URL creates one");
	buf_clear(&problem);
	assert_int_equal(config_load("/", &s, NULL, &problem), PT_ERR_IO);
	buf_putc(&problem, '\0');
	assert_string_equal(problem.ptr, "/: Is a directory");
	buf_free(&problem);
}

static void
the_file_is_found_by_option_environment_or_habit(void **state)
{
	(void)state;
	unsetenv("PINTLE_CONFIG");
	assert_string_equal(config_path(NULL), PINTLE_CONFIG_PATH);
	setenv("PINTLE_CONFIG", "/tmp/environment.conf", 1);
	assert_string_equal(config_path(NULL), "/tmp/environment.conf");
	assert_string_equal(config_path("/tmp/option.conf"), "/tmp/option.conf");
	unsetenv("PINTLE_CONFIG");
}

static void
a_suffix_goes_after_all_names_of_cookies(void **state)
{
	struct settings s;
	struct buf problem = BUF_EMPTY;
	const char *names[SETTINGS_COOKIES];

	(void)state;
	assert_int_equal(config_parse("c", SLICE("issuer = https://example.org:8443/auth\ncookie_suffix = 8443\n"), &s, NULL, &problem), PT_OK);
	assert_string_equal(s.refresh_cookie, "__Secure-pintle-refresh-8443");
	assert_string_equal(s.device_cookie, "__Host-pintle-device-8443");
	assert_string_equal(s.gate_cookie_name, "__Host-pintle-gate-8443");
	assert_string_equal(s.gate_cookie_old, "__Host-pintle-gate");
	assert_int_equal(settings_cookie_names(&s, names), 6);
	config_free(&s);
	assert_int_equal(config_parse("c", SLICE("issuer = http://localhost:8080/auth\ncookie_suffix = b\n"), &s, NULL, &problem), PT_OK);
	assert_string_equal(s.refresh_cookie, "pintle-refresh-b");
	assert_string_equal(s.refresh_cookie_old, "pintle-refresh");
	config_free(&s);
	assert_int_equal(config_parse("c", SLICE("issuer = https://example.org/auth\n"), &s, NULL, &problem), PT_OK);
	assert_null(s.refresh_cookie_old);
	assert_int_equal(settings_cookie_names(&s, names), 3);
	config_free(&s);
	assert_int_equal(config_parse("c", SLICE("issuer = https://example.org/auth\ncookie_suffix = a b\n"), &s, NULL, &problem), PT_ERR_INVALID);
	buf_free(&problem);
}

static const struct gate_row {
	const char *name;
	const char *text;
	bool set;
} gate_rows[] = {
	{ "where no place is guarded nobody needs it", "", false },
	{ "a guarded place admits people", "[guard /app/]\n", true },
	{ "a place for programs does not", "[guard /app/]\ncredentials = bearer\n", false },
	{ "nor does one that is open", "[guard /app/]\nopen = yes\n", false },
	{ "one that is open to some admits the others", "[guard /app/]\nopen = yes\nmethods = POST\n", true },
	{ "one is enough", "[guard /app/]\ncredentials = bearer\n[guard /b/]\n", true },
	{ "who writes yes has it", "gate_cookie = yes\n", true },
	{ "and who writes no has not", "gate_cookie = no\n[guard /app/]\n", false },
};

static void
the_gate_cookie_is_there_where_people_are_admitted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(gate_rows) / sizeof(gate_rows[0]); i++) {
		struct buf text = BUF_EMPTY, problem = BUF_EMPTY;
		struct settings s;

		buf_printf(&text, "issuer = https://example.org/auth\n%s", gate_rows[i].text);
		assert_int_equal(config_parse("c", buf_slice(&text), &s, NULL, &problem), PT_OK);
		if (s.gate_cookie != gate_rows[i].set)
			fail_msg("%s", gate_rows[i].name);
		config_free(&s);
		buf_free(&text);
		buf_free(&problem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_said_with_its_line),
		cmocka_unit_test(the_issuer_alone_is_enough),
		cmocka_unit_test(sections_blanks_and_comments_are_taken),
		cmocka_unit_test(loopback_goes_without_tls_and_prefixes),
		cmocka_unit_test(lists_are_kept_with_one_space_between),
		cmocka_unit_test(every_setting_can_be_written_and_read_again),
		cmocka_unit_test(a_number_is_written_into_its_own_member_alone),
		cmocka_unit_test(a_line_that_is_too_long_is_no_line),
		cmocka_unit_test(a_file_that_is_not_there_is_said_with_how_to_make_it),
		cmocka_unit_test(the_file_is_found_by_option_environment_or_habit),
		cmocka_unit_test(a_suffix_goes_after_all_names_of_cookies),
		cmocka_unit_test(the_gate_cookie_is_there_where_people_are_admitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
