/*
 * A site to try the endpoints on: it has real keys, a store and hashing slots in a folder of its
 * own, a clock that only the test moves, and browsers that keep their cookies. Requests go through
 * web_answer(), as those from a gate do.
 */
#ifndef PINTLE_TESTS_SITE_H
#define PINTLE_TESTS_SITE_H

#include "base/json.h"
#include "store/store.h"
#include "token/keyring_watch.h"
#include "web/http/app.h"
#include "web/web.h"

#define SITE_HAND_OUT_MS INT64_C(60000)
#define SITE_QUIET_MS INT64_C(120000)
#define SITE_HOUR_MS INT64_C(3600000)
#define SITE_PASSWORD "a long enough password"

struct site {
	char folder[64];
	char db[128];
	struct settings settings;
	struct store_options options;
	struct store *store;
	struct keyring_watch *keys;
	struct password_slots *slots;
	struct limits *limits;
	struct web_app *app;
};

/* Any failure in this module fails the test. The site is https://example.org/auth. */
void site_open(struct site *site);

/* The same with another store size. */
struct site_size {
	uint64_t map_bytes;
	unsigned sessions_per_user;
};
void site_open_with(struct site *site, const struct site_size *size);
void site_close(struct site *site);

/* Reads the settings again into a new app; the store and the keys stay. */
void site_reload(struct site *site);

/* Adds a user and returns its number; if password is NULL it has none. */
uint64_t site_add_user(struct site *site, const char *name, const char *password);
void site_disable_user(struct site *site, uint64_t number, bool disabled);

/* The clock stands still until it is moved. */
void site_advance(int64_t ms);
int64_t site_now_ms(void);

/* Moves the wall clock alone, as when somebody sets it. */
void site_set_wall(int64_t by_ms);

/* A caller for the store's operations, like an administrator. */
struct store_caller site_caller(void);

#define BROWSER_COOKIE_SIZE 256
#define SITE_EXTRAS 8

/* One browser with its cookie jar; an empty string is a cookie that it does not have. */
struct browser {
	struct site *site;
	char refresh[BROWSER_COOKIE_SIZE];
	char device[BROWSER_COOKIE_SIZE];
	char gate[BROWSER_COOKIE_SIZE];
	const char *address;	/* NULL: 192.0.2.1 */
	bool keeps_nothing;	/* the answers' cookies are lost on the way */
};

struct reply {
	int status;
	struct buf head;
	struct buf body;
	struct json *json;	/* NULL: the body is not a JSON object */
	bool head_only;
	bool fatal;
};

/* A request, by what differs from an ordinary one. Strings may be NULL. */
struct ask {
	const char *method;
	const char *path;		/* a full path: "/auth/login" */
	const char *query;
	const char *type;
	const char *body;
	size_t body_len;		/* 0: strlen(body) */
	enum web_body_state body_state;
	const char *authorization;
	const char *cookie;		/* sent instead of the browser's own */
	const char *extra[SITE_EXTRAS][2];	/* more parameters: name, value */
	bool (*peer_waits)(void *ctx);
	int64_t waited_ms;		/* how long it waited before it was answered */
	enum web_role role;
};

void browser_ask(struct browser *browser, const struct ask *ask, struct reply *reply);

/* The same for a path below the mount; a body that is not NULL is JSON. */
void browser_send(struct browser *browser, const char *method, const char *path, const char *body, struct reply *reply);

/*
 * Logs in; any status but 200 fails the test. Copies the access token to token unless that is NULL.
 */
void browser_login(struct browser *browser, const char *username, struct buf *access_token);

/* Refreshes and returns the status; *reason, if not NULL, gets the answer's reason or "". */
int browser_refresh(struct browser *browser, const char **reason);

void reply_free(struct reply *reply);

/* The value of a header, the first if there are several; false if there is none. */
bool reply_header(const struct reply *reply, const char *name, struct slice *value);

/* How many headers have that name. */
size_t reply_header_count(const struct reply *reply, const char *name);

/* A string member of the body, or of the object inside it; the empty slice if it is absent. */
struct slice reply_text(const struct reply *reply, const char *object, const char *name);

/* Fails the test unless the answer has this status and this error code. */
void reply_expect(const struct reply *reply, int status, const char *error);

#endif
