/*
 * Events of the audit log: each record with its entries by session and by room (core/reason.h),
 * which stand and fall together.
 */
#ifndef PINTLE_STORE_ROWS_EVENT_ROW_H
#define PINTLE_STORE_ROWS_EVENT_ROW_H

#include "core/reason.h"
#include "store/rows/row.h"

bool event_row_get(struct store_txn *txn, uint64_t number, struct event *out);
enum row_look event_row_look(struct store_txn *txn, uint64_t number, struct event *out);

/* Puts a new event. It gets its number here. */
void event_row_add(struct store_txn *txn, struct event *event);

/* Puts one that is there, after a change that no index knows of. */
void event_row_put(struct store_txn *txn, const struct event *event);
void event_row_remove(struct store_txn *txn, const struct event *event);

/*
 * Removes one whose record does not decode. Nobody knows which session it was about: the entry of
 * that session, if it had one, is left until store_mend.
 */
void event_row_remove_broken(struct store_txn *txn, uint64_t number);

/* How many events there are, and how many in a room. */
uint64_t event_row_count(struct store_txn *txn);
uint64_t event_row_count_room(struct store_txn *txn, enum event_room room);

/*
 * Whether the log takes so much of the map that its oldest events have to make room for new ones:
 * anybody can add to it, by logins that fail, and must not stop those that are right.
 */
bool event_row_is_full(struct store_txn *txn);

/* A walk through events in the order of their numbers. What it meets may be changed on the way. */
struct event_walk {
	enum event_walk_of {
		EVENTS_ALL = 0,
		EVENTS_OF_SESSION,
		EVENTS_OF_ROOM,
	} of;
	uint64_t session_number;
	enum event_room room;
	uint64_t at;		/* the number of the next one at the earliest, or at the latest */
	bool over;		/* there are no more */
};

/* Walks from that number on, for event_row_next, or from it back, for event_row_prev. */
struct event_walk event_walk_all(uint64_t at);
struct event_walk event_walk_session(uint64_t session_number, uint64_t at);

/* The events of the session with that id; where there is none, or none is named, all. */
struct event_walk event_walk_sid(struct store_txn *txn, struct slice sid, uint64_t at);
struct event_walk event_walk_room(enum event_room room, uint64_t at);

/*
 * The next event at or above walk->at, which moves past it. out->number is set where it is broken
 * too.
 */
enum row_look event_row_next(struct store_txn *txn, struct event_walk *walk, struct event *out);

/* The last event at or below walk->at, which moves below it. */
enum row_look event_row_prev(struct store_txn *txn, struct event_walk *walk, struct event *out);

#endif
