/*
 * Templates: pages and printed configurations. {{name}} becomes the field's value. {{#name}} ...
 * {{/name}} is repeated for each item of the list, or kept once if the field of that name is not
 * empty. {{^name}} ... {{/name}} is kept if the list or field is empty. {{>name}} inserts another
 * template; if it stands alone on its line, what it inserts is indented as it is. A line that holds
 * only one of these marks leaves no line. An item sees the fields around it.
 */
#ifndef PINTLE_BASE_TEMPLATE_H
#define PINTLE_BASE_TEMPLATE_H

#include "base/buf.h"

struct template_field {
	const char *name;
	struct slice value;
};

struct template_scope;

struct template_list {
	const char *name;
	const struct template_scope *items;
	size_t count;
};

/* A text that several templates share. */
struct template_part {
	const char *name;
	const struct slice *text;
};

struct template_scope {
	const struct template_field *fields;
	size_t field_count;
	const struct template_list *lists;
	size_t list_count;
	const struct template_part *parts;
	size_t part_count;
};

/*
 * Appends text with its marks filled from scope, each value through put (buf_put for plain text, or
 * one of the functions below). PT_ERR_INVALID, with out undefined, if text names something that
 * scope lacks or its marks do not match.
 */
enum pt_err template_render(struct slice text, const struct template_scope *scope,
    void (*put)(struct buf *out, struct slice value), struct buf *out);

/* Appends value with & < > " ' as character references, safe in text and in quoted attributes. */
void template_put_html(struct buf *out, struct slice value);

/* Appends value as a string in double quotes that JSON, JavaScript and YAML read alike. */
void template_put_quoted(struct buf *out, struct slice value);

#endif
