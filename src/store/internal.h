/*
 * What the store's files share: the environment, transactions, tables and the
 * rows in them. LMDB's types are seen here and in the store's .c files only.
 *
 * Every index has keys of its own (no MDB_DUPSORT): composite, big-endian, with
 * the session's or event's number last, so that an index is walked by asking
 * for the first number at or above the one wanted. Walks keep no cursor, so
 * what they meet may be changed on the way, and a slow visitor holds no
 * snapshot.
 *
 *	meta            name -> schema, counters, and the otp_required that all sessions were held to
 *	users           number -> user
 *	names           folded name -> number
 *	subs            sub -> number, of users who are there
 *	tombstones      sub -> tombstone
 *	otp             user number -> second factor
 *	links           user number -> one-time link to set a password by
 *	services        name -> service
 *	sessions        number -> session
 *	sids            sid -> number
 *	user_sessions   user number, session number
 *	devices         device hash, session number (of sessions that live)
 *	known_devices   user number, device hash -> time of its last login
 *	expiry          time, session number: when the sweep looks at it, at the latest
 *	status          index of the status list -> session number, from the login until no token can hold it
 *	status_ended    time until which the status list tells of the end, index -> time of the end
 *	events          number -> event
 *	session_events  session number, event number
 *	change_events, login_events, refusal_events   the events of each room (core/reason.h), by number
 */
#ifndef PINTLE_STORE_INTERNAL_H
#define PINTLE_STORE_INTERNAL_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/rows/record.h"
#include "store/store.h"

enum table {
	TABLE_META = 0,
	TABLE_USERS,
	TABLE_NAMES,
	TABLE_SUBS,
	TABLE_TOMBSTONES,
	TABLE_OTP,
	TABLE_LINKS,
	TABLE_SERVICES,
	TABLE_SESSIONS,
	TABLE_SIDS,
	TABLE_USER_SESSIONS,
	TABLE_DEVICES,
	TABLE_KNOWN_DEVICES,
	TABLE_EXPIRY,
	TABLE_STATUS,
	TABLE_STATUS_ENDED,
	TABLE_EVENTS,
	TABLE_SESSION_EVENTS,
	TABLE_CHANGE_EVENTS,
	TABLE_LOGIN_EVENTS,
	TABLE_REFUSAL_EVENTS,
	TABLE_COUNT
};

#define LINKS_FROM_ANYWHERE UINT64_MAX	/* no walk has begun: a process of one request must not look at the same links always */
#define READER_POOL 16	/* read transactions kept ready; each holds a slot of the reader table */

struct commit_change;

/* Changes that wait for a leader; see commit.c. */
struct commit_queue {
	pthread_mutex_t lock;
	struct commit_change *first;
	struct commit_change **end;
	size_t waiting;
	bool led;
	_Atomic uint64_t commits;
	_Atomic uint64_t changes;
	_Atomic uint64_t largest;
};

enum room_for {
	ROOM_FOR_GROWTH,	/* logins, users, what was refused: to nine tenths of the map */
	ROOM_FOR_REFRESH,	/* to nineteen twentieths; what lies above is for logout and revocation */
};
#define ROOM_KINDS 2

/* The last answer about room, while it holds; see room.c. */
struct room_answer {
	_Atomic uint64_t word;	/* 0: none */
	_Atomic int64_t at_ms;
};

struct store {
	struct store_options options;	/* .folder is the store's own copy */
	char *folder;
	int use_fd;			/* holds the shared lock that says: open */
	MDB_env *env;
	MDB_dbi dbi[TABLE_COUNT];
	/* Read-held by every transaction; write-held while the map is grown, when LMDB allows none. */
	pthread_rwlock_t map_lock;
	pthread_mutex_t pool_lock;
	MDB_txn *pool[READER_POOL];
	size_t pooled;
	struct commit_queue queue;
	/* Where the sweep is: which kind of record has its turn, and the user from whom on it looks at links. */
	_Atomic unsigned sweeps;
	_Atomic uint64_t links_from;	/* or LINKS_FROM_ANYWHERE */
	atomic_bool links_whole;	/* that walk began with the first of them */
	struct room_answer room[ROOM_KINDS];	/* by enum room_for */
	_Atomic uint64_t room_counts;	/* how often free pages were counted */
	atomic_bool lost;		/* a commit's fate is unknown: nothing more is written here, but read */
	atomic_bool fatal;		/* LMDB says that nothing more can be done here */
};

struct store_txn {
	struct store *store;
	MDB_txn *mdb;
	uint64_t writes;	/* how many puts and deletes so far */
};

/* ---- env.c: the environment ---- */

/* What a return code of LMDB means. */
enum pt_err env_meaning(int rc);

/*
 * What a return code of LMDB means; logged with what was attempted. errno is
 * set where the system said it. Marks the store fatal where LMDB says so.
 */
enum pt_err env_err(struct store *store, int rc, const char *attempted);

const char *env_table_name(enum table table);

/* Says in the log, once an hour, which record does not decode; PT_ERR_CORRUPT. */
enum pt_err env_corrupt(enum table table, uint64_t number);

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

/* ---- txn.c ---- */

enum pt_err txn_read_begin(struct store *store, struct store_txn *txn);
void txn_read_end(struct store_txn *txn);

/* Ends it so that the handles of tables that it opened stay. */
enum pt_err txn_read_commit(struct store_txn *txn);

/* From the begin on the calling thread is the only writer of all processes, until one of the other two. */
enum pt_err txn_write_begin(struct store *store, struct store_txn *txn);
enum pt_err txn_write_commit(struct store_txn *txn);
void txn_write_abort(struct store_txn *txn);

/* Lets the snapshots of killed readers go, which keep pages from being used again; whether there were any. */
bool txn_clear_dead_readers(struct store *store);

/* Ends the read transactions that are kept ready; none may be under way. */
void txn_pool_drain(struct store *store);

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

/* ---- commit.c ---- */

/*
 * Runs a change in the write transaction that it shares with the others that
 * wait, and returns when it is on disk. run may be called more than once, by
 * another thread: it sets its outputs anew each time. If it fails, what
 * it wrote is undone and the others of its group are not touched.
 */
enum pt_err commit_run(struct store *store, enum pt_err (*run)(struct store_txn *txn, void *ctx), void *ctx);

/* The same for several changes of one thread, which all have one turn: at most STORE_TOGETHER_MAX. */
struct commit_item {
	void *ctx;
	enum pt_err err;
};
void commit_run_many(struct store *store, enum pt_err (*run)(struct store_txn *txn, void *ctx), struct commit_item *items,
    size_t count);
void commit_queue_init(struct commit_queue *queue);
void commit_queue_destroy(struct commit_queue *queue);

/* ---- table.c: bytes under keys ---- */

#define KEY_SIZE USER_NAME_SIZE	/* the longest key is a name; one byte more, to name what comes after it */

struct key {
	uint8_t bytes[KEY_SIZE];
	size_t len;
};

struct key key_none(void);
struct key key_number(uint64_t number);
struct key key_pair(uint64_t first, uint64_t second);
struct key key_text(struct slice text);	/* longer than any name: the empty key, which no table holds */
struct key key_digest(const uint8_t digest[DIGEST_LEN]);
struct key key_with(const struct key *prefix, uint64_t number);

/* The least key above this one, for the next step of a walk. */
struct key key_after(const struct key *key);

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

/* PT_ERR_FULL if the map has no room for this kind of change. */
enum pt_err room_check(struct store *store, enum room_for what);

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

/* ---- session_row.c ---- */

/* The sweep waits this long behind an end: a clock that was an hour fast for a while ends nothing for ever. */
#define CLOCK_SLACK_MS (2 * 60 * 60 * INT64_C(1000))

enum pt_err session_row_get(const struct store_txn *txn, uint64_t number, struct session_row *out, bool *found);

/*
 * The next session, from number *from on, of an index whose keys are prefix and a session's number (or of the
 * sessions themselves); *from moves past it. One whose record does not decode is said in the log and passed over: it
 * can do nothing any more, and must not keep the others from being ended.
 */
enum pt_err session_row_next(const struct store_txn *txn, enum table table, const struct key *prefix, uint64_t *from,
    struct session_row *row, bool *found);

enum pt_err session_row_by_sid(const struct store_txn *txn, struct slice sid, struct session_row *out, bool *found);

/*
 * Puts the record alone: for changes that no index knows of. But where it ends sooner than it is filed, as after
 * the clock was set back, it is filed anew: filed earlier than it is due, the sweep mends that; later, it would stay.
 */
enum pt_err session_row_put(struct store_txn *txn, struct session_row *row);

/* Puts a new session and its index entries. */
enum pt_err session_row_add(struct store_txn *txn, struct session_row *row);

/* Removes the record and what the indexes have of it. */
enum pt_err session_row_remove(struct store_txn *txn, const struct session_row *row);

/* Files the session for the sweep at the time when it has something to do about it, and puts the record. */
enum pt_err session_row_file(struct store_txn *txn, struct session_row *row);

/* When that is: to record the end of a session that lives, to remove one that has ended. */
int64_t session_row_due(const struct session_row *row, const struct store_options *options);

/* Records the end of a session that lives, with its audit event; rule_row is of the rotation rule, or 0. */
enum pt_err session_row_end(struct store_txn *txn, const struct store_caller *caller, struct session_row *row,
    enum reason reason, uint32_t rule_row);

/* The same for all that live of one user but keep (0: none); adds to *count. */
enum pt_err session_row_end_all(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number,
    uint64_t keep, enum reason reason, uint64_t *count);

/* What standing_decide asks of the store's sessions. */
struct standing_rules session_row_rules(const struct store *store);

/* The standing of a session as of now, and its user; *user is zero where there is none. */
enum pt_err session_row_standing(const struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing);

/* ---- status.c: the status list ---- */

#define STATUS_LEAST_CAPACITY (UINT64_C(1) << 16)	/* a list that tells nothing of how few there are */

/* Deals a free index at random to the session; the counters are the caller's to put. */
enum pt_err status_deal(struct store_txn *txn, struct counters *counters, uint64_t session_number, uint64_t *index);

/* Lets the list tell of the end of the session, from now on until its last access token has ended too. */
enum pt_err status_end(struct store_txn *txn, const struct session *session, int64_t now_ms);

/* The entry by which the list tells of the session's end. */
struct key status_end_key(const struct session *session);

/* Lets tokens that are handed out now live for as long as they are to, by today's settings; the record is the caller's to put. */
void status_extend(const struct store_txn *txn, struct session *session, int64_t now_ms);

/* The first entry whose time is over, as of now. */
enum pt_err status_first_over(const struct store_txn *txn, int64_t now_ms, struct key *at, bool *found);

/* Takes that entry back: its index may be dealt again. */
enum pt_err status_free(struct store_txn *txn, const struct key *at);

/* ---- device.c ---- */

/* Remembers that the user has signed in from this device; beyond the bound the one unused for longest is forgotten. */
enum pt_err device_remember(struct store_txn *txn, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN],
    int64_t now_ms);
enum pt_err device_forget_all(struct store_txn *txn, uint64_t user_number);

/* ---- settle.c ---- */

/* Notes that a session begins under this process's setting, if that is not the one that the others were held to. */
enum pt_err settle_login(struct store_txn *txn);

/* ---- browser.c ---- */

/* All live sessions of the browser, and begun, which is not put yet, are settling as of now: if there are any but begun. */
enum pt_err browser_settle(struct store_txn *txn, struct session *begun, struct stamp now);

/* Ends the sessions of the browser that are older than this one, which takes their place. */
enum pt_err browser_end_older(struct store_txn *txn, const struct store_caller *caller, const struct session *session);

/* Ends all sessions of this user in the browser. */
enum pt_err browser_end_user(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_LEN], uint64_t user_number, enum reason reason);

/* Gives this name to all sessions that the user of this one has in its browser: any of them may stand for it in a list. */
enum pt_err browser_rename(struct store_txn *txn, const struct session *of, struct slice name);

/* Makes room for one session more in the browser, at the cost of what was used least lately; never of session keep. */
enum pt_err browser_make_room(struct store_txn *txn, const struct store_caller *caller,
    const uint8_t device_hash[DIGEST_LEN], uint64_t keep);

/* ---- cap.c ---- */

/* Makes room for a login of the user in this browser, and forgets ended sessions beyond as many. */
enum pt_err cap_keep(struct store_txn *txn, const struct store_caller *caller, const struct user *user,
    const uint8_t device_hash[DIGEST_LEN]);

/* ---- refresh.c ---- */

/* Whether a token that came along with another request is good: of a session that stands, rows 1 to 5. Nothing follows from it. */
enum pt_err judge_carried(const struct store_txn *txn, const struct store_caller *caller,
    const struct store_presented *presented, struct session_row *row, bool *good);

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
