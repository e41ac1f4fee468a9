#include "store/cap.h"

#include <stdlib.h>
#include <string.h>

#include "store/browser.h"
#include "store/end.h"
#include "store/session_standing.h"

struct cap_browser {
	uint8_t device_hash[DIGEST_SIZE];
	int64_t used_at;	/* -1: none of its sessions is good any more */
};

struct cap_ended {
	uint64_t number;
	int64_t ended_at;
};

/* What a user has: browsers with live sessions, and ended sessions. */
struct cap_load {
	struct cap_browser *browsers;
	size_t browser_count, browser_room;
	struct cap_ended *ended;
	size_t ended_count, ended_room;
};

static void *
cap_grow(void *items, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return items;
	void *grown = realloc(items, (*room * 2 + 16) * size);

	if (grown)
		*room = *room * 2 + 16;
	return grown;
}

static void
cap_add_live(struct store_txn *txn, struct cap_load *load, const struct session *session,
    int64_t used_at)
{
	struct cap_browser *grown = cap_grow(load->browsers, load->browser_count,
	    &load->browser_room, sizeof(*load->browsers));

	if (grown == NULL) {
		txn_fail(txn, PT_ERR_NOMEM);
		return;
	}
	load->browsers = grown;
	memcpy(grown[load->browser_count].device_hash, session->device_hash, DIGEST_SIZE);
	grown[load->browser_count++].used_at = used_at;
}

static int
cap_by_hash(const void *a, const void *b)
{
	return memcmp(((const struct cap_browser *)a)->device_hash,
	    ((const struct cap_browser *)b)->device_hash, DIGEST_SIZE);
}

/*
 * A browser counts once, however many sessions it has; its last use is that of the session that was
 * used last.
 */
static void
cap_merge(struct cap_load *load)
{
	size_t count = 0;

	if (load->browser_count > 0)
		qsort(load->browsers, load->browser_count, sizeof(load->browsers[0]), cap_by_hash);
	for (size_t i = 0; i < load->browser_count; i++) {
		const struct cap_browser *next = &load->browsers[i];

		if (count == 0 || cap_by_hash(&load->browsers[count - 1], next) != 0)
			load->browsers[count++] = *next;
		else if (next->used_at > load->browsers[count - 1].used_at)
			load->browsers[count - 1].used_at = next->used_at;
	}
	load->browser_count = count;
}

static struct cap_browser *
cap_find(const struct cap_load *load, const uint8_t device_hash[DIGEST_SIZE])
{
	for (size_t i = 0; i < load->browser_count; i++)
		if (memcmp(load->browsers[i].device_hash, device_hash, DIGEST_SIZE) == 0)
			return &load->browsers[i];
	return NULL;
}

static void
cap_add_ended(struct store_txn *txn, struct cap_load *load, const struct session *session)
{
	void *grown = cap_grow(load->ended, load->ended_count, &load->ended_room,
	    sizeof(*load->ended));

	if (grown == NULL) {
		txn_fail(txn, PT_ERR_NOMEM);
		return;
	}
	load->ended = grown;
	load->ended[load->ended_count++] = (struct cap_ended){ session->number, session->ended_at };
}

static void
cap_measure(struct store_txn *txn, const struct user *user, struct instant now,
    struct cap_load *load)
{
	const struct standing_rules rules = session_standing_rules(txn);
	struct session_walk walk = session_walk_user(user->number);
	struct session_row row;

	while (session_row_next(txn, &walk, &row)) {
		bool stands = standing_decide(&row.session, user, now, &rules) == REASON_NONE;

		if (row.session.ended != REASON_NONE)
			cap_add_ended(txn, load, &row.session);
		else
			cap_add_live(txn, load, &row.session, stands ?
			    row.session.last_seen_at : -1);
	}
	cap_merge(load);
}

/* The browser that has been unused for longest; there must be one. */
static struct cap_browser *
cap_least_used(const struct cap_load *load)
{
	struct cap_browser *least = &load->browsers[0];

	for (size_t i = 1; i < load->browser_count; i++)
		if (load->browsers[i].used_at < least->used_at)
			least = &load->browsers[i];
	return least;
}

/* A browser that logs in again keeps its own place. */
static void
cap_end_browsers(struct store_txn *txn, const struct store_caller *caller, const struct user *user,
    const uint8_t device_hash[DIGEST_SIZE], struct cap_load *load)
{
	const uint64_t cap = txn_options(txn)->sessions_per_user;
	struct cap_browser *own = cap_find(load, device_hash);
	const size_t more = own ? 0 : 1;

	/* It is in use now, so it is the last to go if the cap is lower than it was. */
	if (own)
		own->used_at = INT64_MAX;
	while (load->browser_count > 0 && load->browser_count + more > cap) {
		struct cap_browser *least = cap_least_used(load);

		browser_end_user(txn, caller, least->device_hash, user->number, REASON_SESSION_CAP);
		*least = load->browsers[--load->browser_count];
	}
}

static int
cap_oldest_first(const void *a, const void *b)
{
	const struct cap_ended *x = a, *y = b;

	if (x->ended_at != y->ended_at)
		return x->ended_at < y->ended_at ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

/* As many ended sessions are remembered as browsers are allowed. */
static void
cap_forget(struct store_txn *txn, const struct cap_load *load, size_t ended_now)
{
	const uint64_t cap = txn_options(txn)->sessions_per_user;
	struct session_row row;

	if (load->ended_count > 0)
		qsort(load->ended, load->ended_count, sizeof(load->ended[0]), cap_oldest_first);
	for (size_t i = 0; i < load->ended_count && load->ended_count - i + ended_now > cap; i++)
		if (session_row_get(txn, load->ended[i].number, &row))
			session_row_remove(txn, &row);
}

void
cap_keep(struct store_txn *txn, const struct store_caller *caller, const struct user *user,
    const uint8_t device_hash[DIGEST_SIZE])
{
	struct cap_load load = { 0 };

	cap_measure(txn, user, caller->now, &load);
	/* A load that was only partly measured decides nothing. */
	if (!txn_failed(txn)) {
		size_t before = load.browser_count;

		cap_end_browsers(txn, caller, user, device_hash, &load);
		cap_forget(txn, &load, before - load.browser_count);
	}
	free(load.browsers);
	free(load.ended);
}
