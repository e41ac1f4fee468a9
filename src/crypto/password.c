#include "crypto/password.h"

#include "base/secret.h"
#include "crypto/password_internal.h"
#include "crypto/random.h"

enum pt_err
password_hash(struct slice password, const struct password_cost *cost, char out[PASSWORD_HASH_SIZE])
{
	struct argon2_work work = { .type = Argon2_id, .version = ARGON2_VERSION_13, .cost = *cost,
	    .salt_len = SALT_SIZE };
	uint8_t hash[HASH_SIZE];
	enum pt_err err = random_bytes(work.salt, SALT_SIZE);

	out[0] = '\0';
	if (err == PT_OK)
		err = password_pages_take(cost->memory_kib);
	if (err != PT_OK)
		return err;
	err = password_argon2(&work, password, hash, sizeof(hash));
	password_pages_give();
	if (err == PT_OK)
		password_phc_format(&work, hash, out);
	secret_wipe(hash, sizeof(hash));
	return err;
}

/*
 * Does the work by which an old hash was cheaper to check than one of today's cost. Otherwise the
 * time would tell its user apart from a name that does not exist. (A hash that costs more than
 * today's still stands out until it is upgraded.)
 */
static enum pt_err
work_off(struct slice password, uint64_t done_kib, const struct password_cost *cost)
{
	struct argon2_work work = { .type = Argon2_id, .version = ARGON2_VERSION_13, .cost = *cost,
	    .salt_len = SALT_SIZE };
	const uint64_t due_kib = (uint64_t)cost->memory_kib * cost->passes;
	uint8_t got[HASH_SIZE];

	work.cost.memory_kib = (uint32_t)(due_kib > done_kib ?
	    (due_kib - done_kib) / cost->passes : 0);
	if (work.cost.memory_kib < 8 * cost->lanes)
		return PT_OK;
	enum pt_err err = password_argon2(&work, password, got, sizeof(got));

	secret_wipe(got, sizeof(got));
	return err;
}

/* Checks the hash and does the missing work, in memory for the larger of the two. */
static enum pt_err
hash_check(struct slice password, const char *hash, const struct password_need *need,
    const struct password_cost *cost, struct password_match *match)
{
	bool by_argon2 = slice_starts(slice_of(hash), SLICE("$argon2"));
	uint64_t kib = by_argon2 && need->memory_kib > cost->memory_kib ?
	    need->memory_kib : cost->memory_kib;
	enum pt_err err = password_pages_take(kib);

	if (err != PT_OK)
		return err;
	if (need->kind)
		err = password_kind_of(slice_of(hash))->check(password, hash, match);
	if (err == PT_OK)
		err = work_off(password, need->work_kib, cost);
	password_pages_give();
	return err;
}

enum pt_err
password_verify(struct slice password, const char *hash, const struct password_cost *cost,
    bool *good, bool *weaker)
{
	bool known = hash != NULL && hash[0] != '\0';
	struct password_match match = { 0 };
	struct password_need need = { 0 };
	enum pt_err err;

	*good = false;
	if (weaker)
		*weaker = false;
	if (known && password_look(slice_of(hash), &need) != PASSWORD_FORM_GOOD)
		return PT_ERR_CORRUPT;
	err = hash_check(password, hash, &need, cost, &match);
	if (err != PT_OK)
		return err;
	*good = match.right;
	if (weaker)
		*weaker = match.right && match.whole &&
		    !password_phc_is_strong(slice_of(hash), cost);
	return PT_OK;
}
