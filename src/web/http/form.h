/*
 * Strict reading of application/x-www-form-urlencoded (WHATWG URL, 5.1), for form bodies and query
 * strings. A name or value that is not UTF-8, or has a NUL or a broken %-escape, makes the whole
 * form malformed. See DESIGN.md, Unknown parameters of destructive requests.
 */
#ifndef PINTLE_WEB_HTTP_FORM_H
#define PINTLE_WEB_HTTP_FORM_H

#include "base/buf.h"

#define FORM_MAX_FIELDS 32

struct form_field {
	struct slice name;
	struct slice value;
};

/* A form that was read, owning its text. */
struct form {
	struct form_field fields[FORM_MAX_FIELDS];
	size_t count;
	struct buf text;
};

/*
 * Reads text; *good is false, and *out empty, if it is malformed or has too many fields. *out is
 * yours, for form_free.
 */
enum pt_err form_parse(struct slice text, struct form *out, bool *good);

/* Wipes and releases: a form holds passwords. */
void form_free(struct form *form);

enum form_found { FORM_ABSENT = 0, FORM_REPEATED, FORM_ONCE };

/* The value of the field called name, borrowed from form; set only if it came exactly once. */
enum form_found form_get(const struct form *form, const char *name, struct slice *value);

#endif
