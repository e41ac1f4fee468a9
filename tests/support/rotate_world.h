/*
 * Random worlds in milliseconds, in which browsers present tokens to
 * settling_decide over a network that delays, reorders and loses, and log in again now and then. SPIN explores
 * everything in worlds of a few ticks; these are of natural size, and some are met.
 */
#ifndef PINTLE_TESTS_ROTATE_WORLD_H
#define PINTLE_TESTS_ROTATE_WORLD_H

#include "core/settling.h"

#define WAYS 12		/* requests under way at most, given up or not */
#define LOGIN_WAYS 3	/* and logins among them: each that carries another session may push two past what is held */
#define HISTORY 64	/* states that a crash may bring back */

/* The same worlds in every run. */
void dice_seed(uint64_t seed);
bool one_in(unsigned n);

/* From 0 to most, both included; the ends come up often, since that is where rules break. */
int64_t up_to(int64_t most);

struct tally {
	unsigned long sessions, decisions, rows[7];
	unsigned long logins, settling, replaced, capped, uses;
};

void tally_tell(const char *who, const struct tally *tally);

/* What a client holds: a token, and of which session. */
struct shown {
	uint64_t session;
	struct rotate_presented token;
};

/* A session that lives, as far as the rule looks at it. */
struct held {
	uint64_t number;
	struct rotation rotation;
	struct stamp settles_at;
	uint32_t moves;
	int64_t last_seen_at;
};

/* The sessions of one browser, in the order of their logins. */
struct kept {
	struct held held[SETTLING_BROWSER_MAX];
	size_t live;
};

struct server {
	struct kept state, history[HISTORY];
	struct rotate_periods periods;
	struct stamp now;
	uint64_t next_number;
	unsigned moves;		/* since the last login, which a crash does not lose */
	bool refused;		/* somebody was */
	struct tally *tally;
};

/* A login of a moment ago, under periods that the dice give; *out is its token. */
void server_begin(struct server *server, struct tally *tally, struct shown *out);

/* What the token is worth now; nothing changes. */
struct settling_decision server_look(const struct server *server, struct shown shown);

/* *shown becomes the token that is handed out, where one is. */
struct settling_decision server_refresh(struct server *server, struct shown *shown);

/* Another login of this browser, which carries *shown; that becomes the token of the new session. */
void server_login(struct server *server, struct shown *shown);

/* A use of the gate cookie that came with this token. */
void server_use(struct server *server, struct shown shown);

/* The newest serial of the session; 0 if it has ended. */
uint32_t server_newest(const struct server *server, uint64_t session);

/* Loses some of the last moves; the machine may think that it is still the same boot. */
void server_crash(struct server *server);

enum asks { ASKS_REFRESH, ASKS_LOGIN, ASKS_USE };

/* One request and its answer. */
struct exchange {
	bool used, answered, given_up;
	enum asks asks;
	struct shown shown;		/* of the request, then of the answer */
	int64_t at, answer_takes;	/* when it arrives, and how long the way back will be */
	int64_t give_up_at;
	unsigned thefts;		/* that had happened when it was sent */
};

struct browser {
	struct shown jar;
	struct exchange ways[WAYS];
	unsigned at_once;		/* requests of which it waits for the answer */
	bool gives_up;			/* then a request that it waits for may take any time */
	unsigned slowness;		/* flights last so many times as long as the promise allows: 1 */
	unsigned login_every;		/* of so many requests one is a login; 0: none */
	bool loses_logins;		/* no answer to a login arrives */
	int64_t send_at, login_at;	/* the next request, and the next login at the earliest */
	unsigned thefts, completed;	/* thefts so far; refreshes that brought something new since the last one */
	struct shown newest;		/* what counts as known */
};

struct browser browser_begin(const struct server *server, const struct shown *jar, unsigned at_once, bool gives_up);

/* The next thing that happens, when it does: an exchange arrives, is given up, or another is sent. */
void browser_step(struct browser *browser, struct server *server);

/* Whatever is under way is lost. */
void browser_lose_all(struct browser *browser);

#endif
