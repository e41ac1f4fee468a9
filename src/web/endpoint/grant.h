/*
 * What a login and a refresh hand out: an access token in the body, and where
 * the rule says so a refresh token in its cookie.
 */
#ifndef PINTLE_WEB_ENDPOINT_GRANT_H
#define PINTLE_WEB_ENDPOINT_GRANT_H

#include "token/refresh_token.h"
#include "web/http/request.h"

struct grant {
	const struct user *user;
	const struct session *session;
	const struct refresh_token *refresh;	/* NULL: an access token alone, no cookie */
	const uint8_t *device;			/* of SESSION_DEVICE_SIZE bytes: the device that the cookie is for; NULL with refresh */
	int64_t access_ms;			/* life of the access token; cut at the session's end */
	int64_t now_ms;
};

/* Sets the cookies alone, where the answer is another: a redirect. grant->refresh may not be NULL. */
enum pt_err grant_cookies(const struct request *request, struct web_response *response, const struct grant *grant);

/* Sets the cookies and fills in the 200 of a login or refresh. */
enum pt_err grant_answer(const struct request *request, struct web_response *response, const struct grant *grant);

#endif
