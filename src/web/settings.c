#include "web/settings.h"

#include <stdio.h>

#include "token/access_token.h"
#include "token/status_list.h"

bool
settings_path(const struct settings *settings, const char *below, char *out, size_t cap)
{
	int len = snprintf(out, cap, "%s/%s", settings->state_folder, below);

	return len > 0 && (size_t)len < cap;
}

size_t
settings_cookie_names(const struct settings *settings, const char *names[SETTINGS_COOKIES])
{
	const char *const all[SETTINGS_COOKIES] = {
		settings->refresh_cookie, settings->device_cookie, settings->gate_cookie_name,
		settings->refresh_cookie_old, settings->device_cookie_old, settings->gate_cookie_old,
	};
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS_COOKIES; i++)
		if (all[i])
			names[count++] = all[i];
	return count;
}

struct keyring_plan
settings_key_plan(const struct settings *settings, enum keyring_use use, int64_t now_s, bool at_once)
{
	/* A cache may hold a set that was nearly max-age old when it came out of another cache. */
	int64_t known_ms = 2 * settings->jwks_max_age_ms;
	int64_t publish_ms = settings->key_prepublish_ms > known_ms ? settings->key_prepublish_ms : known_ms;

	struct keyring_plan plan = {
		.use = use,
		.now_s = now_s,
		.publish_s = at_once ? 0 : (publish_ms + 999) / 1000,
	};

	switch (use) {
	case KEYRING_ACCESS_TOKENS:
		plan.keep_s = (settings->access_ttl_ms + 999) / 1000 + ACCESS_TOKEN_LEEWAY;
		break;
	case KEYRING_STATUS_LIST:
		plan.keep_s = status_list_longest(settings->status_ttl_ms / 1000) + ACCESS_TOKEN_LEEWAY;
		break;
	}
	return plan;
}

unsigned
settings_jwks_max_age(const struct settings *settings)
{
	return (unsigned)(settings->jwks_max_age_ms / 1000);
}

/*
 * A token of full life is handed out up to the end of the hand-out, one of the
 * hand-out's life up to the end of the quiet period behind it (rotation.md, rows 2 and 3).
 */
static int64_t
settings_tokens_ms(const struct settings *settings)
{
	const struct rotate_periods *periods = &settings->periods;
	int64_t ttl = settings->access_ttl_ms > ROTATE_LEAST_LIFE_MS ? settings->access_ttl_ms : ROTATE_LEAST_LIFE_MS;
	int64_t full = ttl + periods->hand_out_ms;
	int64_t last = rotate_alone_life_ms(periods) + periods->hand_out_ms + periods->quiet_ms;

	return full > last ? full : last;
}

#define STORE_WAIT_MS 10000	/* for another process that carries the store over, or is about to leave */

bool
settings_store_options(const struct settings *settings, char *folder, size_t cap, struct store_options *out)
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
		.tokens_ms = settings_tokens_ms(settings),
		.known_devices = settings->known_devices,
		.sessions_per_user = settings->sessions_per_user,
		.ended_keep_ms = settings->ended_keep_ms,
		.audit_keep_ms = settings->audit_keep_ms,
		.audit_max = settings->audit_max,
		.wait_ms = STORE_WAIT_MS,
	};
	return true;
}
