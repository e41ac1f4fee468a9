#include "web/http/refusal.h"

#include <stdio.h>

#define FAILED_HERE(err) { \
	.status = 500, .error = "server_error", .text = "Something went wrong here.", \
	.failure = (err), \
}
#define NOT_NOW(err) { \
	.status = 503, .error = "temporarily_unavailable", \
	.text = "The service cannot do this now.", \
	.failure = (err), \
}
#define OVERLOADED(err) { \
	.status = 503, .error = "temporarily_unavailable", \
	.text = "The service is overloaded.", \
	.retry_after = 1, .failure = (err), \
}

/* A failure without a row of its own looks like any other. */
static const struct refusal failures[] = {
	[PT_OK] = FAILED_HERE(PT_ERR_INVALID),
	[PT_ERR_NOMEM] = OVERLOADED(PT_ERR_NOMEM),
	[PT_ERR_IO] = NOT_NOW(PT_ERR_IO),
	[PT_ERR_CRYPTO] = FAILED_HERE(PT_ERR_CRYPTO),
	[PT_ERR_INVALID] = FAILED_HERE(PT_ERR_INVALID),
	[PT_ERR_CORRUPT] = FAILED_HERE(PT_ERR_CORRUPT),
	[PT_ERR_FULL] = NOT_NOW(PT_ERR_FULL),
	[PT_ERR_BUSY] = OVERLOADED(PT_ERR_BUSY),
	[PT_ERR_GONE] = { .status = 503, .error = "temporarily_unavailable", .retry_after = 1,
	    .failure = PT_ERR_GONE,
	    .text = "The request waited too long, and nothing was changed." },
	[PT_ERR_PERM] = FAILED_HERE(PT_ERR_PERM),
	[PT_ERR_SCHEMA] = FAILED_HERE(PT_ERR_SCHEMA),
	[PT_ERR_FATAL] = FAILED_HERE(PT_ERR_FATAL),
};

const struct refusal *
refusal_failed(enum pt_err err)
{
	if (err == PT_OK)
		return NULL;
	return &failures[(size_t)err < sizeof(failures) / sizeof(failures[0]) ? err : PT_OK];
}

/*
 * Uses the larger unit from 91 of the smaller one on, and rounds up, so nobody is told to come back
 * too early.
 */
static struct slice
text_with_wait(const struct refusal *refusal, char memory[REFUSAL_TEXT_SIZE])
{
	static const char *const units[] = { "second", "minute", "hour" };
	unsigned n = refusal->retry_after;
	size_t unit = 0;

	while (n > 90 && unit < 2) {
		n = (n + 59) / 60;
		unit++;
	}
	snprintf(memory, REFUSAL_TEXT_SIZE, "%s Try again in %u %s%s.", refusal->text, n,
	    units[unit], n == 1 ? "" : "s");
	return slice_of(memory);
}

struct slice
refusal_text(const struct refusal *refusal, char memory[REFUSAL_TEXT_SIZE])
{
	if (refusal == NULL)
		return SLICE("");
	return refusal->says_when ? text_with_wait(refusal, memory) : slice_of(refusal->text);
}
