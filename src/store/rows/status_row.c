#include "store/rows/status_row.h"

#include "crypto/random.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"

#define STATUS_MOST_CAPACITY (UINT64_C(1) << 27)	/* bits: a list of 16 MiB */
/* the clocks of services that verify may be slow */
#define STATUS_SLACK_MS (INT64_C(5) * 60 * 1000)
/* half of the indices are free: so many taken ones in a row are not chance */
#define STATUS_TRIES 128
#define STATUS_KEY_LEN 16

/* Makes room for one more index: at least half of them stay free. */
static void
status_grow(struct store_txn *txn, struct counters *counters)
{
	uint64_t used = entry_count(txn, TABLE_STATUS);

	while (!txn_failed(txn) && counters->status_capacity < 2 * (used + 1)) {
		if (counters->status_capacity >= STATUS_MOST_CAPACITY) {
			txn_fail(txn, PT_ERR_FULL);
			return;
		}
		counters->status_capacity *= 2;
		counters->status_version++;
	}
}

uint64_t
status_row_deal(struct store_txn *txn, struct counters *counters, uint64_t session_number)
{
	status_grow(txn, counters);
	for (unsigned i = 0; !txn_failed(txn) && i < STATUS_TRIES; i++) {
		uint64_t index, holder;

		txn_fail(txn, random_below(counters->status_capacity, &index));
		struct key key = key_number(index);

		if (!entry_get_number(txn, TABLE_STATUS, &key, &holder) && !txn_failed(txn)) {
			entry_put_number(txn, TABLE_STATUS, &key, session_number);
			return index;
		}
	}
	txn_fail(txn, PT_ERR_CRYPTO);
	return 0;
}

struct key
status_row_end_key(const struct session *session)
{
	int64_t end = session->tokens_until;

	return key_pair((uint64_t)(end > INT64_MAX - STATUS_SLACK_MS ?
	    INT64_MAX : end + STATUS_SLACK_MS), session->status_index);
}

void
status_row_end(struct store_txn *txn, const struct session *session, int64_t now_ms)
{
	struct key entry = status_row_end_key(session);
	struct counters counters;

	entry_put_number(txn, TABLE_STATUS_ENDED, &entry, (uint64_t)now_ms);
	counters_get(txn, &counters);
	counters.status_version++;
	counters_put(txn, &counters);
}

static bool
status_entry(const struct key *at, uint64_t *until, uint64_t *index)
{
	if (at->len != STATUS_KEY_LEN)
		return false;
	*until = u64_get(at->bytes);
	*index = u64_get(at->bytes + 8);
	return true;
}

/* The first entry, if its time is over. An entry that is not ours is over at once. */
static bool
first_over(struct store_txn *txn, int64_t now_ms, struct key *at)
{
	struct key first = key_none();
	uint64_t until, index;

	if (!entry_ceil(txn, TABLE_STATUS_ENDED, &first, at, NULL))
		return false;
	return !status_entry(at, &until, &index) ||
	    (now_ms >= CLOCK_SLACK_MS && until <= (uint64_t)(now_ms - CLOCK_SLACK_MS));
}

bool
status_row_any_over(struct store_txn *txn, int64_t now_ms)
{
	struct key at;

	return first_over(txn, now_ms, &at);
}

bool
status_row_free_over(struct store_txn *txn, int64_t now_ms)
{
	uint64_t until, index;
	struct key at;

	if (!first_over(txn, now_ms, &at))
		return false;
	/* The list's version stays: its readers have skipped the entry since its time was over. */
	entry_del(txn, TABLE_STATUS_ENDED, &at);
	if (status_entry(&at, &until, &index)) {
		struct key key = key_number(index);

		entry_del(txn, TABLE_STATUS, &key);
	}
	return true;
}

void
status_row_list(struct store_txn *txn, struct store_status *out)
{
	struct counters counters;

	counters_get(txn, &counters);
	*out = (struct store_status){ counters.status_version, counters.status_capacity };
}

struct status_walk {
	const struct store_status *list;
	bool (*visit)(uint64_t index, void *ctx);
	void *ctx;
};

static bool
status_visit(const struct key *at, struct slice value, void *ctx)
{
	const struct status_walk *walk = ctx;
	uint64_t until, index;

	(void)value;
	if (status_entry(at, &until, &index) && index < walk->list->capacity)
		return walk->visit(index, walk->ctx);
	table_corrupt(TABLE_STATUS_ENDED, 0);	/* it hides none of the others */
	return true;
}

void
status_row_each(struct store_txn *txn, int64_t over_ms, const struct store_status *list,
    bool (*visit)(uint64_t index, void *ctx), void *ctx)
{
	const struct key from = key_pair(over_ms < 0 ? 0 : (uint64_t)over_ms, UINT64_MAX);
	struct status_walk walk = { list, visit, ctx };

	entry_each(txn, TABLE_STATUS_ENDED, &from, status_visit, &walk);
}
