#include "token/login_ticket.h"

#include <string.h>

#include "token/sealed.h"

enum {
	FORM_VERSION = 1, AT_USER = 1, AT_TIME = AT_USER + 8, AT_BINDING = AT_TIME + 8,
	AT_MAC = AT_BINDING + DIGEST_SIZE
};
_Static_assert(AT_MAC + SEALED_MAC_SIZE == LOGIN_TICKET_BYTES, "the parts make the whole");
_Static_assert(BASE64URL_LEN(LOGIN_TICKET_BYTES) == LOGIN_TICKET_CHARS, "and so does its text");

enum pt_err
login_ticket_format(const struct login_ticket *ticket, const struct mac_key *key,
    char out[LOGIN_TICKET_CHARS + 1])
{
	uint8_t bytes[LOGIN_TICKET_BYTES] = { FORM_VERSION };

	sealed_put_number(bytes + AT_USER, 8, ticket->user_number);
	sealed_put_number(bytes + AT_TIME, 8, (uint64_t)ticket->made_at_ms);
	memcpy(bytes + AT_BINDING, ticket->binding, DIGEST_SIZE);
	return sealed_format(bytes, sizeof(bytes), key, out);
}

enum pt_err
login_ticket_parse(struct slice text, const struct mac_key *key, int64_t now_ms,
    struct login_ticket *out, bool *good)
{
	uint8_t bytes[LOGIN_TICKET_BYTES];
	enum pt_err err = sealed_parse(text, &key, 1, bytes, sizeof(bytes), good);
	int64_t made_at_ms = *good ? (int64_t)sealed_get_number(bytes + AT_TIME, 8) : 0;

	*out = (struct login_ticket){ 0 };
	*good = *good && bytes[0] == FORM_VERSION && made_at_ms <= now_ms &&
	    made_at_ms >= now_ms - LOGIN_TICKET_MS;
	if (*good) {
		out->user_number = sealed_get_number(bytes + AT_USER, 8);
		out->made_at_ms = made_at_ms;
		memcpy(out->binding, bytes + AT_BINDING, DIGEST_SIZE);
	}
	return err;
}
