/*
 * Sessions: the record and its index entries, which stand and fall together. The expiry entry alone is filed
 * lazily: a rotation moves the idle end and leaves the entry where it is, a lower bound, so that it writes one page;
 * the sweep looks at the record and files it again.
 */
#ifndef PINTLE_STORE_ROWS_SESSION_ROW_H
#define PINTLE_STORE_ROWS_SESSION_ROW_H

#include "store/rows/row.h"

bool session_row_get(struct store_txn *txn, uint64_t number, struct session_row *out);
enum row_look session_row_look(struct store_txn *txn, uint64_t number, struct session_row *out);
bool session_row_by_sid(struct store_txn *txn, struct slice sid, struct session_row *out);

/* A walk through sessions in the order of their numbers. What it meets may be changed on the way. */
struct session_walk {
	enum session_walk_of {
		SESSIONS_ALL = 0,
		SESSIONS_OF_USER,	/* those that have ended too */
		SESSIONS_OF_BROWSER,	/* of whatever user; those that live */
	} of;
	uint64_t user_number;
	uint8_t device_hash[DIGEST_LEN];
	uint64_t from;		/* the number of the next one, or less */
};

struct session_walk session_walk_all(uint64_t from);
struct session_walk session_walk_user(uint64_t user_number);
struct session_walk session_walk_browser(const uint8_t device_hash[DIGEST_LEN]);

/*
 * The next session of the walk. One whose record does not decode is logged and passed over: it can do nothing any
 * more, and must not keep the others from being ended.
 */
bool session_row_next(struct store_txn *txn, struct session_walk *walk, struct session_row *out);

/*
 * Puts the record alone: for changes that no index knows of. But where it ends sooner than it is filed, as after
 * the clock was set back, it is filed anew: filed earlier than it is due, the sweep mends that; later, it would stay.
 */
void session_row_put(struct store_txn *txn, struct session_row *row);

/* Puts a new session. It gets its number and its index of the status list here. */
void session_row_add(struct store_txn *txn, struct session_row *row);

/* Puts a session that lived, and whose end has just been set; the status list reports it from now_ms on. */
void session_row_put_end(struct store_txn *txn, struct session_row *row, int64_t now_ms);

/* Removes the record and what the indexes have of it. */
void session_row_remove(struct store_txn *txn, const struct session_row *row);

/* Files the session for the sweep at the time when it has something to do about it, and puts the record. */
void session_row_file(struct store_txn *txn, struct session_row *row);

/* When that is: to record the end of a session that lives, to remove one that has ended. */
int64_t session_row_due(const struct session_row *row, const struct store_options *options);

/* Whether the sweep has anything to do about a session at now_ms. */
bool session_row_any_due(struct store_txn *txn, int64_t now_ms);

/*
 * The session that comes first in the expiry index, if its time has come. ROW_BROKEN: the entry led to no session
 * that can be swept, and has been taken out of the sweep's way; store_verify reports such a session.
 */
enum row_look session_row_first_due(struct store_txn *txn, int64_t now_ms, struct session_row *out);

uint64_t session_row_count(struct store_txn *txn);
uint64_t session_row_count_live(struct store_txn *txn);

/* All sessions that there are now are numbered below it. */
uint64_t session_row_next_number(struct store_txn *txn);

#endif
