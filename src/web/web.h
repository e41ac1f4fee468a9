/*
 * From a request to its answer: find the route, check the form, gather facts,
 * let the core decide, apply, sign. The only two structs that cross to the gates.
 */
#ifndef PINTLE_WEB_WEB_H
#define PINTLE_WEB_WEB_H

#include "base/buf.h"
#include "base/clock.h"
#include "core/records.h"
#include "web/settings.h"

#define WEB_MAX_BODY 16384	/* bytes */
#define WEB_MAX_PARAMS 256	/* FastCGI parameters or CGI variables that are looked at */

/* One parameter as the web server gave it: REQUEST_METHOD, HTTP_COOKIE, PINTLE_MODE and so on. */
struct web_param {
	struct slice name;
	struct slice value;
};

enum web_role { WEB_RESPONDER = 0, WEB_AUTHORIZER, WEB_CGI };

enum web_body_state {
	WEB_BODY_WHOLE = 0,	/* all of it is there (or there is none) */
	WEB_BODY_TOO_LARGE,	/* over WEB_MAX_BODY: body is empty */
	WEB_BODY_SHORT,		/* what came has not the length that CONTENT_LENGTH says: body is empty */
};

/* A request, filled by a gate. Everything is borrowed for the call. */
struct web_request {
	enum web_role role;
	const struct web_param *params;
	size_t param_count;
	struct slice body;
	enum web_body_state body_state;
	struct instant accepted;
	/* Whether the peer still waits for the answer; NULL: cannot be told. */
	bool (*peer_waits)(void *ctx);
	void *peer_ctx;
	bool peer_keeps;	/* the web server wants to use its connection again, which is closed all the same */
};

/* The value of a parameter, the last one if it came twice; the empty slice if absent. */
struct slice web_param(const struct web_request *request, const char *name);

/* The answer. head holds finished header lines, each ended by CR LF, without Status and Content-Length: those are the gate's. */
struct web_response {
	int status;		/* 0 is sent as 500 */
	struct buf head;
	struct buf body;
	unsigned max_age;	/* seconds that anybody may keep a 200 or 304; 0: no-store */
	bool head_only;		/* HEAD: the body's length, not the body */
	bool fatal;		/* the store is not to be trusted: answer, then leave */
};

/* Everything that answering needs, made once by the program. */
struct web_app;
struct store;
struct keyring_watch;
struct password_slots;
struct limits;

/* All five are borrowed and must outlive the app. *out is yours, for web_app_free. */
enum pt_err web_app_new(const struct settings *settings, struct store *store, struct keyring_watch *keys,
    struct password_slots *slots, struct limits *limits, struct web_app **out);
void web_app_free(struct web_app *app);

/* Whom a request counts for, by its REMOTE_ADDR and X-Forwarded-For. */
void web_sender(const struct web_app *app, struct slice peer, struct slice forwarded, char out[ADDRESS_SIZE]);

/*
 * Whether the request is answered within a fraction of a millisecond, unless it says that it
 * waits (base/waiting.h). What is not known to be so may take its time.
 */
bool web_is_quick(const struct web_request *request);

/* Whether it gains by being answered together with others of its kind, which write to the store. */
bool web_goes_together(const struct web_request *request);

/* Answers any request; response comes in zeroed and is released by web_response_free. Never fails: what fails becomes a 5xx. */
void web_answer(struct web_app *app, const struct web_request *request, struct web_response *response);

/* The same for several, at most WEB_TOGETHER_MAX, which share what a durable write costs. None is answered before all are. */
#define WEB_TOGETHER_MAX 32
void web_answer_together(struct web_app *app, const struct web_request *const requests[],
    struct web_response *const responses[], size_t count);
void web_response_free(struct web_response *response);

#endif
