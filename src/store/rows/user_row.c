#include "store/rows/user_row.h"

#include <string.h>

#include "store/rows/counters.h"
#include "store/rows/row_entry.h"

enum row_look
user_row_look(struct store_txn *txn, uint64_t number, struct user *out)
{
	struct key key = key_number(number);
	struct slice value;

	if (!entry_get(txn, TABLE_USERS, &key, &value))
		return ROW_NONE;
	return row_decoded(record_user_decode(value, out) == PT_OK &&
	    out->number == number, TABLE_USERS, number);
}

bool
user_row_get(struct store_txn *txn, uint64_t number, struct user *out)
{
	return row_found(txn, user_row_look(txn, number, out));
}

enum row_look
user_row_look_by_name(struct store_txn *txn, struct slice name, struct user *out)
{
	struct key key = key_text(name);
	struct slice value;

	if (!entry_get(txn, TABLE_NAMES, &key, &value))
		return ROW_NONE;
	if (value.len != 8)
		return row_decoded(false, TABLE_NAMES, 0);
	uint64_t number = u64_get((const uint8_t *)value.ptr);
	enum row_look look = user_row_look(txn, number, out);

	/* An entry that leads to another user lets nobody in under that name. */
	return look == ROW_THERE ?
	    row_decoded(slice_eq(slice_of(out->name), name), TABLE_NAMES, number) : look;
}

bool
user_row_by_name(struct store_txn *txn, struct slice name, struct user *out)
{
	return row_found(txn, user_row_look_by_name(txn, name, out));
}

bool
user_row_from(struct store_txn *txn, uint64_t *from, struct user *out)
{
	struct key none = key_none();
	uint64_t number;

	while (entry_next(txn, TABLE_USERS, &none, *from, &number)) {
		*from = number + 1;
		if (user_row_look(txn, number, out) == ROW_THERE)
			return true;
	}
	return false;
}

bool
user_row_name_is_taken(struct store_txn *txn, struct slice name)
{
	struct key key = key_text(name);
	uint64_t number;

	return entry_get_number(txn, TABLE_NAMES, &key, &number);
}

bool
user_row_sub_is_taken(struct store_txn *txn, struct slice sub)
{
	struct key key = key_text(sub);
	struct slice value;

	return entry_get(txn, TABLE_SUBS, &key, &value) ||
	    entry_get(txn, TABLE_TOMBSTONES, &key, &value);
}

void
user_row_put(struct store_txn *txn, const struct user *user)
{
	struct key key = key_number(user->number);
	struct record_bytes record;

	row_put(txn, TABLE_USERS, &key, record_user_encode(user, &record), &record);
}

void
user_row_add(struct store_txn *txn, struct user *user)
{
	struct key name = key_text(slice_of(user->name)), sub = key_text(slice_of(user->sub));
	struct counters counters;

	counters_get(txn, &counters);
	user->number = counters.next_user++;
	counters_put(txn, &counters);
	user_row_put(txn, user);
	entry_put_number(txn, TABLE_NAMES, &name, user->number);
	entry_put_number(txn, TABLE_SUBS, &sub, user->number);
}

void
user_row_remove(struct store_txn *txn, const struct user *user, int64_t now_ms)
{
	const struct tombstone tombstone = { user->number, now_ms };
	struct key number = key_number(user->number), name = key_text(slice_of(user->name)),
	    sub = key_text(slice_of(user->sub));
	struct record_bytes record;

	row_put(txn, TABLE_TOMBSTONES, &sub, record_tombstone_encode(&tombstone, &record), &record);
	entry_del(txn, TABLE_SUBS, &sub);
	entry_del(txn, TABLE_NAMES, &name);
	entry_del(txn, TABLE_USERS, &number);
}

enum row_look
user_row_next(struct store_txn *txn, struct name_walk *walk, struct user *out)
{
	struct key last = key_text((struct slice){ walk->last, walk->len }),
	    from = key_after(&last), at;

	if (!entry_ceil(txn, TABLE_NAMES, walk->len ? &from : &last, &at, NULL))
		return ROW_NONE;
	memcpy(walk->last, at.bytes, at.len);
	walk->len = at.len;
	enum row_look look = user_row_look_by_name(txn, (struct slice){ walk->last, walk->len },
	    out);

	return look == ROW_NONE && !txn_failed(txn) ? ROW_BROKEN : look;
}

uint64_t
user_row_count(struct store_txn *txn)
{
	return entry_count(txn, TABLE_USERS);
}

uint64_t
user_row_next_number(struct store_txn *txn)
{
	struct counters counters;

	counters_get(txn, &counters);
	return counters.next_user;
}
