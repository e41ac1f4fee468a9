/*
 * A thread that removes expired records from the store, and forgotten ones from the limits, a
 * little at a time, so that no request waits for it long. First of all it ends the sessions that
 * contradict the configuration.
 */
#ifndef PINTLE_WORKER_SWEEPER_H
#define PINTLE_WORKER_SWEEPER_H

#include "store/limits/limits.h"
#include "store/store.h"
#include "token/keyring_watch.h"

struct sweeper;

#define SWEEPER_PERIOD_MS 30000

/*
 * Starts the thread, which at once ends the sessions that the settings no longer allow, and sweeps
 * every period_ms and up to a third more. All arguments are borrowed until sweeper_stop; the keys
 * show whether the clock is behind. If a store can no longer be trusted, the thread sends this
 * process a SIGTERM. *out is yours.
 */
enum pt_err sweeper_start(struct store *store, struct limits *limits, struct keyring_watch *keys,
    unsigned period_ms, struct sweeper **out);

/*
 * Calls store_bring_back, unless the clock is behind the keys: then dates that seem to lie ahead
 * are right.
 */
enum pt_err sweeper_bring_back(struct store *store, struct keyring_watch *keys, unsigned looks,
    uint64_t *position);

/*
 * Ends the thread, within the time of one small sweep, and frees it. PT_ERR_FATAL if that was why
 * it ended. NULL does nothing.
 */
enum pt_err sweeper_stop(struct sweeper *sweeper);

#endif
