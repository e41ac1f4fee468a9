/* The guarded places of a site as the templates of web servers name them. */
#ifndef PINTLE_CMD_PRINT_PLACES_VIEW_H
#define PINTLE_CMD_PRINT_PLACES_VIEW_H

#include "base/buf.h"
#include "base/template.h"
#include "conf/places.h"

struct place_view;

/* All of them in both orders, since some servers take the first that fits and some the last. */
struct places_view {
	const struct guard_place **sorted;	/* short paths first */
	struct place_view *places;		/* of those, in that order */
	struct template_scope *short_first, *long_first;
	size_t count;
};

/* *view, which borrows from guards, is for places_view_free in any case. */
enum pt_err places_view_init(const struct guards *guards, struct places_view *view);
void places_view_free(struct places_view *view);

#endif
