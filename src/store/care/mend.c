/* Going through the store: the rules, table by table. */
#include "store/care/mend.h"

#include <stdlib.h>

#include "base/log.h"

#define MEND_LOOKS 512		/* entries in one snapshot */

static enum pt_err
run_fix(struct store_txn *txn, void *ctx)
{
	struct mending *m = ctx;
	struct slice value;
	bool found, good;
	enum pt_err err = table_get(txn, m->rule->table, &m->at, &value, &found);

	m->text[0] = '\0';
	if (err != PT_OK || !found)
		return err;
	err = m->rule->look(txn, m, &m->at, value, &good);
	return err != PT_OK || good ? err : m->rule->fix(txn, m, &m->at);
}

void
mend_said(struct mending *m)
{
	if (m->text[0] == '\0')
		return;
	m->mended++;
	LOG(LOG_LEVEL_WARNING, "store_mended", LOG_STR("done", m->text));
	if (m->say)
		m->say(m->text, m->ctx);
}

/* The first entry from *from on that is not good, among so many; *more: there are others after it, or after these. */
static enum pt_err
mend_look(struct mending *m, struct key *from, bool *bad, bool *more)
{
	struct store_txn txn;
	struct slice value;
	bool good = true;
	enum pt_err err = txn_read_begin(m->store, &txn);

	*bad = false;
	*more = true;
	if (err != PT_OK)
		return err;
	for (int i = 0; err == PT_OK && *more && good && i < MEND_LOOKS; i++) {
		err = table_ceil(&txn, m->rule->table, from, &m->at, &value, more);
		if (err == PT_OK && *more) {
			err = m->rule->look(&txn, m, &m->at, value, &good);
			*from = key_after(&m->at);
		}
	}
	*bad = err == PT_OK && !good;
	txn_read_end(&txn);
	return err;
}

static enum pt_err
mend_table(struct mending *m, const struct mend_rule *rule)
{
	struct key from = key_none();
	bool bad, more = true;
	enum pt_err err = PT_OK;

	m->rule = rule;
	while (err == PT_OK && more) {
		err = mend_look(m, &from, &bad, &more);
		if (err == PT_OK && bad) {
			err = commit_run(m->store, run_fix, m);
			if (err == PT_OK)
				mend_said(m);
		}
	}
	return err;
}

static enum pt_err
mend_part(struct mending *m, const struct mend_part *part)
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; err == PT_OK && i < part->count; i++)
		err = mend_table(m, &part->rules[i]);
	return err;
}

/* Records first, then what leads to them; the status list last, when it is known which sessions are lost. */
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
store_mend(struct store *store, struct instant now, void (*say)(const char *done, void *ctx), void *ctx,
    uint64_t *mended)
{
	struct mending m = { .store = store, .caller = { .now = now }, .say = say, .ctx = ctx };
	/* First, since ending sessions counts; and last, since only then all that lives is known. */
	enum pt_err err = mend_counters(&m);

	if (err == PT_OK)
		err = mend_all(&m);
	if (err == PT_OK)
		err = mend_counters(&m);
	free(m.ended);
	*mended = m.mended;
	return err;
}
