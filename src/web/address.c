#include "web/address.h"

#include <arpa/inet.h>
#include <string.h>

/* Every address as 16 bytes; IPv4 as ::ffff:a.b.c.d, so that both compare alike. */
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

/* Reads "10.0.0.7", "10.0.0.0/8" or "fd00::/8"; bits is how many of the base's 128 count. */
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
address_in(const struct address *address, struct slice range)
{
	struct address base;
	uint64_t bits;

	return address_parse_range(range, &base, &bits) && address_shares_bits(address, &base, bits);
}

static bool
address_is_listed(const struct address *address, struct slice list)
{
	struct slice range;

	while (list.len) {
		slice_cut(list, ' ', &range, &list);
		if (address_in(address, range))
			return true;
	}
	return false;
}

/* Takes the last element off a comma-separated list; false if it is empty. */
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

void
address_decide(const struct address_facts *facts, char out[ADDRESS_SIZE])
{
	struct address client, before;
	struct slice hops = facts->forwarded, last;

	if (!address_parse(facts->peer, &client)) {
		slice_copy_printable(facts->peer, out, ADDRESS_SIZE);
		return;
	}
	while (address_is_listed(&client, facts->proxies) && address_take_last(&hops, &last) &&
	    address_parse(last, &before))
		client = before;
	address_format(&client, out);
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
