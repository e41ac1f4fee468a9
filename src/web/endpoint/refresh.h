/*
 * POST /refresh in two halves, so that several can be answered together: one before the store is
 * asked, one after its judgement.
 */
#ifndef PINTLE_WEB_ENDPOINT_REFRESH_H
#define PINTLE_WEB_ENDPOINT_REFRESH_H

#include "web/pages/outcome.h"

struct refresh {
	const struct request *request;
	struct outcome *out;
	struct session_token presented;	/* the token to refresh */
	uint8_t device[SESSION_DEVICE_SIZE];
	struct store_caller caller;
	struct store_judgement judgement;
};

/* *waits: ask the store, then call refresh_end; otherwise nothing is left to do. */
const struct refusal *refresh_begin(const struct request *request, struct outcome *out,
    struct refresh *refresh, bool *waits);

/* The question for the store. */
struct store_refreshing refresh_question(struct refresh *refresh);

/* The second half; err is the store's answer. Wipes the token. */
const struct refusal *refresh_end(struct refresh *refresh, enum pt_err err);

#endif
