/*
 * The kinds of records. A later field is added at the end of its table as FIELD_SINCE, with the
 * schema that introduced it and the value that older records have instead. No field ever changes or
 * disappears.
 */
#include "store/rows/record.h"

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
	FIELD_SINCE(4, 0, U64, session_row, session.seen_at.boot),
	FIELD_SINCE(4, 0, TIME, session_row, session.seen_at.ms),
};

static const struct field event_fields[] = {
	FIELD(U64, event, number),
	FIELD(TIME, event, at),
	FIELD(EVENT, event, kind),
	FIELD(REASON, event, reason),
	FIELD(U64, event, user_number),
	FIELD(U64, event, session_number),
	FIELD(U32, event, rule),
	FIELD(TEXT, event, username),
	FIELD(TEXT, event, sid),
	FIELD(TEXT, event, address),
	FIELD(TEXT, event, request_id),
	FIELD(TEXT, event, service),
	FIELD(TEXT, event, key_id),
	FIELD_SINCE(4, 1, U32, event, times),
	FIELD_SINCE(4, 0, TIME, event, last_at),
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

static const struct record_kind user_kind = RECORD_KIND(user_fields);
static const struct record_kind session_kind = RECORD_KIND(session_fields);
static const struct record_kind event_kind = RECORD_KIND(event_fields);
static const struct record_kind counters_kind = RECORD_KIND(counters_fields);
static const struct record_kind tombstone_kind = RECORD_KIND(tombstone_fields);
static const struct record_kind otp_kind = RECORD_KIND(otp_fields);
static const struct record_kind link_kind = RECORD_KIND(link_fields);
static const struct record_kind service_kind = RECORD_KIND(service_fields);

enum pt_err
record_user_encode(const struct user *user, struct record_bytes *out)
{
	return record_encode(&user_kind, user, out);
}

enum pt_err
record_session_encode(const struct session_row *row, struct record_bytes *out)
{
	return record_encode(&session_kind, row, out);
}

enum pt_err
record_event_encode(const struct event *event, struct record_bytes *out)
{
	return record_encode(&event_kind, event, out);
}

enum pt_err
record_counters_encode(const struct counters *counters, struct record_bytes *out)
{
	return record_encode(&counters_kind, counters, out);
}

enum pt_err
record_tombstone_encode(const struct tombstone *tombstone, struct record_bytes *out)
{
	return record_encode(&tombstone_kind, tombstone, out);
}

enum pt_err
record_otp_encode(const struct otp *otp, struct record_bytes *out)
{
	return record_encode(&otp_kind, otp, out);
}

enum pt_err
record_link_encode(const struct link *link, struct record_bytes *out)
{
	return record_encode(&link_kind, link, out);
}

enum pt_err
record_service_encode(const struct service *service, struct record_bytes *out)
{
	return record_encode(&service_kind, service, out);
}

enum pt_err
record_user_decode(struct slice bytes, struct user *out)
{
	return record_decode(&user_kind, bytes, out);
}

enum pt_err
record_session_decode(struct slice bytes, struct session_row *out)
{
	return record_decode(&session_kind, bytes, out);
}

enum pt_err
record_event_decode(struct slice bytes, struct event *out)
{
	return record_decode(&event_kind, bytes, out);
}

enum pt_err
record_counters_decode(struct slice bytes, struct counters *out)
{
	return record_decode(&counters_kind, bytes, out);
}

enum pt_err
record_tombstone_decode(struct slice bytes, struct tombstone *out)
{
	return record_decode(&tombstone_kind, bytes, out);
}

enum pt_err
record_otp_decode(struct slice bytes, struct otp *out)
{
	return record_decode(&otp_kind, bytes, out);
}

enum pt_err
record_link_decode(struct slice bytes, struct link *out)
{
	return record_decode(&link_kind, bytes, out);
}

enum pt_err
record_service_decode(struct slice bytes, struct service *out)
{
	return record_decode(&service_kind, bytes, out);
}
