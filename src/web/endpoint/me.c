/* GET /me: who is signed in, and how and when that was proved. */
#include "web/endpoint/endpoints.h"

#include "web/pages/view.h"

const struct refusal *
me_get(const struct request *request, struct outcome *out)
{
	const struct session *session = &out->who.session;
	const struct refusal *refusal = credential_demand(request, &out->who);
	char amr[VIEW_METHODS_SIZE];

	if (refusal)
		return refusal;
	struct json_writer w = answer_json(out->response, 200);

	out->kind = OUTCOME_WRITTEN;
	view_methods(session->methods, amr);
	json_open(&w, NULL);
	view_user(&w, "user", &out->who.user);
	view_session(&w, "session", session, true);
	view_names(&w, "amr", slice_of(amr));
	json_put_time(&w, "auth_time", session->auth_time);
	json_close(&w);
	return NULL;
}
