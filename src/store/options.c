#include "store/options.h"

#include "core/rotate.h"

/*
 * Tokens with a full life are handed out until the end of the hand-out time, tokens with its length
 * as their life until the end of the quiet period after it (rotation.md, rows 2 and 3).
 */
static int64_t
tokens_ms(const struct settings *settings)
{
	const struct rotate_periods *periods = &settings->periods;
	int64_t ttl = settings->access_ttl_ms > ROTATE_LEAST_LIFE_MS ?
	    settings->access_ttl_ms : ROTATE_LEAST_LIFE_MS;
	int64_t full = ttl + periods->hand_out_ms;
	int64_t last = rotate_alone_life_ms(periods) + periods->hand_out_ms + periods->quiet_ms;

	return full > last ? full : last;
}

/* for another process that is upgrading the store, or about to exit */
#define STORE_WAIT_MS 10000

bool
store_options_from(const struct settings *settings, char *folder, size_t cap,
    struct store_options *out)
{
	if (!settings_path(settings, "db", folder, cap))
		return false;
	*out = (struct store_options){
		.folder = folder,
		.map_bytes = settings->map_bytes,
		.readers = settings->readers,
		.periods = settings->periods,
		.lifetimes = settings->lifetimes,
		.otp_required = settings->otp_required,
		.tokens_ms = tokens_ms(settings),
		.known_devices = settings->known_devices,
		.sessions_per_user = settings->sessions_per_user,
		.ended_keep_ms = settings->ended_keep_ms,
		.audit_keep_ms = settings->audit_keep_ms,
		.audit_max = settings->audit_max,
		.wait_ms = STORE_WAIT_MS,
	};
	return true;
}
