/*
 * What a login and a refresh hand out: an access token in the body, and a refresh token in its
 * cookie if the rule says so. See DESIGN.md, amr.
 */
#ifndef PINTLE_WEB_PAGES_GRANT_H
#define PINTLE_WEB_PAGES_GRANT_H

#include "token/refresh_token.h"
#include "web/http/request.h"

struct grant {
	const struct user *user;
	const struct session *session;
	/* life of the access token, which ends with the session at the latest */
	int64_t access_ms;
	int64_t now_ms;
};

/*
 * Sets the cookies of a signed-in browser: the refresh token, the device that it belongs to
 * (SESSION_DEVICE_SIZE bytes), and the gate cookie.
 */
enum pt_err grant_set_cookies(const struct request *request, struct web_response *response,
    const struct grant *grant, const struct refresh_token *token, const uint8_t *device);

/* Signs the access token and fills in the 200 of a login or refresh. */
enum pt_err grant_answer(const struct request *request, struct web_response *response,
    const struct grant *grant);

#endif
