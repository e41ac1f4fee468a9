/* Pages and printed configurations are filled in without surprises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/template.h"

static const struct template_field guard_app[] = { { "path", { "/app/", 5 } }, { "group", { "staff", 5 } } };
static const struct template_field guard_wiki[] = { { "path", { "/wiki/", 6 } }, { "group", { "", 0 } } };
static const struct template_scope guards[] = {
	{ .fields = guard_app, .field_count = 2 },
	{ .fields = guard_wiki, .field_count = 2 },
};
static const struct template_list lists[] = { { "guards", guards, 2 }, { "none", NULL, 0 } };
static const struct template_field fields[] = {
	{ "mount", { "/auth", 5 } },
	{ "nothing", { "", 0 } },
	{ "evil", { "<\"&'>", 5 } },
	{ "strange", { "a\"\\\n{{mount}}\xc2\x85\xe2\x80\xa8\xc3\xa9", 20 } },
};
static const struct slice part_place = { "{{path}};", 9 }, part_line = { "\tat {{mount}}\n", 14 }, part_self = { "{{>self}}", 9 },
	part_lines = { "one {{mount}}\n\n\ttwo\n", 20 }, part_outer = { "begin\n\t{{>lines}}\nend\n", 22 },
	part_path = { "{{path}};\n", 10 };
static const struct template_part parts[] = { { "lines", &part_lines }, { "outer", &part_outer }, { "path", &part_path },
	 { "place", &part_place }, { "line", &part_line }, { "self", &part_self } };
static const struct template_scope scope = { .fields = fields, .field_count = 4, .lists = lists, .list_count = 2,
	.parts = parts, .part_count = sizeof(parts) / sizeof(parts[0]) };

static const struct {
	const char *name, *text, *want;	/* want NULL: refused */
} rows[] = {
	{ "plain text stays as it is", "a { b } c\n", "a { b } c\n" },
	{ "a value stands where its name stood", "at {{mount}}/login", "at /auth/login" },
	{ "an empty value leaves nothing", "[{{nothing}}]", "[]" },
	{ "a list is repeated for each item", "{{#guards}}({{path}}){{/guards}}", "(/app/)(/wiki/)" },
	{ "an item sees the fields around it", "{{#guards}}{{mount}} {{path}};{{/guards}}", "/auth /app/;/auth /wiki/;" },
	{ "a mark alone on its line leaves no line", "a\n\t{{#guards}}\n\t{{path}}\n\t{{/guards}}\nb\n", "a\n\t/app/\n\t/wiki/\nb\n" },
	{ "a section of a field is kept if it is not empty", "{{#mount}}yes{{/mount}}{{#nothing}}no{{/nothing}}", "yes" },
	{ "an inverted section is kept if it is empty", "{{^mount}}no{{/mount}}{{^nothing}}yes{{/nothing}}{{^none}}!{{/none}}", "yes!" },
	{ "a section in an item looks at the item first", "{{#guards}}{{path}}{{#group}}:{{group}}{{/group}} {{/guards}}", "/app/:staff /wiki/ " },
	{ "a part is filled where it stands", "{{#guards}}{{>place}}{{/guards}}", "/app/;/wiki/;" },
	{ "a part alone on its line leaves no line of its own", "a\n{{>line}}\nb\n", "a\n\tat /auth\nb\n" },
	{ "a part alone on its line is indented as its mark is", "a\n\t{{>lines}}\nb\n", "a\n\tone /auth\n\n\t\ttwo\nb\n" },
	{ "an indented part in an indented part", "\t{{>outer}}\n", "\tbegin\n\t\tone /auth\n\n\t\t\ttwo\n\tend\n" },
	{ "an indented part in each item", "{{#guards}}\n  {{>path}}\n{{/guards}}\n", "  /app/;\n  /wiki/;\n" },
	{ "a part in a section that is not kept is not looked at", "{{#nothing}}{{>none}}{{/nothing}}", "" },
	{ "an unknown part is refused", "{{>none}}", NULL },
	{ "a part that holds itself is refused", "{{>self}}", NULL },
	{ "an unknown name is refused", "{{mont}}", NULL },
	{ "an unknown section is refused", "{{#mont}}{{/mont}}", NULL },
	{ "an open section is refused", "{{#guards}}x", NULL },
	{ "a section that ends under another name is refused", "{{#guards}}x{{/mount}}", NULL },
	{ "an end without a beginning is refused", "x{{/guards}}", NULL },
	{ "an open mark is refused", "x{{mount", NULL },
};

static void
fills_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_EMPTY;
		enum pt_err err = template_render(slice_of(rows[i].text), &scope, buf_put, &out);
		bool good = rows[i].want ? err == PT_OK && slice_eq(buf_slice(&out), slice_of(rows[i].want)) :
		    err == PT_ERR_INVALID;

		if (!good)
			print_message("# %s: \"%.*s\"\n", rows[i].name, SLICE_ARG(buf_slice(&out)));
		assert_true(good);
		buf_free(&out);
	}
}

static void
escapes_for_pages(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(template_render(SLICE("<a title=\"{{evil}}\">"), &scope, template_put_html, &out), PT_OK);
	assert_true(slice_eq(buf_slice(&out), SLICE("<a title=\"&lt;&quot;&amp;&#39;&gt;\">")));
	buf_free(&out);
}

static void
quotes_for_programs(void **state)
{
	struct buf out = BUF_EMPTY;

	(void)state;
	assert_int_equal(template_render(SLICE("const x = {{strange}};"), &scope, template_put_quoted, &out), PT_OK);
	assert_true(slice_eq(buf_slice(&out), SLICE("const x = \"a\\\"\\\\\\u000a{{mount}}\\u0085\\u2028\xc3\xa9\";")));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_every_row),
		cmocka_unit_test(escapes_for_pages),
		cmocka_unit_test(quotes_for_programs),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
