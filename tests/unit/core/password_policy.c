/* Which passwords may be set: length in characters, form, and difference from the name. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "base/unicode.h"
#include "core/password_policy.h"

struct policy_row {
	const char *name;
	struct slice password;
	const char *user;
	unsigned min_chars;
	enum password_verdict want;
};

#define P(literal) { (literal), sizeof(literal) - 1 }

static const struct policy_row policy_rows[] = {
	{ "letters alone are enough", P("correct horse"), "ada", 12, PASSWORD_GOOD },
	{ "as many characters as asked for", P("twelve chars"), "ada", 12, PASSWORD_GOOD },
	{ "one character fewer", P("eleven char"), "ada", 12, PASSWORD_TOO_SHORT },
	{ "characters are counted, not bytes", P("\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6"), "ada", 5, PASSWORD_TOO_SHORT },
	{ "four characters of four bytes are four", P("\xf0\x9f\x94\x91\xf0\x9f\x94\x91\xf0\x9f\x94\x91\xf0\x9f\x94\x91"),
	    "ada", 4, PASSWORD_GOOD },
	{ "nothing is too short even where nothing is asked for", P(""), "ada", 0, PASSWORD_TOO_SHORT },
	{ "half a sequence", P("correct horse \xc3"), "ada", 8, PASSWORD_BROKEN },
	{ "a surrogate", P("correct horse \xed\xa0\x80"), "ada", 8, PASSWORD_BROKEN },
	{ "a NUL, where other programs would stop reading", P("correct\0horse"), "ada", 8, PASSWORD_BROKEN },
	{ "the name itself", P("ada.lovelace"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "the name in capitals", P("Ada.LOVELACE"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "the name and a year", P("ada.lovelace1815"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "the name in the middle of little else", P("x!ada.lovelace!x"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "the name and as many digits", P("lovelace12345678"), "lovelace", 8, PASSWORD_IS_NAME },
	{ "the name as exactly half", P("lovelace-and-him"), "lovelace", 8, PASSWORD_IS_NAME },
	{ "the name as exactly half, and letters", P("lovelacewithbyro"), "lovelace", 8, PASSWORD_GOOD },
	{ "the name as a small part", P("what ada had for breakfast"), "ada", 8, PASSWORD_GOOD },
	{ "a part of the name", P("lovelace"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "the parts in another order", P("LovelaceAda1815!"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "the name backwards", P("ecalevol.ada!"), "ada.lovelace", 8, PASSWORD_IS_NAME },
	{ "a short name again and again", P("ada ada ada ada"), "ada", 8, PASSWORD_IS_NAME },
	{ "one letter's name again and again", P("xxxxxxxxxxxx"), "x", 8, PASSWORD_IS_NAME },
	{ "a name, and a long number that is the person's own", P("ada48151623421234567890"), "ada", 8, PASSWORD_GOOD },
	{ "the name of this place", P("Example-Pintle-2026"), "ada", 8, PASSWORD_IS_NAME },
	{ "the user and the place", P("ada@example!!"), "ada", 8, PASSWORD_IS_NAME },
	{ "a name beyond ASCII in capitals", P("BJ\xc3\x96RNSON1234"), "bj\xc3\xb6rnson", 8, PASSWORD_IS_NAME },
	{ "a word of the place as a small part", P("an example of what is good"), "ada", 8, PASSWORD_GOOD },
	{ "no name known", P("correct horse"), "", 8, PASSWORD_GOOD },
};

static enum password_verdict
decide(struct slice password, struct slice user, unsigned min_chars, bool known_bad)
{
	static char lower[2 * PASSWORD_MAX_BYTES];

	return password_policy_decide(&(struct password_facts){
		.password = password,
		.lower = { lower, unicode_lower(password, lower, sizeof(lower)) },
		.name = user,
		.context = SLICE("pintle example auth"),
		.known_bad = known_bad,
		.min_chars = min_chars,
		.max_bytes = 1024,
	});
}

static void
decide_every_row(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(policy_rows) / sizeof(policy_rows[0]); i++) {
		const struct policy_row *row = &policy_rows[i];
		enum password_verdict got = decide(row->password, slice_of(row->user), row->min_chars, false);

		if (got != row->want)
			fail_msg("%s: got %d", row->name, got);
	}
}

static void
a_password_has_at_most_1024_bytes(void **unused)
{
	char text[1025];

	(void)unused;
	memset(text, 'x', sizeof(text));
	assert_int_equal(decide((struct slice){ text, 1024 }, SLICE("ada"), 8, false), PASSWORD_GOOD);
	assert_int_equal(decide((struct slice){ text, 1025 }, SLICE("ada"), 8, false), PASSWORD_TOO_LONG);
	/* The length is checked before anything else. */
	text[0] = '\xff';
	assert_int_equal(decide((struct slice){ text, 1025 }, SLICE("ada"), 8, false), PASSWORD_TOO_LONG);
}

static void
what_everybody_tries_is_refused(void **unused)
{
	(void)unused;
	assert_int_equal(decide(SLICE("qwertyuiop123"), SLICE("ada"), 8, true), PASSWORD_KNOWN_BAD);
	assert_int_equal(decide(SLICE("qwertyuiop123"), SLICE("ada"), 8, false), PASSWORD_GOOD);
}

/* Facts that nobody has filled in let nothing pass. */
static void
no_facts_are_no_password(void **unused)
{
	(void)unused;
	assert_int_not_equal(password_policy_decide(&(struct password_facts){ 0 }), PASSWORD_GOOD);
}

static void
every_verdict_has_a_sentence(void **unused)
{
	(void)unused;
	for (int verdict = PASSWORD_REFUSED; verdict <= PASSWORD_GOOD; verdict++) {
		const char *text = password_verdict_text((enum password_verdict)verdict);

		assert_non_null(text);
		assert_int_equal(text[strlen(text) - 1], '.');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decide_every_row),
		cmocka_unit_test(a_password_has_at_most_1024_bytes),
		cmocka_unit_test(what_everybody_tries_is_refused),
		cmocka_unit_test(no_facts_are_no_password),
		cmocka_unit_test(every_verdict_has_a_sentence),
	};

	return cmocka_run_group_tests_name("password_policy", tests, NULL, NULL);
}
