/*
 * What a presented token is worth to the store: rows, strangers and browsers, and what is written.
 */
#include "support/store_fixture.h"

#include <string.h>

static struct store_stats
stats(struct fixture *f)
{
	struct store_stats out;

	assert_int_equal(store_stats(f->store, &out), PT_OK);
	return out;
}

static void
the_first_refresh_moves_and_writes_no_audit_event(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	uint64_t events = stats(f).events;

	fixture_pass(f, HOUR_MS);
	struct store_judgement j = fixture_refresh(f, &token);

	assert_int_equal(j.verdict, STORE_GOOD);
	assert_int_equal(j.decision.answer, ROTATE_TOKEN);
	assert_int_equal(j.decision.serial, 1);
	assert_int_equal(j.session.moves, 1);
	assert_int_equal(j.session.last_seen_at, f->now.wall_ms);
	assert_int_equal(j.session.idle_end, f->now.wall_ms + DAY_MS);
	assert_string_equal(j.user.name, "ann");
	assert_int_equal(stats(f).events, events);
	assert_int_equal(fixture_problems(f), 0);
}

static void
what_moved_is_still_moved_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;

	fixture_refresh(f, &token);
	fixture_reopen(f);
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(session.rotation.next_serial, 1);
	assert_int_equal(session.rotation.moved_at.ms, f->now.stamp.ms);
}

static void
a_burst_and_the_quiet_after_it_write_nothing(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	fixture_refresh(f, &token);
	uint64_t commits = stats(f).commits;

	for (int tab = 0; tab < 8; tab++) {
		struct store_judgement j = fixture_refresh(f, &token);

		assert_int_equal(j.decision.rule, 2);
		assert_int_equal(j.decision.serial, 1);
	}
	fixture_pass(f, 61 * SECOND_MS);
	struct store_judgement quiet = fixture_refresh(f, &token);

	assert_int_equal(quiet.verdict, STORE_GOOD);
	assert_int_equal(quiet.decision.rule, 3);
	assert_int_equal(quiet.decision.answer, ROTATE_ACCESS_ONLY);
	assert_int_equal(stats(f).commits, commits);
}

static bool
never(void *ctx)
{
	++*(unsigned *)ctx;
	return false;
}

/*
 * Tokens that are refreshed together get the same results as alone, and all writes take one commit.
 */
static void
many_together_come_out_as_each_alone_in_one_commit(void **state)
{
	struct fixture *f = *state;
	struct session one = fixture_login(f, &f->ann, 1, 1), two = fixture_login(f, &f->ann, 2, 2),
	    three = fixture_login(f, &f->ann, 3, 3);
	struct store_presented tokens[] = {
		fixture_token(&one, 0, FIRST_NONCE),
		fixture_token(&two, 0, FIRST_NONCE),
		fixture_token(&three, 0, FIRST_NONCE),
		/* another tab of the first: it moved already, or moves with it */
		fixture_token(&one, 0, FIRST_NONCE),
		fixture_token(&two, 0, FIRST_NONCE),	/* of another browser */
		fixture_token(&three, 0, FIRST_NONCE),	/* its client has gone */
	};
	struct store_caller caller = fixture_caller(f), gone = caller;
	struct store_judgement out[6];
	struct store_refreshing items[6];
	unsigned asked = 0;
	uint64_t commits = stats(f).commits, changes = stats(f).changes;

	tokens[4].device_hash[0] ^= 1;
	gone.peer_waits = never;
	gone.peer_ctx = &asked;
	for (int i = 0; i < 6; i++)
		items[i] = (struct store_refreshing){ i == 5 ? &gone : &caller, &tokens[i], &out[i], PT_ERR_IO };
	store_refresh_many(f->store, items, 6);
	for (int i = 0; i < 5; i++)
		assert_int_equal(items[i].err, PT_OK);
	assert_int_equal(items[5].err, PT_ERR_GONE);
	assert_int_equal(out[5].verdict, STORE_REFUSED);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(out[i].verdict, STORE_GOOD);
		assert_int_equal(out[i].decision.serial, 1);
	}
	assert_int_equal(out[3].decision.rule, 2);
	assert_int_equal(out[4].verdict, STORE_FOREIGN);
	assert_int_equal(out[4].reason, REASON_FOREIGN_DEVICE);
	assert_int_equal(stats(f).commits, commits + 1);
	/* Three moves, and an event about the stranger. */
	assert_int_equal(stats(f).changes, changes + 4);
	assert_int_equal(fixture_problems(f), 0);
	store_refresh_many(f->store, items, 0);
}

static void
a_request_whose_time_was_taken_before_anothers_move_is_of_its_burst(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	fixture_refresh(f, &token);
	uint64_t commits = stats(f).commits;

	fixture_pass(f, -3);
	assert_int_equal(fixture_refresh(f, &token).decision.rule, 2);
	assert_int_equal(stats(f).commits, commits);
}

static void
a_move_in_the_future_is_written_as_now(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;

	fixture_refresh(f, &token);
	f->now.stamp.ms -= HOUR_MS;
	struct store_judgement j = fixture_refresh(f, &token);

	assert_int_equal(j.verdict, STORE_GOOD);
	assert_int_equal(j.decision.rule, 2);
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(session.rotation.moved_at.ms, f->now.stamp.ms);
	/* So its hand-out ends like any other. */
	fixture_pass(f, 61 * SECOND_MS);
	assert_int_equal(fixture_refresh(f, &token).decision.rule, 3);
}

/* Shows D05. */
static void
a_used_up_token_ends_that_session_and_the_log_says_the_row(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1), other = fixture_login(f, &f->ann, 2, 2);
	struct store_presented first = fixture_token(&session, 0, FIRST_NONCE), second = fixture_token(&session, 1, 99);
	enum reason standing;

	fixture_refresh(f, &first);
	fixture_pass(f, 200 * SECOND_MS);
	assert_int_equal(fixture_refresh(f, &second).decision.rule, 4);
	struct store_judgement j = fixture_refresh(f, &first);

	assert_int_equal(j.verdict, STORE_REFUSED);
	assert_int_equal(j.reason, REASON_REUSED);
	assert_int_equal(j.decision.rule, 6);
	assert_int_equal(j.session.ended, REASON_REUSED);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_REUSED);
	fixture_session(f, other.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(fixture_events(f, EVENT_TOKEN_REUSED, session.sid), 1);
	/* The token that was good has died with it, and a second look writes nothing more. */
	assert_int_equal(fixture_refresh(f, &second).reason, REASON_REUSED);
	assert_int_equal(fixture_events(f, EVENT_TOKEN_REUSED, session.sid), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_serial_above_the_stores_is_taken_and_logged_loudly(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented ahead = fixture_token(&session, 5, 55), far = fixture_token(&session, 5000, 55);
	struct store_judgement j = fixture_refresh(f, &ahead);

	assert_int_equal(j.decision.rule, 1);
	assert_int_equal(j.decision.serial, 6);
	assert_int_equal(fixture_events(f, EVENT_STORE_BEHIND, session.sid), 1);
	j = fixture_refresh(f, &far);
	assert_int_equal(j.verdict, STORE_REFUSED);
	assert_int_equal(j.reason, REASON_TOO_FAR_AHEAD);
	assert_int_equal(fixture_events(f, EVENT_TOKEN_REUSED, session.sid), 1);
}

static void
what_is_foreign_changes_nothing(void **state)
{
	static const struct {
		const char *sentence;
		bool other_secret, other_device, no_device, no_session;
		enum store_verdict verdict;
		enum reason reason;
	} rows[] = {
		{ "another secret", true, false, false, false, STORE_FOREIGN, REASON_UNKNOWN_SESSION },
		{ "another browser", false, true, false, false, STORE_FOREIGN, REASON_FOREIGN_DEVICE },
		{ "no device cookie", false, false, true, false, STORE_FOREIGN, REASON_FOREIGN_DEVICE },
		{ "no such session", false, false, false, true, STORE_REFUSED, REASON_UNKNOWN_SESSION },
	};
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, HOUR_MS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* A serial that would be row 6 if the token were judged. */
		struct store_presented token = fixture_token(&session, 5000, 1);
		struct store_judgement j, judgement;
		enum reason standing;
		bool ended;

		token.secret_hash[31] ^= rows[i].other_secret;
		token.device_hash[0] ^= rows[i].other_device;
		token.has_device = !rows[i].no_device;
		token.session_number += rows[i].no_session ? 100 : 0;
		uint64_t commits = stats(f).commits;

		/* Except the first with the secret but not the device: the audit log gets it. */
		commits += i == 1;
		assert_int_equal(store_refresh(f->store, &caller, &token, &j), PT_OK);
		assert_int_equal(j.verdict, rows[i].verdict);
		assert_int_equal(j.reason, rows[i].reason);
		assert_int_equal(j.session.number, 0);
		assert_int_equal(j.user.number, 0);
		assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_OK);
		assert_int_equal(j.verdict, rows[i].verdict);
		assert_int_equal(store_logout(f->store, &caller, &token, &judgement, &ended), PT_OK);
		assert_false(ended);
		fixture_session(f, session.sid, &standing);
		assert_int_equal(standing, REASON_NONE);
		assert_int_equal(stats(f).commits, commits);
	}
}

static void
a_look_moves_nothing_but_sees_theft(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE), bad = fixture_token(&session, 0, 8);
	struct store_judgement j;
	enum reason standing;
	uint64_t commits = stats(f).commits;

	assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_OK);
	assert_int_equal(j.verdict, STORE_GOOD);
	assert_false(j.decision.moved);
	assert_int_equal(j.decision.state.next_serial, 0);
	assert_string_equal(j.user.name, "ann");
	assert_int_equal(stats(f).commits, commits);
	assert_int_equal(store_judge(f->store, &caller, &bad, &j), PT_OK);
	assert_int_equal(j.verdict, STORE_REFUSED);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_REUSED);
}

static void
a_refresh_that_nobody_waits_for_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE), stale = fixture_token(&session, 0, 8);
	unsigned asked = 0;
	enum reason standing;

	struct store_judgement j;

	caller.peer_waits = never;
	caller.peer_ctx = &asked;
	assert_int_equal(store_refresh(f->store, &caller, &token, &j), PT_ERR_GONE);
	/* Asked once, at its turn to write, which is the last moment. */
	assert_int_equal(asked, 1);
	assert_int_equal(j.verdict, STORE_REFUSED);
	assert_int_equal(j.session.number, 0);
	assert_int_equal(store_refresh(f->store, &caller, &stale, &j), PT_ERR_GONE);
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(session.moves, 0);
}

static struct instant fixed;

static struct instant
fixed_clock(void)
{
	return fixed;
}

/* A request has waited since it was accepted; half the quiet period is not yet too long. */
static void
what_has_waited_for_more_than_half_the_quiet_period_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	struct store_judgement j;
	enum reason standing;
	bool ended;

	fixed = f->now;
	caller.clock = fixed_clock;
	caller.accepted = f->now.stamp;
	fixed.stamp.ms += f->options.periods.quiet_ms / 2 + 1;
	assert_int_equal(store_refresh(f->store, &caller, &token, &j), PT_ERR_GONE);
	assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_ERR_GONE);
	assert_int_equal(fixture_session(f, session.sid, &standing).moves, 0);
	fixed.stamp.ms--;
	assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_OK);
	assert_int_equal(store_refresh(f->store, &caller, &token, &j), PT_OK);
	assert_int_equal(fixture_session(f, session.sid, &standing).moves, 1);
	/* A request accepted before the last boot is old. */
	caller.accepted.boot ^= 1;
	assert_int_equal(store_refresh(f->store, &caller, &token, &j), PT_ERR_GONE);
	assert_int_equal(store_logout(f->store, &caller, &token, &j, &ended), PT_OK);
	assert_true(ended);
}

static void
a_look_that_comes_too_late_ends_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented stale = fixture_token(&session, 0, 8);
	struct store_judgement j;
	enum reason standing;
	unsigned count = 0;

	caller.peer_waits = never;
	caller.peer_ctx = &count;
	assert_int_equal(store_judge(f->store, &caller, &stale, &j), PT_ERR_GONE);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	caller.peer_waits = NULL;
	assert_int_equal(store_judge(f->store, &caller, &stale, &j), PT_OK);
	assert_int_equal(j.reason, REASON_REUSED);
}

static void
a_logout_is_done_though_nobody_waits_for_it(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented spent = fixture_token(&session, 4000, 1);
	struct store_judgement judgement;
	enum reason standing;
	unsigned count = 0;
	bool ended;

	caller.peer_waits = never;
	caller.peer_ctx = &count;
	assert_int_equal(store_logout(f->store, &caller, &spent, &judgement, &ended), PT_OK);
	assert_true(ended);
	assert_string_equal(judgement.session.sid, session.sid);
	assert_string_equal(judgement.user.name, "ann");
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_LOGOUT);
	assert_int_equal(fixture_events(f, EVENT_LOGOUT, session.sid), 1);
	assert_int_equal(store_logout(f->store, &caller, &spent, &judgement, &ended), PT_OK);
	assert_false(ended);
	assert_int_equal(fixture_events(f, EVENT_LOGOUT, session.sid), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
an_idle_session_is_refused_and_its_end_recorded(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;

	fixture_pass(f, 3 * DAY_MS);
	struct store_judgement j = fixture_refresh(f, &token);

	assert_int_equal(j.verdict, STORE_REFUSED);
	assert_int_equal(j.reason, REASON_IDLE);
	f->now.wall_ms -= 3 * DAY_MS;	/* the clock goes back, but it stays dead */
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_IDLE);
	assert_int_equal(session.ended_at, session.idle_end);
	assert_int_equal(fixture_problems(f), 0);
}

/* Shows D18. */
static void
a_clock_that_is_an_hour_fast_ends_nothing_for_ever(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	struct store_caller caller;
	struct store_judgement j;
	enum reason standing;
	bool ended;

	/* In the same boot the other clock shows that no such time has passed. */
	fixture_pass(f, DAY_MS - HOUR_MS / 2);
	f->now.wall_ms += HOUR_MS;
	caller = fixture_caller(f);
	assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_OK);
	assert_int_equal(j.verdict, STORE_GOOD);
	/* After a reboot nobody can tell. */
	f->now.stamp.boot++;
	caller = fixture_caller(f);
	assert_int_equal(fixture_refresh(f, &token).reason, REASON_IDLE);
	assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_OK);
	assert_int_equal(j.reason, REASON_IDLE);
	f->now.wall_ms -= HOUR_MS;
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	/* A logout is a logout, whatever the clock says. */
	f->now.wall_ms += DAY_MS + HOUR_MS;
	f->now.stamp.boot++;
	caller = fixture_caller(f);
	assert_int_equal(store_logout(f->store, &caller, &token, &j, &ended), PT_OK);
	f->now.wall_ms -= DAY_MS + HOUR_MS;
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_IDLE);
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- how often refusals are logged ---- */

static void
a_page_that_asks_for_ever_is_told_of_once_an_hour(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	struct store_judgement judgement;
	bool ended;

	assert_int_equal(store_logout(f->store, &caller, &token, &judgement, &ended), PT_OK);
	struct store_stats before = stats(f);

	for (int i = 0; i < 1000; i++) {
		assert_int_equal(fixture_refresh(f, &token).reason, REASON_LOGOUT);
		fixture_pass(f, 3 * SECOND_MS);
	}
	assert_int_equal(stats(f).events, before.events + 1);
	assert_int_equal(stats(f).commits, before.commits + 1);
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, session.sid), 1);
	fixture_pass(f, HOUR_MS - 3000 * SECOND_MS);
	fixture_refresh(f, &token);
	fixture_refresh(f, &token);
	assert_int_equal(stats(f).events, before.events + 2);
	/* A clock that is set back by hours causes one more event, and no more after that. */
	f->now.wall_ms -= 5 * HOUR_MS;
	for (int i = 0; i < 100; i++)
		fixture_refresh(f, &token);
	assert_int_equal(stats(f).events, before.events + 3);
	assert_int_equal(fixture_problems(f), 0);
}

static void
each_reason_is_told_of_and_what_ends_a_session_is_told_of_by_that(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented spent = fixture_token(&session, 0, 8), foreign = spent;
	struct store_caller caller = fixture_caller(f);
	struct store_judgement judgement;

	foreign.has_device = false;
	/* A look is not a refresh. */
	assert_int_equal(store_judge(f->store, &caller, &foreign, &judgement), PT_OK);
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, session.sid), 0);
	for (int i = 0; i < 50; i++)
		assert_int_equal(fixture_refresh(f, &foreign).reason, REASON_FOREIGN_DEVICE);
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, session.sid), 1);
	assert_int_equal(fixture_refresh(f, &spent).reason, REASON_REUSED);
	assert_int_equal(fixture_events(f, EVENT_TOKEN_REUSED, session.sid), 1);
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, session.sid), 1);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(fixture_refresh(f, &spent).reason, REASON_REUSED);
		assert_int_equal(fixture_refresh(f, &foreign).reason, REASON_FOREIGN_DEVICE);
	}
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, session.sid), 2);
	assert_int_equal(fixture_events(f, EVENT_TOKEN_REUSED, session.sid), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
an_end_that_is_not_recorded_yet_is_told_of(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;

	fixture_pass(f, DAY_MS);
	for (int i = 0; i < 10; i++)
		assert_int_equal(fixture_refresh(f, &token).reason, REASON_IDLE);
	assert_int_equal(fixture_session(f, session.sid, &standing).ended, REASON_NONE);
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, session.sid), 1);
}

static void
use_moves_the_idle_end_and_never_the_absolute_one(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	uint32_t serial = 0;
	int64_t absolute = session.absolute_end;
	struct store_judgement j = { 0 };

	for (int hours = 0; hours < 90 * 24; hours += 20) {
		struct store_presented token = fixture_token(&session, serial, FIRST_NONCE);

		j = fixture_refresh(f, &token);
		assert_int_equal(j.verdict, STORE_GOOD);
		assert_int_equal(j.session.absolute_end, absolute);
		serial = j.decision.serial;
		fixture_pass(f, 20 * HOUR_MS);
	}
	assert_int_equal(j.session.idle_end, absolute);
	struct store_presented token = fixture_token(&session, serial, FIRST_NONCE);

	assert_int_equal(fixture_refresh(f, &token).reason, REASON_ABSOLUTE);
}

/* ---- a newer login of the same browser ---- */

/* A good token of a session that is settling gives only an access token, and nothing is written. */
static void
assert_settling(struct fixture *f, const struct session *session)
{
	struct store_presented token = fixture_token(session, 0, FIRST_NONCE);
	uint64_t commits = stats(f).commits;
	struct store_judgement j = fixture_refresh(f, &token);

	assert_int_equal(j.verdict, STORE_GOOD);
	assert_true(j.settling);
	assert_int_equal(j.decision.answer, ROTATE_ACCESS_ONLY);
	assert_false(j.decision.moved);
	assert_int_equal(stats(f).commits, commits);
}

static enum reason
standing_of(struct fixture *f, const struct session *session)
{
	enum reason standing;

	fixture_session(f, session->sid, &standing);
	return standing;
}

static void
after_another_login_nobody_is_given_a_cookie_for_the_quiet_period(void **state)
{
	struct fixture *f = *state;
	struct session old = fixture_login(f, &f->ann, 1, 1), elsewhere = fixture_login(f, &f->ann, 3, 2);

	fixture_pass(f, SECOND_MS);
	struct session new = fixture_login(f, &f->bob, 2, 1);

	for (int i = 0; i < 2; i++, fixture_pass(f, f->options.periods.quiet_ms)) {
		assert_settling(f, &old);
		assert_settling(f, &new);
	}
	fixture_pass(f, 1 - f->options.periods.quiet_ms);
	struct store_presented token = fixture_token(&new, 0, FIRST_NONCE), other = fixture_token(&elsewhere, 0, FIRST_NONCE);
	struct store_judgement j = fixture_refresh(f, &token);

	assert_int_equal(j.decision.answer, ROTATE_TOKEN);
	assert_true(j.ends_older);
	assert_int_equal(standing_of(f, &old), REASON_REPLACED);
	assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, old.sid), 1);
	assert_int_equal(standing_of(f, &new), REASON_NONE);
	assert_int_equal(fixture_refresh(f, &other).decision.answer, ROTATE_TOKEN);
	assert_int_equal(fixture_problems(f), 0);
}

/* Without settling, a browser that never got the answer was signed out an hour later. */
static void
a_login_whose_answer_was_lost_ends_nothing(void **state)
{
	struct fixture *f = *state;
	struct session old = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&old, 0, FIRST_NONCE);
	struct store_judgement j = fixture_refresh(f, &token);

	assert_int_equal(j.decision.serial, 1);
	struct session lost = fixture_login(f, &f->ann, 2, 1);

	for (int hours = 1; hours < 100; hours += 10) {
		token = fixture_token(&old, j.decision.serial, FIRST_NONCE);
		fixture_pass(f, 10 * HOUR_MS);
		j = fixture_refresh(f, &token);
		assert_int_equal(j.verdict, STORE_GOOD);
		assert_int_equal(j.decision.answer, ROTATE_TOKEN);
		assert_false(j.ends_older);
	}
	assert_int_equal(fixture_session(f, lost.sid, &(enum reason){ 0 }).ended, REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_later_login_begins_the_quiet_period_anew_for_all(void **state)
{
	struct fixture *f = *state;
	struct session first = fixture_login(f, &f->ann, 1, 1), second = fixture_login(f, &f->ann, 2, 1);

	fixture_pass(f, f->options.periods.quiet_ms);
	struct session third = fixture_login(f, &f->ann, 3, 1);

	fixture_pass(f, f->options.periods.quiet_ms);
	assert_settling(f, &first);
	assert_settling(f, &second);
	assert_settling(f, &third);
	fixture_pass(f, 1);
	/* The middle one, whose answer came last, ends older ones and no newer one. */
	struct store_presented token = fixture_token(&second, 0, FIRST_NONCE);

	assert_true(fixture_refresh(f, &token).ends_older);
	assert_int_equal(standing_of(f, &first), REASON_REPLACED);
	assert_int_equal(standing_of(f, &third), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

/* A login may wait for its commit for any time: the quiet period counts from the commit. */
static void
the_quiet_period_begins_with_the_commit(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session old = fixture_login(f, &f->ann, 1, 1), new;
	struct store_login login = { .user_number = f->ann.number, .nonce = FIRST_NONCE };
	struct user user;
	struct login_decision decision;

	memset(login.secret_hash, 2, DIGEST_SIZE);
	memset(login.device_hash, 1, DIGEST_SIZE);
	fixed = f->now;
	fixed.stamp.ms += 50 * SECOND_MS;
	caller.clock = fixed_clock;
	assert_int_equal(store_login(f->store, &caller, &login, &new, &user, &decision), PT_OK);
	assert_int_equal(decision.result, LOGIN_GOOD);
	fixture_pass(f, f->options.periods.quiet_ms + 50 * SECOND_MS);
	assert_settling(f, &old);
	assert_settling(f, &new);
	fixture_pass(f, 1);
	struct store_presented token = fixture_token(&new, 0, FIRST_NONCE);

	assert_true(fixture_refresh(f, &token).ends_older);
}

static void
a_look_at_the_newer_session_ends_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session old = fixture_login(f, &f->ann, 1, 1), new = fixture_login(f, &f->ann, 2, 1);
	struct store_presented token = fixture_token(&new, 0, FIRST_NONCE);
	struct store_judgement j;

	fixture_pass(f, HOUR_MS);
	assert_int_equal(store_judge(f->store, &caller, &token, &j), PT_OK);
	assert_int_equal(j.verdict, STORE_GOOD);
	assert_int_equal(standing_of(f, &old), REASON_NONE);
}

static void
a_use_by_the_gate_ends_what_is_older_once_all_has_settled(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session old = fixture_login(f, &f->ann, 1, 1), new = fixture_login(f, &f->ann, 2, 1),
	    lost = fixture_login(f, &f->ann, 3, 1);

	fixture_pass(f, f->options.periods.quiet_ms);
	caller.now = f->now;
	assert_int_equal(store_session_touch(f->store, &caller, new.number), PT_OK);
	assert_int_equal(standing_of(f, &old), REASON_NONE);
	fixture_pass(f, STANDING_TOUCH_EVERY_MS);
	caller.now = f->now;
	assert_int_equal(store_session_touch(f->store, &caller, new.number), PT_OK);
	assert_int_equal(standing_of(f, &old), REASON_REPLACED);
	assert_int_equal(standing_of(f, &new), REASON_NONE);
	assert_int_equal(standing_of(f, &lost), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

/* It ends the older ones; the answer of a later login may be on its way. */
static void
logging_out_ends_what_is_older_and_nothing_that_is_newer(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session old = fixture_login(f, &f->ann, 1, 1), held = fixture_login(f, &f->ann, 2, 1),
	    later = fixture_login(f, &f->ann, 3, 1);
	struct store_presented token = fixture_token(&held, 0, FIRST_NONCE);
	struct store_judgement judgement;
	bool ended;

	assert_int_equal(store_logout(f->store, &caller, &token, &judgement, &ended), PT_OK);
	assert_true(ended);
	assert_int_equal(standing_of(f, &old), REASON_REPLACED);
	assert_int_equal(standing_of(f, &held), REASON_LOGOUT);
	assert_int_equal(standing_of(f, &later), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

static void
theft_is_seen_while_all_is_settling_and_ends_that_session_alone(void **state)
{
	struct fixture *f = *state;
	struct session old = fixture_login(f, &f->ann, 1, 1), robbed = fixture_login(f, &f->ann, 2, 1),
	    new = fixture_login(f, &f->ann, 3, 1);
	struct store_presented stolen = fixture_token(&robbed, 0, 8);

	assert_int_equal(fixture_refresh(f, &stolen).reason, REASON_REUSED);
	assert_int_equal(standing_of(f, &robbed), REASON_REUSED);
	assert_int_equal(standing_of(f, &old), REASON_NONE);
	assert_int_equal(standing_of(f, &new), REASON_NONE);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_refresh_moves_and_writes_no_audit_event),
		TEST(what_moved_is_still_moved_after_a_restart),
		TEST(a_burst_and_the_quiet_after_it_write_nothing),
		TEST(many_together_come_out_as_each_alone_in_one_commit),
		TEST(a_request_whose_time_was_taken_before_anothers_move_is_of_its_burst),
		TEST(a_move_in_the_future_is_written_as_now),
		TEST(a_used_up_token_ends_that_session_and_the_log_says_the_row),
		TEST(a_serial_above_the_stores_is_taken_and_logged_loudly),
		TEST(what_is_foreign_changes_nothing),
		TEST(a_look_moves_nothing_but_sees_theft),
		TEST(a_refresh_that_nobody_waits_for_changes_nothing),
		TEST(what_has_waited_for_more_than_half_the_quiet_period_changes_nothing),
		TEST(a_look_that_comes_too_late_ends_nothing),
		TEST(a_logout_is_done_though_nobody_waits_for_it),
		TEST(an_idle_session_is_refused_and_its_end_recorded),
		TEST(a_clock_that_is_an_hour_fast_ends_nothing_for_ever),
		TEST(a_page_that_asks_for_ever_is_told_of_once_an_hour),
		TEST(each_reason_is_told_of_and_what_ends_a_session_is_told_of_by_that),
		TEST(an_end_that_is_not_recorded_yet_is_told_of),
		TEST(use_moves_the_idle_end_and_never_the_absolute_one),
		TEST(after_another_login_nobody_is_given_a_cookie_for_the_quiet_period),
		TEST(a_login_whose_answer_was_lost_ends_nothing),
		TEST(a_later_login_begins_the_quiet_period_anew_for_all),
		TEST(the_quiet_period_begins_with_the_commit),
		TEST(a_look_at_the_newer_session_ends_nothing),
		TEST(a_use_by_the_gate_ends_what_is_older_once_all_has_settled),
		TEST(logging_out_ends_what_is_older_and_nothing_that_is_newer),
		TEST(theft_is_seen_while_all_is_settling_and_ends_that_session_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
