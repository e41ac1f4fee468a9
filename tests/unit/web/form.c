/* Forms are read strictly: a malformed one is refused whole, and a repeated field is reported. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "web/http/form.h"

struct row {
	const char *name;
	const char *text;
	bool good;
	enum form_found found;	/* for the field "f" */
	const char *value;
};

static const struct row rows[] = {
	{ "an empty form is a form", "", true, FORM_ABSENT, NULL },
	{ "one field", "f=x", true, FORM_ONCE, "x" },
	{ "a field without a value is empty", "f", true, FORM_ONCE, "" },
	{ "an equals sign and nothing behind it is empty too", "f=", true, FORM_ONCE, "" },
	{ "plus is a blank", "f=a+b", true, FORM_ONCE, "a b" },
	{ "escapes of either case", "f=%c3%A4%2B", true, FORM_ONCE, "\xc3\xa4+" },
	{ "an escaped name is the name", "%66=x", true, FORM_ONCE, "x" },
	{ "an escaped ampersand parts nothing", "f=a%26f=b", true, FORM_ONCE, "a&f=b" },
	{ "the value may hold an equals sign", "f=a=b", true, FORM_ONCE, "a=b" },
	{ "empty pieces say nothing", "&&f=x&&", true, FORM_ONCE, "x" },
	{ "blanks are kept", "f=+x+", true, FORM_ONCE, " x " },
	{ "another case is another field", "F=x", true, FORM_ABSENT, NULL },
	{ "a field that comes twice is told", "f=x&g=1&f=x", true, FORM_REPEATED, NULL },
	{ "a field that comes twice in two spellings is told", "f=x&%66=y", true, FORM_REPEATED, NULL },
	{ "half an escape", "f=%4", false, FORM_ABSENT, NULL },
	{ "a percent sign alone", "f=%", false, FORM_ABSENT, NULL },
	{ "an escape that is none", "f=%zz", false, FORM_ABSENT, NULL },
	{ "an escaped NUL", "f=a%00b", false, FORM_ABSENT, NULL },
	{ "bytes that are no UTF-8", "f=%ff", false, FORM_ABSENT, NULL },
	{ "bytes that are no UTF-8, in a name", "%c3=x", false, FORM_ABSENT, NULL },
};

static void
read_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct form form;
		struct slice value = { NULL, 0 };
		bool good;

		assert_int_equal(form_parse(slice_of(rows[i].text), &form, &good), PT_OK);
		if (good != rows[i].good)
			fail_msg("%s: %s", rows[i].name, good ? "taken" : "refused");
		if (form_get(&form, "f", &value) != rows[i].found)
			fail_msg("%s: found %d", rows[i].name, form_get(&form, "f", &value));
		if (rows[i].found == FORM_ONCE && !slice_eq(value, slice_of(rows[i].value)))
			fail_msg("%s: got %.*s", rows[i].name, SLICE_ARG(value));
		form_free(&form);
	}
}

static void
a_form_of_more_fields_than_it_may_have_is_refused(void **state)
{
	struct buf text = BUF_EMPTY;
	struct form form;
	bool good;

	(void)state;
	for (int i = 0; i < FORM_MAX_FIELDS; i++)
		buf_printf(&text, "a%d=1&", i);
	assert_int_equal(form_parse(buf_slice(&text), &form, &good), PT_OK);
	assert_true(good);
	form_free(&form);
	buf_puts(&text, "b=1");
	assert_int_equal(form_parse(buf_slice(&text), &form, &good), PT_OK);
	assert_false(good);
	form_free(&form);
	buf_free(&text);
}

static void
a_raw_nul_is_refused(void **state)
{
	struct form form;
	bool good = true;

	(void)state;
	assert_int_equal(form_parse(SLICE("f=a\0b"), &form, &good), PT_OK);
	assert_false(good);
	form_free(&form);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_every_row),
		cmocka_unit_test(a_form_of_more_fields_than_it_may_have_is_refused),
		cmocka_unit_test(a_raw_nul_is_refused),
	};

	return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
