#include "store/rows/record_field.h"

#include <string.h>

void
record_put_u64(uint8_t *at, uint64_t value)
{
	for (int i = 7; i >= 0; i--, value >>= 8)
		at[i] = (uint8_t)value;
}

uint64_t
record_get_u64(const uint8_t *at)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value = value << 8 | at[i];
	return value;
}

/* The bytes being written; writing past their end is remembered in bad. */
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

/* The lowest width bytes of value, the highest first. */
static void
write_number(struct writer *w, uint64_t value, size_t width)
{
	uint8_t bytes[8];

	record_put_u64(bytes, value);
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

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
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
	const void *at = (const char *)record + field->offset;

	switch (field->kind) {
	case FIELD_U32:
		write_number(w, *(const uint32_t *)at, 4);
		return;
	case FIELD_U64:
		write_number(w, *(const uint64_t *)at, 8);
		return;
	case FIELD_TIME:
		w->bad = w->bad || *(const int64_t *)at < 0;
		write_number(w, (uint64_t)*(const int64_t *)at, 8);
		return;
	case FIELD_BOOL:
		write_number(w, *(const bool *)at, 1);
		return;
	case FIELD_DIGEST:
		write_bytes(w, at, field->size);
		return;
	case FIELD_ID:
	case FIELD_TEXT:
		write_text(w, at, field->size, field->kind == FIELD_ID);
		return;
	case FIELD_REASON:
		w->bad = w->bad || (unsigned)*(const enum reason *)at > UINT16_MAX;
		write_number(w, *(const enum reason *)at, 2);
		return;
	case FIELD_EVENT:
		w->bad = w->bad || (unsigned)*(const enum event_kind *)at > UINT16_MAX;
		write_number(w, *(const enum event_kind *)at, 2);
		return;
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

/* What is still to be read; reading past its end, or a bad value, is remembered in bad. */
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
	return record_get_u64(bytes);
}

/* A number up to max; anything above is bad and reads as 0. */
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
	size_t len = is_id ? size - 1 : read_bounded(r, 2, size - 1);

	read_bytes(r, out, len);
	out[len] = '\0';
	struct slice text = { out, len };

	if (!(is_id ? id_good(text) : text_good(text)))
		r->bad = true;
}

static void
read_field(struct reader *r, const struct field *field, void *record)
{
	void *at = (char *)record + field->offset;

	switch (field->kind) {
	case FIELD_U32:
		*(uint32_t *)at = (uint32_t)read_number(r, 4);
		return;
	case FIELD_U64:
		*(uint64_t *)at = read_number(r, 8);
		return;
	case FIELD_TIME:
		*(int64_t *)at = (int64_t)read_bounded(r, 8, INT64_MAX);
		return;
	case FIELD_BOOL:
		*(bool *)at = read_bounded(r, 1, 1) != 0;
		return;
	case FIELD_DIGEST:
		read_bytes(r, at, field->size);
		return;
	case FIELD_ID:
	case FIELD_TEXT:
		read_text(r, at, field->size, field->kind == FIELD_ID);
		return;
	/* A number that a newer version wrote is kept as it is, and shown as unknown. */
	case FIELD_REASON:
		*(enum reason *)at = (enum reason)read_number(r, 2);
		return;
	case FIELD_EVENT:
		*(enum event_kind *)at = (enum event_kind)read_number(r, 2);
		return;
	}
}

/* What a record has that was written before the field came. */
static void
miss_field(const struct field *field, void *record)
{
	void *at = (char *)record + field->offset;

	memset(at, 0, field->size);
	switch (field->kind) {
	case FIELD_U32:
		*(uint32_t *)at = (uint32_t)field->missing;
		return;
	case FIELD_U64:
		*(uint64_t *)at = field->missing;
		return;
	case FIELD_TIME:
		*(int64_t *)at = (int64_t)field->missing;
		return;
	case FIELD_BOOL:
		*(bool *)at = field->missing != 0;
		return;
	case FIELD_REASON:
		*(enum reason *)at = (enum reason)field->missing;
		return;
	case FIELD_EVENT:
		*(enum event_kind *)at = (enum event_kind)field->missing;
		return;
	case FIELD_DIGEST:
	case FIELD_ID:
	case FIELD_TEXT:
		return;
	}
}

enum pt_err
record_decode(const struct record_kind *kind, struct slice bytes, void *record)
{
	struct reader r = { bytes, false };
	uint64_t version = read_number(&r, 1);

	if (version < RECORD_SCHEMA_OLDEST || version > record_kind_version(kind))
		return PT_ERR_CORRUPT;
	for (size_t i = 0; i < kind->count; i++) {
		if (kind->fields[i].since <= version)
			read_field(&r, &kind->fields[i], record);
		else
			miss_field(&kind->fields[i], record);
	}
	return r.bad || r.rest.len != 0 ? PT_ERR_CORRUPT : PT_OK;
}
