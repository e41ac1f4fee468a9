#include "support/gate_double.h"

#include <poll.h>
#include <unistd.h>

#include "base/waiting.h"

struct slice
web_param(const struct web_request *request, const char *name)
{
	for (size_t i = request->param_count; i-- > 0;) {
		if (slice_eq(request->params[i].name, slice_of(name)))
			return request->params[i].value;
	}
	return (struct slice){ NULL, 0 };
}

void
web_response_free(struct web_response *response)
{
	buf_free(&response->head);
	buf_free(&response->body);
}

static void
double_echo(const struct web_request *request, struct buf *body)
{
	struct slice user = web_param(request, "REMOTE_USER");
	struct slice passwd = web_param(request, "REMOTE_PASSWD");

	buf_printf(body, "role=%d state=%d body=%zu pid=%d user=%.*s passwd=%.*s", (int)request->role,
	    (int)request->body_state, request->body.len, (int)getpid(), SLICE_ARG(user), SLICE_ARG(passwd));
	if (request->peer_keeps)
		buf_puts(body, " keeps");
}

void
web_sender(const struct web_app *app, struct slice peer, struct slice forwarded, char out[ADDRESS_SIZE])
{
	(void)app;
	(void)forwarded;
	slice_copy(peer, out, ADDRESS_SIZE);
}

bool
web_is_quick(const struct web_request *request)
{
	return slice_eq(web_param(request, "SCRIPT_NAME"), SLICE("/echo")) || web_goes_together(request);
}

bool
web_goes_together(const struct web_request *request)
{
	return slice_eq(web_param(request, "SCRIPT_NAME"), SLICE("/together"));
}

void
web_answer_together(struct web_app *app, const struct web_request *const requests[], struct web_response *const responses[],
    size_t count)
{
	unsigned most = atomic_load(&app->company);

	while (count > most && !atomic_compare_exchange_weak(&app->company, &most, (unsigned)count))
		;
	for (size_t i = 0; i < count; i++)
		web_answer(app, requests[i], responses[i]);
}

static void
double_idle(struct web_app *app)
{
	atomic_fetch_sub(&app->working, 1);
	waiting_tell(true);
	atomic_fetch_add(&app->idling, 1);
	while (atomic_load(&app->idle))
		poll(NULL, 0, 1);
	atomic_fetch_sub(&app->idling, 1);
	waiting_tell(false);
	atomic_fetch_add(&app->working, 1);
}

static void
double_enter(struct web_app *app)
{
	unsigned working = atomic_fetch_add(&app->working, 1) + 1, crowd = atomic_load(&app->crowd);

	while (working > crowd && !atomic_compare_exchange_weak(&app->crowd, &crowd, working))
		;
	atomic_fetch_add(&app->begun, 1);
}

void
web_answer(struct web_app *app, const struct web_request *request, struct web_response *response)
{
	struct slice path = web_param(request, "SCRIPT_NAME");

	double_enter(app);
	if (slice_eq(path, SLICE("/idle"))) {
		double_idle(app);
	} else if (slice_eq(path, SLICE("/slow"))) {
		poll(NULL, 0, DOUBLE_SLOW_MS);
		bool waits = request->peer_waits(request->peer_ctx);

		atomic_fetch_add(&app->left, !waits);
		buf_printf(&response->body, "waits=%d", waits);
	} else if (slice_eq(path, SLICE("/big"))) {
		for (int i = 0; i < DOUBLE_BIG; i++)
			buf_putc(&response->body, 'x');
	} else
		double_echo(request, &response->body);
	buf_puts(&response->head, "X-Double: yes\r\n");
	response->status = 200;
	response->head_only = slice_eq(path, SLICE("/head"));
	response->fatal = slice_eq(path, SLICE("/fatal"));
	if (response->fatal)
		response->status = 500;
	if (slice_eq(path, SLICE("/zero")))
		response->status = 0;
	atomic_fetch_sub(&app->working, 1);
	atomic_fetch_add(&app->answered, 1);
}
