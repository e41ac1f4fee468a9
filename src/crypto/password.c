#include "crypto/password.h"

#include <argon2.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "crypto/random.h"

#define SALT_BYTES 16
#define HASH_BYTES 32
/* What a stored hash may ask for; beyond it is no hash of ours but an attack on memory. */
#define MAX_MEMORY_KIB (1024u * 1024u)
#define MAX_PASSES 64u
#define MAX_LANES 64u

static enum pt_err
err_of(int argon2)
{
	return argon2 == ARGON2_MEMORY_ALLOCATION_ERROR ? PT_ERR_NOMEM : PT_ERR_CRYPTO;
}

enum pt_err
password_hash(struct slice password, const struct password_cost *cost, char out[PASSWORD_HASH_SIZE])
{
	uint8_t salt[SALT_BYTES];
	enum pt_err err = random_bytes(salt, sizeof salt);

	if (err)
		return err;
	int done = argon2id_hash_encoded(cost->passes, cost->memory_kib, cost->lanes, password.ptr, password.len,
	    salt, sizeof salt, HASH_BYTES, out, PASSWORD_HASH_SIZE);

	return done == ARGON2_OK ? PT_OK : err_of(done);
}

/* A number that follows what in *text, within bound; *text moves behind it. */
static bool
take_number(struct slice *text, struct slice what, uint32_t bound, uint32_t *out)
{
	uint64_t value;
	size_t digits = 0;

	if (!slice_starts(*text, what))
		return false;
	*text = slice_skip(*text, what.len);
	while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9')
		digits++;
	if (!slice_to_u64((struct slice){ text->ptr, digits }, &value) || value == 0 || value > bound)
		return false;
	*text = slice_skip(*text, digits);
	*out = (uint32_t)value;
	return true;
}

/* Reads what the PHC string says of its cost: $argon2id$v=19$m=...,t=...,p=...$salt$hash */
static bool
cost_of(const char *hash, struct password_cost *cost)
{
	struct slice text = slice_of(hash);

	return text.len < PASSWORD_HASH_SIZE && take_number(&text, SLICE("$argon2id$v=19$m="), MAX_MEMORY_KIB, &cost->memory_kib) &&
	    take_number(&text, SLICE(",t="), MAX_PASSES, &cost->passes) &&
	    take_number(&text, SLICE(",p="), MAX_LANES, &cost->lanes) && slice_starts(text, SLICE("$"));
}

/* The work of a check, for nobody: an unknown user costs what a known one does. */
static enum pt_err
work_in_vain(struct slice password, const struct password_cost *cost)
{
	static const uint8_t salt[SALT_BYTES];
	uint8_t out[HASH_BYTES];
	int done = argon2id_hash_raw(cost->passes, cost->memory_kib, cost->lanes, password.ptr, password.len,
	    salt, sizeof salt, out, sizeof out);

	secret_wipe(out, sizeof out);
	return done == ARGON2_OK ? PT_OK : err_of(done);
}

enum pt_err
password_verify(struct slice password, const char *hash, const struct password_cost *cost, bool *good, bool *weaker)
{
	struct password_cost had;

	*good = false;
	if (weaker)
		*weaker = false;
	if (hash == NULL || hash[0] == '\0')
		return work_in_vain(password, cost);
	if (!cost_of(hash, &had))
		return PT_ERR_CORRUPT;
	int done = argon2id_verify(hash, password.ptr, password.len);

	if (done == ARGON2_VERIFY_MISMATCH)
		return PT_OK;
	if (done != ARGON2_OK)
		return done == ARGON2_MEMORY_ALLOCATION_ERROR ? PT_ERR_NOMEM : PT_ERR_CORRUPT;
	*good = true;
	if (weaker)
		*weaker = had.memory_kib < cost->memory_kib || had.passes < cost->passes;
	return PT_OK;
}
