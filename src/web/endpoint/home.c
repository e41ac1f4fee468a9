/* GET /: the mount's own page. */
#include "web/endpoint/endpoints.h"

const struct refusal *
home_get(const struct request *request, struct outcome *out)
{
	out->kind = OUTCOME_PAGE;
	return refusal_failed(credential_read(request, &out->who));
}
