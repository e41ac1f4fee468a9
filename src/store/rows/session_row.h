/*
 * Sessions: the record and its index entries, which are written and removed together. Only the
 * expiry entry is lazy: a rotation moves the idle end but leaves the entry, a lower bound, where it
 * is, so that it writes only one page. The sweep then reads the record and moves the entry.
 *
 * See DESIGN.md, Session numbers are sequential; DESIGN.md, Expiry is indexed lazily.
 */
#ifndef PINTLE_STORE_ROWS_SESSION_ROW_H
#define PINTLE_STORE_ROWS_SESSION_ROW_H

#include "store/rows/row.h"

bool session_row_get(struct store_txn *txn, uint64_t number, struct session_row *out);
enum row_look session_row_look(struct store_txn *txn, uint64_t number, struct session_row *out);
bool session_row_by_sid(struct store_txn *txn, struct slice sid, struct session_row *out);

/*
 * A walk through sessions in the order of their numbers. The sessions that it meets may be changed
 * on the way.
 */
struct session_walk {
	enum session_walk_of {
		SESSIONS_ALL = 0,
		SESSIONS_OF_USER,	/* also those that have ended */
		SESSIONS_OF_BROWSER,	/* live ones, of any user */
	} of;
	uint64_t user_number;
	uint8_t device_hash[DIGEST_SIZE];
	uint64_t from;		/* the number of the next one is at least this */
};

struct session_walk session_walk_all(uint64_t from);
struct session_walk session_walk_user(uint64_t user_number);
struct session_walk session_walk_browser(const uint8_t device_hash[DIGEST_SIZE]);

/*
 * The next session of the walk. One whose record does not decode is logged and skipped: it can do
 * nothing any more, and must not stop the others from being ended.
 */
bool session_row_next(struct store_txn *txn, struct session_walk *walk, struct session_row *out);

/*
 * Puts only the record, after changes that concern no index. But if the session now ends before its
 * expiry entry, as after the clock was set back, the entry moves too: the sweep corrects an entry
 * that is too early, but would never see one that is too late.
 */
void session_row_put(struct store_txn *txn, struct session_row *row);

/* Puts a new session, and gives it its number and its index of the status list. */
void session_row_add(struct store_txn *txn, struct session_row *row);

/* Puts a live session whose end has just been set; the status list reports it from now_ms on. */
void session_row_put_end(struct store_txn *txn, struct session_row *row, int64_t now_ms);

/* Removes the record and its index entries. */
void session_row_remove(struct store_txn *txn, const struct session_row *row);

/*
 * Sets the expiry entry to the time when the sweep must deal with the session, and puts the record.
 */
void session_row_file(struct store_txn *txn, struct session_row *row);

/* When that is: for a live session, to record its end; for an ended one, to remove it. */
int64_t session_row_due(const struct session_row *row, const struct store_options *options);

/* Whether the sweep must deal with a session at now_ms. */
bool session_row_any_due(struct store_txn *txn, int64_t now_ms);

/*
 * The first session in the expiry index, if its time has come. ROW_BROKEN: the entry led to no
 * session that can be swept, and was moved out of the sweep's way; store_verify reports such a
 * session.
 */
enum row_look session_row_first_due(struct store_txn *txn, int64_t now_ms, struct session_row *out);

uint64_t session_row_count(struct store_txn *txn);
uint64_t session_row_count_live(struct store_txn *txn);

/* All present sessions have lower numbers. */
uint64_t session_row_next_number(struct store_txn *txn);

#endif
