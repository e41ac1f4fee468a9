/*
 * Why a request gets no more than an error. A refusal is a value: what may refuse gives a
 * `const struct refusal *`, NULL being "go on", and whoever shows the answer decides how it
 * looks. Something that failed here is a refusal too, so that one check stops the way.
 */
#ifndef PINTLE_WEB_HTTP_REFUSAL_H
#define PINTLE_WEB_HTTP_REFUSAL_H

#include "base/error.h"
#include "base/slice.h"
#include "core/reason.h"

struct refusal {
	int status;
	const char *error;		/* the code, in OAuth's manner: "invalid_request" */
	const char *text;		/* one sentence for a person */
	enum reason reason;		/* adds the member `reason`; REASON_NONE: none */
	bool asks;			/* nothing was wrong: a page asks for what is missing, and says so itself */
	bool token_sent;		/* a 401 to a Bearer token: its challenge says invalid_token (RFC 6750, 3) */
	const char *challenge;		/* of a 401 that asks for no Bearer token; NULL: it does */
	unsigned retry_after;		/* seconds; 0: not said */
	bool says_when;			/* a second sentence says the same: "Try again in 3 minutes." */
	enum pt_err failure;		/* what failed here, for the log alone; PT_OK: nothing did */
};

/* A request that breaks the form it must have. */
#define REFUSAL_MALFORMED(sentence) { .status = 400, .error = "invalid_request", .text = (sentence) }

/* What a failure looks like from outside: nothing of its cause. NULL for PT_OK. */
const struct refusal *refusal_failed(enum pt_err err);

#define REFUSAL_TEXT_SIZE 256

/* What a person is told, in memory where it has to be put together; the empty slice for NULL. */
struct slice refusal_text(const struct refusal *refusal, char memory[REFUSAL_TEXT_SIZE]);

#endif
