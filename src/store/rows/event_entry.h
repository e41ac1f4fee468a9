/* The entries of an event, for the code that checks and repairs the indexes (care/). */
#ifndef PINTLE_STORE_ROWS_EVENT_ENTRY_H
#define PINTLE_STORE_ROWS_EVENT_ENTRY_H

#include "store/rows/row_entry.h"

/* The table of the event's room. */
enum table event_entry_room(const struct event *event);

/* The first puts the entry of its room, the second all entries by which the event is found. */
void event_entry_put_room(struct store_txn *txn, const struct event *event);
void event_entry_put(struct store_txn *txn, const struct event *event);

#endif
