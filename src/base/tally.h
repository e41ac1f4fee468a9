/*
 * Counts of what happened in all workers and CGI runs of a site: numbers in a file that each of
 * them maps, so that counting is one addition in memory (DESIGN.md, Counts in a shared map). They
 * survive a restart, but they are no evidence, which is the audit log's work, and nothing is
 * decided by them. What cannot be counted is not counted.
 */
#ifndef PINTLE_BASE_TALLY_H
#define PINTLE_BASE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define TALLY_REASONS 64	/* at most; refusals are counted by the number of their reason */
/* commits by how many changes they carry: 1, 2 to 3, 4 to 7 and so on */
#define TALLY_SIZES 8

/*
 * What is counted; tally_info has the names. The order may change: a file of another table is made
 * anew.
 */
enum tally {
	TALLY_LOGIN_GOOD = 0,
	TALLY_LOGIN_FAILED,
	TALLY_LOGIN_OTP_ASKED,
	TALLY_LOGIN_OTP_FAILED,
	TALLY_LOGIN_LIMITED,
	TALLY_LOGIN_BUSY,
	TALLY_REFRESH_ROW_1,	/* the rotation rule's rows; the other five follow */
	TALLY_REFRESH_ROW_6 = TALLY_REFRESH_ROW_1 + 5,
	TALLY_REFRESH_REFUSED,	/* for any reason */
	TALLY_VERIFY_HIT,	/* the token had been verified before, and was remembered */
	TALLY_VERIFY_MISS,
	TALLY_VERIFY_GATE,	/* a gate cookie was checked */
	TALLY_VERIFY_PASSED,
	TALLY_VERIFY_REFUSED,
	TALLY_INTROSPECT_ACTIVE,
	TALLY_INTROSPECT_INACTIVE,
	TALLY_COMMITS,
	TALLY_CHANGES,
	TALLY_COMMIT_FAILED,
	TALLY_HASHING_DONE,
	TALLY_HASHING_WAITED,
	TALLY_HASHING_BUSY,
	TALLY_REQUEST_2XX,
	TALLY_REQUEST_3XX,
	TALLY_REQUEST_4XX,
	TALLY_REQUEST_5XX,
	TALLY_ADDRESS_UNREAD,	/* a proxy sent something that is no address */
	/* the number of counts with a row in the table; the others are series of numbers: */
	TALLY_NAMED,
	TALLY_REASON_0 = TALLY_NAMED,
	TALLY_SIZE_1 = TALLY_REASON_0 + TALLY_REASONS,
	TALLY_COUNT = TALLY_SIZE_1 + TALLY_SIZES
};

/* The name and the group of a count below TALLY_NAMED. */
struct tally_info {
	const char *group;
	const char *name;
};
const struct tally_info *tally_info(enum tally what);

/*
 * Counts go to the file at path from now on. It is made, with mode 0600, if it is missing or not
 * ours (damaged, or of another table). Call before threads are started and before the sandbox.
 * PT_ERR_IO with errno, PT_ERR_PERM if it is no regular file; after either, counts go nowhere.
 */
enum pt_err tally_open(const char *path);

/* Counts go nowhere again. */
void tally_close(void);

/* From any thread. */
void tally_add(enum tally what, uint64_t count);

/* The same for one of a series of numbers; numbers after its end are not counted. */
void tally_add_reason(unsigned reason);
void tally_add_commit(uint64_t changes);

/* The contents of a file. */
struct tally_sheet {
	int64_t since_ms;	/* when it was made */
	uint64_t counts[TALLY_COUNT];
};

/*
 * Reads the file at path without changing it. *found is false, with *out zero, if there is none or
 * it is not ours.
 */
enum pt_err tally_read(const char *path, struct tally_sheet *out, bool *found);

#endif
