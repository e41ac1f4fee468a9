/*
 * How a kind of record is laid out in bytes: a table of its fields, by which it is written and
 * read, so that the two cannot drift apart; and with which version of the store each field came.
 * The first byte of a record is the version of its kind when it was written.
 */
#ifndef PINTLE_STORE_RECORD_FIELD_H
#define PINTLE_STORE_RECORD_FIELD_H

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "core/records.h"

/*
 * The store's schema, which it keeps: raised with each release that writes anything that older
 * programs would misread or lose. What a store of an older one needs is in upgrade.c.
 */
#define RECORD_SCHEMA 4
#define RECORD_SCHEMA_OLDEST 3	/* that can be read, and carried over */
#define RECORD_MAX 5120		/* bytes: the largest user, with room */

struct record_bytes {
	uint8_t bytes[RECORD_MAX];
	size_t len;
};

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
	/* the schema that it came with: records of older versions do not have it */
	uint8_t since;
	/* the number that it has in those; what is no number is empty or zero */
	uint64_t missing;
	size_t offset;
	size_t size;		/* in memory */
};

struct record_kind {
	/* in the order of the bytes: what came later stands later */
	const struct field *fields;
	size_t count;
};

#define FIELD_SINCE(since_, missing_, kind_, type_, member_) \
	{ FIELD_##kind_, (since_), (missing_), offsetof(struct type_, member_), \
	    sizeof(((struct type_ *)0)->member_) }
#define FIELD(kind_, type_, member_) FIELD_SINCE(RECORD_SCHEMA_OLDEST, 0, kind_, type_, member_)

#define RECORD_KIND(fields_) { (fields_), sizeof(fields_) / sizeof((fields_)[0]) }

/*
 * The version that records of this kind are written in: the schema with which its last field came.
 */
uint8_t record_kind_version(const struct record_kind *kind);

/* PT_ERR_INVALID if a value is none that the reader would take. */
enum pt_err record_encode(const struct record_kind *kind, const void *record,
    struct record_bytes *out);

/*
 * PT_ERR_CORRUPT, with nothing promised about *record, for anything that no encoder of this or an
 * older version wrote.
 */
enum pt_err record_decode(const struct record_kind *kind, struct slice bytes, void *record);

#endif
