/* GET /health: whether a read transaction and a key work; nothing more is told. */
#include "web/endpoints.h"

#include "web/answer.h"

enum pt_err
health_get(const struct request *request, struct web_response *response)
{
	const struct web_app *app = request->app;
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len;
	enum pt_err err = store_check(app->store);

	if (err == PT_OK)
		err = signing_sign(keyring_signing_key(app->keys), SLICE("health"), signature, &len);
	if (err != PT_OK)
		return err == PT_ERR_FATAL ? err : PT_ERR_IO;	/* a monitor wants 503, whichever of the two it is */
	struct json_writer w = answer_json(response, 200);

	json_open(&w, NULL);
	json_put_cstr(&w, "status", "ok");
	json_close(&w);
	return PT_OK;
}
