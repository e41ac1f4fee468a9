/* Forms: what was read is valid text, and reads the same after it is written out again. */
#include <string.h>

#include "fuzz.h"
#include "web/http/form.h"

static void
put_escaped(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
}

static void
field_is_sound(const struct form *form, const struct form_field *field)
{
	char name[256];
	struct slice value;

	MUST(slice_is_utf8(field->name) && slice_is_utf8(field->value));
	MUST(!field->name.len || !memchr(field->name.ptr, '\0', field->name.len));
	MUST(!field->value.len || !memchr(field->value.ptr, '\0', field->value.len));
	if (!slice_copy(field->name, name, sizeof(name)))
		return;
	enum form_found found = form_get(form, name, &value);

	MUST(found != FORM_ABSENT);
	MUST(found == FORM_REPEATED || slice_eq(value, field->value));
}

static void
written_is_read(const struct form *form)
{
	struct buf text = BUF_EMPTY;
	struct form again;
	bool good;

	for (size_t i = 0; i < form->count; i++) {
		put_escaped(&text, form->fields[i].name);
		buf_putc(&text, '=');
		put_escaped(&text, form->fields[i].value);
		buf_putc(&text, '&');
	}
	MUST(buf_status(&text) == PT_OK);
	MUST(form_parse(buf_slice(&text), &again, &good) == PT_OK);
	MUST(good && again.count == form->count);
	for (size_t i = 0; i < form->count; i++) {
		MUST(slice_eq(again.fields[i].name, form->fields[i].name));
		MUST(slice_eq(again.fields[i].value, form->fields[i].value));
	}
	form_free(&again);
	buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = { (const char *)bytes, len };
	struct form form;
	bool good;

	MUST(form_parse(text, &form, &good) == PT_OK);
	MUST(form.count <= FORM_MAX_FIELDS && (good || form.count == 0));
	for (size_t i = 0; i < form.count; i++)
		field_is_sound(&form, &form.fields[i]);
	if (good)
		written_is_read(&form);
	form_free(&form);
	return 0;
}
