#include "web/who/new_password.h"

#include "web/who/password_rules.h"

const struct refusal *
new_password_demand(const struct request *request, const struct user *user, struct slice password,
    struct refusal *memory)
{
	const struct web_app *app = request->app;
	enum password_verdict verdict;
	enum pt_err err = password_rules_judge(app->settings, app->bad_passwords,
	    slice_of(user->name), password, &verdict);

	if (err != PT_OK || verdict == PASSWORD_GOOD)
		return refusal_failed(err);
	*memory = (struct refusal){
		.status = 400, .error = "invalid_password", .text = password_verdict_text(verdict),
	};
	return memory;
}
