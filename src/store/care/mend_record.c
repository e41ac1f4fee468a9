/* Each record decodes, and what belongs to a user has a user who is there. */
#include "store/care/mend.h"

#include <inttypes.h>

#include "store/end.h"
#include "store/rows/event_row.h"
#include "store/rows/link_row.h"
#include "store/rows/service_row.h"
#include "store/rows/session_row.h"
#include "store/rows/user_row.h"

/* Whether the key is a number that is given to records. */
static bool
is_record_key(const struct key *at)
{
	return at->len == U64_SIZE && mend_first(at) != UINT64_MAX;
}

static bool
look_user(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	struct user user;

	(void)m, (void)value;
	return is_record_key(at) && user_row_look(txn, mend_first(at), &user) == ROW_THERE;
}

static bool
look_session(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct session_row row;

	(void)m, (void)value;
	return is_record_key(at) && session_row_look(txn, mend_first(at), &row) == ROW_THERE &&
	    mend_user_is_there(txn, row.session.user_number);
}

static void
fix_session(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct session_row row;

	if (at->len != U64_SIZE || session_row_look(txn, mend_first(at), &row) != ROW_THERE) {
		mend_delete(txn, m, at);
		return;
	}
	mend_did(m, "session %" PRIu64 " was ended and removed: its user is missing",
	    row.session.number);
	if (row.session.ended == REASON_NONE)
		session_end(txn, &m->caller, &row, REASON_USER_DELETED, 0);
	session_row_remove(txn, &row);
}

static bool
look_otp(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	(void)m, (void)value;
	/*
	 * One that does not decode keeps its user out until somebody decides: it must not go by
	 * itself.
	 */
	return at->len == U64_SIZE && mend_user_is_there(txn, mend_first(at));
}

static bool
look_link(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	struct link link;

	(void)m, (void)value;
	return at->len == U64_SIZE && link_row_look(txn, mend_first(at), &link) == ROW_THERE &&
	    mend_user_is_there(txn, link.user_number);
}

static bool
look_event(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	struct event event;

	(void)m, (void)value;
	return is_record_key(at) && event_row_look(txn, mend_first(at), &event) == ROW_THERE;
}

static bool
look_service(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct service service;

	(void)m, (void)value;
	return service_row_look(txn, (struct slice){ (const char *)at->bytes, at->len },
	    &service) == ROW_THERE;
}

static bool
look_tombstone(struct store_txn *txn, const struct mending *m, const struct key *at,
    struct slice value)
{
	struct tombstone tombstone;

	(void)txn, (void)m;
	return at->len == ID_SIZE - 1 && record_tombstone_decode(value, &tombstone) == PT_OK;
}

/* That an id was given stays known. */
static void
fix_tombstone(struct store_txn *txn, struct mending *m, const struct key *at)
{
	if (at->len != ID_SIZE - 1) {
		mend_delete(txn, m, at);
		return;
	}
	mend_did(m, "a tombstone was written anew");
	mend_put_tombstone(txn, at, 0, m->caller.now.wall_ms);
}

static const struct mend_rule rules[] = {
	{ TABLE_USERS, look_user, mend_delete },
	{ TABLE_SESSIONS, look_session, fix_session },
	{ TABLE_OTP, look_otp, mend_delete },
	{ TABLE_LINKS, look_link, mend_delete },
	{ TABLE_SERVICES, look_service, mend_delete },
	{ TABLE_EVENTS, look_event, mend_delete },
	{ TABLE_TOMBSTONES, look_tombstone, fix_tombstone },
};
const struct mend_part mend_records = MEND_PART(rules);
