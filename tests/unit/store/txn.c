/*
 * Transactions keep their first error: reads find nothing, writes do nothing, the end returns it.
 */
#include "support/store_fixture.h"

#include <errno.h>
#include <string.h>

#include "store/lmdb/entry.h"
#include "store/rows/device_row.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/rows/user_row.h"

#define TABLE TABLE_TOMBSTONES	/* nothing else reads strange keys of this table in these tests */

/* A transaction that has failed finds nothing, whatever is there. */
static void
assert_finds_nothing(struct store_txn *txn, const struct fixture *f, const struct session *session)
{
	struct key key = key_number(f->ann.number), none = key_none(), at;
	struct session_walk walk = session_walk_all(0);
	struct session_row row;
	struct slice value;
	struct user user;
	uint64_t number;

	assert_false(entry_get(txn, TABLE_USERS, &key, &value));
	assert_int_equal(value.len, 0);
	assert_false(entry_ceil(txn, TABLE_USERS, &none, &at, &value));
	assert_false(entry_next(txn, TABLE_USERS, &none, 0, &number));
	assert_false(entry_prev(txn, TABLE_USERS, &none, UINT64_MAX, &number));
	assert_int_equal(entry_count(txn, TABLE_USERS), 0);
	assert_int_equal(entry_pages(txn, TABLE_USERS), 0);
	assert_false(user_row_get(txn, f->ann.number, &user));
	assert_int_equal(user_row_look(txn, f->ann.number, &user), ROW_NONE);
	assert_false(user_row_by_name(txn, SLICE("ann"), &user));
	assert_false(session_row_get(txn, session->number, &row));
	assert_false(session_row_by_sid(txn, slice_of(session->sid), &row));
	assert_false(session_row_next(txn, &walk, &row));
	assert_int_equal(session_row_count_live(txn), 0);
	assert_false(device_row_is_known(txn, f->ann.number, session->device_hash));
}

static bool
visit_never(const struct key *at, struct slice value, void *ctx)
{
	(void)at, (void)value;
	*(bool *)ctx = true;
	return true;
}

static void
after_an_error_reads_find_nothing_and_the_end_returns_it(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct key none = key_none();
	struct store_txn txn;
	bool visited = false;

	assert_int_equal(txn_read_begin(f->store, &txn), PT_OK);
	assert_false(txn_failed(&txn));
	errno = ENOSPC;
	txn_fail(&txn, PT_ERR_FULL);
	errno = 0;
	txn_fail(&txn, PT_ERR_CORRUPT);
	txn_fail(&txn, PT_OK);
	assert_true(txn_failed(&txn));
	assert_finds_nothing(&txn, f, &session);
	entry_each(&txn, TABLE_USERS, &none, visit_never, &visited);
	assert_false(visited);
	assert_int_equal(txn_read_end(&txn), PT_ERR_FULL);
	assert_int_equal(errno, ENOSPC);
}

static void
an_error_that_is_taken_out_leaves_the_snapshot_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct store_txn txn;
	struct user user;

	txn_read_begin(f->store, &txn);
	txn_fail(&txn, PT_ERR_CORRUPT);
	assert_false(user_row_get(&txn, f->ann.number, &user));
	assert_int_equal(txn_take_err(&txn), PT_ERR_CORRUPT);
	assert_true(user_row_get(&txn, f->ann.number, &user));
	assert_int_equal(txn_take_err(&txn), PT_OK);
	assert_int_equal(txn_read_end(&txn), PT_OK);
}

/* A change that writes, may fail, and continues as if it had not. */
struct heedless {
	struct fixture *f;
	const struct session *session;
	enum pt_err fails_with;	/* PT_OK: it does not */
	bool before_writing;
};

static void
run_heedless(struct store_txn *txn, void *ctx)
{
	const struct heedless *heedless = ctx;
	struct fixture *f = heedless->f;
	struct key before = key_number(1), after = key_number(2);
	struct session_row row = { .session = *heedless->session };
	struct user ann = f->ann;

	if (heedless->before_writing)
		txn_fail(txn, heedless->fails_with);
	entry_put_number(txn, TABLE, &before, 1);
	txn_fail(txn, heedless->fails_with);
	txn_fail(txn, PT_ERR_INVALID);	/* not the first error */
	uint64_t writes = txn->writes;

	assert_finds_nothing(txn, f, heedless->session);
	entry_put_number(txn, TABLE, &after, 2);
	entry_del(txn, TABLE, &before);
	strcpy(ann.groups, "admins");
	user_row_put(txn, &ann);
	session_row_remove(txn, &row);
	device_row_forget_all(txn, ann.number);
	status_row_end(txn, heedless->session, f->now.wall_ms);
	assert_int_equal(txn->writes, writes);
}

static bool
is_there(struct store *store, uint64_t number)
{
	struct key key = key_number(number);
	struct store_txn txn;
	struct slice value;

	txn_read_begin(store, &txn);
	bool there = entry_get(&txn, TABLE, &key, &value);

	assert_int_equal(txn_read_end(&txn), PT_OK);
	return there;
}

static void
after_an_error_writes_do_nothing_and_the_commit_returns_it(void **state)
{
	static const enum pt_err errors[] = { PT_ERR_FULL, PT_ERR_CORRUPT, PT_ERR_GONE };
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_stats before, after;
	struct user ann;
	bool found;

	assert_int_equal(store_stats(f->store, &before), PT_OK);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (int first = 0; first < 2; first++) {
			struct heedless heedless = { f, &session, errors[i], first };

			assert_int_equal(commit_change(f->store, run_heedless, &heedless), errors[i]);
		}
	assert_int_equal(store_stats(f->store, &after), PT_OK);
	assert_int_equal(after.commits, before.commits);
	assert_false(is_there(f->store, 1));
	assert_false(is_there(f->store, 2));
	assert_int_equal(store_user_by_number(f->store, f->ann.number, &ann, &found), PT_OK);
	assert_true(found && ann.groups[0] == '\0');
	assert_int_equal(fixture_session(f, session.sid, &(enum reason){ REASON_NONE }).number, session.number);
	assert_int_equal(fixture_problems(f), 0);
}

/* The states that a change has seen. */
struct states {
	uint64_t first;
	uint64_t after_a_write;
};

static void
run_states(struct store_txn *txn, void *ctx)
{
	struct states *states = ctx;
	struct key key = key_number(1);

	states->first = txn_state(txn);
	entry_put_number(txn, TABLE, &key, 1);
	states->after_a_write = txn_state(txn);
}

static uint64_t
state_now(struct store *store)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	uint64_t state = txn_state(&txn);

	assert_int_equal(txn_read_end(&txn), PT_OK);
	return state;
}

/* A refresh is not judged twice if its second look would see what the first one saw. */
static void
a_state_has_one_name_until_something_is_written(void **state)
{
	struct fixture *f = *state;
	uint64_t before = state_now(f->store);
	struct states states;

	assert_int_not_equal(before, 0);
	assert_int_equal(state_now(f->store), before);
	assert_int_equal(commit_change(f->store, run_states, &states), PT_OK);
	assert_int_equal(states.first, before);
	assert_int_equal(states.after_a_write, 0);
	uint64_t after = state_now(f->store);

	assert_int_not_equal(after, before);
	assert_int_equal(commit_change(f->store, run_states, &states), PT_OK);
	assert_int_equal(states.first, after);
}

static void
run_cut_ann(struct store_txn *txn, void *ctx)
{
	struct key key = key_number(*(const uint64_t *)ctx);

	entry_put(txn, TABLE_USERS, &key, SLICE("x"));
}

static void
a_record_that_does_not_decode_fails_a_get_and_not_a_look(void **state)
{
	struct fixture *f = *state;
	struct store_txn txn;
	struct user user;

	assert_int_equal(commit_change(f->store, run_cut_ann, &f->ann.number), PT_OK);
	txn_read_begin(f->store, &txn);
	assert_int_equal(user_row_look(&txn, f->ann.number, &user), ROW_BROKEN);
	assert_true(user_row_get(&txn, f->bob.number, &user));
	assert_false(user_row_get(&txn, f->ann.number, &user));
	assert_false(user_row_get(&txn, f->bob.number, &user));
	assert_int_equal(txn_read_end(&txn), PT_ERR_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(after_an_error_reads_find_nothing_and_the_end_returns_it, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(an_error_that_is_taken_out_leaves_the_snapshot_to_the_next, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(after_an_error_writes_do_nothing_and_the_commit_returns_it, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(a_state_has_one_name_until_something_is_written, fixture_setup,
		    fixture_teardown),
		cmocka_unit_test_setup_teardown(a_record_that_does_not_decode_fails_a_get_and_not_a_look, fixture_setup,
		    fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
