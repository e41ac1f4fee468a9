/*
 * Stored records: the first byte is the kind; bytes that decode are exactly the bytes that the
 * encoder writes, or, if they are of an older version, become such bytes.
 */
#include <string.h>

#include "fuzz.h"
#include "store/rows/record.h"

/* Decodes bytes as one kind; what decodes is encoded again. */
#define ROUND(kind, type) \
	static enum pt_err \
	kind##_round(struct slice bytes, struct record_bytes *again) \
	{ \
		type row; \
		enum pt_err err = record_##kind##_decode(bytes, &row); \
\
		if (!err) \
			MUST(record_##kind##_encode(&row, again) == PT_OK); \
		return err; \
	}
ROUND(user, struct user)
ROUND(session, struct session_row)
ROUND(event, struct event)
ROUND(counters, struct counters)
ROUND(tombstone, struct tombstone)
ROUND(service, struct service)
ROUND(otp, struct otp)

static enum pt_err (*const rounds[])(struct slice, struct record_bytes *) = {
	user_round, session_round, event_round, counters_round, tombstone_round, service_round,
	otp_round,
};

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice rest = { (const char *)bytes, len };
	struct record_bytes again;

	if (len == 0)
		return 0;
	rest = slice_skip(rest, 1);
	enum pt_err err = rounds[bytes[0] % (sizeof(rounds) / sizeof(rounds[0]))](rest, &again);

	MUST(err == PT_OK || err == PT_ERR_CORRUPT);
	if (!err && again.bytes[0] == (uint8_t)rest.ptr[0])
		MUST(again.len == rest.len && memcmp(again.bytes, rest.ptr, rest.len) == 0);
	return 0;
}
