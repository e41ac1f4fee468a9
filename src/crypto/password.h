/*
 * Password hashes: argon2id (RFC 9106) as PHC strings; hashes from other programs, which are
 * upgraded to argon2id at the next right login; and the slots that bound the memory that all
 * workers and CGI runs together use for hashing.
 */
#ifndef PINTLE_CRYPTO_PASSWORD_H
#define PINTLE_CRYPTO_PASSWORD_H

#include "base/slice.h"
#include "base/error.h"

#define PASSWORD_HASH_SIZE 256	/* of a PHC string with its NUL */

struct password_cost {
	uint32_t memory_kib;	/* m */
	uint32_t passes;	/* t */
	uint32_t lanes;		/* p */
};

/* Upper bounds for the configuration and for stored hashes. */
#define PASSWORD_MAX_MEMORY_KIB (2u * 1024 * 1024)
#define PASSWORD_MAX_PASSES 100u
#define PASSWORD_MAX_LANES 16u

/*
 * Makes a PHC string with a fresh 16-byte salt and a 32-byte hash. The password may be any bytes,
 * as sent. PT_ERR_NOMEM; PT_ERR_CRYPTO, also for a cost that argon2 refuses (no pass, no lane, less
 * than 8 KiB for each lane).
 */
enum pt_err password_hash(struct slice password, const struct password_cost *cost,
    char out[PASSWORD_HASH_SIZE]);

/* What a hash's text alone shows. */
enum password_form {
	PASSWORD_FORM_UNKNOWN = 0,	/* of no known kind */
	PASSWORD_FORM_MALFORMED,	/* begins like a known kind, but is malformed */
	/* refused: passwords other than the person's open it, or it is easily broken */
	PASSWORD_FORM_TOO_WEAK,
	PASSWORD_FORM_TOO_COSTLY,	/* needs more than any hash may use */
	PASSWORD_FORM_GOOD,
};

/* What checking a password against a hash costs. */
struct password_need {
	const char *kind;	/* for people, such as "bcrypt"; NULL: unknown. Static */
	uint64_t memory_kib;
	/* time: about as long as argon2id needs for one pass over this many KiB */
	uint64_t work_kib;
};

/*
 * Examines a hash of any origin: PHC strings of argon2, the hashes of crypt(3) (yescrypt, scrypt,
 * bcrypt, sha512crypt and older ones), apr1, {SHA} and {SSHA}. Computes nothing. *need is filled in
 * if the form is good; its .kind always.
 */
enum password_form password_look(struct slice hash, struct password_need *need);

/*
 * How many hashing slots such a check must hold, each slot standing for the memory of one hash at
 * cost: at least 1; more than PASSWORD_SLOTS_MAX if no number suffices.
 */
unsigned password_weight(const struct password_need *need, const struct password_cost *cost);

/*
 * Whether password matches hash, which is of any kind above. If hash is NULL or empty (no such
 * user, no password set), does the same work at cost and returns false; if hash costs less than
 * cost, makes up the difference. *weaker, if not NULL, is set if the password is right but hash is
 * not argon2id at cost and should be upgraded; not if some bytes of the password did not count
 * (bcrypt reads 72), because those may be wrong. PT_ERR_CORRUPT for a malformed hash; otherwise as
 * password_hash.
 */
enum pt_err password_verify(struct slice password, const char *hash,
    const struct password_cost *cost, bool *good, bool *weaker);

/*
 * Slots: locks on byte ranges of one file, so that the kernel frees what a dead process held. All
 * processes that share the file together run at most `slots` hashes at once.
 */
struct password_slots;

#define PASSWORD_SLOTS_MAX 256

struct password_slots_options {
	unsigned slots;		/* 1..PASSWORD_SLOTS_MAX */
	unsigned wait_ms;	/* the longest wait for a free slot */
	/*
	 * the most threads of this process that hash at once; the others serve what needs no
	 * password
	 */
	unsigned threads;
	unsigned queue;		/* the most threads that wait besides */
};

/*
 * path is created (0600) if it does not exist. Threads of this process that find no free slot wait
 * in a queue, first come, first served. *out is yours, for this process only: after a fork both
 * processes would share the locks, which would then exclude neither. PT_ERR_INVALID if there are
 * too many slots or none, or no threads; PT_ERR_IO with errno.
 */
enum pt_err password_slots_open(const char *path, const struct password_slots_options *options,
    struct password_slots **out);

/* Called with true when a wait starts and with false when it ends; not called if there is none. */
struct password_waiter {
	void (*told)(void *ctx, bool waits);	/* must not block */
	void *ctx;
};

/*
 * Takes a slot; *slot is its handle, for _leave, and -1 on failure. PT_ERR_BUSY if none came free
 * in time, or at once if enough threads are waiting already. From many threads at once.
 */
enum pt_err password_slots_enter(struct password_slots *slots, int *slot);

/*
 * The same for a hash that needs the memory of several slots: *slot stands for weight slots, of
 * which either all are held or none. PT_ERR_INVALID if weight is 0 or more than there are. waiter
 * may be NULL.
 */
enum pt_err password_slots_enter_many(struct password_slots *slots, unsigned weight,
    const struct password_waiter *waiter, int *slot);

/* How many slots there are. */
unsigned password_slots_count(const struct password_slots *slots);

/* Frees the slots that slot stands for; -1 does nothing. */
void password_slots_leave(struct password_slots *slots, int slot);

/* How many slots all processes hold right now, including those that one is still gathering. */
unsigned password_slots_used(const struct password_slots *slots);

/* No slot may be held any longer; NULL does nothing. */
void password_slots_close(struct password_slots *slots);

#endif
