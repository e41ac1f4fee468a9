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
	uint32_t memory_kib;	/* m, at least 19456 by default */
	uint32_t passes;	/* t */
	uint32_t lanes;		/* p */
};

/* A PHC string with a fresh salt of 16 bytes and a hash of 32. The password is any bytes, as sent. */
enum pt_err password_hash(struct slice password, const struct password_cost *cost, char out[PASSWORD_HASH_SIZE]);

/*
 * Whether password is the one behind hash. With hash NULL or empty (no such
 * user, no password set) does the same work at cost and says false. *weaker, if not NULL, is set
 * where the hash is right but has less than cost: it wants to be remade.
 * PT_ERR_NOMEM, PT_ERR_CORRUPT for a hash that is no PHC argon2 string.
 */
enum pt_err password_verify(struct slice password, const char *hash, const struct password_cost *cost,
    bool *good, bool *weaker);

/*
 * Slots: locks on byte ranges of one file, so the kernel frees what a dead
 * process held. At most `slots` hashes run at once among all that share the file.
 */
struct password_slots;

/*
 * path is created (0600) if it is not there; the slots wait at most wait_ms for
 * a free one. *out is yours.
 */
enum pt_err password_slots_open(const char *path, unsigned slots, unsigned wait_ms, struct password_slots **out);

/* Takes a slot; *slot is its handle, for _leave. PT_ERR_BUSY if none came free in time. */
enum pt_err password_slots_enter(struct password_slots *slots, int *slot);
void password_slots_leave(struct password_slots *slots, int slot);

/* How many are taken right now, by anyone. */
unsigned password_slots_used(const struct password_slots *slots);
void password_slots_close(struct password_slots *slots);

#endif
