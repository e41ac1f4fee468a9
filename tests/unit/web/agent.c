/* What the devices page calls a browser, according to the browser's own description. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "web/pages/agent.h"

#define WEBKIT "AppleWebKit/537.36 (KHTML, like Gecko) "

static const struct {
	const char *sentence;
	const char *user_agent;
	const char *name;	/* "": none that we know */
} rows[] = {
	{ "Chrome names Safari, too", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " WEBKIT "Chrome/143.0.0.0 Safari/537.36",
	  "Chrome on Windows" },
	{ "Chrome without a head is Chrome", "Mozilla/5.0 (X11; Linux x86_64) " WEBKIT "HeadlessChrome/143.0.0.0 Safari/537.36",
	  "Chrome on Linux" },
	{ "Edge names Chrome, too", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " WEBKIT "Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
	  "Edge on Windows" },
	{ "Opera names Chrome, too", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " WEBKIT "Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0",
	  "Opera on Mac" },
	{ "Samsung's browser on Android, which is Linux", "Mozilla/5.0 (Linux; Android 10; K) " WEBKIT
	  "SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android" },
	{ "Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux" },
	{ "Firefox on a telephone", "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android" },
	{ "Firefox on Apple's telephone", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
	  "(KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone" },
	{ "Safari on a Mac", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
	  "Version/26.0 Safari/605.1.15", "Safari on Mac" },
	{ "Chrome on ChromeOS", "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " WEBKIT "Chrome/143.0.0.0 Safari/537.36", "Chrome on ChromeOS" },
	{ "a program that says on what it runs to nobody", "curl/7.88.1", "curl" },
	{ "a program of its own", "Test/1.0 (Linux)", "" },
	{ "nothing", "", "" },
	{ "half a name", "Mozilla/5.0 Firefo", "" },
	{ "names in other letters are other names", "firefox/1 WINDOWS", "" },
};

static void
each_is_called_what_people_call_it(void **state)
{
	char name[AGENT_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool known = agent_name(slice_of(rows[i].user_agent), name);

		if (strcmp(name, rows[i].name) != 0 || known != (rows[i].name[0] != '\0'))
			fail_msg("%s: \"%s\"", rows[i].sentence, name);
	}
}

static void
the_longest_has_room(void **state)
{
	char name[AGENT_NAME_SIZE];

	(void)state;
	assert_true(agent_name(SLICE("SamsungBrowser/ CrOS"), name));
	assert_string_equal(name, "Samsung Internet on ChromeOS");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_called_what_people_call_it),
		cmocka_unit_test(the_longest_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
