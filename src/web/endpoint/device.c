#include "web/endpoint/device.h"

const struct refusal device_unknown = {
	.status = 404, .error = "not_found", .text = "There is no such session.",
};

const struct refusal *
device_rename(const struct request *request, const struct credential *who, struct slice id,
    struct slice name, struct session *session)
{
	static const struct refusal bad_name =
	    REFUSAL_MALFORMED("The device name is too long or contains a control "
	    "character.");
	struct store_caller caller = request_caller(request);
	bool found;

	if (name.len >= DEVICE_NAME_SIZE || slice_has_control(name))
		return &bad_name;
	enum pt_err err = store_session_rename(request->app->store, &caller, who->user.number, id,
	    name, session, &found);

	if (err != PT_OK)
		return refusal_failed(err);
	return found ? NULL : &device_unknown;
}
