/* Names of users and groups: one person has one name. */
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

		assert_int_equal(username_fold(USERNAME_ASCII, row->typed, out), PT_OK);
		if (strcmp(out, row->want) != 0)
			fail_msg("%s: got \"%s\"", row->name, out);
	}
}

static void
a_name_has_at_most_128_bytes(void **unused)
{
	char typed[USER_NAME_SIZE], out[USER_NAME_SIZE];

	(void)unused;
	memset(typed, 'X', sizeof(typed));
	for (int form = USERNAME_ASCII; form <= USERNAME_UNICODE; form++) {
		assert_int_equal(username_fold((enum username_form)form, (struct slice){ typed, 128 }, out), PT_OK);
		assert_int_equal(strlen(out), 128);
		assert_int_equal(username_fold((enum username_form)form, (struct slice){ typed, 129 }, out), PT_OK);
		assert_string_equal(out, "");
	}
}

/* The form that is kept maps to itself, or one person could become two. */
static void
folding_twice_changes_nothing(void **unused)
{
	(void)unused;
	for (int c = 0; c < 256; c++) {
		char typed[1] = { (char)c }, once[USER_NAME_SIZE], twice[USER_NAME_SIZE];

		assert_int_equal(username_fold(USERNAME_ASCII, (struct slice){ typed, 1 }, once), PT_OK);
		assert_int_equal(username_fold(USERNAME_ASCII, slice_of(once), twice), PT_OK);
		assert_string_equal(once, twice);
	}
}

#define U(literal) { (literal), sizeof(literal) - 1 }

static const struct fold_row unicode_rows[] = {
	{ "an ASCII name is the same in both forms", U("Ada.LOVELACE@Example.org"), "ada.lovelace@example.org" },
	{ "an umlaut in capitals", U("BJ\xc3\x96RN"), "bj\xc3\xb6rn" },
	{ "an umlaut in two characters", U("bjo\xcc\x88rn"), "bj\xc3\xb6rn" },
	{ "full width", U("\xef\xbc\xa1\xef\xbd\x84\xef\xbd\x81"), "ada" },
	{ "a full-width at sign", U("ada\xef\xbc\xa0x"), "ada@x" },
	{ "sharp s is two letters", U("Stra\xc3\x9f" "e"), "strasse" },
	{ "the last sigma of a word", U("\xce\xa3\xce\x99\xce\xa3\xcf\x82"), "\xcf\x83\xce\xb9\xcf\x83\xcf\x83" },
	{ "a ligature", U("\xef\xac\x81nn"), "finn" },
	{ "a blank", U("bj\xc3\xb6rn b"), "" },
	{ "a blank that does not break", U("bj\xc3\xb6rn\xc2\xa0" "b"), "" },
	{ "a comma, which parts lists", U("\xc3\xb6,\xc3\xa4"), "" },
	{ "a full-width comma", U("\xc3\xb6\xef\xbc\x8c\xc3\xa4"), "" },
	{ "an account-of sign, which holds a slash", U("\xe2\x84\x80"), "" },
	{ "a quote", U("\xc3\xb6\"x"), "" },
	{ "a picture", U("ada\xf0\x9f\x94\x91"), "" },
	{ "a character that is not seen", U("ada\xe2\x80\x8b"), "" },
	{ "a byte that is no UTF-8", U("bj\xc3\xb6rn\xff"), "" },
	{ "half a character", U("bj\xc3"), "" },
	{ "a NUL", U("bj\xc3\xb6\0rn"), "" },
};

static void
unicode_every_row(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(unicode_rows) / sizeof(unicode_rows[0]); i++) {
		const struct fold_row *row = &unicode_rows[i];
		char out[USER_NAME_SIZE] = "left over";

		assert_int_equal(username_fold(USERNAME_UNICODE, row->typed, out), PT_OK);
		if (strcmp(out, row->want) != 0)
			fail_msg("%s: got \"%s\"", row->name, out);
	}
}

/* 90 characters that grow: the limit applies to the form that is kept. */
static void
a_folded_name_has_at_most_128_bytes(void **unused)
{
	char typed[180], out[USER_NAME_SIZE] = "left over";

	(void)unused;
	for (size_t i = 0; i < sizeof(typed); i += 2)
		memcpy(typed + i, "\xc5\x89", 2);	/* becomes U+02BC and n */
	assert_int_equal(username_fold(USERNAME_UNICODE, (struct slice){ typed, 180 }, out), PT_OK);
	assert_string_equal(out, "");
	assert_int_equal(username_fold(USERNAME_UNICODE, (struct slice){ typed, 84 }, out), PT_OK);
	assert_int_equal(strlen(out), 126);
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
		cmocka_unit_test(unicode_every_row),
		cmocka_unit_test(a_folded_name_has_at_most_128_bytes),
		cmocka_unit_test(groups_every_row),
		cmocka_unit_test(groups_fit_into_a_header),
		cmocka_unit_test(a_group_is_had_only_as_a_whole),
	};

	return cmocka_run_group_tests_name("username", tests, NULL, NULL);
}
