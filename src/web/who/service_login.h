/*
 * Which service asks: HTTP Basic (RFC 7617; RFC 6749, 2.3.1) with the name
 * that the administrator gave it and the secret that was made for it. Names and
 * secrets are of characters that form encoding leaves alone, so none is undone.
 */
#ifndef PINTLE_WEB_WHO_SERVICE_LOGIN_H
#define PINTLE_WEB_WHO_SERVICE_LOGIN_H

#include "web/http/body.h"

/*
 * Which service it is, and the member `token` of the form that it sends (RFC 7662, 2.1; RFC 7009, 2.1). Refused are with
 * a 401, the same one, no credentials, an unknown name and a wrong secret, and with a 400 a body without a token.
 * *body comes in zeroed, holds the token's text and is yours, for body_free, either way.
 */
const struct refusal *service_login_token(const struct request *request, struct service *service, struct body *body,
    struct slice *token);

#endif
