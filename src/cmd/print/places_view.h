/* The guarded places of a site, as the web servers' templates need them. */
#ifndef PINTLE_CMD_PRINT_PLACES_VIEW_H
#define PINTLE_CMD_PRINT_PLACES_VIEW_H

#include "base/buf.h"
#include "base/template.h"
#include "conf/places.h"

struct place_view;

/* All places in both orders, since some servers use the first match and some the last. */
struct places_view {
	const struct guard_place **sorted;	/* short paths first */
	struct place_view *places;		/* the guarded ones of them, in that order */
	struct template_scope *short_first, *long_first;
	size_t count;
};

/* *view borrows from guards; free it with places_view_free in any case. */
enum pt_err places_view_init(const struct guards *guards, struct places_view *view);
void places_view_free(struct places_view *view);

#endif
