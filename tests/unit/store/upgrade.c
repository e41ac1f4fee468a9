/* Stores of older versions are upgraded whole or not at all; newer ones are left alone. */
#include "support/store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "core/settling.h"
#include "support/old_store.h"
#include "support/scratch.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"
#include "store/rows/link_row.h"

static struct instant
old_now(void)
{
	return old_store_now();
}

static struct store_options
options_of(const char *folder)
{
	return (struct store_options){
		.folder = folder, .map_bytes = 64 << 20, .readers = 126,
		.periods = { 60 * SECOND_MS, 120 * SECOND_MS }, .lifetimes = { 3650 * DAY_MS, 3650 * DAY_MS, 3650 * DAY_MS },
		.tokens_ms = 660 * SECOND_MS, .sessions_per_user = 50, .known_devices = 20, .ended_keep_ms = 3650 * DAY_MS,
		.audit_keep_ms = 3650 * DAY_MS, .audit_max = 100000,
	};
}

static int
begin(void **state)
{
	clock_set_source(old_now);
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	return scratch_begin(state);
}

static int
end(void **state)
{
	clock_set_source(NULL);
	log_open(LOG_TO_STDERR, LOG_LEVEL_INFO);
	return scratch_end(state);
}

/* A path that stays valid longer than that of scratch_path. */
static const char *
path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s", scratch_path(name));
	return path;
}

/* The fixture's store in a folder of the scratch folder; its path. */
static const char *
put_old(const char *name)
{
	const char *folder = path_of(name);

	old_store_put("store-1", folder);
	return folder;
}

static uint32_t
schema_of(const char *file)
{
	struct store_format format;

	return store_look(scratch_path(file), &format) == PT_OK ? format.schema : 0;
}

static void
print_problem(const char *text, void *ctx)
{
	(void)ctx;
	print_message("# %s\n", text);
}

static uint64_t
problems_of(struct store *store)
{
	uint64_t problems;

	assert_int_equal(store_verify(store, print_problem, NULL, &problems), PT_OK);
	return problems;
}

/* ---- what is upgraded ---- */

static struct user
user_of(struct store *store, const char *name)
{
	struct user user;
	bool found;

	assert_int_equal(store_user_by_name(store, slice_of(name), &user, &found), PT_OK);
	if (!found)
		fail_msg("%s is gone", name);
	return user;
}

struct looking {
	const char *device;
	struct session session;
	enum reason standing;
	bool found;
};

static bool
look_at(const struct session *session, enum reason standing, void *ctx)
{
	struct looking *looking = ctx;

	if (strcmp(session->device, looking->device) != 0)
		return true;
	looking->session = *session;
	looking->standing = standing;
	looking->found = true;
	return false;
}

static struct looking
session_of(struct store *store, const char *device)
{
	struct looking looking = { .device = device };

	assert_int_equal(store_session_each(store, old_store_now(), 0, true, look_at, &looking), PT_OK);
	if (!looking.found)
		fail_msg("no session of %s", device);
	return looking;
}

static const struct {
	const char *device;
	enum reason standing;
} sessions[] = {
	{ "idle, recorded", REASON_IDLE },
	{ "absolute, recorded", REASON_ABSOLUTE },
	{ "idle, not recorded", REASON_IDLE },
	{ "logged out", REASON_LOGOUT },
	{ "logged out elsewhere", REASON_LOGOUT_ELSEWHERE },
	{ "still here", REASON_NONE },
	{ "revoked by an administrator", REASON_ADMIN },
	{ "reused", REASON_REUSED },
	{ "of a user who was disabled", REASON_USER_DISABLED },
	{ "before a new password", REASON_PASSWORD_CHANGED },
	{ "over the cap", REASON_SESSION_CAP },
	{ "within the cap 1", REASON_NONE },
	{ "before a second factor was required", REASON_OTP_REQUIRED },
	{ "revoked by a service", REASON_SERVICE },
	{ "never refreshed", REASON_NONE },
	{ "refreshed once", REASON_NONE },
	{ "refreshed three times", REASON_NONE },
	{ "refreshed, with an answer that was lost", REASON_NONE },
	{ "replaced", REASON_REPLACED },
	{ "the one that replaced it", REASON_NONE },
	{ "superseded, second", REASON_NONE },
	{ "superseding, second", REASON_NONE },
	{ "waiting", REASON_NONE },
};

/* Everything that the old programs left is there and reads as before. */
static void
must_hold_all(struct store *store)
{
	struct store_stats stats;
	struct otp otp;
	struct service service;
	bool found;

	assert_int_equal(problems_of(store), 0);
	assert_int_equal(store_stats(store, &stats), PT_OK);
	assert_int_equal(stats.users, 17 - 1);
	assert_int_equal(stats.sessions, 30);
	assert_int_equal(stats.schema, RECORD_SCHEMA);
	for (size_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++)
		assert_int_equal(session_of(store, sessions[i].device).standing, sessions[i].standing);
	assert_int_equal(session_of(store, "refreshed three times").session.moves, 3);
	assert_true(session_of(store, "never refreshed").session.remember);
	assert_string_equal(user_of(store, "ada").groups, "staff,admins");
	assert_true(user_of(store, "eve").disabled);
	assert_string_equal(user_of(store, "ned").password_hash, "");
	assert_int_equal(user_of(store, "old").password_hash[1], '6');
	user_of(store, "zo\xc3\xab");
	assert_int_equal(store_otp_get(store, user_of(store, "ada").number, &otp, &found), PT_OK);
	assert_true(found && otp.on && otp.last_step != 0);
	assert_int_equal(store_otp_get(store, user_of(store, "bob").number, &otp, &found), PT_OK);
	assert_true(found && !otp.on && otp.pending_at != 0);
	assert_int_equal(store_service_by_name(store, SLICE("second"), &service, &found), PT_OK);
	assert_true(found && service.secret_set_at >= service.created_at);
}

static void
a_store_of_schema_3_comes_over_whole(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store_format format;
	struct store *store;

	(void)state;
	assert_int_equal(schema_of("db/data.mdb"), 3);
	assert_int_equal(store_open(&options, &store), PT_OK);
	must_hold_all(store);
	store_close(store);
	assert_int_equal(store_look(scratch_path("db/data.mdb"), &format), PT_OK);
	assert_int_equal(format.schema, RECORD_SCHEMA);
	assert_string_equal(format.writer, PACKAGE_STRING);
	/* Once only. */
	assert_int_equal(unlink(scratch_path("db/schema-3.backup")), 0);
	assert_int_equal(store_open(&options, &store), PT_OK);
	store_close(store);
	assert_int_not_equal(access(scratch_path("db/schema-3.backup"), F_OK), 0);
}

struct telling {
	unsigned times;
	uint64_t done, all;
};

static void
hear_progress(uint64_t done, uint64_t all, void *ctx)
{
	struct telling *telling = ctx;

	telling->times++;
	assert_true(done >= telling->done && done <= all);
	telling->done = done;
	telling->all = all;
}

static void
it_is_told_how_far_it_has_come(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct telling telling = { 0, 0, 0 };
	struct store *store;

	(void)state;
	options.progress = hear_progress;
	options.progress_ctx = &telling;
	assert_int_equal(store_open(&options, &store), PT_OK);
	store_close(store);
	assert_true(telling.times > 0 && telling.all > 30 && telling.done == telling.all);
	telling.times = 0;
	assert_int_equal(store_open(&options, &store), PT_OK);
	store_close(store);
	assert_int_equal(telling.times, 0);
}

static void
before_it_is_carried_over_it_is_backed_up(void **state)
{
	struct store_options options = options_of(put_old("db"));
	char *path = store_upgrade_backup(options.folder, 3);
	struct store *store;
	struct stat st;

	(void)state;
	assert_non_null(path);
	assert_string_equal(path, scratch_path("db/schema-3.backup"));
	assert_int_equal(store_open(&options, &store), PT_OK);
	store_close(store);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(schema_of("db/schema-3.backup"), 3);
	assert_int_not_equal(access(scratch_path("db/schema-3.backup.part"), F_OK), 0);
	/* It is as good as any other backup. */
	options.folder = path_of("other");
	assert_int_equal(store_restore(&options, path, true, old_store_now()), PT_OK);
	assert_int_equal(store_open(&options, &store), PT_OK);
	must_hold_all(store);
	store_close(store);
	free(path);
}

static void
a_backup_of_schema_3_can_be_restored(void **state)
{
	struct store_options options = options_of(path_of("db"));
	struct store *store;

	(void)state;
	old_store_unpack("store-1/backup.gz", scratch_path("backup"));
	assert_int_equal(store_restore(&options, scratch_path("backup"), false, old_store_now()), PT_OK);
	assert_int_equal(schema_of("db/data.mdb"), RECORD_SCHEMA);
	assert_int_equal(store_open(&options, &store), PT_OK);
	assert_int_equal(problems_of(store), 0);
	assert_int_equal(session_of(store, "still here").standing, REASON_RESTORED);
	assert_int_equal(session_of(store, "logged out").standing, REASON_LOGOUT);
	user_of(store, "ada");
	store_close(store);
}

static struct instant the_moment;

static struct instant
moment(void)
{
	return the_moment;
}

/*
 * At that time: the state of the first session, which a login superseded, and whether it and the
 * other settle.
 */
static void
look_at_superseded(struct instant now, enum reason standing, bool settles)
{
	struct store_options options = options_of(put_old("db"));
	struct store_stats stats;
	struct store *store;

	the_moment = now;
	clock_set_source(moment);
	assert_int_equal(store_open(&options, &store), PT_OK);
	assert_int_equal(problems_of(store), 0);
	assert_int_equal(session_of(store, "superseded, first").standing, standing);
	assert_int_equal(session_of(store, "superseding, first").standing, REASON_NONE);
	struct session old = session_of(store, "superseded, first").session,
	    new = session_of(store, "superseding, first").session;

	assert_int_equal(settling_is(&new, now.stamp, options.periods.quiet_ms), settles);
	if (settles) {
		assert_true(settling_is(&old, now.stamp, options.periods.quiet_ms));
		assert_int_equal(old.settles_at.ms, new.settles_at.ms);
		/* Since the login that superseded it, not since the upgrade. */
		assert_in_range(clock_age_ms(now.stamp, old.settles_at), 1, options.periods.quiet_ms);
	}
	assert_int_equal(store_stats(store, &stats), PT_OK);
	assert_int_equal(stats.sessions_live, standing == REASON_NONE ? 18 : 16);
	store_close(store);
	scratch_remove("db");
}

static void
what_a_login_superseded_settles_or_has_ended(void **state)
{
	struct instant now = old_store_now();

	(void)state;
	look_at_superseded(now, REASON_NONE, true);
	now.stamp.ms += 180 * SECOND_MS;
	now.wall_ms += 180 * SECOND_MS;
	look_at_superseded(now, REASON_REPLACED, false);
	now = old_store_now();
	now.stamp.boot++;	/* the machine was restarted, so it was long ago */
	look_at_superseded(now, REASON_REPLACED, false);
}

/* ---- who else has it open ---- */

static void
who_has_it_open_keeps_it_as_it_is(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store *store;
	int lock;

	(void)state;
	/* As a worker of the old version does. */
	assert_int_equal(folder_lock(options.folder, false, &lock), PT_OK);
	options.wait_ms = 100;
	assert_int_equal(store_open(&options, &store), PT_ERR_BUSY);
	assert_null(store);
	assert_int_equal(schema_of("db/data.mdb"), 3);
	assert_int_not_equal(access(scratch_path("db/schema-3.backup"), F_OK), 0);
	close(lock);
	assert_int_equal(store_open(&options, &store), PT_OK);
	store_close(store);
}

/* The child's result is its exit status; 0 is success. */
static pid_t
in_a_child(int (*work)(const struct store_options *options), const struct store_options *options)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(work(options));
	return pid;
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
open_and_close(const struct store_options *options)
{
	struct store *store;
	enum pt_err err = store_open(options, &store);

	if (err == PT_OK)
		store_close(store);
	return (int)err;
}

static void
workers_that_start_together_wait_for_the_one_that_carries_over(void **state)
{
	struct store_options options = options_of(put_old("db"));
	pid_t pids[6];

	(void)state;
	options.wait_ms = 20 * SECOND_MS;
	for (size_t i = 0; i < 6; i++)
		pids[i] = in_a_child(open_and_close, &options);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(status_of(pids[i]), 0);
	assert_int_equal(schema_of("db/data.mdb"), RECORD_SCHEMA);
}

/* Whoever fails to open says by what. */
static int
open_and_close_often(const struct store_options *options)
{
	int failed = 0;

	for (int i = 0; i < 200 && failed == 0; i++)
		failed = open_and_close(options);
	return failed;
}

/* The last one out must not take the lock file away from one who comes in: so do CGI runs. */
static void
processes_that_open_and_close_at_once_all_get_in(void **state)
{
	struct store_options options = options_of(put_old("db"));
	pid_t pids[4];

	(void)state;
	options.wait_ms = 20 * SECOND_MS;
	assert_int_equal(open_and_close(&options), PT_OK);
	for (size_t i = 0; i < 4; i++)
		pids[i] = in_a_child(open_and_close_often, &options);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(status_of(pids[i]), 0);
}

static void
a_kill_at_any_moment_leaves_the_old_one_or_the_new_one(void **state)
{
	unsigned old = 0, fresh = 0;

	(void)state;
	for (useconds_t us = 0; us < 30 && (us < 12 || old == 0 || fresh == 0); us++) {
		struct store_options options = options_of(put_old("db"));
		pid_t pid = in_a_child(open_and_close, &options);
		struct store *store;

		usleep(us * 700);
		kill(pid, SIGKILL);
		status_of(pid);
		uint32_t schema = schema_of("db/data.mdb");

		assert_true(schema == 3 || schema == RECORD_SCHEMA);
		old += schema == 3;
		fresh += schema != 3;
		assert_int_equal(store_open(&options, &store), PT_OK);
		must_hold_all(store);
		store_close(store);
		scratch_remove("db");
	}
	assert_true(old > 0);
}

/* ---- what prevents an upgrade ---- */

/* No file may grow beyond the limit, as on a full disk. */
static int
open_on_a_full_disk(const struct store_options *options)
{
	const struct rlimit limit = { 40000, 40000 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 99;
	return open_and_close(options);
}

static void
without_room_for_the_backup_nothing_is_changed(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store *store;
	int status;

	(void)state;
	status = status_of(in_a_child(open_on_a_full_disk, &options));
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == PT_ERR_IO);
	assert_int_equal(schema_of("db/data.mdb"), 3);
	assert_int_not_equal(access(scratch_path("db/schema-3.backup"), F_OK), 0);
	assert_int_not_equal(access(scratch_path("db/schema-3.backup.part"), F_OK), 0);
	assert_int_equal(store_open(&options, &store), PT_OK);
	must_hold_all(store);
	store_close(store);
}

static void
a_map_that_is_full_is_no_hindrance(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store *store;
	struct stat st;

	(void)state;
	/* Smaller than the file: LMDB uses the file's size, and no page is free. */
	assert_int_equal(stat(scratch_path("db/data.mdb"), &st), 0);
	options.map_bytes = 65536;
	assert_int_equal(store_open(&options, &store), PT_OK);
	must_hold_all(store);
	store_close(store);
}

/* Changes the file's own description, as another program would have. */
static void
write_meta(const char *folder, uint64_t schema, const char *writer)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	uint8_t bytes[8];

	u64_put(bytes, schema);
	assert_int_equal(mdb_env_create(&env), 0);
	mdb_env_set_maxdbs(env, 32);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, "meta", 0, &dbi), 0);
	MDB_val k = { 6, "schema" }, v = { 8, bytes };

	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	k = (MDB_val){ 6, "writer" };
	v = (MDB_val){ strlen(writer), (void *)(uintptr_t)writer };
	assert_int_equal(mdb_put(txn, dbi, &k, &v, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void
a_newer_store_is_left_alone_and_says_who_wrote_it(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store_format format;
	struct store *store;

	(void)state;
	write_meta(options.folder, RECORD_SCHEMA + 1, "pintle 9.9.9");
	assert_int_equal(store_open(&options, &store), PT_ERR_SCHEMA);
	assert_null(store);
	assert_int_equal(store_look(scratch_path("db/data.mdb"), &format), PT_OK);
	assert_int_equal(format.schema, RECORD_SCHEMA + 1);
	assert_string_equal(format.writer, "pintle 9.9.9");
	/* And for a backup. */
	assert_int_equal(rename(scratch_path("db/data.mdb"), scratch_path("newer")), 0);
	assert_int_equal(store_restore(&options, scratch_path("newer"), true, old_store_now()), PT_ERR_SCHEMA);
	assert_int_not_equal(access(scratch_path("db/data.mdb"), F_OK), 0);
	/* Bytes that are not text are not shown. */
	assert_int_equal(rename(scratch_path("newer"), scratch_path("db/data.mdb")), 0);
	write_meta(options.folder, RECORD_SCHEMA + 1, "pintle\n9");
	assert_int_equal(store_look(scratch_path("db/data.mdb"), &format), PT_OK);
	assert_string_equal(format.writer, "");
}

static void
a_store_that_is_too_old_is_left_alone(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store *store;

	(void)state;
	write_meta(options.folder, RECORD_SCHEMA_OLDEST - 1, "");
	assert_int_equal(store_open(&options, &store), PT_ERR_SCHEMA);
	assert_int_equal(schema_of("db/data.mdb"), RECORD_SCHEMA_OLDEST - 1);
}

static void
drop_table(const char *folder, const char *name)
{
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;

	assert_int_equal(mdb_env_create(&env), 0);
	mdb_env_set_maxdbs(env, 32);
	assert_int_equal(mdb_env_open(env, folder, 0, 0600), 0);
	assert_int_equal(mdb_txn_begin(env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_dbi_open(txn, name, 0, &dbi), 0);
	assert_int_equal(mdb_drop(txn, dbi, 1), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	mdb_env_close(env);
}

static void
tables_that_are_missing_are_made(void **state)
{
	struct store_options options = options_of(put_old("db"));
	struct store *store;
	struct link link = { 0 };

	(void)state;
	/* Of the older schema and of ours. */
	for (int i = 0; i < 2; i++) {
		drop_table(options.folder, "links");
		assert_int_equal(store_open(&options, &store), PT_OK);
		assert_int_equal(problems_of(store), 0);
		struct store_txn txn;

		txn_read_begin(store, &txn);
		assert_false(link_row_get(&txn, 1, &link));
		assert_int_equal(txn_read_end(&txn), PT_OK);
		store_close(store);
	}
	/* A store without a description is not a store. */
	drop_table(options.folder, "meta");
	assert_int_equal(store_open(&options, &store), PT_ERR_CORRUPT);
}

/* ---- truncated files ---- */

static int
restore_it(const struct store_options *options)
{
	return (int)store_restore(options, scratch_path("backup"), true, old_store_now());
}

static void
a_backup_that_was_cut_short_is_refused_and_kills_nobody(void **state)
{
	struct store_options options = options_of(path_of("db"));
	struct stat st;

	(void)state;
	old_store_unpack("store-1/backup.gz", scratch_path("backup"));
	assert_int_equal(stat(scratch_path("backup"), &st), 0);
	for (off_t size = st.st_size - 1; size > 0; size -= size > 8192 ? 4096 : 500) {
		assert_int_equal(truncate(scratch_path("backup"), size), 0);
		int status = status_of(in_a_child(restore_it, &options));

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), PT_ERR_CORRUPT);
		assert_int_not_equal(access(scratch_path("db/data.mdb"), F_OK), 0);
	}
}

/* Fills some pages of the file with noise, but not the first two. */
static void
spoil(const char *file, uint32_t seed)
{
	struct stat st;
	uint8_t noise[4096];
	int fd = open(file, O_RDWR);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	for (int i = 0; i < 6; i++) {
		for (size_t at = 0; at < sizeof(noise); at++) {
			seed = seed * 1664525 + 1013904223;
			noise[at] = (uint8_t)(seed >> 24);
		}
		off_t page = 2 + (off_t)(seed >> 8) % (st.st_size / 4096 - 2);
		/* A whole page, or a part after its head, so that it still looks like a page. */
		size_t from = i % 2 ? 0 : 16 + seed % 64, len = i % 2 ? sizeof(noise) : 8;

		assert_int_equal(pwrite(fd, noise, len, page * 4096 + (off_t)from), len);
	}
	close(fd);
}

static void
a_backup_that_is_damaged_inside_is_refused_and_kills_nobody(void **state)
{
	struct store_options options = options_of(path_of("db"));
	unsigned refused = 0;

	(void)state;
	log_open(LOG_TO_SYSLOG, LOG_LEVEL_ERROR);	/* there is much to log */
	for (uint32_t seed = 1; seed <= 80; seed++) {
		old_store_unpack("store-1/backup.gz", scratch_path("backup"));
		spoil(scratch_path("backup"), seed);
		int status = status_of(in_a_child(restore_it, &options));

		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) == PT_OK || WEXITSTATUS(status) == PT_ERR_CORRUPT);
		refused += WEXITSTATUS(status) == PT_ERR_CORRUPT;
		scratch_remove("db");
	}
	print_message("# %u of 80 were refused\n", refused);
	assert_true(refused > 60);
}

static int
open_and_verify(const struct store_options *options)
{
	struct store *store;
	uint64_t problems = 0;
	enum pt_err err = store_open(options, &store);

	if (err != PT_OK)
		return (int)err;
	err = store_verify(store, NULL, NULL, &problems);
	store_close(store);
	return err == PT_OK && problems > 0 ? PT_ERR_CORRUPT : (int)err;
}

static void
a_store_whose_file_was_cut_short_is_damaged_and_kills_nobody(void **state)
{
	struct stat st;
	unsigned damaged = 0;

	(void)state;
	for (int part = 1; part < 12; part++) {
		struct store_options options = options_of(put_old("db"));

		assert_int_equal(status_of(in_a_child(open_and_close, &options)), 0);
		assert_int_equal(stat(scratch_path("db/data.mdb"), &st), 0);
		assert_int_equal(truncate(scratch_path("db/data.mdb"), st.st_size / 12 * part), 0);
		int status = status_of(in_a_child(open_and_verify, &options));

		assert_true(WIFEXITED(status));
		damaged += WEXITSTATUS(status) != 0;
		scratch_remove("db");
	}
	assert_true(damaged > 6);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_of_schema_3_comes_over_whole),
		TEST(it_is_told_how_far_it_has_come),
		TEST(before_it_is_carried_over_it_is_backed_up),
		TEST(a_backup_of_schema_3_can_be_restored),
		TEST(what_a_login_superseded_settles_or_has_ended),
		TEST(who_has_it_open_keeps_it_as_it_is),
		TEST(workers_that_start_together_wait_for_the_one_that_carries_over),
		TEST(processes_that_open_and_close_at_once_all_get_in),
		TEST(a_kill_at_any_moment_leaves_the_old_one_or_the_new_one),
		TEST(without_room_for_the_backup_nothing_is_changed),
		TEST(a_map_that_is_full_is_no_hindrance),
		TEST(a_newer_store_is_left_alone_and_says_who_wrote_it),
		TEST(a_store_that_is_too_old_is_left_alone),
		TEST(tables_that_are_missing_are_made),
		TEST(a_backup_that_was_cut_short_is_refused_and_kills_nobody),
		TEST(a_backup_that_is_damaged_inside_is_refused_and_kills_nobody),
		TEST(a_store_whose_file_was_cut_short_is_damaged_and_kills_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
