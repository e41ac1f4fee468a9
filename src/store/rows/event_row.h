/*
 * Events of the audit log: each record with its entries by session and by room (core/reason.h).
 * They are written and removed together.
 */
#ifndef PINTLE_STORE_ROWS_EVENT_ROW_H
#define PINTLE_STORE_ROWS_EVENT_ROW_H

#include "core/reason.h"
#include "store/rows/row.h"

bool event_row_get(struct store_txn *txn, uint64_t number, struct event *out);
enum row_look event_row_look(struct store_txn *txn, uint64_t number, struct event *out);

/* Puts a new event, and gives it its number. */
void event_row_add(struct store_txn *txn, struct event *event);

/* Puts an existing event, after a change that concerns no index. */
void event_row_put(struct store_txn *txn, const struct event *event);
void event_row_remove(struct store_txn *txn, const struct event *event);

/*
 * Removes an event whose record does not decode. Nobody knows which session it was about, so the
 * entry of that session, if there was one, is left until store_mend.
 */
void event_row_remove_broken(struct store_txn *txn, uint64_t number);

/* How many events there are, in all and in a room. */
uint64_t event_row_count(struct store_txn *txn);
uint64_t event_row_count_room(struct store_txn *txn, enum event_room room);

/*
 * Whether the log takes so much of the map that its oldest events must make room for new ones.
 * Anybody can add to it with failed logins, and must not stop the logins that are right.
 */
bool event_row_is_full(struct store_txn *txn);

/*
 * A walk through events in the order of their numbers. The events that it meets may be changed on
 * the way.
 */
struct event_walk {
	enum event_walk_of {
		EVENTS_ALL = 0,
		EVENTS_OF_SESSION,
		EVENTS_OF_ROOM,
	} of;
	uint64_t session_number;
	enum event_room room;
	/* the number of the next one is at least this (for _prev: at most) */
	uint64_t at;
	bool over;		/* there are no more events */
};

/* Walks from that number upwards with event_row_next, or downwards with event_row_prev. */
struct event_walk event_walk_all(uint64_t at);
struct event_walk event_walk_session(uint64_t session_number, uint64_t at);

/*
 * The events of the session with that id; all events, if there is no such session or none is named.
 */
struct event_walk event_walk_sid(struct store_txn *txn, struct slice sid, uint64_t at);
struct event_walk event_walk_room(enum event_room room, uint64_t at);

/*
 * The next event at or above walk->at, which moves past it. out->number is set even if it is
 * broken.
 */
enum row_look event_row_next(struct store_txn *txn, struct event_walk *walk, struct event *out);

/* The last event at or below walk->at, which moves below it. */
enum row_look event_row_prev(struct store_txn *txn, struct event_walk *walk, struct event *out);

#endif
