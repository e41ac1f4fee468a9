#include "web/who/clock_check.h"

#include "base/log.h"

const struct refusal *
clock_check_demand(const struct request *request)
{
	static const struct refusal behind = {
		.status = 503,
		.error = "temporarily_unavailable",
		.text = "This server's clock is wrong. Nobody can sign in until it is set.",
		.retry_after = 60,
	};
	const int64_t now_s = request->raw->accepted.wall_ms / 1000;
	char until[CLOCK_TEXT_SIZE];
	int64_t signs_from;

	if (!keyring_is_behind(request->keys, now_s, &signs_from))
		return NULL;
	clock_format(signs_from * 1000, until);
	LOG_SPARELY(LOG_LEVEL_ERROR, "clock_behind", NULL,
	    LOG_STR("request_id", request->request_id),
	    LOG_NUM("seconds", signs_from - now_s), LOG_STR("key_signs_from", until),
	    LOG_STR("advice", "set the clock of this machine: nobody can sign in until then; if it "
	    "is right, pintle key rotate --now makes a key that signs from now on"));
	return &behind;
}
