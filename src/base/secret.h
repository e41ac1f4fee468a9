/*
 * Bytes that nobody else may see: wiped when done with, compared in constant
 * time, and never printed.
 */
#ifndef PINTLE_BASE_SECRET_H
#define PINTLE_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites len bytes in a way that the compiler may not leave out. */
void secret_wipe(void *bytes, size_t len);

/* Whether the two hold the same len bytes, in a time that does not depend on them. */
bool secret_eq(const void *a, const void *b, size_t len);

/*
 * Memory for a secret that stays: pages of its own, all zero, kept out of swap
 * where the system lets us and out of core dumps. NULL if there is none.
 */
void *secret_alloc(size_t len);

/* Wipes and releases what secret_alloc(len) gave; NULL does nothing. */
void secret_free(void *bytes, size_t len);

#endif
