/*
 * Who asks: the access token in Authorization: Bearer (RFC 6750, 2.1), else the refresh cookie,
 * judged without rotation. Whichever it is, the standing of its session is read from the store
 * every time: a logout counts at once. See DESIGN.md, The Bearer token comes before the gate
 * cookie.
 */
#ifndef PINTLE_WEB_WHO_CREDENTIAL_H
#define PINTLE_WEB_WHO_CREDENTIAL_H

#include "token/access_token.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

struct credential {
	bool good;		/* false: the caller is not let in */
	bool bearer;		/* an access token was sent and judged, not a cookie */
	bool remembered;	/* its signature had been verified before */
	enum reason reason;	/* where not good */
	struct session session;	/* where good */
	struct user user;
	struct refusal refusal;	/* of credential_demand */
};

enum pt_err credential_read(const struct request *request, struct credential *out);

/*
 * Who asks for something guarded: by the access token, or else by the gate cookie unless
 * bearer_only is set. If the cookie is good, a Bearer token that is not is left to the application,
 * which may have tokens of its own. The refresh cookie is never used: its path keeps it away from
 * these requests.
 */
enum pt_err credential_read_gate(const struct request *request, bool bearer_only,
    struct credential *out);

/*
 * What an access token says, verified anew for a caller that needs all of it, and whether it stands
 * now. *token is yours, for access_token_free; if the token is not ours, it is
 * empty and out->reason is REASON_BAD_TOKEN.
 */
enum pt_err credential_read_access(const struct request *request, struct slice text,
    struct access_token *token, struct credential *out);

/*
 * The same as credential_read for an endpoint that requires a user: a 401 if nobody is let in. The
 * refusal points into *out.
 */
const struct refusal *credential_demand(const struct request *request, struct credential *out);

#endif
