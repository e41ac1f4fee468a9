/* How sessions stand now, by the core's rule (core/standing.h), the records and this process's settings. */
#ifndef PINTLE_STORE_SESSION_STANDING_H
#define PINTLE_STORE_SESSION_STANDING_H

#include "store/txn.h"

/* What standing_decide asks of the settings. */
struct standing_rules session_standing_rules(const struct store_txn *txn);

/*
 * The standing of a session as of now, and its user; *user is zero where there is none. A user whose record does
 * not decode fails the transaction. After an error no session stands.
 */
enum reason session_standing(struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user);

/*
 * The same for those that go on: false where the user's record does not decode, of which nothing else is known than
 * that such a session lets nobody in.
 */
bool session_standing_look(struct store_txn *txn, const struct session *session, struct instant now,
    struct user *user, enum reason *standing);

#endif
