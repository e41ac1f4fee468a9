/*
 * The second step of a login in pages: it asks for a code, or sets up a second factor. A ticket
 * stands in for the password (web/who/step_ticket.h).
 */
#ifndef PINTLE_WEB_PAGES_SECOND_STEP_H
#define PINTLE_WEB_PAGES_SECOND_STEP_H

#include "web/pages/outcome.h"

/*
 * The page that asks for a code, or shows out->secret as a QR code and asks for its first code. The
 * text of the refusal stands above the field, unless it only asks.
 */
outcome_page second_step_page;

/* Shows the recovery codes, which happens once, and the way on. */
void second_step_codes(const struct request *request, struct web_response *response,
    const struct recovery_codes *codes, struct slice return_to);

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
