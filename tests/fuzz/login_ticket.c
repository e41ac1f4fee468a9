/*
 * The ticket between the two steps of a login: no bytes pass for one unless they were made as one,
 * with this key, and recently. Input that consists of a ticket's content and two times is also made
 * into one.
 */
#include <string.h>

#include "fuzz.h"
#include "token/login_ticket.h"

enum { INSIDE = 8 + DIGEST_SIZE + 8 + 8 };

#define NOW INT64_C(1800000000000)

static struct mac_key *key, *other_key;

static bool
parses(struct slice text, const struct mac_key *with, int64_t now_ms, struct login_ticket *out)
{
	bool good;

	memset(out, 'x', sizeof(*out));
	MUST(login_ticket_parse(text, with, now_ms, out, &good) == PT_OK);
	MUST(good || (out->user_number == 0 && out->made_at_ms == 0));
	return good;
}

/* Valid only while it is young, with this key, and unchanged. */
static void
made_is_read(const uint8_t *inside, uint8_t change)
{
	struct login_ticket ticket, back;
	char text[LOGIN_TICKET_CHARS + 1];
	size_t at = change % LOGIN_TICKET_CHARS;
	int64_t drift, now_ms;

	memcpy(&ticket.user_number, inside, 8);
	memcpy(ticket.binding, inside + 8, DIGEST_SIZE);
	memcpy(&ticket.made_at_ms, inside + 8 + DIGEST_SIZE, 8);
	memcpy(&drift, inside + 16 + DIGEST_SIZE, 8);
	/* Both can be any time at all; every other time, one is near the other. */
	now_ms = drift & INT64_MAX;
	if (change % 2 == 0) {
		ticket.made_at_ms = NOW;
		now_ms = NOW + drift % (2 * LOGIN_TICKET_MS);
	}
	MUST(login_ticket_format(&ticket, key, text) == PT_OK);
	MUST(strlen(text) == LOGIN_TICKET_CHARS);
	MUST(parses(slice_of(text), key, now_ms, &back) ==
	    (ticket.made_at_ms <= now_ms && ticket.made_at_ms >= now_ms - LOGIN_TICKET_MS));
	if (ticket.made_at_ms >= 0) {
		MUST(parses(slice_of(text), key, ticket.made_at_ms, &back));
		MUST(back.user_number == ticket.user_number && back.made_at_ms == ticket.made_at_ms);
		MUST(memcmp(back.binding, ticket.binding, DIGEST_SIZE) == 0);
	}
	MUST(!parses(slice_of(text), other_key, ticket.made_at_ms, &back));
	text[at] = text[at] == 'A' ? 'B' : 'A';
	MUST(!parses(slice_of(text), key, ticket.made_at_ms, &back));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const uint8_t masters[2][32] = { { 1 }, { 2 } };
	struct slice text = { (const char *)bytes, len };
	char again[LOGIN_TICKET_CHARS + 1];
	struct login_ticket ticket;

	if (!key)
		MUST(mac_key_derive(masters[0], LOGIN_TICKET_LABEL, &key) == PT_OK);
	if (!other_key)
		MUST(mac_key_derive(masters[1], LOGIN_TICKET_LABEL, &other_key) == PT_OK);
	if (parses(text, key, NOW, &ticket)) {
		MUST(login_ticket_format(&ticket, key, again) == PT_OK);
		MUST(slice_eq(slice_of(again), text));
	}
	if (len > INSIDE)
		made_is_read(bytes, bytes[INSIDE]);
	return 0;
}
