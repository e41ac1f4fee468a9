/*
 * Begins the session of a login: always a new session with a new secret. Nothing that the browser
 * sent is taken over.
 */
#ifndef PINTLE_WEB_WHO_SESSION_BEGIN_H
#define PINTLE_WEB_WHO_SESSION_BEGIN_H

#include "core/login.h"
#include "web/who/second_factor.h"
#include "web/who/session_cookie.h"

struct session_begin {
	const struct user *user;
	uint32_t methods;			/* as in login_facts, without the second factor */
	bool remember;
	struct slice device_name;		/* given by the person */
	const uint8_t *device;			/* the bytes of the device cookie */
	const struct second_factor *factor;	/* what was shown of it; NULL: none was asked for */
};

/* The session that began. Wipe when done. */
struct session_begun {
	struct session session;
	struct user user;		/* as the user is now */
	struct refresh_token token;
	int64_t now_ms;
};

/*
 * Lets the store decide again, and begins the session if the result is still LOGIN_GOOD; only then
 * is *out filled in. *decision is the store's.
 */
enum pt_err session_begin(const struct request *request, const struct session_begin *wanted,
    struct login_decision *decision, struct session_begun *out);

#endif
