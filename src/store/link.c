/* One-time links: a table of their own, by the user whose password they set, so that nobody has two. */
#include "store/internal.h"

#include <string.h>

#include "base/secret.h"

#define LINK_AHEAD_MS (INT64_C(5) * 60 * 1000)	/* a link made later than that is of a clock that was fast */

enum pt_err
link_del_all(struct store_txn *txn)
{
	struct key none = key_none();
	uint64_t number;
	bool found;

	for (;;) {
		enum pt_err err = table_next(txn, TABLE_LINKS, &none, 0, &number, &found);

		if (err == PT_OK && found)
			err = link_del(txn, number);
		if (err != PT_OK || !found)
			return err;
	}
}

enum pt_err
link_next_due(const struct store_txn *txn, struct link_walk *walk, bool *found)
{
	struct key none = key_none();
	struct link link;

	/* One that is over opens nothing, so nobody waits for its removal, and no index of times is kept. */
	for (*found = false; walk->looks > 0; walk->looks--) {
		enum pt_err err = table_next(txn, TABLE_LINKS, &none, walk->from, &walk->user_number, found);

		walk->ended = err == PT_OK && !*found;
		if (err != PT_OK || walk->ended)
			return err;
		walk->from = walk->user_number + 1;
		err = link_get(txn, walk->user_number, &link, found);
		if (err == PT_OK && *found && link.expires_at <= walk->now_ms)
			return PT_OK;
		*found = false;
		/* One that does not decode opens nothing either. */
		if (err != PT_OK && err != PT_ERR_CORRUPT)
			return err;
	}
	return PT_OK;
}

enum pt_err
link_expire(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number)
{
	struct event event = audit_event(caller, EVENT_LINK_EXPIRED);
	struct link link;
	bool found;
	enum pt_err err = link_get(txn, user_number, &link, &found);

	/* Another may have taken its place since it was found. */
	if (err != PT_OK || !found || link.expires_at > caller->now.wall_ms)
		return err == PT_ERR_CORRUPT ? PT_OK : err;
	err = link_del(txn, user_number);
	event.user_number = user_number;
	return err != PT_OK ? err : audit_add(txn, &event);
}

/* ---- making, looking, spending ---- */

struct link_change {
	const struct store_caller *caller;
	const struct store_link *shown;
	int64_t expires_at;
	const char *new_hash;
	struct user *user;
	enum reason *reason;
	bool *done;
};

static enum pt_err
run_make(struct store_txn *txn, void *ctx)
{
	struct link_change *change = ctx;
	struct link link = {
		.user_number = change->shown->user_number,
		.made_at = change->caller->now.wall_ms,
		.expires_at = change->expires_at,
	};
	struct user user;
	enum pt_err err = user_get(txn, link.user_number, &user, change->done);

	if (err != PT_OK || !*change->done)
		return err;
	*change->done = !user.disabled;
	if (!*change->done)
		return PT_OK;
	memcpy(link.secret_hash, change->shown->secret_hash, sizeof link.secret_hash);
	err = link_put(txn, &link);
	return err != PT_OK ? err : audit_add_user(txn, change->caller, EVENT_LINK_MADE, &user);
}

enum pt_err
store_link_make(struct store *store, const struct store_caller *caller, const struct store_link *link,
    int64_t expires_at, bool *done)
{
	struct link_change change = { .caller = caller, .shown = link, .expires_at = expires_at, .done = done };
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	*done = false;
	return err != PT_OK ? err : commit_run(store, run_make, &change);
}

/* Of a link whose secret is not right nothing is told, not even whether its user exists. */
static enum pt_err
link_judge(const struct store_txn *txn, int64_t now_ms, const struct store_link *shown, struct user *user,
    enum reason *reason)
{
	struct link link;
	bool found;
	enum pt_err err = link_get(txn, shown->user_number, &link, &found);

	memset(user, 0, sizeof *user);
	*reason = REASON_LINK_UNKNOWN;
	if (err != PT_OK || !found || !secret_eq(link.secret_hash, shown->secret_hash, sizeof link.secret_hash))
		return err;
	err = user_get(txn, shown->user_number, user, &found);
	if (err != PT_OK || !found)
		return err != PT_OK ? err : PT_ERR_CORRUPT;
	if (user->disabled)
		*reason = REASON_USER_DISABLED;
	else if (link.made_at > now_ms + LINK_AHEAD_MS)
		*reason = REASON_LINK_AHEAD;
	else
		*reason = link.expires_at > now_ms ? REASON_NONE : REASON_LINK_EXPIRED;
	return PT_OK;
}

enum pt_err
store_link_look(struct store *store, struct instant now, const struct store_link *link, struct user *user,
    enum reason *reason)
{
	struct store_txn txn;
	enum pt_err err = txn_read_begin(store, &txn);

	*reason = REASON_LINK_UNKNOWN;
	if (err != PT_OK)
		return err;
	err = link_judge(&txn, now.wall_ms, link, user, reason);
	txn_read_end(&txn);
	return err;
}

static enum pt_err
run_spend(struct store_txn *txn, void *ctx)
{
	struct link_change *change = ctx;
	enum pt_err err = link_judge(txn, change->caller->now.wall_ms, change->shown, change->user, change->reason);

	if (err != PT_OK || *change->reason != REASON_NONE)
		return err;
	err = audit_add_user(txn, change->caller, EVENT_LINK_USED, change->user);
	return err != PT_OK ? err : user_set_password(txn, change->caller, change->user, change->new_hash, 0);
}

enum pt_err
store_link_spend(struct store *store, const struct store_caller *caller, const struct store_link *link,
    const char *new_hash, struct user *user, enum reason *reason)
{
	struct link_change change = {
		.caller = caller, .shown = link, .new_hash = new_hash, .user = user, .reason = reason,
	};

	*reason = REASON_LINK_UNKNOWN;
	return commit_run(store, run_spend, &change);
}
