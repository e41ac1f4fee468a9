#include "store/rows/event_row.h"

#include "store/rows/counters.h"
#include "store/rows/event_entry.h"

static const enum table room_tables[EVENT_ROOM_COUNT] = {
	[EVENT_ROOM_CHANGES] = TABLE_CHANGE_EVENTS,
	[EVENT_ROOM_SESSIONS] = TABLE_LOGIN_EVENTS,
	[EVENT_ROOM_REFUSALS] = TABLE_REFUSAL_EVENTS,
};

enum row_look
event_row_look(struct store_txn *txn, uint64_t number, struct event *out)
{
	struct key key = key_number(number);
	struct slice value;

	if (!entry_get(txn, TABLE_EVENTS, &key, &value))
		return ROW_NONE;
	return row_decoded(record_event_decode(value, out) == PT_OK &&
	    out->number == number, TABLE_EVENTS, number);
}

bool
event_row_get(struct store_txn *txn, uint64_t number, struct event *out)
{
	return row_found(txn, event_row_look(txn, number, out));
}

/* ---- writing ---- */

enum table
event_entry_room(const struct event *event)
{
	return room_tables[event_info(event->kind)->room];
}

void
event_entry_put_room(struct store_txn *txn, const struct event *event)
{
	struct key number = key_number(event->number);

	entry_put(txn, event_entry_room(event), &number, SLICE(""));
}

void
event_entry_put(struct store_txn *txn, const struct event *event)
{
	struct key session = key_pair(event->session_number, event->number);

	event_entry_put_room(txn, event);
	if (event->session_number != 0)
		entry_put(txn, TABLE_SESSION_EVENTS, &session, SLICE(""));
}

void
event_row_put(struct store_txn *txn, const struct event *event)
{
	struct key key = key_number(event->number);
	struct record_bytes record;

	row_put(txn, TABLE_EVENTS, &key, record_event_encode(event, &record), &record);
}

void
event_row_add(struct store_txn *txn, struct event *event)
{
	struct counters counters;

	counters_get(txn, &counters);
	event->number = counters.next_event++;
	counters_put(txn, &counters);
	event_row_put(txn, event);
	event_entry_put(txn, event);
}

void
event_row_remove(struct store_txn *txn, const struct event *event)
{
	struct key number = key_number(event->number),
	    session = key_pair(event->session_number, event->number);

	entry_del(txn, TABLE_EVENTS, &number);
	entry_del(txn, event_entry_room(event), &number);
	if (event->session_number != 0)
		entry_del(txn, TABLE_SESSION_EVENTS, &session);
}

void
event_row_remove_broken(struct store_txn *txn, uint64_t number)
{
	struct key key = key_number(number);

	entry_del(txn, TABLE_EVENTS, &key);
	for (size_t i = 0; i < EVENT_ROOM_COUNT; i++)
		entry_del(txn, room_tables[i], &key);
}

/* ---- walks ---- */

bool
event_row_is_full(struct store_txn *txn)
{
	uint64_t pages = entry_pages(txn, TABLE_EVENTS) + entry_pages(txn, TABLE_SESSION_EVENTS);

	for (size_t i = 0; i < EVENT_ROOM_COUNT; i++)
		pages += entry_pages(txn, room_tables[i]);
	return !txn_failed(txn) && pages >= entry_map_pages(txn) / 2;
}

uint64_t
event_row_count(struct store_txn *txn)
{
	return entry_count(txn, TABLE_EVENTS);
}

uint64_t
event_row_count_room(struct store_txn *txn, enum event_room room)
{
	return entry_count(txn, room_tables[room]);
}

struct event_walk
event_walk_all(uint64_t at)
{
	return (struct event_walk){ .of = EVENTS_ALL, .at = at };
}

struct event_walk
event_walk_session(uint64_t session_number, uint64_t at)
{
	return (struct event_walk){ .of = EVENTS_OF_SESSION, .session_number = session_number,
	    .at = at };
}

struct event_walk
event_walk_sid(struct store_txn *txn, struct slice sid, uint64_t at)
{
	struct key key = key_text(sid);
	uint64_t number;

	if (sid.len > 0 && entry_get_number(txn, TABLE_SIDS, &key, &number))
		return event_walk_session(number, at);
	return event_walk_all(at);
}

struct event_walk
event_walk_room(enum event_room room, uint64_t at)
{
	return (struct event_walk){ .of = EVENTS_OF_ROOM, .room = room, .at = at };
}

static enum table
walk_table(const struct event_walk *walk)
{
	switch (walk->of) {
	case EVENTS_OF_SESSION:
		return TABLE_SESSION_EVENTS;
	case EVENTS_OF_ROOM:
		return room_tables[walk->room];
	case EVENTS_ALL:
		break;
	}
	return TABLE_EVENTS;
}

static struct key
walk_prefix(const struct event_walk *walk)
{
	return walk->of == EVENTS_OF_SESSION ? key_number(walk->session_number) : key_none();
}

/* The event to which an entry leads. An entry that leads to no event counts as a broken event. */
static enum row_look
walk_look(struct store_txn *txn, uint64_t number, struct event *out)
{
	enum row_look look = event_row_look(txn, number, out);

	if (txn_failed(txn))
		return ROW_NONE;
	out->number = number;
	return look == ROW_THERE ? ROW_THERE : ROW_BROKEN;
}

enum row_look
event_row_next(struct store_txn *txn, struct event_walk *walk, struct event *out)
{
	struct key prefix = walk_prefix(walk);
	uint64_t number;

	if (walk->over || !entry_next(txn, walk_table(walk), &prefix, walk->at, &number))
		return ROW_NONE;
	walk->over = number == UINT64_MAX;
	walk->at = number + 1;
	return walk_look(txn, number, out);
}

enum row_look
event_row_prev(struct store_txn *txn, struct event_walk *walk, struct event *out)
{
	struct key prefix = walk_prefix(walk);
	uint64_t number;

	if (walk->over || !entry_prev(txn, walk_table(walk), &prefix, walk->at, &number))
		return ROW_NONE;
	walk->over = number == 0;
	walk->at = number - 1;
	return walk_look(txn, number, out);
}
