#include "web/http/message.h"

struct slice
web_param(const struct web_request *request, const char *name)
{
	struct slice wanted = slice_of(name);

	for (size_t i = request->param_count; i > 0; i--)
		if (slice_eq(request->params[i - 1].name, wanted))
			return request->params[i - 1].value;
	return (struct slice){ NULL, 0 };
}

void
web_response_free(struct web_response *response)
{
	buf_free(&response->head);
	buf_free(&response->body);
}
