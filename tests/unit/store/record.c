/* Records read back as they were written, and nothing else decodes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#include "store/rows/record.h"

/* One value of each kind, large enough for any, and its two functions. */
union any {
	struct user user;
	struct session_row session;
	struct event event;
	struct counters counters;
	struct tombstone tombstone;
	struct service service;
	struct otp otp;
};

struct kind {
	void (*fill)(union any *any);
	enum pt_err (*encode)(const union any *any, struct record_bytes *out);
	enum pt_err (*decode)(struct slice bytes, union any *any);
};

static void
fill_user(union any *any)
{
	any->user = (struct user){
		.number = 3, .sub = "AAAAAAAAAAAAAAAAAAAAA1", .name = "ann", .groups = "staff,wheel",
		.password_hash = "$argon2id$x", .disabled = true, .created_at = 1, .password_set_at = 2, .last_login_at = 3,
	};
}

static void
fill_session(union any *any)
{
	any->session = (struct session_row){ .session = {
		.number = UINT64_MAX - 1, .sid = "BBBBBBBBBBBBBBBBBBBB-_", .user_number = 3,
		.secret_hash = { 1, 2, 3 }, .device_hash = { 255 }, .rotation = { 1, 0xfffffffe, 2, { 77, 88 } },
		.remember = true, .methods = 3, .created_at = 4, .auth_time = 5, .last_seen_at = 6, .seen_at = { 21, 22 }, .idle_end = 7,
		.absolute_end = INT64_MAX, .ended = REASON_REUSED, .ended_at = 9, .settles_at = { 11, 12 },
		.status_index = 4711, .tokens_until = 15, .moves = 13, .repeats = 14, .device = "Anns T\xc3\xa9l\xc3\xa9phone",
		.user_agent = "Mozilla/5.0", .address = "2001:db8::1",
	}, .filed_at = 99, .superseded_by = 10 };
}

static void
fill_event(union any *any)
{
	any->event = (struct event){
		.number = 5, .at = 6, .kind = EVENT_TOKEN_REUSED, .reason = REASON_REUSED, .user_number = 7,
		.session_number = 8, .rule = 6, .username = "ann", .sid = "BBBBBBBBBBBBBBBBBBBB-_", .address = "192.0.2.1",
		.request_id = "r", .service = "billing", .key_id = "kid",
		.times = 9, .last_at = 10,
	};
}

static void
fill_counters(union any *any)
{
	any->counters = (struct counters){ 1, 2, 3, 4, 65536, 6 };
}

static void
fill_tombstone(union any *any)
{
	any->tombstone = (struct tombstone){ 5, 6 };
}

static void
fill_service(union any *any)
{
	any->service = (struct service){ .name = "billing", .secret_hash = { 9, 8, 7 }, .created_at = 5, .secret_set_at = 6 };
}

static void
fill_otp(union any *any)
{
	any->otp = (struct otp){
		.user_number = 3, .on = true, .sealed = { 1, 2 }, .enrolled_at = 4, .last_step = 5, .recovery = { { 6 }, { 0 }, { 7 } },
		.recovery_at = 8, .pending = { 9 }, .pending_at = 10,
	};
}

#define ADAPT(name_) \
	static enum pt_err encode_##name_(const union any *any, struct record_bytes *out) \
	{ \
		return record_##name_##_encode(&any->name_, out); \
	} \
	static enum pt_err decode_##name_(struct slice bytes, union any *any) \
	{ \
		return record_##name_##_decode(bytes, &any->name_); \
	}
ADAPT(user)
ADAPT(session)
ADAPT(event)
ADAPT(counters)
ADAPT(tombstone)
ADAPT(service)
ADAPT(otp)

#define KIND(name_) { fill_##name_, encode_##name_, decode_##name_ }

static const struct kind kinds[] = {
	KIND(user),
	KIND(session),
	KIND(event),
	KIND(counters),
	KIND(tombstone),
	KIND(service),
	KIND(otp),
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct slice
bytes_of(const struct record_bytes *record)
{
	return (struct slice){ (const char *)record->bytes, record->len };
}

static void
what_is_written_is_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct record_bytes first, second;
		union any any, back;

		memset(&any, 0, sizeof(any));
		memset(&back, 0, sizeof(back));
		kinds[i].fill(&any);
		assert_int_equal(kinds[i].encode(&any, &first), PT_OK);
		assert_int_equal(kinds[i].decode(bytes_of(&first), &back), PT_OK);
		assert_int_equal(kinds[i].encode(&back, &second), PT_OK);
		assert_int_equal(first.len, second.len);
		assert_memory_equal(first.bytes, second.bytes, first.len);
	}
}

static void
a_session_keeps_every_member(void **state)
{
	struct record_bytes record;
	union any any, back;

	(void)state;
	memset(&any, 0, sizeof(any));
	fill_session(&any);
	assert_int_equal(record_session_encode(&any.session, &record), PT_OK);
	memset(&back, 0, sizeof(back));
	assert_int_equal(record_session_decode(bytes_of(&record), &back.session), PT_OK);
	assert_memory_equal(&any.session, &back.session, sizeof(any.session));
}

static void
the_bytes_are_the_same_on_every_machine(void **state)
{
	const struct tombstone tombstone = { 0x0102030405060708, 0x1112131415161718 };
	static const uint8_t expected[] = { 3, 1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18 };
	struct record_bytes record;

	(void)state;
	assert_int_equal(record_tombstone_encode(&tombstone, &record), PT_OK);
	assert_int_equal(record.len, sizeof(expected));
	assert_memory_equal(record.bytes, expected, sizeof(expected));
}

static void
a_record_cut_at_any_length_is_corrupt(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct record_bytes record;
		union any any, back;

		memset(&any, 0, sizeof(any));
		kinds[i].fill(&any);
		assert_int_equal(kinds[i].encode(&any, &record), PT_OK);
		for (size_t len = 0; len < record.len; len++) {
			/*
			 * In a block of exactly its size, so that a read past its end is noticed.
			 */
			char *copy = test_malloc(len + 1);

			memcpy(copy, record.bytes, len);
			assert_int_equal(kinds[i].decode((struct slice){ copy, len }, &back), PT_ERR_CORRUPT);
			test_free(copy);
		}
	}
}

static void
a_record_with_a_byte_behind_it_is_corrupt(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct record_bytes record;
		union any any, back;

		memset(&any, 0, sizeof(any));
		kinds[i].fill(&any);
		assert_int_equal(kinds[i].encode(&any, &record), PT_OK);
		record.bytes[record.len++] = 0;
		assert_int_equal(kinds[i].decode(bytes_of(&record), &back), PT_ERR_CORRUPT);
	}
}

static void
a_record_of_another_version_is_corrupt(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct record_bytes record;
		union any any, back;

		memset(&any, 0, sizeof(any));
		kinds[i].fill(&any);
		assert_int_equal(kinds[i].encode(&any, &record), PT_OK);
		record.bytes[0]++;
		assert_int_equal(kinds[i].decode(bytes_of(&record), &back), PT_ERR_CORRUPT);
	}
}

/* A changed byte makes the record corrupt, or gives a value that encodes to exactly these bytes. */
static void
any_byte_may_have_any_value(void **state)
{
	unsigned taken = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct record_bytes record, again;
		union any any, back;

		memset(&any, 0, sizeof(any));
		kinds[i].fill(&any);
		assert_int_equal(kinds[i].encode(&any, &record), PT_OK);
		for (size_t at = 0; at < record.len; at++) {
			const uint8_t kept = record.bytes[at];

			for (unsigned flip = 1; flip < 256; flip++) {
				record.bytes[at] = (uint8_t)(kept ^ flip);
				memset(&back, 0, sizeof(back));
				enum pt_err err = kinds[i].decode(bytes_of(&record), &back);

				/* This is an older version, which would be written as today's. */
				if (err == PT_OK && at == 0) {
					taken++;
				} else if (err == PT_OK) {
					assert_int_equal(kinds[i].encode(&back, &again), PT_OK);
					assert_int_equal(again.len, record.len);
					assert_memory_equal(again.bytes, record.bytes, record.len);
					taken++;
				} else {
					assert_int_equal(err, PT_ERR_CORRUPT);
					refused++;
				}
			}
			record.bytes[at] = kept;
		}
	}
	assert_true(taken > 1000 && refused > 1000);
}

static void
noise_is_never_more_than_corrupt(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct record_bytes record = { .len = (size_t)round % 700 };
		union any back;

		for (size_t at = 0; at < record.len; at++) {
			seed = seed * 1664525 + 1013904223;
			record.bytes[at] = at == 0 ? (uint8_t)((unsigned)RECORD_SCHEMA_OLDEST + (unsigned)round % 2) : (uint8_t)(seed >> 24);
		}
		for (size_t i = 0; i < KINDS; i++) {
			enum pt_err err = kinds[i].decode(bytes_of(&record), &back);

			assert_true(err == PT_OK || err == PT_ERR_CORRUPT);
		}
	}
}

/*
 * A worker of an older version may run beside a newer one: it must neither refuse nor change fields
 * that it does not know.
 */
static void
a_number_of_a_newer_version_is_kept(void **state)
{
	struct record_bytes record;
	union any any, back;

	(void)state;
	fill_session(&any);
	any.session.session.ended = (enum reason)(REASON_COUNT + 5);
	assert_int_equal(record_session_encode(&any.session, &record), PT_OK);
	assert_int_equal(record_session_decode(bytes_of(&record), &back.session), PT_OK);
	assert_int_equal(back.session.session.ended, REASON_COUNT + 5);
	assert_string_equal(reason_info(back.session.session.ended)->name, "unknown");
	fill_event(&any);
	any.event.kind = (enum event_kind)(EVENT_COUNT + 7);
	assert_int_equal(record_event_encode(&any.event, &record), PT_OK);
	assert_int_equal(record_event_decode(bytes_of(&record), &back.event), PT_OK);
	assert_int_equal(back.event.kind, EVENT_COUNT + 7);
	assert_string_equal(event_info(back.event.kind)->name, "unknown");
}

static void
what_could_not_be_read_is_not_written(void **state)
{
	struct record_bytes record;
	union any any;

	(void)state;
	fill_user(&any);
	any.user.created_at = -1;
	assert_int_equal(record_user_encode(&any.user, &record), PT_ERR_INVALID);
	fill_user(&any);
	any.user.name[1] = '\n';
	assert_int_equal(record_user_encode(&any.user, &record), PT_ERR_INVALID);
	fill_user(&any);
	any.user.name[1] = '\xff';
	assert_int_equal(record_user_encode(&any.user, &record), PT_ERR_INVALID);
	fill_user(&any);
	memset(any.user.name, 'a', sizeof(any.user.name));
	assert_int_equal(record_user_encode(&any.user, &record), PT_ERR_INVALID);
	fill_user(&any);
	any.user.sub[3] = '\0';
	assert_int_equal(record_user_encode(&any.user, &record), PT_ERR_INVALID);
	fill_session(&any);
	any.session.session.ended = (enum reason)(UINT16_MAX + 1);
	assert_int_equal(record_session_encode(&any.session, &record), PT_ERR_INVALID);
}

/* ---- records of older versions ---- */

/* A kind as one version had it, and as two later versions have it. */
struct thing {
	uint64_t number;
	char name[8];
	uint32_t weight;
	int64_t seen_at;
	bool good;
	uint8_t digest[4];
	char note[8];
	enum reason reason;
};

static const struct field thing_fields[] = {
	FIELD(U64, thing, number),
	FIELD(TEXT, thing, name),
	FIELD_SINCE(4, 17, U32, thing, weight),
	FIELD_SINCE(4, 0, TIME, thing, seen_at),
	FIELD_SINCE(5, 1, BOOL, thing, good),
	FIELD_SINCE(5, 0, DIGEST, thing, digest),
	FIELD_SINCE(5, 0, TEXT, thing, note),
	FIELD_SINCE(5, REASON_IDLE, REASON, thing, reason),
};
static const struct record_kind thing_3 = { thing_fields, 2 };
static const struct record_kind thing_4 = { thing_fields, 4 };
static const struct record_kind thing_5 = RECORD_KIND(thing_fields);

static const struct thing a_thing = { 7, "seven", 99, 1000, false, { 1, 2, 3, 4 }, "note", REASON_LOGOUT };

static void
a_record_of_an_older_version_has_the_defaults_of_what_came_later(void **state)
{
	struct record_bytes record;
	struct thing back;

	(void)state;
	assert_int_equal(record_kind_version(&thing_3), 3);
	assert_int_equal(record_kind_version(&thing_5), 5);
	assert_int_equal(record_encode(&thing_3, &a_thing, &record), PT_OK);
	memset(&back, 0xff, sizeof(back));
	assert_int_equal(record_decode(&thing_5, bytes_of(&record), &back), PT_OK);
	assert_int_equal(back.number, 7);
	assert_string_equal(back.name, "seven");
	assert_int_equal(back.weight, 17);
	assert_int_equal(back.seen_at, 0);
	assert_true(back.good);
	assert_int_equal(back.digest[0] | back.digest[3], 0);
	assert_string_equal(back.note, "");
	assert_int_equal(back.reason, REASON_IDLE);
	assert_int_equal(record_encode(&thing_4, &a_thing, &record), PT_OK);
	assert_int_equal(record_decode(&thing_5, bytes_of(&record), &back), PT_OK);
	assert_int_equal(back.weight, 99);
	assert_int_equal(back.seen_at, 1000);
	assert_true(back.good);
	/* Written again it has today's version and all fields. */
	assert_int_equal(record_encode(&thing_5, &back, &record), PT_OK);
	assert_int_equal(record.bytes[0], 5);
	assert_int_equal(record_decode(&thing_5, bytes_of(&record), &back), PT_OK);
	assert_int_equal(back.weight, 99);
}

static void
a_record_of_an_older_version_is_as_strict_as_any(void **state)
{
	struct record_bytes record;
	struct thing back;

	(void)state;
	assert_int_equal(record_encode(&thing_4, &a_thing, &record), PT_OK);
	for (size_t len = 0; len < record.len; len++)
		assert_int_equal(record_decode(&thing_5, (struct slice){ (char *)record.bytes, len }, &back), PT_ERR_CORRUPT);
	record.bytes[record.len++] = 0;
	assert_int_equal(record_decode(&thing_5, bytes_of(&record), &back), PT_ERR_CORRUPT);
	/* One of a newer version, and one older than all. */
	assert_int_equal(record_encode(&thing_5, &a_thing, &record), PT_OK);
	assert_int_equal(record_decode(&thing_4, bytes_of(&record), &back), PT_ERR_CORRUPT);
	record.bytes[0] = RECORD_SCHEMA_OLDEST - 1;
	assert_int_equal(record_decode(&thing_5, bytes_of(&record), &back), PT_ERR_CORRUPT);
}

/*
 * A kind's last field gives its version. A field that is older than the one before it would not be
 * read back, which the tests above would notice.
 */
static void
no_kind_is_newer_than_the_store(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct record_bytes record;
		union any any;

		memset(&any, 0, sizeof(any));
		kinds[i].fill(&any);
		assert_int_equal(kinds[i].encode(&any, &record), PT_OK);
		assert_in_range(record.bytes[0], RECORD_SCHEMA_OLDEST, RECORD_SCHEMA);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_session_keeps_every_member),
		cmocka_unit_test(the_bytes_are_the_same_on_every_machine),
		cmocka_unit_test(a_record_cut_at_any_length_is_corrupt),
		cmocka_unit_test(a_record_with_a_byte_behind_it_is_corrupt),
		cmocka_unit_test(a_record_of_another_version_is_corrupt),
		cmocka_unit_test(any_byte_may_have_any_value),
		cmocka_unit_test(noise_is_never_more_than_corrupt),
		cmocka_unit_test(a_number_of_a_newer_version_is_kept),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
		cmocka_unit_test(a_record_of_an_older_version_has_the_defaults_of_what_came_later),
		cmocka_unit_test(a_record_of_an_older_version_is_as_strict_as_any),
		cmocka_unit_test(no_kind_is_newer_than_the_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
