/*
 * The one place where clocks are read. Lifetimes are told by the wall clock,
 * which a person may set; ages of a few minutes by the time since boot, which
 * does not step and goes on while the machine sleeps. Tests put their own
 * source here.
 */
#ifndef PINTLE_BASE_CLOCK_H
#define PINTLE_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* A moment for measuring ages: milliseconds since a boot, and which boot it was. */
struct stamp {
	uint64_t boot;	/* the first 64 bits of the kernel's boot id; 0 is "long ago" */
	int64_t ms;	/* CLOCK_BOOTTIME, milliseconds */
};

/* A moment on both clocks. */
struct instant {
	int64_t wall_ms;	/* CLOCK_REALTIME, milliseconds since 1970, UTC */
	struct stamp stamp;
};

/* What age() gives where the two moments are of different boots. */
#define AGE_LONG_AGO INT64_MAX

struct instant clock_now(void);

/* From now on clock_now gives what source gives; NULL: the real clocks. Tests only. */
void clock_set_source(struct instant (*source)(void));

/*
 * The moment on CLOCK_MONOTONIC that is so many microseconds ahead: the end of a thread's wait, for
 * pthread_cond_timedwait and clock_nanosleep. Of the machine's clock always, whatever source tests have put
 * in: what waits must end in the machine's time.
 */
struct timespec clock_wait_end(int64_t us);

/*
 * Milliseconds from then to now; AGE_LONG_AGO for another boot. Negative only
 * where then comes from a copy of the future (a restored snapshot).
 */
int64_t clock_age_ms(struct stamp now, struct stamp then);

/* RFC 3339 in UTC, whole seconds ("2026-11-24T01:52:49Z"): 20 characters and NUL. */
#define CLOCK_TEXT_SIZE 21
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_SIZE]);

#endif
