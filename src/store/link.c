#include "store/link.h"

#include <string.h>

#include "base/secret.h"
#include "store/audit.h"
#include "store/rows/link_row.h"
#include "store/rows/user_row.h"
#include "store/user.h"

/* a link made later than that is of a clock that was fast */
#define LINK_AHEAD_MS (INT64_C(5) * 60 * 1000)

/* ---- removing ---- */

bool
link_next_due(struct store_txn *txn, struct link_walk *walk)
{
	struct link link;

	/*
	 * A link that is over opens nothing, so nobody waits for its removal, and no index of times
	 * is kept.
	 */
	for (; walk->looks > 0; walk->looks--) {
		enum row_look look = link_row_next(txn, &walk->from, &link);

		walk->ended = look == ROW_NONE && !txn_failed(txn);
		if (look == ROW_NONE)
			return false;
		walk->user_number = walk->from - 1;
		/* One that does not decode opens nothing either, and is left to store_mend. */
		if (look == ROW_THERE && link.expires_at <= walk->now_ms)
			return true;
	}
	return false;
}

void
link_expire(struct store_txn *txn, const struct store_caller *caller, uint64_t user_number)
{
	struct event event = audit_event(caller, EVENT_LINK_EXPIRED);
	struct link link;

	/* Another may have taken its place since it was found. */
	if (link_row_look(txn, user_number, &link) != ROW_THERE ||
	    link.expires_at > caller->now.wall_ms)
		return;
	link_row_del(txn, user_number);
	event.user_number = user_number;
	audit_add(txn, &event);
}

void
link_forget_all(struct store_txn *txn)
{
	struct link link;
	uint64_t from = 0;

	while (link_row_next(txn, &from, &link) != ROW_NONE)
		link_row_del(txn, from - 1);
}

/* ---- making, looking, spending ---- */

struct making {
	const struct store_caller *caller;
	struct link link;
	enum store_change result;
};

static void
run_make(struct store_txn *txn, void *ctx)
{
	struct making *making = ctx;
	struct user user;

	if (!user_row_get(txn, making->link.user_number, &user))
		making->result = CHANGE_USER_GONE;
	else
		making->result = user.disabled ? CHANGE_USER_DISABLED : CHANGE_DONE;
	if (making->result != CHANGE_DONE)
		return;
	link_row_put(txn, &making->link);
	audit_add_user(txn, making->caller, EVENT_LINK_MADE, &user);
}

enum pt_err
store_link_make(struct store *store, const struct store_caller *caller,
    const struct store_link *link, int64_t expires_at, enum store_change *result)
{
	struct making making = {
		.caller = caller,
		.link = { .user_number = link->user_number, .made_at = caller->now.wall_ms,
		    .expires_at = expires_at },
	};
	enum pt_err err = room_check(store, ROOM_FOR_GROWTH);

	memcpy(making.link.secret_hash, link->secret_hash, sizeof(making.link.secret_hash));
	if (err == PT_OK)
		err = commit_change(store, run_make, &making);
	*result = err == PT_OK ? making.result : CHANGE_NONE;
	return err;
}

/*
 * Why the link opens nothing, or REASON_NONE and its user. If the secret of a link is not right,
 * nothing is disclosed about it, not even whether its user exists.
 */
static enum reason
link_judge(struct store_txn *txn, int64_t now_ms, const struct store_link *shown, struct user *user)
{
	struct link link;

	memset(user, 0, sizeof(*user));
	if (!link_row_get(txn, shown->user_number, &link) ||
	    !secret_eq(link.secret_hash, shown->secret_hash, sizeof(link.secret_hash)))
		return REASON_LINK_UNKNOWN;
	if (!user_row_get(txn, shown->user_number, user)) {
		txn_fail(txn, PT_ERR_CORRUPT);
		return REASON_LINK_UNKNOWN;
	}
	if (user->disabled)
		return REASON_USER_DISABLED;
	if (link.made_at > now_ms + LINK_AHEAD_MS)
		return REASON_LINK_AHEAD;
	return link.expires_at > now_ms ? REASON_NONE : REASON_LINK_EXPIRED;
}

enum pt_err
store_link_look(struct store *store, struct instant now, const struct store_link *link,
    struct user *user, enum reason *reason)
{
	struct store_txn txn;

	txn_read_begin(store, &txn);
	*reason = link_judge(&txn, now.wall_ms, link, user);
	return txn_read_end(&txn);
}

struct spending {
	const struct store_caller *caller;
	const struct store_link *shown;
	const char *new_hash;
	struct user *user;
	enum reason reason;
};

static void
run_spend(struct store_txn *txn, void *ctx)
{
	struct spending *spending = ctx;

	spending->reason = link_judge(txn, spending->caller->now.wall_ms, spending->shown,
	    spending->user);
	if (spending->reason != REASON_NONE)
		return;
	audit_add_user(txn, spending->caller, EVENT_LINK_USED, spending->user);
	user_set_password(txn, spending->caller, spending->user, spending->new_hash, 0);
}

enum pt_err
store_link_spend(struct store *store, const struct store_caller *caller,
    const struct store_link *link, const char *new_hash, struct user *user, enum reason *reason)
{
	struct spending spending = { .caller = caller, .shown = link, .new_hash = new_hash,
	    .user = user };
	enum pt_err err = commit_change(store, run_spend, &spending);

	*reason = err == PT_OK ? spending.reason : REASON_LINK_UNKNOWN;
	return err;
}
