/* Events at the endpoints are counted, each outcome once and under its own name. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/tally.h"
#include "core/reason.h"
#include "support/site.h"

static struct site site;
static char path[128];
static struct tally_sheet before;

static struct tally_sheet
sheet(void)
{
	struct tally_sheet read;
	bool found;

	assert_int_equal(tally_read(path, &read, &found), PT_OK);
	assert_true(found);
	return read;
}

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	site_add_user(&site, "alice", SITE_PASSWORD);
	snprintf(path, sizeof(path), "%s/tally", site.folder);
	assert_int_equal(tally_open(path), PT_OK);
	before = sheet();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	tally_close();
	site_close(&site);
	return 0;
}

/* How much one count has grown since it was last asked for. */
static uint64_t
grown(unsigned what)
{
	uint64_t now = sheet().counts[what], by = now - before.counts[what];

	before.counts[what] = now;
	return by;
}

static void
send(struct browser *browser, const char *method, const char *below, const char *body)
{
	struct reply reply;

	browser_send(browser, method, below, body, &reply);
	reply_free(&reply);
}

static void
logins_are_counted_by_outcome(void **state)
{
	struct browser browser = { .site = &site };

	(void)state;
	browser_login(&browser, "alice", NULL);
	assert_int_equal(grown(TALLY_LOGIN_GOOD), 1);
	assert_int_equal(grown(TALLY_HASHING_DONE), 1);
	assert_int_equal(grown(TALLY_COMMITS), 1);
	assert_int_equal(grown(TALLY_CHANGES), 1);
	send(&browser, "POST", "/login", "{\"username\":\"alice\",\"password\":\"not that one\"}");
	send(&browser, "POST", "/login", "{\"username\":\"nobody\",\"password\":\"not that one\"}");
	assert_int_equal(grown(TALLY_LOGIN_FAILED), 2);
	assert_int_equal(grown(TALLY_LOGIN_GOOD), 0);
	send(&browser, "POST", "/login", "{\"username\":");
	assert_int_equal(grown(TALLY_LOGIN_FAILED), 0);
	assert_int_equal(grown(TALLY_REQUEST_4XX), 3);
	assert_int_equal(grown(TALLY_REQUEST_2XX), 1);
}

static void
a_login_that_gets_no_slot_is_busy(void **state)
{
	struct browser browser = { .site = &site };
	int slot;

	(void)state;
	for (unsigned i = 0; i < site.settings.hashing_slots; i++)
		assert_int_equal(password_slots_enter(site.slots, &slot), PT_OK);
	grown(TALLY_HASHING_DONE);
	send(&browser, "POST", "/login", "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"}");
	assert_int_equal(grown(TALLY_LOGIN_BUSY), 1);
	assert_int_equal(grown(TALLY_HASHING_BUSY), 1);
	assert_int_equal(grown(TALLY_HASHING_DONE), 0);
	assert_int_equal(grown(TALLY_REQUEST_5XX), 1);
}

static void
refreshes_are_counted_by_row_and_by_reason(void **state)
{
	struct browser browser = { .site = &site }, thief;

	(void)state;
	browser_login(&browser, "alice", NULL);
	thief = browser;
	assert_int_equal(browser_refresh(&browser, NULL), 200);
	for (unsigned row = 0, sum = 0; row < 6; row++) {
		sum += (unsigned)grown(TALLY_REFRESH_ROW_1 + row);
		if (row == 5)
			assert_int_equal(sum, 1);
	}
	for (int i = 0; i < 3; i++) {
		site_advance(SITE_QUIET_MS + 1);
		assert_int_equal(browser_refresh(&browser, NULL), 200);
	}
	site_advance(SITE_QUIET_MS + 1);
	assert_int_equal(browser_refresh(&thief, NULL), 403);
	assert_int_equal(grown(TALLY_REFRESH_ROW_6), 1);
	assert_int_equal(grown(TALLY_REFRESH_REFUSED), 1);
	assert_int_equal(grown((unsigned)TALLY_REASON_0 + REASON_REUSED), 1);
	browser.refresh[0] = '\0';
	assert_int_equal(browser_refresh(&browser, NULL), 401);
	assert_int_equal(grown((unsigned)TALLY_REASON_0 + REASON_NO_COOKIE), 1);
	assert_int_equal(grown(TALLY_REFRESH_ROW_6), 0);
}

static int
verify(struct browser *browser, struct buf *token)
{
	struct reply reply;
	char bearer[4096];
	struct ask ask = { .method = "GET", .path = "/", .extra = { { "PINTLE_MODE", "verify" } } };

	if (token) {
		snprintf(bearer, sizeof(bearer), "Bearer %.*s", SLICE_ARG(buf_slice(token)));
		ask.authorization = bearer;
	}
	browser_ask(browser, &ask, &reply);
	int status = reply.status;

	reply_free(&reply);
	return status;
}

static void
looks_at_guarded_pages_are_counted_by_what_was_shown(void **state)
{
	struct browser browser = { .site = &site };
	struct buf token = BUF_EMPTY;

	(void)state;
	site.settings.gate_cookie = true;
	browser_login(&browser, "alice", &token);
	assert_int_equal(verify(&browser, &token), 204);
	assert_int_equal(grown(TALLY_VERIFY_MISS), 1);
	assert_int_equal(grown(TALLY_VERIFY_HIT), 0);
	assert_int_equal(verify(&browser, &token), 204);
	assert_int_equal(verify(&browser, &token), 204);
	assert_int_equal(grown(TALLY_VERIFY_HIT), 2);
	assert_int_equal(grown(TALLY_VERIFY_MISS), 0);
	assert_int_equal(verify(&browser, NULL), 204);
	assert_int_equal(grown(TALLY_VERIFY_GATE), 1);
	assert_int_equal(grown(TALLY_VERIFY_PASSED), 4);
	browser.gate[0] = '\0';
	assert_int_equal(verify(&browser, NULL), 401);
	assert_int_equal(grown(TALLY_VERIFY_REFUSED), 1);
	assert_int_equal(grown(TALLY_VERIFY_GATE), 0);
	/* A token seen at one of our endpoints is not a look at a guarded page. */
	send(&browser, "GET", "/me", NULL);
	assert_int_equal(grown(TALLY_VERIFY_PASSED) + grown(TALLY_VERIFY_REFUSED), 0);
	buf_free(&token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(logins_are_counted_by_outcome, begin, end),
		cmocka_unit_test_setup_teardown(a_login_that_gets_no_slot_is_busy, begin, end),
		cmocka_unit_test_setup_teardown(refreshes_are_counted_by_row_and_by_reason, begin, end),
		cmocka_unit_test_setup_teardown(looks_at_guarded_pages_are_counted_by_what_was_shown, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
