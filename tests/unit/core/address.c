/* Only a listed proxy is believed when it names the client. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/address.h"

struct row {
	const char *name;
	const char *peer;
	const char *forwarded;
	const char *proxies;
	const char *address;
	bool unread;
};

static const struct row rows[] = {
	{ "the peer, where nothing else is said", "192.0.2.1", "", "", "192.0.2.1", false },
	{ "a client's own header is not believed", "192.0.2.1", "203.0.113.9", "", "192.0.2.1", false },
	{ "nor where other proxies are listed", "192.0.2.1", "203.0.113.9", "198.51.100.1", "192.0.2.1", false },
	{ "a listed proxy is believed", "198.51.100.1", "203.0.113.9", "198.51.100.1", "203.0.113.9", false },
	{ "of several hops the nearest that is no proxy counts",
	    "198.51.100.1", "1.1.1.1, 203.0.113.9", "198.51.100.1", "203.0.113.9", false },
	{ "a chain of proxies is followed",
	    "198.51.100.1", "1.1.1.1, 203.0.113.9, 198.51.100.2", "198.51.100.1 198.51.100.2", "203.0.113.9", false },
	{ "a chain of proxies alone ends at its first", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.0/8", "10.0.0.3", false },
	{ "a range holds what is in it", "10.255.0.1", "203.0.113.9", "10.0.0.0/8", "203.0.113.9", false },
	{ "and nothing else", "11.0.0.1", "203.0.113.9", "10.0.0.0/8", "11.0.0.1", false },
	{ "a range that ends within a byte", "10.127.0.1", "203.0.113.9", "10.0.0.0/9", "203.0.113.9", false },
	{ "a range that ends within a byte, beyond", "10.128.0.1", "203.0.113.9", "10.0.0.0/9", "10.128.0.1", false },
	{ "a range of every address", "192.0.2.1", "203.0.113.9", "0.0.0.0/0", "203.0.113.9", false },
	{ "a length that no address has is no range", "10.0.0.1", "203.0.113.9", "10.0.0.0/33", "10.0.0.1", false },
	{ "IPv6", "fd00::1", "2001:DB8:0:0::9", "fd00::/8", "2001:db8::9", false },
	{ "an IPv4 address in IPv6 is the same address", "::ffff:10.0.0.1", "203.0.113.9", "10.0.0.1", "203.0.113.9", false },
	{ "a proxy that says nothing is the client", "10.0.0.1", "", "10.0.0.1", "10.0.0.1", false },
	{ "what is no address is not believed", "10.0.0.1", "unknown", "10.0.0.1", "10.0.0.1", true },
	{ "nor is a line that would be forged", "10.0.0.1", "1.2.3.4\r\nX: y", "10.0.0.1", "10.0.0.1", true },
	{ "a hop that is no address hides those before it",
	    "10.0.0.1", "203.0.113.9, nonsense, 10.0.0.2", "10.0.0.0/8", "10.0.0.2", true },
	{ "a peer without an address is named", "unix:", "203.0.113.9", "10.0.0.1", "unix:", false },
	{ "control characters never pass", "a\nb", "", "", "a?b", false },
	{ "no peer at all", "", "203.0.113.9", "10.0.0.1", "", false },
	{ "an address with a port", "10.0.0.1", "203.0.113.9:4711", "10.0.0.1", "203.0.113.9", false },
	{ "IPv6 in brackets", "10.0.0.1", "[2001:db8::9]", "10.0.0.1", "2001:db8::9", false },
	{ "IPv6 in brackets with a port", "10.0.0.1", "[2001:db8::9]:4711", "10.0.0.1", "2001:db8::9", false },
	{ "quoted, as with a port it has to be", "10.0.0.1", "\"[2001:db8::9]:4711\"", "10.0.0.1", "2001:db8::9", false },
	{ "an IPv4 address in IPv6 with a port", "10.0.0.1", "[::ffff:203.0.113.9]:4711", "10.0.0.1", "203.0.113.9", false },
	{ "and without brackets", "10.0.0.1", "::ffff:203.0.113.9", "10.0.0.1", "203.0.113.9", false },
	{ "an address of one interface", "10.0.0.1", "fe80::9%eth0", "10.0.0.1", "fe80::9", false },
	{ "proxies with ports in a chain", "10.0.0.1", "203.0.113.9:1, 10.0.0.2:2", "10.0.0.0/8", "203.0.113.9", false },
	{ "a port that is none", "10.0.0.1", "203.0.113.9:99999", "10.0.0.1", "10.0.0.1", true },
	{ "a bracket that does not close", "10.0.0.1", "[2001:db8::9", "10.0.0.1", "10.0.0.1", true },
	{ "something behind a bracket", "10.0.0.1", "[2001:db8::9]x", "10.0.0.1", "10.0.0.1", true },
	{ "what nobody believes need not be read", "192.0.2.1", "nonsense", "10.0.0.1", "192.0.2.1", false },
	{ "a proxy at a Unix socket", "unix:", "203.0.113.9", "unix:", "203.0.113.9", false },
	{ "by whatever name the server calls it", "@", "1.1.1.1, 203.0.113.9", "10.0.0.1 unix:", "203.0.113.9", false },
	{ "and one behind it", "", "203.0.113.9, 10.0.0.2", "unix: 10.0.0.0/8", "203.0.113.9", false },
	{ "one that says nothing", "unix:", "", "unix:", "unix:", false },
	{ "one that says nothing that can be read", "unix:", "unknown", "unix:", "unix:", true },
	{ "a peer with an address is none at a socket", "192.0.2.1", "203.0.113.9", "unix:", "192.0.2.1", false },
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

		const bool read = address_decide(&facts, got);

		if (!slice_eq(slice_of(got), slice_of(rows[i].address)) || read == rows[i].unread)
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
