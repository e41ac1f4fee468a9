/*
 * The broom: a thread that removes from the store what has expired, and from the limits what is forgotten, a little
 * at a time, so that no request waits for it long. First of all it ends the sessions that do not go with the configuration.
 */
#ifndef PINTLE_CMD_SWEEPER_H
#define PINTLE_CMD_SWEEPER_H

#include "store/limits/limits.h"
#include "store/store.h"

struct sweeper;

#define SWEEPER_PERIOD_MS 30000

/*
 * Starts the thread, which settles at once, and sweeps each period_ms and up to a third more. Both are
 * borrowed until sweeper_stop. If one turns out not to be trusted any
 * more, the thread sends this process a SIGTERM. *out is yours.
 */
enum pt_err sweeper_start(struct store *store, struct limits *limits, unsigned period_ms, struct sweeper **out);

/* Ends the thread, within the time of one small sweep, and releases. PT_ERR_FATAL if that was why it ended. NULL does nothing. */
enum pt_err sweeper_stop(struct sweeper *sweeper);

#endif
