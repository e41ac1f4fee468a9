/*
 * Upgrades stores of older schemas. Most changes of a schema need no step: missing fields have
 * their defaults, and missing tables are created. Everything else that an older store needs is a
 * step here. All steps run in one transaction, which also writes our schema into the store, so a
 * crash leaves either the old store or the new one. Programs of two schemas never have the store
 * open at once: the upgrade holds the lock, which every open store shares, alone, and afterwards an
 * older program refuses the store.
 */
#include "store/care/upgrade.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/log.h"
#include "store/care/backup.h"
#include "store/end.h"
#include "store/lmdb/engine.h"
#include "store/lmdb/env.h"
#include "store/lmdb/folder.h"
#include "store/rows/event_entry.h"
#include "store/rows/event_row.h"
#include "store/rows/meta_row.h"
#include "store/rows/session_row.h"

#define TELL_EVERY 1024		/* records between two readings of the clock */
#define TELL_EVERY_MS 1000	/* between two reports of progress; for the log, five times that */
#define MAP_TRIES 8		/* how often a full map may be made half as large again */

/* What the steps of an upgrade share. */
struct upgrade {
	const struct store_caller *caller;	/* the upgrade itself: only a time */
	uint32_t from;				/* the schema that the store had */
	uint64_t done, all;			/* records that were read, and how many there are */
	uint64_t sessions;			/* of them */
	/* when progress was last reported, by the clock of ages */
	int64_t told_ms;
};

/* One step: what a store needs to get from an older schema to this one. */
struct upgrade_step {
	uint32_t to;
	/* Called for each session as it was stored; puts what it changes. NULL: nothing to do. */
	void (*session)(struct store_txn *txn, const struct upgrade *upgrade,
	    struct session_row *row);
	/* Called for each event. */
	void (*event)(struct store_txn *txn, const struct event *event);
};

/*
 * Up to schema 3, a session that was superseded by a login in the same browser ended by itself a
 * quiet period later, and the status list reported that end in advance. Now both settle, and the
 * one that is used ends the older ones.
 */
static void
settle_superseding(struct store_txn *txn, const struct session_row *superseded)
{
	struct session_row row;

	if (session_row_look(txn, superseded->superseded_by, &row) != ROW_THERE ||
	    row.session.ended != REASON_NONE || row.superseded_by != 0)
		return;
	row.session.settles_at = superseded->session.settles_at;
	session_row_put(txn, &row);
}

static void
upgrade_session_to_4(struct store_txn *txn, const struct upgrade *upgrade, struct session_row *row)
{
	int64_t quiet_ms = txn_options(txn)->periods.quiet_ms;
	struct key foreseen = status_row_end_key(&row->session);

	if (row->superseded_by == 0 || row->session.ended != REASON_NONE)
		return;
	if (clock_age_ms(upgrade->caller->now.stamp, row->session.settles_at) > quiet_ms) {
		row->superseded_by = 0;
		session_end(txn, upgrade->caller, row, REASON_REPLACED, 0);
		return;
	}
	entry_del(txn, TABLE_STATUS_ENDED, &foreseen);
	settle_superseding(txn, row);
	row->superseded_by = 0;
	session_row_put(txn, row);
}

static const struct upgrade_step steps[] = {
	{ .to = 4, .session = upgrade_session_to_4, .event = event_entry_put_room },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

bool
upgrade_suits(const struct store_format *format)
{
	return format->schema >= RECORD_SCHEMA_OLDEST && format->schema < RECORD_SCHEMA;
}

char *
store_upgrade_backup(const char *folder, uint32_t schema)
{
	char name[32];

	snprintf(name, sizeof(name), "schema-%u.backup", (unsigned)schema);
	return file_path(folder, name);
}

static void
upgrade_tell(const struct store *store, struct upgrade *upgrade)
{
	const struct store_options *options = env_options(store);
	int64_t now_ms = clock_now().stamp.ms, every_ms = options->progress ?
	    TELL_EVERY_MS : 5 * TELL_EVERY_MS;

	if (now_ms - upgrade->told_ms < every_ms && upgrade->done != upgrade->all)
		return;
	upgrade->told_ms = now_ms;
	if (options->progress)
		options->progress(upgrade->done, upgrade->all, options->progress_ctx);
	else if (upgrade->done != upgrade->all)
		LOG(LOG_LEVEL_INFO, "store_upgrade", LOG_NUM("done", (int64_t)upgrade->done),
		    LOG_NUM("all", (int64_t)upgrade->all));
}

static void
upgrade_event(struct store_txn *txn, const struct upgrade *upgrade, uint64_t number)
{
	struct event event;

	if (event_row_look(txn, number, &event) != ROW_THERE)
		return;
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].to > upgrade->from && steps[i].event)
			steps[i].event(txn, &event);
}

static void
upgrade_session(struct store_txn *txn, const struct upgrade *upgrade, uint64_t number)
{
	struct session_row row;

	if (session_row_look(txn, number, &row) != ROW_THERE)
		return;
	for (size_t i = 0; i < STEPS; i++)
		if (steps[i].to > upgrade->from && steps[i].session)
			steps[i].session(txn, upgrade, &row);
}

/* A record that does not decode is logged and stays as it is; the others must not wait for it. */
static void
upgrade_table(struct store_txn *txn, struct upgrade *upgrade, enum table table,
    void (*one)(struct store_txn *txn, const struct upgrade *upgrade, uint64_t number))
{
	struct key none = key_none();

	for (uint64_t number = 0; entry_next(txn, table, &none, number, &number); number++) {
		one(txn, upgrade, number);
		if (++upgrade->done % TELL_EVERY == 0)
			upgrade_tell(txn->store, upgrade);
	}
}

static enum pt_err
upgrade_try(struct store *store, struct upgrade *upgrade)
{
	struct store_txn txn;
	enum pt_err err = txn_write_begin(store, &txn);

	if (err != PT_OK)
		return err;
	errno = 0;
	env_make_tables(&txn);
	upgrade->done = 0;
	upgrade->sessions = entry_count(&txn, TABLE_SESSIONS);
	upgrade->all = upgrade->sessions + entry_count(&txn, TABLE_EVENTS);
	/* The events first: if the upgrade ends a session, that event already has the new form. */
	upgrade_table(&txn, upgrade, TABLE_EVENTS, upgrade_event);
	upgrade_table(&txn, upgrade, TABLE_SESSIONS, upgrade_session);
	meta_row_set_format(&txn);
	return txn_write_commit(&txn);
}

static enum pt_err
upgrade_back_up(struct store *store, uint32_t from)
{
	char *path = store_upgrade_backup(env_folder(store), from);

	if (path == NULL)
		return PT_ERR_NOMEM;
	enum pt_err err = backup_write(store, path, true);

	if (err == PT_OK)
		err = folder_give(env_folder(store), path);
	if (err == PT_OK)
		LOG(LOG_LEVEL_INFO, "store_backed_up", LOG_STR("path", path),
		    LOG_NUM("schema", from));
	else
		LOG(LOG_LEVEL_ERROR, "store_not_backed_up", LOG_STR("path", path),
		    LOG_NUM("schema", from));
	free(path);
	return err;
}

enum pt_err
upgrade_store(struct store *store, uint32_t from, bool back_up)
{
	const struct store_caller caller = { .now = clock_now() };
	struct upgrade upgrade = { .caller = &caller, .from = from,
	    .told_ms = caller.now.stamp.ms };
	enum pt_err err = back_up ? upgrade_back_up(store, from) : PT_OK;

	if (err == PT_OK)
		err = upgrade_try(store, &upgrade);
	for (int i = 0; err == PT_ERR_FULL && errno != ENOSPC && errno != EDQUOT && i < MAP_TRIES;
	    i++) {
		err = env_grow_map(store);
		if (err == PT_OK)
			err = upgrade_try(store, &upgrade);
	}
	if (err != PT_OK)
		return err;
	upgrade.done = upgrade.all;
	upgrade_tell(store, &upgrade);
	LOG(LOG_LEVEL_INFO, "store_upgraded", LOG_NUM("from", from), LOG_NUM("to", RECORD_SCHEMA),
	    LOG_NUM("sessions", (int64_t)upgrade.sessions),
	    LOG_NUM("ms", clock_now().stamp.ms - caller.now.stamp.ms));
	return PT_OK;
}
