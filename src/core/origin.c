#include "core/origin.h"

bool
origin_is_listed(struct slice origin, struct slice allowed)
{
	return origin.len && !slice_eq(origin, SLICE("null")) &&
	    slice_is_listed(origin, allowed, ' ');
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
