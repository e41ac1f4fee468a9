/*
 * Which service asks: HTTP Basic (RFC 7617; RFC 6749, 2.3.1) with the name
 * that the administrator gave it and the secret that was made for it. Names and
 * secrets are of characters that form encoding leaves alone, so none is undone.
 */
#ifndef PINTLE_WEB_WHO_SERVICE_LOGIN_H
#define PINTLE_WEB_WHO_SERVICE_LOGIN_H

#include "web/http/body.h"

/*
 * Which service it is, and the member `token` of the form that it sends (RFC 7662, 2.1; RFC 7009, 2.1). Where *good is
 * false the refusal is filled in: a 401, the same for no credentials, an unknown name and a wrong secret, or a 400 for
 * a body without a token. *body holds the token's text and is yours, for body_free, either way.
 */
enum pt_err service_login_token(const struct request *request, struct web_response *response, struct service *service,
    struct body *body, struct slice *token, bool *good);

#endif
