/* What is asked for, and what the server demands of whoever asks. */
#include "web/guard/question.h"

#include "core/username.h"

enum pt_err
guard_read_demands(struct guard *guard, struct slice groups, struct slice max_age)
{
	uint64_t seconds;

	guard->groups = groups;
	guard->max_age_s = -1;
	if (groups.ptr && (groups.len == 0 || !groups_valid(groups)))
		return PT_ERR_INVALID;
	if (max_age.ptr == NULL)
		return PT_OK;
	if (!slice_to_u64(max_age, &seconds) || seconds > INT32_MAX)
		return PT_ERR_INVALID;
	guard->max_age_s = (int64_t)seconds;
	return PT_OK;
}

static bool
method_is_safe(struct slice method)
{
	return slice_eq(method, SLICE("GET")) || slice_eq(method, SLICE("HEAD")) ||
	    slice_eq(method, SLICE("OPTIONS"));
}

/* Whether Accept names HTML: for browsers that send no Sec-Fetch-Mode. */
static bool
accepts_html(struct slice accept)
{
	struct slice type;

	while (accept.len) {
		slice_cut(accept, ',', &type, &accept);
		slice_cut(type, ';', &type, &(struct slice){ 0 });
		if (slice_eq_nocase(slice_trim(type), SLICE("text/html")))
			return true;
	}
	return false;
}

/* The first of these parameters that is there. */
static struct slice
guard_first(const struct request *request, const char *const names[], size_t count)
{
	struct slice value = { NULL, 0 };

	for (size_t i = 0; i < count && value.ptr == NULL; i++)
		value = request_param(request, names[i]);
	return value;
}

void
guard_read_target(struct guard *guard)
{
	static const char *const methods[] = { "PINTLE_METHOD", "HTTP_X_FORWARDED_METHOD",
	    "HTTP_X_ORIGINAL_METHOD" };
	static const char *const addresses[] = { "PINTLE_URI", "HTTP_X_FORWARDED_URI",
	    "HTTP_X_ORIGINAL_URL",
		"HTTP_X_ORIGINAL_URI" };
	const struct request *request = guard->request;
	const bool forward = guard->mode == GUARD_FORWARD;
	struct slice fetch_mode = request_param(request, "HTTP_SEC_FETCH_MODE");

	guard->method = guard_first(request, methods,
	    forward ? sizeof(methods) / sizeof(methods[0]) : 1);
	/*
	 * Gateways that ask by a request of their own leave Upgrade out; the headers that come
	 * with it still show that this is a WebSocket.
	 */
	guard->unsafe = request->unsafe || (guard->method.ptr && !method_is_safe(guard->method)) ||
	    request_param(request, "HTTP_SEC_WEBSOCKET_VERSION").len > 0;
	if (guard->method.ptr == NULL)
		guard->method = request_param(request, "REQUEST_METHOD");
	guard->address = guard_first(request, addresses,
	    forward ? sizeof(addresses) / sizeof(addresses[0]) : 1);
	if (guard->address.ptr == NULL && !forward)
		guard->address = request_param(request, "REQUEST_URI");
	guard->navigation = fetch_mode.len ? slice_eq(fetch_mode, SLICE("navigate")) :
	    accepts_html(request_param(request, "HTTP_ACCEPT"));
}
