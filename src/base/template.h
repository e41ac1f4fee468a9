/*
 * Text with places to fill: pages and printed configurations. {{name}} becomes
 * the field's value; {{#name}} ... {{/name}} is repeated for each item of the
 * list, or kept once if the field of that name is not empty; {{^name}} ...
 * {{/name}} is kept if the list or field is empty. A line that holds nothing
 * but one of these marks leaves no line behind. An item sees the fields around it.
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

struct template_scope {
	const struct template_field *fields;
	size_t field_count;
	const struct template_list *lists;
	size_t list_count;
};

/*
 * Appends text with its places filled from scope, each value through put
 * (buf_put for plain text, template_put_html for a page). PT_ERR_INVALID if text
 * names what scope lacks, or its marks do not match: nothing is promised about
 * out then.
 */
enum pt_err template_render(struct slice text, const struct template_scope *scope,
    void (*put)(struct buf *out, struct slice value), struct buf *out);

/* Appends value with & < > " ' as character references: safe in text and in quoted attributes. */
void template_put_html(struct buf *out, struct slice value);

#endif
