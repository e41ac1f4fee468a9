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

#endif
