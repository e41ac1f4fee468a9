/* Services: their names, and the hashes of their secrets. */
#include "store/internal.h"

#include <string.h>

/* ---- reading ---- */

enum pt_err
store_service_by_name(struct store *store, struct slice name, struct service *out, bool *found)
{
	struct key key = key_text(name);
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*found = false;
	if (err != PT_OK)
		return err;
	err = service_get(&txn, &key, out, found);
	txn_read_end(&txn);
	return err;
}

/* The first service whose name is from or comes after it; *broken says that its record does not decode. */
static enum pt_err
next_by_name(const struct store_txn *txn, const struct key *from, struct key *at, struct service *out, bool *found,
    bool *broken)
{
	enum pt_err err = table_ceil(txn, TABLE_SERVICES, from, at, NULL, found);

	*broken = false;
	if (err != PT_OK || !*found)
		return err;
	err = service_get(txn, at, out, found);
	*broken = err == PT_ERR_CORRUPT;
	return *broken ? PT_OK : err;
}

enum pt_err
store_service_each(struct store *store, bool (*visit)(const struct service *service, void *ctx), void *ctx)
{
	struct key from = key_none(), at = key_none();
	struct service service;
	struct store_txn txn;
	bool found, broken, damaged = false;

	/* A transaction a service, and none while it is shown: a pager must not hold a snapshot. */
	for (;; from = key_after(&at)) {
		enum pt_err err = txn_read_begin(store, &txn);

		if (err != PT_OK)
			return err;
		err = next_by_name(&txn, &from, &at, &service, &found, &broken);
		txn_read_end(&txn);
		if (err != PT_OK || !found)
			return err == PT_OK && damaged ? PT_ERR_CORRUPT : err;
		damaged = damaged || broken;
		if (!broken && !visit(&service, ctx))
			return PT_OK;
	}
}

/* ---- changing ---- */

struct service_change {
	const struct store_caller *caller;
	struct slice name;
	struct service *added;		/* of an addition */
	const uint8_t *secret_hash;	/* of a new secret */
	bool *done;
};

/* Tells the log of a change that somebody makes to a service. */
static enum pt_err
service_audit(struct store_txn *txn, const struct service_change *change, enum event_kind kind)
{
	struct event event = audit_event(change->caller, kind);

	slice_copy_printable(change->name, event.service, sizeof event.service);
	return audit_add(txn, &event);
}

static enum pt_err
run_add(struct store_txn *txn, void *ctx)
{
	const struct service_change *change = ctx;
	struct key key = key_text(change->name);
	struct service other;
	bool taken;
	enum pt_err err = service_get(txn, &key, &other, &taken);

	*change->done = false;
	if (err != PT_OK || taken)
		return err;
	err = service_put(txn, change->added);
	if (err == PT_OK)
		err = service_audit(txn, change, EVENT_SERVICE_ADDED);
	*change->done = err == PT_OK;
	return err;
}

enum pt_err
store_service_add(struct store *store, const struct store_caller *caller, struct service *service, bool *added)
{
	struct service_change change = {
		.caller = caller, .name = slice_of(service->name), .added = service, .done = added,
	};
	enum pt_err err = service->name[0] == '\0' ? PT_ERR_INVALID : room_check(store, ROOM_FOR_GROWTH);

	*added = false;
	if (err != PT_OK)
		return err;
	service->created_at = service->secret_set_at = caller->now.wall_ms;
	return commit_run(store, run_add, &change);
}

static enum pt_err
run_set_secret(struct store_txn *txn, void *ctx)
{
	const struct service_change *change = ctx;
	struct key key = key_text(change->name);
	struct service service;
	enum pt_err err = service_get(txn, &key, &service, change->done);

	if (err != PT_OK || !*change->done)
		return err;
	memcpy(service.secret_hash, change->secret_hash, sizeof service.secret_hash);
	service.secret_set_at = change->caller->now.wall_ms;
	err = service_put(txn, &service);
	return err != PT_OK ? err : service_audit(txn, change, EVENT_SERVICE_ROTATED);
}

enum pt_err
store_service_set_secret(struct store *store, const struct store_caller *caller, struct slice name,
    const uint8_t secret_hash[DIGEST_LEN], bool *found)
{
	struct service_change change = { .caller = caller, .name = name, .secret_hash = secret_hash, .done = found };

	*found = false;
	return commit_run(store, run_set_secret, &change);
}

static enum pt_err
run_remove(struct store_txn *txn, void *ctx)
{
	const struct service_change *change = ctx;
	struct key key = key_text(change->name);
	struct service service;
	enum pt_err err = service_get(txn, &key, &service, change->done);

	/* One that does not decode lets nothing in, and can be removed like any other. */
	if (err == PT_ERR_CORRUPT)
		err = PT_OK;
	if (err != PT_OK || !*change->done)
		return err;
	err = table_del(txn, TABLE_SERVICES, &key);
	return err != PT_OK ? err : service_audit(txn, change, EVENT_SERVICE_REMOVED);
}

enum pt_err
store_service_remove(struct store *store, const struct store_caller *caller, struct slice name, bool *found)
{
	struct service_change change = { .caller = caller, .name = name, .done = found };

	*found = false;
	return commit_run(store, run_remove, &change);
}
