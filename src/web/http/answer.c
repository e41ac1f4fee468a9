#include "web/http/answer.h"

#include "core/reason.h"

void
answer_header(struct web_response *response, const char *name, struct slice value)
{
	if (slice_has_control(value)) {
		response->head.failed = true;
		return;
	}
	buf_puts(&response->head, name);
	buf_puts(&response->head, ": ");
	buf_put(&response->head, value);
	buf_puts(&response->head, "\r\n");
}

void
answer_header_buf(struct web_response *response, const char *name, const struct buf *value)
{
	if (buf_status(value) != PT_OK)
		response->head.failed = true;
	else
		answer_header(response, name, buf_slice(value));
}

void
answer_empty(struct web_response *response, int status)
{
	response->status = status;
}

struct json_writer
answer_json(struct web_response *response, int status)
{
	response->status = status;
	answer_header(response, "Content-Type", SLICE("application/json; charset=utf-8"));
	return json_writer(&response->body);
}

void
answer_refuse_head(struct web_response *response, const struct refusal *refusal)
{
	response->status = refusal->status;
	if (refusal->status == 401 && refusal->challenge)
		answer_header(response, "WWW-Authenticate", slice_of(refusal->challenge));
	else if (refusal->status == 401)
		answer_header(response, "WWW-Authenticate",
		    refusal->token_sent ? SLICE("Bearer error=\"invalid_token\"") :
		    SLICE("Bearer"));
	if (refusal->retry_after)
		buf_printf(&response->head, "Retry-After: %u\r\n", refusal->retry_after);
}

void
answer_refuse(struct web_response *response, const struct refusal *refusal)
{
	struct json_writer w = answer_json(response, refusal->status);
	char text[REFUSAL_TEXT_SIZE];

	answer_refuse_head(response, refusal);
	json_open(&w, NULL);
	json_put_cstr(&w, "error", refusal->error);
	json_put_string(&w, "error_description", refusal_text(refusal, text));
	if (refusal->reason != REASON_NONE)
		json_put_cstr(&w, "reason", reason_info(refusal->reason)->name);
	json_close(&w);
}

void
answer_reset(struct web_response *response)
{
	response->status = 0;
	response->max_age = 0;
	response->asked_again = false;
	buf_clear(&response->head);
	buf_clear(&response->body);
}
