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

#endif
