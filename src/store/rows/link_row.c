#include "store/rows/link_row.h"

#include <string.h>

#include "store/rows/row_entry.h"

enum row_look
link_row_look(struct store_txn *txn, uint64_t user_number, struct link *out)
{
	struct key key = key_number(user_number);
	struct slice value;

	memset(out, 0, sizeof(*out));
	if (!entry_get(txn, TABLE_LINKS, &key, &value))
		return ROW_NONE;
	bool good = record_link_decode(value, out) == PT_OK && out->user_number == user_number;

	return row_decoded(good, TABLE_LINKS, user_number);
}

bool
link_row_get(struct store_txn *txn, uint64_t user_number, struct link *out)
{
	return row_found(txn, link_row_look(txn, user_number, out));
}

void
link_row_put(struct store_txn *txn, const struct link *link)
{
	struct key key = key_number(link->user_number);
	struct record_bytes record;

	row_put(txn, TABLE_LINKS, &key, record_link_encode(link, &record), &record);
}

void
link_row_del(struct store_txn *txn, uint64_t user_number)
{
	struct key key = key_number(user_number);

	entry_del(txn, TABLE_LINKS, &key);
}

enum row_look
link_row_next(struct store_txn *txn, uint64_t *from, struct link *out)
{
	struct key none = key_none();
	uint64_t number;

	if (!entry_next(txn, TABLE_LINKS, &none, *from, &number))
		return ROW_NONE;
	*from = number + 1;
	enum row_look look = link_row_look(txn, number, out);

	out->user_number = number;
	return look;
}

uint64_t
link_row_count(struct store_txn *txn)
{
	return entry_count(txn, TABLE_LINKS);
}
