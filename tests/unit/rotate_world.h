/*
 * Random worlds in milliseconds, in which browsers present tokens to
 * rotate_decide over a network that delays, reorders and loses. SPIN explores
 * everything in worlds of a few ticks; these are of natural size, and some are met.
 */
#ifndef PINTLE_TESTS_ROTATE_WORLD_H
#define PINTLE_TESTS_ROTATE_WORLD_H

#include "core/rotate.h"

#define WAYS 12		/* requests under way at most, given up or not */
#define HISTORY 256	/* states that a crash may bring back */

/* The same worlds in every run. */
void dice_seed(uint64_t seed);
bool one_in(unsigned n);

/* From 0 to most, both included; the ends come up often, since that is where rules break. */
int64_t up_to(int64_t most);

struct tally {
	unsigned long sessions, decisions, rows[7];
};

void tally_tell(const char *who, const struct tally *tally);

struct server {
	struct rotation state, history[HISTORY];
	struct rotate_periods periods;
	struct stamp now;
	unsigned moves;
	bool ended;
	struct tally *tally;
};

/* A login of a moment ago, under periods that the dice give. */
void server_begin(struct server *server, struct tally *tally);

/* What the token is worth now; nothing changes. */
struct rotate_decision server_look(const struct server *server, struct rotate_presented token);

/* *out is the token that is handed out, where one is. */
struct rotate_decision server_refresh(struct server *server, struct rotate_presented token,
    struct rotate_presented *out);

/* Loses some of the last moves; the machine may think that it is still the same boot. */
void server_crash(struct server *server);

/* One request and its answer. */
struct exchange {
	bool used, answered, given_up;
	struct rotate_presented token;	/* of the request, then of the answer */
	int64_t at, answer_takes;	/* when it arrives, and how long the way back will be */
	int64_t give_up_at;
	unsigned thefts;		/* that had happened when it was sent */
};

struct browser {
	struct rotate_presented jar;
	struct exchange ways[WAYS];
	unsigned at_once;		/* requests of which it waits for the answer */
	bool gives_up;			/* then a request that it waits for may take any time */
	unsigned slowness;		/* flights last so many times as long as the promise allows: 1 */
	int64_t send_at;
	unsigned thefts, completed;	/* thefts so far; new serials since the last one */
	uint32_t newest;		/* serial that counts as known */
};

struct browser browser_begin(const struct server *server, unsigned at_once, bool gives_up);

/* The next thing that happens, when it does: an exchange arrives, is given up, or another is sent. */
void browser_step(struct browser *browser, struct server *server);

/* Whatever is under way is lost. */
void browser_lose_all(struct browser *browser);

#endif
