/*
 * Whether sessions are good now, by the core's rule (core/standing.h), the records and this
 * process's settings.
 */
#ifndef PINTLE_STORE_SESSION_STANDING_H
#define PINTLE_STORE_SESSION_STANDING_H

#include "store/txn.h"

/* The settings that standing_decide needs. */
struct standing_rules session_standing_rules(const struct store_txn *txn);

/*
 * The standing of a session now, and its user; *user is zero if there is none. If the user's record
 * does not decode, the transaction fails. After an error no session is good.
 */
enum reason session_standing(struct store_txn *txn, const struct session *session,
    struct instant now, struct user *user);

/*
 * The same for callers that continue: false if the user's record does not decode. Of such a session
 * only one thing is known, that it lets nobody in.
 */
bool session_standing_look(struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing);

#endif
