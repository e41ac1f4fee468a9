/*
 * What the files of password hashes share: one table of the kinds that are
 * understood. A kind is told by how its text begins; its look holds the whole
 * text to the form that the kind's own programs write and says what it takes,
 * before anything is computed from it.
 */
#ifndef PINTLE_CRYPTO_PASSWORD_INTERNAL_H
#define PINTLE_CRYPTO_PASSWORD_INTERNAL_H

#include "crypto/password.h"

#define SALT_SIZE 16	/* bytes, of what is made here */
#define HASH_SIZE 32

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

/* What a return code of libargon2 means. */
enum pt_err password_argon2_err(int code);

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
