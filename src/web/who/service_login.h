/*
 * Which service asks: HTTP Basic (RFC 7617; RFC 6749, 2.3.1) with the name that the administrator
 * gave it and the secret that was made for it. Names and secrets consist of characters that form
 * encoding does not change, so nothing is decoded.
 */
#ifndef PINTLE_WEB_WHO_SERVICE_LOGIN_H
#define PINTLE_WEB_WHO_SERVICE_LOGIN_H

#include "web/http/body.h"

/*
 * Which service asks, and the member `token` of its form (RFC 7662, 2.1; RFC 7009, 2.1). Missing
 * credentials, an unknown name and a wrong secret are all refused with the same 401, and a body
 * without a token with a 400. *body comes in zeroed, holds the text of the token, and is yours, for
 * body_free, in any case.
 */
const struct refusal *service_login_token(const struct request *request, struct service *service,
    struct body *body, struct slice *token);

#endif
