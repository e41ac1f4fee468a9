#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "gate/text.h"

struct row {
	const char *name;
	int status;
	enum web_role role;
	bool head_only;
	const char *body;
	const char *text;
};

static const struct row rows[] = {
	{ "an answer has its status, its head, its length and its body", 200, WEB_RESPONDER, false, "hello",
	  "Status: 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello" },
	{ "under CGI it is the same", 401, WEB_CGI, false, "no",
	  "Status: 401 Unauthorized\r\nX: y\r\nContent-Length: 2\r\n\r\nno" },
	{ "HEAD has the length of the body that is not sent", 200, WEB_RESPONDER, true, "hello",
	  "Status: 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\n" },
	{ "an empty body has a length as well", 403, WEB_RESPONDER, false, "",
	  "Status: 403 Forbidden\r\nX: y\r\nContent-Length: 0\r\n\r\n" },
	{ "204 has neither length nor body", 204, WEB_RESPONDER, false, "never",
	  "Status: 204 No Content\r\nX: y\r\n\r\n" },
	{ "304 has neither length nor body", 304, WEB_RESPONDER, false, "never",
	  "Status: 304 Not Modified\r\nX: y\r\n\r\n" },
	{ "an authorizer's yes has no length: it would be the guarded page's", 200, WEB_AUTHORIZER, false, "",
	  "Status: 200 OK\r\nX: y\r\n\r\n" },
	{ "an authorizer's no has a body and no length: the server may cut it", 401, WEB_AUTHORIZER, false, "no",
	  "Status: 401 Unauthorized\r\nX: y\r\n\r\nno" },
	{ "an answer that nobody filled in is an error", 0, WEB_RESPONDER, false, "",
	  "Status: 500 Internal Server Error\r\nX: y\r\nContent-Length: 0\r\n\r\n" },
	{ "a status without a phrase here still has one", 299, WEB_RESPONDER, false, "",
	  "Status: 299 Other\r\nX: y\r\nContent-Length: 0\r\n\r\n" },
};

static void
test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct web_response response = { .status = rows[i].status, .head_only = rows[i].head_only };
		struct buf text = BUF_EMPTY;

		buf_puts(&response.head, "X: y\r\n");
		buf_puts(&response.body, rows[i].body);
		gate_text_put(&text, &response, rows[i].role);
		buf_putc(&text, '\0');
		if (strcmp(text.ptr, rows[i].text) != 0)
			fail_msg("%s: %s", rows[i].name, text.ptr);
		buf_free(&text);
		buf_free(&response.head);
		buf_free(&response.body);
	}
}

static void
test_a_refusal_is_json_that_nobody_keeps(void **state)
{
	struct web_response response = { .status = 0 };

	(void)state;
	gate_text_refuse(&response, 431, "too many");
	assert_int_equal(response.status, 431);
	assert_true(slice_eq(buf_slice(&response.body),
	    SLICE("{\"error\":\"invalid_request\",\"error_description\":\"too many\"}")));
	assert_non_null(memmem(response.head.ptr, response.head.len, "Cache-Control: no-store\r\n", 25));
	buf_free(&response.head);
	buf_free(&response.body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_a_refusal_is_json_that_nobody_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
