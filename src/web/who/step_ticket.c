#include "web/who/step_ticket.h"

#include "base/secret.h"
#include "crypto/digest.h"
#include "web/who/session_cookie.h"

/* What a ticket is bound to: if any of it changes, the person has to start again. */
static enum pt_err
step_ticket_bind(const struct user *user, const struct otp *otp, const uint8_t *device,
    uint8_t out[DIGEST_SIZE])
{
	struct buf text = BUF_EMPTY;

	buf_append(&text, user->password_hash, sizeof(user->password_hash));
	buf_append(&text, device, SESSION_DEVICE_SIZE);
	buf_append(&text, otp->on ? otp->sealed : otp->pending, OTP_SEALED_SIZE);
	enum pt_err err = buf_status(&text);

	if (err == PT_OK)
		err = digest_sha256(text.ptr, text.len, out);
	buf_free(&text);
	return err;
}

enum pt_err
step_ticket_make(const struct request *request, const struct user *user, const struct otp *otp,
    const uint8_t *device, char out[LOGIN_TICKET_CHARS + 1])
{
	struct login_ticket ticket = { .user_number = user->number,
	    .made_at_ms = clock_now().wall_ms };
	struct mac_key *key = NULL;
	enum pt_err err = step_ticket_bind(user, otp, device, ticket.binding);

	if (err == PT_OK)
		err = keyring_derive(request->keys, LOGIN_TICKET_LABEL, &key);
	if (err == PT_OK)
		err = login_ticket_format(&ticket, key, out);
	mac_key_free(key);
	return err;
}

enum pt_err
step_ticket_read(const struct request *request, struct slice text, const uint8_t *device,
    struct user *user, bool *good)
{
	struct login_ticket ticket;
	uint8_t binding[DIGEST_SIZE];
	struct otp otp;
	bool found;
	struct mac_key *key = NULL;
	enum pt_err err = keyring_derive(request->keys, LOGIN_TICKET_LABEL, &key);

	*good = false;
	if (err == PT_OK)
		err = login_ticket_parse(text, key, clock_now().wall_ms, &ticket, good);
	mac_key_free(key);
	if (err != PT_OK || !*good)
		return err;
	err = store_user_by_number(request->app->store, ticket.user_number, user, good);
	if (err == PT_OK && *good)
		err = store_otp_get(request->app->store, user->number, &otp, &found);
	if (err == PT_OK && *good)
		err = step_ticket_bind(user, &otp, device, binding);
	*good = err == PT_OK && *good && !user->disabled &&
	    secret_eq(binding, ticket.binding, sizeof(binding));
	return err;
}
