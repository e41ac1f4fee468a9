#include "cmd/print/server_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/print/places_view.h"

/* Everything that templates may name, for one site and one kind. */
struct printed {
	const struct server_kind *kind;
	struct site_view site;
	struct places_view places;
	struct template_list lists[5];	/* the last entry: the place that a file is about */
	struct template_part parts[SERVER_PIECES];
	struct template_scope scope;
};

static void
printed_free(struct printed *printed)
{
	places_view_free(&printed->places);
	site_view_free(&printed->site);
}

static void
printed_name_pieces(struct printed *printed)
{
	printed->lists[0] = (struct template_list){ "guards", printed->places.short_first,
	    printed->places.count };
	printed->lists[1] = (struct template_list){ "guards_long_first", printed->places.long_first,
	    printed->places.count };
	printed->lists[2] = (struct template_list){ "cookies", printed->site.cookies,
	    printed->site.cookie_count };
	printed->lists[3] = (struct template_list){ "proxies", printed->site.proxies,
	    printed->site.proxy_count };
	printed->lists[4] = (struct template_list){ "this", NULL, 0 };
	printed->scope = (struct template_scope){ .fields = printed->site.fields,
	    .field_count = printed->site.field_count,
		.lists = printed->lists,
		    .list_count = sizeof(printed->lists) / sizeof(printed->lists[0]),
		    .parts = printed->parts };
	for (size_t i = 0; i < SERVER_PIECES && printed->kind->pieces[i].name; i++) {
		printed->parts[i] = (struct template_part){ printed->kind->pieces[i].name,
		    printed->kind->pieces[i].text };
		printed->scope.part_count++;
	}
}

/* Free *printed with printed_free in any case; it must not be moved. */
static enum pt_err
printed_init(struct printed *printed, const struct server_kind *kind,
    const struct server_config *config, struct buf *why)
{
	enum pt_err err;

	*printed = (struct printed){ .kind = kind };
	err = places_view_init(config->guards, &printed->places);
	if (err == PT_OK)
		err = site_view_init(kind, config, &printed->site, why);
	if (err != PT_OK)
		return err;
	printed_name_pieces(printed);
	return err;
}

/* In a whole server every place must name its application. */
static enum pt_err
all_behind(const struct guards *guards, struct buf *why)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard_place *place = &guards->places[i];

		if (place_has_behind(place))
			continue;
		buf_printf(why, "[guard %s] has no application: a whole server needs proxy, php or "
		    "files there; if the site has a server already, print the pieces "
		    "(--out)", place->path);
		return PT_ERR_INVALID;
	}
	return PT_OK;
}

enum pt_err
server_config_put(const struct server_kind *kind, const struct server_config *config,
    struct buf *out, struct buf *why)
{
	struct printed printed;
	enum pt_err err = printed_init(&printed, kind, config, why);

	if (err == PT_OK && !kind->gateway)
		err = all_behind(config->guards, why);
	if (err == PT_OK)
		err = template_render(*kind->text, &printed.scope, buf_put, out);
	printed_free(&printed);
	return err;
}

/*
 * Makes the file of one piece, for the site or for one place. PT_ERR_INVALID, with a message, if
 * the place's path is too long for a file name.
 */
static enum pt_err
file_name(const struct server_piece *piece, struct slice place, struct server_file *file,
    struct buf *why)
{
	int len = snprintf(file->name, sizeof(file->name), "%s%s%.*s.conf", piece->name, place.len ?
	    "-" : "", SLICE_ARG(place));

	if (len > 0 && (size_t)len < sizeof(file->name))
		return PT_OK;
	buf_printf(why, "the path of the place %.*s is too long for a file name", SLICE_ARG(place));
	return PT_ERR_INVALID;
}

static enum pt_err
place_file_add(struct printed *printed, const struct server_piece *piece, size_t place,
    struct server_files *out, struct buf *why)
{
	const struct guard_place *about = printed->places.sorted[place];
	struct server_file *file = &out->items[out->count];
	char text[64];

	if (piece->each == PIECE_BEHIND && !place_has_behind(about))
		return PT_OK;
	out->count++;
	printed->lists[4] = (struct template_list){ "this", &printed->places.short_first[place],
	    1 };
	snprintf(text, sizeof(text), "{{#this}}{{>%s}}{{/this}}", piece->name);

	enum pt_err err = file_name(piece, slice_of(about->name), file, why);

	return err == PT_OK ? template_render(slice_of(text), &printed->scope, buf_put,
	    &file->text) : err;
}

static enum pt_err
site_file_add(const struct printed *printed, const struct server_piece *piece,
    struct server_files *out, struct buf *why)
{
	struct server_file *file = &out->items[out->count++];
	enum pt_err err = file_name(piece, SLICE(""), file, why);

	return err == PT_OK ? template_render(*piece->text, &printed->scope, buf_put, &file->text) :
	    err;
}

static enum pt_err
files_add(struct printed *printed, struct server_files *out, struct buf *why)
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; i < printed->scope.part_count && err == PT_OK; i++) {
		const struct server_piece *piece = &printed->kind->pieces[i];

		if (piece->each == PIECE_SITE)
			err = site_file_add(printed, piece, out, why);
		for (size_t j = 0; piece->each >= PIECE_PLACE && j < printed->places.count &&
		    err == PT_OK; j++)
			err = place_file_add(printed, piece, j, out, why);
	}
	return err;
}

enum pt_err
server_config_pieces(const struct server_kind *kind, const struct server_config *config,
    struct server_files *out, struct buf *why)
{
	struct printed printed;
	enum pt_err err = printed_init(&printed, kind, config, why);

	*out = (struct server_files){ .paste = BUF_EMPTY };
	if (err == PT_OK)
		out->items = calloc(SERVER_PIECES * (config->guards->count + 1),
		    sizeof(*out->items));
	if (err == PT_OK && out->items == NULL)
		err = PT_ERR_NOMEM;
	if (err == PT_OK)
		err = files_add(&printed, out, why);
	if (err == PT_OK)
		err = template_render(*kind->paste, &printed.scope, buf_put, &out->paste);
	printed_free(&printed);
	return err;
}

void
server_files_free(struct server_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		buf_free(&files->items[i].text);
	buf_free(&files->paste);
	free(files->items);
	*files = (struct server_files){ .paste = BUF_EMPTY };
}
