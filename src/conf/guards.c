#include "conf/guards.h"

#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "conf/guard_value.h"
#include "conf/units.h"

#define FPM_DEFAULT "unix:/run/php/php-fpm.sock"
#define BODY_DEFAULT UNITS_GIB
#define ACME "/.well-known/acme-challenge/"	/* RFC 8555, 8.3 */

enum place_kind { PLACE_STRING = 0, PLACE_LIST, PLACE_DURATION, PLACE_SIZE, PLACE_WORD };

#define AT(member) offsetof(struct guard_place, member)

static const struct place_setting {
	const char *name;
	enum place_kind kind;
	size_t offset;
	const char *(*problem)(struct slice value);	/* of a list: of one of them; of a word: NULL */
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
		char *const strings[] = { place->path, place->name, place->proxy, place->php, place->fpm, place->files,
			place->front, place->front_path, place->front_file, place->groups, place->methods, place->from };

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

static const struct guard_place *
find(const struct guards *guards, struct slice path)
{
	for (size_t i = 0; i < guards->count; i++)
		if (slice_eq(slice_of(guards->places[i].path), path))
			return &guards->places[i];
	return NULL;
}

static enum pt_err
add(struct guards *guards, struct slice path, unsigned line)
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
	struct slice word, path;
	const char *problem;

	slice_cut(section, ' ', &word, &path);
	path = slice_trim(path);
	if (!slice_eq(word, SLICE("guard"))) {
		buf_printf(why, "section [%.*s] is none; a guarded place is [guard /PATH/]", SLICE_ARG(section));
		return PT_ERR_INVALID;
	}
	if ((problem = guard_value_path(path)) != NULL) {
		buf_printf(why, "the guarded path \"%.*s\" %s", SLICE_ARG(path), problem);
		return PT_ERR_INVALID;
	}
	if (find(guards, path)) {
		buf_printf(why, "[guard %.*s] is there twice, first in line %u", SLICE_ARG(path), find(guards, path)->line);
		return PT_ERR_INVALID;
	}

	return add(guards, path, line);
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
refuse(const struct place_setting *setting, struct slice value, const char *problem, struct buf *why)
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
set_word(const struct place_setting *setting, struct slice value, enum place_choice *member, struct buf *why)
{
	if (slice_eq(value, slice_of(setting->yes)))
		*member = PLACE_YES;
	else if (slice_eq(value, slice_of(setting->no)))
		*member = PLACE_NO;
	if (*member != PLACE_UNSAID)
		return PT_OK;
	buf_printf(why, "%s: \"%.*s\" is neither %s nor %s", setting->name, SLICE_ARG(value), setting->no, setting->yes);
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
	const char *problem = setting->problem && setting->kind != PLACE_LIST ? setting->problem(value) : NULL;

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

/* ---- what is wrong with one, or NULL ---- */

static bool
is_below(struct slice path, struct slice folder)
{
	return slice_starts(path, folder) && (path.len == folder.len || path.ptr[folder.len] == '/');
}

static const char *
behind_problem(const struct guard_place *place)
{
	if ((place->proxy != NULL) + (place->php != NULL) + (place->files != NULL) > 1)
		return "has more than one of proxy, php and files";
	if (place->fpm && place->php == NULL)
		return "has fpm without php";
	return place->front && place->php == NULL ? "has front without php" : NULL;
}

static const char *
open_problem(const struct guard_place *place)
{
	bool demands = place->groups || place->max_age_ms || place->bearer_only == PLACE_YES;

	if (place->open != PLACE_YES && (place->methods || place->from))
		return "has methods or from, which say to whom it is open, without open = yes";
	if (place->open != PLACE_YES && place->exact)
		return "does not end in a slash: it would mean its neighbours too; only with open = yes it means that address alone";
	if (place_is_open(place) && demands)
		return "is open to everybody, and demands something; methods or from would say to whom it is open";
	return NULL;
}

static const char *
place_problem(const struct guard_place *place, struct slice mount)
{
	const char *problem = behind_problem(place);

	if (problem == NULL)
		problem = open_problem(place);
	if (problem == NULL && is_below(slice_of(place->path), mount))
		problem = "is inside pintle's own mount, which guards itself";
	return problem;
}

/* ---- what was left out ---- */

/* The place around path, the innermost one; NULL if there is none. */
static struct guard_place *
around(const struct guards *guards, const char *path)
{
	struct guard_place *found = NULL;

	for (size_t i = 0; i < guards->count; i++) {
		struct guard_place *place = &guards->places[i];

		if (place->exact || strcmp(place->path, path) == 0 || !slice_starts(slice_of(path), slice_of(place->path)))
			continue;
		if (found == NULL || strlen(place->path) > strlen(found->path))
			found = place;
	}
	return found;
}

/* Who renews a certificate asks there, and cannot sign in. A section of the site's own goes before. */
static enum pt_err
open_acme(struct guards *guards)
{
	const struct guard_place *outer = around(guards, ACME);

	if (find(guards, SLICE(ACME)) || outer == NULL || place_is_open(outer))
		return PT_OK;
	enum pt_err err = add(guards, SLICE(ACME), 0);

	if (err == PT_OK)
		guards->places[guards->count - 1].open = PLACE_YES;
	return err;
}

/* Room to work in, and whether memory has come to its end. */
struct settling {
	const struct guards *guards;
	struct buf text;
	bool failed;
};

static void
copy(struct settling *settling, const char *from, char **to)
{
	if (from == NULL || *to != NULL)
		return;
	*to = strdup(from);
	if (*to == NULL)
		settling->failed = true;
}

/* The same of what is written in the room. */
static void
copy_text(struct settling *settling, char **to)
{
	buf_putc(&settling->text, '\0');
	if (buf_status(&settling->text) != PT_OK)
		settling->failed = true;
	else
		copy(settling, settling->text.ptr, to);
	buf_clear(&settling->text);
}

/* The folder, or file, of the place around, and what is left of this one's path. */
static void
copy_below(struct settling *settling, const char *folder, const char *rest, char **to)
{
	struct buf *text = &settling->text;

	if (folder == NULL)
		return;
	buf_printf(text, "%s/%s", folder, rest);
	while (text->len && text->ptr[text->len - 1] == '/')
		text->len--;
	copy_text(settling, to);
}

static void
choose(enum place_choice outer, enum place_choice *member)
{
	if (*member == PLACE_UNSAID)
		*member = outer;
}

/* Where nothing is said to stand at a place, what stands around it does. */
static void
settle_behind(struct settling *settling, struct guard_place *place, const struct guard_place *outer)
{
	const char *rest = place->path + strlen(outer->path);

	if (place->proxy || place->php || place->files)
		return;
	copy(settling, outer->proxy, &place->proxy);
	copy_below(settling, outer->php, rest, &place->php);
	copy_below(settling, outer->files, rest, &place->files);
	copy(settling, outer->fpm, &place->fpm);
	copy(settling, outer->front, &place->front);
	copy(settling, outer->front_path, &place->front_path);
	copy(settling, outer->front_file, &place->front_file);
	if (place->body_max == 0)
		place->body_max = outer->body_max;
	choose(outer->pass_preflight, &place->pass_preflight);
	choose(outer->ignore_case, &place->ignore_case);
	choose(outer->keep_authorization, &place->keep_authorization);
}

/* To whom a place is not open, of him it demands what the place around does, if it says nothing itself. */
static void
settle_demands(struct settling *settling, struct guard_place *place, const struct guard_place *outer)
{
	bool says = place->groups || place->max_age_ms || place->bearer_only != PLACE_UNSAID;

	if (place->open != PLACE_YES || place_is_open(place) || says)
		return;
	copy(settling, outer->groups, &place->groups);
	place->max_age_ms = outer->max_age_ms;
	place->bearer_only = outer->bearer_only;
}

static void
settle_front(struct settling *settling, struct guard_place *place)
{
	if (place->front == NULL)
		return;
	buf_printf(&settling->text, "%s%s", place->path, place->front);
	copy_text(settling, &place->front_path);
	copy_below(settling, place->php, place->front, &place->front_file);
}

/* "/app/staff/" is "app+staff", "/favicon.ico" is "favicon.ico+": no path has a plus. */
static void
settle_name(struct settling *settling, struct guard_place *place)
{
	const size_t len = strlen(place->path) - !place->exact;

	for (size_t i = 1; i < len; i++)
		buf_putc(&settling->text, place->path[i] == '/' ? '+' : place->path[i]);
	if (place->exact)
		buf_putc(&settling->text, '+');
	copy_text(settling, &place->name);
}

static void
settle(struct settling *settling, struct guard_place *place)
{
	const struct guard_place *outer = around(settling->guards, place->path);

	settle_front(settling, place);
	if (outer) {
		settle_behind(settling, place, outer);
		settle_demands(settling, place, outer);
	}
	settle_name(settling, place);
	if (place->php)
		copy(settling, FPM_DEFAULT, &place->fpm);
	if (place->body_max == 0)
		place->body_max = BODY_DEFAULT;
	choose(PLACE_YES, &place->keep_authorization);
	choose(PLACE_NO, &place->pass_preflight);
	choose(PLACE_NO, &place->ignore_case);
	choose(PLACE_NO, &place->bearer_only);
	choose(PLACE_NO, &place->open);
}

static int
by_length(const void *a, const void *b)
{
	const struct guard_place *const *one = a, *const *other = b;
	size_t one_len = strlen((*one)->path), other_len = strlen((*other)->path);

	return (one_len > other_len) - (one_len < other_len);
}

/* From the outermost to the innermost: each takes what the one around it has by then. */
static enum pt_err
settle_all(struct guards *guards)
{
	struct guard_place **sorted = calloc(guards->count + 1, sizeof(struct guard_place *));
	struct settling settling = { .guards = guards, .text = BUF_EMPTY };

	if (sorted == NULL)
		return PT_ERR_NOMEM;
	for (size_t i = 0; i < guards->count; i++)
		sorted[i] = &guards->places[i];
	qsort(sorted, guards->count, sizeof(struct guard_place *), by_length);
	for (size_t i = 0; i < guards->count; i++)
		settle(&settling, sorted[i]);
	free(sorted);
	buf_free(&settling.text);
	return settling.failed ? PT_ERR_NOMEM : PT_OK;
}

enum pt_err
guards_check(struct guards *guards, struct slice mount, unsigned *line, struct buf *why)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard_place *place = &guards->places[i];
		const char *problem = place_problem(place, mount);

		if (problem == NULL)
			continue;
		*line = place->line;
		buf_printf(why, "[guard %s] %s", place->path, problem);
		return PT_ERR_INVALID;
	}
	enum pt_err err = open_acme(guards);

	return err == PT_OK ? settle_all(guards) : err;
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
guards_shut(const struct guards *guards, const struct settings *site, struct buf *why, const char **mend)
{
	const struct guard_place *place = guards_admit_people(guards);

	if (place == NULL || site->gate_cookie)
		return false;
	buf_printf(why, "gate_cookie = no: who has signed in at [guard %s] is asked to sign in again and again", place->path);
	*mend = "leave gate_cookie out, or write credentials = bearer at places for programs alone";
	return true;
}
