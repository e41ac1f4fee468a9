#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "support/rotate_world.h"

#define NEVER INT64_MAX

static uint64_t dice_state;

void
dice_seed(uint64_t seed)
{
	dice_state = seed;
}

/* SplitMix64. */
static uint64_t
dice(void)
{
	uint64_t z = (dice_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

int64_t
up_to(int64_t most)
{
	switch (dice() % 8) {
	case 0:
		return 0;
	case 1:
		return most;
	default:
		return (int64_t)(dice() % ((uint64_t)most + 1));
	}
}

bool
one_in(unsigned n)
{
	return dice() % n == 0;
}

void
tally_tell(const char *who, const struct tally *tally)
{
	print_message("# %s: %lu sessions, %lu decisions; rows 1 to 6: %lu %lu %lu %lu %lu %lu\n", who, tally->sessions,
	    tally->decisions, tally->rows[1], tally->rows[2], tally->rows[3], tally->rows[4], tally->rows[5],
	    tally->rows[6]);
	if (tally->logins)
		print_message("# %s: %lu logins more, %lu decisions while settling, %lu uses by the gate cookie; "
		    "%lu sessions replaced, %lu beyond the bound\n", who, tally->logins, tally->settling, tally->uses,
		    tally->replaced, tally->capped);
}

static struct held *
server_find(struct server *server, uint64_t session)
{
	for (size_t i = 0; i < server->state.live; i++)
		if (server->state.held[i].number == session)
			return &server->state.held[i];
	return NULL;
}

static void
server_end(struct server *server, size_t i)
{
	struct kept *state = &server->state;

	memmove(&state->held[i], &state->held[i + 1], (state->live - i - 1) * sizeof(state->held[0]));
	state->live--;
}

/* As the core wants it. */
static struct session
session_of(const struct held *held)
{
	return (struct session){
		.number = held->number, .rotation = held->rotation, .settles_at = held->settles_at, .moves = held->moves,
		.last_seen_at = held->last_seen_at,
	};
}

/* Appends a session that begins now. */
static struct held *
server_add(struct server *server, struct shown *out)
{
	struct held *held = &server->state.held[server->state.live++];

	*out = (struct shown){ ++server->next_number, { 0, (uint32_t)dice() } };
	*held = (struct held){ .number = out->session, .rotation = rotate_begin(out->token.nonce),
	    .last_seen_at = server->now.ms };
	return held;
}

void
server_begin(struct server *server, struct tally *tally, struct shown *out)
{
	*server = (struct server){
		.periods = { .hand_out_ms = up_to(60000), .quiet_ms = 2 * up_to(60000) },
		.now = { .boot = 1, .ms = 1000 }, .tally = tally,
	};
	server_add(server, out);
	server->history[0] = server->state;
	tally->sessions++;
}

struct settling_decision
server_look(const struct server *server, struct shown shown)
{
	const struct held *held = server_find((struct server *)server, shown.session);

	if (held == NULL)
		return (struct settling_decision){ .rotate = { .answer = ROTATE_REFUSE, .rule = 6 } };
	const struct session session = session_of(held);

	return settling_decide(&session, shown.token, clock_age_ms(server->now, held->rotation.moved_at), server->now,
	    &server->periods);
}

static void
server_end_older(struct server *server, uint64_t session)
{
	while (server->state.live > 0 && server->state.held[0].number < session) {
		server_end(server, 0);
		server->tally->replaced++;
	}
}

struct settling_decision
server_refresh(struct server *server, struct shown *shown)
{
	struct settling_decision decision = server_look(server, *shown);
	struct held *held = server_find(server, shown->session);

	assert_in_range(decision.rotate.rule, 1, 6);
	server->tally->decisions++;
	server->tally->rows[decision.rotate.rule]++;
	server->tally->settling += decision.settling;
	server->refused = decision.rotate.answer == ROTATE_REFUSE;
	if (server->refused && held)
		server_end(server, (size_t)(held - server->state.held));
	if (decision.rotate.moved) {
		held->rotation = decision.rotate.state;
		held->moves++;
		held->last_seen_at = server->now.ms;
		if (decision.ends_older)
			server_end_older(server, shown->session);
		server->history[++server->moves % HISTORY] = server->state;
	}
	shown->token = (struct rotate_presented){ decision.rotate.serial, (uint32_t)dice() };
	return decision;
}

/* The least recently used one goes, but never the one whose good token was presented. */
static void
server_make_room(struct server *server, uint64_t keep)
{
	struct kept *state = &server->state;
	size_t first = SETTLING_BROWSER_MAX;

	if (state->live < SETTLING_BROWSER_MAX)
		return;
	for (size_t i = 0; i < state->live; i++) {
		const struct session a = session_of(&state->held[i]);
		const struct session b = session_of(&state->held[first < SETTLING_BROWSER_MAX ? first : i]);

		if (a.number != keep && (first == SETTLING_BROWSER_MAX || settling_goes_before(&a, &b)))
			first = i;
	}
	server_end(server, first);
	server->tally->capped++;
}

void
server_login(struct server *server, struct shown *shown)
{
	struct kept *state = &server->state;
	bool good = server_look(server, *shown).rotate.answer != ROTATE_REFUSE;

	if (good)
		server_find(server, shown->session)->last_seen_at = server->now.ms;
	server_make_room(server, good ? shown->session : 0);
	server_add(server, shown);
	for (size_t i = 0; state->live > 1 && i < state->live; i++)
		state->held[i].settles_at = server->now;
	server->moves = 0;
	server->history[0] = *state;
	server->tally->logins++;
}

void
server_use(struct server *server, struct shown shown)
{
	struct held *held = server_find(server, shown.session);

	server->tally->uses++;
	server->refused = held == NULL;
	if (held == NULL)
		return;
	const struct session session = session_of(held);

	held->last_seen_at = server->now.ms;
	if (settling_use_ends_older(&session, server->now, server->periods.quiet_ms))
		server_end_older(server, shown.session);
	server->history[++server->moves % HISTORY] = server->state;
}

uint32_t
server_newest(const struct server *server, uint64_t session)
{
	const struct held *held = server_find((struct server *)server, session);

	return held ? held->rotation.next_serial : 0;
}

void
server_crash(struct server *server)
{
	unsigned most = server->moves < HISTORY - 1 ? server->moves : HISTORY - 1;

	server->moves -= (unsigned)up_to(most);
	server->state = server->history[server->moves % HISTORY];
	server->now.ms += up_to(1000);
	server->now.boot += one_in(2);
}

static unsigned
browser_waits_for(const struct browser *browser)
{
	unsigned count = 0;

	for (size_t i = 0; i < WAYS; i++)
		count += browser->ways[i].used && !browser->ways[i].given_up;
	return count;
}

static struct exchange *
browser_free_way(struct browser *browser)
{
	for (size_t i = 0; i < WAYS; i++)
		if (!browser->ways[i].used)
			return &browser->ways[i];
	return NULL;
}

/* Bursts, page loads and nights. */
static int64_t
browser_pause(const struct server *server)
{
	int64_t round = server->periods.hand_out_ms + server->periods.quiet_ms;

	switch (dice() % 4) {
	case 0:
		return 0;
	case 1:
		return up_to(50);
	case 2:
		return up_to(round);
	default:
		return round + up_to(round + 5);
	}
}

static unsigned
browser_logs_in(const struct browser *browser)
{
	unsigned count = 0;

	for (size_t i = 0; i < WAYS; i++)
		count += browser->ways[i].used && browser->ways[i].asks == ASKS_LOGIN;
	return count;
}

static enum asks
browser_choose(struct browser *browser, const struct server *server)
{
	if (browser->login_every && one_in(browser->login_every) && browser_logs_in(browser) < LOGIN_WAYS &&
	    server->now.ms >= browser->login_at) {
		browser->login_at = server->now.ms + server->periods.quiet_ms / 4;
		return ASKS_LOGIN;
	}
	return browser->login_every && one_in(8) ? ASKS_USE : ASKS_REFRESH;
}

static void
browser_send(struct browser *browser, const struct server *server)
{
	struct exchange *way = browser_free_way(browser);
	int64_t quiet = server->periods.quiet_ms * browser->slowness, now = server->now.ms;

	browser->send_at = now + browser_pause(server);
	if (way == NULL || browser_waits_for(browser) >= browser->at_once)
		return;
	*way = (struct exchange){ .used = true, .asks = browser_choose(browser, server), .shown = browser->jar,
	    .give_up_at = NEVER, .thefts = browser->thefts };
	if (way->asks == ASKS_LOGIN) {
		/* The commit may take any time; its answer has half the quiet period then. */
		way->at = now + up_to(one_in(2) ? quiet : 5 * quiet);
		way->answer_takes = up_to(browser->gives_up ? 5 * quiet : quiet / 2);
		if (browser->gives_up && one_in(2))
			way->give_up_at = now + up_to(5 * quiet);
	} else if (!browser->gives_up) {
		/* There and back within half the quiet period. */
		int64_t there = up_to(quiet / 2);

		way->at = now + there;
		way->answer_takes = up_to(quiet / 2 - there);
	} else if (one_in(2)) {
		/* Becomes a ghost: processed within the quiet period, if at all. */
		way->at = now + up_to(quiet);
		way->answer_takes = up_to(3 * quiet);
		way->give_up_at = now + up_to(quiet);
	} else {
		way->at = now + up_to(5 * quiet);
		way->answer_takes = up_to(5 * quiet);
	}
}

/* Whether this is newer than anything known. A login's token is known once it exists. */
static bool
browser_learns(const struct browser *browser, const struct shown *shown)
{
	if (shown->session != browser->newest.session)
		return shown->session > browser->newest.session;
	return shown->token.serial > browser->newest.token.serial;
}

static void
browser_take(struct browser *browser, const struct exchange *way)
{
	browser->jar = way->shown;
	if (way->thefts != browser->thefts || !browser_learns(browser, &way->shown))
		return;
	browser->newest = way->shown;
	browser->completed += way->asks == ASKS_REFRESH;
}

/* What comes back from the server, if anything does. */
static bool
browser_is_answered(struct exchange *way, struct server *server)
{
	switch (way->asks) {
	case ASKS_REFRESH:
		return server_refresh(server, &way->shown).rotate.answer == ROTATE_TOKEN;
	case ASKS_LOGIN:
		server_login(server, &way->shown);
		return true;
	case ASKS_USE:
		server_use(server, way->shown);
		return false;
	}
	return false;
}

/* The exchange has arrived at the server or, with its answer, back at the browser. */
static void
browser_arrive(struct browser *browser, struct exchange *way, struct server *server)
{
	bool lost = one_in(5);

	if (way->answered) {
		lost = lost || (way->asks == ASKS_LOGIN && browser->loses_logins);
		if (!lost && !way->given_up)
			browser_take(browser, way);
		way->used = false;
		return;
	}
	/* A request may be lost too; a ghost's answer always is. */
	if (lost && one_in(2)) {
		way->used = false;
		return;
	}
	way->used = browser_is_answered(way, server) && !way->given_up;
	way->answered = true;
	way->at = server->now.ms + way->answer_takes;
}

void
browser_step(struct browser *browser, struct server *server)
{
	struct exchange *next = NULL;
	int64_t at = browser->send_at;

	for (size_t i = 0; i < WAYS; i++) {
		struct exchange *way = &browser->ways[i];
		int64_t due = way->given_up || way->at < way->give_up_at ? way->at : way->give_up_at;

		if (way->used && (due < at || (due == at && one_in(2)))) {
			next = way;
			at = due;
		}
	}
	server->now.ms = at;
	if (next == NULL)
		browser_send(browser, server);
	else if (at == next->at)
		browser_arrive(browser, next, server);
	else if (next->answered)
		next->used = false;
	else
		next->given_up = true;
}

struct browser
browser_begin(const struct server *server, const struct shown *jar, unsigned at_once, bool gives_up)
{
	return (struct browser){
		.jar = *jar, .at_once = at_once, .gives_up = gives_up, .slowness = 1, .send_at = server->now.ms,
	};
}

void
browser_lose_all(struct browser *browser)
{
	for (size_t i = 0; i < WAYS; i++)
		browser->ways[i].used = false;
}
