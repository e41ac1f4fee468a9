#include "cmd/print/places_view.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/print/lookup.h"
#include "cmd/print/show.h"

/* ---- one place */

enum { NAME, NUMBER, PATH, PREFIX, PREFIX_PATTERN, EXACT, OPEN, ASKED, METHODS, FROM, BEHIND, PROXY,
    PROXY_HTTP, PROXY_TLS,
	PROXY_SOCKET, PROXY_HOST, PROXY_PORT, PROXY_VERIFIED, PROXY_NUMBER, PROXY_LOOKUP,
	FPM_LOOKUP, PHP, FPM, FPM_SOCKET, FPM_HOST, FPM_PORT, FILES, FRONT, FRONT_PATH, FRONT_FILE,
	BODY, BODY_KIB, KEEP_AUTHORIZATION, PREFLIGHT_PASSES, IGNORE_CASE, GROUPS, MAX_AGE,
	    BEARER_ONLY, PLACE_FIELDS };

static const char *const place_names[PLACE_FIELDS] = {
	[NAME] = "name", [NUMBER] = "number", [PATH] = "path", [PREFIX] = "prefix",
	[PREFIX_PATTERN] = "prefix_pattern", [EXACT] = "exact",
	[OPEN] = "open", [ASKED] = "asked", [METHODS] = "methods", [FROM] = "from",
	[BEHIND] = "behind",
	[PROXY] = "proxy", [PROXY_HTTP] = "proxy_http", [PROXY_TLS] = "proxy_tls",
	[PROXY_SOCKET] = "proxy_socket",
	[PROXY_HOST] = "proxy_host", [PROXY_PORT] = "proxy_port",
	[PROXY_VERIFIED] = "proxy_verified",
	[PROXY_NUMBER] = "proxy_number", [PROXY_LOOKUP] = "proxy_lookup",
	[FPM_LOOKUP] = "fpm_lookup",
	[PHP] = "php", [FPM] = "fpm",
	[FPM_SOCKET] = "fpm_socket", [FPM_HOST] = "fpm_host", [FPM_PORT] = "fpm_port",
	[FILES] = "files",
	[FRONT] = "front", [FRONT_PATH] = "front_path", [FRONT_FILE] = "front_file",
	[BODY] = "body",
	[BODY_KIB] = "body_kib", [KEEP_AUTHORIZATION] = "keep_authorization",
	[PREFLIGHT_PASSES] = "preflight_passes",
	[IGNORE_CASE] = "ignore_case", [GROUPS] = "groups", [MAX_AGE] = "max_age",
	[BEARER_ONLY] = "bearer_only",
};

struct place_view {
	struct template_field fields[PLACE_FIELDS];
	char number[UNITS_TEXT_SIZE], max_age[UNITS_TEXT_SIZE], body[UNITS_TEXT_SIZE],
	    body_kib[UNITS_TEXT_SIZE];
	struct buf pattern;
};

static const char *
rest_after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text && strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

static void
behind_show(const struct guard_place *place, struct slice values[PLACE_FIELDS])
{
	const char *fpm_socket = rest_after(place->fpm, "unix:");
	const char *https = rest_after(place->proxy, "https://"),
	    *http = rest_after(place->proxy, "http://");

	values[BEHIND] = show_flag(place_has_behind(place));
	values[PROXY] = slice_of(place->proxy);
	values[PROXY_HTTP] = slice_of(http || https ? place->proxy : NULL);
	values[PROXY_TLS] = show_flag(https != NULL);
	values[PROXY_SOCKET] = slice_of(rest_after(place->proxy, "unix:"));
	show_address(https ? https : http, https ?
	    "443" : "80", &values[PROXY_HOST], &values[PROXY_PORT]);
	/* A certificate proves nothing about this machine itself. */
	values[PROXY_VERIFIED] = show_flag(https && !lookup_is_loopback(values[PROXY_HOST]));
	values[PROXY_NUMBER] = show_flag(lookup_is_number(values[PROXY_HOST]));
	values[PROXY_LOOKUP] = show_flag(lookup_wants_dns(values[PROXY_HOST]));
	values[PHP] = slice_of(place->php);
	values[FPM] = slice_of(place->fpm);
	values[FPM_SOCKET] = slice_of(fpm_socket);
	show_address(fpm_socket ? NULL : place->fpm, "", &values[FPM_HOST], &values[FPM_PORT]);
	values[FPM_LOOKUP] = show_flag(lookup_wants_dns(values[FPM_HOST]));
	values[FILES] = slice_of(place->files);
	values[FRONT] = slice_of(place->front);
	values[FRONT_PATH] = slice_of(place->front_path);
	values[FRONT_FILE] = slice_of(place->front_file);
	values[KEEP_AUTHORIZATION] = show_flag(place->keep_authorization == PLACE_YES);
	values[PREFLIGHT_PASSES] = show_flag(place->pass_preflight == PLACE_YES);
	values[IGNORE_CASE] = show_flag(place->ignore_case == PLACE_YES);
}

static enum pt_err
place_show(const struct guard_place *place, size_t number, struct place_view *out)
{
	/* The path without its final slash, which is the same place to many applications. */
	const struct slice prefix = { place->path, strlen(place->path) - !place->exact };

	show_pattern(prefix, &out->pattern);

	struct slice values[PLACE_FIELDS] = {
		[NAME] = slice_of(place->name),
		[NUMBER] = show_number((int64_t)number, out->number),
		[PATH] = slice_of(place->path),
		[PREFIX] = prefix,
		[PREFIX_PATTERN] = buf_slice(&out->pattern),
		[EXACT] = show_flag(place->exact),
		[OPEN] = show_flag(place_is_open(place)),
		[ASKED] = show_flag(place_is_asked(place)),
		[METHODS] = slice_of(place->methods),
		[FROM] = slice_of(place->from),
		[GROUPS] = slice_of(place->groups),
		[BEARER_ONLY] = show_flag(place->bearer_only == PLACE_YES),
		[BODY] = show_number(place->body_max, out->body),
		[BODY_KIB] = show_number(place->body_max / UNITS_KIB, out->body_kib),
	};

	behind_show(place, values);
	if (place->max_age_ms)
		values[MAX_AGE] = show_number(place->max_age_ms / UNITS_SECOND, out->max_age);
	for (size_t i = 0; i < PLACE_FIELDS; i++)
		out->fields[i] = (struct template_field){ place_names[i], values[i] };
	return buf_status(&out->pattern);
}

/* ---- all places */

static int
by_length(const void *a, const void *b)
{
	const struct guard_place *const *one = a, *const *other = b;
	size_t one_len = strlen((*one)->path), other_len = strlen((*other)->path);

	if (one_len != other_len)
		return one_len < other_len ? -1 : 1;
	return (*one)->line < (*other)->line ? -1 : 1;
}

void
places_view_free(struct places_view *view)
{
	for (size_t i = 0; view->places && i < view->count; i++)
		buf_free(&view->places[i].pattern);
	free(view->sorted);
	free(view->places);
	free(view->short_first);
	free(view->long_first);
}

enum pt_err
places_view_init(const struct guards *guards, struct places_view *view)
{
	size_t room = guards->count + 1;	/* calloc(0) may return NULL */

	*view = (struct places_view){
		.sorted = calloc(room, sizeof(struct guard_place *)),
		.places = calloc(room, sizeof(struct place_view)),
		.short_first = calloc(room, sizeof(struct template_scope)),
		.long_first = calloc(room, sizeof(struct template_scope)),
		.count = guards->count,
	};
	enum pt_err err = PT_OK;

	if (!view->sorted || !view->places || !view->short_first || !view->long_first)
		return PT_ERR_NOMEM;
	for (size_t i = 0; i < view->count; i++)
		view->sorted[i] = &guards->places[i];
	qsort(view->sorted, view->count, sizeof(view->sorted[0]), by_length);
	for (size_t i = 0; i < view->count && err == PT_OK; i++) {
		err = place_show(view->sorted[i], i + 1, &view->places[i]);
		view->short_first[i] = (struct template_scope){ .fields = view->places[i].fields,
		    .field_count = PLACE_FIELDS };
		view->long_first[view->count - 1 - i] = view->short_first[i];
	}
	return err;
}
