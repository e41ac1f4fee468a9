#include "cmd/doctor/http_field.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

bool
http_field_next(struct slice *head, struct slice name, struct slice *value)
{
	while (head->len) {
		struct slice line, key;

		slice_cut(*head, '\n', &line, head);
		if (slice_cut(line, ':', &key, &line) && slice_eq_nocase(key, name)) {
			*value = slice_trim(line);
			return true;
		}
	}
	return false;
}

struct slice
http_field(struct slice head, struct slice name)
{
	struct slice value;

	return http_field_next(&head, name, &value) ? value : SLICE("");
}

/* ---- cookies ---- */

static enum same_site
same_site_of(struct slice value)
{
	if (slice_eq_nocase(value, SLICE("Strict")))
		return SAME_SITE_STRICT;
	if (slice_eq_nocase(value, SLICE("Lax")))
		return SAME_SITE_LAX;
	return slice_eq_nocase(value, SLICE("None")) ? SAME_SITE_NONE : SAME_SITE_ABSENT;
}

static void
take_attribute(struct set_cookie *cookie, struct slice name, struct slice value)
{
	if (slice_eq_nocase(name, SLICE("Path")))
		cookie->path = value;
	else if (slice_eq_nocase(name, SLICE("Domain")))
		cookie->domain = value;
	else if (slice_eq_nocase(name, SLICE("Secure")))
		cookie->secure = true;
	else if (slice_eq_nocase(name, SLICE("HttpOnly")))
		cookie->http_only = true;
	else if (slice_eq_nocase(name, SLICE("SameSite")))
		cookie->same_site = same_site_of(value);
	else if (slice_eq_nocase(name, SLICE("Max-Age")))
		cookie->cleared = slice_eq(value, SLICE("0")) || slice_starts(value, SLICE("-"));
}

bool
http_field_cookie(struct slice field, struct set_cookie *out)
{
	struct slice part, name, value;

	*out = (struct set_cookie){ 0 };
	slice_cut(field, ';', &part, &field);
	if (!slice_cut(part, '=', &name, &value))
		return false;
	out->name = slice_trim(name);
	out->value = slice_trim(value);
	while (field.len) {
		slice_cut(field, ';', &part, &field);
		slice_cut(part, '=', &name, &value);
		take_attribute(out, slice_trim(name), slice_trim(value));
	}
	return out->name.len > 0;
}

const char *
http_field_cookie_fault(const struct set_cookie *cookie, const struct cookie_rule *rule)
{
	if (rule->secure && !cookie->secure)
		return "has lost Secure: it would travel in clear text";
	if (!cookie->http_only)
		return "has lost HttpOnly: scripts can read it";
	if (cookie->domain.len)
		return "has a Domain: every subdomain gets it";
	if (!slice_eq(cookie->path, rule->path))
		return "does not have the Path that pintle gave it";
	if (cookie->same_site != rule->same_site)
		return "does not have the SameSite that pintle gave it";
	return NULL;
}

/* ---- caches ---- */

/*
 * The value of a directive, without quotes; empty if it has none. False if there is no such
 * directive.
 */
static bool
find_directive(struct slice head, struct slice directive, struct slice *value)
{
	struct slice field, one, name;

	while (http_field_next(&head, SLICE("Cache-Control"), &field)) {
		while (field.len) {
			slice_cut(field, ',', &one, &field);
			slice_cut(one, '=', &name, value);
			if (slice_eq_nocase(slice_trim(name), directive))
				return true;
		}
	}
	return false;
}

bool
http_field_cache_has(struct slice head, struct slice directive)
{
	struct slice value;

	return find_directive(head, directive, &value);
}

bool
http_field_cache_seconds(struct slice head, struct slice directive, uint64_t *out)
{
	struct slice value;

	if (!find_directive(head, directive, &value))
		return false;
	value = slice_trim(value);
	if (value.len > 1 && value.ptr[0] == '"')
		value = (struct slice){ value.ptr + 1, value.len - 2 };
	return slice_to_u64(value, out);
}

bool
http_field_may_keep(struct slice head)
{
	return !http_field_cache_has(head, SLICE("no-store")) &&
	    !(http_field_cache_has(head, SLICE("private")) &&
	    http_field_cache_has(head, SLICE("no-cache")));
}

/* ---- time ---- */

static int
month_number(const char name[4])
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(months + (ptrdiff_t)3 * i, name, 3) == 0)
			return i;
	return -1;
}

/*
 * Whether text has this form: 0 stands for any digit, A for any letter, everything else for itself.
 */
static bool
has_form(struct slice text, const char *form)
{
	if (text.len != strlen(form))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i], folded = (char)(c | 0x20);
		bool fits = c == form[i];

		if (form[i] == '0')
			fits = c >= '0' && c <= '9';
		else if (form[i] == 'A')
			fits = folded >= 'a' && folded <= 'z';
		if (!fits)
			return false;
	}
	return true;
}

bool
http_field_date(struct slice text, int64_t *out_ms)
{
	struct tm tm = { 0 };
	char line[sizeof("Tue, 24 Nov 2026 08:00:00 GMT")], month[4];

	if (!has_form(text, "AAA, 00 AAA 0000 00:00:00 AAA") ||
	    !slice_eq(slice_skip(text, text.len - 3), SLICE("GMT")) ||
	    !slice_copy(text, line, sizeof(line)))
		return false;
	if (sscanf(line, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d", &tm.tm_mday, month,
	    &tm.tm_year, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
		return false;
	tm.tm_mon = month_number(month);
	tm.tm_year -= 1900;
	if (tm.tm_mon < 0 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	*out_ms = (int64_t)timegm(&tm) * 1000;
	return true;
}
