#include "core/origin.h"

/* Whether origin is in list, whose entries are separated by one space. */
static bool
listed(struct slice origin, struct slice list)
{
	struct slice one;

	while (list.len) {
		slice_cut(list, ' ', &one, &list);
		if (one.len && slice_eq(one, origin))
			return true;
	}
	return false;
}

bool
origin_is_listed(struct slice origin, struct slice allowed)
{
	return origin.len && !slice_eq(origin, SLICE("null")) && listed(origin, allowed);
}

enum origin_verdict
origin_decide(const struct origin_facts *facts)
{
	if (origin_is_listed(facts->origin, facts->allowed))
		return ORIGIN_ALLOWED;
	if (facts->sec_fetch_site.len) {
		if (slice_eq(facts->sec_fetch_site, SLICE("same-origin")) ||
		    slice_eq(facts->sec_fetch_site, SLICE("none")))
			return ORIGIN_SAME;
		return ORIGIN_REFUSED;
	}
	if (facts->origin.len)
		return origin_is_listed(facts->origin, facts->own) ? ORIGIN_SAME : ORIGIN_REFUSED;
	return ORIGIN_NO_BROWSER;
}
