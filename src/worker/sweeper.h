/*
 * The broom: a thread that removes from the store what has expired, and from the limits what is forgotten, a little
 * at a time, so that no request waits for it long. First of all it ends the sessions that do not go with the configuration.
 */
#ifndef PINTLE_WORKER_SWEEPER_H
#define PINTLE_WORKER_SWEEPER_H

#include "store/limits/limits.h"
#include "store/store.h"
#include "token/keyring_watch.h"

struct sweeper;

#define SWEEPER_PERIOD_MS 30000

/*
 * Starts the thread, which at once ends the sessions that the settings no longer allow, and sweeps each period_ms and
 * up to a third more. All are borrowed until sweeper_stop; the keys tell whether the clock is behind. If one turns out
 * not to be trusted any more, the thread sends this process a SIGTERM. *out is yours.
 */
enum pt_err sweeper_start(struct store *store, struct limits *limits, struct keyring_watch *keys, unsigned period_ms,
    struct sweeper **out);

/* store_bring_back, unless the clock is behind the keys: then what seems to lie ahead of it is of the right time. */
enum pt_err sweeper_bring_back(struct store *store, struct keyring_watch *keys, unsigned looks, uint64_t *position);

/* Ends the thread, within the time of one small sweep, and releases. PT_ERR_FATAL if that was why it ended. NULL does nothing. */
enum pt_err sweeper_stop(struct sweeper *sweeper);

#endif
