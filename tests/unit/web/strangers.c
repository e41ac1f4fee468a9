/* What strangers can make us log: one line a minute for each kind, with its count. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "support/site.h"

#define TIMES 40
#define LINES_MAX 400
#define LINE_SIZE 512
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct site site;
static struct guard_place places[] = { { .path = "/app/", .open = PLACE_NO }, { .path = "/app/staff/", .open = PLACE_NO } };
static const struct guards guards = { places, COUNT(places) };

/* Standard error goes to a file while lines are being caught. */
static FILE *caught;
static int saved_stderr;

static void
catch_lines(void)
{
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
	caught = tmpfile();
	assert_non_null(caught);
	saved_stderr = dup(STDERR_FILENO);
	assert_true(dup2(fileno(caught), STDERR_FILENO) >= 0);
}

/* How many lines there were; lines gets them, up to LINES_MAX. */
static size_t
release_lines(char (*lines)[LINE_SIZE])
{
	size_t count = 0;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	rewind(caught);
	while (count < LINES_MAX && fgets(lines[count], LINE_SIZE, caught))
		count++;
	fclose(caught);
	return count;
}

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	site.settings.gate_cookie = true;
	site.settings.places = &guards;
	site_reload(&site);
	site_add_user(&site, "alice", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

/* Each time from another address. */
static void
ask_often(const struct ask *ask, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		char address[32];
		struct browser browser = { .site = &site, .address = address };
		struct reply reply;

		snprintf(address, sizeof(address), "198.51.%u.%u", i / 200, i % 200);
		browser_ask(&browser, ask, &reply);
		reply_free(&reply);
	}
}

/* ---- each kind of line ---- */

#define FORM "application/x-www-form-urlencoded"
#define MODE(mode) { { "PINTLE_MODE", mode } }

static const struct row {
	const char *sentence;
	const char *event;
	struct ask ask;
} rows[] = {
	{ "a token that is none", "access_token_refused",
	    { .method = "GET", .path = "/auth/verify", .authorization = "Bearer no.token.ofours" } },
	{ "a service that nobody knows", "service_refused",
	    { .method = "POST", .path = "/auth/introspect", .type = FORM, .body = "token=a", .authorization = "Basic bm86bm8=" } },
	{ "no service at all", "service_refused",
	    { .method = "POST", .path = "/auth/revoke", .type = FORM, .body = "token=a" } },
	{ "a header in two lines", "header_repeated",
	    { .method = "GET", .path = "/auth/me", .extra = { { "HTTP_ORIGIN", "https://a" }, { "HTTP_ORIGIN", "https://b" } } } },
	{ "a refresh cookie that is none", "refresh_refused",
	    { .method = "POST", .path = "/auth/refresh", .cookie = "__Secure-pintle-refresh=made.up" } },
	{ "a link that is none", "link_refused",
	    { .method = "POST", .path = "/auth/link", .type = "application/json",
	      .body = "{\"token\":\"made-up\",\"new\":\"a long enough password\"}" } },
	{ "an address of two readings", "ambiguous_address",
	    { .method = "GET", .path = "/auth/verify",
	      .extra = { { "PINTLE_MODE", "verify" }, { "PINTLE_PLACE", "/app/" }, { "PINTLE_URI", "/app/x/..;/staff/x" } } } },
	{ "a server that says no place that we know of, or none", "no_address",
	    { .method = "GET", .path = "/auth/verify", .extra = MODE("forward") } },
	{ "a server that asks for what we do not know", "unknown_mode",
	    { .method = "GET", .path = "/auth/verify", .extra = MODE("verfy") } },
};

static bool
is_of(const char *line, const char *event)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "\"event\":\"%s\"", event);
	return strstr(line, wanted) != NULL;
}

/* Only the lines of the event; beside them there may be one that the request failed. */
static size_t
only_of(char (*lines)[LINE_SIZE], size_t count, const char *event)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		if (!is_of(lines[i], "request_failed"))
			memmove(lines[left++], lines[i], LINE_SIZE);
	return count - left <= 1 && left > 0 && is_of(lines[0], event) ? left : 0;
}

static void
each_kind_is_one_line_a_minute_with_how_many(void **state)
{
	char (*lines)[LINE_SIZE] = calloc(LINES_MAX, sizeof(*lines));
	char times[32];

	(void)state;
	assert_non_null(lines);
	snprintf(times, sizeof(times), "\"times\":%d}", TIMES);
	for (size_t i = 0; i < COUNT(rows); i++) {
		site_advance(61000);
		catch_lines();
		log_tell_spared();
		release_lines(lines);
		site_advance(61000);
		catch_lines();
		ask_often(&rows[i].ask, TIMES);
		size_t first = only_of(lines, release_lines(lines), rows[i].event);

		if (first != 1)
			fail_msg("%s: %zu lines, the first %s", rows[i].sentence, first, lines[0]);
		site_advance(61000);
		catch_lines();
		ask_often(&rows[i].ask, 1);
		size_t second = only_of(lines, release_lines(lines), rows[i].event);

		if (second != 1 || strstr(lines[0], times) == NULL)
			fail_msg("%s: a minute later %zu lines, %s", rows[i].sentence, second, lines[0]);
	}
	free(lines);
}

/* If an event does not come again, its count is still logged. */
static void
what_was_left_out_is_told_of_after_its_minute(void **state)
{
	char (*lines)[LINE_SIZE] = calloc(LINES_MAX, sizeof(*lines));

	(void)state;
	assert_non_null(lines);
	site_advance(61000);
	catch_lines();
	log_tell_spared();
	ask_often(&rows[0].ask, TIMES);
	log_tell_spared();
	release_lines(lines);
	site_advance(61000);
	catch_lines();
	log_tell_spared();
	log_tell_spared();
	assert_int_equal(release_lines(lines), 1);
	assert_true(is_of(lines[0], "log_lines_spared"));
	if (strstr(lines[0], "\"of\":\"access_token_refused\",\"kind\":\"bad_header\",\"lines\":39}") == NULL)
		fail_msg("%s", lines[0]);
	free(lines);
}

/* ---- all of them ---- */

static const char *const paths[] = {
	"/auth/login", "/auth/logout", "/auth/refresh", "/auth/sessions", "/auth/sessions/AAAAAAAAAAAAAAAAAAAAAA", "/auth/me",
	"/auth/password", "/auth/otp", "/auth/otp/confirm", "/auth/otp/recovery", "/auth/account", "/auth/account/sign-out",
	"/auth/account/rename", "/auth/verify", "/auth/introspect", "/auth/revoke", "/auth/link", "/auth/status-list",
	"/auth/jwks.json", "/auth/health", "/auth/", "/auth/nothing", "/", "/auth/.well-known/openid-configuration",
};
static const char *const methods[] = { "GET", "POST", "PATCH", "DELETE", "TRACE" };

/* What each request is like; path and method are filled in. */
static const struct ask tricks[] = {
	{ .body = NULL },
	{ .cookie = "__Secure-pintle-refresh=made.up; __Host-pintle-device=made-up; __Host-pintle-gate=made.up" },
	{ .cookie = "__Secure-pintle-refresh=a, __Secure-pintle-refresh=b" },
	{ .authorization = "Bearer eyJhbGciOiJub25lIn0.e30." },
	{ .authorization = "Basic bm86bm8=" },
	{ .type = "application/json", .body = "{\"username\":\"nobody\",\"password\":\"wrong as can be\"}" },
	{ .type = "application/json", .body = "{" },
	{ .type = FORM, .body = "username=nobody&password=wrong+as+can+be" },
	{ .type = FORM, .body = "ticket=made-up&code=123456" },
	{ .type = FORM, .body = "token=made-up&new=wrong+as+can+be" },
	{ .type = "text/plain", .body = "?" },
	{ .query = "a=1&a=2&keep=current" },
	{ .body_state = WEB_BODY_TOO_LARGE },
	{ .extra = { { "HTTP_SEC_FETCH_SITE", "cross-site" }, { "HTTP_ORIGIN", "https://evil.example" } } },
	{ .extra = { { "HTTP_ORIGIN", "https://a" }, { "HTTP_ORIGIN", "https://b" } } },
	{ .extra = { { "PINTLE_MODE", "guard" }, { "PINTLE_PLACE", "/app/" }, { "REQUEST_URI", "/app/..;/x" } } },
	{ .extra = { { "PINTLE_MODE", "deny" }, { "PINTLE_PLACE", "/nowhere/" }, { "REQUEST_URI", "/app/x" } } },
	{ .role = WEB_AUTHORIZER, .cookie = "__Host-pintle-gate=made.up" },
};

/* The value of the member with this name in the line; empty if there is none. */
static void
add_member(const char *line, const char *name, char *out, size_t size)
{
	char wanted[32];
	size_t used = strlen(out);

	snprintf(wanted, sizeof(wanted), "\"%s\":\"", name);
	const char *at = strstr(line, wanted), *last = at ? strchr(at + strlen(wanted), '"') : NULL;

	if (last)
		snprintf(out + used, size - used, "%.*s ", (int)(last - at), at);
}

static void
kind_of(const char *line, char *out, size_t size)
{
	static const char *const members[] = { "event", "verdict", "reason", "header", "cause", "sid" };

	out[0] = '\0';
	for (size_t i = 0; i < COUNT(members); i++)
		add_member(line, members[i], out, size);
}

static uint64_t
events_now(void)
{
	struct store_stats stats;

	assert_int_equal(store_stats(site.store, &stats), PT_OK);
	return stats.events;
}

static void
no_two_lines_of_one_minute_are_of_one_kind_and_events_are_few(void **state)
{
	char (*lines)[LINE_SIZE] = calloc(LINES_MAX, sizeof(*lines));
	unsigned failed = 0, asked = 0;
	uint64_t events = events_now();
	char kind[LINE_SIZE], other[LINE_SIZE];

	(void)state;
	assert_non_null(lines);
	catch_lines();
	for (size_t p = 0; p < COUNT(paths); p++)
		for (size_t m = 0; m < COUNT(methods); m++)
			for (size_t t = 0; t < COUNT(tricks); t++) {
				struct ask ask = tricks[t];

				ask.path = paths[p];
				ask.method = methods[m];
				ask_often(&ask, 3);
				asked += 3;
			}
	size_t count = release_lines(lines);

	/* What is written to the audit log was counted first, and repetitions are one event. */
	events = events_now() - events;
	print_message("# %u requests of strangers left %u events\n", asked, (unsigned)events);
	assert_in_range(events, 1, 12);
	for (size_t i = 0; i < count; i++) {
		kind_of(lines[i], kind, sizeof(kind));
		if (is_of(lines[i], "login_failed") && ++failed <= 60)
			continue;
		for (size_t j = 0; j < i; j++) {
			kind_of(lines[j], other, sizeof(other));
			if (strcmp(kind, other) == 0)
				fail_msg("twice in a minute, of %u requests: %s", asked, lines[i]);
		}
	}
	assert_true(count > 5);
	free(lines);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_kind_is_one_line_a_minute_with_how_many, begin, end),
		cmocka_unit_test_setup_teardown(what_was_left_out_is_told_of_after_its_minute, begin, end),
		cmocka_unit_test_setup_teardown(no_two_lines_of_one_minute_are_of_one_kind_and_events_are_few, begin, end),
	};

	return cmocka_run_group_tests_name("strangers", tests, NULL, NULL);
}
