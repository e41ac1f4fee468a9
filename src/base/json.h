/*
 * JSON exactly as in RFC 8259. The reader takes an object only after a strict scan (DESIGN.md, A
 * strict scan before cJSON): well-formed UTF-8, no byte-order mark, no duplicate names, no NUL in
 * any string (not even escaped), at most 8 levels deep, at most 64 members in an object, nothing
 * after the value. Only the implementation of this header uses cJSON.
 */
#ifndef PINTLE_BASE_JSON_H
#define PINTLE_BASE_JSON_H

#include "base/buf.h"

#define JSON_MAX_DEPTH 8
#define JSON_MAX_MEMBERS 64	/* of one object: keeps the search for duplicates short */

struct json;

/*
 * Reads one JSON object. PT_ERR_INVALID if text is anything else or breaks a rule above;
 * PT_ERR_NOMEM. On PT_OK free *out with json_free.
 */
enum pt_err json_parse_object(struct slice text, struct json **out);

/* Whether text is any JSON value that keeps the rules above. */
bool json_scan(struct slice text);

/* Wipes every string, since a body may hold passwords, and frees the object. NULL does nothing. */
void json_free(struct json *json);

enum json_kind {
	JSON_ABSENT = 0, JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
};

/* The kind of the member called name (exact case); JSON_ABSENT if there is none. */
enum json_kind json_kind_of(const struct json *object, const char *name);

/* The name of member i, in their order in the text; borrowed. False after the last one. */
bool json_member_name(const struct json *object, size_t i, struct slice *out);

/* A string member, borrowed from object; false if absent or of another kind. */
bool json_get_string(const struct json *object, const char *name, struct slice *out);

bool json_get_bool(const struct json *object, const char *name, bool *out);

/*
 * A number member written as a whole number within +-2^53, without fraction or exponent. False for
 * anything else, such as 1.5, 1e9, "5" or 10^30. (RFC 7519 allows a NumericDate to have a fraction;
 * ours never has one.) It is read from the digits themselves, so nothing is rounded.
 */
bool json_get_integer(const struct json *object, const char *name, int64_t *out);

/* A member that is an object, borrowed; NULL if absent or of another kind. */
const struct json *json_get_object(const struct json *object, const char *name);

/* Number of elements of an array member; 0 if absent or of another kind. */
size_t json_array_len(const struct json *object, const char *name);

/* Element i of an array member, if it is a string; borrowed. */
bool json_array_string(const struct json *object, const char *name, size_t i, struct slice *out);

/* Element i of an array member, if it is an object; borrowed, else NULL. */
const struct json *json_array_object(const struct json *object, const char *name, size_t i);

/*
 * Writing: a small streaming writer into a buf, which adds the commas. Strings should be UTF-8;
 * broken bytes are written as U+FFFD. No white space.
 */
struct json_writer {
	struct buf *out;
	bool comma;	/* the next member or element needs one before it */
};

struct json_writer json_writer(struct buf *out);
/* { ; name is NULL at the top and in arrays */
void json_open(struct json_writer *w, const char *name);
void json_close(struct json_writer *w);				/* }  */
void json_open_array(struct json_writer *w, const char *name);
void json_close_array(struct json_writer *w);
void json_put_string(struct json_writer *w, const char *name, struct slice value);
void json_put_cstr(struct json_writer *w, const char *name, const char *value);
void json_put_integer(struct json_writer *w, const char *name, int64_t value);
void json_put_bool(struct json_writer *w, const char *name, bool value);
void json_put_null(struct json_writer *w, const char *name);
/* RFC 3339, or null for 0 */
void json_put_time(struct json_writer *w, const char *name, int64_t wall_ms);

#endif
