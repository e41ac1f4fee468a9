/* Names of users and groups: one person is one name. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "core/username.h"

struct fold_row {
	const char *name;
	struct slice typed;
	const char *want;	/* empty: refused */
};

static const struct fold_row fold_rows[] = {
	{ "a plain name is kept", { "ada", 3 }, "ada" },
	{ "capitals are folded", { "Ada.LOVELACE", 12 }, "ada.lovelace" },
	{ "an address is a name", { "Ada_L-1@Example.ORG", 19 }, "ada_l-1@example.org" },
	{ "nothing is no name", { "", 0 }, "" },
	{ "a blank in front is not cut away", { " ada", 4 }, "" },
	{ "a blank inside", { "a da", 4 }, "" },
	{ "a NUL inside does not end the name", { "ada\0x", 5 }, "" },
	{ "a line end", { "ada\n", 4 }, "" },
	{ "an umlaut", { "b\xc3\xb6rn", 5 }, "" },
	{ "a byte that is no UTF-8", { "ad\xff", 3 }, "" },
	{ "a comma, which parts lists", { "a,b", 3 }, "" },
	{ "a slash", { "a/b", 3 }, "" },
};

static void
fold_every_row(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(fold_rows) / sizeof(fold_rows[0]); i++) {
		const struct fold_row *row = &fold_rows[i];
		char out[USER_NAME_SIZE] = "left over";
		bool got = username_fold(row->typed, out);

		if (got != (row->want[0] != '\0') || strcmp(out, row->want) != 0)
			fail_msg("%s: got %d, \"%s\"", row->name, got, out);
	}
}

static void
a_name_has_at_most_128_bytes(void **unused)
{
	char typed[USER_NAME_SIZE], out[USER_NAME_SIZE];

	(void)unused;
	memset(typed, 'X', sizeof(typed));
	assert_true(username_fold((struct slice){ typed, 128 }, out));
	assert_int_equal(strlen(out), 128);
	assert_false(username_fold((struct slice){ typed, 129 }, out));
	assert_string_equal(out, "");
}

/* What is kept is its own kept form, or one person could be two. */
static void
folding_twice_changes_nothing(void **unused)
{
	(void)unused;
	for (int c = 0; c < 256; c++) {
		char typed[1] = { (char)c }, once[USER_NAME_SIZE], twice[USER_NAME_SIZE];

		if (!username_fold((struct slice){ typed, 1 }, once))
			continue;
		assert_true(username_fold(slice_of(once), twice));
		assert_string_equal(once, twice);
	}
}

struct groups_row {
	const char *name;
	const char *groups;
	bool valid;
};

static const struct groups_row groups_rows[] = {
	{ "no group at all", "", true },
	{ "one group", "staff", true },
	{ "several with every kind of character", "a.b,c_d,e-f,007", true },
	{ "groups that begin alike", "adm,admin,ad", true },
	{ "a group twice", "staff,ops,staff", false },
	{ "a group twice in a row", "staff,staff", false },
	{ "a comma in front", ",staff", false },
	{ "a comma at the end", "staff,", false },
	{ "two commas", "a,,b", false },
	{ "a comma alone", ",", false },
	{ "a blank", "a, b", false },
	{ "a capital", "Staff", false },
	{ "a line end", "a\n", false },
	{ "an umlaut", "b\xc3\xb6rn", false },
};

static void
groups_every_row(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(groups_rows) / sizeof(groups_rows[0]); i++)
		if (groups_valid(slice_of(groups_rows[i].groups)) != groups_rows[i].valid)
			fail_msg("%s", groups_rows[i].name);
}

static void
groups_fit_into_a_header(void **unused)
{
	char text[GROUPS_SIZE];

	(void)unused;
	memset(text, 'g', sizeof(text));
	assert_true(groups_valid((struct slice){ text, 4000 }));
	assert_false(groups_valid((struct slice){ text, 4001 }));
}

static void
a_group_is_had_only_as_a_whole(void **unused)
{
	const struct slice groups = SLICE("adm,staff,ops");

	(void)unused;
	assert_true(groups_has(groups, SLICE("adm")));
	assert_true(groups_has(groups, SLICE("staff")));
	assert_true(groups_has(groups, SLICE("ops")));
	assert_false(groups_has(groups, SLICE("op")));
	assert_false(groups_has(groups, SLICE("Staff")));
	assert_false(groups_has(groups, SLICE("taff")));
	assert_false(groups_has(groups, SLICE("adm,staff")));
	assert_false(groups_has(groups, SLICE("")));
	assert_false(groups_has(SLICE(""), SLICE("")));
	assert_false(groups_has(SLICE("a,,b"), SLICE("")));
	assert_false(groups_has(SLICE(""), SLICE("adm")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_every_row),
		cmocka_unit_test(a_name_has_at_most_128_bytes),
		cmocka_unit_test(folding_twice_changes_nothing),
		cmocka_unit_test(groups_every_row),
		cmocka_unit_test(groups_fit_into_a_header),
		cmocka_unit_test(a_group_is_had_only_as_a_whole),
	};

	return cmocka_run_group_tests_name("username", tests, NULL, NULL);
}
