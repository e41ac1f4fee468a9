/*
 * Where the guesses are counted (core/limit.h): a small LMDB environment of its
 * own, shared by all workers, CGI runs and commands. It is written at every try, and is
 * worth no wait for the disk: the death of a process costs it nothing, a reboot
 * nothing where the machine was stopped in order or nothing had been counted
 * for half a minute; after a crash of the machine or damage it is made anew, and the log says so.
 *
 * What is counted is named by a keyed hash, so that nothing here tells names or
 * addresses. It has room for a number of them: beyond that, those that are
 * nearest to being forgotten make room, so that filling it lifts no limit
 * sooner than waiting would.
 *
 * A store that cannot be used allows no try: its failures are to be answered
 * as failures. After PT_ERR_FATAL the process has to leave; the next one makes it anew.
 */
#ifndef PINTLE_STORE_LIMITS_H
#define PINTLE_STORE_LIMITS_H

#include <stddef.h>

#include "base/error.h"
#include "core/limit.h"

#define LIMITS_KEY_SIZE 16
#define LIMITS_RECORDS 200000		/* accounts, addresses and devices that are remembered at the same time */
#define LIMITS_TELL_EVERY_MS 60000	/* a limit that is met again and again is told of once in so long */

struct limits;

/*
 * Opens folder's (0700, made if it is not there), or makes it; records is LIMITS_RECORDS but
 * for tests. *out is yours, for limits_close; any number of threads, one process.
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
	bool tell;			/* when it is not: the first time within LIMITS_TELL_EVERY_MS for one of those that refuse */
	int64_t refused;		/* how many were not since that was last told, with this one */
};

/* Decides about one try and counts it, in one transaction. */
enum pt_err limits_take(struct limits *limits, const struct limits_claim *claims, size_t count, struct instant now,
    struct limits_verdict *out);

/* Takes back what one limits_take counted. */
enum pt_err limits_give_back(struct limits *limits, const struct limits_claim *claims, size_t count,
    struct instant now);

/* What is remembered of one; zero: nothing. */
enum pt_err limits_get(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE], struct limit_state *out);

/* Forgets all that is remembered of one. */
enum pt_err limits_forget(struct limits *limits, const uint8_t key[LIMITS_KEY_SIZE]);

/* Removes at most budget of what is forgotten by now; *removed is how many. Then writes what was counted to the disk. */
enum pt_err limits_sweep(struct limits *limits, struct instant now, unsigned budget, unsigned *removed);

/* How many are remembered. */
enum pt_err limits_count(struct limits *limits, uint64_t *count);

#endif
