/* Each record decodes, and what belongs to a user has a user who is there. */
#include "store/care/mend.h"

#include <inttypes.h>

static enum pt_err
look_user(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	struct user user;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8 && mend_first(at) != UINT64_MAX;
	if (*good)
		err = user_get(txn, mend_first(at), &user, &found);
	return mend_looked(err, found, good);
}

static enum pt_err
look_session(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct session_row row;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8 && mend_first(at) != UINT64_MAX;
	if (*good)
		err = old_session_row_get(txn, mend_first(at), &row, &found);
	if (err == PT_OK && found)
		err = mend_user_is_there(txn, row.session.user_number, good);
	return mend_looked(err, found, good);
}

static enum pt_err
fix_session(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct session_row row;
	bool found = false;
	enum pt_err err = at->len == 8 ? old_session_row_get(txn, mend_first(at), &row, &found) : PT_ERR_CORRUPT;

	if (err == PT_ERR_CORRUPT)
		return mend_delete(txn, m, at);
	if (err != PT_OK || !found)
		return err;
	mend_did(m, "session %" PRIu64 " was ended and removed: its user is not there", row.session.number);
	if (row.session.ended == REASON_NONE)
		err = old_session_row_end(txn, &m->caller, &row, REASON_USER_DELETED, 0);
	return err != PT_OK ? err : old_session_row_remove(txn, &row);
}

static enum pt_err
look_otp(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	(void)m, (void)value;
	/* One that does not decode keeps its user out until somebody decides: it must not go by itself. */
	*good = at->len == 8;
	return *good ? mend_user_is_there(txn, mend_first(at), good) : PT_OK;
}

static enum pt_err
look_link(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	struct link link;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8;
	if (*good)
		err = link_get(txn, mend_first(at), &link, &found);
	if (err == PT_OK && found)
		err = mend_user_is_there(txn, link.user_number, good);
	return mend_looked(err, found, good);
}

static enum pt_err
look_event(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	struct event event;
	bool found = false;
	enum pt_err err = PT_OK;

	(void)m, (void)value;
	*good = at->len == 8 && mend_first(at) != UINT64_MAX;
	if (*good)
		err = audit_get(txn, mend_first(at), &event, &found);
	return mend_looked(err, found, good);
}

static enum pt_err
look_service(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct service service;
	bool found;

	(void)m, (void)value;
	*good = true;
	return mend_looked(service_get(txn, at, &service, &found), true, good);
}

static enum pt_err
look_tombstone(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct tombstone tombstone;

	(void)txn, (void)m;
	*good = at->len == ID_SIZE - 1 && record_tombstone_decode(value, &tombstone) == PT_OK;
	return PT_OK;
}

/* That an id was given stays known. */
static enum pt_err
fix_tombstone(struct store_txn *txn, struct mending *m, const struct key *at)
{
	if (at->len != ID_SIZE - 1)
		return mend_delete(txn, m, at);
	mend_did(m, "a tombstone was written anew");
	return mend_put_tombstone(txn, at, 0, m->caller.now.wall_ms);
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
