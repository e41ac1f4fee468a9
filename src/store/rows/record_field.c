#include "store/rows/record_field.h"

#include <string.h>

#include "base/u64.h"

#include "store/lmdb/key.h"

/* The kinds that are numbers: how many bytes one takes in a record, and the highest valid one. */
static const struct field_form {
	size_t width;	/* 0: not a number */
	uint64_t max;
} field_forms[] = {
	[FIELD_U32] = { 4, UINT32_MAX },
	[FIELD_U64] = { 8, UINT64_MAX },
	/* so a negative one, read as unsigned, is too high */
	[FIELD_TIME] = { 8, INT64_MAX },
	[FIELD_BOOL] = { 1, 1 },
	[FIELD_DIGEST] = { 0, 0 },
	[FIELD_ID] = { 0, 0 },
	[FIELD_TEXT] = { 0, 0 },
	/* A number from a newer version is kept as it is, and shown as unknown. */
	[FIELD_REASON] = { 2, UINT16_MAX },
	[FIELD_EVENT] = { 2, UINT16_MAX },
};

_Static_assert(sizeof(enum reason) == sizeof(uint32_t) &&
    sizeof(enum event_kind) == sizeof(uint32_t),
    "field_number and field_set_number go by the size alone");

/* The number in memory: a bool, an enum, or a number of 32 or 64 bits. */
static uint64_t
field_number(const struct field *field, const void *record)
{
	const char *at = (const char *)record + field->offset;
	uint64_t wide = 0;
	uint32_t half = 0;
	bool one = false;

	if (field->size == sizeof(one)) {
		memcpy(&one, at, sizeof(one));
		return one;
	}
	if (field->size == sizeof(half)) {
		memcpy(&half, at, sizeof(half));
		return half;
	}
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

static void
field_set_number(const struct field *field, void *record, uint64_t value)
{
	char *at = (char *)record + field->offset;
	uint32_t half = (uint32_t)value;
	bool one = value != 0;

	if (field->size == sizeof(one))
		memcpy(at, &one, sizeof(one));
	else if (field->size == sizeof(half))
		memcpy(at, &half, sizeof(half));
	else
		memcpy(at, &value, sizeof(value));
}

/* The bytes that are being written; bad remembers an attempt to write past their end. */
struct writer {
	struct record_bytes *out;
	bool bad;
};

static void
write_bytes(struct writer *w, const void *bytes, size_t len)
{
	if (w->bad || len > RECORD_MAX - w->out->len) {
		w->bad = true;
		return;
	}
	memcpy(w->out->bytes + w->out->len, bytes, len);
	w->out->len += len;
}

/* The lowest width bytes of value, the most significant first. */
static void
write_number(struct writer *w, uint64_t value, size_t width)
{
	uint8_t bytes[8];

	u64_put(bytes, value);
	write_bytes(w, bytes + 8 - width, width);
}

static bool
text_good(struct slice text)
{
	return !slice_has_control(text) && slice_is_utf8(text);
}

static bool
id_good(struct slice id)
{
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		    c == '-' || c == '_'))
			return false;
	}
	return id.len == ID_SIZE - 1;
}

static void
write_text(struct writer *w, const char *text, size_t size, bool is_id)
{
	struct slice s = { text, strnlen(text, size) };

	if (s.len == size || !(is_id ? id_good(s) : text_good(s))) {
		w->bad = true;
		return;
	}
	if (!is_id)
		write_number(w, s.len, 2);
	write_bytes(w, s.ptr, s.len);
}

static void
write_field(struct writer *w, const struct field *field, const void *record)
{
	const struct field_form form = field_forms[field->kind];
	const void *at = (const char *)record + field->offset;

	if (form.width > 0) {
		uint64_t value = field_number(field, record);

		w->bad = w->bad || value > form.max;
		write_number(w, value, form.width);
	} else if (field->kind == FIELD_DIGEST) {
		write_bytes(w, at, field->size);
	} else {
		write_text(w, at, field->size, field->kind == FIELD_ID);
	}
}

uint8_t
record_kind_version(const struct record_kind *kind)
{
	return kind->fields[kind->count - 1].since;
}

enum pt_err
record_encode(const struct record_kind *kind, const void *record, struct record_bytes *out)
{
	struct writer w = { out, false };

	out->len = 0;
	write_number(&w, record_kind_version(kind), 1);
	for (size_t i = 0; i < kind->count; i++)
		write_field(&w, &kind->fields[i], record);
	return w.bad ? PT_ERR_INVALID : PT_OK;
}

/* What is still to be read; bad remembers an attempt to read past its end, and a bad value. */
struct reader {
	struct slice rest;
	bool bad;
};

static void
read_bytes(struct reader *r, void *out, size_t len)
{
	if (r->bad || r->rest.len < len) {
		r->bad = true;
		memset(out, 0, len);
		return;
	}
	memcpy(out, r->rest.ptr, len);
	r->rest = slice_skip(r->rest, len);
}

static uint64_t
read_number(struct reader *r, size_t width)
{
	uint8_t bytes[8] = { 0 };

	read_bytes(r, bytes + 8 - width, width);
	return u64_get(bytes);
}

/* A number up to max; anything larger is bad and reads as 0. */
static uint64_t
read_bounded(struct reader *r, size_t width, uint64_t max)
{
	uint64_t value = read_number(r, width);

	if (value <= max)
		return value;
	r->bad = true;
	return 0;
}

static void
read_text(struct reader *r, char *out, size_t size, bool is_id)
{
	size_t len = is_id ? size - 1 : (size_t)read_bounded(r, 2, size - 1);

	read_bytes(r, out, len);
	out[len] = '\0';
	struct slice text = { out, len };

	if (!(is_id ? id_good(text) : text_good(text)))
		r->bad = true;
}

static void
read_field(struct reader *r, const struct field *field, void *record)
{
	const struct field_form form = field_forms[field->kind];
	void *at = (char *)record + field->offset;

	if (form.width > 0)
		field_set_number(field, record, read_bounded(r, form.width, form.max));
	else if (field->kind == FIELD_DIGEST)
		read_bytes(r, at, field->size);
	else
		read_text(r, at, field->size, field->kind == FIELD_ID);
}

enum pt_err
record_decode(const struct record_kind *kind, struct slice bytes, void *record)
{
	struct reader r = { bytes, false };
	uint64_t version = read_number(&r, 1);

	if (version < RECORD_SCHEMA_OLDEST || version > record_kind_version(kind))
		return PT_ERR_CORRUPT;
	for (size_t i = 0; i < kind->count; i++) {
		const struct field *field = &kind->fields[i];

		if (field->since <= version) {
			read_field(&r, field, record);
			continue;
		}
		/* The record was written before the field was introduced. */
		memset((char *)record + field->offset, 0, field->size);
		if (field_forms[field->kind].width > 0)
			field_set_number(field, record, field->missing);
	}
	return r.bad || r.rest.len != 0 ? PT_ERR_CORRUPT : PT_OK;
}
