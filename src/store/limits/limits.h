/*
 * The counts of guesses (core/limit.h): a small LMDB environment of its own, shared by all workers,
 * CGI runs and commands. It is written at every try, and is not worth a wait for the disk. The
 * death of a process loses nothing. A reboot loses nothing either if the machine was stopped in
 * order, or if nothing had been counted for half a minute. After a crash of the machine, or damage,
 * the counts begin anew, and the log says so.
 *
 * What is counted is named by a keyed hash, so no name or address can be read here. There is room
 * for a fixed number of hashes: beyond it, those nearest to being forgotten go, so that filling it
 * lifts no limit sooner than waiting would.
 *
 * A store that cannot be used allows no try: answer its failures as failures. After PT_ERR_FATAL
 * the process has to leave; the next one makes the counts anew.
 */
#ifndef PINTLE_STORE_LIMITS_H
#define PINTLE_STORE_LIMITS_H

#include <stddef.h>

#include "base/error.h"
#include "core/limit.h"
#include "store/limits/key.h"

/* accounts, addresses and devices that are remembered at a time */
#define LIMITS_RECORDS 200000
/* a limit that is met again and again is reported once in this time */
#define LIMITS_TELL_EVERY_MS 60000

struct limits;

/*
 * Opens the counts in folder (0700, made if it is not there), or begins them. records is
 * LIMITS_RECORDS except in tests. *out is yours, for limits_close; any number of threads of one
 * process may use it. PT_ERR_IO with errno, PT_ERR_NOMEM.
 */
enum pt_err limits_open(const char *folder, unsigned records, struct limits **out);
void limits_close(struct limits *limits);

/* What one try counts for, and by which policy. */
struct limits_claim {
	uint8_t key[LIMITS_KEY_SIZE];
	struct limit_policy policy;
};

struct limits_verdict {
	bool allowed;			/* by all of them; counted for all then, else for none */
	int64_t retry_after_ms;		/* when it is not */
	/* to be logged: one that refuses has not been for LIMITS_TELL_EVERY_MS */
	bool tell;
	/* how many tries were refused since it was last logged, with this one */
	int64_t refused;
};

/* Decides about one try and counts it, in one transaction. */
enum pt_err limits_take(struct limits *limits, const struct limits_claim *claims, size_t count,
    struct instant now, struct limits_verdict *out);

/* Takes back what one limits_take counted. */
enum pt_err limits_give_back(struct limits *limits, const struct limits_claim *claims, size_t count,
    struct instant now);

/* What is remembered under this key; zero: nothing. */
enum pt_err limits_get(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE],
    struct limit_state *out);

/* Forgets all that is remembered under this key. */
enum pt_err limits_forget(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE]);

/*
 * Removes at most budget of what is forgotten by now; *removed is how many. When there was nothing
 * to remove, writes what was counted to the disk.
 */
enum pt_err limits_sweep(struct limits *limits, struct instant now, unsigned budget,
    unsigned *removed);

/* How many are remembered. */
enum pt_err limits_count(struct limits *limits, uint64_t *count);

#endif
