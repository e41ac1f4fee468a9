/*
 * The audit log: each event is written in the transaction of what it is about, so that neither
 * stands without the other. How much is kept is decided by room (core/reason.h). See DESIGN.md, A
 * limit in the audit log.
 */
#ifndef PINTLE_STORE_AUDIT_H
#define PINTLE_STORE_AUDIT_H

#include "core/reason.h"
#include "store/txn.h"

/* An event as of now, with the address, request and service of the caller. */
struct event audit_event(const struct store_caller *caller, enum event_kind kind);

/* Puts a new event. It gets its number here, and the user's name if it has none. */
void audit_add(struct store_txn *txn, struct event *event);
void audit_add_user(struct store_txn *txn, const struct store_caller *caller, enum event_kind kind,
    const struct user *user);

/* The same for an event about a session, whose user and numbers it gets. */
void audit_add_session(struct store_txn *txn, struct event event, const struct session *session);

#define AUDIT_AGAIN_MS (60 * 60 * INT64_C(1000))

/*
 * Whether the log has an event like this one (the same session, kind and reason) from less than
 * AUDIT_AGAIN_MS before or after it.
 */
bool audit_has_told(struct store_txn *txn, const struct event *event);

/* Where the log, or a room of it, begins. */
struct audit_oldest {
	uint64_t number;	/* of its first record */
	bool dated;		/* .event is there: */
	/*
	 * the first that decodes and is not of a later time than now: that record or one soon after
	 */
	struct event event;
};

/* False where the log is empty. */
bool audit_oldest(struct store_txn *txn, int64_t now_ms, struct audit_oldest *out);
void audit_remove_oldest(struct store_txn *txn, const struct audit_oldest *oldest);

/*
 * The event to remove if the log is to keep at most max; returns whether there is one. Refusals
 * may take a quarter: they push out nothing else, and nothing else pushes them out. Changes have at
 * least a quarter, and what happens to sessions at least half, however much the other of the two
 * takes.
 */
bool audit_over(struct store_txn *txn, uint64_t max, struct audit_oldest *out);

/*
 * Removes more of the oldest events than one end of a session adds: in a full map the new is worth
 * more. They are taken from the room to which something is to be added; if that is empty, from all.
 */
void audit_make_room(struct store_txn *txn, enum event_room room);

#endif
