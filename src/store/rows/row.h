/* What all rows share. A row is a record of the store, with what the store alone knows of it. */
#ifndef PINTLE_STORE_ROWS_ROW_H
#define PINTLE_STORE_ROWS_ROW_H

#include "core/records.h"
#include "store/txn.h"

/*
 * The sweep waits this long after an end: a clock that was an hour fast for a while ends nothing
 * for ever.
 */
#define CLOCK_SLACK_MS (2 * 60 * 60 * INT64_C(1000))

/*
 * What a look at a row comes to. Each kind of row has two reads: ..._get, for which a broken one fails the
 * transaction (PT_ERR_CORRUPT), and ..._look, which only logs it, for those that go on without it. After an error of
 * the transaction both find none.
 */
enum row_look {
	ROW_NONE = 0,
	ROW_THERE,
	ROW_BROKEN,	/* there is one, and it does not decode */
};

/* A session and what the store alone knows of it. */
struct session_row {
	struct session session;
	int64_t filed_at;	/* the time under which the expiry index holds it; a lower bound */
	uint64_t superseded_by;	/* 0; in stores of schema 3 the number of a later login, by which it was to end */
};

/* What is given out in sequence, and what would be slow to count. */
struct counters {
	uint64_t next_user;
	uint64_t next_session;
	uint64_t next_event;
	uint64_t live_sessions;	/* those without a recorded end */
	uint64_t status_capacity;	/* indices of the status list: a power of two */
	uint64_t status_version;	/* raised whenever the status list says something else */
};

/* A user who is gone: name and all else are forgotten, the subject is never given again. */
struct tombstone {
	uint64_t user_number;
	int64_t deleted_at;
};

#endif
