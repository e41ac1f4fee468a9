/* Logins and the device list: what begins, what is listed and what ends. */
#include "support/store_fixture.h"

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
	struct login_decision decision;

	memset(long_text, 'x', sizeof(long_text));
	long_text[0] = '\n';
	login.device = caller.user_agent = caller.address = (struct slice){ long_text, sizeof(long_text) };
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &decision), PT_OK);
	assert_int_equal(decision.result, LOGIN_GOOD);
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
	struct login_decision decision;

	assert_int_equal(store_stats(f->store, &before), PT_OK);
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &decision), PT_OK);
	assert_int_equal(decision.result, LOGIN_REFUSED);
	login.user_number = 99;
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &decision), PT_OK);
	assert_int_equal(decision.result, LOGIN_REFUSED);
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

/* Signing in again on the laptop does not sign the phone out. */
static void
a_browser_counts_once_however_often_it_logs_in(void **state)
{
	struct fixture *f = *state;

	f->options.sessions_per_user = 2;
	fixture_reopen(f);
	struct session phone = fixture_login(f, &f->ann, 1, 1), laptop[4];

	for (uint8_t i = 0; i < 4; i++) {
		fixture_pass(f, SECOND_MS);
		laptop[i] = fixture_login(f, &f->ann, (uint8_t)(2 + i), 2);
	}
	assert_int_equal(standing_of(f, &phone), REASON_NONE);
	for (int i = 0; i < 4; i++)
		assert_int_equal(standing_of(f, &laptop[i]), REASON_NONE);
	/* At the cap, the least recently used browser's sessions go, but not another user's. */
	struct store_presented token = fixture_token(&phone, 0, FIRST_NONCE);
	struct session guest = fixture_login(f, &f->bob, 6, 2);

	fixture_pass(f, SECOND_MS);
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	struct session tablet = fixture_login(f, &f->ann, 7, 3);

	for (int i = 0; i < 4; i++)
		assert_int_equal(standing_of(f, &laptop[i]), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &phone), REASON_NONE);
	assert_int_equal(standing_of(f, &tablet), REASON_NONE);
	assert_int_equal(standing_of(f, &guest), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

/* A user who logs in again after the cap was lowered is not the one to go. */
static void
a_cap_that_was_lowered_is_kept_from_the_next_login_on(void **state)
{
	struct fixture *f = *state;
	struct session sessions[4];

	for (uint8_t i = 0; i < 4; i++) {
		sessions[i] = fixture_login(f, &f->ann, i, i);
		fixture_pass(f, SECOND_MS);
	}
	f->options.sessions_per_user = 2;
	fixture_reopen(f);
	struct session again = fixture_login(f, &f->ann, 9, 0);

	assert_int_equal(standing_of(f, &sessions[0]), REASON_NONE);
	assert_int_equal(standing_of(f, &again), REASON_NONE);
	assert_int_equal(standing_of(f, &sessions[1]), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &sessions[2]), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &sessions[3]), REASON_NONE);
	f->options.sessions_per_user = 1;
	fixture_reopen(f);
	struct session other = fixture_login(f, &f->ann, 10, 7);

	assert_int_equal(standing_of(f, &again), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &sessions[3]), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &other), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

/* Only a browser's last use decides whether it goes, not whether some of its sessions were lost. */
static void
a_browser_is_as_fresh_as_the_session_that_was_used_last(void **state)
{
	struct fixture *f = *state;

	f->options.sessions_per_user = 2;
	fixture_reopen(f);
	struct session laptop = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, SECOND_MS);
	struct session phone = fixture_login(f, &f->ann, 2, 2);

	fixture_pass(f, SECOND_MS);
	struct session again = fixture_login(f, &f->ann, 3, 1);

	fixture_login(f, &f->ann, 4, 3);
	assert_int_equal(standing_of(f, &phone), REASON_SESSION_CAP);
	assert_int_equal(standing_of(f, &laptop), REASON_NONE);
	assert_int_equal(standing_of(f, &again), REASON_NONE);
}

/* Logs in from the browser with these bytes, presenting the token that it holds. */
static struct session
login_with(struct fixture *f, const struct user *who, uint8_t device, const struct store_presented *held)
{
	struct store_caller caller = fixture_caller(f);
	struct store_login login = {
		.user_number = who->number, .nonce = FIRST_NONCE, .carried = held, .carried_count = held ? 1 : 0,
	};
	struct session session;
	struct user user;
	struct login_decision decision;

	memset(login.secret_hash, 99, DIGEST_SIZE);
	memset(login.device_hash, device, DIGEST_SIZE);
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &decision), PT_OK);
	assert_int_equal(decision.result, LOGIN_GOOD);
	return session;
}

static unsigned
live_sessions(struct fixture *f)
{
	struct store_stats stats;

	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	return (unsigned)stats.sessions_live;
}

static void
lost_logins_never_push_out_what_the_browser_holds(void **state)
{
	struct fixture *f = *state;
	struct session held = fixture_login(f, &f->ann, 1, 1), elsewhere = fixture_login(f, &f->bob, 2, 2);
	struct store_presented token = fixture_token(&held, 0, FIRST_NONCE);

	/* By either user, at one instant or over hours. */
	for (int i = 0; i < 100; i++) {
		login_with(f, i % 3 ? &f->ann : &f->bob, 1, &token);
		fixture_pass(f, i % 2 ? 0 : SECOND_MS);
	}
	assert_int_equal(standing_of(f, &held), REASON_NONE);
	assert_int_equal(standing_of(f, &elsewhere), REASON_NONE);
	assert_int_equal(live_sessions(f), SETTLING_BROWSER_MAX + 1);
	fixture_pass(f, HOUR_MS);
	assert_int_equal(fixture_refresh(f, &token).decision.answer, ROTATE_TOKEN);
	assert_int_equal(fixture_problems(f), 0);
}

static void
without_its_token_the_one_used_least_lately_goes(void **state)
{
	struct fixture *f = *state;
	struct session sessions[SETTLING_BROWSER_MAX];
	struct store_presented spent;

	for (uint8_t i = 0; i < SETTLING_BROWSER_MAX; i++) {
		sessions[i] = fixture_login(f, &f->ann, i, 1);
		fixture_pass(f, SECOND_MS);
	}
	/* A token that is not good is no use of a session and changes nothing. */
	spent = fixture_token(&sessions[0], 0, 8);
	login_with(f, &f->ann, 1, &spent);
	assert_int_equal(standing_of(f, &sessions[0]), REASON_SESSION_CAP);
	/* Nor is the token of another browser. */
	spent = fixture_token(&sessions[1], 0, FIRST_NONCE);
	memset(spent.device_hash, 2, DIGEST_SIZE);
	login_with(f, &f->ann, 1, &spent);
	assert_int_equal(standing_of(f, &sessions[1]), REASON_SESSION_CAP);
	/* A dead session goes first. */
	fixture_pass(f, DAY_MS - SETTLING_BROWSER_MAX * SECOND_MS + 2 * SECOND_MS);
	assert_int_equal(standing_of(f, &sessions[2]), REASON_IDLE);
	login_with(f, &f->ann, 1, NULL);
	assert_int_equal(standing_of(f, &sessions[3]), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_login_is_a_use_of_the_session_whose_token_it_carries(void **state)
{
	struct fixture *f = *state;
	struct session held = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&held, 0, FIRST_NONCE);
	enum reason standing;

	fixture_pass(f, HOUR_MS);
	login_with(f, &f->bob, 1, &token);
	struct session after = fixture_session(f, held.sid, &standing);

	assert_int_equal(after.last_seen_at, f->now.wall_ms);
	assert_int_equal(after.idle_end, f->now.wall_ms + DAY_MS);
	assert_int_equal(after.moves, 0);
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
the_list_of_browsers_has_one_row_for_each(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session held = fixture_login(f, &f->ann, 1, 1);

	struct session guest = fixture_login(f, &f->bob, 2, 1);

	fixture_pass(f, SECOND_MS);
	struct session lost = fixture_login(f, &f->ann, 3, 1);

	fixture_pass(f, SECOND_MS);
	struct session phone = fixture_login(f, &f->ann, 4, 2);
	struct seen seen = { 0 }, own = { 0 }, left = { 0 };
	bool found;

	/* To others a browser is shown by its last used session; to itself, by the current one. */
	assert_int_equal(store_browser_each(f->store, f->now, f->ann.number, phone.number, note_session, &seen), PT_OK);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.numbers[0], phone.number);
	assert_int_equal(seen.numbers[1], lost.number);
	assert_int_equal(store_browser_each(f->store, f->now, f->ann.number, held.number, note_session, &own), PT_OK);
	assert_int_equal(own.count, 2);
	assert_int_equal(own.numbers[1], held.number);
	/* A name belongs to the browser, not to the session that happens to represent it. */
	struct session renamed;

	assert_int_equal(store_session_rename(f->store, &caller, f->ann.number, slice_of(lost.sid), SLICE("desk"), &renamed,
	    &found), PT_OK);
	assert_string_equal(renamed.device, "desk");
	assert_string_equal(fixture_session(f, held.sid, &(enum reason){ 0 }).device, "desk");
	assert_string_equal(fixture_session(f, phone.sid, &(enum reason){ 0 }).device, phone.device);
	assert_string_equal(fixture_session(f, guest.sid, &(enum reason){ 0 }).device, guest.device);
	/* Ending it ends all sessions that this user has in that browser. */
	assert_int_equal(store_browser_end(f->store, &caller, f->ann.number, slice_of(lost.sid), REASON_LOGOUT_ELSEWHERE,
	    &found), PT_OK);
	assert_true(found);
	assert_int_equal(standing_of(f, &held), REASON_LOGOUT_ELSEWHERE);
	assert_int_equal(standing_of(f, &lost), REASON_LOGOUT_ELSEWHERE);
	assert_int_equal(standing_of(f, &phone), REASON_NONE);
	assert_int_equal(store_session_each(f->store, f->now, f->bob.number, false, note_session, &left), PT_OK);
	assert_int_equal(left.count, 1);
	assert_int_equal(fixture_problems(f), 0);
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
	/* An administrator may end anyone's. */
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
		TEST(a_browser_counts_once_however_often_it_logs_in),
		TEST(a_cap_that_was_lowered_is_kept_from_the_next_login_on),
		TEST(a_browser_is_as_fresh_as_the_session_that_was_used_last),
		TEST(lost_logins_never_push_out_what_the_browser_holds),
		TEST(without_its_token_the_one_used_least_lately_goes),
		TEST(a_login_is_a_use_of_the_session_whose_token_it_carries),
		TEST(records_of_a_user_do_not_grow_beyond_twice_the_cap),
		TEST(the_list_has_the_newest_use_first_and_nobody_elses),
		TEST(the_list_of_browsers_has_one_row_for_each),
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
