#include "web/http/repeated.h"

#include <string.h>

/*
 * Headers with a single value (RFC 9110, 5.3). The same value twice is no contradiction: servers do
 * repeat themselves.
 */
static const struct {
	const char *param;
	const char *header;
} single[] = {
	{ "HTTP_SEC_FETCH_SITE", "Sec-Fetch-Site" },
	{ "HTTP_ORIGIN", "Origin" },
	{ "HTTP_AUTHORIZATION", "Authorization" },
	{ "CONTENT_TYPE", "Content-Type" },
};

struct slice
repeated_join(const struct params *params, const char *name, const char *with, struct buf *memory)
{
	const struct web_request *raw = params->raw;
	const struct slice wanted = slice_of(name);
	const size_t begin = memory->len;
	struct slice last = { NULL, 0 };
	bool joined = false;

	if (!params->repeated)
		return params_get(params, name);
	for (size_t i = 0; i < raw->param_count; i++) {
		const struct web_param *param = &raw->params[i];

		if (!slice_eq(param->name, wanted) || (last.ptr && slice_eq(param->value, last)))
			continue;
		if (last.ptr && !joined)
			buf_put(memory, last);
		if (last.ptr) {
			buf_puts(memory, with);
			buf_put(memory, param->value);
			joined = true;
		}
		last = param->value;
	}
	return joined ? slice_skip(buf_slice(memory), begin) : last;
}

static bool
differs(const struct web_request *raw, const char *name)
{
	const struct slice wanted = slice_of(name);
	const struct web_param *first = NULL;

	for (size_t i = 0; i < raw->param_count; i++) {
		const struct web_param *param = &raw->params[i];

		if (!slice_eq(param->name, wanted))
			continue;
		if (first && !slice_eq(first->value, param->value))
			return true;
		first = param;
	}
	return false;
}

/* ---- cookies of two lines that a server joined by a comma ---- */

/* Whether a comma in text is followed by name=. */
static bool
comma_before(struct slice text, struct slice name)
{
	struct slice rest;

	while (slice_cut(text, ',', &rest, &text)) {
		rest = slice_trim(text);
		if (slice_starts(rest, name) && rest.len > name.len && rest.ptr[name.len] == '=')
			return true;
	}
	return false;
}

/*
 * Whether the cookie is there, and each time next to a comma, which no value of ours has. Cookies
 * after a comma are never taken: another site of the domain could write such a cookie, with its
 * name, into the value of its own.
 */
static bool
cookie_is_blurred(struct slice header, struct slice name)
{
	bool blurred = false;

	while (header.len) {
		struct slice pair, key, value;

		slice_cut(header, ';', &pair, &header);
		if (comma_before(pair, name))
			blurred = true;
		if (!slice_cut(pair, '=', &key, &value) || !slice_eq(slice_trim(key), name))
			continue;
		if (memchr(value.ptr, ',', value.len) == NULL)
			return false;
		blurred = true;
	}
	return blurred;
}

const char *
repeated_fault(const struct params *params, const struct settings *settings, struct slice cookies)
{
	const char *ours[SETTINGS_COOKIES];
	const size_t count = settings_cookie_names(settings, ours);

	for (size_t i = 0; params->repeated && i < sizeof(single) / sizeof(single[0]); i++)
		if (differs(params->raw, single[i].param))
			return single[i].header;
	if (cookies.len == 0 || memchr(cookies.ptr, ',', cookies.len) == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (cookie_is_blurred(cookies, slice_of(ours[i])))
			return "Cookie";
	return NULL;
}
