/* The status list: indices reveal nothing, ends appear in time, and no index returns too early. */
#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/rows/counters.h"
#include "support/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#define SLACK_MS (300 * SECOND_MS)
#define HOLD_MS (2 * HOUR_MS)	/* an index is held this much longer */

/* The indices that the list reports. */
struct told {
	struct store_status status;
	uint64_t count;
	uint64_t indices[64];
};

static bool
told_add(uint64_t index, void *ctx)
{
	struct told *told = ctx;

	assert_true(index < told->status.capacity);
	if (told->count < 64)
		told->indices[told->count] = index;
	told->count++;
	return true;
}

static struct told
told_now(struct fixture *f)
{
	struct told told = { .count = 0 };

	assert_int_equal(store_status_each(f->store, f->now.wall_ms, &told.status, told_add, &told), PT_OK);
	return told;
}

static uint64_t
version_now(struct fixture *f)
{
	struct store_status status;

	assert_int_equal(store_status_look(f->store, &status), PT_OK);
	return status.version;
}

static void
end_session(struct fixture *f, const struct session *session, enum reason reason)
{
	struct store_caller caller = fixture_caller(f);
	bool found;

	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(session->sid), reason, &found), PT_OK);
	assert_true(found);
}

static void
sweep(struct fixture *f)
{
	struct store_swept swept = { .more = true };

	while (swept.more)
		assert_int_equal(store_sweep(f->store, f->now, 64, &swept), PT_OK);
}

static uint64_t
kept_indices(struct fixture *f)
{
	struct store_txn txn;

	txn_read_begin(f->store, &txn);
	uint64_t count = entry_count(&txn, TABLE_STATUS);

	assert_int_equal(txn_read_end(&txn), PT_OK);
	return count;
}

static void
nothing_is_told_of_sessions_that_live(void **state)
{
	struct fixture *f = *state;
	uint64_t before = version_now(f);

	fixture_login(f, &f->ann, 1, 1);
	assert_int_equal(told_now(f).count, 0);
	assert_int_equal(told_now(f).status.capacity, STATUS_LEAST_CAPACITY);
	assert_int_equal(version_now(f), before);
	assert_int_equal(fixture_problems(f), 0);
}

static void
an_end_is_told_of_at_once_and_is_another_version(void **state)
{
	struct fixture *f = *state;
	struct session one = fixture_login(f, &f->ann, 1, 1), two = fixture_login(f, &f->bob, 2, 2);
	uint64_t before = version_now(f);

	end_session(f, &one, REASON_LOGOUT_ELSEWHERE);
	struct told told = told_now(f);

	assert_int_equal(told.count, 1);
	assert_int_equal(told.indices[0], one.status_index);
	assert_true(told.indices[0] != two.status_index);
	assert_true(told.status.version > before);
	assert_int_equal(fixture_problems(f), 0);
}

static void
an_index_is_kept_until_the_last_token_has_ended(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	end_session(f, &session, REASON_LOGOUT);
	fixture_pass(f, f->options.tokens_ms + SLACK_MS - 1);
	sweep(f);
	assert_int_equal(told_now(f).count, 1);
	assert_int_equal(kept_indices(f), 1);
	fixture_pass(f, 1);
	sweep(f);
	assert_int_equal(told_now(f).count, 0);
	/* Not before that: the clock may be fast and be set right. */
	fixture_pass(f, HOLD_MS - 1);
	sweep(f);
	assert_int_equal(kept_indices(f), 1);
	fixture_pass(f, 1);
	sweep(f);
	assert_int_equal(kept_indices(f), 0);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_refresh_lengthens_the_time_that_an_index_is_kept(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	fixture_pass(f, 500 * SECOND_MS);
	struct store_judgement judgement = fixture_refresh(f, &token);

	assert_int_equal(judgement.verdict, STORE_GOOD);
	assert_int_equal(judgement.session.tokens_until, f->now.wall_ms + f->options.tokens_ms);
	assert_int_equal(judgement.session.status_index, session.status_index);
}

static void
a_clock_set_back_shortens_no_time(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	f->now.wall_ms -= HOUR_MS;
	f->now.stamp.ms += SECOND_MS;
	assert_int_equal(fixture_refresh(f, &token).session.tokens_until, session.tokens_until);
}

static void
a_session_that_was_not_used_for_long_leaves_its_index_soon(void **state)
{
	struct fixture *f = *state;

	fixture_login(f, &f->ann, 1, 1);
	fixture_pass(f, 3 * DAY_MS);
	sweep(f);
	fixture_pass(f, HOLD_MS);
	sweep(f);
	/* No token outlived the session: there is nothing to report. */
	assert_int_equal(told_now(f).count, 0);
	assert_int_equal(kept_indices(f), 0);
	assert_int_equal(fixture_problems(f), 0);
}

static void
whoever_is_disabled_or_deleted_is_told_of(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	bool found;

	fixture_login(f, &f->ann, 1, 1);
	fixture_login(f, &f->ann, 2, 2);
	fixture_login(f, &f->bob, 3, 3);
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, true, &found), PT_OK);
	assert_int_equal(told_now(f).count, 2);
	assert_int_equal(store_user_delete(f->store, &caller, f->bob.number, &found), PT_OK);
	assert_int_equal(told_now(f).count, 3);
	assert_int_equal(kept_indices(f), 3);
	assert_int_equal(fixture_problems(f), 0);
}

static void
the_cap_ends_a_session_in_the_list_too(void **state)
{
	struct fixture *f = *state;

	f->options.sessions_per_user = 1;
	fixture_reopen(f);
	struct session first = fixture_login(f, &f->ann, 1, 1);

	fixture_login(f, &f->ann, 2, 2);
	assert_int_equal(told_now(f).count, 1);
	assert_int_equal(told_now(f).indices[0], first.status_index);
}

static void
run_small(struct store_txn *txn, void *ctx)
{
	struct counters counters;

	counters_get(txn, &counters);
	(void)ctx;
	counters.status_capacity = 8;
	counters_put(txn, &counters);
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* With few indices each is dealt once, and the list grows before half of them are used. */
static void
no_two_sessions_share_an_index_and_the_list_grows_with_them(void **state)
{
	struct fixture *f = *state;
	uint64_t indices[40];

	assert_int_equal(commit_change(f->store, run_small, NULL), PT_OK);
	for (uint8_t i = 0; i < 40; i++) {
		struct session session = fixture_login(f, i % 2 ? &f->ann : &f->bob, i, i);

		indices[i] = session.status_index;
		assert_true(told_now(f).status.capacity >= 2 * (i + UINT64_C(1)));
		assert_true(session.status_index < told_now(f).status.capacity);
	}
	assert_int_equal(told_now(f).status.capacity, 128);
	qsort(indices, 40, sizeof(indices[0]), compare);
	for (size_t i = 1; i < 40; i++)
		assert_true(indices[i] != indices[i - 1]);
	assert_int_equal(fixture_problems(f), 0);
}

/* An index reveals neither time nor person: forty in a row are spread over the whole list. */
static void
indices_are_dealt_without_order(void **state)
{
	struct fixture *f = *state;
	unsigned rises = 0, upper = 0;
	uint64_t last = 0;

	for (uint8_t i = 0; i < 40; i++) {
		uint64_t index = fixture_login(f, &f->ann, i, i).status_index;

		rises += index > last;
		upper += index >= STATUS_LEAST_CAPACITY / 2;
		last = index;
	}
	/* Each limit is missed by chance at most once in a billion runs. */
	assert_in_range(rises, 5, 35);
	assert_in_range(upper, 2, 38);
}

static void
run_free_all(struct store_txn *txn, void *ctx)
{
	struct key key = key_number(*(uint64_t *)ctx);

	entry_del(txn, TABLE_STATUS, &key);
}

static void
verify_finds_an_index_that_is_lost(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	assert_int_equal(commit_change(f->store, run_free_all, &session.status_index), PT_OK);
	assert_int_equal(fixture_problems(f), 2);
}

static void
verify_finds_an_end_whose_index_may_be_dealt(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	end_session(f, &session, REASON_ADMIN);
	assert_int_equal(commit_change(f->store, run_free_all, &session.status_index), PT_OK);
	assert_int_equal(fixture_problems(f), 2);
}

static void
run_bad_entry(struct store_txn *txn, void *ctx)
{
	struct key key = key_pair(INT64_MAX, *(uint64_t *)ctx);

	entry_put(txn, TABLE_STATUS_ENDED, &key, SLICE(""));
}

static void
an_entry_beyond_the_list_is_damage(void **state)
{
	struct fixture *f = *state;
	uint64_t beyond = STATUS_LEAST_CAPACITY;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct told told = { .count = 0 };

	end_session(f, &session, REASON_ADMIN);
	assert_int_equal(commit_change(f->store, run_bad_entry, &beyond), PT_OK);
	/* The broken one does not keep the others from being reported. */
	assert_int_equal(store_status_each(f->store, f->now.wall_ms, &told.status, told_add, &told), PT_OK);
	assert_int_equal(told.count, 1);
	assert_int_not_equal(fixture_problems(f), 0);
}

/* Its time cannot be read but its index can: it may have ended, so it is reported. */
static void
an_end_without_a_time_is_told_of(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct told told = { .count = 0 };

	assert_int_equal(commit_change(f->store, run_bad_entry, &session.status_index), PT_OK);
	assert_int_equal(store_status_each(f->store, f->now.wall_ms, &told.status, told_add, &told), PT_OK);
	assert_int_equal(told.count, 1);
}

/* ---- ends that nobody notices ---- */

/* Only an actual end is reported: a login may be lost, and by itself ends nothing. */
static void
another_login_foresees_no_end(void **state)
{
	struct fixture *f = *state;

	fixture_login(f, &f->ann, 1, 1);
	uint64_t before = version_now(f);

	fixture_login(f, &f->ann, 2, 1);
	assert_true(version_now(f) == before);
	fixture_pass(f, HOUR_MS);
	assert_int_equal(told_now(f).count, 0);
	assert_int_equal(kept_indices(f), 2);
	assert_int_equal(fixture_problems(f), 0);
}

static void
what_a_session_replaced_is_told_of_with_its_first_move(void **state)
{
	struct fixture *f = *state;
	struct session old = fixture_login(f, &f->ann, 1, 1), fresh = fixture_login(f, &f->ann, 2, 1);
	struct store_presented token = fixture_token(&fresh, 0, FIRST_NONCE);

	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	assert_int_equal(told_now(f).count, 0);
	fixture_pass(f, f->options.periods.quiet_ms + 1);
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	assert_int_equal(told_now(f).count, 1);
	assert_int_equal(told_now(f).indices[0], old.status_index);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_settling_session_still_gets_a_token_that_lives(void **state)
{
	struct fixture *f = *state;
	struct session old = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&old, 0, FIRST_NONCE);

	/* Its tokens died long before its browser logs in again. */
	fixture_pass(f, 5 * HOUR_MS);
	fixture_login(f, &f->ann, 2, 1);
	fixture_pass(f, f->options.periods.quiet_ms);
	struct store_judgement judgement = fixture_refresh(f, &token);

	assert_true(judgement.settling);
	assert_int_equal(judgement.decision.answer, ROTATE_ACCESS_ONLY);
	assert_true(judgement.session.tokens_until >= f->now.wall_ms + f->options.periods.hand_out_ms);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_burst_writes_only_where_a_token_would_live_longer_than_is_known(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	struct store_stats before, after;

	fixture_refresh(f, &token);
	assert_int_equal(store_stats(f->store, &before), PT_OK);
	fixture_pass(f, f->options.periods.hand_out_ms);
	assert_int_equal(fixture_refresh(f, &token).decision.rule, 2);
	fixture_pass(f, f->options.periods.quiet_ms);
	assert_int_equal(fixture_refresh(f, &token).decision.rule, 3);
	assert_int_equal(store_stats(f->store, &after), PT_OK);
	assert_int_equal(after.changes, before.changes);
}

static void
a_longer_life_is_written_before_it_is_given_and_a_shorter_takes_nothing_back(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	fixture_refresh(f, &token);
	f->options.tokens_ms = HOUR_MS;
	fixture_reopen(f);
	struct store_judgement longer = fixture_refresh(f, &token);

	assert_int_equal(longer.decision.rule, 2);
	assert_int_equal(longer.session.tokens_until, f->now.wall_ms + HOUR_MS);
	f->options.tokens_ms = 300 * SECOND_MS;
	fixture_reopen(f);
	fixture_pass(f, 200 * SECOND_MS);
	token.token = (struct rotate_presented){ 1, 5 };
	assert_int_equal(fixture_refresh(f, &token).session.tokens_until, longer.session.tokens_until);
}

static void
a_group_that_wants_a_second_factor_ends_sessions_without(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	enum reason standing;
	bool found;

	f->options.otp_required = "admins";
	fixture_reopen(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);

	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("staff"), &found), PT_OK);
	assert_int_equal(told_now(f).count, 0);
	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("admins"), &found), PT_OK);
	assert_int_equal(told_now(f).count, 1);
	assert_int_equal(fixture_session(f, session.sid, &standing).ended, REASON_OTP_REQUIRED);
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- a setting that demands more than sessions have ---- */

/* As a worker does when it starts; returns the number of steps. */
static unsigned
settle(struct fixture *f)
{
	uint64_t position = 0;
	unsigned steps = 0;
	bool done = false;

	for (; !done; steps++)
		assert_int_equal(store_require_otp(f->store, f->now, &position, &done), PT_OK);
	return steps;
}

static void
reopen_with(struct fixture *f, const char *otp_required)
{
	f->options.otp_required = otp_required;
	fixture_reopen(f);
}

static uint64_t
changes(struct fixture *f)
{
	struct store_stats stats;

	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	return stats.changes;
}

static void
a_setting_that_wants_a_second_factor_is_told_of(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	enum reason standing;
	bool found;

	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("admins"), &found), PT_OK);
	uint64_t made = changes(f);

	assert_int_equal(settle(f), 1);
	/* there was never a demand: nothing to examine, nothing to note */
	assert_int_equal(changes(f), made);
	struct session ann = fixture_login(f, &f->ann, 1, 1), bob = fixture_login(f, &f->bob, 2, 2);

	reopen_with(f, "staff,admins");
	uint64_t before = version_now(f);

	assert_int_equal(told_now(f).count, 0);
	settle(f);
	assert_int_equal(told_now(f).count, 1);
	assert_int_equal(told_now(f).indices[0], ann.status_index);
	assert_true(version_now(f) > before);
	assert_int_equal(fixture_session(f, ann.sid, &standing).ended, REASON_OTP_REQUIRED);
	assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, ann.sid), 1);
	assert_int_equal(fixture_session(f, bob.sid, &standing).ended, REASON_NONE);
	/* Once: after that it costs one look. */
	reopen_with(f, "staff,admins");
	assert_int_equal(settle(f), 1);
	assert_int_equal(changes(f), 0);
	/* Sessions begun without it while it was not demanded are examined when it is again. */
	reopen_with(f, "");
	settle(f);
	ann = fixture_login(f, &f->ann, 3, 3);
	reopen_with(f, "all");
	settle(f);
	assert_int_equal(fixture_session(f, ann.sid, &standing).ended, REASON_OTP_REQUIRED);
	assert_int_equal(fixture_session(f, bob.sid, &standing).ended, REASON_OTP_REQUIRED);
	assert_int_equal(told_now(f).count, 3);
	assert_int_equal(fixture_problems(f), 0);
}

/* Its answers are still under way when the new workers run already. */
static void
a_worker_that_has_the_old_setting_still_lets_nobody_slip_through(void **state)
{
	struct fixture *f = *state;
	enum reason standing;

	fixture_login(f, &f->ann, 1, 1);
	reopen_with(f, "all");
	settle(f);
	assert_int_equal(told_now(f).count, 1);
	reopen_with(f, NULL);
	struct session late = fixture_login(f, &f->ann, 2, 2);
	uint64_t before = changes(f);

	fixture_login(f, &f->ann, 3, 3);
	assert_int_equal(changes(f), before + 1);
	reopen_with(f, "all");
	settle(f);
	assert_int_equal(fixture_session(f, late.sid, &standing).ended, REASON_OTP_REQUIRED);
	assert_int_equal(told_now(f).count, 3);
	/* And if the old one stays, this is not taken for settled either. */
	reopen_with(f, "admins");
	fixture_login(f, &f->ann, 4, 4);
	reopen_with(f, "");
	settle(f);
	assert_int_equal(changes(f), 1);
	assert_int_equal(told_now(f).count, 3);
	assert_int_equal(fixture_problems(f), 0);
}

/*
 * Being held to one setting is not being held to the other, even if the last login was made under
 * that.
 */
static void
a_login_settles_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	enum reason standing;
	bool found;

	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("admins"), &found), PT_OK);
	assert_int_equal(store_user_set_groups(f->store, &caller, f->bob.number, SLICE("staff"), &found), PT_OK);
	reopen_with(f, "staff");
	settle(f);
	struct session ann = fixture_login(f, &f->ann, 1, 1);

	reopen_with(f, "admins");
	struct session bob = fixture_login(f, &f->bob, 2, 2);

	settle(f);
	assert_int_equal(fixture_session(f, ann.sid, &standing).ended, REASON_OTP_REQUIRED);
	assert_int_equal(fixture_session(f, bob.sid, &standing).ended, REASON_NONE);
}

static void
many_are_ended_in_transactions_of_bounded_size(void **state)
{
	struct fixture *f = *state;

	f->options.sessions_per_user = 1000;
	fixture_reopen(f);
	for (int i = 0; i < 300; i++)
		fixture_login(f, i < 100 ? &f->bob : &f->ann, 1, (uint8_t)i);
	reopen_with(f, "all");
	assert_int_equal(settle(f), 5);
	assert_int_equal(changes(f), 5);
	assert_int_equal(told_now(f).count, 300);
	assert_int_equal(fixture_problems(f), 0);
}

static void
run_lose_end(struct store_txn *txn, void *ctx)
{
	struct key key = status_row_end_key(ctx);

	entry_del(txn, TABLE_STATUS_ENDED, &key);
}

static void
verify_finds_an_end_that_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	end_session(f, &session, REASON_ADMIN);
	assert_int_equal(commit_change(f->store, run_lose_end, &session), PT_OK);
	assert_int_not_equal(fixture_problems(f), 0);
}

static void
a_backup_that_is_restored_tells_of_what_it_ended(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	char file[128];

	snprintf(file, sizeof(file), "%s/backup", f->folder);
	assert_int_equal(store_backup(f->store, file), PT_OK);
	store_close(f->store);
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_OK);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(told_now(f).count, 1);
	assert_int_equal(told_now(f).indices[0], session.status_index);
	assert_int_equal(fixture_problems(f), 0);
}

int
main(void)
{
#define ROW(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		ROW(nothing_is_told_of_sessions_that_live),
		ROW(an_end_is_told_of_at_once_and_is_another_version),
		ROW(an_index_is_kept_until_the_last_token_has_ended),
		ROW(a_refresh_lengthens_the_time_that_an_index_is_kept),
		ROW(a_clock_set_back_shortens_no_time),
		ROW(a_session_that_was_not_used_for_long_leaves_its_index_soon),
		ROW(whoever_is_disabled_or_deleted_is_told_of),
		ROW(the_cap_ends_a_session_in_the_list_too),
		ROW(no_two_sessions_share_an_index_and_the_list_grows_with_them),
		ROW(indices_are_dealt_without_order),
		ROW(verify_finds_an_index_that_is_lost),
		ROW(verify_finds_an_end_whose_index_may_be_dealt),
		ROW(an_entry_beyond_the_list_is_damage),
		ROW(an_end_without_a_time_is_told_of),
		ROW(another_login_foresees_no_end),
		ROW(what_a_session_replaced_is_told_of_with_its_first_move),
		ROW(a_settling_session_still_gets_a_token_that_lives),
		ROW(a_burst_writes_only_where_a_token_would_live_longer_than_is_known),
		ROW(a_longer_life_is_written_before_it_is_given_and_a_shorter_takes_nothing_back),
		ROW(a_group_that_wants_a_second_factor_ends_sessions_without),
		ROW(a_setting_that_wants_a_second_factor_is_told_of),
		ROW(a_worker_that_has_the_old_setting_still_lets_nobody_slip_through),
		ROW(a_login_settles_nothing),
		ROW(many_are_ended_in_transactions_of_bounded_size),
		ROW(verify_finds_an_end_that_is_not_told),
		ROW(a_backup_that_is_restored_tells_of_what_it_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
