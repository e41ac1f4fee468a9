#include "store/record.h"

#include <string.h>

enum field_kind {
	FIELD_U32,
	FIELD_U64,
	FIELD_TIME,	/* int64_t, not negative */
	FIELD_BOOL,
	FIELD_DIGEST,	/* so many bytes as they are: digests, and what is sealed */
	FIELD_ID,	/* 22 characters of base64url, without a length */
	FIELD_TEXT,	/* may be empty */
	FIELD_REASON,
	FIELD_EVENT,
};

struct field {
	enum field_kind kind;
	size_t offset;
	size_t size;
};

/* One table a record: it is written and read by the same lines, so the two cannot drift apart. */
#define FIELD(kind_, type_, member_) \
	{ FIELD_##kind_, offsetof(struct type_, member_), sizeof(((struct type_ *)0)->member_) }

static const struct field user_fields[] = {
	FIELD(U64, user, number),
	FIELD(ID, user, sub),
	FIELD(TEXT, user, name),
	FIELD(TEXT, user, groups),
	FIELD(TEXT, user, password_hash),
	FIELD(BOOL, user, disabled),
	FIELD(TIME, user, created_at),
	FIELD(TIME, user, password_set_at),
	FIELD(TIME, user, last_login_at),
};

static const struct field session_fields[] = {
	FIELD(U64, session_row, session.number),
	FIELD(ID, session_row, session.sid),
	FIELD(U64, session_row, session.user_number),
	FIELD(DIGEST, session_row, session.secret_hash),
	FIELD(DIGEST, session_row, session.device_hash),
	FIELD(U32, session_row, session.rotation.cur_serial),
	FIELD(U32, session_row, session.rotation.cur_nonce),
	FIELD(U32, session_row, session.rotation.next_serial),
	FIELD(U64, session_row, session.rotation.moved_at.boot),
	FIELD(TIME, session_row, session.rotation.moved_at.ms),
	FIELD(BOOL, session_row, session.remember),
	FIELD(U32, session_row, session.methods),
	FIELD(TIME, session_row, session.created_at),
	FIELD(TIME, session_row, session.auth_time),
	FIELD(TIME, session_row, session.last_seen_at),
	FIELD(TIME, session_row, session.idle_end),
	FIELD(TIME, session_row, session.absolute_end),
	FIELD(REASON, session_row, session.ended),
	FIELD(TIME, session_row, session.ended_at),
	FIELD(U64, session_row, superseded_by),
	FIELD(U64, session_row, session.settles_at.boot),
	FIELD(TIME, session_row, session.settles_at.ms),
	FIELD(U64, session_row, session.status_index),
	FIELD(TIME, session_row, session.tokens_until),
	FIELD(U32, session_row, session.moves),
	FIELD(U32, session_row, session.repeats),
	FIELD(TEXT, session_row, session.device),
	FIELD(TEXT, session_row, session.user_agent),
	FIELD(TEXT, session_row, session.address),
	FIELD(TIME, session_row, filed_at),
};

static const struct field event_fields[] = {
	FIELD(U64, event, number),
	FIELD(TIME, event, at),
	FIELD(EVENT, event, kind),
	FIELD(REASON, event, reason),
	FIELD(U64, event, user_number),
	FIELD(U64, event, session_number),
	FIELD(U32, event, row),
	FIELD(TEXT, event, username),
	FIELD(TEXT, event, sid),
	FIELD(TEXT, event, address),
	FIELD(TEXT, event, request_id),
	FIELD(TEXT, event, service),
	FIELD(TEXT, event, key_id),
};

static const struct field counters_fields[] = {
	FIELD(U64, counters, next_user),
	FIELD(U64, counters, next_session),
	FIELD(U64, counters, next_event),
	FIELD(U64, counters, live_sessions),
	FIELD(U64, counters, status_capacity),
	FIELD(U64, counters, status_version),
};

static const struct field tombstone_fields[] = {
	FIELD(U64, tombstone, user_number),
	FIELD(TIME, tombstone, deleted_at),
};

static const struct field otp_fields[] = {
	FIELD(U64, otp, user_number),
	FIELD(BOOL, otp, on),
	FIELD(DIGEST, otp, sealed),
	FIELD(TIME, otp, enrolled_at),
	FIELD(U64, otp, last_step),
	FIELD(DIGEST, otp, recovery),
	FIELD(TIME, otp, recovery_at),
	FIELD(DIGEST, otp, pending),
	FIELD(TIME, otp, pending_at),
};

static const struct field link_fields[] = {
	FIELD(U64, link, user_number),
	FIELD(DIGEST, link, secret_hash),
	FIELD(TIME, link, made_at),
	FIELD(TIME, link, expires_at),
};

static const struct field service_fields[] = {
	FIELD(TEXT, service, name),
	FIELD(DIGEST, service, secret_hash),
	FIELD(TIME, service, created_at),
	FIELD(TIME, service, secret_set_at),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

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
		w->bad = w->bad || *(const enum reason *)at >= REASON_COUNT;
		write_number(w, *(const enum reason *)at, 2);
		return;
	case FIELD_EVENT:
		w->bad = w->bad || *(const enum event_kind *)at >= EVENT_COUNT;
		write_number(w, *(const enum event_kind *)at, 2);
		return;
	}
}

static enum pt_err
encode(const struct field *fields, size_t count, const void *record, struct record_bytes *out)
{
	struct writer w = { out, false };

	out->len = 0;
	write_number(&w, RECORD_SCHEMA, 1);
	for (size_t i = 0; i < count; i++)
		write_field(&w, &fields[i], record);
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
	case FIELD_REASON:
		*(enum reason *)at = (enum reason)read_bounded(r, 2, REASON_COUNT - 1);
		return;
	case FIELD_EVENT:
		*(enum event_kind *)at = (enum event_kind)read_bounded(r, 2, EVENT_COUNT - 1);
		return;
	}
}

static enum pt_err
decode(const struct field *fields, size_t count, struct slice bytes, void *record)
{
	struct reader r = { bytes, false };

	if (read_number(&r, 1) != RECORD_SCHEMA)
		return PT_ERR_CORRUPT;
	for (size_t i = 0; i < count; i++)
		read_field(&r, &fields[i], record);
	return r.bad || r.rest.len != 0 ? PT_ERR_CORRUPT : PT_OK;
}

enum pt_err
record_user_encode(const struct user *user, struct record_bytes *out)
{
	return encode(user_fields, COUNT(user_fields), user, out);
}

enum pt_err
record_session_encode(const struct session_row *row, struct record_bytes *out)
{
	return encode(session_fields, COUNT(session_fields), row, out);
}

enum pt_err
record_event_encode(const struct event *event, struct record_bytes *out)
{
	return encode(event_fields, COUNT(event_fields), event, out);
}

enum pt_err
record_counters_encode(const struct counters *counters, struct record_bytes *out)
{
	return encode(counters_fields, COUNT(counters_fields), counters, out);
}

enum pt_err
record_tombstone_encode(const struct tombstone *tombstone, struct record_bytes *out)
{
	return encode(tombstone_fields, COUNT(tombstone_fields), tombstone, out);
}

enum pt_err
record_otp_encode(const struct otp *otp, struct record_bytes *out)
{
	return encode(otp_fields, COUNT(otp_fields), otp, out);
}

enum pt_err
record_link_encode(const struct link *link, struct record_bytes *out)
{
	return encode(link_fields, COUNT(link_fields), link, out);
}

enum pt_err
record_service_encode(const struct service *service, struct record_bytes *out)
{
	return encode(service_fields, COUNT(service_fields), service, out);
}

enum pt_err
record_user_decode(struct slice bytes, struct user *out)
{
	return decode(user_fields, COUNT(user_fields), bytes, out);
}

enum pt_err
record_session_decode(struct slice bytes, struct session_row *out)
{
	return decode(session_fields, COUNT(session_fields), bytes, out);
}

enum pt_err
record_event_decode(struct slice bytes, struct event *out)
{
	return decode(event_fields, COUNT(event_fields), bytes, out);
}

enum pt_err
record_counters_decode(struct slice bytes, struct counters *out)
{
	return decode(counters_fields, COUNT(counters_fields), bytes, out);
}

enum pt_err
record_tombstone_decode(struct slice bytes, struct tombstone *out)
{
	return decode(tombstone_fields, COUNT(tombstone_fields), bytes, out);
}

enum pt_err
record_otp_decode(struct slice bytes, struct otp *out)
{
	return decode(otp_fields, COUNT(otp_fields), bytes, out);
}

enum pt_err
record_link_decode(struct slice bytes, struct link *out)
{
	return decode(link_fields, COUNT(link_fields), bytes, out);
}

enum pt_err
record_service_decode(struct slice bytes, struct service *out)
{
	return decode(service_fields, COUNT(service_fields), bytes, out);
}
