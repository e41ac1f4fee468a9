#include "worker/holdings.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tally.h"
#include "store/options.h"
#include "worker/ready.h"
#include "worker/stop.h"
#include "worker/store_trouble.h"

/* Whether the machine is at fault, not the configuration: it may recover before the next try. */
static bool
is_of_the_machine(enum pt_err err, int cause)
{
	if (err == PT_ERR_NOMEM || err == PT_ERR_BUSY)
		return true;
	return err == PT_ERR_IO &&
	    (cause == EIO || cause == ENOSPC || cause == EDQUOT || cause == EROFS ||
	    cause == ESTALE || cause == ENODEV || cause == ENXIO || cause == EMFILE ||
	    cause == ENFILE);
}

enum exit_status
holdings_not_opened(enum exit_status status, const char *what, const char *path, enum pt_err err)
{
	if (is_of_the_machine(err, errno))
		status = EXIT_LOST;
	LOG(LOG_LEVEL_ERROR, "not_opened", LOG_STR("what", what), LOG_STR("path", path),
	    LOG_STR("error", pt_err_text(err)),
	    LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL));
	return status;
}

/*
 * Folders from before the status list had its own key lack it, so it is made here. Without it only
 * the list is unavailable.
 */
static void
ensure_status_key(const struct settings *settings, const char *folder, struct keyring_watch *watch)
{
	const struct instant now = clock_now();
	const struct keyring *keys = keyring_watch_hold(watch, now.stamp);
	bool made, there = keyring_status_keys(keys) != NULL;

	keyring_watch_release(watch, keys);
	if (there || settings->status_list_shared)
		return;
	enum pt_err err = keyring_ensure_status(folder, settings->signing_alg, now.wall_ms / 1000,
	    &made);

	if (err != PT_OK)
		LOG(LOG_LEVEL_ERROR, "no_status_key", LOG_STR("path", folder),
		    LOG_STR("error", pt_err_text(err)),
		    LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL),
		    LOG_STR("advice", "pintle key rotate creates one"));
	else if (made)
		LOG(LOG_LEVEL_INFO, "status_key_made", LOG_STR("path", folder));
}

static enum exit_status
open_keys(const struct settings *settings, struct keyring_watch **out)
{
	char folder[PATH_MAX];
	char *bad = NULL;

	if (!settings_path(settings, "keys", folder, sizeof(folder)))
		return holdings_not_opened(EXIT_KEYS, "keys", settings->state_folder,
		    PT_ERR_INVALID);
	enum pt_err err = keyring_watch_open(folder, out, &bad);
	enum exit_status status = err ?
	    holdings_not_opened(EXIT_KEYS, "keys", bad ? bad : folder, err) : EXIT_OK;

	if (status == EXIT_OK)
		ensure_status_key(settings, folder, *out);
	free(bad);
	return status;
}

static enum exit_status
open_slots(const struct settings *settings, struct password_slots **out)
{
	const unsigned threads = settings->threads;
	char path[PATH_MAX];

	if (!settings_path(settings, "hashing.slots", path, sizeof(path)))
		return holdings_not_opened(EXIT_STORE, "slots", settings->state_folder,
		    PT_ERR_INVALID);
	enum pt_err err = password_slots_open(path, &(struct password_slots_options){
		.slots = settings->hashing_slots,
		.wait_ms = (unsigned)settings->hashing_wait_ms,
		/* A quarter of the threads is never busy with passwords: it serves the rest. */
		.threads = threads > 1 ? threads - (threads + 3) / 4 : 1,
		.queue = settings->hashing_queue,
	}, out);

	return err ? holdings_not_opened(EXIT_STORE, "slots", path, err) : EXIT_OK;
}

static enum exit_status
open_store(const struct settings *settings, struct store **out)
{
	char folder[PATH_MAX];
	struct store_options options;

	if (!store_options_from(settings, folder, sizeof(folder), &options))
		return holdings_not_opened(EXIT_STORE, "store", settings->state_folder,
		    PT_ERR_INVALID);
	struct store_trouble trouble;
	enum pt_err err = store_open(&options, out);

	if (err && store_trouble(folder, err, &trouble)) {
		LOG(LOG_LEVEL_ERROR, "not_opened", LOG_STR("what", "store"),
		    LOG_STR("path", folder),
		    LOG_STR("error", trouble.text), LOG_STR("advice", trouble.mend));
		return EXIT_STORE;
	}
	return err ? holdings_not_opened(EXIT_STORE, "store", folder, err) : EXIT_OK;
}

/* A failure to count must not keep anybody from logging in. */
static void
open_tally(const struct settings *settings)
{
	char path[PATH_MAX] = "";
	enum pt_err err = settings_path(settings, "tally", path, sizeof(path)) ?
	    tally_open(path) : PT_ERR_INVALID;

	if (err != PT_OK)
		LOG(LOG_LEVEL_WARNING, "not_counted", LOG_STR("path", path),
		    LOG_STR("error", pt_err_text(err)),
		    LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL));
}

static enum exit_status
open_limits(const struct settings *settings, struct limits **out)
{
	char folder[PATH_MAX];

	if (!settings_path(settings, "limits", folder, sizeof(folder)))
		return holdings_not_opened(EXIT_STORE, "limits", settings->state_folder,
		    PT_ERR_INVALID);
	enum pt_err err = limits_open(folder, LIMITS_RECORDS, out);

	return err ? holdings_not_opened(EXIT_STORE, "limits", folder, err) : EXIT_OK;
}

static enum exit_status
open_app(const struct settings *settings, struct holdings *held)
{
	enum pt_err err = web_app_new(settings, held->store, held->keys, held->slots, held->limits,
	    &held->app);

	return err ? holdings_not_opened(EXIT_FAILED, "app", NULL, err) : EXIT_OK;
}

enum exit_status
holdings_open(const struct settings *settings, struct holdings *held)
{
	enum exit_status status;

	*held = (struct holdings){ .stop_fd = -1, .ready_fd = ready_open() };
	open_tally(settings);
	if ((status = open_keys(settings, &held->keys)) ||
	    (status = open_slots(settings, &held->slots)) ||
	    (status = open_store(settings, &held->store)) ||
	    (status = open_limits(settings, &held->limits)) ||
	    (status = open_app(settings, held)))
		return status;
	enum pt_err err = stop_open(&held->stop_fd);

	return err ? holdings_not_opened(EXIT_FAILED, "signals", NULL, err) : EXIT_OK;
}

void
holdings_close(struct holdings *held)
{
	if (held->stop_fd >= 0)
		close(held->stop_fd);
	if (held->ready_fd >= 0)
		close(held->ready_fd);
	tally_close();
	web_app_free(held->app);
	limits_close(held->limits);
	store_close(held->store);
	password_slots_close(held->slots);
	keyring_watch_free(held->keys);
}
