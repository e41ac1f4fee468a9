/*
 * A request as a gate hands it in, and the answer as it goes back: the only two
 * structs that cross between the gates and the web.
 */
#ifndef PINTLE_WEB_HTTP_MESSAGE_H
#define PINTLE_WEB_HTTP_MESSAGE_H

#include "base/buf.h"
#include "base/clock.h"

#define WEB_MAX_BODY 16384	/* bytes */
#define WEB_MAX_PARAMS 256	/* the most FastCGI parameters or CGI variables of a request */

/* One parameter as the web server gave it: REQUEST_METHOD, HTTP_COOKIE, PINTLE_MODE and so on. */
struct web_param {
	struct slice name;
	struct slice value;
};

enum web_role { WEB_RESPONDER = 0, WEB_AUTHORIZER, WEB_CGI };

enum web_body_state {
	WEB_BODY_WHOLE = 0,	/* it is all there (or there is none) */
	WEB_BODY_TOO_LARGE,	/* over WEB_MAX_BODY: body is empty */
	WEB_BODY_SHORT,		/* its length is not what CONTENT_LENGTH says: body is empty */
};

/* A request, filled by a gate. Everything is borrowed for the call. */
struct web_request {
	enum web_role role;
	const struct web_param *params;
	size_t param_count;
	struct slice body;
	enum web_body_state body_state;
	struct instant accepted;
	/* Whether the peer still waits for the answer; NULL: that is not known. */
	bool (*peer_waits)(void *ctx);
	void *peer_ctx;
	/* the web server asked to keep the connection, which is closed all the same */
	bool peer_keeps;
};

/* The value of a parameter, the last one if it came twice; the empty slice if absent. */
struct slice web_param(const struct web_request *request, const char *name);

/*
 * The answer. head holds finished header lines, each ended by CR LF, without Status and
 * Content-Length: the gate writes those.
 */
struct web_response {
	int status;		/* 0 is sent as 500 */
	struct buf head;
	struct buf body;
	unsigned max_age;	/* how many seconds anybody may keep a 200 or 304; 0: no-store */
	bool asked_again;	/* instead: anybody may keep it, and asks each time */
	bool head_only;		/* HEAD: the body's length, not the body */
	bool fatal;		/* the store is not to be trusted: answer, then leave */
};

/* Releases what the answer holds. */
void web_response_free(struct web_response *response);

#endif
