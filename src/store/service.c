/* Services: their names, and the hashes of their secrets. */
#include "store/store.h"

#include <string.h>

#include "store/audit.h"
#include "store/each.h"
#include "store/rows/service_row.h"

/* ---- reading ---- */

enum pt_err
store_service_by_name(struct store *store, struct slice name, struct service *out, bool *found)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*found = service_row_get(&txn, name, out);
	return txn_read_end(&txn);
}

static enum row_look
next_service(struct store_txn *txn, void *walk, void *service)
{
	return service_row_next(txn, walk, service);
}

enum pt_err
store_service_each(struct store *store, bool (*visit)(const struct service *service, void *ctx),
    void *ctx)
{
	struct name_walk walk = { .len = 0 };
	struct each each = { .store = store, .next = next_service, .walk = &walk };
	struct service service;

	while (each_next(&each, &service) && visit(&service, ctx))
		;
	return each.err;
}

/* ---- changing ---- */

struct service_change {
	const struct store_caller *caller;
	struct slice name;
	struct service *added;		/* of an addition */
	const uint8_t *secret_hash;	/* of a new secret */
	bool done;
};

/* Puts the change that somebody makes to a service into the log. */
static void
service_audit(struct store_txn *txn, const struct service_change *change, enum event_kind kind)
{
	struct event event = audit_event(change->caller, kind);

	slice_copy_printable(change->name, event.service, sizeof(event.service));
	audit_add(txn, &event);
}

static enum pt_err
service_commit(struct store *store, void (*run)(struct store_txn *txn, void *ctx),
    struct service_change *change, bool *done)
{
	enum pt_err err = commit_change(store, run, change);

	*done = err == PT_OK && change->done;
	return err;
}

static void
run_add_service(struct store_txn *txn, void *ctx)
{
	struct service_change *change = ctx;
	struct service other;

	change->done = !service_row_get(txn, change->name, &other);
	if (!change->done)
		return;
	service_row_put(txn, change->added);
	service_audit(txn, change, EVENT_SERVICE_ADDED);
}

enum pt_err
store_service_add(struct store *store, const struct store_caller *caller, struct service *service,
    bool *added)
{
	struct service_change change = { .caller = caller, .name = slice_of(service->name),
	    .added = service };
	enum pt_err err = service->name[0] == '\0' ?
	    PT_ERR_INVALID : room_check(store, ROOM_FOR_GROWTH);

	*added = false;
	if (err != PT_OK)
		return err;
	service->created_at = service->secret_set_at = caller->now.wall_ms;
	return service_commit(store, run_add_service, &change, added);
}

static void
run_set_secret(struct store_txn *txn, void *ctx)
{
	struct service_change *change = ctx;
	struct service service;

	change->done = service_row_get(txn, change->name, &service);
	if (!change->done)
		return;
	memcpy(service.secret_hash, change->secret_hash, sizeof(service.secret_hash));
	service.secret_set_at = change->caller->now.wall_ms;
	service_row_put(txn, &service);
	service_audit(txn, change, EVENT_SERVICE_ROTATED);
}

enum pt_err
store_service_set_secret(struct store *store, const struct store_caller *caller, struct slice name,
    const uint8_t secret_hash[DIGEST_SIZE], bool *found)
{
	struct service_change change = { .caller = caller, .name = name,
	    .secret_hash = secret_hash };

	return service_commit(store, run_set_secret, &change, found);
}

static void
run_remove_service(struct store_txn *txn, void *ctx)
{
	struct service_change *change = ctx;
	struct service service;

	/* One that does not decode lets nothing in, and can be removed like any other. */
	change->done = service_row_look(txn, change->name, &service) != ROW_NONE;
	if (!change->done)
		return;
	service_row_del(txn, change->name);
	service_audit(txn, change, EVENT_SERVICE_REMOVED);
}

enum pt_err
store_service_remove(struct store *store, const struct store_caller *caller, struct slice name,
    bool *found)
{
	struct service_change change = { .caller = caller, .name = name };

	return service_commit(store, run_remove_service, &change, found);
}
