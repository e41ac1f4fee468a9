/*
 * What pintle remembers, in the domain's words. LMDB is below this header: no key, cursor or value
 * of it comes out, so that another store can take its place. Every operation that changes something
 * reads, decides (by the core's rules) and writes in one write transaction, together with its audit
 * event, and is on disk before it returns PT_OK. Operations of many threads share commits: the
 * first thread becomes the leader, takes all changes that wait into one transaction, commits once
 * and wakes the others.
 *
 * Any number of threads may use a struct store. Open it once in a process, and never use it across
 * a fork. After PT_ERR_FATAL from any operation the process has to leave. Records that a callback
 * is given are valid during that call. No out parameter but those said means anything after an
 * error.
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
	/* who must have a second factor (otp_is_required); outlives the store. NULL: nobody */
	const char *otp_required;
	/* the longest life of an access token after a login or a move */
	int64_t tokens_ms;
	unsigned known_devices;		/* how many devices of a user are remembered; at least 1 */
	/* browsers: beyond, the sessions of the one unused for longest end */
	unsigned sessions_per_user;
	int64_t ended_keep_ms;		/* how long an ended session can still be explained */
	int64_t audit_keep_ms;		/* how long audit events are kept, */
	uint64_t audit_max;		/* and how many at most */
	/* how long store_open waits for a restore or an upgrade by another process */
	int64_t wait_ms;
	/*
	 * Called from time to time while an older store is upgraded, with the progress made. NULL:
	 * progress is logged.
	 */
	void (*progress)(uint64_t done, uint64_t all, void *ctx);
	void *progress_ctx;
};

/*
 * Makes folder's database (0600), with the schema's version. PT_ERR_IO with errno EEXIST if there
 * is one.
 */
enum pt_err store_create(const struct store_options *options);

/*
 * Opens the store, after a look at its schema. An older store is backed up (store_upgrade_backup
 * says where) and upgraded in one transaction; nobody else may have it open meanwhile, or it is
 * PT_ERR_BUSY, and store_look says that its schema is older. A newer store, or one that is too old,
 * is PT_ERR_SCHEMA: store_look says more. *out is yours, for store_close.
 */
enum pt_err store_open(const struct store_options *options, struct store **out);

/* Preserves errno. */
void store_close(struct store *store);

#define STORE_WRITER_SIZE 65

/* What a store says of itself before anything else is read. */
struct store_format {
	uint32_t schema;
	/* who wrote it, "pintle 1.2.3"; empty: a program that did not say */
	char writer[STORE_WRITER_SIZE];
};

/* The schema that this program writes. */
uint32_t store_schema(void);

/*
 * Reads the format from a database file, a store's or a backup's, whoever has it open. Changes
 * nothing.
 */
enum pt_err store_look(const char *file, struct store_format *out);

/*
 * Where store_open puts the backup of a store of that schema. Yours to free; NULL without memory.
 */
char *store_upgrade_backup(const char *folder, uint32_t schema);

/* Whether a read transaction works now. */
enum pt_err store_check(struct store *store);

/*
 * Whether there is room for logins: they stop at nine tenths, so that logout and revocation always
 * have some.
 */
bool store_takes_logins(struct store *store);

/*
 * Whether a commit has failed in such a way that nobody knows what is on disk. From then on every
 * change fails with PT_ERR_IO in this process; reading goes on.
 */
bool store_is_lost(struct store *store);

/*
 * Whether the disk takes writes now. If it does, a process whose store is lost should leave, so
 * that another process opens the store anew.
 */
bool store_disk_writes(struct store *store);

/*
 * Who asks, and from where: for sessions and audit events. Slices are borrowed, and cut if too
 * long.
 */
struct store_caller {
	struct instant now;
	struct slice address;
	struct slice user_agent;
	struct slice request_id;
	struct slice service;	/* the service that asks; empty: none does */
	/* of the browser that sets a password: known from then on (DIGEST_SIZE); NULL: none */
	const uint8_t *device_hash;
	/*
	 * Two facts that are true only for a moment: how long the request has waited, and whether
	 * its peer is still there. The store asks for them once for each judgement of a token,
	 * perhaps by another thread: before the write, when the wait for the writer is over, or, if
	 * nothing is written, after the look. If it is too late (rotate_in_time), or nobody is
	 * there, nothing is changed: PT_ERR_GONE. A login asks the clock too, for the time from
	 * which its session settles.
	 */
	struct instant (*clock)(void);	/* NULL: now is the time of all that is done */
	struct stamp accepted;		/* where there is a clock: when the request came */
	bool (*peer_waits)(void *ctx);	/* NULL: it does */
	void *peer_ctx;
};

/* What became of a change. From CHANGE_USER_GONE on: why nothing was changed. */
enum store_change {
	CHANGE_NONE = 0,	/* an error was returned */
	CHANGE_DONE,
	CHANGE_USER_GONE,	/* there is no such user (any more) */
	CHANGE_USER_DISABLED,
	CHANGE_OTHER_HASH,	/* the user has another password than the caller thinks */
	CHANGE_OTP_OFF,		/* there is no second factor */
	CHANGE_NOT_PENDING,	/* the secret does not wait for its first code (any more) */
	CHANGE_PROOF_REFUSED,	/* the proof is not good (any more) */
};

/* ---- users ---- */

/*
 * Adds a user, who gets number, sub and created_at here. *added is false if the (folded) name is
 * taken. The name of a deleted user may be used again, the number and the sub never.
 */
enum pt_err store_user_add(struct store *store, const struct store_caller *caller,
    struct user *user, bool *added);

enum pt_err store_user_by_name(struct store *store, struct slice name, struct user *out,
    bool *found);

/*
 * The same for an administrator of a damaged store: where the index of names does not lead to the
 * user, all users are looked through, which may take long.
 */
enum pt_err store_user_search(struct store *store, struct slice name, struct user *out,
    bool *found);
enum pt_err store_user_by_number(struct store *store, uint64_t number, struct user *out,
    bool *found);

/* What became of a newcomer. */
enum store_arrival {
	ARRIVAL_NONE = 0,	/* not looked at */
	ARRIVAL_ADDED,
	ARRIVAL_THERE,		/* somebody of that name is there, and was left alone */
	/* somebody of that name was there, and has now what the newcomer brought */
	ARRIVAL_REPLACED,
	ARRIVAL_UNCHANGED,	/* somebody of that name has all of it already */
	/* the sub is or was another user's, or this user has another: nothing was changed */
	ARRIVAL_ID_TAKEN,
	/* what the store has of that name does not decode, and was left alone */
	ARRIVAL_BROKEN,
};

struct store_newcomer {
	/*
	 * A folded name; a sub, or none for a new one; hash, groups and times as far as they are
	 * known.
	 */
	struct user user;
	bool has_hash, has_groups, has_disabled, has_otp;	/* what replaces a present user's */
	/*
	 * The second factor, which is .on, for otp_move_in; without times it begins now. Its secret
	 * is sealed for user.sub, which then must not be empty: nobody of another sub gets it.
	 */
	struct otp otp;
	enum store_arrival arrival;	/* out */
};

/*
 * Adds or (with replace) changes users, all in one transaction, each with its audit event. Give it
 * a few hundred users at a time, since others wait meanwhile, and no two of the same name. A
 * changed password ends the user's sessions, as always; a second factor ends none, as with
 * store_otp_set.
 */
enum pt_err store_user_import(struct store *store, const struct store_caller *caller,
    struct store_newcomer *list, size_t count, bool replace);

/* Sets each arrival to what store_user_import would do, and does nothing. */
enum pt_err store_user_import_try(struct store *store, struct store_newcomer *list, size_t count,
    bool replace);

/*
 * Visits every user in the order of names, until visit returns false. Records that do not decode
 * are passed over, and at the end the answer is PT_ERR_CORRUPT: these were not all users.
 */
enum pt_err store_user_each(struct store *store, bool (*visit)(const struct user *user, void *ctx),
    void *ctx);

/*
 * Sets a new hash if the user's present one is expected_hash (NULL: any), so that of two changes at
 * the same time one loses. All sessions of the user but keep_session (0: none) end in the same
 * transaction, with REASON_PASSWORD_CHANGED. The caller's device becomes one that the user has
 * signed in from. *result: CHANGE_DONE, _USER_GONE or _OTHER_HASH.
 */
enum pt_err store_user_set_password(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const char *expected_hash, const char *new_hash, uint64_t keep_session,
    enum store_change *result);

/*
 * Replaces a hash with one of the same password at today's cost, if it is still expected_hash. No
 * session ends.
 */
enum pt_err store_user_rehash(struct store *store, uint64_t user_number, const char *expected_hash,
    const char *new_hash);

/* Disabling ends every session in the same transaction; enabling brings none of them back. */
enum pt_err store_user_set_disabled(struct store *store, const struct store_caller *caller,
    uint64_t user_number, bool disabled, bool *found);
enum pt_err store_user_set_groups(struct store *store, const struct store_caller *caller,
    uint64_t user_number, struct slice groups, bool *found);

/* Ends and removes every session, and leaves a tombstone (number and sub). */
enum pt_err store_user_delete(struct store *store, const struct store_caller *caller,
    uint64_t user_number, bool *found);

/* ---- second factors ---- */

/*
 * A user's second factor; *found is false, and *out zero, where there is none and none waits to be
 * confirmed.
 */
enum pt_err store_otp_get(struct store *store, uint64_t user_number, struct otp *out, bool *found);

/*
 * Each of these spends proof, which shows the second factor that is on, in the same transaction.
 * Any of them may find that the user is gone (CHANGE_USER_GONE), and that the proof, if there is
 * one, is not good (any more): CHANGE_PROOF_REFUSED.
 */

/*
 * Keeps a secret that waits for its first code. proof may be NULL where no second factor is on;
 * where one is on, that is CHANGE_PROOF_REFUSED.
 */
enum pt_err store_otp_begin(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct otp_proof *proof,
    enum store_change *result);

/*
 * The session in which the second factor is changed (0: none), and whether all others end with it.
 */
struct store_otp_sessions {
	uint64_t current;
	bool end_others;
};

/*
 * Turns on the secret that waits, in the place of one that was on. The current session counts as
 * one by a second factor from then on. CHANGE_NOT_PENDING if another secret waits, or none.
 */
enum pt_err store_otp_confirm(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const struct otp_enrolment *enrolment, const struct store_otp_sessions *sessions,
    enum store_change *result);

struct store_otp_recovery {
	uint8_t hashes[OTP_RECOVERY_CODES][DIGEST_SIZE];
};

/* Turns on a secret for an administrator: at once, whatever was there. */
enum pt_err store_otp_set(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const uint8_t sealed[OTP_SEALED_SIZE], const struct store_otp_recovery *recovery,
    enum store_change *result);

/*
 * Removes the second factor. proof NULL: an administrator does; CHANGE_OTP_OFF if there is none.
 */
enum pt_err store_otp_remove(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const struct otp_proof *proof, const struct store_otp_sessions *sessions,
    enum store_change *result);

/*
 * Replaces the recovery codes that are left. proof NULL: an administrator does; CHANGE_OTP_OFF if
 * no second factor is on.
 */
enum pt_err store_otp_set_recovery(struct store *store, const struct store_caller *caller,
    uint64_t user_number,
    const struct store_otp_recovery *recovery, const struct otp_proof *proof,
    enum store_change *result);

/*
 * A second factor whose secrets were sealed anew. A record that has other secrets by now is left
 * alone.
 */
struct store_otp_renewal {
	uint64_t user_number;
	uint8_t sealed[OTP_SEALED_SIZE], pending[OTP_SEALED_SIZE];	/* as they were */
	uint8_t new_sealed[OTP_SEALED_SIZE], new_pending[OTP_SEALED_SIZE];
};

/* Replaces the secrets of a list of a few hundred, in one transaction. */
enum pt_err store_otp_renew(struct store *store, const struct store_otp_renewal *list,
    size_t count);

/* ---- one-time links ---- */

/* A link as it is presented: whose, and the SHA-256 of its secret. */
struct store_link {
	uint64_t user_number;
	uint8_t secret_hash[DIGEST_SIZE];
};

/*
 * Makes a link, which replaces an older one of the user. *result: CHANGE_DONE, _USER_GONE or
 * _USER_DISABLED.
 */
enum pt_err store_link_make(struct store *store, const struct store_caller *caller,
    const struct store_link *link, int64_t expires_at, enum store_change *result);

/*
 * Checks whether the link is good now. If it is, *reason is REASON_NONE and *user is its user; if
 * not, *reason says why, and *user is zero unless the secret was right. Changes nothing: see
 * store_link_spend.
 */
enum pt_err store_link_look(struct store *store, struct instant now, const struct store_link *link,
    struct user *user, enum reason *reason);

/*
 * Spends a link that is still good: sets the hash, ends all sessions of the user, and remembers the
 * caller's device as one that signed in. Otherwise *reason says why not, and nothing is changed.
 */
enum pt_err store_link_spend(struct store *store, const struct store_caller *caller,
    const struct store_link *link, const char *new_hash, struct user *user, enum reason *reason);

/* Records a link that was refused, as store_login_failed does. user_number 0: nobody's. */
enum pt_err store_link_refused(struct store *store, const struct store_caller *caller,
    uint64_t user_number, enum reason reason);

/* ---- login ---- */

struct store_login {
	uint64_t user_number;
	/* of the password, as checked: it must still stand. NULL: not by password */
	const char *expected_hash;
	uint8_t secret_hash[DIGEST_SIZE];
	uint8_t device_hash[DIGEST_SIZE];
	uint32_t nonce;			/* of the token of serial 0 that is handed out */
	bool remember;
	/* without the second factor, which is added when it is shown */
	uint32_t methods;
	struct slice device;		/* the person's name for the device */
	/*
	 * For a login by password: the second factor as shown, spent here; or one that is turned on
	 * here.
	 */
	const struct otp_proof *proof;
	const struct otp_enrolment *enrolment;
	/*
	 * The refresh tokens that came with it: a login uses the session whose good token it
	 * carries.
	 */
	const struct store_presented *carried;
	size_t carried_count;
};

/*
 * Begins a session if login_decide says LOGIN_GOOD of what is in the store now; otherwise *decision
 * says why not, and nothing is changed. If the same device has other live sessions, they and this
 * one are settling from now on (core/settling.h), which ends none. Beyond the cap all sessions of
 * this user on the device unused for longest end; beyond SETTLING_BROWSER_MAX sessions on one
 * device, of any user, the one unused for longest ends. PT_ERR_FULL from nine tenths of the
 * map on.
 */
enum pt_err store_login(struct store *store, const struct store_caller *caller,
    const struct store_login *login,
    struct session *session, struct user *user, struct login_decision *decision);

/*
 * Records a login that failed: an audit event, or one more in the count of the same event within
 * the last hour. user_number 0: the name is no user's. Such a name is not kept, since people type
 * passwords there: tag stands for it, and is empty if what was typed is no possible name.
 */
enum pt_err store_login_failed(struct store *store, const struct store_caller *caller,
    uint64_t user_number, struct slice tag, enum reason reason);

/* The same for a login whose password was right, and which has yet to show a second factor. */
enum pt_err store_login_asked(struct store *store, const struct store_caller *caller,
    uint64_t user_number);

/* The same for a number of tries that were not examined, since there had been too many. */
enum pt_err store_login_limited(struct store *store, const struct store_caller *caller,
    uint64_t user_number, struct slice tag, int64_t times);

/*
 * Whether the user has signed in, or set a password, from this device before. Neither a logout nor
 * a new password forgets it.
 */
enum pt_err store_device_is_known(struct store *store, uint64_t user_number,
    const uint8_t device_hash[DIGEST_SIZE], bool *known);

/* Visits the user's remembered devices, with the last login of each, until visit returns false. */
enum pt_err store_device_each(struct store *store, uint64_t user_number,
    bool (*visit)(const uint8_t device_hash[DIGEST_SIZE], int64_t used_at, void *ctx), void *ctx);

/* ---- the refresh token ---- */

/* What was presented, its MAC good already. */
struct store_presented {
	uint64_t session_number;
	uint8_t secret_hash[DIGEST_SIZE];	/* SHA-256 of the token's secret */
	uint8_t device_hash[DIGEST_SIZE];	/* of the device cookie that came along */
	bool has_device;			/* false: none came */
	struct rotate_presented token;
};

enum store_verdict {
	STORE_REFUSED = 0,	/* .reason says why; the session, if there was one, has ended */
	/* unknown secret, or another browser's session: ignore it; nothing was changed */
	STORE_FOREIGN,
	STORE_GOOD,
};

struct store_judgement {
	enum store_verdict verdict;
	enum reason reason;		/* where refused or foreign; REASON_NONE where good */
	struct rotate_decision decision;	/* of a refresh that was good */
	/* its browser logged in again a moment ago: give an access token alone */
	bool settling;
	/* of a refresh: the older sessions of its browser end with it */
	bool ends_older;
	struct session session;		/* as it stands now (where it was found) */
	struct user user;		/* where the session is good */
};

/*
 * Refreshes, atomically: finds the session, checks secret, device and standing, applies
 * settling_decide, moves the idle end, and ends the older sessions of the browser where the rule
 * says so. Rows 2 and 3, and a session that is settling, normally write nothing; only a last move
 * in the future is corrected, and tokens that live longer than the record says are noted.
 * PT_ERR_GONE if the change would come too late, or nobody waits for it. A refusal is an audit
 * event once an hour for each session and reason, if there is room.
 */
enum pt_err store_refresh(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out);

/* Refreshes several with one look and one transaction. Each comes out as by store_refresh. */
#define STORE_TOGETHER_MAX 32
struct store_refreshing {
	const struct store_caller *caller;
	const struct store_presented *presented;
	struct store_judgement *out;
	enum pt_err err;
};
void store_refresh_many(struct store *store, struct store_refreshing *items, size_t count);

/*
 * The same judgement without rotation, for /sessions, /me and the pages: rows 1 to 5 are good and
 * change nothing; row 6 ends the session as in a refresh.
 */
enum pt_err store_judge(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out);

/*
 * Ends the session of a token with a good secret, whatever its serial, and the older sessions of
 * the same browser. *ended says whether it was alive; *out then has the session and its user. A
 * session of another browser is left alone.
 */
enum pt_err store_logout(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out, bool *ended);

/*
 * The same for a token that a service presents (RFC 7009), with REASON_SERVICE. The service has
 * authenticated itself, so the device does not count: .has_device is not looked at.
 */
enum pt_err store_revoke(struct store *store, const struct store_caller *caller,
    const struct store_presented *presented, struct store_judgement *out, bool *ended);

/* ---- sessions ---- */

/* One session by its public id, with its user, and its standing as of now (REASON_NONE: good). */
enum pt_err store_session_by_sid(struct store *store, struct instant now, struct slice sid,
    struct session *session, struct user *user, enum reason *standing, bool *found);

/*
 * Moves the idle end and the last use, if standing_touch_is_due. For verify by the gate cookie,
 * which also shows that the browser holds this session.
 */
enum pt_err store_session_touch(struct store *store, const struct store_caller *caller,
    uint64_t session_number);

/*
 * Visits the sessions of a user, last use first, or of all (0). with_ended: also those that have
 * ended.
 */
enum pt_err store_session_each(struct store *store, struct instant now, uint64_t user_number,
    bool with_ended,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx);

/*
 * Visits the browsers in which the user is signed in, last use first. Each is shown by the session
 * that was used last, or by the one numbered current (0: none).
 */
enum pt_err store_browser_each(struct store *store, struct instant now, uint64_t user_number,
    uint64_t current,
    bool (*visit)(const struct session *session, enum reason standing, void *ctx), void *ctx);

/*
 * Renames one live session of the user (0: of anyone), and the user's others in the same browser.
 * *found is false for another user's session as if there were none.
 */
enum pt_err store_session_rename(struct store *store, const struct store_caller *caller,
    uint64_t user_number, struct slice sid, struct slice device, struct session *out, bool *found);

/*
 * Ends one live session of the user (0: of anyone), and older ones of the same browser, as a logout
 * does.
 */
enum pt_err store_session_end(struct store *store, const struct store_caller *caller,
    uint64_t user_number, struct slice sid, enum reason reason, bool *found);

/*
 * Ends that session and all others of its user in its browser, older and newer: the browser, as
 * lists show it.
 */
enum pt_err store_browser_end(struct store *store, const struct store_caller *caller,
    uint64_t user_number, struct slice sid, enum reason reason, bool *found);

/*
 * Ends all of a user's sessions but keep_session (0: none), in one transaction; or everybody's
 * (user_number 0), in so many transactions that each is short. *count, if not NULL, is how many.
 */
enum pt_err store_session_end_all(struct store *store, const struct store_caller *caller,
    uint64_t user_number, uint64_t keep_session, enum reason reason, uint64_t *count);

/*
 * ---- the status list: sessions that have ended, for services that verify access tokens themselves
 * ----
 */

struct store_status {
	uint64_t version;	/* changes whenever the list changes otherwise than by time */
	/* all indices are below it; a power of two from 2^16 on, which never shrinks */
	uint64_t capacity;
};

/* Where the list stands: cheap. */
enum pt_err store_status_look(struct store *store, struct store_status *out);

/*
 * Visits, until visit returns false, the indices of the sessions that have ended while access
 * tokens of theirs may still live, in no meaningful order. An index whose tokens were over by
 * over_ms is left out. *out says which list these are of, and is set before the first visit.
 */
enum pt_err store_status_each(struct store *store, int64_t over_ms, struct store_status *out,
    bool (*visit)(uint64_t index, void *ctx), void *ctx);

/* ---- services ---- */

/* Adds a service, whose times are set here. *added is false if the name is taken. */
enum pt_err store_service_add(struct store *store, const struct store_caller *caller,
    struct service *service, bool *added);

enum pt_err store_service_by_name(struct store *store, struct slice name, struct service *out,
    bool *found);

/* Visits every service as store_user_each does every user. */
enum pt_err store_service_each(struct store *store,
    bool (*visit)(const struct service *service, void *ctx), void *ctx);

/* Replaces the secret; the old one is no longer good. */
enum pt_err store_service_set_secret(struct store *store, const struct store_caller *caller,
    struct slice name, const uint8_t secret_hash[DIGEST_SIZE], bool *found);

enum pt_err store_service_remove(struct store *store, const struct store_caller *caller,
    struct slice name, bool *found);

/* ---- audit ---- */

struct store_event_filter {
	uint64_t user_number;		/* 0: any */
	struct slice username;		/* folded, also of users who are gone; empty: any */
	/* also events that have this for the name, from when no user had it */
	struct slice tag;
	struct slice sid;		/* empty: any */
	struct slice address;		/* empty: any */
	enum event_kind kind;		/* EVENT_NONE: any */
	int64_t since_ms;		/* 0: from the beginning */
	uint64_t after_number;		/* only those with a higher number: for following */
	uint64_t newest;		/* only the last ones, as many; 0: all */
};

/* Visits the events that match, oldest first, until visit returns false. */
enum pt_err store_event_each(struct store *store, const struct store_event_filter *filter,
    bool (*visit)(const struct event *event, void *ctx), void *ctx);

/*
 * Records an event that belongs to no other operation (a key change, a restore). It gets its number
 * here.
 */
enum pt_err store_event_add(struct store *store, struct event *event);

/* ---- care ---- */

struct store_swept {
	unsigned handled;	/* records that were due */
	bool more;		/* there may be others: call again */
};

/*
 * Deals with at most budget records that are due, in one short transaction: ends sessions that have
 * expired, and removes sessions that ended long ago, events beyond the log's bounds, links and
 * status indices whose time is over. It takes a record of each kind in turn, so that no kind waits
 * for the backlog of another. What does not decode is set aside for store_mend. Clears dead readers
 * too.
 */
enum pt_err store_sweep(struct store *store, struct instant now, unsigned budget,
    struct store_swept *out);

/* A walk that has not begun yet: it begins at a random record. */
#define STORE_ANYWHERE UINT64_MAX

/*
 * Looks at a number of sessions, from *position on (0: the first; STORE_ANYWHERE: any). If the
 * dates of one lie more than two hours ahead of the clock, they are set to count from now, so that
 * a session that a clock years ahead has begun ends in time though nobody uses it. *position is
 * then where the next call goes on, and 0 after the last session. Do not call it while the clock is
 * known to be behind.
 */
enum pt_err store_bring_back(struct store *store, struct instant now, unsigned looks,
    uint64_t *position, unsigned *brought);

/*
 * Checks the next few sessions against options->otp_required, if that has changed, and ends those
 * that lack the second factor, so that the status list reports them. *position is 0 for the first
 * call; leave it as it is for the next. *done says that nothing is left to do, as it mostly is at
 * the first call, after one look.
 */
enum pt_err store_require_otp(struct store *store, struct instant now, uint64_t *position,
    bool *done);

struct store_stats {
	uint64_t users, sessions, events;
	/* without a recorded end: idle ones too, until they are swept */
	uint64_t sessions_live;
	uint64_t map_bytes, used_bytes;
	uint64_t file_bytes;		/* the file, with the pages that are free in it */
	/* of this process: how many commits carried how many changes */
	uint64_t commits, changes;
	uint64_t largest_group;
	unsigned readers, readers_max;
	uint32_t schema;
};
enum pt_err store_stats(struct store *store, struct store_stats *out);

/*
 * A consistent, compacted copy of the database into file (created, 0600, synced), while everything
 * goes on. It ends with a seal, its checksum, to which store_restore holds it.
 */
enum pt_err store_backup(struct store *store, const char *file);

/*
 * Whether a backup has a seal. Backups of older versions have none, and are restored all the same.
 */
bool store_backup_is_sealed(const char *file);

/*
 * Puts a backup in the place of the database of options->folder, if there is one. It must not be
 * open anywhere (PT_ERR_BUSY if it is). If the backup is not as it was sealed, or store_verify
 * finds a problem in it, it is PT_ERR_CORRUPT, and nothing is changed. A damaged file may end the
 * process that reads it, so a child process does: call this while no other thread runs and no store
 * is open. Unless keep_sessions, every session in it ends (REASON_RESTORED), since it may have been
 * revoked after the backup was made.
 */
enum pt_err store_restore(const struct store_options *options, const char *file, bool keep_sessions,
    struct instant now);

/*
 * Removes what does not decode and mends the indexes, a little at a time, while everything goes on.
 * If that loses a user, the user's sessions end. A second factor that does not decode is left,
 * since without it a password would be enough: store_otp_set and store_otp_remove decide about it.
 * Each thing done is reported to say (may be NULL) and to the log; *mended counts them.
 */
enum pt_err store_mend(struct store *store, struct instant now,
    void (*say)(const char *done, void *ctx), void *ctx, uint64_t *mended);

/*
 * Replaces the database of options->folder, which must not be open anywhere (PT_ERR_BUSY if it is),
 * by a copy without free pages: the file becomes as small as it can be, and what is read together
 * lies together. A crash leaves the one or the other. *before and *after are in bytes.
 */
enum pt_err store_compact(const struct store_options *options, uint64_t *before, uint64_t *after);

/*
 * Reads every record and holds the indexes to them. Each problem is reported to say (may be NULL)
 * and counted.
 */
enum pt_err store_verify(struct store *store, void (*say)(const char *problem, void *ctx),
    void *ctx, uint64_t *problems);

#endif
