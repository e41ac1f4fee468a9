/*
 * POST /refresh in two halves, so that several can be answered together: what is read before
 * the store is asked, and what is made of its judgement.
 */
#ifndef PINTLE_WEB_ENDPOINT_REFRESH_H
#define PINTLE_WEB_ENDPOINT_REFRESH_H

#include "web/who/session_cookie.h"

struct refresh {
	const struct request *request;
	struct web_response *response;
	struct session_token presented;	/* the token that is refreshed */
	uint8_t device[SESSION_DEVICE_SIZE];
	struct store_caller caller;
	struct store_judgement judgement;
};

/* *waits: the store is to be asked; else it has been answered. Wipe *out by refresh_end, if it waits. */
enum pt_err refresh_begin(const struct request *request, struct web_response *response, struct refresh *out, bool *waits);

/* What the store is to be asked. */
struct store_refreshing refresh_question(struct refresh *refresh);

/* Answers; err is what the store's answer was. */
enum pt_err refresh_end(struct refresh *refresh, enum pt_err err);

#endif
