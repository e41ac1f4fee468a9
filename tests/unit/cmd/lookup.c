/* Which names only the DNS knows, and which server is asked for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cmd/print/lookup.h"

static const struct {
	const char *host;
	bool number, loopback;
} hosts[] = {
	{ "127.0.0.1", true, true }, { "127.8.0.1", true, true }, { "::1", true, true }, { "localhost", false, true },
	{ "LocalHost", false, true }, { "10.0.0.7", true, false }, { "fd00::7", true, false }, { "app.internal", false, false },
	{ "127.0.0.1.example.org", false, false }, { "1271", false, false }, { "", false, false },
};

static void
numbers_and_loopback(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		print_message("# %s\n", hosts[i].host);
		assert_int_equal(lookup_is_number(slice_of(hosts[i].host)), hosts[i].number);
		assert_int_equal(lookup_is_loopback(slice_of(hosts[i].host)), hosts[i].loopback);
	}
}

static void
what_a_hosts_file_knows(void **state)
{
	const struct slice text = SLICE("127.0.0.1\tlocalhost\n# 10.0.0.9 commented\n\n10.0.0.7 app.internal app # more\n::1 six");

	(void)state;
	assert_true(lookup_hosts_know(text, SLICE("app.internal")));
	assert_true(lookup_hosts_know(text, SLICE("APP")));
	assert_true(lookup_hosts_know(text, SLICE("six")));
	assert_false(lookup_hosts_know(text, SLICE("commented")));
	assert_false(lookup_hosts_know(text, SLICE("more")));
	assert_false(lookup_hosts_know(text, SLICE("10.0.0.7")));
	assert_false(lookup_hosts_know(text, SLICE("internal")));
	assert_false(lookup_hosts_know(SLICE(""), SLICE("app")));
}

static void
who_is_asked(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "# made by hand\nsearch example.org\nnameserver 192.0.2.53\nnameserver  fd00::53 ; six\n", "192.0.2.53 [fd00::53]" },
		{ "nameserver fe80::1%eth0\nnameserver rubbish;}\nnameserver 192.0.2.1", "192.0.2.1" },
		{ "options edns0\n", "127.0.0.1" },
		{ "", "127.0.0.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_EMPTY;

		lookup_put_servers(slice_of(rows[i].text), &out);
		assert_true(slice_eq(buf_slice(&out), slice_of(rows[i].want)));
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_loopback),
		cmocka_unit_test(what_a_hosts_file_knows),
		cmocka_unit_test(who_is_asked),
	};

	return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
