/* Bytes that nobody else may see: wiped after use, compared in constant time, never printed. */
#ifndef PINTLE_BASE_SECRET_H
#define PINTLE_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites len bytes in a way that the compiler may not optimize away. */
void secret_wipe(void *bytes, size_t len);

/* Whether the two hold the same len bytes, in a time that does not depend on them. */
bool secret_eq(const void *a, const void *b, size_t len);

/*
 * Memory for a long-lived secret: pages of its own, all zero, kept out of core dumps and, if the
 * system allows it, out of swap. NULL if there is none.
 */
void *secret_alloc(size_t len);

/* Wipes and frees what secret_alloc(len) returned; NULL does nothing. */
void secret_free(void *bytes, size_t len);

#endif
