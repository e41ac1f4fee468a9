#include "base/template.h"

#include <string.h>

#include "base/json.h"

#define MAX_NESTING 8	/* levels of lists within lists and parts within parts */

/* The scopes around a mark, the innermost last. */
struct view {
	const struct template_scope *scopes[MAX_NESTING];
	size_t depth;
	size_t parts;	/* how many parts the mark is in */
	void (*put)(struct buf *, struct slice);
	struct buf *out;
};

/* One mark and what is around it. */
struct template_mark {
	struct slice before;	/* text up to the mark */
	struct slice after;	/* text after it */
	char kind;		/* '#', '^', '/', '>', or 0 for a value */
	struct slice name;
	struct slice indent;	/* the white space before a mark that is alone on its line */
};

static struct slice
text_find(struct slice text, struct slice what)
{
	const char *at = text.len >= what.len ?
	    memmem(text.ptr, text.len, what.ptr, what.len) : NULL;

	return at ? slice_skip(text, (size_t)(at - text.ptr)) : (struct slice){ NULL, 0 };
}

/* If a mark stands alone on its line, its indentation and the newline are removed with it. */
static void
mark_take_line(struct template_mark *mark, bool at_line_start)
{
	size_t indent = 0;

	while (indent < mark->before.len &&
	    (mark->before.ptr[mark->before.len - 1 - indent] == ' ' ||
	    mark->before.ptr[mark->before.len - 1 - indent] == '\t'))
		indent++;
	bool starts = mark->before.len == indent ? at_line_start :
	    mark->before.ptr[mark->before.len - 1 - indent] == '\n';

	if (!starts || mark->after.len == 0 || mark->after.ptr[0] != '\n')
		return;
	mark->before.len -= indent;
	mark->indent = (struct slice){ mark->before.ptr + mark->before.len, indent };
	mark->after = slice_skip(mark->after, 1);
}

/*
 * Finds the first mark of text; *found is false if there is none. Returns false for a broken mark.
 */
static bool
mark_next(struct slice text, bool at_line_start, struct template_mark *mark, bool *found)
{
	struct slice open = text_find(text, SLICE("{{"));
	struct slice close = text_find(open, SLICE("}}"));

	*found = open.len > 0;
	if (!*found)
		return true;
	if (close.len == 0)
		return false;
	mark->before = (struct slice){ text.ptr, text.len - open.len };
	mark->after = slice_skip(close, 2);
	mark->name = (struct slice){ open.ptr + 2, open.len - close.len - 2 };
	mark->kind = 0;
	mark->indent = SLICE("");
	if (mark->name.len && strchr("#^/>", mark->name.ptr[0])) {
		mark->kind = mark->name.ptr[0];
		mark->name = slice_skip(mark->name, 1);
		mark_take_line(mark, at_line_start);
	}
	return mark->name.len > 0;
}

static const struct template_field *
view_field(const struct view *view, struct slice name)
{
	for (size_t i = view->depth; i-- > 0;)
		for (size_t j = 0; j < view->scopes[i]->field_count; j++)
			if (slice_eq(slice_of(view->scopes[i]->fields[j].name), name))
				return &view->scopes[i]->fields[j];
	return NULL;
}

static const struct template_list *
scope_list(const struct view *view, struct slice name)
{
	for (size_t i = view->depth; i-- > 0;)
		for (size_t j = 0; j < view->scopes[i]->list_count; j++)
			if (slice_eq(slice_of(view->scopes[i]->lists[j].name), name))
				return &view->scopes[i]->lists[j];
	return NULL;
}

static const struct template_part *
view_part(const struct view *view, struct slice name)
{
	for (size_t i = view->depth; i-- > 0;)
		for (size_t j = 0; j < view->scopes[i]->part_count; j++)
			if (slice_eq(slice_of(view->scopes[i]->parts[j].name), name))
				return &view->scopes[i]->parts[j];
	return NULL;
}

static bool scope_render(struct view *view, struct slice text);

/*
 * Splits what follows mark into the inside of the section that it opens, and the text after its
 * end.
 */
static bool
section_cut(const struct template_mark *mark, struct slice *inside, struct slice *rest)
{
	struct slice text = mark->after;
	bool found, line_start = true;
	int depth = 1;
	struct template_mark next;

	while (mark_next(text, line_start, &next, &found) && found) {
		if (next.kind == '#' || next.kind == '^')
			depth++;
		if (next.kind == '/' && --depth == 0) {
			*inside = (struct slice){ mark->after.ptr,
			    (size_t)(next.before.ptr + next.before.len - mark->after.ptr) };
			*rest = next.after;
			return slice_eq(next.name, mark->name);
		}
		text = next.after;
		line_start = text.ptr[-1] == '\n';
	}
	return false;
}

static bool
section_render(struct view *view, const struct template_mark *mark, struct slice inside)
{
	const struct template_list *list = scope_list(view, mark->name);
	const struct template_field *field = list ? NULL : view_field(view, mark->name);

	if (!list && !field)
		return false;
	bool empty = list ? list->count == 0 : field->value.len == 0;

	if (mark->kind == '^' || field)
		return empty == (mark->kind == '^') ? scope_render(view, inside) : true;
	if (view->depth == MAX_NESTING)
		return false;
	for (size_t i = 0; i < list->count; i++) {
		view->scopes[view->depth++] = &list->items[i];
		bool good = scope_render(view, inside);

		view->depth--;
		if (!good)
			return false;
	}
	return true;
}

/* Appends text with indent before each line that is not empty. */
static void
put_indented(struct buf *out, struct slice text, struct slice indent)
{
	struct slice line;

	while (text.len) {
		bool ends = slice_cut(text, '\n', &line, &text);

		if (line.len)
			buf_put(out, indent);
		buf_put(out, line);
		if (ends)
			buf_putc(out, '\n');
	}
}

/* A part is the program's own text, so it is read as a template, not inserted as a value. */
static bool
part_render(struct view *view, const struct template_mark *mark)
{
	const struct template_part *part = view_part(view, mark->name);
	struct buf *out = view->out, text = BUF_EMPTY;

	if (part == NULL || view->parts == MAX_NESTING)
		return false;
	view->parts++;
	if (mark->indent.len)
		view->out = &text;

	bool good = scope_render(view, *part->text);

	view->out = out;
	view->parts--;
	if (text.failed)
		out->failed = true;
	put_indented(out, buf_slice(&text), mark->indent);
	buf_free(&text);
	return good;
}

static bool
scope_render(struct view *view, struct slice text)
{
	bool found, line_start = true;
	struct template_mark mark;

	for (;;) {
		if (!mark_next(text, line_start, &mark, &found))
			return false;
		if (!found)
			break;
		buf_put(view->out, mark.before);
		text = mark.after;
		if (mark.kind == '/')
			return false;
		if (mark.kind == 0) {
			const struct template_field *field = view_field(view, mark.name);

			if (!field)
				return false;
			view->put(view->out, field->value);
			line_start = false;
			continue;
		}
		if (mark.kind == '>') {
			if (!part_render(view, &mark))
				return false;
			line_start = text.len > 0 && text.ptr[-1] == '\n';
			continue;
		}
		struct slice inside;

		if (!section_cut(&mark, &inside, &text) || !section_render(view, &mark, inside))
			return false;
		line_start = text.len > 0 && text.ptr[-1] == '\n';
	}
	buf_put(view->out, text);
	return true;
}

enum pt_err
template_render(struct slice text, const struct template_scope *scope,
    void (*put)(struct buf *, struct slice), struct buf *out)
{
	struct view view = { .scopes = { scope }, .depth = 1, .put = put, .out = out };

	if (!scope_render(&view, text))
		return PT_ERR_INVALID;
	return buf_status(out);
}

void
template_put_html(struct buf *out, struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		switch (value.ptr[i]) {
		case '&':
			buf_put(out, SLICE("&amp;"));
			break;
		case '<':
			buf_put(out, SLICE("&lt;"));
			break;
		case '>':
			buf_put(out, SLICE("&gt;"));
			break;
		case '"':
			buf_put(out, SLICE("&quot;"));
			break;
		case '\'':
			buf_put(out, SLICE("&#39;"));
			break;
		default:
			buf_putc(out, value.ptr[i]);
		}
	}
}

void
template_put_quoted(struct buf *out, struct slice value)
{
	struct json_writer w = json_writer(out);

	json_put_string(&w, NULL, value);
}
