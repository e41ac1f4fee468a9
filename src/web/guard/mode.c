#include "web/guard/mode.h"

enum guard_mode
guard_mode_of(const struct request *request)
{
	struct slice mode = request_param(request, "PINTLE_MODE");

	if (mode.ptr == NULL)
		return request->raw->role == WEB_AUTHORIZER ? GUARD_BOTH : GUARD_NONE;
	if (slice_eq(mode, SLICE("verify")))
		return GUARD_VERIFY;
	if (slice_eq(mode, SLICE("deny")))
		return GUARD_DENY;
	if (slice_eq(mode, SLICE("forward")))
		return GUARD_FORWARD;
	return slice_eq(mode, SLICE("guard")) ? GUARD_BOTH : GUARD_UNKNOWN;
}
