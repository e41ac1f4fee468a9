/*
 * What a login and a refresh hand out: an access token in the body, and where
 * the rule says so a refresh token in its cookie.
 */
#ifndef PINTLE_WEB_PAGES_GRANT_H
#define PINTLE_WEB_PAGES_GRANT_H

#include "token/refresh_token.h"
#include "web/http/request.h"

struct grant {
	const struct user *user;
	const struct session *session;
	int64_t access_ms;	/* life of the access token; cut at the session's end */
	int64_t now_ms;
};

/* Sets the cookies of a signed-in browser: the refresh token, and of SESSION_DEVICE_SIZE bytes the device that it is for. */
enum pt_err grant_set_cookies(const struct request *request, struct web_response *response, const struct grant *grant,
    const struct refresh_token *token, const uint8_t *device);

/* Signs the access token, and fills in the 200 of a login or refresh. */
enum pt_err grant_answer(const struct request *request, struct web_response *response, const struct grant *grant);

#endif
