/*
 * Passwords that guessers try first because of how they are made, and random ones, none of which
 * may be taken for such.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/password_pattern.h"
#include "web/who/password_rules.h"

#define PHRASES 100000

static const char *const refused[] = {
	/* keyboard walks: in columns, there and back, woven, on other keyboards, with Shift */
	"1qaz2wsx", "1qaz2wsx3edc4rfv", "zaq1xsw2cde3", "qwertyuiop12345", "qwertyytrewq", "poiuytrewq", "zxcvfdsaqwer",
	"q1w2e3r4t5y6", "qawsedrftgyh", "qwertzuiopyx", "azertyuiopqs", "!qaz@wsx#edc", "!@#$%^&*()_+", "mnbvcxzlkjhgf",
	"123qweasdzxc", "qweasdzxc123", "qweasdzxcqweasdzxc", "741852963", "789456123789",
	/* digits and letters in order, mirrored or repeated; years and dates */
	"12345678", "87654321", "1234567887654321", "112233445566", "135791113", "012345678901234567", "555555555555",
	"31217221027711", "19871987", "24121987", "abcdefghijkl", "zyxwvutsrqpo", "abcabcabcabc", "abc123abc123",
	"aaaabbbbcccc",
	/*
	 * words: alone, changed, backwards, repeated, joined, cut short, with digits, years and
	 * signs around them
	 */
	"basketball", "b4sketb4ll", "llabteksab", "p@$$w0rd", "passwordpassword", "monkeymonkey1", "dragonfire", "bigdaddy99",
	"123qwerty123", "2019summer!", "summer2019!!", "!!sunshine!!", "liverpoo", "beautifu", "manchester1", "jordan23",
	"ghbdtnghbdtn", "dkflbvbh1988", "whosyourdaddy", "leavemealone", "trustno1trustno1", "drowssap2020",
};

static const char *const taken[] = {
	"correct horse battery staple", "quite another password", "tr8-kq2-w9x", "kestrel.plum-47", "4 grey geese on ice",
	"s8fk2kqpz", "wq7zt0xv", "6f1e2a9b07c4", "zwetschgenkuchen mit sahne", "\xd0\xb4\xd0\xb2\xd0\xb0 \xd1\x81\xd0\xbb\xd0\xbe",
	"a\nb\nc\nd\nxyzzy", "9072154386190725", "moth lamp river coin", "mothlamprivercoin",
};

static void
assert_all(const char *const *list, size_t count, bool common)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < count; i++) {
		if (password_pattern_is_common(slice_of(list[i]), password_sorted_txt) == common)
			continue;
		print_error("%s: %u\n", list[i], password_pattern_cost(slice_of(list[i]), password_sorted_txt));
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void
what_everybody_makes_is_refused(void **state)
{
	(void)state;
	assert_all(refused, sizeof(refused) / sizeof(refused[0]), true);
}

static void
what_is_nobodys_first_guess_is_taken(void **state)
{
	(void)state;
	assert_all(taken, sizeof(taken) / sizeof(taken[0]), false);
}

/* Not random, but the same in every run. */
static uint32_t
next(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static struct slice
any_word(uint32_t *state)
{
	const struct slice all = password_sorted_txt;
	size_t begin = next(state) % all.len, end;

	while (begin > 0 && all.ptr[begin - 1] != '\n')
		begin--;
	for (end = begin; all.ptr[end] != '\n'; end++)
		continue;
	return (struct slice){ all.ptr + begin, end - begin };
}

/* The worst that chance may do: four very common words, with nothing or something in between. */
static void
a_hundred_thousand_random_pass_phrases_are_taken(void **state)
{
	static const char *const between[] = { "", " ", "-", "." };
	uint32_t chance = 2463534242;
	char text[512];
	unsigned wrong = 0;

	(void)state;
	for (unsigned i = 0; i < PHRASES; i++) {
		const char *sign = between[i % 4];
		size_t len = 0;

		for (int word = 0; word < 4; word++) {
			struct slice one = any_word(&chance);

			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", word ? sign : "", SLICE_ARG(one));
		}
		if (password_pattern_is_common((struct slice){ text, len }, password_sorted_txt)) {
			print_error("%s: %u\n", text, password_pattern_cost((struct slice){ text, len }, password_sorted_txt));
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* As password managers make them: fourteen lower-case letters and digits. */
static void
what_a_password_manager_makes_is_taken(void **state)
{
	static const char signs[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t chance = 88172645;
	char text[14];
	unsigned wrong = 0;

	(void)state;
	for (unsigned i = 0; i < PHRASES; i++) {
		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = signs[next(&chance) % (sizeof(signs) - 1)];
		wrong += password_pattern_is_common((struct slice){ text, sizeof(text) }, password_sorted_txt);
	}
	assert_int_equal(wrong, 0);
}

/* Any possible length, and text that is not valid UTF-8, is examined quickly enough. */
static void
no_length_is_too_much(void **state)
{
	static char text[8192];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(password_pattern_is_common((struct slice){ text, sizeof(text) }, password_sorted_txt));
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * i % 251);
	assert_false(password_pattern_is_common((struct slice){ text, sizeof(text) }, password_sorted_txt));
	for (size_t len = 0; len <= 130; len++)
		password_pattern_cost((struct slice){ text, len }, password_sorted_txt);
	assert_int_equal(password_pattern_cost(SLICE("word"), (struct slice){ NULL, 0 }), 4 * 47);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_everybody_makes_is_refused),
		cmocka_unit_test(what_is_nobodys_first_guess_is_taken),
		cmocka_unit_test(a_hundred_thousand_random_pass_phrases_are_taken),
		cmocka_unit_test(what_a_password_manager_makes_is_taken),
		cmocka_unit_test(no_length_is_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
