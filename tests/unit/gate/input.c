#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "gate/input.h"

struct body_row {
	const char *name;
	const char *declared;	/* NULL: no CONTENT_LENGTH */
	uint64_t got;
	bool ended;
	enum web_body_state state;
};

static const struct body_row body_rows[] = {
	{ "no length and no body", NULL, 0, true, WEB_BODY_WHOLE },
	{ "an empty length and no body, as nginx sends it", "", 0, true, WEB_BODY_WHOLE },
	{ "no length and a body that ended, as a chunked request", NULL, 7, true, WEB_BODY_WHOLE },
	{ "a length of -1, as Caddy says of a chunked request", "-1", 7, true, WEB_BODY_WHOLE },
	{ "the same without its end", "-1", 7, false, WEB_BODY_SHORT },
	{ "no length and a body that did not end", NULL, 7, false, WEB_BODY_SHORT },
	{ "what the length says", "7", 7, true, WEB_BODY_WHOLE },
	{ "less than the length says", "8", 7, true, WEB_BODY_SHORT },
	{ "nothing of what the length says", "8", 0, true, WEB_BODY_SHORT },
	{ "more than the length says", "6", 7, true, WEB_BODY_SHORT },
	{ "a body where the length says none", "0", 7, true, WEB_BODY_SHORT },
	{ "the right length, but not its end", "7", 7, false, WEB_BODY_SHORT },
	{ "the most that may come", "16384", 16384, true, WEB_BODY_WHOLE },
	{ "one byte more", "16385", 16385, true, WEB_BODY_TOO_LARGE },
	{ "one byte more without saying so", NULL, 16385, true, WEB_BODY_TOO_LARGE },
	{ "more announced than may come, nothing sent", "16385", 0, true, WEB_BODY_TOO_LARGE },
	{ "a negative length", "-7", 7, true, WEB_BODY_SHORT },
	{ "a length with a sign", "+7", 7, true, WEB_BODY_SHORT },
	{ "a length with a space", " 7", 7, true, WEB_BODY_SHORT },
	{ "two lengths", "7, 7", 7, true, WEB_BODY_SHORT },
	{ "a hexadecimal length", "0x7", 7, true, WEB_BODY_SHORT },
	{ "a length beyond 64 bits", "18446744073709551623", 7, true, WEB_BODY_SHORT },
};

static void
test_bodies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(body_rows) / sizeof(body_rows[0]); i++) {
		const struct body_row *row = &body_rows[i];
		const struct web_param param = { SLICE("CONTENT_LENGTH"), slice_of(row->declared) };
		const struct web_request request = { .params = &param, .param_count = row->declared != NULL };

		if (gate_input_body(&request, row->got, row->ended) != row->state)
			fail_msg("%s", row->name);
	}
}

static void
test_parameters_are_cut_at_the_first_equals_sign(void **state)
{
	char a[] = "QUERY_STRING=a=b", b[] = "EMPTY=", c[] = "nothing", d[] = "QUERY_STRING=c";
	char *texts[] = { a, b, c, d, NULL };
	struct web_param params[WEB_MAX_PARAMS];
	struct web_request request = { .role = WEB_RESPONDER };

	(void)state;
	assert_true(gate_input_params(&request, params, texts, true));
	assert_int_equal(request.param_count, 3);
	assert_true(slice_eq(params[0].value, SLICE("a=b")));
	assert_true(slice_eq(params[1].name, SLICE("EMPTY")));
	assert_int_equal(params[1].value.len, 0);
	assert_true(slice_eq(params[2].value, SLICE("c")));
}

static void
test_who_is_not_believed_names_no_user(void **state)
{
	char user[] = "REMOTE_USER=mallory", type[] = "AUTH_TYPE=Basic", passwd[] = "REMOTE_PASSWD=secret";
	char *texts[] = { user, type, passwd, NULL };
	struct web_param params[WEB_MAX_PARAMS];
	struct web_request request = { .role = WEB_RESPONDER };

	(void)state;
	assert_true(gate_input_params(&request, params, texts, false));
	assert_int_equal(request.param_count, 0);
	assert_true(gate_input_params(&request, params, texts, true));
	assert_int_equal(request.param_count, 2);
	assert_true(slice_eq(params[0].value, SLICE("mallory")));
	assert_true(slice_eq(params[1].value, SLICE("Basic")));
}

static void
test_so_many_parameters_and_no_more(void **state)
{
	static char text[] = "HTTP_X=y";
	char *texts[WEB_MAX_PARAMS + 2];
	struct web_param params[WEB_MAX_PARAMS];
	struct web_request request = { .role = WEB_RESPONDER };

	(void)state;
	for (size_t i = 0; i <= WEB_MAX_PARAMS; i++)
		texts[i] = text;
	texts[WEB_MAX_PARAMS + 1] = NULL;
	assert_false(gate_input_params(&request, params, texts, true));
	assert_int_equal(request.param_count, WEB_MAX_PARAMS);
	texts[WEB_MAX_PARAMS] = NULL;
	assert_true(gate_input_params(&request, params, texts, true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_parameters_are_cut_at_the_first_equals_sign),
		cmocka_unit_test(test_who_is_not_believed_names_no_user),
		cmocka_unit_test(test_so_many_parameters_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
