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

/* How people are identified. */
enum identity {
	IDENTITY_PASSWORD = 0,	/* only by password */
	IDENTITY_REMOTE_USER,	/* also by the web server's own sign-on */
};

/* Whether there is a gate cookie. */
enum gate_cookie_choice {
	GATE_COOKIE_AUTO = 0,	/* if some place admits people */
	GATE_COOKIE_YES,
	GATE_COOKIE_NO,
};

/* Whether workers run in a sandbox. */
enum sandbox_mode { SANDBOX_REQUIRED = 0, SANDBOX_AVAILABLE, SANDBOX_OFF };

/* password_list: these two words, or the path of a file. */
#define PASSWORD_LIST_BUILTIN "builtin"
#define PASSWORD_LIST_NONE "none"

struct settings {
	/* the site */
	/* "https://example.org/auth": origin + mount, no slash at the end */
	char *issuer;
	char *mount;		/* "/auth", from the issuer; "" for the root */
	char *origins;		/* own origins, separated by one space; the issuer's by default */
	/* other origins that may ask, separated by one space; empty by default */
	char *allowed_origins;
	char *audience;		/* the aud claim of access tokens; the issuer's origin by default */
	char *client_id;	/* the client_id claim of access tokens; "pintle" by default */
	int64_t hsts_ms;	/* how long browsers must insist on TLS; 0: they are not told to */
	/* derived from the issuer: http on loopback, so cookies without Secure and prefixes */
	bool insecure_loopback;

	/* paths */
	char *state_folder;	/* /var/lib/pintle: db/, keys/, hashing.slots */
	char *socket_path;	/* for --socket without a path */
	char *socket_owner;
	char *socket_group;
	unsigned socket_mode;
	/* "127.0.0.1:931": where Apache asks, if not at the socket; empty by default */
	char *authorizer;
	/* to whom init, run by root, gives the state folder; empty: nobody */
	char *user;

	/* tokens, sessions */
	enum signing_alg signing_alg;	/* the algorithm of new keys */
	int64_t jwks_max_age_ms;
	int64_t key_prepublish_ms;	/* see settings_key_plan */
	int64_t access_ttl_ms;
	int64_t status_ttl_ms;	/* of the status list */
	/* the list is signed with the keys of access tokens, as before it had its own */
	bool status_list_shared;
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
	/* names as sent, including the prefix; no prefix on insecure loopback */
	char *refresh_cookie;
	char *device_cookie;
	/*
	 * appended to the names, to tell them from those of another pintle on this host; may be
	 * empty
	 */
	char *cookie_suffix;
	/* the names without the suffix, which are read too; NULL: there is no suffix */
	char *refresh_cookie_old;
	char *device_cookie_old;
	char *gate_cookie_old;
	bool refresh_cookie_root;	/* Path=/ and __Host- for the refresh cookie */
	int gate_cookie_choice;	/* enum gate_cookie_choice */
	/* whether logins set it: follows from the choice and the places */
	bool gate_cookie;
	char *gate_cookie_name;
	int64_t gate_ttl_ms;

	/* identity */
	enum identity identity;
	enum username_form usernames;
	/* add users when the web server's sign-on names them for the first time */
	bool remote_user_create;

	/*
	 * groups whose users must have a second factor, separated by commas; "all"; empty: nobody
	 */
	char *otp_required;

	/* passwords */
	struct password_cost password_cost;
	unsigned hashing_slots;
	int64_t hashing_wait_ms;
	unsigned hashing_queue;	/* logins that may wait in each worker in addition to its threads */
	unsigned password_min;	/* characters */
	unsigned password_max;	/* bytes */
	char *password_list;	/* the list of refused passwords: "builtin", "none" or a path */

	/* guessing */
	/* for an account, from devices that never signed in to it */
	struct limit_policy account_limit;
	/* for a device that did, instead of the account's; waits and forgets alike */
	unsigned device_tries;
	struct limit_policy address_limit;
	unsigned known_devices;

	const struct guards *places;	/* borrowed from the reader; NULL: none are known */

	/* the worker */
	unsigned threads;
	unsigned workers;
	int64_t request_timeout_ms;
	int sandbox;		/* enum sandbox_mode */
	/* addresses and CIDR ranges whose forwarding header is believed, separated by one space */
	char *proxies;
	int log_level;		/* enum log_level */
	int log_target;		/* enum log_target */
};

/* Writes a path below the state folder into cap bytes; false if it is too long. */
bool settings_path(const struct settings *settings, const char *below, char *out, size_t cap);

/* All names of our cookies, including those without suffix: applications must see none of them. */
#define SETTINGS_COOKIES 6
size_t settings_cookie_names(const struct settings *settings, const char *names[SETTINGS_COOKIES]);

/* The plan for a new key: it signs when caches know it, or at once. */
struct keyring_plan settings_key_plan(const struct settings *settings, enum keyring_use use,
    int64_t now_s, bool at_once);

/* How long caches may keep the key set and the metadata, in seconds. */
unsigned settings_jwks_max_age(const struct settings *settings);

#endif
