/*
 * The one place where clocks are read. Lifetimes follow the wall clock, which a person may set;
 * ages of a few minutes follow the time since boot, which does not step and goes on while the
 * machine sleeps (DESIGN.md, Ages and lifetimes). Tests put their own source here.
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

/* What clock_age_ms gives for two moments of different boots. */
#define AGE_LONG_AGO INT64_MAX

struct instant clock_now(void);

/* Makes clock_now return what source returns; NULL: the real clocks. Tests only. */
void clock_set_source(struct instant (*source)(void));

/*
 * The moment on CLOCK_MONOTONIC that is us microseconds ahead: the end of a wait, for
 * pthread_cond_timedwait and clock_nanosleep. It ignores the source that tests set, since waits end
 * in the machine's time.
 */
struct timespec clock_wait_end(int64_t us);

/* Whether a is before b. */
bool clock_is_before(struct timespec a, struct timespec b);

/*
 * Milliseconds from then to now; AGE_LONG_AGO for another boot. Negative only if then comes from a
 * copy of a later state (a restored snapshot).
 */
int64_t clock_age_ms(struct stamp now, struct stamp then);

/* RFC 3339 in UTC, whole seconds ("2026-11-24T01:52:49Z"): 20 characters and NUL. */
#define CLOCK_TEXT_SIZE 21
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT_SIZE]);

#endif
