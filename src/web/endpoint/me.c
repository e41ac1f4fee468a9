/* GET /me: who this is, and how and when it was proved. */
#include "web/endpoint/endpoints.h"

#include "web/http/answer.h"
#include "web/pages/view.h"
#include "web/who/credential.h"

enum pt_err
me_get(const struct request *request, struct web_response *response)
{
	struct credential who;
	char amr[VIEW_METHODS_SIZE];
	enum pt_err err = credential_demand(request, response, &who);

	if (err != PT_OK || !who.good)
		return err;
	struct json_writer w = answer_json(response, 200);

	view_methods(who.session.methods, amr);
	json_open(&w, NULL);
	view_user(&w, "user", &who.user);
	view_session(&w, "session", &who.session, true);
	view_list(&w, "amr", slice_of(amr));
	json_put_time(&w, "auth_time", who.session.auth_time);
	json_close(&w);
	return PT_OK;
}
