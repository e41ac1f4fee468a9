/*
 * The settings of one site, read once by the program (conf/setting_table.c has their table: names,
 * defaults, ranges, units) and borrowed by everything else. Durations in milliseconds.
 */
#ifndef PINTLE_CONF_SETTINGS_H
#define PINTLE_CONF_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/places.h"
#include "core/limit.h"
#include "core/rotate.h"
#include "core/standing.h"
#include "core/username.h"
#include "crypto/password.h"
#include "crypto/signing.h"
#include "token/keyring.h"

/* Who says who a person is. */
enum identity {
	IDENTITY_PASSWORD = 0,	/* its password alone */
	IDENTITY_REMOTE_USER,	/* the web server's own sign-on too */
};

/* Whether there is a gate cookie. */
enum gate_cookie_choice {
	GATE_COOKIE_AUTO = 0,	/* where a place admits people */
	GATE_COOKIE_YES,
	GATE_COOKIE_NO,
};

/* Whether the workers lock themselves in. */
enum sandbox_mode { SANDBOX_REQUIRED = 0, SANDBOX_AVAILABLE, SANDBOX_OFF };

/* password_list: these two words, or the path of a file. */
#define PASSWORD_LIST_BUILTIN "builtin"
#define PASSWORD_LIST_NONE "none"

struct settings {
	/* the site */
	char *issuer;		/* "https://example.org/auth": origin + mount, no slash at the end */
	char *mount;		/* "/auth", from the issuer; "" for the root */
	char *origins;		/* own origins, separated by one space; the issuer's by default */
	char *allowed_origins;	/* others that may ask, separated by one space; empty by default */
	char *audience;		/* aud of access tokens; the issuer's origin by default */
	char *client_id;	/* client_id of access tokens; "pintle" */
	int64_t hsts_ms;	/* how long browsers are to insist on TLS; 0: nothing is said of it */
	bool insecure_loopback;	/* from the issuer: http on loopback: cookies without Secure and prefixes */

	/* where things are */
	char *state_folder;	/* /var/lib/pintle: db/, keys/, hashing.slots */
	char *socket_path;	/* of --socket when it is not given */
	char *socket_owner;
	char *socket_group;
	unsigned socket_mode;
	char *authorizer;	/* "127.0.0.1:931": where Apache asks, if not at the socket; empty by default */
	char *user;		/* whom init, run by root, gives the state folder to; empty: nobody */

	/* tokens, sessions */
	enum signing_alg signing_alg;	/* of new keys */
	int64_t jwks_max_age_ms;
	int64_t key_prepublish_ms;	/* see settings_key_plan */
	int64_t access_ttl_ms;
	int64_t status_ttl_ms;	/* of the status list */
	bool status_list_shared;	/* signed with the keys of access tokens, as before the list had its own */
	struct rotate_periods periods;
	struct lifetimes lifetimes;
	unsigned sessions_per_user;
	int64_t ended_keep_ms;
	int64_t audit_keep_ms;
	uint64_t audit_max;
	uint64_t map_bytes;
	unsigned readers;
	unsigned verified_tokens;	/* access tokens that each worker remembers as verified */

	/* cookies */
	char *refresh_cookie;	/* names as they travel, prefix included; none on insecure loopback */
	char *device_cookie;
	char *cookie_suffix;	/* after their names, to tell them from another pintle's of this host; empty: nothing */
	char *refresh_cookie_old;	/* their names without it, by which they are read too; NULL: there is no suffix */
	char *device_cookie_old;
	char *gate_cookie_old;
	bool refresh_cookie_root;	/* Path=/ and __Host- for the refresh cookie */
	int gate_cookie_choice;	/* enum gate_cookie_choice */
	bool gate_cookie;		/* whether logins set it, which follows from the choice and the places */
	char *gate_cookie_name;
	int64_t gate_ttl_ms;

	/* who people are */
	enum identity identity;
	enum username_form usernames;
	bool remote_user_create;	/* add users whom the web server's sign-on names for the first time */

	char *otp_required;	/* groups whose users must have a second factor, commas between; "all"; empty: nobody */

	/* passwords */
	struct password_cost password_cost;
	unsigned hashing_slots;
	int64_t hashing_wait_ms;
	unsigned hashing_queue;	/* logins that may wait in each worker beside its threads */
	unsigned password_min;	/* characters */
	unsigned password_max;	/* bytes */
	char *password_list;	/* of those that are refused: "builtin", "none" or a path */

	/* guessing */
	struct limit_policy account_limit;	/* of an account, for devices that never signed in to it */
	unsigned device_tries;		/* of one that did, in the place of the account's; it waits and forgets alike */
	struct limit_policy address_limit;
	unsigned known_devices;

	const struct guards *places;	/* borrowed of who read them; NULL: none are known */

	/* the worker */
	unsigned threads;
	unsigned workers;
	int64_t request_timeout_ms;
	int sandbox;		/* enum sandbox_mode */
	char *proxies;		/* addresses and CIDR ranges whose forwarding header is believed, separated by one space */
	int log_level;		/* enum log_level */
	int log_target;		/* enum log_target */
};

/* The paths below the state folder, into cap bytes; false if too long. */
bool settings_path(const struct settings *settings, const char *below, char *out, size_t cap);

/* All names by which cookies of ours are known, those without suffix too: nothing that stands behind sees them. */
#define SETTINGS_COOKIES 6
size_t settings_cookie_names(const struct settings *settings, const char *names[SETTINGS_COOKIES]);

/* How keys follow one another: a new one signs once caches know it, or at once. */
struct keyring_plan settings_key_plan(const struct settings *settings, enum keyring_use use, int64_t now_s,
    bool at_once);

/* Seconds that caches may keep the key set and the metadata. */
unsigned settings_jwks_max_age(const struct settings *settings);

#endif
