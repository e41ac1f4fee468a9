/*
 * What one worker holds while it works: keys, hashing slots, store, limits, and the app that
 * answers with them.
 */
#ifndef PINTLE_WORKER_HOLDINGS_H
#define PINTLE_WORKER_HOLDINGS_H

#include "conf/settings.h"
#include "store/limits/limits.h"
#include "store/store.h"
#include "token/keyring_watch.h"
#include "web/web.h"
#include "worker/exit.h"

struct holdings {
	struct keyring_watch *keys;
	struct password_slots *slots;
	struct store *store;
	struct limits *limits;
	struct web_app *app;
	int stop_fd;		/* readable when it is time to exit; -1: none */
	int ready_fd;		/* to report that we are ready; -1: nobody asked */
};

/*
 * Opens all of it; what cannot be opened is logged. settings is borrowed until holdings_close, for
 * which *held is in any case.
 */
enum exit_status holdings_open(const struct settings *settings, struct holdings *held);
void holdings_close(struct holdings *held);

/*
 * Logs that what could not be opened, errno being the cause of PT_ERR_IO. Gives status, or
 * EXIT_LOST if the failure is the machine's and may have passed by the next try.
 */
enum exit_status holdings_not_opened(enum exit_status status, const char *what, const char *path,
    enum pt_err err);

#endif
