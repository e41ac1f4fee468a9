#include "web/settings.h"

#include <stdio.h>

bool
settings_path(const struct settings *settings, const char *below, char *out, size_t cap)
{
	int len = snprintf(out, cap, "%s/%s", settings->state_folder, below);

	return len > 0 && (size_t)len < cap;
}

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
		.sessions_per_user = settings->sessions_per_user,
		.ended_keep_ms = settings->ended_keep_ms,
		.audit_keep_ms = settings->audit_keep_ms,
		.audit_max = settings->audit_max,
	};
	return true;
}
