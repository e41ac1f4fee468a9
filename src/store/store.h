/*
 * What pintle remembers, in the domain's words. Behind this header is LMDB; no
 * key, cursor or LMDB value comes out of it, so that another store can take its
 * place. Every operation that changes something reads, decides (by the core's
 * rules) and writes in one write transaction, together with its audit event,
 * and is on disk before it returns PT_OK. Operations of many threads share
 * commits: the first one in becomes the leader, takes all that wait into one
 * transaction, commits once and wakes the rest.
 *
 * A struct store is used by any number of threads; open it once in a process,
 * never across a fork. After PT_ERR_FATAL from anything the process has to leave.
 * Records borrowed by a callback are valid for that call.
 */
#ifndef PINTLE_STORE_STORE_H
#define PINTLE_STORE_STORE_H

#include "base/error.h"
#include "core/login.h"
#include "core/otp.h"
#include "core/records.h"
#include "core/settling.h"
#include "core/standing.h"

struct store;

struct store_options {
	const char *folder;		/* holds data.mdb and lock.mdb */
	uint64_t map_bytes;		/* size of the sparse map */
	unsigned readers;		/* reader slots: threads of all processes, 126 at least */
	struct rotate_periods periods;
	struct lifetimes lifetimes;
	const char *otp_required;	/* who must have a second factor (otp_is_required); outlives the store. NULL: nobody */
	int64_t tokens_ms;		/* no access token is handed out that lives longer after a login or a move */
	unsigned known_devices;		/* of a user, that are remembered to have signed in; at least 1 */
	unsigned sessions_per_user;	/* browsers: beyond, the least recently used one's sessions end */
	int64_t ended_keep_ms;		/* how long an ended session can still be explained */
	int64_t audit_keep_ms;		/* how long audit events are kept, */
	uint64_t audit_max;		/* and how many at most */
	int64_t wait_ms;		/* how long store_open waits while another process restores the store or carries it over */
	/* Told, now and then, how far an older store has been carried over. NULL: it goes to the log. */
	void (*progress)(uint64_t done, uint64_t all, void *ctx);
	void *progress_ctx;
};

/* Makes folder's database (0600), with the schema's version. PT_ERR_IO with errno EEXIST if there is one. */
enum pt_err store_create(const struct store_options *options);

/*
 * Opens. Its schema is looked at first. An older store is carried over in one transaction, after a backup, which
 * stays as store_upgrade_backup says; nobody else may have it open meanwhile (PT_ERR_BUSY if somebody has, and store_look
 * tells an older schema). A newer one, or one too old, is PT_ERR_SCHEMA: store_look says more. *out is yours, for store_close.
 */
enum pt_err store_open(const struct store_options *options, struct store **out);
void store_close(struct store *store);

#define STORE_WRITER_SIZE 65

/* What a store says of itself before anything else is read. */
struct store_format {
	uint32_t schema;
	char writer[STORE_WRITER_SIZE];	/* the program that wrote it so, "pintle 1.2.3"; empty: one before this was kept */
};

/* The schema that this program writes. */
uint32_t store_schema(void);

/* Reads it from a database file, a store's or a backup, whoever has it open; nothing is changed. */
enum pt_err store_look(const char *file, struct store_format *out);

/* Where the backup lies that store_open makes of a store before it is carried over from that schema. Yours to free; NULL without memory. */
char *store_upgrade_backup(const char *folder, uint32_t schema);

/* Whether a read transaction works now. */
enum pt_err store_check(struct store *store);

/* Whether there is room for logins: they stop at nine tenths, so that logout and revocation always find some. */
bool store_takes_logins(struct store *store);

/*
 * Whether a commit has failed so that it is not known what is on disk: then whatever writes fails with PT_ERR_IO in
 * this process, and reading goes on.
 */
bool store_is_lost(struct store *store);

/* Whether the disk takes writes now: then a process whose store is lost should leave, so that another opens it anew. */
bool store_disk_writes(struct store *store);

/* Who asks, from where: goes into sessions and audit events. Slices are borrowed; cut if too long. */
struct store_caller {
	struct instant now;
	struct slice address;
	struct slice user_agent;
	struct slice request_id;
	struct slice service;	/* the service that asks; empty: none does */
	const uint8_t *device_hash;	/* of the browser that sets a password: known from then on (DIGEST_LEN); NULL: none */
	/*
	 * Asked right before a refresh or a look at a token is decided, inside the write transaction again,
	 * perhaps by another thread: false, and nothing is changed (PT_ERR_GONE). NULL: always wanted.
	 */
	bool (*wanted)(void *ctx);
	void *wanted_ctx;
};

/* ---- users ---- */

/*
 * Adds a user; number, sub and created_at are given here into *user. *added is false
 * if the (folded) name is taken. Names of deleted users may be used again, numbers and subs never.
 */
enum pt_err store_user_add(struct store *store, const struct store_caller *caller, struct user *user, bool *added);

enum pt_err store_user_by_name(struct store *store, struct slice name, struct user *out, bool *found);

/*
 * The same for whoever looks after the store, with patience: where the index of names has nothing good of the name, all users
 * are looked through.
 */
enum pt_err store_user_search(struct store *store, struct slice name, struct user *out, bool *found);
enum pt_err store_user_by_number(struct store *store, uint64_t number, struct user *out, bool *found);

/* What became of somebody who moves in. */
enum store_arrival {
	ARRIVAL_NONE = 0,	/* not looked at */
	ARRIVAL_ADDED,
	ARRIVAL_THERE,		/* somebody of that name is there, and was left alone */
	ARRIVAL_REPLACED,	/* somebody of that name was there, and has now what the newcomer brought */
	ARRIVAL_UNCHANGED,	/* somebody of that name has all of it already */
	ARRIVAL_ID_TAKEN,	/* the sub is or was another user's, or the user of that name has another: nothing was changed */
	ARRIVAL_BROKEN,		/* what the store has of that name does not decode, and was left alone */
};

struct store_newcomer {
	/* A folded name; a sub, or empty for a new one; a hash, groups and times as far as they are known. */
	struct user user;
	bool has_hash, has_groups, has_disabled, has_otp;	/* what replaces that of somebody who is there */
	/*
	 * The second factor, .on, for otp_move_in; without times it begins now. Its secret is sealed for user.sub,
	 * which must not be empty then: nobody of another sub gets it.
	 */
	struct otp otp;
	enum store_arrival arrival;	/* out */
};

/*
 * Adds or (with replace) changes users, all in one transaction, each with its audit event: some
 * hundred at a time, for others wait meanwhile. A changed password ends the user's sessions, as always; a second factor
 * ends none, as store_otp_set. No two may have the same name.
 */
enum pt_err store_user_import(struct store *store, const struct store_caller *caller, struct store_newcomer *list,
    size_t count, bool replace);

/* Tells what the same would do, and does nothing. */
enum pt_err store_user_import_try(struct store *store, struct store_newcomer *list, size_t count, bool replace);

/*
 * Every user in the order of names, until visit says false. Records that do not decode are passed over, and at
 * the end the answer is PT_ERR_CORRUPT: whoever wants all of them has not got them.
 */
enum pt_err store_user_each(struct store *store, bool (*visit)(const struct user *user, void *ctx), void *ctx);

/*
 * Sets a new hash if the user's present one is expected_hash (NULL: whatever it
 * is): so that of two changes at once one loses. All sessions of the user but
 * keep_session (0: none) end in the same transaction, with REASON_PASSWORD_CHANGED.
 * The caller's device becomes one that the user has signed in from.
 * *done is false if the user is gone or the hash was another.
 */
enum pt_err store_user_set_password(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const char *expected_hash, const char *new_hash, uint64_t keep_session, bool *done);

/* Replaces a hash by an equal of today's cost, if it is still expected_hash; no session ends. */
enum pt_err store_user_rehash(struct store *store, uint64_t user_number, const char *expected_hash, const char *new_hash);

/* Disabling ends every session in the same transaction; they stay dead after enabling. */
enum pt_err store_user_set_disabled(struct store *store, const struct store_caller *caller, uint64_t user_number,
    bool disabled, bool *found);
enum pt_err store_user_set_groups(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice groups, bool *found);

/* Leaves a tombstone (number and sub), ends and removes every session. */
enum pt_err store_user_delete(struct store *store, const struct store_caller *caller, uint64_t user_number, bool *found);

/* ---- second factors ---- */

/* A user's second factor; *found is false, and *out zero, where there is none and none waits to be confirmed. */
enum pt_err store_otp_get(struct store *store, uint64_t user_number, struct otp *out, bool *found);

/*
 * Each of these spends proof, which shows the second factor that is on, in the
 * same transaction. *done is false, with nothing changed, if the user is gone or the proof is not good (any more).
 */

/* Hands out a secret, which waits for its first code. proof may be NULL where no second factor is on. */
enum pt_err store_otp_begin(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct otp_proof *proof, bool *done);

/* The session in which the second factor is changed (0: none), and whether all others end with it. */
struct store_otp_sessions {
	uint64_t current;
	bool end_others;
};

/* Turns on the secret that waits, in the place of one that was on; the current session counts as one by a second factor. */
enum pt_err store_otp_confirm(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct otp_enrolment *enrolment, const struct store_otp_sessions *sessions, bool *done);

struct store_otp_recovery {
	uint8_t hashes[OTP_RECOVERY_CODES][DIGEST_LEN];
};

/* Turns on a secret as an administrator does: at once, whatever was there. */
enum pt_err store_otp_set(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct store_otp_recovery *recovery, bool *done);

/* Removes it; proof NULL: an administrator does. */
enum pt_err store_otp_remove(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct otp_proof *proof, const struct store_otp_sessions *sessions, bool *done);

/* Puts other recovery codes in the place of those that are left; proof NULL: an administrator does. */
enum pt_err store_otp_set_recovery(struct store *store, const struct store_caller *caller, uint64_t user_number,
    const struct store_otp_recovery *recovery, const struct otp_proof *proof, bool *done);

/* A second factor whose secrets were sealed anew; neither before nor after is changed where the record has others by now. */
struct store_otp_renewal {
	uint64_t user_number;
	uint8_t sealed[OTP_SEALED_SIZE], pending[OTP_SEALED_SIZE];	/* as they were */
	uint8_t new_sealed[OTP_SEALED_SIZE], new_pending[OTP_SEALED_SIZE];
};

/* Some hundred at a time, in one transaction. */
enum pt_err store_otp_renew(struct store *store, const struct store_otp_renewal *list, size_t count);

/* ---- one-time links ---- */

/* What is shown of a link: whose, and the SHA-256 of its secret. */
struct store_link {
	uint64_t user_number;
	uint8_t secret_hash[DIGEST_LEN];
};

/* Makes a link in the place of the user's older one. *done is false if the user is gone or disabled. */
enum pt_err store_link_make(struct store *store, const struct store_caller *caller, const struct store_link *link,
    int64_t expires_at, bool *done);

/*
 * Whether the link is good now: *reason is REASON_NONE and *user whose it is. Otherwise why not, and *user is zero
 * unless the secret was right. Nothing is changed: see store_link_spend.
 */
enum pt_err store_link_look(struct store *store, struct instant now, const struct store_link *link,
    struct user *user, enum reason *reason);

/*
 * Spends a link that is good still: sets the hash, ends all sessions of the user, and remembers the caller's
 * device as one that signed in. *reason says why not, with nothing changed.
 */
enum pt_err store_link_spend(struct store *store, const struct store_caller *caller, const struct store_link *link,
    const char *new_hash, struct user *user, enum reason *reason);

/* A link that was refused: audit event only, as store_login_failed. user_number 0: nobody's. */
enum pt_err store_link_refused(struct store *store, const struct store_caller *caller, uint64_t user_number,
    enum reason reason);

/* ---- login ---- */

struct store_login {
	uint64_t user_number;
	const char *expected_hash;	/* what the password was checked against: must still stand. NULL: not by password */
	uint8_t secret_hash[DIGEST_LEN];
	uint8_t device_hash[DIGEST_LEN];
	uint32_t nonce;			/* of the token of serial 0 that is handed out */
	bool remember;
	uint32_t methods;		/* without the second factor, which is added where it is shown */
	struct slice device;		/* the person's name for the device */
	/* Of a login by password: what was shown of the second factor, spent with it; or one that is turned on with it. */
	const struct otp_proof *proof;
	const struct otp_enrolment *enrolment;
	/* The refresh tokens that came along: a login is a use of the session whose good token it carries. */
	const struct store_presented *carried;
	size_t carried_count;
	struct instant (*clock)(void);	/* asked when the login is written, which may have to wait; NULL: the caller's now */
};

/*
 * Begins a session, if login_decide says LOGIN_GOOD of what stands in the store now; else nothing is changed, and
 * *decision says why. Where the same device has others that live, they and this one are settling from now on
 * (core/settling.h): none ends by that. Beyond the cap all sessions of this user on the least recently used device end,
 * and of one device's SETTLING_BROWSER_MAX, whoever's they are, the least recently used one. PT_ERR_FULL from nine
 * tenths of the map on.
 */
enum pt_err store_login(struct store *store, const struct store_caller *caller, const struct store_login *login,
    struct session *session, struct user *user, struct login_decision *decision);

/*
 * A login that failed: audit event only; where the same happened within the hour, it is counted there. user_number 0: the name is no user's. It is not kept then, for people type
 * passwords there: tag is what stands for it, and empty where what was typed is no possible name.
 */
enum pt_err store_login_failed(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice tag, enum reason reason);

/* The same for one whose password was right, and that has to show a second factor yet. */
enum pt_err store_login_asked(struct store *store, const struct store_caller *caller, uint64_t user_number);

/* The same for so many tries that were not looked at, since there had been too many. */
enum pt_err store_login_limited(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice tag, int64_t times);

/* Whether the user has signed in, or set a password, from this device before. Neither logout nor a new password forgets it. */
enum pt_err store_device_is_known(struct store *store, uint64_t user_number, const uint8_t device_hash[DIGEST_LEN],
    bool *known);

/* The devices that are remembered of a user, with the time of the last login of each, until visit says false. */
enum pt_err store_device_each(struct store *store, uint64_t user_number,
    bool (*visit)(const uint8_t device_hash[DIGEST_LEN], int64_t used_at, void *ctx), void *ctx);

/* ---- the refresh token ---- */

/* What was presented, its MAC good already. */
struct store_presented {
	uint64_t session_number;
	uint8_t secret_hash[DIGEST_LEN];	/* SHA-256 of the token's secret */
	uint8_t device_hash[DIGEST_LEN];	/* of the device cookie that came along */
	bool has_device;			/* false: none came */
	struct rotate_presented token;
};

enum store_verdict {
	STORE_REFUSED = 0,	/* .reason says why; the session, if there was one, is ended */
	STORE_FOREIGN,		/* unknown secret, or another browser's session: to be ignored, nothing of it was changed */
	STORE_GOOD,
};

struct store_judgement {
	enum store_verdict verdict;
	enum reason reason;		/* where refused or foreign; REASON_NONE where good */
	struct rotate_decision decision;	/* of a refresh that was good */
	bool settling;			/* its browser logged in again a moment ago: an access token alone */
	bool ends_older;		/* of a refresh: the older sessions of its browser end with it */
	struct session session;		/* as it stands now (where it was found) */
	struct user user;		/* where the session is good */
};

/*
 * Refreshes: finds the session, checks secret, device and standing, applies
 * settling_decide, moves the idle end and ends the older sessions of the browser where the rule says so,
 * atomically. Rows 2 and 3, and what is settling, write nothing. PT_ERR_GONE if caller->wanted said no.
 * That a session was refused is an audit event once an hour for each reason, if there is room for it.
 */
enum pt_err store_refresh(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out);

/* Several that are refreshed together: in one look, and one transaction. Each comes out as by store_refresh. */
#define STORE_TOGETHER_MAX 32
struct store_refreshing {
	const struct store_caller *caller;
	const struct store_presented *presented;
	struct store_judgement *out;
	enum pt_err err;
};
void store_refresh_many(struct store *store, struct store_refreshing *items, size_t count);

/*
 * The same look without rotation, for /sessions, /me and the pages: rows 1 to 5
 * are good and change nothing, row 6 ends the session as in a refresh.
 */
enum pt_err store_judge(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out);

/*
 * Ends the session of any token with a good secret, whatever its serial, and older ones of the same browser; *ended says whether it was alive:
 * then *out tells whose and which it was. Foreign ones are left alone.
 */
enum pt_err store_logout(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out, bool *ended);

/*
 * Ends the session of a token that a service presents (RFC 7009), whatever its serial, with REASON_SERVICE.
 * The service is known by itself, so no device is asked for: .has_device counts for nothing. As store_logout otherwise.
 */
enum pt_err store_revoke(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out, bool *ended);

/* ---- sessions ---- */

/* One session by its public id, with its user; standing as of now (REASON_NONE: it is good). */
enum pt_err store_session_by_sid(struct store *store, struct instant now, struct slice sid, struct session *session,
    struct user *user, enum reason *standing, bool *found);

/*
 * Moves idle end and last use, written where standing_touch_is_due:
 * for verify by the gate cookie, which shows too that the browser holds this session.
 */
enum pt_err store_session_touch(struct store *store, const struct store_caller *caller, uint64_t session_number);

/* Sessions of a user (0: of all), newest use first for one user; with_ended: also those that have ended. */
enum pt_err store_session_each(struct store *store, struct instant now, uint64_t user_number, bool with_ended,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx);

/*
 * The browsers in which the user is signed in, newest use first: of each the session that was used last, or the one
 * numbered current (0: none).
 */
enum pt_err store_browser_each(struct store *store, struct instant now, uint64_t user_number, uint64_t current,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx);

/* Renames one live session of the user (0: of anyone), and the user's others in the same browser. *found is false for another user's as for none. */
enum pt_err store_session_rename(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, struct slice device, struct session *out, bool *found);

/* Ends one live session of the user (0: of anyone) with reason, and older ones of the same browser, as a logout does. */
enum pt_err store_session_end(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, enum reason reason, bool *found);

/* Ends that session and all others of its user in its browser, older and newer: what a list of browsers means by it. */
enum pt_err store_browser_end(struct store *store, const struct store_caller *caller, uint64_t user_number,
    struct slice sid, enum reason reason, bool *found);

/*
 * Ends all of a user's sessions but keep_session (0: none), in one transaction; user_number 0: everybody's,
 * in as many as keep each short. *count, if not NULL: how many.
 */
enum pt_err store_session_end_all(struct store *store, const struct store_caller *caller, uint64_t user_number,
    uint64_t keep_session, enum reason reason, uint64_t *count);

/* ---- the status list: which sessions have ended, for those who verify access tokens by themselves ---- */

struct store_status {
	uint64_t version;	/* another one whenever the list has changed otherwise than by time */
	uint64_t capacity;	/* indices are below it; a power of two, 2^16 at least, and never less than before */
};

/* Where the list stands: cheap. */
enum pt_err store_status_look(struct store *store, struct store_status *out);

/*
 * The indices of the sessions that have ended while access tokens of theirs may live, in no order that means
 * anything; *out is what they are the list of, and is there before the first visit. Of what was over by over_ms
 * nothing is told. Until visit says false.
 */
enum pt_err store_status_each(struct store *store, int64_t over_ms, struct store_status *out,
    bool (*visit)(uint64_t index, void *ctx), void *ctx);

/* ---- services ---- */

/* Adds a service; the times are given here into *service. *added is false if the name is taken. */
enum pt_err store_service_add(struct store *store, const struct store_caller *caller, struct service *service,
    bool *added);

enum pt_err store_service_by_name(struct store *store, struct slice name, struct service *out, bool *found);

/*
 * Every service in the order of names, until visit says false. Records that do not decode are passed over, and at
 * the end the answer is PT_ERR_CORRUPT.
 */
enum pt_err store_service_each(struct store *store, bool (*visit)(const struct service *service, void *ctx), void *ctx);

/* Puts another secret in the place of the one that is there, which counts no more. */
enum pt_err store_service_set_secret(struct store *store, const struct store_caller *caller, struct slice name,
    const uint8_t secret_hash[DIGEST_LEN], bool *found);

enum pt_err store_service_remove(struct store *store, const struct store_caller *caller, struct slice name,
    bool *found);

/* ---- audit ---- */

struct store_event_filter {
	uint64_t user_number;		/* 0: any */
	struct slice username;		/* folded, also of users that are gone; empty: any */
	struct slice tag;		/* what stood for the name while no user had it: these too; empty: none */
	struct slice sid;		/* empty: any */
	struct slice address;		/* empty: any */
	enum event_kind kind;		/* EVENT_NONE: any */
	int64_t since_ms;		/* 0: from the beginning */
	uint64_t after_number;		/* only those numbered above: for following */
	uint64_t newest;		/* only the last so many; 0: all */
};

/* In order of time, oldest first, until visit says false. */
enum pt_err store_event_each(struct store *store, const struct store_event_filter *filter,
    bool (*visit)(const struct event *event, void *ctx), void *ctx);

/* Records an event of its own (key changes, restore). number is given here. */
enum pt_err store_event_add(struct store *store, struct event *event);

/* ---- care ---- */

struct store_swept {
	unsigned handled;	/* records that were due */
	bool more;		/* there may be others: call again */
};

/*
 * Deals with no more than budget records of what is due in one short transaction: ends
 * sessions that have expired, removes those that ended long ago and what is over
 * the audit log's bounds; a record of each kind in turn, so that none waits for another's backlog. What does not
 * decode is set aside for store_mend. Also clears dead readers.
 */
enum pt_err store_sweep(struct store *store, struct instant now, unsigned budget, struct store_swept *out);

#define STORE_ANYWHERE UINT64_MAX

/*
 * Looks at so many sessions, from *position on (0: the first; STORE_ANYWHERE: any), and writes for those whose dates
 * lie more than two hours ahead of the clock that they count from now: what a clock that was years ahead has begun ends
 * at its time though nobody uses it. *position is then where the next call goes on, 0 after the last session.
 * Not for a clock that is known to be behind.
 */
enum pt_err store_bring_back(struct store *store, struct instant now, unsigned looks, uint64_t *position,
    unsigned *brought);

/*
 * One short step of holding all sessions to options->otp_required, if they were not held to it: those that lack the
 * second factor end, so that the status list tells of them. *position is 0 for the first step, and then as it
 * was left; *done when there is no more to do, which mostly is at once and costs a look.
 */
enum pt_err store_settle(struct store *store, struct instant now, uint64_t *position, bool *done);

struct store_stats {
	uint64_t users, sessions, events;
	uint64_t sessions_live;		/* those without a recorded end: idle ones are among them until they are swept */
	uint64_t map_bytes, used_bytes;
	uint64_t file_bytes;		/* the file, with the pages that are free in it */
	uint64_t commits, changes;	/* of this process: how many commits carried how many changes */
	uint64_t largest_group;
	unsigned readers, readers_max;
	uint32_t schema;
};
enum pt_err store_stats(struct store *store, struct store_stats *out);

/*
 * A consistent, compacted copy of the database into file (created, 0600, synced), while everything goes on. It ends
 * with a seal, its checksum, to which store_restore holds it.
 */
enum pt_err store_backup(struct store *store, const char *file);

/* Whether a backup has a seal. Those of older versions have none, and are taken all the same. */
bool store_backup_is_sealed(const char *file);

/*
 * Puts a backup in the place of the database of options->folder, if there is one; it must not
 * be open anywhere (PT_ERR_BUSY if it is). A backup that is not as it was sealed, or that store_verify finds fault with, is
 * PT_ERR_CORRUPT, and nothing is changed. A child of the process looks at it, since what is damaged may end who reads
 * it: call it where no thread and no store is open. Unless keep_sessions, every session in it ends
 * (REASON_RESTORED), since it may have been revoked after the backup was made.
 */
enum pt_err store_restore(const struct store_options *options, const char *file, bool keep_sessions, struct instant now);

/*
 * Removes what does not decode and mends the indexes, a little at a time, while everything goes on. The sessions of a
 * user who is lost by that end; a second factor that does not decode is left, since without it a password
 * would be enough: store_otp_set and store_otp_remove decide. What is done is told to say (may be NULL) and the
 * log; *mended counts it.
 */
enum pt_err store_mend(struct store *store, struct instant now, void (*say)(const char *done, void *ctx), void *ctx,
    uint64_t *mended);

/*
 * Puts a copy without free pages in the place of the database of options->folder, which must not be open anywhere
 * (PT_ERR_BUSY if it is): the file is as small as can be, and what lies together is read together. A crash leaves
 * the one or the other. *before and *after are bytes.
 */
enum pt_err store_compact(const struct store_options *options, uint64_t *before, uint64_t *after);

/* Reads every record and every index and holds them together; *problems counts what is wrong, told to say (may be NULL). */
enum pt_err store_verify(struct store *store, void (*say)(const char *problem, void *ctx), void *ctx, uint64_t *problems);

#endif
