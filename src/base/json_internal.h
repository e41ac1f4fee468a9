/* What the scanner and the reader of JSON share, and nobody else. */
#ifndef PINTLE_BASE_JSON_INTERNAL_H
#define PINTLE_BASE_JSON_INTERNAL_H

#include "base/json.h"

enum { JSON_END = -1, JSON_BROKEN = -2 };

/*
 * The next character between a string's quotes: a raw byte, or the code point
 * of an escape. JSON_END behind the last, JSON_BROKEN for a control byte, an
 * unknown escape or half a surrogate pair.
 */
int32_t json_next_char(const char **at, const char *end);

/* Whether two names, as written between their quotes, mean the same. */
bool json_same_name(struct slice a, struct slice b);

#endif
