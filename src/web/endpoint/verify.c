/*
 * GET /verify at its own address: the only place where demands may come in the query, since here
 * the caller is the one who asks.
 */
#include "web/endpoint/endpoints.h"

#include "web/guard/guard.h"

const struct refusal *
verify_get(const struct request *request, struct outcome *out)
{
	static const struct refusal malformed =
	    REFUSAL_MALFORMED("The query may say group=NAME[,NAME] and max_age=SECONDS, "
	    "each at most once.");
	bool good;
	enum pt_err err = guard_answer_query(request, out->response, &good);

	out->kind = OUTCOME_WRITTEN;
	return err == PT_OK && !good ? &malformed : refusal_failed(err);
}
