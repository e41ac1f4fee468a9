/*
 * Password hashes: argon2id (RFC 9106) as PHC strings, those that other programs made, which
 * are remade as argon2id at the next right login, and the slots that bound how much
 * memory all hashing of all workers and CGI runs may take at once.
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

/* The most that may be configured, or stand in a stored hash. */
#define PASSWORD_MAX_MEMORY_KIB (2u * 1024 * 1024)
#define PASSWORD_MAX_PASSES 100u
#define PASSWORD_MAX_LANES 16u

/*
 * A PHC string with a fresh salt of 16 bytes and a hash of 32. The password is
 * any bytes, as sent. PT_ERR_NOMEM; PT_ERR_CRYPTO, also for a cost that argon2
 * does not know (no pass, no lane, less than 8 KiB a lane).
 */
enum pt_err password_hash(struct slice password, const struct password_cost *cost, char out[PASSWORD_HASH_SIZE]);

/* What can be said of a hash from its text alone. */
enum password_form {
	PASSWORD_FORM_UNKNOWN = 0,	/* of no kind that is known here */
	PASSWORD_FORM_MALFORMED,	/* begins like a kind, and goes on like none */
	PASSWORD_FORM_TOO_WEAK,		/* not taken: other passwords than the person's open it, or anybody finds it at once */
	PASSWORD_FORM_TOO_COSTLY,	/* asks for more than any hash may take */
	PASSWORD_FORM_GOOD,
};

/* What checking a password against a hash takes. */
struct password_need {
	const char *kind;	/* "bcrypt", for people; NULL: of none that is known. Static */
	uint64_t memory_kib;
	uint64_t work_kib;	/* time: as much as passing over so many KiB by argon2id takes, about */
};

/*
 * Looks at a hash of whatever origin: PHC strings of argon2, what crypt(3) makes (yescrypt, scrypt,
 * bcrypt, sha512crypt and older ones), apr1, {SHA} and {SSHA}. Nothing is computed.
 * *need is filled in where the form is good; .kind always.
 */
enum password_form password_look(struct slice hash, struct password_need *need);

/*
 * How many hashing slots such a check has to hold, each standing for the memory of one hash
 * at cost: 1 at least, more than PASSWORD_SLOTS_MAX where no number of them is enough.
 */
unsigned password_weight(const struct password_need *need, const struct password_cost *cost);

/*
 * Whether password is the one behind hash, of any kind above. With hash NULL or empty (no such
 * user, no password set) does the same work at cost and says false; where hash has
 * less than cost, makes up for it. *weaker, if not NULL, is set where the hash is right but
 * is not argon2id at cost: it wants to be remade. Not so where bytes of the password did not count
 * (bcrypt looks at 72): what came behind them may be wrong. PT_ERR_CORRUPT for a hash whose
 * form is not good; otherwise as password_hash.
 */
enum pt_err password_verify(struct slice password, const char *hash, const struct password_cost *cost,
    bool *good, bool *weaker);

/*
 * Slots: locks on byte ranges of one file, so the kernel frees what a dead
 * process held. At most `slots` hashes run at once among all that share the file.
 */
struct password_slots;

#define PASSWORD_SLOTS_MAX 256

struct password_slots_options {
	unsigned slots;		/* 1..PASSWORD_SLOTS_MAX */
	unsigned wait_ms;	/* for a free one, at most */
	unsigned threads;	/* of this process that hash at once, at most; the others have time for what needs no password */
	unsigned queue;		/* and that wait besides, at most */
};

/*
 * path is created (0600) if it is not there. The threads of this process that find no slot
 * free wait in a line: who came first is let in first. *out is
 * yours, and for this process alone: across a fork the
 * locks would be shared and keep nobody apart. PT_ERR_INVALID if there are too many slots or none, or no
 * threads; PT_ERR_IO with errno.
 */
enum pt_err password_slots_open(const char *path, const struct password_slots_options *options,
    struct password_slots **out);

/* Who is told that a wait begins (true) and has ended (false), whatever came of it; where nobody waits, of nothing. */
struct password_waiter {
	void (*told)(void *ctx, bool waits);	/* must not wait for anything itself */
	void *ctx;
};

/*
 * Takes a slot; *slot is its handle, for _leave, and -1 on failure. PT_ERR_BUSY
 * if none came free in time, or, at once, if enough threads wait already. From many threads at the same time.
 */
enum pt_err password_slots_enter(struct password_slots *slots, int *slot);

/*
 * The same for a hash that takes the memory of several: *slot stands for weight slots, and either all are held or
 * none. PT_ERR_INVALID if weight is 0 or more than there are. waiter may be NULL.
 */
enum pt_err password_slots_enter_many(struct password_slots *slots, unsigned weight,
    const struct password_waiter *waiter, int *slot);

/* How many there are. */
unsigned password_slots_count(const struct password_slots *slots);

/* Frees what slot stands for; -1 does nothing. */
void password_slots_leave(struct password_slots *slots, int slot);

/* How many are taken right now, by anyone: those that somebody still gathers are among them. */
unsigned password_slots_used(const struct password_slots *slots);

/* None may be taken any more; NULL does nothing. */
void password_slots_close(struct password_slots *slots);

#endif
