/*
 * Values as a person writes them: durations ("10min", "24 h"), sizes ("19 MiB"), yes and no. A
 * number without a unit is refused, since its meaning would be a guess.
 */
#ifndef PINTLE_CONF_UNITS_H
#define PINTLE_CONF_UNITS_H

#include "base/slice.h"

#define UNITS_SECOND INT64_C(1000)		/* in milliseconds */
#define UNITS_MINUTE (60 * UNITS_SECOND)
#define UNITS_HOUR (60 * UNITS_MINUTE)
#define UNITS_DAY (24 * UNITS_HOUR)
#define UNITS_KIB INT64_C(1024)			/* in bytes */
#define UNITS_MIB (1024 * UNITS_KIB)
#define UNITS_GIB (1024 * UNITS_MIB)

/*
 * These return NULL if text is valid, with *out set; else what is wrong with it, as a static phrase
 * to follow the value: "has no unit; ...".
 */
const char *units_parse_duration(struct slice text, int64_t *out_ms);	/* ms, s, min, h, d */
const char *units_parse_size(struct slice text, int64_t *out_bytes);	/* KiB, MiB, GiB */
const char *units_parse_count(struct slice text, int64_t *out);	/* digits only */
const char *units_parse_bool(struct slice text, bool *out);		/* yes, no */
const char *units_parse_mode(struct slice text, int64_t *out);	/* three or four octal digits */

/* A moment: RFC 3339 in UTC, a date (its beginning), or a duration, counted back from now. */
const char *units_parse_moment(struct slice text, int64_t now_ms, int64_t *out_ms);

/*
 * Writes the value in the largest unit that leaves no remainder: "10 min", "19 MiB"; it reads back
 * as the same value.
 */
#define UNITS_TEXT_SIZE 32
void units_format_duration(int64_t ms, char out[UNITS_TEXT_SIZE]);
void units_format_size(int64_t bytes, char out[UNITS_TEXT_SIZE]);

#endif
