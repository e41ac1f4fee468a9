/*
 * The sessions of one browser, whoever's they are: what a login does to those
 * that were there before (core/settling.h), and the bound on their number.
 */
#include "store/internal.h"

#include <string.h>

/* Walks the live sessions of a browser; *from moves past the one found. */
static enum pt_err
browser_next(const struct store_txn *txn, const uint8_t device_hash[DIGEST_LEN], uint64_t *from,
    struct session_row *row, bool *found)
{
	struct key prefix = key_digest(device_hash);

	return session_row_next(txn, TABLE_DEVICES, &prefix, from, row, found);
}

/* Why the session does not stand; of one whose user's record does not decode nothing is known, and it lets nobody in. */
static enum pt_err
browser_standing(const struct store_txn *txn, const struct store_caller *caller, const struct session *session,
    enum reason *standing)
{
	struct user user;
	enum pt_err err = session_row_standing(txn, session, caller->now, &user, standing);

	if (err != PT_ERR_CORRUPT)
		return err;
	*standing = REASON_NONE;
	return PT_OK;
}

enum pt_err
browser_settle(struct store_txn *txn, struct session *begun, struct stamp now)
{
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = browser_next(txn, begun->device_hash, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		row.session.settles_at = begun->settles_at = now;
		err = session_row_put(txn, &row);
		if (err != PT_OK)
			return err;
	}
}

enum pt_err
browser_end_older(struct store_txn *txn, const struct store_caller *caller, const struct session *session)
{
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = browser_next(txn, session->device_hash, &from, &row, &found);

		if (err != PT_OK || !found || row.session.number >= session->number)
			return err;
		err = session_row_end(txn, caller, &row, REASON_REPLACED, 0);
		if (err != PT_OK)
			return err;
	}
}

enum pt_err
browser_end_user(struct store_txn *txn, const struct store_caller *caller, const uint8_t device_hash[DIGEST_LEN],
    uint64_t user_number, enum reason reason)
{
	struct session_row row;
	enum reason standing;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = browser_next(txn, device_hash, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		if (row.session.user_number != user_number)
			continue;
		/* What is dead already, and not recorded so, has ended for its own reason. */
		err = browser_standing(txn, caller, &row.session, &standing);
		if (err == PT_OK)
			err = session_row_end(txn, caller, &row, standing != REASON_NONE ? standing : reason, 0);
		if (err != PT_OK)
			return err;
	}
}

enum pt_err
browser_rename(struct store_txn *txn, const struct session *of, struct slice name)
{
	struct session_row row;
	uint64_t from = 0;
	bool found;

	for (;;) {
		enum pt_err err = browser_next(txn, of->device_hash, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		if (row.session.user_number != of->user_number)
			continue;
		slice_copy_printable(name, row.session.device, sizeof row.session.device);
		err = session_row_put(txn, &row);
		if (err != PT_OK)
			return err;
	}
}

/* How many of the browser's sessions live, and the first to go: a dead one, or else the one used least lately. */
static enum pt_err
browser_measure(const struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_LEN], uint64_t keep, unsigned *count, struct session_row *first,
    enum reason *why)
{
	struct session_row row;
	enum reason standing;
	uint64_t from = 0;
	bool found, have = false;

	for (*count = 0, *why = REASON_NONE;; ++*count) {
		enum pt_err err = browser_next(txn, device_hash, &from, &row, &found);

		if (err != PT_OK || !found)
			return err;
		err = browser_standing(txn, caller, &row.session, &standing);
		if (err != PT_OK)
			return err;
		if (row.session.number == keep || *why != REASON_NONE)
			continue;
		if (!have || standing != REASON_NONE || settling_goes_before(&row.session, &first->session)) {
			*first = row;
			*why = standing;
			have = true;
		}
	}
}

enum pt_err
browser_make_room(struct store_txn *txn, const struct store_caller *caller, const uint8_t device_hash[DIGEST_LEN],
    uint64_t keep)
{
	struct session_row first;
	enum reason why;
	unsigned count;

	for (;;) {
		enum pt_err err = browser_measure(txn, caller, device_hash, keep, &count, &first, &why);

		if (err != PT_OK || count < SETTLING_BROWSER_MAX)
			return err;
		err = session_row_end(txn, caller, &first, why != REASON_NONE ? why : REASON_SESSION_CAP, 0);
		if (err != PT_OK)
			return err;
	}
}
