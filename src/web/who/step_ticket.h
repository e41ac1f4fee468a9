/*
 * The ticket that stands in for the password while a login in pages asks for more, so that no page
 * contains the password. It is bound to the browser and to the user's password and second factor at
 * that moment.
 */
#ifndef PINTLE_WEB_WHO_STEP_TICKET_H
#define PINTLE_WEB_WHO_STEP_TICKET_H

#include "token/login_ticket.h"
#include "web/http/request.h"

/*
 * A ticket for a user whose password was right; device: the bytes of the device cookie. Wipe when
 * done.
 */
enum pt_err step_ticket_make(const struct request *request, const struct user *user,
    const struct otp *otp, const uint8_t *device, char out[LOGIN_TICKET_CHARS + 1]);

/*
 * The user whom a ticket names. *good is false unless the ticket is ours, in time and of this
 * device, and the password and second factor have not changed since it was made.
 */
enum pt_err step_ticket_read(const struct request *request, struct slice ticket,
    const uint8_t *device, struct user *user, bool *good);

#endif
