#include "store/rows/otp_row.h"

#include <string.h>

#include "store/rows/row_entry.h"

enum row_look
otp_row_look(struct store_txn *txn, uint64_t user_number, struct otp *out)
{
	struct key key = key_number(user_number);
	struct slice value;

	memset(out, 0, sizeof(*out));
	if (!entry_get(txn, TABLE_OTP, &key, &value))
		return ROW_NONE;
	bool good = record_otp_decode(value, out) == PT_OK && out->user_number == user_number;

	return row_decoded(good, TABLE_OTP, user_number);
}

bool
otp_row_get(struct store_txn *txn, uint64_t user_number, struct otp *out)
{
	return row_found(txn, otp_row_look(txn, user_number, out));
}

void
otp_row_put(struct store_txn *txn, const struct otp *otp)
{
	struct key key = key_number(otp->user_number);
	struct record_bytes record;

	row_put(txn, TABLE_OTP, &key, record_otp_encode(otp, &record), &record);
}

void
otp_row_del(struct store_txn *txn, uint64_t user_number)
{
	struct key key = key_number(user_number);

	entry_del(txn, TABLE_OTP, &key);
}
