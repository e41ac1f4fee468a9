/*
 * POST /refresh in two halves, so that several can be answered together: what is read before
 * the store is asked, and what comes of its judgement.
 */
#ifndef PINTLE_WEB_ENDPOINT_REFRESH_H
#define PINTLE_WEB_ENDPOINT_REFRESH_H

#include "web/pages/outcome.h"

struct refresh {
	const struct request *request;
	struct outcome *out;
	struct session_token presented;	/* the token that is refreshed */
	uint8_t device[SESSION_DEVICE_SIZE];
	struct store_caller caller;
	struct store_judgement judgement;
};

/* *waits: the store is to be asked, and refresh_end ends it; else there is nothing to end. */
const struct refusal *refresh_begin(const struct request *request, struct outcome *out, struct refresh *refresh,
    bool *waits);

/* What the store is to be asked. */
struct store_refreshing refresh_question(struct refresh *refresh);

/* What comes of it; err is what the store's answer was. Wipes the token. */
const struct refusal *refresh_end(struct refresh *refresh, enum pt_err err);

#endif
