#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "rotate_world.h"

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
}

void
server_begin(struct server *server, struct tally *tally)
{
	*server = (struct server){
		.state = rotate_begin((uint32_t)dice()),
		.periods = { .hand_out_ms = up_to(60000), .quiet_ms = 2 * up_to(60000) },
		.now = { .boot = 1, .ms = 1000 }, .tally = tally,
	};
	server->history[0] = server->state;
	tally->sessions++;
}

struct rotate_decision
server_look(const struct server *server, struct rotate_presented token)
{
	int64_t age_ms = clock_age_ms(server->now, server->state.moved_at);

	return rotate_decide(&server->state, token, age_ms, server->now, &server->periods);
}

struct rotate_decision
server_refresh(struct server *server, struct rotate_presented token, struct rotate_presented *out)
{
	struct rotate_decision decision = server_look(server, token);

	assert_in_range(decision.row, 1, 6);
	server->tally->decisions++;
	server->tally->rows[decision.row]++;
	server->ended = decision.answer == ROTATE_REFUSE;
	if (decision.moved) {
		server->state = decision.state;
		server->history[++server->moves % HISTORY] = decision.state;
	}
	*out = (struct rotate_presented){ decision.serial, (uint32_t)dice() };
	return decision;
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

/* Bursts, page loads, and nights. */
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

static void
browser_send(struct browser *browser, const struct server *server)
{
	struct exchange *way = browser_free_way(browser);
	int64_t quiet = server->periods.quiet_ms * browser->slowness, now = server->now.ms;

	browser->send_at = now + browser_pause(server);
	if (way == NULL || browser_waits_for(browser) >= browser->at_once)
		return;
	*way = (struct exchange){ .used = true, .token = browser->jar, .give_up_at = NEVER, .thefts = browser->thefts };
	if (!browser->gives_up) {
		/* Both ways together in half the quiet period. */
		int64_t there = up_to(quiet / 2);

		way->at = now + there;
		way->answer_takes = up_to(quiet / 2 - there);
	} else if (one_in(2)) {
		/* Will be a ghost: processed within the quiet period, if it is at all. */
		way->at = now + up_to(quiet);
		way->answer_takes = up_to(3 * quiet);
		way->give_up_at = now + up_to(quiet);
	} else {
		way->at = now + up_to(5 * quiet);
		way->answer_takes = up_to(5 * quiet);
	}
}

static void
browser_take(struct browser *browser, const struct exchange *way)
{
	browser->jar = way->token;
	if (way->thefts == browser->thefts && way->token.serial > browser->newest) {
		browser->newest = way->token.serial;
		browser->completed++;
	}
}

/* The exchange has arrived, at the server or back at the browser. */
static void
browser_arrive(struct browser *browser, struct exchange *way, struct server *server)
{
	bool lost = one_in(5);

	if (way->answered) {
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
	struct rotate_decision decision = server_refresh(server, way->token, &way->token);

	way->answered = true;
	way->at = server->now.ms + way->answer_takes;
	way->used = decision.answer == ROTATE_TOKEN && !way->given_up;
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
browser_begin(const struct server *server, unsigned at_once, bool gives_up)
{
	return (struct browser){
		.jar = { server->state.cur_serial, server->state.cur_nonce }, .at_once = at_once, .gives_up = gives_up,
		.slowness = 1, .send_at = server->now.ms,
	};
}

void
browser_lose_all(struct browser *browser)
{
	for (size_t i = 0; i < WAYS; i++)
		browser->ways[i].used = false;
}
