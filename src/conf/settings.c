#include "conf/settings.h"

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
		settings->refresh_cookie_old, settings->device_cookie_old,
		settings->gate_cookie_old,
	};
	size_t count = 0;

	for (size_t i = 0; i < SETTINGS_COOKIES; i++)
		if (all[i])
			names[count++] = all[i];
	return count;
}

struct keyring_plan
settings_key_plan(const struct settings *settings, enum keyring_use use, int64_t now_s,
    bool at_once)
{
	/* A cache may hold a set that was nearly max-age old when it left another cache. */
	int64_t known_ms = 2 * settings->jwks_max_age_ms;
	int64_t publish_ms = settings->key_prepublish_ms > known_ms ?
	    settings->key_prepublish_ms : known_ms;

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
		plan.keep_s = status_list_longest(settings->status_ttl_ms / 1000) +
		    ACCESS_TOKEN_LEEWAY;
		break;
	}
	return plan;
}

unsigned
settings_jwks_max_age(const struct settings *settings)
{
	return (unsigned)(settings->jwks_max_age_ms / 1000);
}
