#include "web/guard/guard.h"

#include "web/guard/question.h"
#include "web/http/form.h"

/* Answers according to the verdict. */
static enum pt_err
guard_say(const struct guard *guard, struct web_response *response)
{
	if (guard->refusal == GUARD_PASS)
		return guard_pass(guard, response);
	guard_refuse(guard, response);
	return PT_OK;
}

enum pt_err
guard_answer(const struct request *request, enum guard_mode mode, struct web_response *response)
{
	struct guard guard = { .request = request, .mode = mode };
	enum pt_err err = PT_OK;

	guard_read_target(&guard);
	if (mode != GUARD_DENY)
		err = guard_read_demands(&guard, request_param(request, "PINTLE_GROUP"),
		    request_param(request, "PINTLE_MAX_AGE"));
	if (err == PT_OK)
		err = mode == GUARD_DENY ? guard_decide_deny(&guard) : guard_decide_place(&guard);
	return err == PT_OK ? guard_say(&guard, response) : err;
}

/*
 * Reads the demands from a query, where each may appear once. *good is false if they are not well
 * formed.
 */
static enum pt_err
guard_read_query(const struct request *request, struct form *query, struct guard *guard, bool *good)
{
	struct slice groups = { NULL, 0 }, max_age = { NULL, 0 };
	enum pt_err err = form_parse(request->query, query, good);

	if (err == PT_OK && *good)
		*good = form_get(query, "group", &groups) != FORM_REPEATED &&
		    form_get(query, "max_age", &max_age) != FORM_REPEATED &&
		    guard_read_demands(guard, groups, max_age) == PT_OK;
	return err;
}

enum pt_err
guard_answer_query(const struct request *request, struct web_response *response, bool *good)
{
	struct guard guard = { .request = request, .mode = GUARD_VERIFY };
	struct form query;
	enum pt_err err = guard_read_query(request, &query, &guard, good);

	guard_read_target(&guard);
	if (err == PT_OK && *good)
		err = guard_decide(&guard);
	if (err == PT_OK && *good)
		err = guard_say(&guard, response);
	form_free(&query);
	return err;
}
