#include <stdlib.h>
#include <string.h>

#include "conf/guards.h"
#include "conf/units.h"

#define FPM_DEFAULT "unix:/run/php/php-fpm.sock"
#define BODY_DEFAULT UNITS_GIB
#define ACME "/.well-known/acme-challenge/"	/* RFC 8555, 8.3 */

/* ---- what is wrong with a place, or NULL ---- */

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
		return "has methods or from, which limit an open place, without open = yes";
	if (place->open != PLACE_YES && place->exact)
		return "does not end in a slash, so it would include its neighbours; only with "
		    "open = yes does it mean that address alone";
	if (place_is_open(place) && demands)
		return "is open to everybody, but has demands; methods or from would limit what "
		    "it is open to";
	return NULL;
}

static const char *
place_problem(const struct guard_place *place, struct slice mount)
{
	const struct slice path = slice_of(place->path);
	const char *problem = behind_problem(place);

	if (problem == NULL)
		problem = open_problem(place);
	if (problem == NULL && slice_starts(path, mount) &&
	    (path.len == mount.len || path.ptr[mount.len] == '/'))
		problem = "is inside pintle's own mount, which guards itself";
	return problem;
}

/* ---- defaults ---- */

/* The innermost place around path; NULL if there is none. */
static struct guard_place *
around(const struct guards *guards, const char *path)
{
	struct guard_place *found = NULL;

	for (size_t i = 0; i < guards->count; i++) {
		struct guard_place *place = &guards->places[i];

		if (place->exact || strcmp(place->path, path) == 0 ||
		    !slice_starts(slice_of(path), slice_of(place->path)))
			continue;
		if (found == NULL || strlen(place->path) > strlen(found->path))
			found = place;
	}
	return found;
}

/*
 * Certificate renewal requests these addresses and cannot sign in. A section of the site's own
 * takes precedence.
 */
static enum pt_err
open_acme(struct guards *guards)
{
	const struct guard_place *outer = around(guards, ACME);

	if (places_named(guards, SLICE(ACME)) || outer == NULL || place_is_open(outer))
		return PT_OK;
	enum pt_err err = guards_add(guards, SLICE(ACME), 0);

	if (err == PT_OK)
		guards->places[guards->count - 1].open = PLACE_YES;
	return err;
}

/* Buffers to work in, and whether memory ran out. */
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

/* The same for the text in the buffer. */
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

/* The folder, or file, of the surrounding place, and the rest of this one's path. */
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

/* A place without an application of its own has that of the surrounding place. */
static void
settle_behind(struct settling *settling, struct guard_place *place, const struct guard_place *outer)
{
	const char *rest = place->path + strlen(outer->path);

	if (place_has_behind(place))
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

/*
 * From people to whom a place is not open it demands what the surrounding place does, unless it has
 * demands of its own.
 */
static void
settle_demands(struct settling *settling, struct guard_place *place,
    const struct guard_place *outer)
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

/* "/app/staff/" becomes "app+staff", "/favicon.ico" becomes "favicon.ico+"; no path has a plus. */
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

/* From the outermost to the innermost place: each takes what the surrounding one has by then. */
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
