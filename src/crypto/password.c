#include "crypto/password.h"

#include <argon2.h>

#include "base/secret.h"
#include "crypto/password_internal.h"
#include "crypto/random.h"

enum pt_err
password_argon2_err(int code)
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
	return password_argon2_err(argon2id_hash_encoded(cost->passes, cost->memory_kib, cost->lanes,
	    password.ptr, password.len, salt, sizeof(salt), HASH_SIZE, out, PASSWORD_HASH_SIZE));
}

/*
 * Does what checking another hash had less to do than one of today's cost: else
 * its user could be told, by the time, from a name that nobody has. (One that
 * costs more than today's does stay apart until it is remade.)
 */
static enum pt_err
work_off(struct slice password, uint64_t done_kib, const struct password_cost *cost)
{
	static const uint8_t salt[SALT_SIZE];
	const uint64_t due_kib = (uint64_t)cost->memory_kib * cost->passes;
	uint64_t memory_kib = due_kib > done_kib ? (due_kib - done_kib) / cost->passes : 0;
	uint8_t got[HASH_SIZE];

	if (memory_kib < 8 * (uint64_t)cost->lanes)
		return PT_OK;
	enum pt_err err = password_argon2_err(argon2id_hash_raw(cost->passes, (uint32_t)memory_kib, cost->lanes,
	    password.ptr, password.len, salt, sizeof(salt), got, sizeof(got)));

	secret_wipe(got, sizeof(got));
	return err;
}

enum pt_err
password_verify(struct slice password, const char *hash, const struct password_cost *cost, bool *good, bool *weaker)
{
	bool known = hash != NULL && hash[0] != '\0';
	struct password_match match = { 0 };
	struct password_need need = { 0 };
	enum pt_err err = PT_OK;

	*good = false;
	if (weaker)
		*weaker = false;
	if (known && password_look(slice_of(hash), &need) != PASSWORD_FORM_GOOD)
		return PT_ERR_CORRUPT;
	if (known)
		err = password_kind_of(slice_of(hash))->check(password, hash, &match);
	if (err == PT_OK)
		err = work_off(password, need.work_kib, cost);
	if (err != PT_OK)
		return err;
	*good = match.right;
	if (weaker)
		*weaker = match.right && match.whole && !phc_is_strong(slice_of(hash), cost);
	return PT_OK;
}
