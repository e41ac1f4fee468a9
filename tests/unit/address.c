/* Only what a listed proxy says of a client is believed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "web/address.h"

struct row {
	const char *name;
	const char *peer;
	const char *forwarded;
	const char *proxies;
	const char *address;
};

static const struct row rows[] = {
	{ "the peer, where nothing else is said", "192.0.2.1", "", "", "192.0.2.1" },
	{ "a client's own header is not believed", "192.0.2.1", "203.0.113.9", "", "192.0.2.1" },
	{ "nor where other proxies are listed", "192.0.2.1", "203.0.113.9", "198.51.100.1", "192.0.2.1" },
	{ "a listed proxy is believed", "198.51.100.1", "203.0.113.9", "198.51.100.1", "203.0.113.9" },
	{ "of several hops the nearest that is no proxy counts",
	    "198.51.100.1", "1.1.1.1, 203.0.113.9", "198.51.100.1", "203.0.113.9" },
	{ "a chain of proxies is followed",
	    "198.51.100.1", "1.1.1.1, 203.0.113.9, 198.51.100.2", "198.51.100.1 198.51.100.2", "203.0.113.9" },
	{ "a chain of proxies alone ends at its first", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.0/8", "10.0.0.3" },
	{ "a range holds what is in it", "10.255.0.1", "203.0.113.9", "10.0.0.0/8", "203.0.113.9" },
	{ "and nothing else", "11.0.0.1", "203.0.113.9", "10.0.0.0/8", "11.0.0.1" },
	{ "a range that ends within a byte", "10.127.0.1", "203.0.113.9", "10.0.0.0/9", "203.0.113.9" },
	{ "a range that ends within a byte, beyond", "10.128.0.1", "203.0.113.9", "10.0.0.0/9", "10.128.0.1" },
	{ "a range of every address", "192.0.2.1", "203.0.113.9", "0.0.0.0/0", "203.0.113.9" },
	{ "a length that no address has is no range", "10.0.0.1", "203.0.113.9", "10.0.0.0/33", "10.0.0.1" },
	{ "IPv6", "fd00::1", "2001:DB8:0:0::9", "fd00::/8", "2001:db8::9" },
	{ "an IPv4 address in IPv6 is the same address", "::ffff:10.0.0.1", "203.0.113.9", "10.0.0.1", "203.0.113.9" },
	{ "a proxy that says nothing is the client", "10.0.0.1", "", "10.0.0.1", "10.0.0.1" },
	{ "what is no address is not believed", "10.0.0.1", "unknown", "10.0.0.1", "10.0.0.1" },
	{ "nor is a line that would be forged", "10.0.0.1", "1.2.3.4\r\nX: y", "10.0.0.1", "10.0.0.1" },
	{ "a hop that is no address hides those before it",
	    "10.0.0.1", "203.0.113.9, nonsense, 10.0.0.2", "10.0.0.0/8", "10.0.0.2" },
	{ "a peer without an address is named", "unix:", "203.0.113.9", "10.0.0.1", "unix:" },
	{ "control characters never pass", "a\nb", "", "", "a?b" },
	{ "no peer at all", "", "203.0.113.9", "10.0.0.1", "" },
};

static void
decide_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address_facts facts = {
			.peer = slice_of(rows[i].peer),
			.forwarded = slice_of(rows[i].forwarded),
			.proxies = slice_of(rows[i].proxies),
		};
		char got[ADDRESS_SIZE];

		address_decide(&facts, got);
		if (!slice_eq(slice_of(got), slice_of(rows[i].address)))
			fail_msg("%s: got %s", rows[i].name, got);
	}
}

static void
an_address_is_told_from_other_text(void **state)
{
	(void)state;
	assert_true(address_valid(SLICE("192.0.2.1")) && address_valid(SLICE("2001:db8::1")));
	assert_false(address_valid(SLICE("")) || address_valid(SLICE("unix:")) || address_valid(SLICE("192.0.2.1/24")));
	assert_true(address_listed(SLICE("192.0.2.1"), SLICE("203.0.113.9 192.0.2.0/24")));
	assert_true(address_listed(SLICE("::ffff:192.0.2.1"), SLICE("192.0.2.1")));
	assert_false(address_listed(SLICE("192.0.2.1"), SLICE("")));
	assert_false(address_listed(SLICE("192.0.2.1"), SLICE("192.0.3.0/24")));
	assert_false(address_listed(SLICE("unix:"), SLICE("unix:")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_every_row),
		cmocka_unit_test(an_address_is_told_from_other_text),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
