/*
 * How a kind of record is laid out in bytes: a table of its fields, with the version of the store
 * that introduced each. The same table is used for writing and for reading, so that the two cannot
 * drift apart. The first byte of a record is the version of its kind when it was written.
 */
#ifndef PINTLE_STORE_RECORD_FIELD_H
#define PINTLE_STORE_RECORD_FIELD_H

#include <stddef.h>

#include "base/error.h"
#include "base/slice.h"
#include "core/records.h"

/*
 * The store's schema, which is recorded in it. A release raises it if it writes anything that older
 * programs would misread or lose. store/care/upgrade.c has what a store of an older schema needs.
 */
#define RECORD_SCHEMA 4
#define RECORD_SCHEMA_OLDEST 3	/* the oldest that can be read and upgraded */
#define RECORD_MAX 5120		/* bytes: the largest user, with some to spare */

struct record_bytes {
	uint8_t bytes[RECORD_MAX];
	size_t len;
};

enum field_kind {
	FIELD_U32,
	FIELD_U64,
	FIELD_TIME,	/* int64_t, not negative */
	FIELD_BOOL,
	FIELD_DIGEST,	/* that many bytes, unchanged: digests, and sealed secrets */
	FIELD_ID,	/* 22 characters of base64url, without a length */
	FIELD_TEXT,	/* may be empty */
	FIELD_REASON,
	FIELD_EVENT,
};

struct field {
	enum field_kind kind;
	/* the schema that introduced it: records of older versions lack it */
	uint8_t since;
	/* its value in those, if it is a number; other kinds are empty or zero */
	uint64_t missing;
	size_t offset;
	size_t size;		/* in memory */
};

struct record_kind {
	/* in the order of the bytes: later fields are at the end */
	const struct field *fields;
	size_t count;
};

#define FIELD_SINCE(since_, missing_, kind_, type_, member_) \
	{ FIELD_##kind_, (since_), (missing_), offsetof(struct type_, member_), \
	    sizeof(((struct type_ *)0)->member_) }
#define FIELD(kind_, type_, member_) FIELD_SINCE(RECORD_SCHEMA_OLDEST, 0, kind_, type_, member_)

#define RECORD_KIND(fields_) { (fields_), sizeof(fields_) / sizeof((fields_)[0]) }

/*
 * The version in which records of this kind are written: the schema that introduced its last field.
 */
uint8_t record_kind_version(const struct record_kind *kind);

/* PT_ERR_INVALID if the reader would refuse a value. */
enum pt_err record_encode(const struct record_kind *kind, const void *record,
    struct record_bytes *out);

/*
 * PT_ERR_CORRUPT, with *record undefined, for bytes that no encoder of this or an older version
 * wrote.
 */
enum pt_err record_decode(const struct record_kind *kind, struct slice bytes, void *record);

#endif
