/* Going through the store: the rules, table by table. */
#include "store/care/mend.h"

#include <stdlib.h>

#define MEND_LOOKS 512		/* entries in one snapshot */

/* ---- one entry ---- */

static void
run_fix(struct store_txn *txn, void *ctx)
{
	struct mending *m = ctx;
	struct slice value;

	m->text[0] = '\0';
	if (entry_get(txn, m->rule->table, &m->at, &value) && !m->rule->look(txn, m, &m->at, value))
		m->rule->fix(txn, m, &m->at);
}

/* ---- a table ---- */

enum mend_found {
	FOUND_THE_END = 0,
	/* as many as are looked at in one snapshot; there may be others after them */
	FOUND_GOOD,
	FOUND_BAD,	/* m->at is not as it should be */
};

/* Looks at the entries from *from on, which moves past them. */
static enum mend_found
mend_look(struct store_txn *txn, struct mending *m, struct key *from)
{
	struct slice value;

	for (int i = 0; i < MEND_LOOKS; i++) {
		if (!entry_ceil(txn, m->rule->table, from, &m->at, &value))
			return FOUND_THE_END;
		*from = key_after(&m->at);
		if (!m->rule->look(txn, m, &m->at, value))
			return FOUND_BAD;
	}
	return FOUND_GOOD;
}

static enum pt_err
mend_table(struct mending *m, const struct mend_rule *rule)
{
	struct key from = key_none();
	enum mend_found found = FOUND_GOOD;
	enum pt_err err = PT_OK;

	m->rule = rule;
	while (err == PT_OK && found != FOUND_THE_END) {
		struct store_txn txn;

		txn_read_begin(m->store, &txn);
		found = mend_look(&txn, m, &from);
		err = txn_read_end(&txn);
		if (err != PT_OK || found != FOUND_BAD)
			continue;
		err = commit_change(m->store, run_fix, m);
		if (err == PT_OK)
			mend_said(m);
	}
	return err;
}

/* ---- the store ---- */

static enum pt_err
mend_part(struct mending *m, const struct mend_part *part)
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; err == PT_OK && i < part->count; i++)
		err = mend_table(m, &part->rules[i]);
	return err;
}

/*
 * Records first, then what leads to them; the status list last, when it is known which sessions are
 * lost.
 */
static enum pt_err
mend_all(struct mending *m)
{
	enum pt_err err = mend_part(m, &mend_records);

	if (err == PT_OK)
		err = mend_part(m, &mend_indexes);
	if (err == PT_OK)
		err = mend_note_ended(m);
	if (err == PT_OK)
		err = mend_part(m, &mend_status_ended);
	if (err == PT_OK)
		err = mend_part(m, &mend_entries);
	if (err == PT_OK)
		err = mend_note_ended(m);
	return err == PT_OK ? mend_part(m, &mend_status_held) : err;
}

enum pt_err
store_mend(struct store *store, struct instant now, void (*say)(const char *done, void *ctx),
    void *ctx, uint64_t *mended)
{
	struct mending m = { .store = store, .caller = { .now = now }, .say = say, .ctx = ctx };
	/*
	 * First, since ending sessions counts; and last, since only then all that lives is known.
	 */
	enum pt_err err = mend_counters(&m);

	if (err == PT_OK)
		err = mend_all(&m);
	if (err == PT_OK)
		err = mend_counters(&m);
	free(m.ended);
	*mended = m.mended;
	return err;
}
