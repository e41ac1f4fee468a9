/* Group commits: one bad change harms nobody else, and kill -9 loses no acknowledged change. */
#include "support/store_fixture.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"

#define THREADS 16
#define ROUNDS 25

/* One thread's work. Only the main thread may use cmocka's assertions: results are handed back. */
struct worker {
	pthread_t thread;
	struct fixture *f;
	uint8_t id;
	unsigned failed;
};

/* Logs in, then refreshes the token that it got, over and over. */
static void *
work(void *arg)
{
	struct worker *worker = arg;
	struct store_caller caller = fixture_caller(worker->f);
	struct store_login login = { .user_number = worker->f->ann.number, .nonce = FIRST_NONCE };

	for (uint32_t i = 0; i < ROUNDS; i++) {
		struct session session;
		struct store_judgement judgement;
		struct user user;
		struct login_decision decision;

		memset(login.device_hash, worker->id, sizeof(login.device_hash));
		login.device_hash[0] = (uint8_t)i;
		enum pt_err err = store_login(worker->f->store, &caller, &login, &session, &user, &decision);

		if (err != PT_OK || decision.result != LOGIN_GOOD) {
			worker->failed++;
			continue;
		}
		struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);

		err = store_refresh(worker->f->store, &caller, &token, &judgement);
		worker->failed += err != PT_OK || judgement.verdict != STORE_GOOD || judgement.decision.serial != 1;
	}
	return NULL;
}

static void
sixteen_threads_share_commits(void **state)
{
	struct fixture *f = *state;
	struct worker workers[THREADS];
	struct store_stats stats;

	f->options.sessions_per_user = 10000;
	fixture_reopen(f);
	for (uint8_t i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .f = f, .id = i };
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
		assert_int_equal(workers[i].failed, 0);
	}
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.changes, 2 * THREADS * ROUNDS);
	assert_true(stats.commits < stats.changes);
	assert_true(stats.largest_group > 1 && stats.largest_group <= THREADS);
	assert_int_equal(stats.sessions_live, THREADS * ROUNDS);
	assert_int_equal(fixture_problems(f), 0);
	print_message("# %llu changes in %llu commits, %llu in the largest\n", (unsigned long long)stats.changes,
	    (unsigned long long)stats.commits, (unsigned long long)stats.largest_group);
}

/* ---- one bad change in a group ---- */

/* The first change holds the writer until the others are in the queue. */
struct gate {
	struct store *store;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool entered, open;
};

static void
run_gate(struct store_txn *txn, void *ctx)
{
	struct gate *gate = ctx;

	(void)txn;
	pthread_mutex_lock(&gate->lock);
	gate->entered = true;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->open)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

/* A change that writes its number under a key of its own, and then fails if told to. */
struct member {
	pthread_t thread;
	struct store *store;
	uint64_t number;
	enum pt_err fails_with;
	unsigned runs;
	enum pt_err got;
};

static void
run_member(struct store_txn *txn, void *ctx)
{
	struct member *member = ctx;
	struct key key = key_pair(0xfeed, member->number);

	member->runs++;
	entry_put_number(txn, TABLE_TOMBSTONES, &key, member->number);
	txn_fail(txn, member->fails_with);
}

static void *
join_group(void *arg)
{
	struct member *member = arg;

	member->got = commit_change(member->store, run_member, member);
	return NULL;
}

static void *
hold_gate(void *arg)
{
	struct gate *gate = arg;

	commit_change(gate->store, run_gate, gate);
	return NULL;
}

static size_t
queue_length(struct store *store)
{
	pthread_mutex_lock(&store->queue.lock);
	size_t waiting = store->queue.waiting;

	pthread_mutex_unlock(&store->queue.lock);
	return waiting;
}

static bool
is_written(struct store *store, uint64_t number)
{
	struct key key = key_pair(0xfeed, number);
	struct store_txn txn;
	uint64_t value = 0;

	txn_read_begin(store, &txn);
	bool found = entry_get_number(&txn, TABLE_TOMBSTONES, &key, &value);

	assert_int_equal(txn_read_end(&txn), PT_OK);
	return found && value == number;
}

static void
one_bad_change_fails_alone_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct gate gate = {
		.store = f->store, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
	};
	struct member members[8];
	pthread_t holder;

	assert_int_equal(pthread_create(&holder, NULL, hold_gate, &gate), 0);
	pthread_mutex_lock(&gate.lock);
	while (!gate.entered)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	for (uint64_t i = 0; i < 8; i++) {
		members[i] = (struct member){ .store = f->store, .number = i, .fails_with = PT_OK };
		if (i == 3)
			members[i].fails_with = PT_ERR_INVALID;
		else if (i == 6)
			members[i].fails_with = PT_ERR_FULL;
		assert_int_equal(pthread_create(&members[i].thread, NULL, join_group, &members[i]), 0);
	}
	while (queue_length(f->store) < 8)
		usleep(1000);
	pthread_mutex_lock(&gate.lock);
	gate.open = true;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
	assert_int_equal(pthread_join(holder, NULL), 0);
	unsigned runs = 0;

	for (uint64_t i = 0; i < 8; i++) {
		assert_int_equal(pthread_join(members[i].thread, NULL), 0);
		assert_int_equal(members[i].got, members[i].fails_with);
		assert_int_equal(is_written(f->store, i), members[i].fails_with == PT_OK);
		runs += members[i].runs;
	}
	/* They were one group: it ran up to the first bad change, and then each ran alone. */
	assert_true(runs > 8);
}

static void
run_gone(struct store_txn *txn, void *ctx)
{
	(void)ctx;
	txn_fail(txn, PT_ERR_GONE);
}

static void
what_writes_nothing_costs_no_commit(void **state)
{
	struct fixture *f = *state;
	struct store_stats before, after;

	assert_int_equal(store_stats(f->store, &before), PT_OK);
	assert_int_equal(commit_change(f->store, run_gone, NULL), PT_ERR_GONE);
	assert_int_equal(store_stats(f->store, &after), PT_OK);
	assert_int_equal(after.commits, before.commits);
}

/* ---- a disk that refuses writes ---- */

/* Logs in until that fails; what the failure was, and how many logins succeeded before. */
struct doomed {
	pthread_t thread;
	struct fixture *f;
	unsigned good;
	enum pt_err failed_with;
};

static void *
log_in_until_failure(void *arg)
{
	struct doomed *doomed = arg;
	struct store_caller caller = fixture_caller(doomed->f);
	struct store_login login = { .user_number = doomed->f->ann.number };

	while (doomed->failed_with == PT_OK) {
		struct session session;
		struct user user;
		struct login_decision decision;

		/* Each in its own browser, because the sessions of one browser are limited. */
		memcpy(login.device_hash, &doomed->good, sizeof(doomed->good));
		memcpy(login.device_hash + sizeof(doomed->good), &doomed->thread, sizeof(doomed->thread));
		doomed->failed_with = store_login(doomed->f->store, &caller, &login, &session, &user, &decision);
		doomed->good += doomed->failed_with == PT_OK;
	}
	return NULL;
}

/* From now on no file of this process may grow beyond limit: the kernel refuses LMDB's writes. */
static void
limit_files(rlim_t limit)
{
	struct rlimit both;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &both), 0);
	both.rlim_cur = limit < both.rlim_max ? limit : both.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &both), 0);
}

static void
a_commit_that_fails_is_nobodys_and_the_store_is_only_read(void **state)
{
	enum { DOOMED = 4 };
	struct fixture *f = *state;
	struct doomed doomed[DOOMED];
	struct store_stats stats;
	unsigned good = 0;

	f->options.sessions_per_user = 100000;
	fixture_reopen(f);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(400 * 1024);
	for (int i = 0; i < DOOMED; i++) {
		doomed[i] = (struct doomed){ .f = f };
		assert_int_equal(pthread_create(&doomed[i].thread, NULL, log_in_until_failure, &doomed[i]), 0);
	}
	for (int i = 0; i < DOOMED; i++) {
		assert_int_equal(pthread_join(doomed[i].thread, NULL), 0);
		assert_int_equal(doomed[i].failed_with, PT_ERR_IO);
		good += doomed[i].good;
	}
	limit_files(RLIM_INFINITY);
	/*
	 * The disk is well again, but this process still writes nothing, because it does not know
	 * what the disk holds; it can still read.
	 */
	struct user user;
	bool found;

	assert_true(store_is_lost(f->store) && store_disk_writes(f->store));
	assert_int_equal(store_check(f->store), PT_OK);
	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_true(found);
	assert_int_equal(store_user_set_disabled(f->store, &(struct store_caller){ .now = f->now }, user.number, true, &found),
	    PT_ERR_IO);
	assert_false(store_takes_logins(f->store));
	fixture_reopen(f);
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_true(good > 0);
	assert_int_equal(stats.sessions_live, good);
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- processes ---- */

/* Closes the store in this process before a fork: an environment does not survive one. */
static pid_t
fork_without_store(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
	pid_t pid = fork();

	assert_true(pid >= 0);
	return pid;
}

/* A process that will be killed. */
struct victim {
	struct fixture *f;
	int out;
};

/* Logs in for ever, and writes the sid of each acknowledged login to the pipe. */
static void *
log_in_for_ever(void *arg)
{
	const struct victim *victim = arg;
	struct fixture *f = victim->f;
	struct store_caller caller = fixture_caller(f);
	struct store_login login = { .user_number = f->ann.number };

	for (;;) {
		struct session session;
		struct user user;
		struct login_decision decision;

		if (store_login(f->store, &caller, &login, &session, &user, &decision) != PT_OK || decision.result != LOGIN_GOOD)
			_exit(3);
		if (write(victim->out, session.sid, ID_SIZE) != ID_SIZE)
			_exit(4);
	}
	return NULL;
}

static void
write_until_killed(struct fixture *f, int out)
{
	struct victim victim = { f, out };
	pthread_t threads[4];

	if (store_open(&f->options, &f->store) != PT_OK)
		_exit(1);
	for (int i = 0; i < 4; i++)
		if (pthread_create(&threads[i], NULL, log_in_for_ever, &victim) != 0)
			_exit(2);
	for (;;)
		pause();
}

static void
what_was_acknowledged_stands_after_kill_9(void **state)
{
	struct fixture *f = *state;
	char sid[ID_SIZE];
	enum reason standing;

	f->options.sessions_per_user = 100000;
	for (int round = 0; round < 5; round++) {
		int ends[2], status;
		unsigned acknowledged = 0;

		assert_int_equal(pipe(ends), 0);
		pid_t pid = fork_without_store(f);

		if (pid == 0) {
			close(ends[0]);
			write_until_killed(f, ends[1]);
		}
		close(ends[1]);
		char (*sids)[ID_SIZE] = calloc(20000, ID_SIZE);

		assert_non_null(sids);
		while (read(ends[0], sid, sizeof(sid)) == ID_SIZE) {
			memcpy(sids[acknowledged++], sid, ID_SIZE);
			if (acknowledged == 100 + 37 * (unsigned)round)
				assert_int_equal(kill(pid, SIGKILL), 0);
			assert_true(acknowledged < 20000);
		}
		close(ends[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(store_open(&f->options, &f->store), PT_OK);
		for (unsigned i = 0; i < acknowledged; i++) {
			fixture_session(f, sids[i], &standing);
			assert_int_not_equal(standing, REASON_UNKNOWN_SESSION);
		}
		assert_int_equal(fixture_problems(f), 0);
		free(sids);
	}
}

static void
several_processes_work_on_one_store(void **state)
{
	enum { PROCESSES = 4 };
	struct fixture *f = *state;
	struct store_stats stats;
	pid_t pids[PROCESSES];

	f->options.sessions_per_user = 10000;
	for (uint8_t i = 0; i < PROCESSES; i++) {
		pids[i] = fork_without_store(f);
		if (pids[i] == 0) {
			struct worker worker = { .f = f, .id = i };

			if (store_open(&f->options, &f->store) != PT_OK)
				_exit(1);
			work(&worker);
			store_close(f->store);
			_exit(worker.failed ? 2 : 0);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.sessions_live, PROCESSES * ROUNDS);
	assert_int_equal(fixture_problems(f), 0);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sixteen_threads_share_commits),
		TEST(one_bad_change_fails_alone_and_leaves_nothing),
		TEST(what_writes_nothing_costs_no_commit),
		TEST(a_commit_that_fails_is_nobodys_and_the_store_is_only_read),
		TEST(what_was_acknowledged_stands_after_kill_9),
		TEST(several_processes_work_on_one_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
