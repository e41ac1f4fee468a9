/*
 * All keys of one site: the master key, from which MAC keys are derived, and
 * the signing keys, of which one signs and all verify. They are files in a
 * folder of their own (0700), each 0600, and never in the database. A keyring
 * never changes once it is open; a new state of the folder is a new keyring.
 *
 *   master.key        32 random bytes
 *   master.old.key    the one before, while tokens of it are still accepted
 *   master.leaked.key the one before, which leaked: opens second factors, until they are sealed anew, and nothing else
 *   keyring.json      {"keys":[{"kid","created_at","signs_from","retires_at"}]},
 *                     times in seconds since 1970, retires_at 0 for never
 *   signing/KID.pem   PKCS#8, one file a key
 *   status/           keyring.json and signing/ of the keys that sign the status list
 *
 * Access tokens have their keys to themselves: a service that looks at no more than the
 * signature takes whatever else the same keys have signed (RFC 8725, 2.8 and 3.12).
 */
#ifndef PINTLE_TOKEN_KEYRING_H
#define PINTLE_TOKEN_KEYRING_H

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/signing.h"

#define KEYRING_MAX_KEYS 16

struct keyring;

/*
 * Makes folder (0700) with a master key and one signing key of alg, which signs
 * from now_s (seconds since 1970) on. PT_ERR_IO with errno EEXIST if any of it is
 * there: keys are never overwritten. A failure leaves nothing behind.
 */
enum pt_err keyring_create(const char *folder, enum signing_alg alg, int64_t now_s);

/*
 * Reads all keys of folder; files that keyring.json does not name are left
 * alone. PT_ERR_PERM where the folder may be written by others than its owner,
 * or a file is wider than 0600; PT_ERR_INVALID for a file that is not what it
 * has to be, such as a key under another key's name; PT_ERR_IO with errno.
 * *bad_path, if not NULL, then names what was looked at (yours, for free), or
 * is NULL.
 */
enum pt_err keyring_open(const char *folder, struct keyring **out, char **bad_path);

/* Wipes and releases, with every key that came of it; NULL does nothing. */
void keyring_free(struct keyring *ring);

/*
 * The key that signs at now_s (seconds since 1970): of those whose signs_from
 * has come and whose retires_at has not, the one that came last; where the clock is behind all of them, the one
 * whose time comes first: what was begun goes on. Borrowed; NULL if there is none.
 */
const struct signing_key *keyring_signing_key(const struct keyring *ring, int64_t now_s);

#define KEYRING_BEHIND_S 300	/* the clocks of two machines may differ by less */

/*
 * Whether the clock is behind every key by more than KEYRING_BEHIND_S: then it is wrong, and nothing is to begin whose
 * end depends on it. *signs_from, if not NULL, is the time that it has to have reached.
 */
bool keyring_is_behind(const struct keyring *ring, int64_t now_s, int64_t *signs_from);

/* The key that kid names, exactly, unless it has retired; else NULL. ring may be NULL. */
const struct signing_key *keyring_find(const struct keyring *ring, struct slice kid, int64_t now_s);

/* What keyring.json says of a key. */
struct keyring_entry {
	const struct signing_key *key;	/* borrowed from the ring */
	int64_t created_at;		/* seconds since 1970, as all three */
	int64_t signs_from;
	int64_t retires_at;		/* 0: never */
};
bool keyring_is_retired(const struct keyring_entry *entry, int64_t now_s);
size_t keyring_count(const struct keyring *ring);
const struct keyring_entry *keyring_at(const struct keyring *ring, size_t i);

/*
 * The keys that sign the status list, and nothing else: a keyring for keyring_signing_key,
 * _find, _count, _at and _jwks. Borrowed from ring. NULL if none have been made yet.
 */
const struct keyring *keyring_status_keys(const struct keyring *ring);

/*
 * Changes of the folder, each atomic for whoever opens it: before or after,
 * nothing between. Two at once wait for each other. Each also leaves the keys
 * behind that have retired, and removes the files of all that are not listed.
 * Errors as of keyring_open.
 */

/* What the keys that are changed sign. */
enum keyring_use {
	KEYRING_ACCESS_TOKENS = 0,
	KEYRING_STATUS_LIST,
};

/* When a key takes over from the one before it. */
struct keyring_plan {
	enum keyring_use use;
	int64_t now_s;		/* seconds since 1970 */
	int64_t publish_s;	/* a new key is published so long before it signs, for caches to see it; 0: at once */
	int64_t keep_s;		/* a key is kept so long after it signs no more, for its last token to end */
};

/*
 * Adds a new key of alg and writes its id to kid. The key that it takes over
 * from will retire; one that waits for a later time keeps its turn. PT_ERR_FULL
 * where KEYRING_MAX_KEYS have not retired.
 */
enum pt_err keyring_rotate(const char *folder, enum signing_alg alg, const struct keyring_plan *plan,
    char kid[SIGNING_KID_SIZE]);

enum keyring_revocation {
	KEYRING_NOT_THERE = 0,	/* there is no such key */
	KEYRING_LAST_KEY,	/* no other could sign: it was not removed */
	KEYRING_REVOKED,
};

/*
 * Removes a key, whose tokens are good no more. If it was the one that signs,
 * the one before it goes on, if that has not retired, else the one that waits
 * takes over at once, else a new one of the algorithm replacement does
 * (SIGNING_NONE: none is made).
 */
enum pt_err keyring_revoke(const char *folder, struct slice kid, enum signing_alg replacement,
    const struct keyring_plan *plan, enum keyring_revocation *verdict);

/*
 * Makes the first key that signs the status list, of alg, which signs at once, unless there
 * is one: keys that were made before the list had its own lack it. *made says whether it did.
 */
enum pt_err keyring_ensure_status(const char *folder, enum signing_alg alg, int64_t now_s, bool *made);

/* Leaves behind what has retired of either use, and nothing else; *count is how many keys. */
enum pt_err keyring_prune(const char *folder, int64_t now_s, size_t *count);

/* The MAC keys of refresh tokens, newest first (one or two); for refresh_token_*. */
const struct mac_key *const *keyring_refresh_keys(const struct keyring *ring, size_t *count);

/* The MAC keys of gate cookies, newest first (one or two); for gate_token_*. */
const struct mac_key *const *keyring_gate_keys(const struct keyring *ring, size_t *count);

/* Where the folder stands with its master keys. */
struct keyring_masters {
	int64_t since_s;	/* when the present one was made, seconds since 1970 */
	bool old;		/* what the one before made is taken still */
	bool leaked;		/* the one before leaked; second factors may still have to be sealed anew */
};
struct keyring_masters keyring_masters(const struct keyring *ring);

enum keyring_renewal {
	KEYRING_NOT_RENEWED = 0,	/* there is one before it already, which is still taken */
	KEYRING_RENEWED,
};

/*
 * Makes a new master key. What the present one made is taken still, until keyring_forget_master; with leaked
 * nothing of it is, nor of the one before it, but that it opens second factors. Said again after a
 * crash it goes on where it was.
 */
enum pt_err keyring_renew_master(const char *folder, bool leaked, enum keyring_renewal *verdict);

/* Forgets the master key before this one, or the one that leaked. One that is not there is as good as forgotten. */
enum pt_err keyring_forget_master(const char *folder, bool leaked);

/* The keys that the secrets of second factors are sealed with, newest first (up to three); for otp_secret_*. */
const struct aead_key *const *keyring_otp_keys(const struct keyring *ring, size_t *count);

/* A MAC key of another use, under a label of its own, from the present master key. *out is yours, for mac_key_free. */
enum pt_err keyring_derive(const struct keyring *ring, const char *label, struct mac_key **out);

/* Appends the JWK set (RFC 7517, section 5): public members only, of all keys that have not retired. ring may be NULL. */
enum pt_err keyring_jwks(const struct keyring *ring, int64_t now_s, struct buf *out);

#endif
