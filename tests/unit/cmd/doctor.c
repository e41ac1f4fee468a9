/* The tables and rules of pintle doctor; the end-to-end tests try it on real servers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cmd/doctor/blocks.h"
#include "cmd/doctor/fault.h"
#include "cmd/doctor/seen_address.h"
#include "cmd/doctor/user.h"
#include "conf/units.h"

static void
every_fault_has_a_remedy_under_every_server(void **state)
{
	static const struct template_field fields[] = {
		{ "origin", SLICE("https://o") }, { "mount", SLICE("/m") }, { "socket", SLICE("/s") }, { "path", SLICE("/p/") },
		{ "found", SLICE("f") },
	};
	const struct template_scope scope = { .fields = fields, .field_count = sizeof(fields) / sizeof(fields[0]) };

	(void)state;
	for (int fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++) {
		for (int kind = SERVER_OTHER; kind < SERVER_FAMILIES; kind++) {
			struct buf text = BUF_EMPTY;

			print_message("# fault %d, server %d\n", fault, kind);
			assert_int_equal(doctor_fault_mend((enum doctor_fault)fault, (enum server_family)kind, &scope, &text), PT_OK);
			assert_true(text.len > 0);
			/* The sentence is one line with nothing left to fill in. */
			assert_false(slice_has_control(buf_slice(&text)));
			assert_null(memmem(text.ptr, text.len, "{{", 2));
			buf_free(&text);
		}
	}
}

static void
what_is_no_fault_wants_no_remedy(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	assert_int_equal(doctor_fault_mend(FAULT_NONE, SERVER_NGINX, &(struct template_scope){ 0 }, &text), PT_OK);
	assert_int_equal(text.len, 0);
}

static void
servers_are_told_by_their_header(void **state)
{
	(void)state;
	assert_int_equal(fault_server_family(SLICE("nginx/1.22.1")), SERVER_NGINX);
	assert_int_equal(fault_server_family(SLICE("nginx")), SERVER_NGINX);
	assert_int_equal(fault_server_family(SLICE("Apache/2.4.62 (Debian)")), SERVER_APACHE);
	assert_int_equal(fault_server_family(SLICE("lighttpd/1.4.69")), SERVER_LIGHTTPD);
	assert_int_equal(fault_server_family(SLICE("Caddy")), SERVER_CADDY);
	assert_int_equal(fault_server_family(SLICE("cloudflare")), SERVER_OTHER);
	assert_int_equal(fault_server_family(SLICE("")), SERVER_OTHER);
}

static const struct seen_row {
	const char *name;
	const char *own, *seen;
	enum seen_verdict verdict;
} seen_rows[] = {
	{ "the same is the same", "198.51.100.7", "198.51.100.7", SEEN_OWN },
	{ "on the machine itself too", "127.0.0.1", "127.0.0.1", SEEN_OWN },
	{ "an IPv4 address in IPv6 is the same", "::ffff:198.51.100.7", "198.51.100.7", SEEN_OWN },
	{ "a router shows its public address", "192.168.1.5", "198.51.100.7", SEEN_TRANSLATED },
	{ "one of IPv6 too", "fd00::5", "2001:db8::7", SEEN_TRANSLATED },
	{ "nobody outside comes from the loopback", "198.51.100.7", "127.0.0.1", SEEN_PROXY },
	{ "nor from its IPv6 form", "2001:db8::7", "::1", SEEN_PROXY },
	{ "another address of the loopback is another process", "127.0.0.1", "127.0.0.2", SEEN_PROXY },
	{ "a private one that is not ours is a proxy's", "198.51.100.7", "10.0.0.3", SEEN_PROXY },
	{ "and within the house too", "192.168.1.5", "192.168.1.1", SEEN_PROXY },
	{ "public both and not the same: something is between", "198.51.100.7", "203.0.113.9", SEEN_PROXY },
	{ "the loopback never gets out: something is between", "127.0.0.1", "203.0.113.9", SEEN_PROXY },
	{ "a Unix socket has no address", "127.0.0.1", "unix:", SEEN_UNKNOWN },
	{ "nothing is no address", "127.0.0.1", "", SEEN_UNKNOWN },
	{ "nor on this side", "", "127.0.0.1", SEEN_UNKNOWN },
};

static void
a_proxy_is_told_from_a_router(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(seen_rows) / sizeof(seen_rows[0]); i++) {
		print_message("# %s\n", seen_rows[i].name);
		assert_int_equal(seen_decide(slice_of(seen_rows[i].own), slice_of(seen_rows[i].seen)), seen_rows[i].verdict);
	}
}

static void
users_of_runs_that_were_killed_are_told(void **state)
{
	static const int64_t now_ms = INT64_C(1795507201000);
	struct user user = { .name = "pintle-doctor-0123456789abcdef", .created_at = now_ms - 11 * UNITS_MINUTE };

	(void)state;
	assert_true(doctor_user_is_left(&user, now_ms));
	user.created_at = now_ms - UNITS_MINUTE;	/* a run that is still going on */
	assert_false(doctor_user_is_left(&user, now_ms));
	user = (struct user){ .name = "pintle", .created_at = 1 };
	assert_false(doctor_user_is_left(&user, now_ms));
}

/* ---- the output of nginx -T ---- */

static void
server_blocks_of_a_name_are_found_in_their_files(void **state)
{
	static const char text[] =
	    "# configuration file /etc/nginx/nginx.conf:\n"
	    "http {\n\t# server_name www.example.org;\n\tinclude /etc/nginx/conf.d/*.conf;\n}\n\n"
	    "# configuration file /etc/nginx/conf.d/site.conf:\n"
	    "server { listen 443 ssl; server_name example.org\n    www.example.org; }\n"
	    "server { listen 80; server_name www.example.org; }\n"
	    "# configuration file /etc/nginx/conf.d/pintle.conf:\r\n"
	    "server {\r\n\tserver_name www.example.org;\r\n}\r\n"
	    "# configuration file /etc/nginx/conf.d/other.conf:\n"
	    "server { server_name www.example.org.other other; return 301 https://www.example.org; }\n";
	struct doctor_blocks blocks = { .count = 0 };

	(void)state;
	doctor_blocks_read(SLICE(text), SLICE("www.example.org"), &blocks);
	assert_int_equal(blocks.count, 2);
	assert_true(slice_eq(buf_slice(&blocks.files), SLICE("/etc/nginx/conf.d/site.conf, /etc/nginx/conf.d/pintle.conf")));
	doctor_blocks_free(&blocks);
	doctor_blocks_read(SLICE(text), SLICE("nobody.example"), &blocks);
	assert_int_equal(blocks.count, 0);
	doctor_blocks_read(SLICE("server_name"), SLICE("x"), &blocks);
	doctor_blocks_read(SLICE("server_name x"), SLICE("x"), &blocks);
	assert_int_equal(blocks.count, 1);
	doctor_blocks_free(&blocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_blocks_of_a_name_are_found_in_their_files),
		cmocka_unit_test(every_fault_has_a_remedy_under_every_server),
		cmocka_unit_test(what_is_no_fault_wants_no_remedy),
		cmocka_unit_test(servers_are_told_by_their_header),
		cmocka_unit_test(a_proxy_is_told_from_a_router),
		cmocka_unit_test(users_of_runs_that_were_killed_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
