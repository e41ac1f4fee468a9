/* Header fields as pintle doctor reads them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cmd/doctor/http_field.h"

static void
fields_are_found_one_after_the_other(void **state)
{
	struct slice head = SLICE("Server: nginx/1.22.1\nset-cookie: a=1\nX-Empty:\nno colon\nSet-Cookie:  b=2 \n"), value;

	(void)state;
	assert_true(slice_eq(http_field(head, SLICE("SERVER")), SLICE("nginx/1.22.1")));
	assert_int_equal(http_field(head, SLICE("X-Empty")).len, 0);
	assert_int_equal(http_field(head, SLICE("Serve")).len, 0);
	assert_int_equal(http_field(head, SLICE("no colon")).len, 0);
	assert_true(http_field_next(&head, SLICE("Set-Cookie"), &value));
	assert_true(slice_eq(value, SLICE("a=1")));
	assert_true(http_field_next(&head, SLICE("Set-Cookie"), &value));
	assert_true(slice_eq(value, SLICE("b=2")));
	assert_false(http_field_next(&head, SLICE("Set-Cookie"), &value));
}

/* ---- cookies ---- */

static const struct cookie_row {
	const char *name;
	const char *field;
	const char *fault;	/* how it begins; NULL: none */
	enum same_site wanted;
	bool insecure;		/* the site does not use TLS */
} cookie_rows[] = {
	{ "what pintle sets is as it has to be",
	  "__Secure-r=v; Path=/auth; Secure; HttpOnly; SameSite=Strict", NULL, SAME_SITE_STRICT, false },
	{ "the order and the case of attributes do not matter",
	  "r=v;httponly ; SAMESITE=strict;secure;path=/auth; Max-Age=5", NULL, SAME_SITE_STRICT, false },
	{ "attributes that are not known do not matter",
	  "r=v; Path=/auth; Priority=High; Secure; HttpOnly; SameSite=Strict", NULL, SAME_SITE_STRICT, false },
	{ "a value may hold an equals sign",
	  "r=v==; Path=/auth; Secure; HttpOnly; SameSite=Strict", NULL, SAME_SITE_STRICT, false },
	{ "Secure is missed",
	  "r=v; Path=/auth; HttpOnly; SameSite=Strict", "has lost Secure", SAME_SITE_STRICT, false },
	{ "a name that begins so is no Secure",
	  "r=v; Path=/auth; Secured; HttpOnly; SameSite=Strict", "has lost Secure", SAME_SITE_STRICT, false },
	{ "a value that says so is no Secure",
	  "r=Secure; Path=/auth; HttpOnly; SameSite=Strict", "has lost Secure", SAME_SITE_STRICT, false },
	{ "without TLS there is none to be missed",
	  "r=v; Path=/auth; HttpOnly; SameSite=Strict", NULL, SAME_SITE_STRICT, true },
	{ "HttpOnly is missed",
	  "r=v; Path=/auth; Secure; SameSite=Strict", "has lost HttpOnly", SAME_SITE_STRICT, false },
	{ "a Domain is one too many",
	  "r=v; Path=/auth; Domain=example.org; Secure; HttpOnly; SameSite=Strict", "has a Domain", SAME_SITE_STRICT, false },
	{ "another Path is seen",
	  "r=v; Path=/; Secure; HttpOnly; SameSite=Strict", "does not have the Path that pintle gave it", SAME_SITE_STRICT, false },
	{ "a Path with a slash more is another",
	  "r=v; Path=/auth/; Secure; HttpOnly; SameSite=Strict", "does not have the Path that pintle gave it", SAME_SITE_STRICT, false },
	{ "of two the last counts, as in a browser",
	  "r=v; Path=/auth; Path=/; Secure; HttpOnly; SameSite=Strict", "does not have the Path that pintle gave it", SAME_SITE_STRICT, false },
	{ "no Path is another",
	  "r=v; Secure; HttpOnly; SameSite=Strict", "does not have the Path that pintle gave it", SAME_SITE_STRICT, false },
	{ "no SameSite is another",
	  "r=v; Path=/auth; Secure; HttpOnly", "does not have the SameSite that pintle gave it", SAME_SITE_STRICT, false },
	{ "SameSite=None is another",
	  "r=v; Path=/auth; Secure; HttpOnly; SameSite=None", "does not have the SameSite that pintle gave it", SAME_SITE_STRICT, false },
	{ "Lax is not Strict",
	  "r=v; Path=/auth; Secure; HttpOnly; SameSite=Lax", "does not have the SameSite that pintle gave it", SAME_SITE_STRICT, false },
	{ "Lax where it is wanted is fine",
	  "r=v; Path=/auth; Secure; HttpOnly; SameSite=Lax", NULL, SAME_SITE_LAX, false },
	{ "Strict where Lax is wanted is another",
	  "r=v; Path=/auth; Secure; HttpOnly; SameSite=Strict", "does not have the SameSite that pintle gave it", SAME_SITE_LAX, false },
};

static void
the_attributes_of_a_cookie_are_held_to_what_pintle_sets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cookie_rows) / sizeof(cookie_rows[0]); i++) {
		const struct cookie_row *row = &cookie_rows[i];
		const struct cookie_rule rule = { SLICE("/auth"), !row->insecure, row->wanted };
		struct set_cookie cookie;

		print_message("# %s\n", row->name);
		assert_true(http_field_cookie(slice_of(row->field), &cookie));

		const char *fault = http_field_cookie_fault(&cookie, &rule);

		assert_int_equal(fault == NULL, row->fault == NULL);
		if (fault)
			assert_true(slice_starts(slice_of(fault), slice_of(row->fault)));
	}
}

static void
a_cookie_is_read_into_its_parts(void **state)
{
	struct set_cookie cookie;

	(void)state;
	assert_true(http_field_cookie(SLICE(" name = va=lue ; Max-Age=0"), &cookie));
	assert_true(slice_eq(cookie.name, SLICE("name")) && slice_eq(cookie.value, SLICE("va=lue")));
	assert_true(cookie.cleared);
	assert_true(http_field_cookie(SLICE("n=v; Max-Age=-1"), &cookie) && cookie.cleared);
	assert_true(http_field_cookie(SLICE("n=v; Max-Age=01"), &cookie) && !cookie.cleared);
	assert_true(http_field_cookie(SLICE("n="), &cookie) && cookie.value.len == 0 && !cookie.cleared);
	assert_false(http_field_cookie(SLICE("no equals"), &cookie));
	assert_false(http_field_cookie(SLICE("=v; Path=/"), &cookie));
	assert_false(http_field_cookie(SLICE(""), &cookie));
}

/* ---- caches ---- */

static const struct cache_row {
	const char *name;
	const char *head;
	bool may_keep;
} cache_rows[] = {
	{ "nothing said lets caches guess", "Server: x\n", true },
	{ "no-store keeps them off", "Cache-Control: no-store\n", false },
	{ "in any case", "cache-control: No-Store\n", false },
	{ "among others", "Cache-Control: public, max-age=5 , no-store\n", false },
	{ "private and no-cache do as well", "Cache-Control: private, no-cache\n", false },
	{ "in two fields too", "Cache-Control: private\nCache-Control: no-cache\n", false },
	{ "private alone lets the browser show it after a logout", "Cache-Control: private\n", true },
	{ "no-cache alone lets a shared cache keep it", "Cache-Control: no-cache\n", true },
	{ "a directive that begins so is another", "Cache-Control: no-storex\n", true },
	{ "no-cache of some fields only counts as such", "Cache-Control: private, no-cache=\"set-cookie\"\n", false },
	{ "Pragma is no Cache-Control", "Pragma: no-cache, no-store\n", true },
};

static void
what_caches_may_keep_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cache_rows) / sizeof(cache_rows[0]); i++) {
		print_message("# %s\n", cache_rows[i].name);
		assert_int_equal(http_field_may_keep(slice_of(cache_rows[i].head)), cache_rows[i].may_keep);
	}
}

static void
seconds_are_read(void **state)
{
	uint64_t seconds = 0;

	(void)state;
	assert_true(http_field_cache_seconds(SLICE("Cache-Control: public, max-age=300\n"), SLICE("max-age"), &seconds));
	assert_int_equal(seconds, 300);
	assert_true(http_field_cache_seconds(SLICE("Cache-Control: max-age=\"7\"\n"), SLICE("max-age"), &seconds));
	assert_int_equal(seconds, 7);
	assert_false(http_field_cache_seconds(SLICE("Cache-Control: max-age\n"), SLICE("max-age"), &seconds));
	assert_false(http_field_cache_seconds(SLICE("Cache-Control: max-age=\"\n"), SLICE("max-age"), &seconds));
	assert_false(http_field_cache_seconds(SLICE("Cache-Control: max-age=-1\n"), SLICE("max-age"), &seconds));
	assert_false(http_field_cache_seconds(SLICE("Cache-Control: s-maxage=5\n"), SLICE("max-age"), &seconds));
}

/* ---- dates ---- */

static void
dates_are_read(void **state)
{
	static const char *const none[] = {
		"", "Tue, 24 Nov 2026 08:00:00", "Tue, 24 Nov 2026 08:00:00 UTC", "Tue, 24 Nov 2026 08:00:00 GMT ",
		"Tue, 24 Nov 2026 24:00:00 GMT", "Tue, 24 Nov 2026 08:60:00 GMT", "Tue, 00 Nov 2026 08:00:00 GMT",
		"Tue, 32 Nov 2026 08:00:00 GMT", "Tue, 24 Nob 2026 08:00:00 GMT", "Tue, 24 nov 2026 08:00:00 GMT",
		"Tuesday, 24-Nov-26 08:00:00 GMT", "Tue Nov 24 08:00:00 2026", "Tue, 24 Nov 2026 -8:00:00 GMT",
	};
	int64_t ms = 0;

	(void)state;
	assert_true(http_field_date(SLICE("Tue, 24 Nov 2026 08:00:01 GMT"), &ms));
	assert_int_equal(ms, INT64_C(1795507201000));
	assert_true(http_field_date(SLICE("Thu, 01 Jan 1970 00:00:00 GMT"), &ms));
	assert_int_equal(ms, 0);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		print_message("# \"%s\" is none\n", none[i]);
		assert_false(http_field_date(slice_of(none[i]), &ms));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_found_one_after_the_other),
		cmocka_unit_test(the_attributes_of_a_cookie_are_held_to_what_pintle_sets),
		cmocka_unit_test(a_cookie_is_read_into_its_parts),
		cmocka_unit_test(what_caches_may_keep_is_told),
		cmocka_unit_test(seconds_are_read),
		cmocka_unit_test(dates_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
