/*
 * The second step of a login in pages: a code is asked for, or a second factor
 * enrolled, with a ticket in the place of the password, which no page holds.
 */
#ifndef PINTLE_WEB_PAGES_SECOND_STEP_H
#define PINTLE_WEB_PAGES_SECOND_STEP_H

#include "web/who/second_factor.h"

struct second_step {
	const struct user *user;
	const struct otp *otp;		/* as it stands now: the ticket is bound to it */
	const uint8_t *device;		/* the bytes of the device cookie */
	const struct refusal *refusal;	/* the status, and what is said above the field if its text is not empty */
	struct slice return_to;
	struct slice device_name;
	bool remember;
};

/* The page that asks for a code of the second factor that is on. */
enum pt_err second_step_ask(const struct request *request, struct web_response *response,
    const struct second_step *step);

/* The page that shows secret as a QR code and asks for its first code. */
enum pt_err second_step_enrol(const struct request *request, struct web_response *response,
    const struct second_step *step, const uint8_t secret[TOTP_SECRET_SIZE]);

/* The recovery codes, once, and the way on. */
void second_step_codes(const struct request *request, struct web_response *response,
    const struct recovery_codes *codes, struct slice return_to);

/*
 * The user whom a ticket names. *good is false unless it is one of ours, in time, of this device, and password and
 * second factor are still those of when it was made.
 */
enum pt_err second_step_read(const struct request *request, struct slice ticket, const uint8_t *device,
    struct user *user, bool *good);

/* The fields of a page that shows a secret: its QR code, its text, its address. Wipe when done. */
struct secret_view {
	struct buf path;
	struct buf address;
	char size[12];
	char text[64];	/* base32 in groups of four */
};
enum pt_err secret_view_make(const struct request *request, const struct user *user,
    const uint8_t secret[TOTP_SECRET_SIZE], struct secret_view *out);
void secret_view_free(struct secret_view *view);

#endif
