#include "cmd/guards.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/nearest.h"
#include "cmd/units.h"
#include "core/username.h"

#define FPM_DEFAULT "unix:/run/php/php-fpm.sock"

void
guards_free(struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++) {
		struct guard_place *place = &guards->places[i];

		free(place->path);
		free(place->proxy);
		free(place->php);
		free(place->fpm);
		free(place->files);
		free(place->groups);
	}
	free(guards->places);
	*guards = (struct guards){ 0 };
}

/* ---- what a value may be: what is wrong with it, or NULL ---- */

static bool
all_plain(struct slice text, const char *more)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!alnum && (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return true;
}

bool
guards_path_is_plain(struct slice path)
{
	return path.len > 0 && path.ptr[0] == '/' && all_plain(path, "/-._~+@,");
}

static bool
has_dot_part(struct slice path)
{
	struct slice part;

	while (path.len) {
		slice_cut(path, '/', &part, &path);
		if (slice_eq(part, SLICE(".")) || slice_eq(part, SLICE("..")))
			return true;
	}
	return false;
}

static const char *
url_path_problem(struct slice path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return "does not begin with a slash";
	if (path.ptr[path.len - 1] != '/')
		return "does not end in a slash: it would mean its neighbours too";
	if (memmem(path.ptr, path.len, "//", 2) || has_dot_part(path))
		return "has an empty, \".\" or \"..\" part";
	return all_plain(path, "/-._~") ? NULL : "has a character other than letters, digits and - . _ ~";
}

static const char *
folder_problem(struct slice path)
{
	if (path.len == 0 || path.ptr[0] != '/')
		return "is no absolute path";
	if (path.ptr[path.len - 1] == '/')
		return "ends in a slash; leave it out";
	if (has_dot_part(path))
		return "has a \".\" or \"..\" part";
	return guards_path_is_plain(path) ? NULL : "has a character that a web server's configuration may misread";
}

/* HOST:PORT, or with port_wanted false HOST alone too. */
static bool
is_address(struct slice text, bool port_wanted)
{
	const char *bracket = text.len && text.ptr[0] == '[' ? memchr(text.ptr, ']', text.len) : NULL;
	size_t host = bracket ? (size_t)(bracket - text.ptr) + 1 : 0;
	uint64_t port = 0;

	while (host < text.len && text.ptr[host] != ':')
		host++;
	if (host == 0 || !all_plain((struct slice){ text.ptr, host }, bracket ? "[]:." : ".-_"))
		return false;
	if (host == text.len)
		return !port_wanted;
	return slice_to_u64(slice_skip(text, host + 1), &port) && port > 0 && port < 65536;
}

static const char *
proxy_problem(struct slice text)
{
	struct slice address = slice_skip(text, sizeof("http://") - 1);

	return slice_starts(text, SLICE("http://")) && is_address(address, false) ? NULL :
	    "is not of the form http://HOST:PORT";
}

static const char *
fpm_problem(struct slice text)
{
	bool good = slice_starts(text, SLICE("unix:")) ?
	    folder_problem(slice_skip(text, sizeof("unix:") - 1)) == NULL : is_address(text, true);

	return good ? NULL : "is neither unix:/PATH nor HOST:PORT";
}

static const char *
groups_problem(struct slice text)
{
	return text.len && groups_valid(text) ? NULL : "is no list of groups such as staff,admins";
}

static const char *
max_age_problem(struct slice text)
{
	int64_t ms;
	const char *problem = units_parse_duration(text, &ms);

	if (problem)
		return problem;
	if (ms < UNITS_SECOND || ms > 3650 * UNITS_DAY || ms % UNITS_SECOND)
		return "is out of range; it may be 1 s to 3650 d, in whole seconds";
	return NULL;
}

static const struct place_setting {
	const char *name;
	const char *(*problem)(struct slice value);
	size_t offset;	/* of a string; max_age alone is none */
} settings[] = {
	{ "proxy", proxy_problem, offsetof(struct guard_place, proxy) },
	{ "php", folder_problem, offsetof(struct guard_place, php) },
	{ "fpm", fpm_problem, offsetof(struct guard_place, fpm) },
	{ "files", folder_problem, offsetof(struct guard_place, files) },
	{ "group", groups_problem, offsetof(struct guard_place, groups) },
	{ "max_age", max_age_problem, offsetof(struct guard_place, max_age_ms) },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* ---- reading ---- */

bool
guards_section(struct slice section)
{
	return slice_cut(section, ' ', &section, &(struct slice){ 0 });
}

static const struct guard_place *
find(const struct guards *guards, struct slice path)
{
	for (size_t i = 0; i < guards->count; i++)
		if (slice_eq(slice_of(guards->places[i].path), path))
			return &guards->places[i];
	return NULL;
}

enum pt_err
guards_begin(struct guards *guards, struct slice section, unsigned line, struct buf *why)
{
	struct slice word, path;
	const char *problem;

	slice_cut(section, ' ', &word, &path);
	path = slice_trim(path);
	if (!slice_eq(word, SLICE("guard"))) {
		buf_printf(why, "section [%.*s] is none; a guarded place is [guard /PATH/]", SLICE_ARG(section));
		return PT_ERR_INVALID;
	}
	if ((problem = url_path_problem(path)) != NULL) {
		buf_printf(why, "the guarded path \"%.*s\" %s", SLICE_ARG(path), problem);
		return PT_ERR_INVALID;
	}
	if (find(guards, path)) {
		buf_printf(why, "[guard %.*s] is there twice, first in line %u", SLICE_ARG(path), find(guards, path)->line);
		return PT_ERR_INVALID;
	}

	struct guard_place *more = reallocarray(guards->places, guards->count + 1, sizeof(*more));
	char *copy = strndup(path.ptr, path.len);

	if (more)
		guards->places = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		return PT_ERR_NOMEM;
	}
	guards->places[guards->count++] = (struct guard_place){ .path = copy, .line = line };
	return PT_OK;
}

static const struct place_setting *
setting_named(struct slice name, struct buf *why)
{
	struct nearest nearest = nearest_to(name);

	for (size_t i = 0; i < SETTINGS; i++) {
		if (slice_eq(name, slice_of(settings[i].name)))
			return &settings[i];
		nearest_offer(&nearest, settings[i].name);
	}
	buf_printf(why, "unknown setting \"%.*s\" of a guarded place", SLICE_ARG(name));
	if (nearest.best)
		buf_printf(why, "; did you mean \"%s\"?", nearest.best);
	return NULL;
}

static enum pt_err
twice(const struct place_setting *setting, struct buf *why)
{
	buf_printf(why, "%s is set twice for the same place", setting->name);
	return PT_ERR_INVALID;
}

enum pt_err
guards_set(struct guards *guards, struct slice name, struct slice value, struct buf *why)
{
	struct guard_place *place = &guards->places[guards->count - 1];
	const struct place_setting *setting = setting_named(name, why);
	const char *problem = setting ? setting->problem(value) : NULL;

	if (setting == NULL)
		return PT_ERR_INVALID;
	if (problem) {
		buf_printf(why, "%s: \"%.*s\" %s", setting->name, SLICE_ARG(value), problem);
		return PT_ERR_INVALID;
	}
	if (setting->offset == offsetof(struct guard_place, max_age_ms)) {
		if (place->max_age_ms)
			return twice(setting, why);
		units_parse_duration(value, &place->max_age_ms);
		return PT_OK;
	}

	char **member = (char **)(void *)((char *)place + setting->offset);

	if (*member)
		return twice(setting, why);
	*member = strndup(value.ptr, value.len);
	return *member ? PT_OK : PT_ERR_NOMEM;
}

/* ---- the whole ---- */

static const char *
place_problem(const struct guard_place *place, struct slice mount)
{
	int kinds = (place->proxy != NULL) + (place->php != NULL) + (place->files != NULL);

	if (kinds != 1)
		return kinds ? "has more than one of proxy, php and files" :
		    "has nothing behind it; write proxy, php or files";
	if (place->fpm && place->php == NULL)
		return "has fpm without php";
	if (mount.len == 0 || slice_starts(slice_of(place->path), (struct slice){ mount.ptr, mount.len }))
		if (mount.len == 0 || place->path[mount.len] == '/')
			return "is inside pintle's own mount, which guards itself";
	return NULL;
}

enum pt_err
guards_check(struct guards *guards, struct slice mount, unsigned *line, struct buf *why)
{
	for (size_t i = 0; i < guards->count; i++) {
		struct guard_place *place = &guards->places[i];
		const char *problem = place_problem(place, mount);

		if (problem) {
			*line = place->line;
			buf_printf(why, "[guard %s] %s", place->path, problem);
			return PT_ERR_INVALID;
		}
		if (place->php && place->fpm == NULL && (place->fpm = strdup(FPM_DEFAULT)) == NULL)
			return PT_ERR_NOMEM;
	}
	return PT_OK;
}
