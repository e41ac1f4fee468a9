#include "store/browser.h"

#include "store/end.h"
#include "store/session_standing.h"

/*
 * Why the session is not good; REASON_NONE: it is. If the user's record does not decode, nothing is
 * known; such a session lets nobody in.
 */
static enum reason
browser_standing(struct store_txn *txn, const struct store_caller *caller,
    const struct session *session)
{
	enum reason standing;
	struct user user;

	return session_standing_look(txn, session, caller->now, &user, &standing) ?
	    standing : REASON_NONE;
}

void
browser_settle(struct store_txn *txn, struct session *begun, struct stamp now)
{
	struct session_walk walk = session_walk_browser(begun->device_hash);
	struct session_row row;

	while (session_row_next(txn, &walk, &row)) {
		row.session.settles_at = begun->settles_at = now;
		session_row_put(txn, &row);
	}
}

void
browser_end_older(struct store_txn *txn, const struct store_caller *caller,
    const struct session *session)
{
	struct session_walk walk = session_walk_browser(session->device_hash);
	struct session_row row;

	while (session_row_next(txn, &walk, &row) && row.session.number < session->number)
		session_end(txn, caller, &row, REASON_REPLACED, 0);
}

void
browser_end_user(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_SIZE], uint64_t user_number, enum reason reason)
{
	struct session_walk walk = session_walk_browser(device_hash);
	struct session_row row;

	while (session_row_next(txn, &walk, &row)) {
		if (row.session.user_number != user_number)
			continue;
		/* A session that is over already, but not yet recorded so, has its own reason. */
		enum reason standing = browser_standing(txn, caller, &row.session);

		session_end(txn, caller, &row, standing != REASON_NONE ? standing : reason, 0);
	}
}

void
browser_rename(struct store_txn *txn, const struct session *of, struct slice name)
{
	struct session_walk walk = session_walk_browser(of->device_hash);
	struct session_row row;

	while (session_row_next(txn, &walk, &row)) {
		if (row.session.user_number != of->user_number)
			continue;
		slice_copy_printable(name, row.session.device, sizeof(row.session.device));
		session_row_put(txn, &row);
	}
}

/* What a browser has. */
struct browser_load {
	unsigned count;			/* live sessions */
	/* the first to go: one that is over, or else the one unused for longest */
	struct session_row first;
	enum reason why;		/* why it is over; REASON_NONE: it is not */
};

static void
browser_measure(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_SIZE], uint64_t keep, struct browser_load *load)
{
	struct session_walk walk = session_walk_browser(device_hash);
	struct session_row row;
	bool have = false;

	load->why = REASON_NONE;
	for (load->count = 0; session_row_next(txn, &walk, &row); load->count++) {
		enum reason standing = browser_standing(txn, caller, &row.session);

		if (row.session.number == keep || load->why != REASON_NONE)
			continue;
		if (!have || standing != REASON_NONE ||
		    settling_goes_before(&row.session, &load->first.session)) {
			load->first = row;
			load->why = standing;
			have = true;
		}
	}
}

void
browser_make_room(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_SIZE], uint64_t keep)
{
	struct browser_load load;

	browser_measure(txn, caller, device_hash, keep, &load);
	while (load.count >= SETTLING_BROWSER_MAX && !txn_failed(txn)) {
		enum reason reason = load.why != REASON_NONE ? load.why : REASON_SESSION_CAP;

		session_end(txn, caller, &load.first, reason, 0);
		browser_measure(txn, caller, device_hash, keep, &load);
	}
}
