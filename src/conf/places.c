#include "conf/places.h"

#include <string.h>

#include "core/address.h"

bool
place_has_behind(const struct guard_place *place)
{
	return place->proxy || place->php || place->files;
}

bool
place_is_open(const struct guard_place *place)
{
	return place->open == PLACE_YES && place->methods == NULL && place->from == NULL;
}

bool
place_is_asked(const struct guard_place *place)
{
	return !place_is_open(place) || place->files == NULL;
}

bool
place_is_open_to(const struct guard_place *place, struct slice method, struct slice address)
{
	if (place->open != PLACE_YES ||
	    (place->methods && !slice_is_listed(method, slice_of(place->methods), ' ')))
		return false;
	return place->from == NULL || address_listed(address, slice_of(place->from));
}

bool
place_admits_people(const struct guard_place *place)
{
	return !place_is_open(place) && place->bearer_only != PLACE_YES;
}

const struct guard_place *
places_named(const struct guards *guards, struct slice path)
{
	for (size_t i = 0; i < guards->count; i++)
		if (slice_eq(slice_of(guards->places[i].path), path))
			return &guards->places[i];
	return NULL;
}

static bool
place_holds(const struct guard_place *place, struct slice path, bool any_case)
{
	/* The path without its final slash. */
	const size_t len = strlen(place->path) - !place->exact;
	const struct slice own = { place->path, len }, head = { path.ptr, len };

	if (path.len < len || !(any_case ? slice_eq_nocase(head, own) : slice_eq(head, own)))
		return false;
	return path.len == len || (!place->exact && path.ptr[len] == '/');
}

const struct guard_place *
places_at(const struct guards *guards, struct slice path, bool any_case)
{
	const struct guard_place *found = NULL;

	for (size_t i = 0; i < guards->count; i++) {
		const struct guard_place *place = &guards->places[i];

		if (!place_holds(place, path, any_case))
			continue;
		/* Of "/x" and "/x/", the former is only about that address. */
		if (found == NULL || place->exact ||
		    (!found->exact && strlen(place->path) > strlen(found->path)))
			found = place;
	}
	return found;
}
