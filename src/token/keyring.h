/*
 * All keys of one site: the master key, from which MAC keys are derived, and the signing keys, of
 * which one signs and all verify. They are files (0600) in a folder of their own (0700), and never
 * in the database. An open keyring never changes; a new state of the folder is a new keyring.
 *
 *   master.key        32 random bytes
 *   master.old.key    the previous one, while its tokens are still accepted
 *   master.leaked.key the previous one if it leaked: it opens second factors until they are sealed
 *                     anew, and nothing else
 *   keyring.json      {"keys":[{"kid","created_at","signs_from","retires_at"}]},
 *                     times in seconds since 1970, retires_at 0 for never
 *   signing/KID.pem   PKCS#8, one file for each key
 *   status/           keyring.json and signing/ of the keys that sign the status list
 *
 * The keys of access tokens sign nothing else, because a service that checks only signatures would
 * accept whatever the same keys have signed (RFC 8725, 2.8 and 3.12).
 */
#ifndef PINTLE_TOKEN_KEYRING_H
#define PINTLE_TOKEN_KEYRING_H

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/signing.h"

#define KEYRING_MAX_KEYS 16

struct keyring;

/*
 * Makes folder (0700) with a master key and one signing key of alg, which signs from now_s (seconds
 * since 1970) on. PT_ERR_IO with errno EEXIST if any of it exists: keys are never overwritten. A
 * failure leaves nothing behind.
 */
enum pt_err keyring_create(const char *folder, enum signing_alg alg, int64_t now_s);

/*
 * Reads all keys of folder, ignoring files that keyring.json does not name. PT_ERR_PERM if others
 * than its owner can write to the folder, or a file's mode is wider than 0600; PT_ERR_INVALID for a
 * file with wrong contents, such as a key under another key's name; PT_ERR_IO with errno.
 * *bad_path, if not NULL, then names the file concerned (free it), or is NULL.
 */
enum pt_err keyring_open(const char *folder, struct keyring **out, char **bad_path);

/* Wipes and frees the ring with all keys borrowed from it; NULL does nothing. */
void keyring_free(struct keyring *ring);

/*
 * The key that signs at now_s (seconds since 1970): of the keys whose signs_from has come and whose
 * retires_at has not, the latest. If the clock is behind all of them, the earliest, so that
 * sessions go on (DESIGN.md, A clock before every key). Borrowed; NULL if there is none.
 */
const struct signing_key *keyring_signing_key(const struct keyring *ring, int64_t now_s);

#define KEYRING_BEHIND_S 300	/* seconds by which the clocks of two machines may differ */

/*
 * Whether the clock is behind every key by more than KEYRING_BEHIND_S. It is wrong then, and
 * nothing whose end depends on it may begin. *signs_from, if not NULL, is the time that it must
 * reach.
 */
bool keyring_is_behind(const struct keyring *ring, int64_t now_s, int64_t *signs_from);

/* The key with exactly this kid, if it has not retired; else NULL. ring may be NULL. */
const struct signing_key *keyring_find(const struct keyring *ring, struct slice kid, int64_t now_s);

/* A key's row in keyring.json. */
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
 * The keys that sign the status list and nothing else, as a keyring for keyring_signing_key, _find,
 * _count, _at and _jwks. Borrowed from ring. NULL if none have been made yet.
 */
const struct keyring *keyring_status_keys(const struct keyring *ring);

/*
 * Changes of the folder. Each is atomic for whoever opens the folder: they see the state before or
 * after it. Two changes at once wait for each other. Each also drops the keys that have retired,
 * and removes the files of unlisted keys. Errors as in keyring_open.
 */

/* What the changed keys sign. */
enum keyring_use {
	KEYRING_ACCESS_TOKENS = 0,
	KEYRING_STATUS_LIST,
};

/* When a key takes over from the one before it. */
struct keyring_plan {
	enum keyring_use use;
	int64_t now_s;		/* seconds since 1970 */
	/*
	 * how long a new key is published before it signs, for caches to see it; 0: signs at once
	 */
	int64_t publish_s;
	/* how long a key is kept after it stops signing, until its last token ends */
	int64_t keep_s;
};

/*
 * Adds a new key of alg and writes its id to kid. The key that it replaces will retire; a key that
 * waits for a later time keeps its turn. PT_ERR_FULL if KEYRING_MAX_KEYS have not retired.
 */
enum pt_err keyring_rotate(const char *folder, enum signing_alg alg,
    const struct keyring_plan *plan, char kid[SIGNING_KID_SIZE]);

enum keyring_revocation {
	KEYRING_NOT_THERE = 0,	/* there is no such key */
	KEYRING_LAST_KEY,	/* no other key could sign, so it was not removed */
	KEYRING_REVOKED,
};

/*
 * Removes a key, so that its tokens are no longer valid. If it was the signing key, the previous
 * one signs again if it has not retired; else the waiting one takes over at once; else a new one of
 * the algorithm replacement does (SIGNING_NONE: none is made).
 */
enum pt_err keyring_revoke(const char *folder, struct slice kid, enum signing_alg replacement,
    const struct keyring_plan *plan, enum keyring_revocation *verdict);

/*
 * Makes the first key of the status list, of alg, unless there is one; it signs at once. Folders
 * from before the list had its own keys lack it. *made says whether a key was made.
 */
enum pt_err keyring_ensure_status(const char *folder, enum signing_alg alg, int64_t now_s,
    bool *made);

/* Drops the retired keys of both uses, and changes nothing else; *count is how many. */
enum pt_err keyring_prune(const char *folder, int64_t now_s, size_t *count);

/* The MAC keys of refresh tokens, newest first (one or two); for refresh_token_*. */
const struct mac_key *const *keyring_refresh_keys(const struct keyring *ring, size_t *count);

/* The MAC keys of gate cookies, newest first (one or two); for gate_token_*. */
const struct mac_key *const *keyring_gate_keys(const struct keyring *ring, size_t *count);

/* The state of the folder's master keys. */
struct keyring_masters {
	int64_t since_s;	/* when the present key was made, seconds since 1970 */
	bool old;		/* tokens of the previous key are still accepted */
	/* the previous key leaked, and second factors may still have to be sealed anew */
	bool leaked;
};
struct keyring_masters keyring_masters(const struct keyring *ring);

enum keyring_renewal {
	/* there is a previous key already, which is still accepted */
	KEYRING_NOT_RENEWED = 0,
	KEYRING_RENEWED,
};

/*
 * Makes a new master key. Tokens of the present one stay valid until keyring_forget_master. If it
 * leaked, nothing made by it or by an older one is accepted, and it only opens second factors.
 * After a crash, calling it again continues (DESIGN.md, A new master key beside the old one).
 */
enum pt_err keyring_renew_master(const char *folder, bool leaked, enum keyring_renewal *verdict);

/* Removes the previous master key, or the leaked one. PT_OK if there is none. */
enum pt_err keyring_forget_master(const char *folder, bool leaked);

/*
 * The keys that the secrets of second factors are sealed with, newest first (up to three); for
 * otp_secret_*.
 */
const struct aead_key *const *keyring_otp_keys(const struct keyring *ring, size_t *count);

/*
 * A MAC key for another use, under a label of its own, from the present master key. Free *out with
 * mac_key_free.
 */
enum pt_err keyring_derive(const struct keyring *ring, const char *label, struct mac_key **out);

/*
 * Appends the JWK set (RFC 7517, section 5) with the public members of all keys that have not
 * retired. ring may be NULL.
 */
enum pt_err keyring_jwks(const struct keyring *ring, int64_t now_s, struct buf *out);

#endif
