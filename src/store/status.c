/*
 * The status list (draft-ietf-oauth-status-list): each session has an index, and
 * while access tokens of a session that has ended may live, the list tells of
 * it. Indices are dealt at random out of at least twice as many as are in use,
 * so that neither an index nor its neighbours tell when a session began or whose
 * it is. What has ended has a table of its own: to make the list costs what ended
 * lately, not what there is.
 */
#include "store/internal.h"

#include "crypto/random.h"

#define STATUS_MOST_CAPACITY (UINT64_C(1) << 27)	/* bits: a list of 16 MiB */
#define STATUS_SLACK_MS (INT64_C(5) * 60 * 1000)	/* those who verify may have a clock that is slow */
#define STATUS_TRIES 128	/* half of the indices are free: so many that are not are no chance */

/* Makes room for one index more: at least half of them stay free. */
static enum pt_err
status_grow(const struct store_txn *txn, struct counters *counters)
{
	uint64_t used;
	enum pt_err err = table_count(txn, TABLE_STATUS, &used);

	if (err != PT_OK)
		return err;
	while (counters->status_capacity < 2 * (used + 1)) {
		if (counters->status_capacity >= STATUS_MOST_CAPACITY)
			return PT_ERR_FULL;
		counters->status_capacity *= 2;
		counters->status_version++;
	}
	return PT_OK;
}

enum pt_err
status_deal(struct store_txn *txn, struct counters *counters, uint64_t session_number, uint64_t *index)
{
	enum pt_err err = status_grow(txn, counters);

	for (unsigned i = 0; err == PT_OK && i < STATUS_TRIES; i++) {
		uint64_t chance = 0, holder;
		bool taken;

		err = random_bytes(&chance, sizeof chance);
		if (err != PT_OK)
			break;
		*index = chance & (counters->status_capacity - 1);
		struct key key = key_number(*index);

		err = table_get_number(txn, TABLE_STATUS, &key, &holder, &taken);
		if (err == PT_OK && !taken)
			return table_put_number(txn, TABLE_STATUS, &key, session_number);
	}
	return err != PT_OK ? err : PT_ERR_CRYPTO;
}

struct key
status_end_key(const struct session *session)
{
	int64_t end = session->tokens_until;

	return key_pair((uint64_t)(end > INT64_MAX - STATUS_SLACK_MS ? INT64_MAX : end + STATUS_SLACK_MS),
	    session->status_index);
}

/* The list says something else from now on. */
static enum pt_err
status_changed(struct store_txn *txn)
{
	struct counters counters;
	enum pt_err err = meta_counters(txn, &counters);

	if (err != PT_OK)
		return err;
	counters.status_version++;
	return meta_set_counters(txn, &counters);
}

enum pt_err
status_end(struct store_txn *txn, const struct session *session, int64_t now_ms)
{
	struct key entry = status_end_key(session);
	enum pt_err err = table_put_number(txn, TABLE_STATUS_ENDED, &entry, (uint64_t)now_ms);

	return err != PT_OK ? err : status_changed(txn);
}

void
status_extend(const struct store_txn *txn, struct session *session, int64_t now_ms)
{
	int64_t until = now_ms + txn->store->options.tokens_ms;

	/* Under a clock that was set back, the tokens of before live on. */
	if (until > session->tokens_until)
		session->tokens_until = until;
}

static enum pt_err
status_entry(const struct key *at, uint64_t *until, uint64_t *index)
{
	if (at->len != 16)
		return PT_ERR_CORRUPT;
	*until = record_get_u64(at->bytes);
	*index = record_get_u64(at->bytes + 8);
	return PT_OK;
}

enum pt_err
status_first_over(const struct store_txn *txn, int64_t now_ms, struct key *at, bool *found)
{
	struct key first = key_none();
	uint64_t until, index;
	enum pt_err err = table_ceil(txn, TABLE_STATUS_ENDED, &first, at, NULL, found);

	if (err != PT_OK || !*found)
		return err;
	if (status_entry(at, &until, &index) == PT_OK)
		*found = now_ms >= CLOCK_SLACK_MS && until <= (uint64_t)(now_ms - CLOCK_SLACK_MS);
	return PT_OK;	/* what is no entry of ours is over at once */
}

/* The list says nothing else by this: it has passed over the entry since it was over. */
enum pt_err
status_free(struct store_txn *txn, const struct key *at)
{
	uint64_t until, index;

	if (status_entry(at, &until, &index) != PT_OK)
		return table_del(txn, TABLE_STATUS_ENDED, at);
	struct key key = key_number(index);
	enum pt_err err = table_del(txn, TABLE_STATUS_ENDED, at);
	return err != PT_OK ? err : table_del(txn, TABLE_STATUS, &key);
}

static enum pt_err
status_read(const struct store_txn *txn, struct store_status *out)
{
	struct counters counters;
	enum pt_err err = meta_counters(txn, &counters);

	if (err == PT_OK)
		*out = (struct store_status){ counters.status_version, counters.status_capacity };
	return err;
}

enum pt_err
store_status_look(struct store *store, struct store_status *out)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = status_read(&txn, out);
	txn_read_end(&txn);
	return err;
}

struct status_walk {
	const struct store_status *status;
	bool (*visit)(uint64_t index, void *ctx);
	void *ctx;
};

static bool
status_visit(const struct key *at, struct slice value, void *ctx)
{
	const struct status_walk *walk = ctx;
	uint64_t until, index;

	(void)value;
	if (status_entry(at, &until, &index) == PT_OK && index < walk->status->capacity)
		return walk->visit(index, walk->ctx);
	env_corrupt(TABLE_STATUS_ENDED, 0);	/* which keeps nobody from being told of the others */
	return true;
}

enum pt_err
store_status_each(struct store *store, int64_t over_ms, struct store_status *out,
    bool (*visit)(uint64_t index, void *ctx), void *ctx)
{
	const struct key from = key_pair(over_ms < 0 ? 0 : (uint64_t)over_ms, UINT64_MAX);
	struct status_walk walk = { out, visit, ctx };
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	if (err != PT_OK)
		return err;
	err = status_read(&txn, out);
	if (err == PT_OK)
		err = table_each(&txn, TABLE_STATUS_ENDED, &from, status_visit, &walk);
	txn_read_end(&txn);
	return err;
}
