/*
 * malloc and free, watched: link with -Wl,--wrap=malloc,--wrap=free. Whether a
 * secret was wiped can only be seen at the moment when its memory is let go.
 */
#ifndef PINTLE_TESTS_MEMORY_DOUBLE_H
#define PINTLE_TESTS_MEMORY_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes every malloc fail until it is called with false. */
void memory_run_out(bool out);

/* From now on searches freed blocks for text; NULL ends the search. */
void memory_watch(const char *text);

/* How many blocks freed since memory_watch still held the text, and how many were freed in all. */
size_t memory_leaked(void);
size_t memory_freed(void);

#endif
