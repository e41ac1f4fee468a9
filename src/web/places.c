#include "web/places.h"

bool
place_is_open(const struct guard_place *place)
{
	return place->open == PLACE_YES && place->methods == NULL && place->from == NULL;
}

bool
place_admits_people(const struct guard_place *place)
{
	return !place_is_open(place) && place->bearer_only != PLACE_YES;
}
