/* What all rows share. A row is a record, with what only the store knows about it. */
#ifndef PINTLE_STORE_ROWS_ROW_H
#define PINTLE_STORE_ROWS_ROW_H

#include "core/records.h"
#include "store/txn.h"

/*
 * The sweep waits this long after an end, so that a clock that was an hour fast for a while ends no
 * session for good.
 */
#define CLOCK_SLACK_MS (2 * 60 * 60 * INT64_C(1000))

/*
 * The result of reading a row. Each kind of row has two reads: with ..._get a broken row fails the
 * transaction (PT_ERR_CORRUPT); ..._look only logs it, for callers that continue without the row.
 * After an error of the transaction both find nothing.
 */
enum row_look {
	ROW_NONE = 0,
	ROW_THERE,
	ROW_BROKEN,	/* there is one, but it does not decode */
};

/* A session and what only the store knows about it. */
struct session_row {
	struct session session;
	int64_t filed_at;	/* its time in the expiry index: a lower bound */
	/* 0; in stores of schema 3 the number of a later login, which was to end it */
	uint64_t superseded_by;
};

/* Numbers that are given out in sequence, and counts that would be slow to take. */
struct counters {
	uint64_t next_user;
	uint64_t next_session;
	uint64_t next_event;
	uint64_t live_sessions;	/* sessions without a recorded end */
	uint64_t status_capacity;	/* indices of the status list: a power of two */
	uint64_t status_version;	/* raised whenever the status list changes */
};

/* A deleted user: the name and everything else are forgotten; the subject is never used again. */
struct tombstone {
	uint64_t user_number;
	int64_t deleted_at;
};

#endif
