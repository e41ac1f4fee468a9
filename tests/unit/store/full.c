/* A full store, or readers with old snapshots: logins stop early; ending a session always works. */
#include "support/store_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"

/* 512 pages of 4 KiB: full after about two thousand logins. */
#define SMALL_MAP (2 << 20)
#define LOGINS_PER_USER 40	/* below the cap */

static int
small_setup(void **state)
{
	fixture_setup(state);
	struct fixture *f = *state;

	f->options.map_bytes = SMALL_MAP;
	fixture_reopen(f);
	return 0;
}

/* Login number i; the first one of a user adds the user. */
static enum pt_err
try_login(struct fixture *f, unsigned i, struct session *session)
{
	struct store_caller caller = fixture_caller(f);
	struct store_login login = { .nonce = FIRST_NONCE };
	struct user user = { 0 };
	struct login_decision decision;
	bool done;

	snprintf(user.name, sizeof(user.name), "user%u", i / LOGINS_PER_USER);
	if (i % LOGINS_PER_USER == 0) {
		enum pt_err err = store_user_add(f->store, &caller, &user, &done);

		if (err != PT_OK)
			return err;
	}
	assert_int_equal(store_user_by_name(f->store, slice_of(user.name), &user, &done), PT_OK);
	login.user_number = user.number;
	memcpy(login.device_hash, &i, sizeof(i));
	login.secret_hash[0] = 1;
	enum pt_err err = store_login(f->store, &caller, &login, session, &user, &decision);

	assert_int_equal(decision.result == LOGIN_GOOD, err == PT_OK);
	return err;
}

/* Logs in until the store is full; returns the number of sessions. */
static unsigned
fill(struct fixture *f, struct session *sessions, unsigned most)
{
	for (unsigned i = 0; i < most; i++) {
		enum pt_err err = try_login(f, i, &sessions[i]);

		if (err == PT_ERR_FULL)
			return i;
		assert_int_equal(err, PT_OK);
	}
	fail_msg("the store never filled");
	return most;
}

#define MOST 8000

static void
logins_stop_and_everything_that_ends_a_session_goes_on(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session *sessions = calloc(MOST, sizeof(*sessions));
	struct store_judgement judgement;
	uint64_t count;
	bool done;

	assert_non_null(sessions);
	unsigned filled = fill(f, sessions, MOST);

	assert_true(filled > 100);
	assert_int_equal(store_login_failed(f->store, &caller, f->ann.number, SLICE(""), REASON_NONE), PT_ERR_FULL);
	/* One by one, by token, by list, with the user, and all at once. */
	for (unsigned i = 0; i < 50; i++) {
		struct store_presented token = fixture_token(&sessions[i], 0, FIRST_NONCE);

		assert_int_equal(store_logout(f->store, &caller, &token, &judgement, &done), PT_OK);
		assert_true(done);
	}
	for (unsigned i = 50; i < 100; i++) {
		assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(sessions[i].sid), REASON_ADMIN, &done),
		    PT_OK);
		assert_true(done);
	}
	struct store_presented reused = fixture_token(&sessions[100], 5000, 0);

	assert_int_equal(fixture_refresh(f, &reused).reason, REASON_TOO_FAR_AHEAD);
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->bob.number, true, &done), PT_OK);
	assert_int_equal(store_session_end_all(f->store, &caller, 0, 0, REASON_ADMIN, &count), PT_OK);
	assert_int_equal(count, filled - 101);
	assert_int_equal(fixture_problems(f), 0);
	free(sessions);
}

/* Enough to fill the map twice. */
#define FAILURES (3 * (SMALL_MAP >> 9))

static void
failed_logins_never_stop_those_that_are_right(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);

	for (unsigned i = 0; i < FAILURES; i++)
		assert_int_equal(store_login_failed(f->store, &caller, 0, SLICE("?a.very.long.text.that.stands.for.a.name."
		    "which.is.typed.again.and.again@and.again.example.org"), REASON_NONE), PT_OK);
	fixture_login(f, &f->ann, 1, 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
refreshes_go_on_when_logins_have_stopped(void **state)
{
	struct fixture *f = *state;
	struct session *sessions = calloc(MOST, sizeof(*sessions));

	assert_non_null(sessions);
	unsigned filled = fill(f, sessions, MOST);

	for (unsigned i = 0; i < filled; i++) {
		struct store_presented token = fixture_token(&sessions[i], 0, FIRST_NONCE);

		assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	}
	assert_int_equal(fixture_problems(f), 0);
	free(sessions);
}

/* There is no room to log it, but the refusal stands and does not become an error. */
static void
a_refusal_stands_where_logins_have_stopped(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session *sessions = calloc(MOST, sizeof(*sessions));
	struct store_txn reader;
	bool done;

	assert_non_null(sessions);
	/* The reader keeps the pages that the ends of sessions free. */
	assert_int_equal(txn_read_begin(f->store, &reader), PT_OK);
	fill(f, sessions, MOST);
	struct store_presented token = fixture_token(&sessions[0], 0, FIRST_NONCE);

	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(sessions[0].sid), REASON_ADMIN, &done), PT_OK);
	for (int i = 0; i < 3; i++) {
		struct store_judgement judgement = fixture_refresh(f, &token);

		assert_int_equal(judgement.verdict, STORE_REFUSED);
		assert_int_equal(judgement.reason, REASON_ADMIN);
		assert_string_equal(judgement.session.sid, sessions[0].sid);
	}
	assert_int_equal(fixture_events(f, EVENT_REFRESH_REFUSED, sessions[0].sid), 0);
	txn_read_end(&reader);
	assert_int_equal(fixture_problems(f), 0);
	free(sessions);
}

static void
a_sweep_makes_room_again(void **state)
{
	struct fixture *f = *state;
	struct session *sessions = calloc(MOST, sizeof(*sessions)), again;
	struct store_swept swept = { .more = true };

	assert_non_null(sessions);
	f->options.audit_max = 10;
	f->options.ended_keep_ms = 0;
	fixture_reopen(f);
	fill(f, sessions, MOST);
	fixture_pass(f, 2 * DAY_MS);
	while (swept.more)
		assert_int_equal(store_sweep(f->store, f->now, 50, &swept), PT_OK);
	assert_int_equal(try_login(f, MOST, &again), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
	free(sessions);
}

static void
sessions_end_though_a_reader_holds_an_old_snapshot(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session *sessions = calloc(MOST, sizeof(*sessions));
	struct store_txn reader;
	bool done;

	assert_non_null(sessions);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(try_login(f, i, &sessions[i]), PT_OK);
	assert_int_equal(txn_read_begin(f->store, &reader), PT_OK);
	/*
	 * No freed page comes back now: logins stop, then refreshes; sessions can still be ended.
	 */
	unsigned filled = 20 + fill(f, sessions + 20, MOST - 20);
	enum pt_err err = PT_OK;

	for (unsigned i = 0; i < filled && err == PT_OK; i++) {
		struct store_presented token = fixture_token(&sessions[i], 0, FIRST_NONCE);
		struct store_judgement judgement;

		err = store_refresh(f->store, &caller, &token, &judgement);
	}
	assert_int_equal(err, PT_ERR_FULL);
	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(sessions[filled - 1].sid), REASON_ADMIN, &done),
	    PT_OK);
	assert_true(done);
	txn_read_end(&reader);
	assert_int_equal(fixture_problems(f), 0);
	free(sessions);
}

/* Writes until it fails, however much room there is. */
static void
run_out_of_room(struct store_txn *txn, void *ctx)
{
	char block[4000] = { 0 };
	uint64_t *written = ctx;

	for (*written = 0; !txn_failed(txn); ++*written) {
		struct key key = key_pair(0xfeed, *written);

		entry_put(txn, TABLE_TOMBSTONES, &key, (struct slice){ block, sizeof(block) });
	}
}

static void
a_change_that_meets_the_end_of_the_map_leaves_the_store_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct session session;
	uint64_t written;

	assert_int_equal(commit_change(f->store, run_out_of_room, &written), PT_ERR_FULL);
	assert_true(written > 10);
	assert_int_equal(try_login(f, 0, &session), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_map_that_another_process_has_grown_is_adopted(void **state)
{
	struct fixture *f = *state;
	struct session *sessions = calloc(MOST, sizeof(*sessions)), session;
	int go[2], status;
	char byte = 0;

	assert_non_null(sessions);
	assert_int_equal(pipe(go), 0);
	store_close(f->store);
	f->store = NULL;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		/* The other fills a map of four times the size that the first one knows. */
		f->options.map_bytes = 4 * SMALL_MAP;
		if (read(go[0], &byte, 1) != 1 || store_open(&f->options, &f->store) != PT_OK)
			_exit(1);
		for (unsigned i = 0; i < 4000; i++)
			if (try_login(f, i, &sessions[i]) != PT_OK)
				_exit(2);
		store_close(f->store);
		_exit(0);
	}
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(write(go[1], &byte, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	struct store_stats stats;

	assert_int_equal(store_check(f->store), PT_OK);
	assert_int_equal(try_login(f, 3999, &session), PT_OK);
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.sessions, 4001);
	assert_true(stats.map_bytes >= 4 * SMALL_MAP);
	close(go[0]);
	close(go[1]);
	free(sessions);
}

/* Lets the process take its snapshot and kills it while it holds it. */
static void
kill_a_reader(pid_t pid, int go, int held)
{
	char byte = 0;
	int status;

	assert_int_equal(write(go, &byte, 1), 1);
	assert_int_equal(read(held, &byte, 1), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
a_killed_readers_snapshot_is_let_go_when_room_runs_out(void **state)
{
	struct fixture *f = *state;
	int go[2], held[2];
	struct session session;
	char byte = 0;
	uint32_t serial = 0;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(held), 0);
	store_close(f->store);
	f->store = NULL;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct store_txn txn;

		if (read(go[0], &byte, 1) != 1 || store_open(&f->options, &f->store) != PT_OK ||
		    txn_read_begin(f->store, &txn) != PT_OK || write(held[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	kill_a_reader(pid, go[1], held[0]);
	assert_int_equal(try_login(f, 0, &session), PT_OK);
	/* With the snapshot held, the free pages would last for a sixth of these moves. */
	for (int i = 0; i < 1000; i++) {
		struct store_presented token = fixture_token(&session, serial, FIRST_NONCE);

		fixture_pass(f, 200);
		f->now.stamp.ms += 200 * SECOND_MS;
		serial = fixture_refresh(f, &token).decision.serial;
	}
	assert_int_equal(serial, 1000);
	close(go[0]);
	close(go[1]);
	close(held[0]);
	close(held[1]);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, small_setup, fixture_teardown)

/* ---- a large map that is nearly full ---- */

#define FILLER_BYTES (4 << 20)

static void
run_filler(struct store_txn *txn, void *ctx)
{
	static const char filler[FILLER_BYTES];
	const unsigned *number = ctx;
	struct key key = key_text(SLICE("filler")), at = key_with(&key, *number);

	entry_put(txn, TABLE_META, &at, (struct slice){ filler, sizeof(filler) });
}

static void
run_no_filler(struct store_txn *txn, void *ctx)
{
	const unsigned *number = ctx;
	struct key key = key_text(SLICE("filler")), at = key_with(&key, *number);

	entry_del(txn, TABLE_META, &at);
}

static void
the_free_pages_of_a_large_map_are_not_counted_for_each_refresh(void **state)
{
	struct fixture *f = *state;
	struct store_presented token;
	unsigned count = 0;

	f->options.map_bytes = 256 << 20;
	f->options.periods = (struct rotate_periods){ 1, 1 };
	fixture_reopen(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);

	/* The disk does not matter here and would only be slow. */
	assert_int_equal(mdb_env_set_flags(f->store->env, MDB_NOSYNC, 1), 0);
	while (room_check(f->store, ROOM_FOR_REFRESH) == PT_OK) {
		assert_int_equal(commit_change(f->store, run_filler, &count), PT_OK);
		count++;
		assert_true(count < 64);
	}
	/*
	 * So full that it refuses until the filler goes and one more transaction frees the pages.
	 */
	while (count > 2) {
		count--;
		assert_int_equal(commit_change(f->store, run_no_filler, &count), PT_OK);
	}
	for (int i = 0; i < 20; i++)
		fixture_user(f, (char[]){ 'u', (char)('a' + i), '\0' });
	uint64_t before = atomic_load(&f->store->room_counts);

	token = fixture_token(&session, 0, FIRST_NONCE);
	for (uint32_t i = 0; i < 200; i++) {
		fixture_pass(f, 10);
		struct store_judgement judgement = fixture_refresh(f, &token);

		assert_int_equal(judgement.verdict, STORE_GOOD);
		token = fixture_token(&session, judgement.decision.serial, i);
	}
	uint64_t counted = atomic_load(&f->store->room_counts) - before;

	print_message("# free pages were counted %u times for 200 refreshes\n", (unsigned)counted);
	assert_in_range(counted, 1, 60);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(logins_stop_and_everything_that_ends_a_session_goes_on),
		TEST(failed_logins_never_stop_those_that_are_right),
		TEST(refreshes_go_on_when_logins_have_stopped),
		TEST(a_refusal_stands_where_logins_have_stopped),
		TEST(a_sweep_makes_room_again),
		TEST(sessions_end_though_a_reader_holds_an_old_snapshot),
		TEST(a_killed_readers_snapshot_is_let_go_when_room_runs_out),
		TEST(a_change_that_meets_the_end_of_the_map_leaves_the_store_as_it_was),
		TEST(a_map_that_another_process_has_grown_is_adopted),
		TEST(the_free_pages_of_a_large_map_are_not_counted_for_each_refresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
