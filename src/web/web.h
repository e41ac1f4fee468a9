/*
 * From a request to its answer: find the route, check the form, gather facts,
 * let the core decide, apply, sign.
 */
#ifndef PINTLE_WEB_WEB_H
#define PINTLE_WEB_WEB_H

#include "conf/settings.h"
#include "core/records.h"
#include "web/http/message.h"

/* Everything that is needed to answer, made once by the program. */
struct web_app;
struct store;
struct keyring_watch;
struct password_slots;
struct limits;

/* All five are borrowed and must outlive the app. *out is yours, for web_app_free. */
enum pt_err web_app_new(const struct settings *settings, struct store *store,
    struct keyring_watch *keys,
    struct password_slots *slots, struct limits *limits, struct web_app **out);
void web_app_free(struct web_app *app);

/* The address that a request counts for, from its REMOTE_ADDR and X-Forwarded-For. */
void web_sender(const struct web_app *app, struct slice peer, struct slice forwarded,
    char out[ADDRESS_SIZE]);

/*
 * Whether the request is answered within a fraction of a millisecond, unless it says that it waits
 * (base/waiting.h). Any other may take longer.
 */
bool web_is_quick(const struct web_request *request);

/*
 * Whether it gains from being answered together with others of its kind, which write to the store.
 */
bool web_goes_together(const struct web_request *request);

/*
 * Answers any request. response comes in zeroed and is released by web_response_free. Never fails:
 * a failure becomes a 5xx.
 */
void web_answer(struct web_app *app, const struct web_request *request,
    struct web_response *response);

/*
 * The same for several requests, at most WEB_TOGETHER_MAX, which share the cost of a durable write.
 * All are answered together.
 */
#define WEB_TOGETHER_MAX 32
void web_answer_together(struct web_app *app, const struct web_request *const requests[],
    struct web_response *const responses[], size_t count);

#endif
