#include "crypto/password.h"

#include <argon2.h>
#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"
#include "crypto/random.h"

#define SALT_SIZE 16	/* bytes of what is made here */
#define HASH_SIZE 32
#define PART_MIN 8	/* bytes of a salt or hash that is taken from a PHC string (RFC 9106, 3.1) */
#define PART_MAX 64

/* A PHC string taken apart. */
struct phc {
	struct password_cost cost;
	uint8_t salt[PART_MAX];
	size_t salt_len;
	uint8_t hash[PART_MAX];
	size_t hash_len;
};

static enum pt_err
err_of_argon2(int code)
{
	if (code == ARGON2_OK)
		return PT_OK;
	return code == ARGON2_MEMORY_ALLOCATION_ERROR ? PT_ERR_NOMEM : PT_ERR_CRYPTO;
}

enum pt_err
password_hash(struct slice password, const struct password_cost *cost, char out[PASSWORD_HASH_SIZE])
{
	uint8_t salt[SALT_SIZE];
	enum pt_err err = random_bytes(salt, sizeof(salt));

	out[0] = '\0';
	if (err != PT_OK)
		return err;
	return err_of_argon2(argon2id_hash_encoded(cost->passes, cost->memory_kib, cost->lanes,
	    password.ptr, password.len, salt, sizeof(salt), HASH_SIZE, out, PASSWORD_HASH_SIZE));
}

/* A number in 1..most behind the words that introduce it; *text moves past both. */
static bool
take_number(struct slice *text, struct slice words, uint32_t most, uint32_t *out)
{
	uint64_t value;
	size_t digits = 0;

	if (!slice_starts(*text, words))
		return false;
	*text = slice_skip(*text, words.len);
	while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
		digits++;
	if (!slice_to_u64((struct slice){ text->ptr, digits }, &value) || value == 0 || value > most)
		return false;
	*text = slice_skip(*text, digits);
	*out = (uint32_t)value;
	return true;
}

/* PHC strings have base64's first alphabet, without padding. */
static bool
part_decode(struct slice text, uint8_t out[PART_MAX], size_t *len)
{
	char copy[BASE64URL_LEN(PART_MAX)];

	if (text.len > sizeof(copy))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '-' || c == '_')
			return false;
		copy[i] = c == '+' ? '-' : c == '/' ? '_' : c;
	}
	return base64url_decode((struct slice){ copy, text.len }, out, PART_MAX, len) && *len >= PART_MIN;
}

/*
 * $argon2id$v=19$m=...,t=...,p=...$salt$hash. What it asks for is bounded: a
 * damaged record must not take all memory, nor an hour.
 */
static bool
phc_parse(struct slice text, struct phc *out)
{
	struct slice salt, hash, rest;

	if (!take_number(&text, SLICE("$argon2id$v=19$m="), PASSWORD_MAX_MEMORY_KIB, &out->cost.memory_kib) ||
	    !take_number(&text, SLICE(",t="), PASSWORD_MAX_PASSES, &out->cost.passes) ||
	    !take_number(&text, SLICE(",p="), PASSWORD_MAX_LANES, &out->cost.lanes) ||
	    out->cost.memory_kib < 8 * out->cost.lanes)
		return false;
	if (!slice_cut(text, '$', &rest, &text) || rest.len != 0 || !slice_cut(text, '$', &salt, &hash))
		return false;
	return part_decode(salt, out->salt, &out->salt_len) && part_decode(hash, out->hash, &out->hash_len);
}

static bool
is_weaker(const struct phc *phc, const struct password_cost *cost)
{
	return phc->cost.memory_kib < cost->memory_kib || phc->cost.passes < cost->passes ||
	    phc->cost.lanes < cost->lanes || phc->salt_len < SALT_SIZE || phc->hash_len < HASH_SIZE;
}

/*
 * Does what a hash of yesterday's cost had less to do than one of today: else
 * its user could be told, by the time, from a name that nobody has. (A hash that
 * costs more than today's does stay apart until it is remade.)
 */
static enum pt_err
work_off(struct slice password, const struct password_cost *done, const struct password_cost *cost)
{
	static const uint8_t salt[SALT_SIZE];
	const uint64_t did = (uint64_t)done->memory_kib * done->passes, due = (uint64_t)cost->memory_kib * cost->passes;
	uint64_t memory_kib = due > did ? (due - did) / cost->passes : 0;
	uint8_t got[HASH_SIZE];

	if (memory_kib < 8 * (uint64_t)cost->lanes)
		return PT_OK;
	enum pt_err err = err_of_argon2(argon2id_hash_raw(cost->passes, (uint32_t)memory_kib, cost->lanes,
	    password.ptr, password.len, salt, sizeof(salt), got, sizeof(got)));

	secret_wipe(got, sizeof(got));
	return err;
}

enum pt_err
password_verify(struct slice password, const char *hash, const struct password_cost *cost, bool *good, bool *weaker)
{
	/* Where there is no hash the work is done for this one, which answers to nothing. */
	struct phc phc = { .cost = *cost, .salt_len = SALT_SIZE, .hash_len = HASH_SIZE };
	bool known = hash != NULL && hash[0] != '\0';
	uint8_t got[PART_MAX];

	*good = false;
	if (weaker)
		*weaker = false;
	if (known && !phc_parse(slice_of(hash), &phc))
		return PT_ERR_CORRUPT;

	enum pt_err err = err_of_argon2(argon2id_hash_raw(phc.cost.passes, phc.cost.memory_kib, phc.cost.lanes,
	    password.ptr, password.len, phc.salt, phc.salt_len, got, phc.hash_len));

	if (err == PT_OK)
		err = work_off(password, &phc.cost, cost);
	if (err == PT_OK)
		*good = secret_eq(got, phc.hash, phc.hash_len) && known;
	if (weaker)
		*weaker = *good && is_weaker(&phc, cost);
	secret_wipe(got, sizeof(got));
	secret_wipe(&phc, sizeof(phc));
	return err;
}
