/* Logins and the list of devices: what begins, what is listed, what ends. */
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>

static enum reason
standing_of(struct fixture *f, const struct session *session)
{
	enum reason standing;

	fixture_session(f, session->sid, &standing);
	return standing;
}

/* ---- logins ---- */

static void
a_login_begins_a_session_with_all_that_is_known(void **state)
{
	struct fixture *f = *state;
	enum reason standing;
	struct session made = fixture_login(f, &f->ann, 1, 2), kept = fixture_session(f, made.sid, &standing);
	struct user user;
	bool found;

	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(kept.number, made.number);
	assert_int_equal(kept.user_number, f->ann.number);
	assert_int_equal(kept.secret_hash[31], 1);
	assert_int_equal(kept.device_hash[31], 2);
	assert_int_equal(kept.rotation.cur_nonce, FIRST_NONCE);
	assert_int_equal(kept.idle_end, f->now.wall_ms + DAY_MS);
	assert_int_equal(kept.absolute_end, f->now.wall_ms + 90 * DAY_MS);
	assert_string_equal(kept.device, "a laptop");
	assert_string_equal(kept.user_agent, "Browser/1");
	assert_string_equal(kept.address, "192.0.2.7");
	assert_int_equal(store_user_by_number(f->store, f->ann.number, &user, &found), PT_OK);
	assert_int_equal(user.last_login_at, f->now.wall_ms);
	assert_int_equal(fixture_events(f, EVENT_LOGIN, made.sid), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
what_strangers_send_is_cut_and_cleaned(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_login login = { .user_number = f->ann.number };
	char long_text[1000];
	struct session session;
	struct user user;
	bool done;

	memset(long_text, 'x', sizeof long_text);
	long_text[0] = '\n';
	login.device = caller.user_agent = caller.address = (struct slice){ long_text, sizeof long_text };
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &done), PT_OK);
	assert_true(done);
	assert_int_equal(strlen(session.device), DEVICE_NAME_SIZE - 1);
	assert_int_equal(session.user_agent[0], '?');
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_login_with_a_password_that_was_changed_meanwhile_is_none(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_login login = { .user_number = f->ann.number, .expected_hash = "an older hash" };
	struct session session;
	struct store_stats before, after;
	struct user user;
	bool done;

	assert_int_equal(store_stats(f->store, &before), PT_OK);
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &done), PT_OK);
	assert_false(done);
	login.user_number = 99;
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &done), PT_OK);
	assert_false(done);
	assert_int_equal(store_stats(f->store, &after), PT_OK);
	assert_int_equal(after.sessions, before.sessions);
	assert_int_equal(after.commits, before.commits);
}

static void
a_failed_login_is_logged_with_a_tag_or_without(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_stats stats;

	assert_int_equal(store_login_failed(f->store, &caller, 0, SLICE("?ABCDEFGH"), REASON_NONE), PT_OK);
	assert_int_equal(store_login_failed(f->store, &caller, 0, SLICE(""), REASON_NONE), PT_OK);
	assert_int_equal(fixture_events(f, EVENT_LOGIN_FAILED, ""), 2);
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.sessions, 0);
}

/* ---- the cap ---- */

static void
the_least_recently_used_session_ends_beyond_the_cap(void **state)
{
	struct fixture *f = *state;
	struct session sessions[4];

	f->options.sessions_per_user = 3;
	fixture_reopen(f);
	for (uint8_t i = 0; i < 3; i++) {
		sessions[i] = fixture_login(f, &f->ann, i, i);
		fixture_pass(f, SECOND_MS);
	}
	struct store_presented token = fixture_token(&sessions[0], 0, FIRST_NONCE);

	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	fixture_pass(f, SECOND_MS);
	fixture_login(f, &f->bob, 9, 9);
	sessions[3] = fixture_login(f, &f->ann, 3, 3);
	assert_int_equal(standing_of(f, &sessions[0]), REASON_NONE);
	assert_int_equal(standing_of(f, &sessions[1]), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &sessions[2]), REASON_NONE);
	assert_int_equal(standing_of(f, &sessions[3]), REASON_NONE);
	assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, sessions[1].sid), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
what_a_newer_login_replaces_goes_first(void **state)
{
	struct fixture *f = *state;

	f->options.sessions_per_user = 2;
	fixture_reopen(f);
	struct session elsewhere = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, SECOND_MS);
	struct session old = fixture_login(f, &f->ann, 2, 2);

	fixture_pass(f, SECOND_MS);
	/* The first of these makes room for itself at the cost of the one elsewhere: nothing is superseded yet. */
	struct session new = fixture_login(f, &f->ann, 3, 2);

	assert_int_equal(standing_of(f, &elsewhere), REASON_SESSION_CAP);
	struct session newest = fixture_login(f, &f->ann, 4, 3);

	assert_int_equal(standing_of(f, &old), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &new), REASON_NONE);
	assert_int_equal(standing_of(f, &newest), REASON_NONE);
}

static void
records_of_a_user_do_not_grow_beyond_twice_the_cap(void **state)
{
	struct fixture *f = *state;
	struct store_stats stats;

	f->options.sessions_per_user = 3;
	fixture_reopen(f);
	for (int i = 0; i < 40; i++) {
		fixture_pass(f, SECOND_MS);
		fixture_login(f, &f->ann, 1, (uint8_t)i);
	}
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.sessions_live, 3);
	assert_int_equal(stats.sessions, 6);
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- lists ---- */

struct seen {
	uint64_t numbers[512];
	enum reason standings[512];
	size_t count, stop_at;
};

static bool
note_session(const struct session *session, enum reason standing, void *ctx)
{
	struct seen *seen = ctx;

	seen->numbers[seen->count] = session->number;
	seen->standings[seen->count++] = standing;
	return seen->count != seen->stop_at;
}

static void
the_list_has_the_newest_use_first_and_nobody_elses(void **state)
{
	struct fixture *f = *state;
	struct session a = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, SECOND_MS);
	struct session b = fixture_login(f, &f->ann, 2, 2);

	fixture_login(f, &f->bob, 3, 3);
	fixture_pass(f, SECOND_MS);
	struct store_presented token = fixture_token(&a, 0, FIRST_NONCE);
	struct seen seen = { 0 };

	fixture_refresh(f, &token);
	assert_int_equal(store_session_each(f->store, f->now, f->ann.number, false, note_session, &seen), PT_OK);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.numbers[0], a.number);
	assert_int_equal(seen.numbers[1], b.number);
}

static void
ended_and_expired_sessions_are_listed_only_if_asked_for(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session expired = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, DAY_MS);
	struct session ended = fixture_login(f, &f->ann, 2, 2);

	fixture_pass(f, SECOND_MS);
	struct session alive = fixture_login(f, &f->ann, 3, 3);
	struct seen some = { 0 }, all = { 0 };
	bool found;

	assert_int_equal(store_session_end(f->store, &caller, f->ann.number, slice_of(ended.sid), REASON_LOGOUT_ELSEWHERE,
	    &found), PT_OK);
	assert_true(found);
	assert_int_equal(store_session_each(f->store, f->now, f->ann.number, false, note_session, &some), PT_OK);
	assert_int_equal(some.count, 1);
	assert_int_equal(some.numbers[0], alive.number);
	assert_int_equal(store_session_each(f->store, f->now, f->ann.number, true, note_session, &all), PT_OK);
	assert_int_equal(all.count, 3);
	assert_int_equal(all.standings[0], REASON_NONE);
	assert_int_equal(all.standings[1], REASON_LOGOUT_ELSEWHERE);
	assert_int_equal(all.numbers[2], expired.number);
	assert_int_equal(all.standings[2], REASON_IDLE);
}

static void
everybodys_list_goes_on_until_told_to_stop(void **state)
{
	struct fixture *f = *state;
	struct seen all = { 0 }, one = { .stop_at = 1 };

	fixture_login(f, &f->ann, 1, 1);
	fixture_login(f, &f->bob, 2, 2);
	assert_int_equal(store_session_each(f->store, f->now, 0, false, note_session, &all), PT_OK);
	assert_int_equal(all.count, 2);
	assert_int_equal(store_session_each(f->store, f->now, 0, false, note_session, &one), PT_OK);
	assert_int_equal(one.count, 1);
}

/* ---- changes ---- */

static void
nobody_ends_or_renames_the_session_of_another(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1), out;
	bool found;

	assert_int_equal(store_session_end(f->store, &caller, f->bob.number, slice_of(session.sid), REASON_LOGOUT_ELSEWHERE,
	    &found), PT_OK);
	assert_false(found);
	assert_int_equal(store_session_rename(f->store, &caller, f->bob.number, slice_of(session.sid), SLICE("mine"), &out,
	    &found), PT_OK);
	assert_false(found);
	assert_int_equal(store_session_end(f->store, &caller, f->bob.number, SLICE("no such id"), REASON_LOGOUT_ELSEWHERE,
	    &found), PT_OK);
	assert_false(found);
	assert_int_equal(standing_of(f, &session), REASON_NONE);
	/* An administrator ends anyone's. */
	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(session.sid), REASON_ADMIN, &found), PT_OK);
	assert_true(found);
	assert_int_equal(standing_of(f, &session), REASON_ADMIN);
	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(session.sid), REASON_ADMIN, &found), PT_OK);
	assert_false(found);
}

static void
a_new_name_is_kept_and_logged(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1), out;
	enum reason standing;
	bool found;

	assert_int_equal(store_session_rename(f->store, &caller, f->ann.number, slice_of(session.sid), SLICE("the\nphone"),
	    &out, &found), PT_OK);
	assert_true(found);
	assert_string_equal(out.device, "the?phone");
	assert_string_equal(fixture_session(f, session.sid, &standing).device, "the?phone");
	assert_int_equal(fixture_events(f, EVENT_SESSION_RENAMED, session.sid), 1);
}

static void
all_sessions_of_a_user_end_but_the_one_kept(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session a = fixture_login(f, &f->ann, 1, 1), b = fixture_login(f, &f->ann, 2, 2),
	    c = fixture_login(f, &f->bob, 3, 3);
	uint64_t count;

	assert_int_equal(store_session_end_all(f->store, &caller, f->ann.number, b.number, REASON_LOGOUT_ALL, &count),
	    PT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(standing_of(f, &a), REASON_LOGOUT_ALL);
	assert_int_equal(standing_of(f, &b), REASON_NONE);
	assert_int_equal(standing_of(f, &c), REASON_NONE);
	assert_int_equal(store_session_end_all(f->store, &caller, f->ann.number, 0, REASON_LOGOUT_ALL, NULL), PT_OK);
	assert_int_equal(standing_of(f, &b), REASON_LOGOUT_ALL);
}

static void
everybodys_sessions_end_in_transactions_of_bounded_size(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_stats before, after;
	struct session kept = { 0 };
	uint64_t count;

	f->options.sessions_per_user = 1000;
	fixture_reopen(f);
	for (int i = 0; i < 300; i++)
		kept = fixture_login(f, &f->ann, 1, (uint8_t)i);
	assert_int_equal(store_stats(f->store, &before), PT_OK);
	assert_int_equal(store_session_end_all(f->store, &caller, 0, kept.number, REASON_ADMIN, &count), PT_OK);
	assert_int_equal(count, 299);
	assert_int_equal(store_stats(f->store, &after), PT_OK);
	assert_int_equal(after.commits - before.commits, 2);
	assert_int_equal(after.sessions_live, 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
use_is_written_every_five_minutes_at_most(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_stats before, after;
	int64_t begun = f->now.wall_ms;
	enum reason standing;

	assert_int_equal(store_stats(f->store, &before), PT_OK);
	for (int second = 0; second < 601; second++) {
		struct store_caller caller = fixture_caller(f);

		assert_int_equal(store_session_touch(f->store, &caller, session.number), PT_OK);
		fixture_pass(f, SECOND_MS);
	}
	assert_int_equal(store_stats(f->store, &after), PT_OK);
	assert_int_equal(after.commits - before.commits, 2);
	assert_int_equal(after.events, before.events);
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(session.last_seen_at, begun + 600 * SECOND_MS);
	assert_int_equal(session.idle_end, begun + 600 * SECOND_MS + DAY_MS);
}

static void
use_revives_nothing(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, DAY_MS);
	struct store_caller caller = fixture_caller(f);

	assert_int_equal(store_session_touch(f->store, &caller, session.number), PT_OK);
	assert_int_equal(store_session_touch(f->store, &caller, 99), PT_OK);
	assert_int_equal(standing_of(f, &session), REASON_IDLE);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_login_begins_a_session_with_all_that_is_known),
		TEST(what_strangers_send_is_cut_and_cleaned),
		TEST(a_login_with_a_password_that_was_changed_meanwhile_is_none),
		TEST(a_failed_login_is_logged_with_a_tag_or_without),
		TEST(the_least_recently_used_session_ends_beyond_the_cap),
		TEST(what_a_newer_login_replaces_goes_first),
		TEST(records_of_a_user_do_not_grow_beyond_twice_the_cap),
		TEST(the_list_has_the_newest_use_first_and_nobody_elses),
		TEST(ended_and_expired_sessions_are_listed_only_if_asked_for),
		TEST(everybodys_list_goes_on_until_told_to_stop),
		TEST(nobody_ends_or_renames_the_session_of_another),
		TEST(a_new_name_is_kept_and_logged),
		TEST(all_sessions_of_a_user_end_but_the_one_kept),
		TEST(everybodys_sessions_end_in_transactions_of_bounded_size),
		TEST(use_is_written_every_five_minutes_at_most),
		TEST(use_revives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
