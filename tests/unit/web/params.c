/* Parameters by name: the index finds whatever a search from the end would find. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "web/http/params.h"

#define NAME_SIZE 32

/* As many names as are allowed, made of few letters so that they share slots; some occur twice. */
static void
fill(struct web_param params[WEB_MAX_PARAMS], char names[WEB_MAX_PARAMS][NAME_SIZE],
    char values[WEB_MAX_PARAMS][NAME_SIZE], size_t count, unsigned kinds)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned kind = (unsigned)(i * 7 % kinds);

		snprintf(names[i], NAME_SIZE, "HTTP_%cA%cB%c", 'A' + (char)(kind % 3),
		    'A' + (char)(kind / 3 % 9), 'A' + (char)(kind / 27));
		snprintf(values[i], NAME_SIZE, "%zu", i);
		params[i] = (struct web_param){ slice_of(names[i]), slice_of(values[i]) };
	}
}

static void
the_index_finds_what_a_search_finds(void **state)
{
	static const struct {
		size_t count;
		unsigned kinds;
	} tries[] = { { 0, 1 }, { 1, 1 }, { 30, 30 }, { 30, 7 }, { WEB_MAX_PARAMS, 1 },
		{ WEB_MAX_PARAMS, 200 }, { WEB_MAX_PARAMS, WEB_MAX_PARAMS } };
	static char names[WEB_MAX_PARAMS][NAME_SIZE], values[WEB_MAX_PARAMS][NAME_SIZE];
	struct web_param list[WEB_MAX_PARAMS];

	(void)state;
	for (size_t t = 0; t < sizeof(tries) / sizeof(tries[0]); t++) {
		const struct web_request raw = { .params = list, .param_count = tries[t].count };
		struct params params = { 0 };

		fill(list, names, values, tries[t].count, tries[t].kinds);
		params_index(&params, &raw);
		assert_int_equal(params.repeated, tries[t].kinds < tries[t].count);
		for (size_t i = 0; i < tries[t].count; i++) {
			const struct slice found = params_get(&params, names[i]);

			assert_ptr_equal(found.ptr, web_param(&raw, names[i]).ptr);
		}
		assert_null(params_get(&params, "HTTP_COOKIE").ptr);
		assert_null(params_get(&params, "").ptr);
	}
}

static void
odd_names_are_names(void **state)
{
	struct web_param list[] = {
		{ { NULL, 0 }, SLICE("nothing") }, { SLICE("A"), SLICE("one") }, { SLICE("A"), SLICE("two") },
		{ { "A\0B", 3 }, SLICE("with a NUL") },
	};
	const struct web_request raw = { .params = list, .param_count = 4 };
	struct params params = { 0 };

	(void)state;
	params_index(&params, &raw);
	assert_true(params.repeated);
	assert_true(slice_eq(params_get(&params, "A"), SLICE("two")));
	assert_true(slice_eq(params_get(&params, ""), SLICE("nothing")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_index_finds_what_a_search_finds),
		cmocka_unit_test(odd_names_are_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
