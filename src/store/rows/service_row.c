#include "store/rows/service_row.h"

#include <string.h>

#include "store/rows/row_entry.h"

enum row_look
service_row_look(struct store_txn *txn, struct slice name, struct service *out)
{
	struct key key = key_text(name);
	struct slice value;

	if (!entry_get(txn, TABLE_SERVICES, &key, &value))
		return ROW_NONE;
	bool good = record_service_decode(value, out) == PT_OK &&
	    slice_eq(slice_of(out->name), name);

	return row_decoded(good, TABLE_SERVICES, 0);
}

bool
service_row_get(struct store_txn *txn, struct slice name, struct service *out)
{
	return row_found(txn, service_row_look(txn, name, out));
}

void
service_row_put(struct store_txn *txn, const struct service *service)
{
	struct key key = key_text(slice_of(service->name));
	struct record_bytes record;

	row_put(txn, TABLE_SERVICES, &key, record_service_encode(service, &record), &record);
}

void
service_row_del(struct store_txn *txn, struct slice name)
{
	struct key key = key_text(name);

	entry_del(txn, TABLE_SERVICES, &key);
}

enum row_look
service_row_next(struct store_txn *txn, struct name_walk *walk, struct service *out)
{
	struct key last = key_text((struct slice){ walk->last, walk->len }),
	    from = key_after(&last), at;

	if (!entry_ceil(txn, TABLE_SERVICES, walk->len ? &from : &last, &at, NULL))
		return ROW_NONE;
	memcpy(walk->last, at.bytes, at.len);
	walk->len = at.len;
	return service_row_look(txn, (struct slice){ (const char *)at.bytes, at.len }, out);
}
