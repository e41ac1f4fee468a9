#include "web/pages/present.h"

#include "base/base32.h"
#include "base/secret.h"
#include "web/http/redirect.h"
#include "web/pages/page.h"
#include "web/pages/second_step.h"

static enum pt_err
present_secret(const struct request *request, const struct outcome *out)
{
	char text[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	struct buf address = BUF_EMPTY;

	otp_address_put(&address, slice_of(request->app->settings->issuer),
	    slice_of(out->who.user.name), out->secret);
	base32_encode(out->secret, TOTP_SECRET_SIZE, text);

	enum pt_err err = buf_status(&address);

	if (err == PT_OK) {
		struct json_writer w = answer_json(out->response, 200);

		json_open(&w, NULL);
		json_put_cstr(&w, "secret", text);
		json_put_string(&w, "otpauth", buf_slice(&address));
		json_close(&w);
	}
	secret_wipe(text, sizeof(text));
	buf_free(&address);
	return err;
}

static void
present_codes(const struct outcome *out)
{
	struct json_writer w = answer_json(out->response, 200);

	json_open(&w, NULL);
	json_open_array(&w, "recovery_codes");
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		json_put_cstr(&w, NULL, out->codes.text[i]);
	json_close_array(&w);
	json_close(&w);
}

enum pt_err
present_json(const struct request *request, const struct refusal *refusal, struct outcome *out)
{
	if (refusal) {
		answer_refuse(out->response, refusal);
		return PT_OK;
	}
	switch (out->kind) {
	case OUTCOME_NONE:
	case OUTCOME_PAGE:
		return PT_ERR_INVALID;
	case OUTCOME_WRITTEN:
		return PT_OK;
	case OUTCOME_DONE:
		answer_empty(out->response, 204);
		return PT_OK;
	case OUTCOME_SIGNED_IN:
		return grant_answer(request, out->response, &out->grant);
	case OUTCOME_SECRET:
		return present_secret(request, out);
	case OUTCOME_CODES:
		present_codes(out);
		return PT_OK;
	}
	return PT_ERR_INVALID;
}

enum pt_err
present_page(const struct request *request, const struct refusal *refusal, struct outcome *out,
    outcome_page *page)
{
	if (refusal && refusal->failure) {
		page_turned_away(request, out->response, refusal, SLICE(""));
		return PT_OK;
	}
	if (refusal)
		return page(request, refusal, out);
	switch (out->kind) {
	case OUTCOME_NONE:
		return PT_ERR_INVALID;
	case OUTCOME_WRITTEN:
		return PT_OK;
	case OUTCOME_PAGE:
	case OUTCOME_SECRET:
		return page(request, NULL, out);
	case OUTCOME_DONE:
		/* After a redirect, going back does not send the form again. */
		if (out->next)
			return redirect_to_page(request, out->response, out->next);
		redirect_to(request, out->response, out->return_to);
		return PT_OK;
	case OUTCOME_SIGNED_IN:
		if (!out->has_codes) {
			redirect_to(request, out->response, out->return_to);
			return PT_OK;
		}
		/* fallthrough */
	case OUTCOME_CODES:
		second_step_codes(request, out->response, &out->codes, out->return_to);
		return PT_OK;
	}
	return PT_ERR_INVALID;
}
