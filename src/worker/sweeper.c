#include "worker/sweeper.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/random.h"

/* records in one transaction: about a millisecond of the single writer */
#define SWEEPER_BUDGET 64
/*
 * sessions that one sweep checks for dates ahead of the clock: a few milliseconds, without the
 * writer
 */
#define SWEEPER_LOOKS 4096
#define SWEEPER_PROBE_MS 5000	/* between two checks whether a failed disk accepts writes again */
#define SWEEPER_BREATH_MS 50	/* between two transactions while there is more */

struct sweeper {
	struct store *store;
	struct limits *limits;
	struct keyring_watch *keys;
	uint64_t looked_to;	/* where the next check of sessions continues */
	unsigned period_ms;
	pthread_t thread;
	int stop_fd;		/* an eventfd */
	enum pt_err failure;	/* the thread's result; read after it was joined */
};

/* False if it is time to stop. */
static bool
sweeper_sleep(const struct sweeper *sweeper, int ms)
{
	struct pollfd stop = { sweeper->stop_fd, POLLIN, 0 };

	return poll(&stop, 1, ms) <= 0;
}

/* Sleeps this long, or until the store is lost; false if it is time to stop. */
static bool
sweeper_rest(const struct sweeper *sweeper, int ms)
{
	for (; ms > SWEEPER_PROBE_MS && !store_is_lost(sweeper->store); ms -= SWEEPER_PROBE_MS)
		if (!sweeper_sleep(sweeper, SWEEPER_PROBE_MS))
			return false;
	return sweeper_sleep(sweeper, ms < SWEEPER_PROBE_MS ? ms : SWEEPER_PROBE_MS);
}

/* Workers that started together should not sweep together. */
static int
sweeper_pause_ms(const struct sweeper *sweeper)
{
	uint64_t more;

	/* If the random source fails, they are evenly spaced. */
	(void)random_below(sweeper->period_ms / 3 + 1, &more);
	return (int)(sweeper->period_ms + more);
}

/* Handles a failure of the store; false if it is time to stop. */
static bool
sweeper_bear(struct sweeper *sweeper)
{
	if (sweeper->failure == PT_OK)
		return true;
	LOG(LOG_LEVEL_ERROR, "sweep_failed", LOG_STR("error", pt_err_text(sweeper->failure)));
	/* A full or busy store may recover; a lost one does not. */
	return sweeper->failure != PT_ERR_FATAL;
}

/*
 * Ends sessions that contradict the configuration, first of all and without pauses, so that
 * services learn of it.
 */
static bool
sweeper_end_unfit(struct sweeper *sweeper)
{
	uint64_t position = 0;
	bool done = false;

	while (!done) {
		sweeper->failure = store_require_otp(sweeper->store, clock_now(), &position, &done);
		if (sweeper->failure)
			return sweeper_bear(sweeper);
		if (!sweeper_sleep(sweeper, 0))
			return false;
	}
	return true;
}

/* One short transaction of each kind; *more says whether there may be more to do. */
static enum pt_err
sweeper_round(const struct sweeper *sweeper, bool *more)
{
	struct store_swept swept;
	unsigned forgotten = 0;
	enum pt_err err = store_sweep(sweeper->store, clock_now(), SWEEPER_BUDGET, &swept);

	if (err == PT_OK)
		err = limits_sweep(sweeper->limits, clock_now(), SWEEPER_BUDGET, &forgotten);
	*more = swept.more || forgotten > 0;
	return err;
}

enum pt_err
sweeper_bring_back(struct store *store, struct keyring_watch *keys, unsigned looks,
    uint64_t *position)
{
	const struct instant now = clock_now();
	const struct keyring *ring = keyring_watch_hold(keys, now.stamp);
	bool behind = keyring_is_behind(ring, now.wall_ms / 1000, NULL);
	unsigned brought;

	keyring_watch_release(keys, ring);
	if (behind)
		return PT_OK;
	enum pt_err err = store_bring_back(store, now, looks, position, &brought);

	if (err == PT_OK && brought > 0)
		LOG(LOG_LEVEL_WARNING, "sessions_were_ahead", LOG_NUM("count", brought),
		    LOG_STR("advice", "this machine's clock was ahead when they were used: they "
		    "count from now"));
	return err;
}

/*
 * Of a lost store: waits while the disk accepts no writes, and exits for another worker when it
 * does.
 */
static bool
sweeper_probe(struct sweeper *sweeper)
{
	if (!store_disk_writes(sweeper->store))
		return true;
	LOG(LOG_LEVEL_WARNING, "disk_writes_again",
	    LOG_STR("advice", "this worker exits, and another opens the store anew"));
	sweeper->failure = PT_ERR_FATAL;
	return false;
}

/* Sweeps until nothing is left; false if it is time to stop. */
static bool
sweeper_sweep(struct sweeper *sweeper)
{
	bool more = true;

	log_tell_spared();
	if (store_is_lost(sweeper->store))
		return sweeper_probe(sweeper);

	while (more) {
		sweeper->failure = sweeper_round(sweeper, &more);
		if (sweeper->failure)
			return sweeper_bear(sweeper);
		if (!sweeper_sleep(sweeper, SWEEPER_BREATH_MS))
			return false;
	}
	sweeper->failure = sweeper_bring_back(sweeper->store, sweeper->keys, SWEEPER_LOOKS,
	    &sweeper->looked_to);
	return sweeper_bear(sweeper);
}

static void *
sweeper_thread(void *arg)
{
	struct sweeper *sweeper = arg;

	while (sweeper_end_unfit(sweeper) && sweeper_rest(sweeper, sweeper_pause_ms(sweeper)) &&
	    sweeper_sweep(sweeper))
		;
	if (sweeper->failure == PT_ERR_FATAL)
		kill(getpid(), SIGTERM);
	return NULL;
}

enum pt_err
sweeper_start(struct store *store, struct limits *limits, struct keyring_watch *keys,
    unsigned period_ms, struct sweeper **out)
{
	struct sweeper *sweeper = calloc(1, sizeof(*sweeper));
	enum pt_err err = PT_ERR_NOMEM;

	*out = NULL;
	if (sweeper == NULL)
		return PT_ERR_NOMEM;
	sweeper->store = store;
	sweeper->limits = limits;
	sweeper->keys = keys;
	sweeper->period_ms = period_ms;
	sweeper->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (sweeper->stop_fd < 0) {
		err = PT_ERR_IO;
		goto fail;
	}
	if (pthread_create(&sweeper->thread, NULL, sweeper_thread, sweeper) != 0)
		goto fail;
	*out = sweeper;
	return PT_OK;
fail:
	if (sweeper->stop_fd >= 0)
		close(sweeper->stop_fd);
	free(sweeper);
	return err;
}

enum pt_err
sweeper_stop(struct sweeper *sweeper)
{
	uint64_t one = 1;

	if (sweeper == NULL)
		return PT_OK;
	if (write(sweeper->stop_fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		abort();	/* an eventfd takes 2^64 - 2 of these */
	pthread_join(sweeper->thread, NULL);
	enum pt_err err = sweeper->failure == PT_ERR_FATAL ? PT_ERR_FATAL : PT_OK;

	close(sweeper->stop_fd);
	free(sweeper);
	return err;
}
