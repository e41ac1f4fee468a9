#include "core/address.h"

#include <arpa/inet.h>
#include <string.h>

/* Each address as 16 bytes; IPv4 as ::ffff:a.b.c.d, so that both families compare alike. */
struct address {
	uint8_t bytes[16];
};

static const uint8_t v4_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
address_is_v4(const struct address *address)
{
	return memcmp(address->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

static bool
address_parse(struct slice text, struct address *out)
{
	char cstr[ADDRESS_SIZE];

	if (text.len == 0 || !slice_copy(text, cstr, sizeof(cstr)))
		return false;
	memcpy(out->bytes, v4_prefix, sizeof(v4_prefix));
	return inet_pton(AF_INET, cstr, out->bytes + sizeof(v4_prefix)) == 1 ||
	    inet_pton(AF_INET6, cstr, out->bytes) == 1;
}

static void
address_format(const struct address *address, char out[ADDRESS_SIZE])
{
	bool v4 = address_is_v4(address);

	if (inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? sizeof(v4_prefix) : 0),
	    out, ADDRESS_SIZE) == NULL)
		out[0] = '\0';
}

static bool
address_shares_bits(const struct address *a, const struct address *b, uint64_t bits)
{
	size_t whole = (size_t)(bits / 8);
	unsigned rest = (unsigned)(bits % 8);

	if (memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return rest == 0 || (a->bytes[whole] ^ b->bytes[whole]) >> (8 - rest) == 0;
}

/* Reads "10.0.0.7", "10.0.0.0/8" or "fd00::/8"; bits is how many of the 128 bits of base count. */
static bool
address_parse_range(struct slice range, struct address *base, uint64_t *bits)
{
	struct slice text, length;
	bool has_length = slice_cut(range, '/', &text, &length);

	*bits = 128;
	if (!address_parse(text, base))
		return false;
	if (!has_length)
		return true;

	uint64_t width = address_is_v4(base) ? 32 : 128;

	if (!slice_to_u64(length, bits) || *bits > width)
		return false;
	*bits += 128 - width;
	return true;
}

static bool
address_is_listed(const struct address *address, struct slice list)
{
	struct slice range;
	struct address base;
	uint64_t bits;

	while (list.len) {
		slice_cut(list, ' ', &range, &list);
		if (address_parse_range(range, &base, &bits) &&
		    address_shares_bits(address, &base, bits))
			return true;
	}
	return false;
}

/* Cuts the last element off a comma-separated list; false if the list is empty. */
static bool
address_take_last(struct slice *list, struct slice *last)
{
	size_t start = list->len;

	if (list->len == 0)
		return false;
	while (start > 0 && list->ptr[start - 1] != ',')
		start--;
	*last = slice_trim(slice_skip(*list, start));
	list->len = start ? start - 1 : 0;
	return true;
}

/* Removes the quotes that some proxies add (RFC 7239, 4). */
static struct slice
address_unquote(struct slice text)
{
	if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
		return (struct slice){ text.ptr + 1, text.len - 2 };
	return text;
}

/*
 * Reads an address as proxies may write it: with a port (192.0.2.1:4711, [2001:db8::1]:4711), in
 * brackets, quoted, or with the interface of a link-local address (fe80::1%eth0).
 */
static bool
address_parse_hop(struct slice text, struct address *out)
{
	struct slice host = address_unquote(text), rest = { NULL, 0 };
	uint64_t port;

	if (slice_starts(host, SLICE("["))) {
		if (!slice_cut(slice_skip(host, 1), ']', &host, &rest))
			return false;
		if (rest.len && (rest.ptr[0] != ':' || !slice_to_u64(slice_skip(rest, 1), &port) ||
		    port > 65535))
			return false;
	} else if (memchr(host.ptr ? host.ptr : "", '.', host.len) &&
	    slice_cut(host, ':', &host, &rest)) {
		/* A text with dots and colons that is no IPv6 address has a port. */
		if (!slice_to_u64(rest, &port) || port > 65535)
			return address_parse(address_unquote(text), out);
	}
	slice_cut(host, '%', &host, &rest);
	return address_parse(host, out);
}

bool
address_decide(const struct address_facts *facts, char out[ADDRESS_SIZE])
{
	struct address client, before;
	struct slice hops = facts->forwarded, last;
	const bool known = address_parse(facts->peer, &client);
	/* "unix:" in the list stands for every peer without an address. */
	bool believed = known ? address_is_listed(&client, facts->proxies) :
	    slice_is_listed(SLICE(ADDRESS_SOCKET), facts->proxies, ' ');
	bool has_client = known, readable = true;

	while (believed && readable && address_take_last(&hops, &last)) {
		readable = address_parse_hop(last, &before);
		if (!readable)
			break;
		client = before;
		has_client = true;
		believed = address_is_listed(&client, facts->proxies);
	}
	if (has_client)
		address_format(&client, out);
	else
		slice_copy_printable(facts->peer, out, ADDRESS_SIZE);
	return readable;
}

bool
address_valid(struct slice text)
{
	struct address address;

	return address_parse(text, &address);
}

bool
address_listed(struct slice text, struct slice list)
{
	struct address address;

	return address_parse(text, &address) && address_is_listed(&address, list);
}

bool
address_range_valid(struct slice text)
{
	struct address base;
	uint64_t bits;

	return address_parse_range(text, &base, &bits);
}

bool
address_proxy_valid(struct slice text)
{
	return slice_eq(text, SLICE(ADDRESS_SOCKET)) || address_range_valid(text);
}
