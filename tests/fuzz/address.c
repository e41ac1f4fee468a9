/*
 * Client addresses: the first line is the peer, the second the listed proxies, then
 * X-Forwarded-For.
 */
#include <string.h>

#include "core/address.h"
#include "fuzz.h"

static void
decide(const struct address_facts *facts, char out[ADDRESS_SIZE])
{
	memset(out, 'x', ADDRESS_SIZE);
	(void)address_decide(facts, out);
	MUST(memchr(out, '\0', ADDRESS_SIZE) != NULL);
	MUST(slice_is_utf8(slice_of(out)) && !slice_has_control(slice_of(out)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice rest = { (const char *)bytes, len };
	char believed[ADDRESS_SIZE], alone[ADDRESS_SIZE], again[ADDRESS_SIZE];
	struct address_facts facts;

	slice_cut(rest, '\n', &facts.peer, &rest);
	slice_cut(rest, '\n', &facts.proxies, &facts.forwarded);
	decide(&facts, believed);
	/* If no proxy is listed, no header is believed. */
	facts.proxies = (struct slice){ NULL, 0 };
	decide(&facts, alone);
	facts.forwarded = (struct slice){ NULL, 0 };
	decide(&facts, again);
	MUST(strcmp(alone, again) == 0);
	/* The usual form of the usual form is the same again. */
	facts.peer = slice_of(believed);
	decide(&facts, again);
	MUST(strcmp(believed, again) == 0);
	return 0;
}
