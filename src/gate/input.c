#include "gate/input.h"

/* A parameter that is kept from the endpoints. */
struct hidden {
	struct slice name;
	bool when_trusted;	/* even if the peer is believed */
};

static const struct hidden hidden[] = {
	/* Apache's authorizer sends the clear password of Basic, which nothing here needs. */
	{ { "REMOTE_PASSWD", 13 }, true },
	/* Over TCP, any process on the machine could claim that anybody is signed in. */
	{ { "REMOTE_USER", 11 }, false },
	{ { "AUTH_TYPE", 9 }, false },
};

static bool
input_is_hidden(struct slice name, bool trusted)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if (slice_eq(name, hidden[i].name))
			return hidden[i].when_trusted || !trusted;
	}
	return false;
}

bool
gate_input_params(struct web_request *request, struct web_param params[WEB_MAX_PARAMS],
    char *const *texts, bool trusted)
{
	request->params = params;
	request->param_count = 0;
	for (; *texts != NULL; texts++) {
		struct slice name, value;

		if (!slice_cut(slice_of(*texts), '=', &name, &value) ||
		    input_is_hidden(name, trusted))
			continue;
		if (request->param_count == WEB_MAX_PARAMS)
			return false;
		params[request->param_count++] = (struct web_param){ name, value };
	}
	return true;
}

enum web_body_state
gate_input_body(const struct web_request *request, uint64_t got, bool ended)
{
	struct slice text = web_param(request, "CONTENT_LENGTH");
	uint64_t declared = got;

	/* Caddy says so when it does not know the length: the request is chunked. */
	if (slice_eq(text, SLICE("-1")))
		text.len = 0;
	if (got > WEB_MAX_BODY)
		return WEB_BODY_TOO_LARGE;
	if (text.len > 0 && !slice_to_u64(text, &declared))
		return WEB_BODY_SHORT;
	if (declared > WEB_MAX_BODY)
		return WEB_BODY_TOO_LARGE;
	return ended && declared == got ? WEB_BODY_WHOLE : WEB_BODY_SHORT;
}
