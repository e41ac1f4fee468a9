/*
 * GET /status-list: which sessions have ended, for services that verify access tokens by themselves
 * (draft-ietf-oauth-status-list-18, 8.1). See DESIGN.md, The status list's ETag.
 */
#include "web/endpoint/endpoints.h"

#include "base/log.h"
#include "token/status_list.h"
#include "web/endpoint/status_cache.h"
#include "web/http/public.h"

/*
 * How many seconds caches may keep it: a service that fetches it every ttl must not get an older
 * one. Asking again costs only a 304.
 */
#define MAX_AGE 1

/* Whether a list of another time is asked for (8.4); such lists are not kept. */
static bool
status_list_is_historical(struct slice query)
{
	struct slice one;

	while (query.len) {
		slice_cut(query, '&', &one, &query);
		if (slice_starts(one, SLICE("time=")) || slice_eq(one, SLICE("time")))
			return true;
	}
	return false;
}

const struct refusal *
status_list_get(const struct request *request, struct outcome *out)
{
	static const struct refusal historical = {
		.status = 501, .error = "invalid_request",
		.text = "Status lists of another time are not kept.",
	};
	static const struct refusal no_key = {
		.status = 503, .error = "temporarily_unavailable",
		.text = "There is no key to sign the list with.",
	};
	const struct web_app *app = request->app;
	const struct status_cache_source source = {
		.store = app->store,
		.keys = app->settings->status_list_shared ?
		    request->keys : keyring_status_keys(request->keys),
		.uri = buf_slice(&app->status_uri),
		.now_ms = request->raw->accepted.wall_ms,
		.ttl = app->settings->status_ttl_ms / 1000,
	};
	const struct status_cache_copy *copy;

	if (status_list_is_historical(request->query))
		return &historical;
	if (source.keys == NULL) {
		LOG_SPARELY(LOG_LEVEL_ERROR, "no_status_key", NULL,
		    LOG_STR("advice", "pintle key rotate creates one"));
		return &no_key;
	}
	enum pt_err err = status_cache_hold(app->status_cache, &source, &copy);

	if (err == PT_OK)
		err = public_answer_tagged(request, out->response, &(struct public_copy){
			.type = STATUS_LIST_MEDIA_TYPE,
			.max_age = MAX_AGE,
			.body = &copy->token,
			.tag = &copy->tag,
		});
	status_cache_release(app->status_cache, copy);
	out->kind = OUTCOME_WRITTEN;
	return refusal_failed(err);
}
