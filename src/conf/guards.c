#include "conf/guards.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/guard_value.h"
#include "conf/units.h"

enum place_kind { PLACE_STRING = 0, PLACE_LIST, PLACE_DURATION, PLACE_SIZE, PLACE_WORD };

#define AT(member) offsetof(struct guard_place, member)

static const struct place_setting {
	const char *name;
	enum place_kind kind;
	size_t offset;
	/* of a list: for one item; of a word: NULL */
	const char *(*problem)(struct slice value);
	const char *no, *yes;	/* words */
} settings[] = {
	{ "proxy", PLACE_STRING, AT(proxy), guard_value_proxy, NULL, NULL },
	{ "php", PLACE_STRING, AT(php), guard_value_folder, NULL, NULL },
	{ "fpm", PLACE_STRING, AT(fpm), guard_value_fpm, NULL, NULL },
	{ "front", PLACE_STRING, AT(front), guard_value_front, NULL, NULL },
	{ "files", PLACE_STRING, AT(files), guard_value_folder, NULL, NULL },
	{ "body", PLACE_SIZE, AT(body_max), guard_value_body, NULL, NULL },
	{ "authorization", PLACE_WORD, AT(keep_authorization), NULL, "drop", "keep" },
	{ "preflight", PLACE_WORD, AT(pass_preflight), NULL, "answer", "pass" },
	{ "case", PLACE_WORD, AT(ignore_case), NULL, "exact", "ignore" },
	{ "group", PLACE_STRING, AT(groups), guard_value_groups, NULL, NULL },
	{ "max_age", PLACE_DURATION, AT(max_age_ms), guard_value_max_age, NULL, NULL },
	{ "credentials", PLACE_WORD, AT(bearer_only), NULL, "any", "bearer" },
	{ "open", PLACE_WORD, AT(open), NULL, "no", "yes" },
	{ "methods", PLACE_LIST, AT(methods), guard_value_method, NULL, NULL },
	{ "from", PLACE_LIST, AT(from), guard_value_from, NULL, NULL },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

bool
guards_describe(size_t which, const char **name)
{
	if (which >= SETTINGS)
		return false;
	*name = settings[which].name;
	return true;
}

void
guards_free(struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++) {
		struct guard_place *place = &guards->places[i];
		char *const strings[] = { place->path, place->name, place->proxy, place->php,
		    place->fpm, place->files,
			place->front, place->front_path, place->front_file, place->groups,
			    place->methods, place->from };

		for (size_t j = 0; j < sizeof(strings) / sizeof(strings[0]); j++)
			free(strings[j]);
	}
	free(guards->places);
	*guards = (struct guards){ 0 };
}

/* ---- reading ---- */

bool
guards_section(struct slice section)
{
	return slice_cut(section, ' ', &section, &(struct slice){ 0 });
}

enum pt_err
guards_add(struct guards *guards, struct slice path, unsigned line)
{
	struct guard_place *more = reallocarray(guards->places, guards->count + 1, sizeof(*more));
	char *copy = strndup(path.ptr, path.len);

	if (more)
		guards->places = more;
	if (more == NULL || copy == NULL) {
		free(copy);
		return PT_ERR_NOMEM;
	}
	guards->places[guards->count++] = (struct guard_place){
		.path = copy, .exact = path.ptr[path.len - 1] != '/', .line = line,
	};
	return PT_OK;
}

enum pt_err
guards_begin(struct guards *guards, struct slice section, unsigned line, struct buf *why)
{
	const struct guard_place *twin;
	struct slice word, path;
	const char *problem;

	slice_cut(section, ' ', &word, &path);
	path = slice_trim(path);
	if (!slice_eq(word, SLICE("guard"))) {
		buf_printf(why, "section [%.*s] is unknown; a guarded place is [guard /PATH/]",
		    SLICE_ARG(section));
		return PT_ERR_INVALID;
	}
	if ((problem = guard_value_path(path)) != NULL) {
		buf_printf(why, "the guarded path \"%.*s\" %s", SLICE_ARG(path), problem);
		return PT_ERR_INVALID;
	}
	if ((twin = places_named(guards, path)) != NULL) {
		buf_printf(why, "[guard %.*s] appears twice, first in line %u", SLICE_ARG(path),
		    twin->line);
		return PT_ERR_INVALID;
	}
	return guards_add(guards, path, line);
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
refuse(const struct place_setting *setting, struct slice value, const char *problem,
    struct buf *why)
{
	buf_printf(why, "%s: \"%.*s\" %s", setting->name, SLICE_ARG(value), problem);
	return PT_ERR_INVALID;
}

static enum pt_err
set_string(struct slice value, char **member)
{
	*member = strndup(value.ptr, value.len);
	return *member ? PT_OK : PT_ERR_NOMEM;
}

/* Values separated by blanks; kept with one space between two. */
static enum pt_err
set_list(const struct place_setting *setting, struct slice value, char **member, struct buf *why)
{
	struct buf list = BUF_EMPTY;
	struct slice rest = value, item;
	enum pt_err err = PT_OK;

	while (rest.len && err == PT_OK) {
		slice_cut(rest, ' ', &item, &rest);
		item = slice_trim(item);

		const char *problem = item.len ? setting->problem(item) : NULL;

		if (problem)
			err = refuse(setting, item, problem, why);
		if (item.len)
			buf_printf(&list, "%s%.*s", list.len ? " " : "", SLICE_ARG(item));
	}
	if (err == PT_OK && list.len == 0)
		err = refuse(setting, value, "is empty", why);
	if (err == PT_OK)
		err = buf_status(&list);
	if (err == PT_OK)
		err = set_string(buf_slice(&list), member);
	buf_free(&list);
	return err;
}

static enum pt_err
set_word(const struct place_setting *setting, struct slice value, enum place_choice *member,
    struct buf *why)
{
	if (slice_eq(value, slice_of(setting->yes)))
		*member = PLACE_YES;
	else if (slice_eq(value, slice_of(setting->no)))
		*member = PLACE_NO;
	if (*member != PLACE_UNSAID)
		return PT_OK;
	buf_printf(why, "%s: \"%.*s\" is neither %s nor %s", setting->name, SLICE_ARG(value),
	    setting->no, setting->yes);
	return PT_ERR_INVALID;
}

static bool
is_set(const struct guard_place *place, const struct place_setting *setting)
{
	const char *member = (const char *)place + setting->offset;
	enum place_choice choice;
	int64_t number;
	const char *string;

	switch (setting->kind) {
	case PLACE_STRING:
	case PLACE_LIST:
		memcpy(&string, member, sizeof(string));
		return string != NULL;
	case PLACE_DURATION:
	case PLACE_SIZE:
		memcpy(&number, member, sizeof(number));
		return number != 0;
	case PLACE_WORD:
		memcpy(&choice, member, sizeof(choice));
		return choice != PLACE_UNSAID;
	}
	return true;
}

enum pt_err
guards_set(struct guards *guards, struct slice name, struct slice value, struct buf *why)
{
	struct guard_place *place = &guards->places[guards->count - 1];
	const struct place_setting *setting = setting_named(name, why);

	if (setting == NULL)
		return PT_ERR_INVALID;

	void *member = (char *)place + setting->offset;
	const char *problem = setting->problem && setting->kind != PLACE_LIST ?
	    setting->problem(value) : NULL;

	if (problem)
		return refuse(setting, value, problem, why);
	if (is_set(place, setting)) {
		buf_printf(why, "%s is set twice for the same place", setting->name);
		return PT_ERR_INVALID;
	}
	switch (setting->kind) {
	case PLACE_STRING:
		return set_string(value, member);
	case PLACE_LIST:
		return set_list(setting, value, member, why);
	case PLACE_DURATION:
		units_parse_duration(value, member);
		return PT_OK;
	case PLACE_SIZE:
		units_parse_size(value, member);
		return PT_OK;
	case PLACE_WORD:
		return set_word(setting, value, member, why);
	}
	return PT_ERR_INVALID;
}

const struct guard_place *
guards_admit_people(const struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++)
		if (place_admits_people(&guards->places[i]))
			return &guards->places[i];
	return NULL;
}

bool
guards_shut(const struct guards *guards, const struct settings *site, struct buf *why,
    const char **mend)
{
	const struct guard_place *place = guards_admit_people(guards);

	if (place == NULL || site->gate_cookie)
		return false;
	buf_printf(why, "gate_cookie = no: people who sign in at [guard %s] are asked to sign in "
	    "again and again", place->path);
	*mend = "leave gate_cookie out, or set credentials = bearer for places that only programs "
	    "use";
	return true;
}
