/* What both /sessions and the account page do to one of the user's own devices. */
#ifndef PINTLE_WEB_ENDPOINT_DEVICE_H
#define PINTLE_WEB_ENDPOINT_DEVICE_H

#include "web/http/refusal.h"
#include "web/who/credential.h"

/* 404: the same for another user's session as for none, since ids are not to be tried out. */
extern const struct refusal device_unknown;

/* Renames the device of one of the user's own sessions. */
const struct refusal *device_rename(const struct request *request, const struct credential *who,
    struct slice id, struct slice name, struct session *session);

#endif
