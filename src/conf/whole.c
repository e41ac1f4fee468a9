#include "conf/whole.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/setting.h"
#include "conf/units.h"
#include "conf/url.h"

/* ---- what does not fit together ---- */

static unsigned
later(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* The later of the lines that set the two, since that is likely the one that was just changed. */
static unsigned
line_of(const struct whole *whole, const char *name, const char *other)
{
	return later(whole->set_at[setting_find(slice_of(name)) - setting_table],
	    whole->set_at[setting_find(slice_of(other)) - setting_table]);
}

static enum pt_err
check_issuer(const struct whole *whole, unsigned *line, struct buf *why)
{
	*line = 0;
	if (whole->settings->issuer)
		return PT_OK;
	buf_puts(why, "issuer is not set; write issuer = https://HOST/auth");
	return PT_ERR_INVALID;
}

static enum pt_err
check_access_ttl(const struct whole *whole, unsigned *line, struct buf *why)
{
	const struct settings *settings = whole->settings;
	const struct rotate_periods *periods = &settings->periods;
	char ttl[UNITS_TEXT_SIZE], sum[UNITS_TEXT_SIZE];

	if (settings->access_ttl_ms > periods->hand_out_ms + periods->quiet_ms)
		return PT_OK;
	units_format_duration(settings->access_ttl_ms, ttl);
	units_format_duration(periods->hand_out_ms + periods->quiet_ms, sum);
	*line = later(line_of(whole, "hand_out", "quiet"),
	    line_of(whole, "access_ttl", "access_ttl"));
	buf_printf(why, "access_ttl (%s) must be longer than hand_out and quiet together (%s)", ttl,
	    sum);
	return PT_ERR_INVALID;
}

static enum pt_err
check_idle_of(const struct whole *whole, const char *name, int64_t idle_ms, unsigned *line,
    struct buf *why)
{
	char idle[UNITS_TEXT_SIZE], absolute[UNITS_TEXT_SIZE];
	int64_t absolute_ms = whole->settings->lifetimes.absolute_ms;

	if (idle_ms <= absolute_ms)
		return PT_OK;
	units_format_duration(idle_ms, idle);
	units_format_duration(absolute_ms, absolute);
	*line = line_of(whole, name, "absolute");
	buf_printf(why, "%s (%s) must not be longer than absolute (%s)", name, idle, absolute);
	return PT_ERR_INVALID;
}

static enum pt_err
check_idle(const struct whole *whole, unsigned *line, struct buf *why)
{
	const struct lifetimes *lifetimes = &whole->settings->lifetimes;
	enum pt_err err = check_idle_of(whole, "idle", lifetimes->idle_ms, line, why);

	if (err == PT_OK)
		err = check_idle_of(whole, "idle_remember", lifetimes->idle_remember_ms, line, why);
	return err;
}

/* RFC 9106, 3.1: eight blocks of a KiB for each lane. */
static enum pt_err
check_hashing(const struct whole *whole, unsigned *line, struct buf *why)
{
	const struct password_cost *cost = &whole->settings->password_cost;

	if (cost->memory_kib >= 8 * cost->lanes)
		return PT_OK;
	*line = line_of(whole, "hashing_memory", "hashing_lanes");
	buf_printf(why, "hashing_memory (%u KiB) must be at least 8 KiB for each of the "
	    "hashing_lanes (%u)",
	    (unsigned)cost->memory_kib, (unsigned)cost->lanes);
	return PT_ERR_INVALID;
}

/*
 * Every thread of every worker may read at once, including those that waited to hash; so may some
 * commands and CGI runs.
 */
static enum pt_err
check_readers(const struct whole *whole, unsigned *line, struct buf *why)
{
	const struct settings *settings = whole->settings;
	unsigned threads = settings->workers * (settings->threads + settings->hashing_queue);

	if (settings->readers >= threads + 32)
		return PT_OK;
	*line = later(line_of(whole, "workers", "threads"),
	    line_of(whole, "hashing_queue", "store_readers"));
	buf_printf(why, "store_readers (%u) must be at least workers times threads and "
	    "hashing_queue, and 32 more (%u)",
	    settings->readers, threads + 32);
	return PT_ERR_INVALID;
}

static enum pt_err
check_cookies(const struct whole *whole, unsigned *line, struct buf *why)
{
	const struct settings *settings = whole->settings;
	const struct {
		const char *setting, *name;
	} cookies[] = {
		{ "refresh_cookie", settings->refresh_cookie },
		{ "device_cookie", settings->device_cookie },
		{ "gate_cookie_name", settings->gate_cookie_name },
	};
	const size_t count = sizeof(cookies) / sizeof(cookies[0]);

	for (size_t i = 0; i < count; i++) {
		for (size_t j = i + 1; j < count; j++) {
			if (strcmp(cookies[i].name, cookies[j].name) != 0)
				continue;
			*line = line_of(whole, cookies[i].setting, cookies[j].setting);
			buf_printf(why, "%s and %s must not be the same", cookies[i].setting,
			    cookies[j].setting);
			return PT_ERR_INVALID;
		}
	}
	return PT_OK;
}

static enum pt_err
check_guards(const struct whole *whole, unsigned *line, struct buf *why)
{
	struct url issuer;

	if (url_parse(slice_of(whole->settings->issuer), &issuer) != NULL)
		return PT_OK;
	return guards_check(whole->guards, issuer.path, line, why);
}

enum pt_err
whole_check(const struct whole *whole, unsigned *line, struct buf *why)
{
	static enum pt_err (*const checks[])(const struct whole *, unsigned *, struct buf *) = {
		check_issuer, check_access_ttl, check_idle, check_hashing, check_readers,
		check_cookies, check_guards,
	};
	enum pt_err err = PT_OK;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]) && err == PT_OK; i++)
		err = checks[i](whole, line, why);
	return err;
}

/* ---- what follows ---- */

/*
 * Adds the prefix, with which browsers enforce a cookie's attributes, and the suffix. *old is the
 * name without the suffix, which cookies had before; NULL if there is no suffix.
 */
static enum pt_err
cookie_name_put(char **name, char **old, const char *prefix, const char *suffix)
{
	char *full = NULL, *short_one = NULL;
	bool failed = asprintf(&full, "%s%s%s%s", prefix, *name, *suffix ? "-" : "", suffix) < 0;

	if (failed)
		return PT_ERR_NOMEM;
	if (*suffix && asprintf(&short_one, "%s%s", prefix, *name) < 0) {
		free(full);
		return PT_ERR_NOMEM;
	}
	free(*name);
	*name = full;
	*old = short_one;
	return PT_OK;
}

/* Browsers accept no prefixed cookie without TLS. */
static enum pt_err
derive_cookies(struct settings *settings)
{
	const char *host = settings->insecure_loopback ? "" : "__Host-";
	const char *refresh = settings->insecure_loopback || settings->refresh_cookie_root ?
	    host : "__Secure-";
	const char *suffix = settings->cookie_suffix;
	enum pt_err err = cookie_name_put(&settings->device_cookie, &settings->device_cookie_old,
	    host, suffix);

	if (err == PT_OK)
		err = cookie_name_put(&settings->gate_cookie_name, &settings->gate_cookie_old, host,
		    suffix);
	if (err == PT_OK)
		err = cookie_name_put(&settings->refresh_cookie, &settings->refresh_cookie_old,
		    refresh, suffix);
	return err;
}

enum pt_err
whole_derive(struct settings *settings, const struct guards *guards)
{
	struct url url;

	if (url_parse(slice_of(settings->issuer), &url) != NULL)
		return PT_ERR_INVALID;
	settings->insecure_loopback = url.insecure;
	settings->gate_cookie = settings->gate_cookie_choice == GATE_COOKIE_YES;
	/* Without it a person who has just signed in is a stranger to the guarded place. */
	if (settings->gate_cookie_choice == GATE_COOKIE_AUTO)
		settings->gate_cookie = guards_admit_people(guards) != NULL;
	settings->mount = strndup(url.path.ptr, url.path.len);
	if (settings->origins == NULL)
		settings->origins = strndup(url.origin.ptr, url.origin.len);
	if (settings->audience == NULL)
		settings->audience = strndup(url.origin.ptr, url.origin.len);
	if (settings->mount == NULL || settings->origins == NULL || settings->audience == NULL)
		return PT_ERR_NOMEM;
	return derive_cookies(settings);
}
