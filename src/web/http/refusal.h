/*
 * Why a request gets nothing but an error. A refusal is a value: a function that may refuse returns
 * a `const struct refusal *`, where NULL means "go on", and the code that shows the answer decides
 * how it looks. A failure is a refusal too, so that one check is enough. See DESIGN.md, Refusals
 * are values.
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
	/* nothing was wrong, something is missing: a page asks for it in its own words */
	bool asks;
	/* a 401 to a Bearer token: its challenge says invalid_token (RFC 6750, 3) */
	bool token_sent;
	/* of a 401 that does not ask for a Bearer token; NULL: it does */
	const char *challenge;
	unsigned retry_after;		/* seconds; 0: not said */
	bool says_when;			/* the text goes on: "Try again in 3 minutes." */
	enum pt_err failure;		/* what failed here, only for the log; PT_OK: nothing did */
};

/* A request that does not have the form it must have. */
#define REFUSAL_MALFORMED(sentence) { \
	.status = 400, .error = "invalid_request", .text = (sentence), \
}

/* What a failure looks like from outside, which does not show its cause. NULL for PT_OK. */
const struct refusal *refusal_failed(enum pt_err err);

#define REFUSAL_TEXT_SIZE 256

/* What a person is told. Uses memory if the text has to be composed; the empty slice for NULL. */
struct slice refusal_text(const struct refusal *refusal, char memory[REFUSAL_TEXT_SIZE]);

#endif
