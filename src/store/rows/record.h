/*
 * The kinds of records, and their bytes. A record is the version of its kind and then its fields in
 * the order of one table: numbers big-endian, texts with their length before them. Records of older
 * versions lack the later fields, which then have their defaults; such a record stays as it is
 * until it is written again. Reading is strict: a record is corrupt if its version never existed, a
 * length does not fit, a value is out of range, bytes are left over, or a text is one that we would
 * never write. This file knows nothing of LMDB.
 */
#ifndef PINTLE_STORE_RECORD_H
#define PINTLE_STORE_RECORD_H

#include "base/error.h"
#include "base/slice.h"
#include "store/rows/record_field.h"
#include "store/rows/row.h"

/* PT_ERR_INVALID if the reader would refuse a value. */
enum pt_err record_user_encode(const struct user *user, struct record_bytes *out);
enum pt_err record_session_encode(const struct session_row *row, struct record_bytes *out);
enum pt_err record_event_encode(const struct event *event, struct record_bytes *out);
enum pt_err record_counters_encode(const struct counters *counters, struct record_bytes *out);
enum pt_err record_tombstone_encode(const struct tombstone *tombstone, struct record_bytes *out);
enum pt_err record_otp_encode(const struct otp *otp, struct record_bytes *out);
enum pt_err record_link_encode(const struct link *link, struct record_bytes *out);
enum pt_err record_service_encode(const struct service *service, struct record_bytes *out);

/*
 * PT_ERR_CORRUPT, with *out undefined, for bytes that no encoder of this or an older version wrote.
 */
enum pt_err record_user_decode(struct slice bytes, struct user *out);
enum pt_err record_session_decode(struct slice bytes, struct session_row *out);
enum pt_err record_event_decode(struct slice bytes, struct event *out);
enum pt_err record_counters_decode(struct slice bytes, struct counters *out);
enum pt_err record_tombstone_decode(struct slice bytes, struct tombstone *out);
enum pt_err record_otp_decode(struct slice bytes, struct otp *out);
enum pt_err record_link_decode(struct slice bytes, struct link *out);
enum pt_err record_service_decode(struct slice bytes, struct service *out);

#endif
