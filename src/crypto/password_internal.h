/*
 * What the files of password hashes share: one table of the kinds that are
 * understood. A kind is told by how its text begins; its look holds the whole
 * text to the form that the kind's own programs write and says what it takes,
 * before anything is computed from it.
 */
#ifndef PINTLE_CRYPTO_PASSWORD_INTERNAL_H
#define PINTLE_CRYPTO_PASSWORD_INTERNAL_H

#include <argon2.h>

#include "crypto/password.h"

#define SALT_SIZE 16	/* bytes, of what is made here */
#define HASH_SIZE 32
#define PART_MIN 8	/* bytes of a salt or hash of argon2 that is taken (RFC 9106, 3.1) */
#define PART_MAX 64

/* What came of comparing a password with a hash. */
struct password_match {
	bool right;
	bool whole;	/* every byte of the password counted: a hash made of it would take no other one */
};

struct password_kind {
	const char *prefix;
	const char *name;	/* for people */
	/* Fills memory_kib and work_kib. */
	enum password_form (*look)(struct slice hash, struct password_need *need);
	/* hash is one that look found good. PT_ERR_CORRUPT if the library thinks otherwise. */
	enum pt_err (*check)(struct slice password, const char *hash, struct password_match *match);
};

/* The kind that text belongs to, whatever its form; NULL if none. */
const struct password_kind *password_kind_of(struct slice hash);

/* ---- argon2 as PHC strings: password_phc.c ---- */

/* All that one hash takes but the password. */
struct argon2_work {
	argon2_type type;
	uint32_t version;
	struct password_cost cost;
	uint8_t salt[PART_MAX];
	size_t salt_len;
};

/*
 * Memory for all that this thread computes by argon2 until it gives it back; touched, and so taken, as far as it is
 * used. One for a whole check, which then takes as long whether it is computed in one piece or two.
 */
enum pt_err password_pages_take(uint64_t kib);
void password_pages_give(void);

/* The len bytes of the hash (password_argon2.c), in those pages. PT_ERR_NOMEM; PT_ERR_CRYPTO for a cost that argon2 does not know. */
enum pt_err password_argon2(const struct argon2_work *work, struct slice password, uint8_t *out, size_t len);

/* The PHC string of a hash of HASH_SIZE bytes. */
void phc_format(const struct argon2_work *work, const uint8_t hash[HASH_SIZE], char out[PASSWORD_HASH_SIZE]);

enum password_form phc_look(struct slice hash, struct password_need *need);
enum pt_err phc_check(struct slice password, const char *hash, struct password_match *match);

/* Whether hash is argon2id, of today's version, with cost at least, as password_hash makes them. */
bool phc_is_strong(struct slice hash, const struct password_cost *cost);

/* ---- what crypt(3) understands: password_crypt.c ---- */

enum password_form crypt_look_bcrypt(struct slice hash, struct password_need *need);
enum password_form crypt_look_yescrypt(struct slice hash, struct password_need *need);
enum password_form crypt_look_scrypt(struct slice hash, struct password_need *need);
enum password_form crypt_look_sha512(struct slice hash, struct password_need *need);
enum password_form crypt_look_sha256(struct slice hash, struct password_need *need);
enum password_form crypt_look_sha1(struct slice hash, struct password_need *need);
enum password_form crypt_look_sun(struct slice hash, struct password_need *need);
enum password_form crypt_look_md5(struct slice hash, struct password_need *need);
enum pt_err crypt_check(struct slice password, const char *hash, struct password_match *match);

/* The same where no byte behind the 72nd counts. */
enum pt_err crypt_check_bcrypt(struct slice password, const char *hash, struct password_match *match);

/* ---- what web servers and directories have of their own: password_web.c ---- */

enum password_form web_look_apr1(struct slice hash, struct password_need *need);
enum pt_err web_check_apr1(struct slice password, const char *hash, struct password_match *match);
enum password_form web_look_sha(struct slice hash, struct password_need *need);
enum pt_err web_check_sha(struct slice password, const char *hash, struct password_match *match);

/* ---- forms ---- */

/* Whether text is min to max characters of crypt's alphabet: letters, digits, "." and "/". */
bool crypt_alphabet(struct slice text, size_t min, size_t max);

#endif
