/* Care of the store: creating, opening, sweeping, backups, restores, and finding damage. */
#include "support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"
#include "store/rows/counters.h"
#include "store/rows/link_row.h"

static struct store_stats
stats(struct fixture *f)
{
	struct store_stats out;

	assert_int_equal(store_stats(f->store, &out), PT_OK);
	return out;
}

static void
path_in(const struct fixture *f, const char *name, char *out, size_t size)
{
	int length = snprintf(out, size, "%s/%s", f->folder, name);

	assert_true(length > 0 && (size_t)length < size);
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

/* ---- creating and opening ---- */

static void
a_store_is_made_once_and_is_nobody_elses(void **state)
{
	struct fixture *f = *state;
	char path[160];

	assert_int_equal(mode_of(f->data_folder), 0700);
	path_in(f, "db/data.mdb", path, sizeof(path));
	assert_int_equal(mode_of(path), 0600);
	path_in(f, "db/lock.mdb", path, sizeof(path));
	assert_int_equal(mode_of(path), 0600);
	path_in(f, "db/use.lock", path, sizeof(path));
	assert_int_equal(mode_of(path), 0600);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_create(&f->options), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(store_check(f->store), PT_OK);
}

static void
a_store_that_is_not_there_is_not_made_by_opening_it(void **state)
{
	struct fixture *f = *state;
	struct store_options options = f->options;
	struct store *store;
	char folder[160], data[180];

	path_in(f, "none", folder, sizeof(folder));
	options.folder = folder;
	assert_int_equal(store_open(&options, &store), PT_ERR_IO);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(store_open(&options, &store), PT_ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_null(store);
	snprintf(data, sizeof(data), "%s/data.mdb", folder);
	assert_int_equal(access(data, F_OK), -1);
}

/* A caller that closes the store after a failure still has to report that failure's cause. */
static void
closing_preserves_errno(void **state)
{
	struct fixture *f = *state;
	char elsewhere[160];

	path_in(f, "elsewhere", elsewhere, sizeof(elsewhere));
	assert_int_equal(rename(f->data_folder, elsewhere), 0);
	errno = ENOSPC;
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(rename(elsewhere, f->data_folder), 0);
}

static void
what_a_killed_creation_left_behind_is_no_hindrance(void **state)
{
	struct fixture *f = *state;
	struct store_options options = f->options;
	struct store *store;
	char folder[160], path[200];

	path_in(f, "other", folder, sizeof(folder));
	options.folder = folder;
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(path, sizeof(path), "%s/stage", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/stage/data.mdb", folder);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	assert_int_equal(store_create(&options), PT_OK);
	assert_int_equal(store_open(&options, &store), PT_OK);
	store_close(store);
	snprintf(path, sizeof(path), "%s/stage", folder);
	assert_int_equal(access(path, F_OK), -1);
}

static void
run_other_schema(struct store_txn *txn, void *ctx)
{
	struct key key = key_text(SLICE("schema"));

	(void)ctx;
	entry_put_number(txn, TABLE_META, &key, RECORD_SCHEMA + 1);
}

static void
a_store_of_another_version_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(commit_change(f->store, run_other_schema, NULL), PT_OK);
	store_close(f->store);
	assert_int_equal(store_open(&f->options, &f->store), PT_ERR_SCHEMA);
	assert_null(f->store);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[160];

	store_close(f->store);
	path_in(f, "db/data.mdb", path, sizeof(path));
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	for (int i = 0; i < 4096; i++)
		assert_int_equal(write(fd, "not a database, ", 16), 16);
	close(fd);
	assert_int_equal(store_open(&f->options, &f->store), PT_ERR_CORRUPT);
	assert_null(f->store);
}

/* ---- the audit log ---- */

struct seen {
	uint64_t first, last, count, stop_at;
};

static bool
note_event(const struct event *event, void *ctx)
{
	struct seen *seen = ctx;

	if (seen->count++ == 0)
		seen->first = event->number;
	assert_true(event->number > seen->last);
	seen->last = event->number;
	return seen->count != seen->stop_at;
}

static void
the_log_is_read_through_filters(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session ann = fixture_login(f, &f->ann, 1, 1);

	fixture_pass(f, HOUR_MS);
	struct session bob = fixture_login(f, &f->bob, 2, 2);

	caller.now = f->now;
	caller.address = SLICE("198.51.100.1");
	assert_int_equal(store_login_failed(f->store, &caller, f->ann.number, SLICE("?ABCDEFGH"), REASON_NONE), PT_OK);
	/* Written before events had a cid. */
	assert_int_equal(store_login_failed(f->store, &caller, 0, SLICE("?CIDCIDCI"), REASON_NONE), PT_OK);
	assert_int_equal(store_login_failed(f->store, &caller, 0, SLICE(""), REASON_NONE), PT_OK);
	/* 1, 2: users added; 3: ann's login; 4: bob's; 5: her failed one; 6, 7: unknown names. */
	const struct {
		const char *sentence;
		struct store_event_filter filter;
		uint64_t first, count;
	} rows[] = {
		{ "everything", { 0 }, 1, 7 },
		{ "one user's", { .user_number = f->ann.number }, 1, 3 },
		{ "one name's, with what stood for it before", { .username = SLICE("ann"), .tag = SLICE("?CIDCIDCI") }, 1, 4 },
		{ "a name's that nobody had but once", { .username = SLICE("cid"), .tag = SLICE("?CIDCIDCI") }, 6, 1 },
		{ "a name's that nobody tried", { .username = SLICE("dan"), .tag = SLICE("?DANDANDA") }, 0, 0 },
		{ "a tag's alone", { .username = SLICE("?CIDCIDCI") }, 6, 1 },
		{ "one session's", { .sid = slice_of(ann.sid) }, 3, 1 },
		{ "a session's that is none", { .sid = SLICE("no such session") }, 0, 0 },
		{ "one kind", { .kind = EVENT_LOGIN }, 3, 2 },
		{ "one address", { .address = SLICE("198.51.100.1") }, 5, 3 },
		{ "since a time", { .since_ms = f->now.wall_ms }, 4, 4 },
		{ "behind a number", { .after_number = 3 }, 4, 4 },
		{ "the newest two", { .newest = 2 }, 6, 2 },
		{ "the newest of a kind", { .kind = EVENT_USER_ADDED, .newest = 1 }, 2, 1 },
		{ "the newest of a session", { .sid = slice_of(bob.sid), .newest = 9 }, 4, 1 },
		{ "more than there are", { .newest = 100 }, 1, 7 },
		{ "the newest behind a number", { .newest = 100, .after_number = 4 }, 5, 3 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seen seen = { 0 };

		assert_int_equal(store_event_each(f->store, &rows[i].filter, note_event, &seen), PT_OK);
		if (seen.count != rows[i].count || seen.first != rows[i].first)
			fail_msg("%s: %u from %u on", rows[i].sentence, (unsigned)seen.count, (unsigned)seen.first);
	}
	struct store_event_filter all = { 0 };
	struct seen two = { .stop_at = 2 };

	assert_int_equal(store_event_each(f->store, &all, note_event, &two), PT_OK);
	assert_int_equal(two.count, 2);
}

static void
an_event_of_its_own_is_given_a_number(void **state)
{
	struct fixture *f = *state;
	struct event event = { .at = f->now.wall_ms, .kind = EVENT_KEY_ADDED };

	assert_int_equal(store_event_add(f->store, &event), PT_OK);
	assert_int_equal(event.number, 3);
	assert_int_equal(fixture_events(f, EVENT_KEY_ADDED, ""), 1);
}

/* ---- the sweep ---- */

static unsigned
sweep_all(struct fixture *f, unsigned budget)
{
	struct store_swept swept;
	unsigned total = 0;

	do {
		assert_int_equal(store_sweep(f->store, f->now, budget, &swept), PT_OK);
		assert_true(swept.handled <= budget);
		total += swept.handled;
	} while (swept.more);
	return total;
}

static void
nothing_due_costs_no_commit(void **state)
{
	struct fixture *f = *state;

	fixture_login(f, &f->ann, 1, 1);
	uint64_t commits = stats(f).commits;

	assert_int_equal(sweep_all(f, 10), 0);
	fixture_pass(f, DAY_MS);
	/* idle, but the clock may have been fast, so it is spared */
	assert_int_equal(sweep_all(f, 10), 0);
	assert_int_equal(stats(f).commits, commits);
}

static void
an_expired_session_is_ended_and_later_removed(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	enum reason standing;

	fixture_pass(f, DAY_MS + 2 * HOUR_MS);
	assert_true(sweep_all(f, 10) > 0);
	struct session ended = fixture_session(f, session.sid, &standing);

	assert_int_equal(ended.ended, REASON_IDLE);
	assert_int_equal(ended.ended_at, session.idle_end);
	assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, session.sid), 1);
	assert_int_equal(stats(f).sessions_live, 0);
	assert_int_equal(fixture_problems(f), 0);
	fixture_pass(f, 7 * DAY_MS);
	assert_int_equal(sweep_all(f, 10), 1);
	assert_int_equal(stats(f).sessions, 0);
	/* The log still says what became of it. */
	assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, session.sid), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_session_that_was_used_is_filed_again(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;

	fixture_pass(f, 20 * HOUR_MS);
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	fixture_pass(f, 20 * HOUR_MS);
	assert_int_equal(sweep_all(f, 10), 1);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
	assert_int_equal(sweep_all(f, 10), 0);
}

static void
a_session_that_was_ended_early_is_removed_early(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session;
	bool found;

	f->options.ended_keep_ms = HOUR_MS;
	fixture_reopen(f);
	session = fixture_login(f, &f->ann, 1, 1);
	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(session.sid), REASON_ADMIN, &found), PT_OK);
	fixture_pass(f, HOUR_MS);
	assert_int_equal(sweep_all(f, 10), 1);
	assert_int_equal(stats(f).sessions, 0);
}

static void
a_sweep_does_no_more_at_once_than_its_budget(void **state)
{
	struct fixture *f = *state;
	struct store_swept swept;

	for (uint8_t i = 0; i < 30; i++)
		fixture_login(f, &f->ann, 1, i);
	fixture_pass(f, DAY_MS + 2 * HOUR_MS);
	assert_int_equal(store_sweep(f->store, f->now, 7, &swept), PT_OK);
	assert_int_equal(swept.handled, 7);
	assert_true(stats(f).sessions_live >= 23);
	assert_true(sweep_all(f, 7) >= 23);
	assert_int_equal(stats(f).sessions_live, 0);
	assert_int_equal(fixture_problems(f), 0);
}

/* A failed login under a name of its own: no two are the same event. */
static void
fail_at(struct fixture *f, unsigned name)
{
	struct store_caller caller = fixture_caller(f);
	char tag[16];

	snprintf(tag, sizeof(tag), "?%08u", name);
	assert_int_equal(store_login_failed(f->store, &caller, 0, slice_of(tag), REASON_NONE), PT_OK);
}

static void
the_log_keeps_its_bounds_of_number_and_age(void **state)
{
	struct fixture *f = *state;

	f->options.audit_max = 20;
	f->options.audit_keep_ms = 10 * DAY_MS;
	fixture_reopen(f);
	for (unsigned i = 0; i < 50; i++)
		fail_at(f, i);
	assert_int_equal(sweep_all(f, 7), 45);
	assert_int_equal(fixture_events(f, EVENT_LOGIN_FAILED, ""), 5);
	assert_int_equal(fixture_events(f, EVENT_USER_ADDED, ""), 2);
	fixture_pass(f, 11 * DAY_MS);
	fixture_login(f, &f->ann, 1, 1);
	sweep_all(f, 7);
	assert_int_equal(stats(f).events, 1);
	assert_int_equal(fixture_problems(f), 0);
}

/* Strangers fill a quarter and no more; users who sign in fill half of the rest. */
static void
refusals_push_out_neither_logins_nor_changes(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	bool found;

	f->options.audit_max = 100;
	fixture_reopen(f);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, slice_of(i % 2 ? "a" : "b"), &found), PT_OK);
	for (uint8_t i = 0; i < 40; i++)
		fixture_login(f, &f->ann, 1, i);
	for (unsigned i = 0; i < 1000; i++)
		fail_at(f, i);
	sweep_all(f, 100);
	assert_int_equal(fixture_events(f, EVENT_LOGIN_FAILED, ""), 25);
	assert_int_equal(fixture_events(f, EVENT_LOGIN, ""), 40);
	assert_int_equal(fixture_events(f, EVENT_USER_CHANGED, ""), 10);
	/* Logins do not push out changes or refusals either. */
	for (uint8_t i = 0; i < 200; i++)
		fixture_login(f, &f->ann, 1, i);
	sweep_all(f, 100);
	assert_int_equal(fixture_events(f, EVENT_LOGIN_FAILED, ""), 25);
	assert_int_equal(fixture_events(f, EVENT_USER_CHANGED, ""), 10);
	assert_int_equal(stats(f).events, 100);
	assert_int_equal(fixture_problems(f), 0);
}

static bool
add_times(const struct event *event, void *ctx)
{
	uint32_t *times = ctx;

	times[0]++;
	times[1] += event->times;
	return true;
}

/* The same failure within an hour is the same event, with its count and its last time. */
static void
what_is_refused_again_is_one_event(void **state)
{
	struct fixture *f = *state;
	struct store_event_filter filter = { .kind = EVENT_LOGIN_FAILED };
	uint32_t seen[2] = { 0, 0 };

	for (unsigned i = 0; i < 60; i++) {
		fail_at(f, i % 3);
		fixture_pass(f, 60 * 1000);
	}
	assert_int_equal(store_event_each(f->store, &filter, add_times, seen), PT_OK);
	assert_int_equal(seen[0], 3);
	assert_int_equal(seen[1], 60);
	/* Failures that go on for longer have one event for each hour. */
	fail_at(f, 0);
	assert_int_equal(fixture_events(f, EVENT_LOGIN_FAILED, ""), 4);
	/* The event is found by the last time that it happened. */
	filter.since_ms = f->now.wall_ms - 5 * 60 * 1000;
	seen[0] = 0;
	assert_int_equal(store_event_each(f->store, &filter, add_times, seen), PT_OK);
	assert_int_equal(seen[0], 4);
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- backup and restore ---- */

static void
a_backup_is_a_private_copy_and_overwrites_nothing(void **state)
{
	struct fixture *f = *state;
	char file[160];

	path_in(f, "copy", file, sizeof(file));
	assert_int_equal(store_backup(f->store, file), PT_OK);
	assert_int_equal(mode_of(file), 0600);
	assert_int_equal(store_backup(f->store, file), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	path_in(f, "no/such/folder", file, sizeof(file));
	assert_int_equal(store_backup(f->store, file), PT_ERR_IO);
}

/* Backs up with one live session, ends it and restores; returns the session's state after that. */
static enum reason
restored_standing(struct fixture *f, bool keep_sessions)
{
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	enum reason standing;
	char file[160];
	bool found;

	path_in(f, "copy", file, sizeof(file));
	assert_int_equal(store_backup(f->store, file), PT_OK);
	assert_int_equal(store_session_end(f->store, &caller, 0, slice_of(session.sid), REASON_ADMIN, &found), PT_OK);
	fixture_user(f, "later");
	store_close(f->store);
	assert_int_equal(store_restore(&f->options, file, keep_sessions, f->now), PT_OK);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	fixture_session(f, session.sid, &standing);
	return standing;
}

static void
a_restore_brings_back_everything_and_ends_all_sessions(void **state)
{
	struct fixture *f = *state;
	struct user user;
	char path[160];
	bool found;

	assert_int_equal(restored_standing(f, false), REASON_RESTORED);
	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_true(found);
	assert_int_equal(store_user_by_name(f->store, SLICE("later"), &user, &found), PT_OK);
	assert_false(found);
	assert_int_equal(fixture_events(f, EVENT_STORE_RESTORED, ""), 1);
	assert_int_equal(fixture_problems(f), 0);
	path_in(f, "db/data.mdb", path, sizeof(path));
	assert_int_equal(mode_of(path), 0600);
	path_in(f, "db/stage", path, sizeof(path));
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_restore_keeps_the_sessions_if_told_to(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(restored_standing(f, true), REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_restore_needs_no_store_in_the_place(void **state)
{
	struct fixture *f = *state;
	struct store_options options = f->options;
	char file[160], folder[160];
	struct store *store;

	path_in(f, "copy", file, sizeof(file));
	path_in(f, "new machine", folder, sizeof(folder));
	options.folder = folder;
	assert_int_equal(store_backup(f->store, file), PT_OK);
	assert_int_equal(store_restore(&options, file, false, f->now), PT_OK);
	assert_int_equal(store_open(&options, &store), PT_OK);
	assert_int_equal(store_check(store), PT_OK);
	store_close(store);
}

static void
a_store_that_is_open_is_not_replaced(void **state)
{
	struct fixture *f = *state;
	char file[160];

	path_in(f, "copy", file, sizeof(file));
	assert_int_equal(store_backup(f->store, file), PT_OK);
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_ERR_BUSY);
	assert_int_equal(store_check(f->store), PT_OK);
	assert_int_equal(fixture_events(f, EVENT_STORE_RESTORED, ""), 0);
}

static void
a_damaged_backup_leaves_the_store_as_it_was(void **state)
{
	static const char noise[] = "this is no backup at all, but a letter to a friend";
	struct fixture *f = *state;
	struct user user;
	char file[160];
	bool found;

	store_close(f->store);
	path_in(f, "copy", file, sizeof(file));
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_ERR_IO);
	int fd = open(file, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_ERR_CORRUPT);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, noise, sizeof(noise)), sizeof(noise));
	close(fd);
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_ERR_CORRUPT);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_true(found);
}

/* Changes one bit of this text in the file. All records still decode after it. */
static void
change_text(const char *file, const char *text)
{
	int fd = open(file, O_RDWR);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	char *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	assert_true(bytes != MAP_FAILED);
	char *at = memmem(bytes, (size_t)st.st_size, text, strlen(text));

	assert_non_null(at);
	at[strlen(text) - 1] ^= 1;
	munmap(bytes, (size_t)st.st_size);
	close(fd);
}

static void
a_backup_of_which_one_bit_was_changed_is_refused_by_its_checksum(void **state)
{
	struct fixture *f = *state;
	char file[160];
	struct stat st;

	path_in(f, "copy", file, sizeof(file));
	assert_int_equal(store_backup(f->store, file), PT_OK);
	store_close(f->store);
	assert_true(store_backup_is_sealed(file));
	change_text(file, f->ann.password_hash);
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_ERR_CORRUPT);
	/*
	 * Without the checksum nobody could tell: the file is accepted, and is known to have none.
	 */
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(truncate(file, st.st_size / 4096 * 4096), 0);
	assert_false(store_backup_is_sealed(file));
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_OK);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
}

static void
what_is_restored_has_no_seal(void **state)
{
	struct fixture *f = *state;
	char file[160], data[160];

	path_in(f, "copy", file, sizeof(file));
	path_in(f, "db/data.mdb", data, sizeof(data));
	assert_int_equal(store_backup(f->store, file), PT_OK);
	store_close(f->store);
	assert_int_equal(store_restore(&f->options, file, true, f->now), PT_OK);
	assert_false(store_backup_is_sealed(data));
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
}

/* An older program copies a backup as it stands. */
static void
the_seal_is_in_nobodys_way(void **state)
{
	struct fixture *f = *state;
	char file[160], data[160];

	path_in(f, "copy", file, sizeof(file));
	path_in(f, "db/data.mdb", data, sizeof(data));
	assert_int_equal(store_backup(f->store, file), PT_OK);
	store_close(f->store);
	assert_int_equal(rename(file, data), 0);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	for (int i = 0; i < 50; i++)
		fixture_login(f, &f->ann, (uint8_t)(i + 1), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_compacted_store_is_smaller_and_holds_the_same(void **state)
{
	struct fixture *f = *state;
	struct session session = { 0 };
	struct user user;
	uint64_t before, after;
	enum reason standing;
	bool found;

	assert_int_equal(store_compact(&f->options, &before, &after), PT_ERR_BUSY);
	for (uint8_t i = 0; i < 200; i++)
		session = fixture_login(f, &f->ann, 1, i);
	fixture_pass(f, 30 * DAY_MS);
	sweep_all(f, 100);
	fixture_pass(f, 30 * DAY_MS);
	sweep_all(f, 100);
	session = fixture_login(f, &f->bob, 3, 3);
	store_close(f->store);
	assert_int_equal(store_compact(&f->options, &before, &after), PT_OK);
	assert_true(after < before / 2);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_true(found);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	char path[160];

	path_in(f, "db/stage", path, sizeof(path));
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- damage ---- */

/* Each plants one thing that no operation of the store would write. */
struct damage {
	const char *sentence;
	void (*plant)(struct store_txn *txn, const struct session *session);
};

static void
cut_record(struct store_txn *txn, enum table table, uint64_t number)
{
	struct key key = key_number(number);
	struct slice value;
	char copy[RECORD_MAX];

	if (!entry_get(txn, table, &key, &value) || value.len > sizeof(copy)) {
		txn_fail(txn, PT_ERR_INVALID);
		return;
	}
	memcpy(copy, value.ptr, value.len);
	entry_put(txn, table, &key, (struct slice){ copy, value.len - 1 });
}

static void
plant_cut_user(struct store_txn *txn, const struct session *session)
{
	cut_record(txn, TABLE_USERS, session->user_number);
}

static void
plant_cut_session(struct store_txn *txn, const struct session *session)
{
	cut_record(txn, TABLE_SESSIONS, session->number);
}

static void
plant_cut_event(struct store_txn *txn, const struct session *session)
{
	(void)session;
	cut_record(txn, TABLE_EVENTS, 1);
}

static void
plant_lost_name(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("ann"));

	(void)session;
	entry_del(txn, TABLE_NAMES, &key);
}

static void
plant_wrong_name(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("ann"));

	entry_put_number(txn, TABLE_NAMES, &key, session->user_number + 1);
}

static void
plant_name_of_nobody(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("nobody"));

	(void)session;
	entry_put_number(txn, TABLE_NAMES, &key, 77);
}

static void
plant_lost_sid(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(slice_of(session->sid));

	entry_del(txn, TABLE_SIDS, &key);
}

static void
plant_stray_device(struct store_txn *txn, const struct session *session)
{
	struct key device = key_digest(session->secret_hash), key = key_with(&device, session->number);

	entry_put(txn, TABLE_DEVICES, &key, SLICE(""));
}

static void
plant_stray_expiry(struct store_txn *txn, const struct session *session)
{
	struct key key = key_pair(5, session->number);

	entry_put(txn, TABLE_EXPIRY, &key, SLICE(""));
}

static void
plant_lost_event_entry(struct store_txn *txn, const struct session *session)
{
	struct key key = key_pair(session->number, 3);

	entry_del(txn, TABLE_SESSION_EVENTS, &key);
}

static void
plant_miscount(struct store_txn *txn, const struct session *session)
{
	struct counters counters;

	counters_get(txn, &counters);
	(void)session;
	counters.live_sessions += 2;
	counters_put(txn, &counters);
}

static void
plant_number_never_given(struct store_txn *txn, const struct session *session)
{
	struct counters counters;

	counters_get(txn, &counters);
	counters.next_session = session->number;
	counters_put(txn, &counters);
}

static void
plant_odd_key(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("odd"));

	(void)session;
	entry_put(txn, TABLE_SESSIONS, &key, SLICE("x"));
}

static void
plant_bad_tombstone(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(slice_of(session->sid));

	entry_put(txn, TABLE_TOMBSTONES, &key, SLICE("x"));
}


static void
cut_counters(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("counters"));

	(void)session;
	entry_put(txn, TABLE_META, &key, SLICE("x"));
}

static void
plant_bad_service(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("wiki"));

	(void)session;
	entry_put(txn, TABLE_SERVICES, &key, SLICE("x"));
}

static void
plant_bad_link(struct store_txn *txn, const struct session *session)
{
	struct key key = key_number(session->user_number);

	entry_put(txn, TABLE_LINKS, &key, SLICE("x"));
}

static void
plant_bad_device(struct store_txn *txn, const struct session *session)
{
	struct key key = key_number(session->user_number);

	entry_put(txn, TABLE_KNOWN_DEVICES, &key, SLICE("x"));
}

static void
plant_bad_status_end(struct store_txn *txn, const struct session *session)
{
	struct key key = key_pair(7, session->status_index);

	entry_put(txn, TABLE_STATUS_ENDED, &key, SLICE("x"));
}

static void
plant_lost_status(struct store_txn *txn, const struct session *session)
{
	struct key key = key_number(session->status_index);

	entry_del(txn, TABLE_STATUS, &key);
}

static void
plant_lost_device(struct store_txn *txn, const struct session *session)
{
	struct key device = key_digest(session->device_hash), key = key_with(&device, session->number);

	entry_del(txn, TABLE_DEVICES, &key);
}

static void
plant_lost_user(struct store_txn *txn, const struct session *session)
{
	struct key key = key_number(session->user_number);

	entry_del(txn, TABLE_USERS, &key);
}

static const struct damage damages[] = {
	{ "a user's record is cut", plant_cut_user },
	{ "a session's record is cut", plant_cut_session },
	{ "an event's record is cut", plant_cut_event },
	{ "a name is missing", plant_lost_name },
	{ "a name leads to another user", plant_wrong_name },
	{ "a name leads to nobody", plant_name_of_nobody },
	{ "a session's id is missing", plant_lost_sid },
	{ "a device has a session that is not its own", plant_stray_device },
	{ "a session is filed twice", plant_stray_expiry },
	{ "an event is missing from its session", plant_lost_event_entry },
	{ "the live sessions are miscounted", plant_miscount },
	{ "a session has a number that was never given", plant_number_never_given },
	{ "a key is no number", plant_odd_key },
	{ "a tombstone does not decode", plant_bad_tombstone },
	{ "the counters do not decode", cut_counters },
	{ "a service does not decode", plant_bad_service },
	{ "a one-time link does not decode", plant_bad_link },
	{ "a known device does not decode", plant_bad_device },
	{ "an end in the status list does not decode", plant_bad_status_end },
	{ "a session's status index may be dealt again", plant_lost_status },
	{ "a session is missing from its device", plant_lost_device },
	{ "a user is missing", plant_lost_user },
};

struct planting {
	const struct damage *damage;
	const struct session *session;
};

static void
run_plant(struct store_txn *txn, void *ctx)
{
	const struct planting *planting = ctx;

	planting->damage->plant(txn, planting->session);
}

static void
each_damage_is_found_and_mended(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		void *fresh;
		uint64_t problems, mended;

		fixture_setup(&fresh);
		struct fixture *f = fresh;
		struct session session = fixture_login(f, &f->ann, 1, 2);
		struct planting planting = { &damages[i], &session };

		assert_int_equal(fixture_problems(f), 0);
		assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
		assert_int_equal(store_verify(f->store, NULL, NULL, &problems), PT_OK);
		if (problems == 0)
			fail_msg("not found: %s", damages[i].sentence);
		assert_int_equal(store_mend(f->store, f->now, NULL, NULL, &mended), PT_OK);
		if (mended == 0 || fixture_problems(f) != 0)
			fail_msg("not mended: %s", damages[i].sentence);
		/* The rest is there, and the store takes new records. */
		fixture_login(f, &f->bob, 3, 3);
		assert_int_equal(fixture_problems(f), 0);
		fixture_teardown(&fresh);
	}
}

static void
plant_bad_service_of_eight_letters(struct store_txn *txn, const struct session *session)
{
	struct key key = key_text(SLICE("invoices"));

	(void)session;
	entry_put(txn, TABLE_SERVICES, &key, SLICE("x"));
}

static void
keep_text(const char *done, void *ctx)
{
	snprintf(ctx, 256, "%s", done);
}

/* A name of eight bytes is as long as a number, and is still a name. */
static void
a_service_that_is_removed_is_named(void **state)
{
	struct fixture *f = *state;
	const struct damage cut = { "cut", plant_bad_service_of_eight_letters };
	struct planting planting = { &cut, NULL };
	char done[256] = "";
	uint64_t mended;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_mend(f->store, f->now, keep_text, done, &mended), PT_OK);
	assert_int_equal(mended, 1);
	assert_non_null(strstr(done, "invoices"));
}

static void
a_record_that_does_not_decode_is_an_error_that_is_said(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1), other = fixture_login(f, &f->bob, 2, 2);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE),
	    healthy = fixture_token(&other, 0, FIRST_NONCE);
	struct store_caller caller = fixture_caller(f);
	struct planting planting = { &damages[1], &session };
	struct store_judgement judgement;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_refresh(f->store, &caller, &token, &judgement), PT_ERR_CORRUPT);
	assert_int_equal(judgement.verdict, STORE_REFUSED);
	assert_int_equal(store_refresh(f->store, &caller, &healthy, &judgement), PT_OK);
	assert_int_equal(judgement.verdict, STORE_GOOD);
}

/* ---- a clock that is set ---- */

/* It began while the clock was behind; to the sweep it looks over, but it is not. */
static void
the_sweep_ends_nothing_because_the_clock_was_set(void **state)
{
	struct fixture *f = *state;
	const int64_t behind = 30 * DAY_MS;
	enum reason standing;

	f->now.wall_ms -= behind;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	f->now.wall_ms += behind;
	fixture_pass(f, HOUR_MS);
	sweep_all(f, 10);
	session = fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(session.ended, REASON_NONE);
	assert_true(session.idle_end == f->now.wall_ms - HOUR_MS + DAY_MS);
	assert_int_equal(fixture_problems(f), 0);
	/* It goes by itself when its time has really passed. */
	fixture_pass(f, DAY_MS + 2 * HOUR_MS);
	sweep_all(f, 10);
	assert_int_equal(fixture_session(f, session.sid, &standing).ended, REASON_IDLE);
}

static void
a_login_of_a_clock_that_was_years_ahead_is_none_of_years(void **state)
{
	struct fixture *f = *state;
	const int64_t ahead = 12 * 365 * DAY_MS;
	enum reason standing;

	f->now.wall_ms += ahead;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

	f->now.wall_ms -= ahead;
	f->now.stamp = (struct stamp){ 43, HOUR_MS };	/* and the machine was rebooted */
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	session = fixture_session(f, session.sid, &standing);
	assert_true(session.absolute_end <= f->now.wall_ms + f->options.lifetimes.absolute_ms);
	assert_true(session.idle_end <= f->now.wall_ms + f->options.lifetimes.idle_ms);
	/* The sweep also comes for it in time, and nothing is wrong until then. */
	assert_int_equal(fixture_problems(f), 0);
	fixture_pass(f, f->options.lifetimes.idle_ms + 2 * HOUR_MS);
	sweep_all(f, 10);
	assert_int_equal(stats(f).sessions_live, 0);
	/* Its events do not keep the log from being swept either. */
	fixture_pass(f, f->options.audit_keep_ms + DAY_MS);
	sweep_all(f, 10);
	assert_int_equal(fixture_events(f, EVENT_USER_ADDED, ""), 0);
}

/* The touch that a gate cookie brings is written even if the last one lies ahead. */
static void
a_use_by_the_gate_sets_dates_right(void **state)
{
	struct fixture *f = *state;
	enum reason standing;

	f->now.wall_ms += 365 * DAY_MS;
	struct session session = fixture_login(f, &f->ann, 1, 1);

	f->now.wall_ms -= 365 * DAY_MS;
	struct store_caller caller = fixture_caller(f);

	assert_int_equal(store_session_touch(f->store, &caller, session.number), PT_OK);
	session = fixture_session(f, session.sid, &standing);
	assert_true(session.last_seen_at == f->now.wall_ms && session.auth_time == f->now.wall_ms);
}

static void
a_link_that_lies_ahead_does_not_open(void **state)
{
	struct fixture *f = *state;
	struct store_link link = { .user_number = f->ann.number, .secret_hash = { 1 } };
	struct store_caller caller;
	struct user user;
	enum reason reason;
	enum store_change result;

	f->now.wall_ms += 6 * 60 * SECOND_MS;
	caller = fixture_caller(f);
	assert_int_equal(store_link_make(f->store, &caller, &link, f->now.wall_ms + HOUR_MS, &result), PT_OK);
	f->now.wall_ms -= 6 * 60 * SECOND_MS;
	assert_int_equal(store_link_look(f->store, f->now, &link, &user, &reason), PT_OK);
	assert_int_equal(reason, REASON_LINK_AHEAD);
	f->now.wall_ms += 60 * SECOND_MS;	/* five minutes are tolerated */
	assert_int_equal(store_link_look(f->store, f->now, &link, &user, &reason), PT_OK);
	assert_int_equal(reason, REASON_NONE);
}

/* ---- one broken record costs its own session, and nobody else's safety ---- */

/* The first of ann's two sessions does not decode. All user records do, and bob has a session. */
struct broken {
	struct session lost, left, other;
};

static struct broken
break_one(struct fixture *f)
{
	struct broken broken = {
		.lost = fixture_login(f, &f->ann, 1, 1),
		.left = fixture_login(f, &f->ann, 2, 2),
		.other = fixture_login(f, &f->bob, 3, 3),
	};
	const struct damage cut = { "cut", plant_cut_session };
	struct planting planting = { &cut, &broken.lost };

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	return broken;
}

static enum reason
standing_of(struct fixture *f, const struct session *session)
{
	enum reason standing;

	fixture_session(f, session->sid, &standing);
	return standing;
}

static void
a_user_with_a_broken_session_is_disabled(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct broken broken = break_one(f);
	bool found;

	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, true, &found), PT_OK);
	assert_true(found);
	assert_int_equal(standing_of(f, &broken.left), REASON_USER_DISABLED);
	assert_int_equal(standing_of(f, &broken.other), REASON_NONE);
}

static void
a_user_with_a_broken_session_is_given_a_password(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct broken broken = break_one(f);
	enum store_change result;
	bool done;

	assert_int_equal(store_user_set_password(f->store, &caller, f->ann.number, NULL, ANN_HASH, 0, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	assert_int_equal(standing_of(f, &broken.left), REASON_PASSWORD_CHANGED);
	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("staff"), &done), PT_OK);
	assert_true(done);
}

/* Even in the browser of the broken session. */
static void
a_user_with_a_broken_session_logs_in(void **state)
{
	struct fixture *f = *state;
	struct broken broken = break_one(f);
	struct session again = fixture_login(f, &f->ann, 4, 1);
	struct store_presented token = fixture_token(&again, 0, FIRST_NONCE);

	fixture_pass(f, HOUR_MS);
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_GOOD);
	assert_int_equal(standing_of(f, &broken.left), REASON_NONE);
}

static void
plant_no_count(struct store_txn *txn, const struct session *session)
{
	struct counters counters;

	counters_get(txn, &counters);
	(void)session;
	counters.live_sessions = 0;
	counters_put(txn, &counters);
}

static void
a_user_is_disabled_though_the_live_sessions_are_miscounted(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	const struct damage low = { "low", plant_no_count };
	struct planting planting = { &low, &session };
	bool found;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, true, &found), PT_OK);
	assert_int_equal(standing_of(f, &session), REASON_USER_DISABLED);
	assert_int_equal(fixture_problems(f), 0);
}

static void
plant_cut_device(struct store_txn *txn, const struct session *session)
{
	struct key key = key_number(session->user_number);

	memcpy(key.bytes + key.len, session->device_hash, DIGEST_SIZE);
	key.len += DIGEST_SIZE;
	entry_put(txn, TABLE_KNOWN_DEVICES, &key, SLICE("x"));
}

/* A device that does not decode is unknown until somebody has signed in from it again. */
static void
a_user_with_a_broken_device_logs_in_from_it(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	const struct damage cut = { "cut", plant_cut_device };
	struct planting planting = { &cut, &session };
	bool known;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_device_is_known(f->store, f->ann.number, session.device_hash, &known), PT_OK);
	assert_false(known);
	fixture_login(f, &f->ann, 2, 1);
	assert_int_equal(store_device_is_known(f->store, f->ann.number, session.device_hash, &known), PT_OK);
	assert_true(known);
	assert_int_equal(fixture_problems(f), 0);
}

/*
 * Two users share a browser and one's record is broken: the other can still sign in, any number of
 * times, and that signs the broken one out.
 */
static void
who_shares_a_browser_with_a_broken_user_logs_in(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session lost = fixture_login(f, &f->ann, 1, 1), last = lost;
	const struct damage cut = { "cut", plant_cut_user };
	struct planting planting = { &cut, &lost };
	bool found;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	for (uint8_t i = 0; i < SETTLING_BROWSER_MAX + 1; i++)
		last = fixture_login(f, &f->bob, (uint8_t)(2 + i), 1);
	assert_int_equal(standing_of(f, &last), REASON_NONE);
	assert_int_equal(store_browser_end(f->store, &caller, f->bob.number, slice_of(last.sid), REASON_LOGOUT, &found),
	    PT_OK);
	assert_true(found);
	assert_int_equal(standing_of(f, &last), REASON_LOGOUT);
}

static void
a_user_with_a_broken_session_is_deleted(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct user user;
	uint64_t mended;
	bool found;

	break_one(f);
	assert_int_equal(store_user_delete(f->store, &caller, f->ann.number, &found), PT_OK);
	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_false(found);
	assert_int_equal(store_mend(f->store, f->now, NULL, NULL, &mended), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
	assert_int_equal(stats(f).sessions, 1);
}

static void
all_sessions_end_but_the_broken_one(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct broken broken = break_one(f);
	uint64_t count;

	assert_int_equal(store_session_end_all(f->store, &caller, f->ann.number, 0, REASON_ADMIN, &count), PT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_session_end_all(f->store, &caller, 0, 0, REASON_ADMIN, &count), PT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(standing_of(f, &broken.other), REASON_ADMIN);
}

static bool
count_session(const struct session *session, enum reason standing, void *ctx)
{
	(void)session, (void)standing;
	++*(unsigned *)ctx;
	return true;
}

static bool
count_user(const struct user *user, void *ctx)
{
	(void)user;
	++*(unsigned *)ctx;
	return true;
}

static void
lists_go_on_after_what_is_broken(void **state)
{
	struct fixture *f = *state;
	struct broken broken = break_one(f);
	const struct damage cut = { "cut", plant_cut_user }, event = { "cut", plant_cut_event };
	struct planting planting = { &cut, &broken.left };
	unsigned count = 0;

	assert_int_equal(store_session_each(f->store, f->now, f->ann.number, true, count_session, &count), PT_OK);
	assert_int_equal(count, 1);
	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	count = 0;
	/* not all of them */
	assert_int_equal(store_user_each(f->store, count_user, &count), PT_ERR_CORRUPT);
	assert_int_equal(count, 1);
	planting.damage = &event;
	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(fixture_events(f, EVENT_USER_ADDED, ""), 1);
	assert_int_equal(fixture_events(f, EVENT_LOGIN, ""), 3);
}

static void
the_sweep_sets_aside_what_is_broken(void **state)
{
	struct fixture *f = *state;
	struct broken broken = break_one(f);
	const struct damage event = { "cut", plant_cut_event }, user = { "cut", plant_cut_user },
	    link = { "cut", plant_bad_link }, end = { "cut", plant_bad_status_end };
	const struct damage *others[] = { &event, &user, &link, &end };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct planting planting = { others[i], &broken.left };

		assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	}
	fixture_pass(f, DAY_MS + 2 * HOUR_MS);
	sweep_all(f, 10);
	assert_int_equal(standing_of(f, &broken.other), REASON_IDLE);
	fixture_pass(f, 8 * DAY_MS);
	sweep_all(f, 10);
	/*
	 * All but that one are gone despite the broken user record; the log is within its limits.
	 */
	assert_int_equal(stats(f).sessions, 1);
	fixture_pass(f, 200 * DAY_MS);
	sweep_all(f, 10);
	assert_int_equal(stats(f).events, 0);
}

/* A lost user can do nothing any more, and the log says so. */
static void
a_user_who_is_lost_is_removed_with_the_sessions(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1), other = fixture_login(f, &f->bob, 2, 2);
	const struct damage cut = { "cut", plant_cut_user };
	struct planting planting = { &cut, &session };
	uint64_t mended;
	struct user again;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_mend(f->store, f->now, NULL, NULL, &mended), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
	assert_int_equal(fixture_events(f, EVENT_USER_DELETED, ""), 1);
	assert_int_equal(stats(f).sessions, 1);
	assert_int_equal(standing_of(f, &other), REASON_NONE);
	again = fixture_user(f, "ann");
	assert_int_not_equal(again.number, f->ann.number);
	assert_int_equal(fixture_problems(f), 0);
}

static bool
count_ended(uint64_t index, void *ctx)
{
	(void)index;
	++*(unsigned *)ctx;
	return true;
}

/* Services that verify access tokens themselves learn of it too. */
static void
the_status_list_reports_a_session_that_is_lost(void **state)
{
	struct fixture *f = *state;
	struct store_status status;
	unsigned count = 0;
	uint64_t mended;

	break_one(f);
	assert_int_equal(store_mend(f->store, f->now, NULL, NULL, &mended), PT_OK);
	assert_int_equal(store_status_each(f->store, f->now.wall_ms, &status, count_ended, &count), PT_OK);
	assert_int_equal(count, 1);
}

static void
plant_bad_otp(struct store_txn *txn, const struct session *session)
{
	struct key key = key_number(session->user_number);

	entry_put(txn, TABLE_OTP, &key, SLICE("x"));
}

/* Otherwise a password would be enough from then on. */
static void
a_second_factor_does_not_go_by_itself(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	const struct damage cut = { "cut", plant_bad_otp };
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct planting planting = { &cut, &session };
	struct store_otp_recovery recovery = { 0 };
	uint8_t sealed[OTP_SEALED_SIZE] = { 1 };
	uint64_t mended;
	struct otp otp;
	enum store_change result;
	bool found;

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_mend(f->store, f->now, NULL, NULL, &mended), PT_OK);
	assert_int_equal(mended, 0);
	assert_int_equal(store_otp_get(f->store, f->ann.number, &otp, &found), PT_ERR_CORRUPT);
	/* Only an administrator can set another one. */
	assert_int_equal(store_otp_begin(f->store, &caller, f->ann.number, sealed, NULL, &result), PT_ERR_CORRUPT);
	assert_int_equal(store_otp_set(f->store, &caller, f->ann.number, sealed, &recovery, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	assert_int_equal(fixture_problems(f), 0);
	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
	assert_int_equal(store_otp_remove(f->store, &caller, f->ann.number, NULL, &(struct store_otp_sessions){ 0 },
	    &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	assert_int_equal(fixture_problems(f), 0);
}

/* A backlog of one kind does not keep the others waiting. */
static void
the_sweep_takes_of_each_kind_in_turn(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller;
	struct store_swept swept;

	for (uint8_t i = 0; i < 40; i++)
		fixture_login(f, &f->ann, 1, i);
	fixture_pass(f, DAY_MS + 3 * HOUR_MS);
	caller = fixture_caller(f);
	struct store_link link = { .user_number = f->bob.number };
	enum store_change result;

	assert_int_equal(store_link_make(f->store, &caller, &link, f->now.wall_ms - 1, &result), PT_OK);
	f->options.audit_max = 10;
	fixture_reopen(f);
	uint64_t events = stats(f).events;

	assert_int_equal(store_sweep(f->store, f->now, 6, &swept), PT_OK);
	assert_int_equal(swept.handled, 6);
	assert_int_equal(fixture_events(f, EVENT_LINK_EXPIRED, ""), 1);
	assert_true(stats(f).sessions_live < 40);
	/* the ends and the link add to the log; what exceeds its limit goes */
	assert_true(stats(f).events < events + 4);
	/*
	 * With a budget of one each kind gets its turn too; a session needs two: end and refiling.
	 */
	uint64_t live = stats(f).sessions_live;

	for (int i = 0; i < 8; i++)
		assert_int_equal(store_sweep(f->store, f->now, 1, &swept), PT_OK);
	assert_true(stats(f).sessions_live < live);
}

static void
run_many_links(struct store_txn *txn, void *ctx)
{
	uint64_t *number = ctx;

	for (int i = 0; i < 1000; i++, ++*number)
		link_row_put(txn, &(struct link){
			.user_number = *number, .made_at = 1, .expires_at = *number % 1000 ? INT64_MAX : 2,
		});
}

static void
links_are_looked_at_some_at_a_time(void **state)
{
	struct fixture *f = *state;
	uint64_t number = 1000;

	for (int i = 0; i < 12; i++)
		assert_int_equal(commit_change(f->store, run_many_links, &number), PT_OK);
	fixture_reopen(f);	/* the walk begins anywhere and wraps round */
	struct store_swept swept;

	assert_int_equal(store_sweep(f->store, f->now, 64, &swept), PT_OK);
	assert_true(swept.more);
	assert_true(swept.handled < 12);
	assert_int_equal(swept.handled + sweep_all(f, 64), 12);
	assert_int_equal(fixture_events(f, EVENT_LINK_EXPIRED, ""), 12);
}

/* ---- while others write ---- */

struct meanwhile {
	struct fixture *f;
	unsigned said;
	size_t oldest;	/* the snapshot that was held when the last problem was reported */
};

/* One line of LMDB's reader table. */
static int
oldest_snapshot(const char *line, void *ctx)
{
	size_t *oldest = ctx, txnid;

	if (sscanf(line, "%*d %*x %zu", &txnid) == 1 && txnid < *oldest)
		*oldest = txnid;
	return 0;
}

static void
write_meanwhile(const char *problem, void *ctx)
{
	struct meanwhile *meanwhile = ctx;

	(void)problem;
	if (meanwhile->said++ == 0)
		fixture_login(meanwhile->f, &meanwhile->f->bob, 77, 77);
	meanwhile->oldest = SIZE_MAX;
	mdb_reader_list(meanwhile->f->store->env, oldest_snapshot, &meanwhile->oldest);
}

static void
a_look_at_everything_holds_no_snapshot_for_long(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct planting early = { &damages[0], &session }, late = { &damages[13], &session };
	struct meanwhile meanwhile = { .f = f };
	MDB_envinfo info;
	uint64_t problems;

	assert_int_equal(mdb_env_set_flags(f->store->env, MDB_NOSYNC, 1), 0);
	for (int i = 0; i < 2500; i++) {
		struct event event = { .at = f->now.wall_ms, .kind = EVENT_KEY_ADDED };

		assert_int_equal(store_event_add(f->store, &event), PT_OK);
	}
	/* A user's record, which is checked first, and a tombstone, checked after the events. */
	assert_int_equal(commit_change(f->store, run_plant, &early), PT_OK);
	assert_int_equal(store_verify(f->store, NULL, NULL, &problems), PT_OK);
	assert_int_equal(commit_change(f->store, run_plant, &late), PT_OK);
	uint64_t alone = problems;

	assert_int_equal(store_verify(f->store, write_meanwhile, &meanwhile, &problems), PT_OK);
	/* The login between the two is no problem. */
	assert_int_equal(problems, alone + 1);
	assert_int_equal(mdb_env_info(f->store->env, &info), 0);
	assert_true(meanwhile.oldest == SIZE_MAX || meanwhile.oldest >= info.me_last_txnid);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_is_made_once_and_is_nobody_elses),
		TEST(a_store_that_is_not_there_is_not_made_by_opening_it),
		TEST(closing_preserves_errno),
		TEST(what_a_killed_creation_left_behind_is_no_hindrance),
		TEST(a_store_of_another_version_is_refused),
		TEST(a_file_that_is_no_database_is_refused),
		TEST(the_log_is_read_through_filters),
		TEST(an_event_of_its_own_is_given_a_number),
		TEST(nothing_due_costs_no_commit),
		TEST(an_expired_session_is_ended_and_later_removed),
		TEST(a_session_that_was_used_is_filed_again),
		TEST(a_session_that_was_ended_early_is_removed_early),
		TEST(a_sweep_does_no_more_at_once_than_its_budget),
		TEST(the_log_keeps_its_bounds_of_number_and_age),
		TEST(refusals_push_out_neither_logins_nor_changes),
		TEST(what_is_refused_again_is_one_event),
		TEST(a_backup_is_a_private_copy_and_overwrites_nothing),
		TEST(a_restore_brings_back_everything_and_ends_all_sessions),
		TEST(a_restore_keeps_the_sessions_if_told_to),
		TEST(a_restore_needs_no_store_in_the_place),
		TEST(a_store_that_is_open_is_not_replaced),
		TEST(a_backup_of_which_one_bit_was_changed_is_refused_by_its_checksum),
		TEST(what_is_restored_has_no_seal),
		TEST(the_seal_is_in_nobodys_way),
		TEST(a_damaged_backup_leaves_the_store_as_it_was),
		TEST(a_compacted_store_is_smaller_and_holds_the_same),
		cmocka_unit_test(each_damage_is_found_and_mended),
		TEST(a_service_that_is_removed_is_named),
		TEST(a_record_that_does_not_decode_is_an_error_that_is_said),
		TEST(a_look_at_everything_holds_no_snapshot_for_long),
		TEST(the_sweep_ends_nothing_because_the_clock_was_set),
		TEST(a_login_of_a_clock_that_was_years_ahead_is_none_of_years),
		TEST(a_use_by_the_gate_sets_dates_right),
		TEST(a_link_that_lies_ahead_does_not_open),
		TEST(a_user_with_a_broken_session_is_disabled),
		TEST(a_user_with_a_broken_session_is_given_a_password),
		TEST(a_user_with_a_broken_session_logs_in),
		TEST(a_user_is_disabled_though_the_live_sessions_are_miscounted),
		TEST(a_user_with_a_broken_device_logs_in_from_it),
		TEST(who_shares_a_browser_with_a_broken_user_logs_in),
		TEST(a_user_with_a_broken_session_is_deleted),
		TEST(all_sessions_end_but_the_broken_one),
		TEST(lists_go_on_after_what_is_broken),
		TEST(the_sweep_sets_aside_what_is_broken),
		TEST(a_user_who_is_lost_is_removed_with_the_sessions),
		TEST(the_status_list_reports_a_session_that_is_lost),
		TEST(a_second_factor_does_not_go_by_itself),
		TEST(the_sweep_takes_of_each_kind_in_turn),
		TEST(links_are_looked_at_some_at_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
