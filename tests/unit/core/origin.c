/* The cross-site rule: what a browser says about itself, and what happens to the request. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/origin.h"

#define OWN "https://a.example https://www.a.example:8443"
#define ALLOWED "https://app.example https://b.example"

struct origin_row {
	const char *name;
	const char *site, *origin;
	enum origin_verdict want;
};

static const struct origin_row origin_rows[] = {
	{ "neither header: no browser", "", "", ORIGIN_NO_BROWSER },
	{ "a page of the same origin", "same-origin", "https://a.example", ORIGIN_SAME },
	{ "what a person typed", "none", "", ORIGIN_SAME },
	{ "a page of another site", "cross-site", "https://evil.example", ORIGIN_REFUSED },
	{ "a sibling subdomain", "same-site", "https://x.a.example", ORIGIN_REFUSED },
	{ "another site, which cannot be mended by leaving Origin out", "cross-site", "", ORIGIN_REFUSED },
	{ "another site that claims our origin", "cross-site", "https://a.example", ORIGIN_REFUSED },
	{ "a listed origin of another site", "cross-site", "https://app.example", ORIGIN_ALLOWED },
	{ "a listed origin of the same site", "same-site", "https://b.example", ORIGIN_ALLOWED },
	{ "a listed origin from a browser without Sec-Fetch-Site", "", "https://b.example", ORIGIN_ALLOWED },
	{ "our own origin from a browser without Sec-Fetch-Site", "", "https://a.example", ORIGIN_SAME },
	{ "our second own origin", "", "https://www.a.example:8443", ORIGIN_SAME },
	{ "another port is another origin", "", "https://a.example:8443", ORIGIN_REFUSED },
	{ "another scheme is another origin", "", "http://a.example", ORIGIN_REFUSED },
	{ "a name that begins like ours", "", "https://a.example.evil.example", ORIGIN_REFUSED },
	{ "a name that ends like ours", "", "https://evil-a.example", ORIGIN_REFUSED },
	{ "a part of ours", "", "https://a.exampl", ORIGIN_REFUSED },
	{ "another case is not what a browser sends", "", "https://A.example", ORIGIN_REFUSED },
	{ "two of our origins are none", "", OWN, ORIGIN_REFUSED },
	{ "two listed origins are none", "", ALLOWED, ORIGIN_REFUSED },
	{ "the origin of a sandboxed frame", "", "null", ORIGIN_REFUSED },
	{ "a sandboxed frame of another site", "cross-site", "null", ORIGIN_REFUSED },
	{ "a word that no browser sends", "Same-Origin", "https://a.example", ORIGIN_REFUSED },
	{ "two words, as a doubled header becomes", "same-origin, cross-site", "", ORIGIN_REFUSED },
};

static void
decide_every_row(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(origin_rows) / sizeof(origin_rows[0]); i++) {
		const struct origin_row *row = &origin_rows[i];
		struct origin_facts facts = {
			.sec_fetch_site = slice_of(row->site), .origin = slice_of(row->origin),
			.own = SLICE(OWN), .allowed = SLICE(ALLOWED),
		};
		enum origin_verdict got = origin_decide(&facts);

		if (got != row->want)
			fail_msg("%s: got %d", row->name, got);
	}
}

static void
an_empty_configuration_lists_nobody(void **unused)
{
	struct origin_facts facts = { .origin = SLICE("https://a.example") };

	(void)unused;
	assert_int_equal(origin_decide(&facts), ORIGIN_REFUSED);
	facts.origin = SLICE("null");
	facts.own = facts.allowed = SLICE("null");
	assert_int_equal(origin_decide(&facts), ORIGIN_REFUSED);
}

static void
only_exact_origins_get_cors_headers(void **unused)
{
	(void)unused;
	assert_true(origin_is_listed(SLICE("https://app.example"), SLICE(ALLOWED)));
	assert_true(origin_is_listed(SLICE("https://b.example"), SLICE(ALLOWED)));
	assert_false(origin_is_listed(SLICE("https://app.exampl"), SLICE(ALLOWED)));
	assert_false(origin_is_listed(SLICE("https://app.example "), SLICE(ALLOWED)));
	assert_false(origin_is_listed(SLICE(""), SLICE(ALLOWED)));
	assert_false(origin_is_listed(SLICE(""), SLICE("a  b")));
	assert_false(origin_is_listed(SLICE("null"), SLICE("null")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_every_row),
		cmocka_unit_test(an_empty_configuration_lists_nobody),
		cmocka_unit_test(only_exact_origins_get_cors_headers),
	};

	return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
