/*
 * A login is written: a new session with a new secret, whatever the browser brought along. Nothing
 * of that is taken over.
 */
#ifndef PINTLE_WEB_WHO_SESSION_BEGIN_H
#define PINTLE_WEB_WHO_SESSION_BEGIN_H

#include "core/login.h"
#include "web/who/second_factor.h"
#include "web/who/session_cookie.h"

struct session_begin {
	const struct user *user;
	uint32_t methods;			/* as in login_facts: without the second factor */
	bool remember;
	struct slice device_name;		/* by the person */
	const uint8_t *device;			/* the bytes of the device cookie */
	const struct second_factor *factor;	/* what was shown of it; NULL: it was not asked for */
};

/* What was begun. Wipe when done. */
struct session_begun {
	struct session session;
	struct user user;		/* as it stands by now */
	struct refresh_token token;
	int64_t now_ms;
};

/*
 * Has the store decide once more, and begin the session if it is LOGIN_GOOD still; *decision is the store's. *out is
 * filled in only then.
 */
enum pt_err session_begin(const struct request *request, const struct session_begin *wanted,
    struct login_decision *decision, struct session_begun *out);

#endif
