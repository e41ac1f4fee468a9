/*
 * What the store's files share: the environment, transactions, tables and the
 * rows in them. LMDB's types are seen here and in the store's .c files only.
 */
#ifndef PINTLE_STORE_INTERNAL_H
#define PINTLE_STORE_INTERNAL_H

#include "store/lmdb/engine.h"
#include "store/lmdb/entry.h"
#include "store/lmdb/env_err.h"
#include "store/lmdb/key.h"
#include "store/rows/record.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"
#include "store/rows/status_row.h"
#include "store/session_standing.h"
#include "store/store.h"
#include "store/txn.h"

#define env_table_name entry_table_name
#define env_corrupt entry_corrupt
#define record_put_u64 key_put_u64
#define record_get_u64 key_get_u64

/* What is to be done with the database before it is open. */
enum env_way {
	ENV_AS_IT_IS,		/* one of an older schema is PT_ERR_SCHEMA */
	ENV_FRESH,		/* there is none: make its tables and counters */
	ENV_CARRY_OVER,		/* bring one of an older schema to ours */
	ENV_BACK_UP_AND_CARRY_OVER,
};

/*
 * Opens the database of options->folder; the folder's lock is the caller's, exclusive to carry it over.
 * *format is what it said of itself, as far as that was read. *out is yours, for store_close.
 */
enum pt_err env_open(const struct store_options *options, enum env_way way, struct store_format *format,
    struct store **out);

/* Makes the tables that are missing, and opens all. */
enum pt_err env_make_tables(struct store_txn *txn);

/* ---- folder.c: files in the store's folder ---- */

/*
 * Takes the lock that every open store holds shared (exclusive: alone).
 * PT_ERR_BUSY if it is held otherwise. *fd is yours to close.
 */
enum pt_err folder_lock(const char *folder, bool exclusive, int *fd);

/* The same, waiting for it until that moment of CLOCK_MONOTONIC. */
enum pt_err folder_lock_until(const char *folder, bool exclusive, struct timespec until, int *fd);

/* folder/name into a new string, yours; NULL without memory. */
char *folder_path(const char *folder, const char *name);

enum pt_err folder_sync(const char *folder);

/* Whether there is a data.mdb. */
enum pt_err folder_has_database(const char *folder, bool *has);

/* What root makes in another's folder is that other's: the worker must be able to open it. */
enum pt_err folder_give(const char *folder, const char *path);

/* Gives LMDB's files to the folder's owner, where root has made them. */
enum pt_err folder_adopt(const char *folder);

/* Makes an empty folder to prepare a database in; *stage is yours to free, after folder_stage_remove. */
enum pt_err folder_stage(const char *folder, char **stage);

/* Puts the stage's database into the folder, durably, in the place of what is there. */
enum pt_err folder_install(const char *folder, const char *stage);
void folder_stage_remove(const char *stage);

/* ---- table.c: the old form of lmdb/entry.h, until nobody asks for it ---- */

enum pt_err commit_run(struct store *store, enum pt_err (*run)(struct store_txn *txn, void *ctx), void *ctx);

/* *value points into the map: until the next write, or the end of txn. */
enum pt_err table_get(const struct store_txn *txn, enum table table, const struct key *key, struct slice *value,
    bool *found);
enum pt_err table_put(struct store_txn *txn, enum table table, const struct key *key, struct slice value);

/* The same where the value is a number. */
enum pt_err table_get_number(const struct store_txn *txn, enum table table, const struct key *key, uint64_t *number,
    bool *found);
enum pt_err table_put_number(struct store_txn *txn, enum table table, const struct key *key, uint64_t number);

/* An entry that is not there is as good as deleted. */
enum pt_err table_del(struct store_txn *txn, enum table table, const struct key *key);

/* The first entry at or above from, into *at and *value (may be NULL). */
enum pt_err table_ceil(const struct store_txn *txn, enum table table, const struct key *from, struct key *at,
    struct slice *value, bool *found);

/* Every entry from from on, by one cursor, until visit says false: for walks on which nothing is changed. */
enum pt_err table_each(const struct store_txn *txn, enum table table, const struct key *from,
    bool (*visit)(const struct key *at, struct slice value, void *ctx), void *ctx);

/* The first number at or above from among the keys that are prefix and a number; other keys are passed over. */
enum pt_err table_next(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t from,
    uint64_t *number, bool *found);

/* The last number at or below upto among them. */
enum pt_err table_prev(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t upto,
    uint64_t *number, bool *found);

enum pt_err table_count(const struct store_txn *txn, enum table table, uint64_t *count);

/* The pages that hold it. */
enum pt_err table_pages(const struct store_txn *txn, enum table table, uint64_t *pages);

/* ---- meta.c ---- */

/* Which schema the store is of, and who wrote it so. */
enum pt_err meta_format(const struct store_txn *txn, struct store_format *out);

/* Says that it is of ours, and written by us. */
enum pt_err meta_set_format(struct store_txn *txn);

/* Begins a fresh store. */
enum pt_err meta_create(struct store_txn *txn);
enum pt_err meta_counters(const struct store_txn *txn, struct counters *out);
enum pt_err meta_set_counters(struct store_txn *txn, const struct counters *counters);

/* ---- look.c: what a database file says of itself ---- */

/* How many bytes a file has by its first two pages, of which bytes are the first 65,536 and a few; false if it is no database of ours. */
bool look_header(struct slice bytes, uint64_t *size);

/* The same of a file, and how many it has. PT_ERR_CORRUPT if it is no database of ours. */
enum pt_err look_size(const char *file, uint64_t *said, uint64_t *has);

/*
 * Makes the file of a store as long as it says that it is, with zeros, where it is shorter: what is missing is then an error
 * where it is read, and no SIGBUS. It may be nothing: LMDB does not write pages at the end that hold nothing.
 */
enum pt_err look_mend_size(const char *file);

/* ---- upgrade.c: stores of older schemas ---- */

/* What the steps of an upgrade share. */
struct upgrade {
	const struct store_caller *caller;	/* the upgrade itself: a time and nothing else */
	uint32_t from;				/* the schema that the store had */
	uint64_t done, all;			/* records looked at, and how many there are */
	uint64_t sessions;			/* of them */
	int64_t told_ms;			/* when that was last told, by the clock of ages */
};

/* Whether it is of an older schema that can be carried over. */
bool format_is_older(const struct store_format *format);

/* Brings the store, which nobody else has open, from that schema to ours in one transaction; first, if told so, it is backed up. */
enum pt_err upgrade_store(struct store *store, uint32_t from, bool back_up);

/* ---- backup.c ---- */

/* store_backup, perhaps in the place of a file that is there. */
enum pt_err backup_write(struct store *store, const char *file, bool replace);

/* ---- room.c: how full the map is ---- */

/*
 * Whether the audit log takes so much of the map that its oldest events have to make
 * room for new ones: anybody can add to it, by logins that fail, and must not stop those that are right.
 */
enum pt_err room_audit_is_full(const struct store_txn *txn, bool *full);

/* Bytes of pages that hold something or that a reader still sees. */
enum pt_err room_used(const struct store_txn *txn, uint64_t *used);

/* ---- user.c ---- */

enum pt_err user_get(const struct store_txn *txn, uint64_t number, struct user *out, bool *found);
enum pt_err user_put(struct store_txn *txn, const struct user *user);

/* The user of that name. */
enum pt_err user_by_name(const struct store_txn *txn, struct slice name, struct user *out, bool *found);

/* Adds a user whose name and sub (empty: it gets one) are free, with its audit event. The number is given here. */
enum pt_err user_add(struct store_txn *txn, const struct store_caller *caller, struct user *user);

/*
 * Each changes a user as read in this transaction, with its audit event, and ends the sessions that end with it
 * (a new password: all but keep_session). PT_ERR_INVALID for a text that is too long.
 */
enum pt_err user_set_password(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    const char *hash, uint64_t keep_session);
enum pt_err user_set_disabled(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    bool disabled);
enum pt_err user_set_groups(struct store_txn *txn, const struct store_caller *caller, struct user *user,
    struct slice groups);

/* ---- otp.c ---- */

/* *out is zero where there is none. */
enum pt_err otp_get(const struct store_txn *txn, uint64_t user_number, struct otp *out, bool *found);
enum pt_err otp_put(struct store_txn *txn, const struct otp *otp);
enum pt_err otp_del(struct store_txn *txn, uint64_t user_number);

/* ---- link.c ---- */

enum pt_err link_get(const struct store_txn *txn, uint64_t user_number, struct link *out, bool *found);
enum pt_err link_del(struct store_txn *txn, uint64_t user_number);

/* Removes all of them: of a backup nobody knows which have been used since. */
enum pt_err link_del_all(struct store_txn *txn);

/* A walk through the links, some at a time. */
struct link_walk {
	int64_t now_ms;
	uint64_t from;		/* the user whose link is looked at next, or the first after it */
	unsigned looks;		/* how many more are looked at */
	bool ended;		/* there are no others */
	uint64_t user_number;	/* whose link was found */
};

/* The next whose time is over; found is false at the end of the walk or of its looks. */
enum pt_err link_next_due(const struct store_txn *txn, struct link_walk *walk, bool *found);

/* Removes one if its time is over, with its audit event. */
enum pt_err link_expire(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number);

/* ---- service.c ---- */

/* A record under another name than its own is as corrupt as one that does not decode. */
enum pt_err service_get(const struct store_txn *txn, const struct key *name, struct service *out, bool *found);

/* ---- old.c: the old forms of rows/ and end.h, until nobody asks for them ---- */

enum pt_err service_put(struct store_txn *txn, const struct service *service);
enum pt_err link_put(struct store_txn *txn, const struct link *link);
enum pt_err old_session_row_get(const struct store_txn *txn, uint64_t number, struct session_row *out, bool *found);
enum pt_err old_session_row_next(const struct store_txn *txn, enum table table, const struct key *prefix,
    uint64_t *from, struct session_row *row, bool *found);
enum pt_err old_session_row_by_sid(const struct store_txn *txn, struct slice sid, struct session_row *out,
    bool *found);
enum pt_err old_session_row_put(struct store_txn *txn, struct session_row *row);
enum pt_err old_session_row_remove(struct store_txn *txn, const struct session_row *row);
enum pt_err old_session_row_file(struct store_txn *txn, struct session_row *row);
enum pt_err old_session_row_end(struct store_txn *txn, const struct store_caller *caller, struct session_row *row,
    enum reason reason, uint32_t rule_row);
enum pt_err old_session_row_end_all(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number,
    uint64_t keep, enum reason reason, uint64_t *count);
enum pt_err old_session_row_standing(const struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing);
enum pt_err status_end(struct store_txn *txn, const struct session *session, int64_t now_ms);
enum pt_err device_forget_all(struct store_txn *txn, uint64_t user_number);
enum pt_err device_remember(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN],
    int64_t now_ms);

/* ---- audit.c ---- */

/* An event with what the caller tells. */
struct event audit_event(const struct store_caller *caller, enum event_kind kind);

/* Gives it a number, and the user's name if it has none, and puts it. */
enum pt_err audit_add(struct store_txn *txn, struct event *event);

enum pt_err audit_add_user(struct store_txn *txn, const struct store_caller *caller, enum event_kind kind,
    const struct user *user);

/* The same for an event about a session: it is filled in with whose and which. */
enum pt_err audit_add_session(struct store_txn *txn, struct event event, const struct session *session);

#define AUDIT_AGAIN_MS (60 * 60 * INT64_C(1000))

/* Whether the log has told of the like (the same session, kind and reason) less than AUDIT_AGAIN_MS before or behind it. */
enum pt_err audit_has_told(const struct store_txn *txn, const struct event *event, bool *told);

enum pt_err audit_get(const struct store_txn *txn, uint64_t number, struct event *out, bool *found);
enum pt_err audit_remove(struct store_txn *txn, const struct event *event);

/* Where the log begins. */
struct audit_oldest {
	uint64_t number;	/* of its first record */
	bool dated;		/* .event is there: */
	struct event event;	/* the first that decodes and is not of later than now_ms: that record or one soon after it */
};
enum pt_err audit_oldest(const struct store_txn *txn, int64_t now_ms, struct audit_oldest *out, bool *found);
enum pt_err audit_remove_oldest(struct store_txn *txn, const struct audit_oldest *oldest);

/*
 * An event that is one more than is kept where max are: of refusals a quarter, so that they push out nothing
 * else and nothing else them; of changes a quarter at least, and of what happens to sessions the half, whatever the other of
 * the two takes. *found is false where there is none.
 */
enum pt_err audit_over(const struct store_txn *txn, uint64_t max, struct audit_oldest *out, bool *found);

/* The table of the event's room. */
enum table audit_room(const struct event *event);

/* Files an event of an older store in its room. */
enum pt_err audit_file(struct store_txn *txn, const struct event *event);

/*
 * Removes more of the oldest than one end of a session adds: in a full map the new is worth more. Those of
 * the room, in which something is to be added; where it has none, of all.
 */
enum pt_err audit_make_room(struct store_txn *txn, enum event_room room);

#endif
