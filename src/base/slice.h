/*
 * Borrowed bytes with their length. A slice owns nothing, may contain NUL, and is valid as long as
 * the memory it points into. C strings are used at the edges only.
 */
#ifndef PINTLE_BASE_SLICE_H
#define PINTLE_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const char *ptr;
	size_t len;
};

/* A slice of a string literal, without its NUL. */
#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

/* For printf's "%.*s". */
#define SLICE_ARG(s) (int)(s).len, (s).ptr

/* The slice of a C string without its NUL; NULL gives the empty slice. */
struct slice slice_of(const char *cstr);

bool slice_eq(struct slice a, struct slice b);

/* The same, ignoring the case of ASCII letters. */
bool slice_eq_nocase(struct slice a, struct slice b);

bool slice_starts(struct slice s, struct slice prefix);

/* s without its first n bytes; the empty slice if it has fewer. */
struct slice slice_skip(struct slice s, size_t n);

/*
 * Cuts s at the first sep: *before is what precedes it, *after what follows. If there is no sep,
 * returns false with *before = s and *after empty. The outputs may be the input's own variable.
 */
bool slice_cut(struct slice s, char sep, struct slice *before, struct slice *after);

/* Whether word is one of a list whose words are separated by sep. */
bool slice_is_listed(struct slice word, struct slice list, char sep);

/* s without spaces and tabs at either end. */
struct slice slice_trim(struct slice s);

/* True if s has a byte below 0x20 or 0x7f. */
bool slice_has_control(struct slice s);

/*
 * The length of the well-formed UTF-8 sequence that s begins with (RFC 3629: no surrogates, no
 * overlong forms); 0 if none.
 */
size_t slice_utf8_head(struct slice s);

/* True if s has only ASCII letters, digits and the characters of more, or nothing. */
bool slice_is_plain(struct slice s, const char *more);

/* True if s is well-formed UTF-8 throughout. */
bool slice_is_utf8(struct slice s);

/* The value of a hexadecimal digit in either case; -1 for any other character. */
int slice_hex_digit(char c);

/* Decimal digits only, at least one, no sign, no overflow; else false. */
bool slice_to_u64(struct slice s, uint64_t *out);

/*
 * Copies s into a C string of cap bytes, NUL included. False, with dst empty,
 * if it does not fit or holds a NUL.
 */
bool slice_copy(struct slice s, char *dst, size_t cap);

/*
 * Copies as much of s as fits into a C string of cap bytes, never half a UTF-8 sequence. Control
 * characters (including C1, which terminals obey) and broken UTF-8 become '?'. For text that a
 * stranger sent and a person will read, such as a user agent or a device name.
 */
void slice_copy_printable(struct slice s, char *dst, size_t cap);

#endif
