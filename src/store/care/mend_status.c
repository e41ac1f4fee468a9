/* The status list: an index is held by a session that lives, or the list reports its end. */
#include "store/care/mend.h"

#include <inttypes.h>
#include <stdlib.h>

static enum pt_err
look_status_ended(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value,
    bool *good)
{
	struct key index = key_number(mend_second(at));
	struct slice holder;

	*good = at->len == 16 && value.len == 8 && record_get_u64((const uint8_t *)value.ptr) <= INT64_MAX &&
	    mend_second(at) < m->ended_bits;
	return *good ? table_get(txn, TABLE_STATUS, &index, &holder, good) : PT_OK;
}

static enum pt_err
fix_status_ended(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct key index = key_number(mend_second(at));
	struct session_row row;
	uint64_t holder = 0;
	bool held, known = false;

	if (at->len != 16 || mend_second(at) >= m->ended_bits)
		return mend_delete(txn, m, at);
	enum pt_err err = table_get_number(txn, TABLE_STATUS, &index, &holder, &held);

	if (err == PT_OK && held)
		err = old_session_row_get(txn, holder, &row, &known);
	/* Whose session can be read has the entry that its record asks for, or none while it lives. */
	if (err == PT_OK && known)
		return mend_delete(txn, m, at);
	mend_did(m, "the status list reports index %" PRIu64 " as ended", mend_second(at));
	/* Whose it was does not matter any more, but it must not be dealt meanwhile. */
	if (err == PT_OK && !held)
		err = table_put_number(txn, TABLE_STATUS, &index, 0);
	return err != PT_OK && err != PT_ERR_CORRUPT ? err :
	    table_put_number(txn, TABLE_STATUS_ENDED, at, (uint64_t)m->caller.now.wall_ms);
}

/* Notes of which indices the list tells. */
enum pt_err
mend_note_ended(struct mending *m)
{
	struct key from = key_none(), at;
	struct counters counters;
	struct store_txn txn;
	bool found = true;
	enum pt_err err = txn_read_begin(m->store, &txn);

	if (err != PT_OK)
		return err;
	err = meta_counters(&txn, &counters);
	free(m->ended);
	m->ended_bits = err == PT_OK ? counters.status_capacity : 0;
	m->ended = calloc(1, (size_t)(m->ended_bits / 8 + 1));
	if (err == PT_OK && m->ended == NULL)
		err = PT_ERR_NOMEM;
	while (err == PT_OK && found) {
		err = table_ceil(&txn, TABLE_STATUS_ENDED, &from, &at, NULL, &found);
		if (err != PT_OK || !found)
			break;
		if (at.len == 16 && mend_second(&at) < m->ended_bits)
			m->ended[mend_second(&at) / 8] |= (uint8_t)(1u << mend_second(&at) % 8);
		from = key_after(&at);
	}
	txn_read_end(&txn);
	return err;
}

/* An index is held by a session, or its end is still told of. */
static enum pt_err
look_status(const struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value, bool *good)
{
	const uint64_t index = mend_first(at);
	struct session_row row;
	bool found = false;
	enum pt_err err = PT_OK;

	if (at->len != 8 || index >= m->ended_bits) {
		*good = false;
		return PT_OK;
	}
	*good = (m->ended[index / 8] >> index % 8 & 1) != 0;
	if (*good)
		return PT_OK;
	*good = value.len == 8;
	if (*good)
		err = old_session_row_get(txn, record_get_u64((const uint8_t *)value.ptr), &row, &found);
	if (err == PT_OK && found)
		*good = row.session.status_index == index && row.session.ended == REASON_NONE;
	return mend_looked(err, found, good);
}

static enum pt_err
fix_status(struct store_txn *txn, struct mending *m, const struct key *at)
{
	const int64_t now_ms = m->caller.now.wall_ms;
	struct session session = { .status_index = mend_first(at), .tokens_until = now_ms + m->store->options.tokens_ms };

	if (at->len != 8 || mend_first(at) >= m->ended_bits)
		return mend_delete(txn, m, at);
	mend_did(m, "the status list reports index %" PRIu64 " as ended: its session is lost", session.status_index);
	m->ended[session.status_index / 8] |= (uint8_t)(1u << session.status_index % 8);
	return status_end(txn, &session, now_ms);
}

static const struct mend_rule ended_rules[] = { { TABLE_STATUS_ENDED, look_status_ended, fix_status_ended } };
static const struct mend_rule held_rules[] = { { TABLE_STATUS, look_status, fix_status } };

const struct mend_part mend_status_ended = MEND_PART(ended_rules);
const struct mend_part mend_status_held = MEND_PART(held_rules);
