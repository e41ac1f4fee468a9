/*
 * Password hashes: argon2id (RFC 9106) as PHC strings, and the slots that bound
 * how much memory all hashing of all workers and CGI runs may take at once.
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

/*
 * Whether password is the one behind hash. With hash NULL or empty (no such
 * user, no password set) does the same work at cost and says false; where hash has
 * less than cost, makes up for it. *weaker, if not NULL, is set where the hash is
 * right but has less than cost: it wants to be remade. PT_ERR_CORRUPT for a hash
 * that is no PHC string of argon2id or asks for more than the most above;
 * otherwise as password_hash.
 */
enum pt_err password_verify(struct slice password, const char *hash, const struct password_cost *cost,
    bool *good, bool *weaker);

/*
 * Slots: locks on byte ranges of one file, so the kernel frees what a dead
 * process held. At most `slots` hashes run at once among all that share the file.
 */
struct password_slots;

#define PASSWORD_SLOTS_MAX 256

/*
 * path is created (0600) if it is not there; the slots wait at most wait_ms for
 * a free one. No more than `threads` of this process's threads are in a slot or wait
 * for one, so that the others are left for what needs no password. *out is
 * yours, and for this process alone: across a fork the
 * locks would be shared and keep nobody apart. PT_ERR_INVALID unless slots is
 * in 1..PASSWORD_SLOTS_MAX and threads is not 0; PT_ERR_IO with errno.
 */
enum pt_err password_slots_open(const char *path, unsigned slots, unsigned wait_ms, unsigned threads,
    struct password_slots **out);

/*
 * Takes a slot; *slot is its handle, for _leave, and -1 on failure. PT_ERR_BUSY
 * if none came free in time, or, at once, if enough threads wait already. From many threads at the same time.
 */
enum pt_err password_slots_enter(struct password_slots *slots, int *slot);

/* Frees it; -1 does nothing. */
void password_slots_leave(struct password_slots *slots, int slot);

/* How many are taken right now, by anyone. */
unsigned password_slots_used(const struct password_slots *slots);

/* None may be taken any more; NULL does nothing. */
void password_slots_close(struct password_slots *slots);

#endif
