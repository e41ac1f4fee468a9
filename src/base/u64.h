/*
 * A number as eight bytes, most significant first, so that the bytes compare like the numbers. Keys
 * and records on disk use this form.
 */
#ifndef PINTLE_BASE_U64_H
#define PINTLE_BASE_U64_H

#include <stdint.h>

#define U64_SIZE 8

/* Writes U64_SIZE bytes to at. */
void u64_put(uint8_t *at, uint64_t value);

/* The number in the U64_SIZE bytes at at. */
uint64_t u64_get(const uint8_t *at);

#endif
