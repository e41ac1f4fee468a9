/*
 * The head of an LMDB file: its first two pages. LMDB believes them unread: with a page size of 0
 * it divides by it, and with pages beyond the map it asks for more memory than there is, every
 * time. So a file that may be damaged is looked at here before LMDB opens it. What lmdb/look.h
 * knows of the same bytes serves another question: how long the store's file has to be.
 */
#ifndef PINTLE_STORE_LIMITS_HEAD_H
#define PINTLE_STORE_LIMITS_HEAD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * False if LMDB must not open the file in a map of so many bytes. True also for what it refuses by
 * itself: a file that is too short, or of another version.
 */
bool head_is_sound(int fd, uint64_t map_bytes);

#endif
