/* The status list: an index is held by a session that lives, or the list reports its end. */
#include "store/care/mend.h"

#include <inttypes.h>
#include <stdlib.h>

#include "store/rows/counters.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"

/* ---- what is reported ---- */

static bool
look_ended(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	uint64_t time;

	return at->len == 2 * U64_SIZE && mend_number(value, &time) && time <= INT64_MAX &&
	    mend_second(at) < m->ended_bits &&
	    mend_is_there(txn, TABLE_STATUS, key_number(mend_second(at)));
}

static void
fix_ended(struct store_txn *txn, struct mending *m, const struct key *at)
{
	struct key index = key_number(mend_second(at));
	struct session_row row;
	uint64_t holder;

	/*
	 * A session that can be read has the entry that its record asks for, or none while it
	 * lives.
	 */
	if (at->len != 2 * U64_SIZE || mend_second(at) >= m->ended_bits ||
	    (mend_number_at(txn, TABLE_STATUS, &index, &holder) &&
	    session_row_look(txn, holder, &row) == ROW_THERE)) {
		mend_delete(txn, m, at);
		return;
	}
	mend_did(m, "the status list reports index %" PRIu64 " as ended", mend_second(at));
	/* Its owner no longer matters, but the index must not be given out again. */
	if (!mend_is_there(txn, TABLE_STATUS, index))
		entry_put_number(txn, TABLE_STATUS, &index, 0);
	entry_put_number(txn, TABLE_STATUS_ENDED, at, (uint64_t)m->caller.now.wall_ms);
}

enum pt_err
mend_note_ended(struct mending *m)
{
	struct key from = key_none(), at;
	struct counters counters;
	struct store_txn txn;

	txn_read_begin(m->store, &txn);
	counters_get(&txn, &counters);
	free(m->ended);
	m->ended_bits = counters.status_capacity;
	m->ended = calloc(1, (size_t)(m->ended_bits / 8 + 1));
	if (m->ended == NULL)
		txn_fail(&txn, PT_ERR_NOMEM);
	for (; entry_ceil(&txn, TABLE_STATUS_ENDED, &from, &at, NULL); from = key_after(&at))
		if (at.len == 2 * U64_SIZE && mend_second(&at) < m->ended_bits)
			m->ended[mend_second(&at) / 8] |= (uint8_t)(1u << mend_second(&at) % 8);
	return txn_read_end(&txn);
}

/* ---- what is held ---- */

/* An index is held by a session that lives, or its end is still reported. */
static bool
look_held(struct store_txn *txn, const struct mending *m, const struct key *at, struct slice value)
{
	const uint64_t index = mend_first(at);
	struct session_row row;
	uint64_t number;

	if (at->len != U64_SIZE || index >= m->ended_bits)
		return false;
	if ((m->ended[index / 8] >> index % 8 & 1) != 0)
		return true;
	return mend_number(value, &number) && session_row_look(txn, number, &row) == ROW_THERE &&
	    row.session.status_index == index && row.session.ended == REASON_NONE;
}

static void
fix_held(struct store_txn *txn, struct mending *m, const struct key *at)
{
	const int64_t now_ms = m->caller.now.wall_ms;
	struct session session = {
		.status_index = mend_first(at),
		.tokens_until = now_ms + txn_options(txn)->tokens_ms,
	};

	if (at->len != U64_SIZE || mend_first(at) >= m->ended_bits) {
		mend_delete(txn, m, at);
		return;
	}
	mend_did(m, "the status list reports index %" PRIu64 " as ended: its session is lost",
	    session.status_index);
	m->ended[session.status_index / 8] |= (uint8_t)(1u << session.status_index % 8);
	status_row_end(txn, &session, now_ms);
}

static const struct mend_rule ended_rules[] = { { TABLE_STATUS_ENDED, look_ended, fix_ended } };
static const struct mend_rule held_rules[] = { { TABLE_STATUS, look_held, fix_held } };

const struct mend_part mend_status_ended = MEND_PART(ended_rules);
const struct mend_part mend_status_held = MEND_PART(held_rules);
