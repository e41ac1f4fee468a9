#include "store/session_standing.h"

#include <string.h>

#include "store/rows/user_row.h"

struct standing_rules
session_standing_rules(const struct store_txn *txn)
{
	return (struct standing_rules){
		.otp_required = slice_of(txn_options(txn)->otp_required),
	};
}

bool
session_standing_look(struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing)
{
	const struct standing_rules rules = session_standing_rules(txn);
	enum row_look look = user_row_look(txn, session->user_number, user);

	if (look != ROW_THERE)
		memset(user, 0, sizeof(*user));
	*standing = REASON_USER_DELETED;
	if (!txn_failed(txn) && look != ROW_BROKEN)
		*standing = standing_decide(session, look == ROW_THERE ? user : NULL, now, &rules);
	return look != ROW_BROKEN;
}

enum reason
session_standing(struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user)
{
	enum reason standing;

	if (!session_standing_look(txn, session, now, user, &standing))
		txn_fail(txn, PT_ERR_CORRUPT);
	return standing;
}
