#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "worker/sweeper.h"

/* The store in this test: how much it has to sweep and to settle, and how it fails. */
struct store {
	atomic_uint left;
	atomic_uint sweeps;
	atomic_uint unsettled, settled;
	enum pt_err failure;
	atomic_bool lost, disk_writes;
	atomic_uint probes;
	atomic_uint looks;	/* at sessions whose dates may lie ahead */
	uint64_t looked_to;
};

static atomic_bool clock_is_behind;

const struct keyring *
keyring_watch_hold(struct keyring_watch *watch, struct stamp now)
{
	(void)now;
	return (const struct keyring *)watch;
}

void
keyring_watch_release(struct keyring_watch *watch, const struct keyring *ring)
{
	(void)watch, (void)ring;
}

bool
keyring_is_behind(const struct keyring *ring, int64_t now_s, int64_t *signs_from)
{
	(void)ring, (void)now_s, (void)signs_from;
	return atomic_load(&clock_is_behind);
}

enum pt_err
store_bring_back(struct store *store, struct instant now, unsigned looks, uint64_t *position, unsigned *brought)
{
	(void)now;
	assert_true(looks > 0);
	/* Each call goes on where the last one stopped. */
	assert_int_equal(*position, store->looked_to);
	*position = ++store->looked_to;
	*brought = 0;
	atomic_fetch_add(&store->looks, 1);
	return store->failure;
}

bool
store_is_lost(struct store *store)
{
	return atomic_load(&store->lost);
}

bool
store_disk_writes(struct store *store)
{
	atomic_fetch_add(&store->probes, 1);
	return atomic_load(&store->disk_writes);
}

enum pt_err
store_require_otp(struct store *store, struct instant now, uint64_t *position, bool *done)
{
	(void)now;
	/* Each step goes on where the last one stopped. */
	if (atomic_load(&store->unsettled) > 0 && *position == atomic_load(&store->settled)) {
		atomic_fetch_sub(&store->unsettled, 1);
		*position = atomic_fetch_add(&store->settled, 1) + 1;
	}
	*done = atomic_load(&store->unsettled) == 0;
	return PT_OK;
}

enum pt_err
store_sweep(struct store *store, struct instant now, unsigned budget, struct store_swept *out)
{
	unsigned left = atomic_load(&store->left);

	(void)now;
	out->handled = left < budget ? left : budget;
	out->more = out->handled > 0;
	atomic_fetch_sub(&store->left, out->handled);
	atomic_fetch_add(&store->sweeps, 1);
	return store->failure;
}

enum pt_err
limits_sweep(struct limits *limits, struct instant now, unsigned budget, unsigned *removed)
{
	(void)limits;
	(void)now;
	(void)budget;
	*removed = 0;
	return PT_OK;
}

/* Whether this many sweeps happen within two seconds. */
static bool
comes_to(struct store *store, unsigned sweeps)
{
	for (int i = 0; i < 400 && atomic_load(&store->sweeps) < sweeps; i++)
		poll(NULL, 0, 5);
	return atomic_load(&store->sweeps) >= sweeps;
}

static void
test_it_goes_on_while_there_is_more(void **state)
{
	struct store store = { .left = 300 };
	struct sweeper *sweeper;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 20, &sweeper), PT_OK);
	assert_true(comes_to(&store, 5));
	assert_int_equal(atomic_load(&store.left), 0);
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
}

static void
test_it_sweeps_again_and_again(void **state)
{
	struct store store = { .left = 0 };
	struct sweeper *sweeper;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 5, &sweeper), PT_OK);
	assert_true(comes_to(&store, 4));
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
}

/*
 * Each sweep looks at a part of the sessions; but what seems ahead to a clock that is behind has
 * the right time.
 */
static void
test_it_looks_for_what_lies_ahead_unless_the_clock_is_behind(void **state)
{
	struct store store = { .left = 0 };
	struct sweeper *sweeper;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 5, &sweeper), PT_OK);
	assert_true(comes_to(&store, 4));
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
	unsigned looks = atomic_load(&store.looks);

	assert_true(looks >= 3);
	atomic_store(&clock_is_behind, true);
	assert_int_equal(sweeper_start(&store, NULL, NULL, 5, &sweeper), PT_OK);
	assert_true(comes_to(&store, 8));
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
	atomic_store(&clock_is_behind, false);
	assert_int_equal(atomic_load(&store.looks), looks);
}

static void
test_it_waits_before_it_begins_and_stops_at_once(void **state)
{
	struct store store = { .left = 300 };
	struct sweeper *sweeper;
	int64_t began = clock_now().stamp.ms;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 60000, &sweeper), PT_OK);
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
	assert_true(clock_now().stamp.ms - began < 1000);
	assert_int_equal(atomic_load(&store.sweeps), 0);
}

static void
test_it_settles_at_once_and_before_it_sweeps(void **state)
{
	struct store store = { .left = 300, .unsettled = 50 };
	struct sweeper *sweeper;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 60000, &sweeper), PT_OK);
	for (int i = 0; i < 400 && atomic_load(&store.unsettled) > 0; i++)
		poll(NULL, 0, 5);
	assert_int_equal(atomic_load(&store.unsettled), 0);
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
	assert_int_equal(atomic_load(&store.sweeps), 0);
}

static void
test_it_stops_while_it_settles(void **state)
{
	struct store store = { .unsettled = UINT32_MAX };
	struct sweeper *sweeper;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 60000, &sweeper), PT_OK);
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
	assert_true(atomic_load(&store.unsettled) > 0);
}

static void
test_it_bears_a_store_that_fails_once(void **state)
{
	struct store store = { .failure = PT_ERR_FULL };
	struct sweeper *sweeper;

	(void)state;
	assert_int_equal(sweeper_start(&store, NULL, NULL, 5, &sweeper), PT_OK);
	assert_true(comes_to(&store, 3));
	assert_int_equal(sweeper_stop(sweeper), PT_OK);
}

/*
 * While the disk takes no writes the worker stays for requests that only read; when it does,
 * another worker should open the store.
 */
static void
test_it_stays_while_the_disk_fails_and_leaves_when_it_is_well(void **state)
{
	struct store store = { .left = 100, .lost = true };
	struct sweeper *sweeper;
	sigset_t term;
	int signal = 0;

	(void)state;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	assert_int_equal(sweeper_start(&store, NULL, NULL, 5, &sweeper), PT_OK);
	while (atomic_load(&store.probes) < 3)
		poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&store.sweeps), 0);
	atomic_store(&store.disk_writes, true);
	assert_int_equal(sigwait(&term, &signal), 0);
	assert_int_equal(sweeper_stop(sweeper), PT_ERR_FATAL);
}

static void
test_it_calls_for_a_stop_when_the_store_is_lost(void **state)
{
	struct store store = { .failure = PT_ERR_FATAL };
	struct sweeper *sweeper;
	sigset_t term;
	int signal = 0;

	(void)state;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	assert_int_equal(sweeper_start(&store, NULL, NULL, 5, &sweeper), PT_OK);
	assert_int_equal(sigwait(&term, &signal), 0);
	assert_int_equal(signal, SIGTERM);
	assert_int_equal(sweeper_stop(sweeper), PT_ERR_FATAL);
	assert_int_equal(atomic_load(&store.sweeps), 1);
}

static void
test_none_is_stopped_easily(void **state)
{
	(void)state;
	assert_int_equal(sweeper_stop(NULL), PT_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_goes_on_while_there_is_more),
		cmocka_unit_test(test_it_sweeps_again_and_again),
		cmocka_unit_test(test_it_looks_for_what_lies_ahead_unless_the_clock_is_behind),
		cmocka_unit_test(test_it_waits_before_it_begins_and_stops_at_once),
		cmocka_unit_test(test_it_settles_at_once_and_before_it_sweeps),
		cmocka_unit_test(test_it_stops_while_it_settles),
		cmocka_unit_test(test_it_bears_a_store_that_fails_once),
		cmocka_unit_test(test_it_stays_while_the_disk_fails_and_leaves_when_it_is_well),
		cmocka_unit_test(test_it_calls_for_a_stop_when_the_store_is_lost),
		cmocka_unit_test(test_none_is_stopped_easily),
	};
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &term, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
