#include "web/http/form.h"

#include <string.h>

/* Decodes '+' and %-escapes in place, since the text only shrinks. False if it is malformed. */
static bool
form_decode(char *at, size_t len, struct slice *out)
{
	size_t to = 0;

	for (size_t from = 0; from < len; from++) {
		char c = at[from];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = from + 2 < len ? slice_hex_digit(at[from + 1]) : -1;
			int low = from + 2 < len ? slice_hex_digit(at[from + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			from += 2;
		}
		if (c == '\0')
			return false;
		at[to++] = c;
	}
	*out = (struct slice){ at, to };
	return slice_is_utf8(*out);
}

/* Adds one "name=value" or "name". Empty pieces ("a=1&&b=2") are skipped. */
static bool
form_take(struct form *form, char *piece, size_t len)
{
	char *equals = memchr(piece, '=', len);
	size_t name_len = equals ? (size_t)(equals - piece) : len;
	struct form_field field = { { piece, 0 }, { piece, 0 } };

	if (form->count == FORM_MAX_FIELDS)
		return false;
	if (!form_decode(piece, name_len, &field.name))
		return false;
	if (equals && !form_decode(equals + 1, len - name_len - 1, &field.value))
		return false;
	form->fields[form->count++] = field;
	return true;
}

static bool
form_split(struct form *form)
{
	char *at = form->text.ptr;
	size_t left = form->text.len;

	while (left) {
		char *amp = memchr(at, '&', left);
		size_t len = amp ? (size_t)(amp - at) : left;

		if (len && !form_take(form, at, len))
			return false;
		if (amp)
			len++;
		at += len;
		left -= len;
	}
	return true;
}

enum pt_err
form_parse(struct slice text, struct form *out, bool *good)
{
	enum pt_err err;

	memset(out, 0, sizeof(*out));
	*good = false;
	buf_put(&out->text, text);
	err = buf_status(&out->text);
	if (err == PT_OK)
		*good = form_split(out);
	if (!*good)
		form_free(out);
	return err;
}

void
form_free(struct form *form)
{
	buf_free(&form->text);
	form->count = 0;
}

enum form_found
form_get(const struct form *form, const char *name, struct slice *value)
{
	const struct form_field *found = NULL;

	for (size_t i = 0; i < form->count; i++) {
		if (!slice_eq(form->fields[i].name, slice_of(name)))
			continue;
		if (found)
			return FORM_REPEATED;
		found = &form->fields[i];
	}
	if (found == NULL)
		return FORM_ABSENT;
	*value = found->value;
	return FORM_ONCE;
}
