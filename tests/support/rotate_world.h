/*
 * Random worlds, in milliseconds: browsers present tokens to settling_decide over a network that
 * delays, reorders and loses messages, and they log in again now and then. SPIN explores worlds of
 * a few ticks completely; these have natural sizes, and only some of them are tried.
 */
#ifndef PINTLE_TESTS_ROTATE_WORLD_H
#define PINTLE_TESTS_ROTATE_WORLD_H

#include "core/settling.h"

#define WAYS 12		/* most requests under way, given up or not */
/* most logins among them; each that carries another session may push two past what is held */
#define LOGIN_WAYS 3
#define HISTORY 64	/* states to which a crash may return */

/* The same worlds in every run. */
void dice_seed(uint64_t seed);
bool one_in(unsigned n);

/* From 0 to most, inclusive; both ends come up often, because that is where rules break. */
int64_t up_to(int64_t most);

struct tally {
	unsigned long sessions, decisions, rows[7];
	unsigned long logins, settling, replaced, capped, uses;
};

void tally_tell(const char *who, const struct tally *tally);

/* What a client holds: a token and the session it belongs to. */
struct shown {
	uint64_t session;
	struct rotate_presented token;
};

/* A live session, as far as the rule looks at it. */
struct held {
	uint64_t number;
	struct rotation rotation;
	struct stamp settles_at;
	uint32_t moves;
	int64_t last_seen_at;
};

/* The sessions of one browser, in the order of its logins. */
struct kept {
	struct held held[SETTLING_BROWSER_MAX];
	size_t live;
};

struct server {
	struct kept state, history[HISTORY];
	struct rotate_periods periods;
	struct stamp now;
	uint64_t next_number;
	unsigned moves;		/* since the last login; a crash never loses a login */
	bool refused;		/* somebody was signed out */
	struct tally *tally;
};

/* A login just now, with periods chosen by the dice; *out is its token. */
void server_begin(struct server *server, struct tally *tally, struct shown *out);

/* What the token is worth now; changes nothing. */
struct settling_decision server_look(const struct server *server, struct shown shown);

/* *shown becomes the token that is handed out, if there is one. */
struct settling_decision server_refresh(struct server *server, struct shown *shown);

/* Another login of this browser, which presents *shown; *shown becomes the new session's token. */
void server_login(struct server *server, struct shown *shown);

/* The gate cookie that was issued with this token is used. */
void server_use(struct server *server, struct shown shown);

/* The newest serial of the session; 0 if it has ended. */
uint32_t server_newest(const struct server *server, uint64_t session);

/* Loses some of the latest moves; the machine may believe that it is still in the same boot. */
void server_crash(struct server *server);

enum asks { ASKS_REFRESH, ASKS_LOGIN, ASKS_USE };

/* One request and its answer. */
struct exchange {
	bool used, answered, given_up;
	enum asks asks;
	struct shown shown;		/* the request's, then the answer's */
	int64_t at, answer_takes;	/* when it arrives, and how long its answer will take */
	int64_t give_up_at;
	unsigned thefts;		/* thefts before it was sent */
};

struct browser {
	struct shown jar;
	struct exchange ways[WAYS];
	unsigned at_once;		/* requests that it waits for at the same time */
	/* it gives requests up; then one that it waits for may take any time */
	bool gives_up;
	/* how many times longer than promised a flight may take: 1 keeps the promise */
	unsigned slowness;
	unsigned login_every;		/* one request in so many is a login; 0: none */
	bool loses_logins;		/* no answer to a login arrives */
	int64_t send_at, login_at;	/* when the next request is sent; the earliest next login */
	/* thefts so far; refreshes since the last theft that brought something new */
	unsigned thefts, completed;
	struct shown newest;		/* the newest token known */
};

struct browser browser_begin(const struct server *server, const struct shown *jar, unsigned at_once, bool gives_up);

/* Runs the next event at its time: an exchange arrives or is given up, or another one is sent. */
void browser_step(struct browser *browser, struct server *server);

/* Everything under way is lost. */
void browser_lose_all(struct browser *browser);

#endif
