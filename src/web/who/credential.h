/*
 * Who asks: the access token in Authorization: Bearer (RFC 6750, 2.1), else
 * the refresh cookie, judged without rotation. Whichever it is, the standing of
 * its session is read from the store every time: a logout counts at once.
 */
#ifndef PINTLE_WEB_WHO_CREDENTIAL_H
#define PINTLE_WEB_WHO_CREDENTIAL_H

#include "token/access_token.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

struct credential {
	bool good;		/* false: nobody is let in */
	bool bearer;		/* this is about the access token that was sent, not about a cookie */
	bool remembered;	/* its signature had been verified before */
	enum reason reason;	/* where not good */
	struct session session;	/* where good */
	struct user user;
	struct refusal refusal;	/* of credential_demand */
};

enum pt_err credential_read(const struct request *request, struct credential *out);

/*
 * Who asks for something guarded: the access token, else the gate cookie, but not with bearer_only. A Bearer token
 * that is not good is the application's affair where the cookie is: it may have tokens of its own.
 * Never the refresh cookie, which its path keeps from these requests.
 */
enum pt_err credential_read_gate(const struct request *request, bool bearer_only, struct credential *out);

/*
 * What an access token says, verified anew for whoever wants all of it, and whether it stands now. *token is
 * yours, for access_token_free: empty where it is no token of ours, which is out->reason REASON_BAD_TOKEN.
 */
enum pt_err credential_read_access(const struct request *request, struct slice text, struct access_token *token,
    struct credential *out);

/* As credential_read, for an endpoint that wants somebody: a 401 if nobody is let in. It points into *out. */
const struct refusal *credential_demand(const struct request *request, struct credential *out);

#endif
