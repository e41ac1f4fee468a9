/*
 * Shared by the password_*.c files: the table of known kinds of hashes. A hash's kind is known by
 * how its text begins. The kind's look function checks the whole text against the form that the
 * kind's own programs write, and says what the hash costs, before anything is computed.
 */
#ifndef PINTLE_CRYPTO_PASSWORD_INTERNAL_H
#define PINTLE_CRYPTO_PASSWORD_INTERNAL_H

#include <argon2.h>

#include "crypto/password.h"

#define SALT_SIZE 16	/* bytes, of the hashes that we make */
#define HASH_SIZE 32
#define PART_MIN 8	/* bytes of an argon2 salt or hash that we accept (RFC 9106, 3.1) */
#define PART_MAX 64

/* The result of comparing a password with a hash. */
struct password_match {
	bool right;
	/* every byte of the password counted, so a new hash of it would match the same passwords */
	bool whole;
};

struct password_kind {
	const char *prefix;
	const char *name;	/* for people */
	/* Fills memory_kib and work_kib. */
	enum password_form (*look)(struct slice hash, struct password_need *need);
	/* hash must have passed look. PT_ERR_CORRUPT if the library refuses it all the same. */
	enum pt_err (*check)(struct slice password, const char *hash, struct password_match *match);
};

/* The kind of a text, even a malformed one; NULL if there is none. */
const struct password_kind *password_kind_of(struct slice hash);

/* ---- argon2 as PHC strings: password_phc.c ---- */

/* Everything that a hash is made from, except the password. */
struct argon2_work {
	argon2_type type;
	uint32_t version;
	struct password_cost cost;
	uint8_t salt[PART_MAX];
	size_t salt_len;
};

/*
 * Memory for all of this thread's argon2 computations until it is given back; only what is used is
 * touched, and so allocated. A whole check uses one, so that it takes the same time in one piece or
 * two.
 */
enum pt_err password_pages_take(uint64_t kib);
void password_pages_give(void);

/*
 * Computes the len bytes of the hash in those pages (password_argon2.c). PT_ERR_NOMEM;
 * PT_ERR_CRYPTO for a cost that argon2 refuses.
 */
enum pt_err password_argon2(const struct argon2_work *work, struct slice password, uint8_t *out,
    size_t len);

/* The PHC string of a hash of HASH_SIZE bytes. */
void password_phc_format(const struct argon2_work *work, const uint8_t hash[HASH_SIZE],
    char out[PASSWORD_HASH_SIZE]);

enum password_form password_phc_look(struct slice hash, struct password_need *need);
enum pt_err password_phc_check(struct slice password, const char *hash,
    struct password_match *match);

/*
 * Whether hash is argon2id of the current version with at least cost, as password_hash makes them.
 */
bool password_phc_is_strong(struct slice hash, const struct password_cost *cost);

/* ---- hashes of crypt(3): password_crypt.c ---- */

enum password_form password_crypt_look_bcrypt(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_yescrypt(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_scrypt(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_sha512(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_sha256(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_sha1(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_sun(struct slice hash, struct password_need *need);
enum password_form password_crypt_look_md5(struct slice hash, struct password_need *need);
enum pt_err password_crypt_check(struct slice password, const char *hash,
    struct password_match *match);

/* The same for hashes that ignore bytes after the 72nd. */
enum pt_err password_crypt_check_bcrypt(struct slice password, const char *hash,
    struct password_match *match);

/* ---- hashes of web servers and directories: password_web.c ---- */

enum password_form password_web_look_apr1(struct slice hash, struct password_need *need);
enum pt_err password_web_check_apr1(struct slice password, const char *hash,
    struct password_match *match);
enum password_form password_web_look_sha(struct slice hash, struct password_need *need);
enum pt_err password_web_check_sha(struct slice password, const char *hash,
    struct password_match *match);

/* ---- forms ---- */

/* Whether text is min to max characters of crypt's alphabet: letters, digits, "." and "/". */
bool password_crypt_alphabet(struct slice text, size_t min, size_t max);

#endif
