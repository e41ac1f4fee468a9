/*
 * The hashes of crypt(3), by libxcrypt. The library reads parameters leniently and computes
 * whatever they ask for, so each hash must have the form that its programs write, and stay within
 * bounds, before the library sees it (DESIGN.md, Foreign hashes are bounded first).
 *
 * Each look also estimates the time, in terms of argon2id passes over memory, measured side by side
 * on one machine. Other machines differ by about a third.
 *
 * See DESIGN.md, bcrypt and long passwords.
 */
#include "crypto/password_internal.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define BCRYPT_BYTES 72		/* the bytes of a password that bcrypt reads */
#define BCRYPT_MAX_COST 16	/* takes seconds; the library would accept 31, which takes days */
#define MAX_ROUNDS 2000000u	/* rounds, of the kinds that count them: takes seconds */
/* for yescrypt and scrypt: below what any program makes, and above what the library refuses */
#define MIN_LOG2_N 8
#define MAX_PASSES 8u		/* yescrypt's t: each pass takes as long as the first */
#define MAX_KIB PASSWORD_MAX_MEMORY_KIB

/* ---- checking ---- */

/* Compares the library's result; a text of another length differs. */
static bool
is_same(const char *made, const char *hash)
{
	size_t len = strlen(hash);

	return strlen(made) == len && secret_eq(made, hash, len);
}

/* The library needs a C string. False if the password is longer than the library accepts. */
static bool
copy_password(struct slice password, char out[CRYPT_MAX_PASSPHRASE_SIZE])
{
	bool fits = password.len < CRYPT_MAX_PASSPHRASE_SIZE;
	size_t len = fits ? password.len : CRYPT_MAX_PASSPHRASE_SIZE - 1;

	if (len)
		memcpy(out, password.ptr, len);
	out[len] = '\0';
	return fits;
}

enum pt_err
password_crypt_check(struct slice password, const char *hash, struct password_match *match)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	enum pt_err err = PT_OK;

	*match = (struct password_match){ .right = false };
	if (data == NULL)
		return PT_ERR_NOMEM;

	/*
	 * Programs that make such hashes accept neither longer passwords nor NUL, which would be
	 * cut off.
	 */
	bool possible = copy_password(password, data->input) && strlen(data->input) == password.len;
	const char *made = crypt_r(data->input, hash, data);

	if (made == NULL || made[0] == '*')
		err = errno == ENOMEM ? PT_ERR_NOMEM : PT_ERR_CORRUPT;
	else
		*match = (struct password_match){
			.right = is_same(made, hash) && possible, .whole = true,
		};
	secret_wipe(data, sizeof(*data));
	free(data);
	return err;
}

enum pt_err
password_crypt_check_bcrypt(struct slice password, const char *hash, struct password_match *match)
{
	enum pt_err err = password_crypt_check(password, hash, match);

	match->whole = match->whole && password.len <= BCRYPT_BYTES;
	return err;
}

/* ---- forms ---- */

bool
password_crypt_alphabet(struct slice text, size_t min, size_t max)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '.' && c <= '9')))
			return false;
	}
	return text.len >= min && text.len <= max;
}

/* The text after the second '$', or after the prefix if that has no second '$'. */
static struct slice
behind_prefix(struct slice hash)
{
	struct slice before;

	slice_cut(slice_skip(hash, 1), '$', &before, &hash);
	return hash;
}

/* The value of a character in crypt's base 64, which the caller has checked. */
static uint32_t
digit_of(char c)
{
	if (c >= 'a')
		return (uint32_t)(c - 'a') + 38;
	return c >= 'A' ? (uint32_t)(c - 'A') + 12 : (uint32_t)(c - '.');
}

/* Decimal digits without a leading zero. */
static bool
plain_number(struct slice text, uint64_t *out)
{
	return text.len > 0 && text.ptr[0] != '0' && slice_to_u64(text, out);
}

/* salt of min to max characters, and hash of exactly so many. */
static bool
salt_and_hash(struct slice text, size_t salt_min, size_t salt_max, size_t hash_len)
{
	struct slice salt, hash;

	return slice_cut(text, '$', &salt, &hash) &&
	    password_crypt_alphabet(salt, salt_min, salt_max) &&
	    password_crypt_alphabet(hash, hash_len, hash_len);
}

/* $2b$NN$ and 53 characters. */
enum password_form
password_crypt_look_bcrypt(struct slice hash, struct password_need *need)
{
	struct slice cost, rest;
	uint64_t log2;

	if (!slice_cut(behind_prefix(hash), '$', &cost, &rest) || cost.len != 2 ||
	    !slice_to_u64(cost, &log2) || log2 < 4 || log2 > 31 ||
	    !password_crypt_alphabet(rest, 53, 53))
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = 4;
	need->work_kib = UINT64_C(100) << log2;
	return log2 > BCRYPT_MAX_COST ? PASSWORD_FORM_TOO_COSTLY : PASSWORD_FORM_GOOD;
}

/* N + p blocks of 128 r bytes, in KiB; a value above the limit if that overflows. */
static uint64_t
blocks_kib(uint32_t log2_n, uint32_t r, uint32_t p)
{
	if (log2_n > 24 || r > 1024 || p > PASSWORD_MAX_LANES)
		return MAX_KIB + 1;
	return (((UINT64_C(1) << log2_n) + p + 2) * r * 128 + 1023) / 1024 + 16;
}

/*
 * A number of ten bits or more in as many characters as it needs; the first one says how many.
 * libxcrypt writes no longer ones for r.
 */
static bool
yescrypt_number(struct slice *text, uint32_t min, uint32_t *out)
{
	uint32_t first;

	if (text->len == 0)
		return false;
	first = digit_of(text->ptr[0]);
	*text = slice_skip(*text, 1);
	if (first <= 47) {
		*out = min + first;
		return true;
	}
	if (first > 55 || text->len == 0)
		return false;
	*out = min + 48 + ((first - 48) << 6) + digit_of(text->ptr[0]);
	*text = slice_skip(*text, 1);
	return true;
}

/*
 * What may follow N and r: a mask of the others, p (bit 0) and t (bit 1). The known programs write
 * neither ROM nor g.
 */
static bool
yescrypt_more(struct slice text, uint32_t *p, uint32_t *t)
{
	uint32_t have;

	*p = 1;
	*t = 0;
	if (text.len == 0)
		return true;
	return yescrypt_number(&text, 1, &have) && have <= 3 &&
	    ((have & 1) == 0 || yescrypt_number(&text, 2, p)) &&
	    ((have & 2) == 0 || yescrypt_number(&text, 1, t)) && text.len == 0;
}

/* Four characters are three bytes; leftover bits of the last ones must be zero. */
static bool
yescrypt_salt(struct slice salt)
{
	static const uint32_t most[4] = { 63, 0, 3, 15 };

	return salt.len % 4 != 1 &&
	    (salt.len == 0 || digit_of(salt.ptr[salt.len - 1]) <= most[salt.len % 4]);
}

/* $y$jNr$salt$hash, in the one flavour that programs write. */
enum password_form
password_crypt_look_yescrypt(struct slice hash, struct password_need *need)
{
	struct slice parameters, rest, salt;
	uint32_t log2_n, r, p, t;

	if (!slice_cut(behind_prefix(hash), '$', &parameters, &rest) ||
	    !salt_and_hash(rest, 1, 86, 43) ||
	    !password_crypt_alphabet(parameters, 3, 16) || parameters.ptr[0] != 'j')
		return PASSWORD_FORM_MALFORMED;
	slice_cut(rest, '$', &salt, &rest);
	parameters = slice_skip(parameters, 1);
	if (!yescrypt_number(&parameters, 1, &log2_n) || !yescrypt_number(&parameters, 1, &r) ||
	    !yescrypt_more(parameters, &p, &t) || !yescrypt_salt(salt) || log2_n < MIN_LOG2_N)
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = blocks_kib(log2_n, r, p) + UINT64_C(12) * p;
	need->work_kib = need->memory_kib * 20 / 3 * (t + 1);
	return need->memory_kib > MAX_KIB || t > MAX_PASSES ?
	    PASSWORD_FORM_TOO_COSTLY : PASSWORD_FORM_GOOD;
}

/* Thirty bits in five characters, the lowest first. */
static uint32_t
scrypt_number(struct slice text)
{
	uint32_t value = 0;

	for (size_t i = 5; i-- > 0;)
		value = value << 6 | digit_of(text.ptr[i]);
	return value;
}

/* $7$Nrrrrrpppppsalt$hash */
enum password_form
password_crypt_look_scrypt(struct slice hash, struct password_need *need)
{
	struct slice setting, rest;
	uint32_t r, p;

	if (!slice_cut(behind_prefix(hash), '$', &setting, &rest) ||
	    !password_crypt_alphabet(setting, 12, 97) || !password_crypt_alphabet(rest, 43, 43))
		return PASSWORD_FORM_MALFORMED;
	r = scrypt_number(slice_skip(setting, 1));
	p = scrypt_number(slice_skip(setting, 6));
	if (r == 0 || p == 0 || digit_of(setting.ptr[0]) < MIN_LOG2_N)
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = blocks_kib(digit_of(setting.ptr[0]), r, p);
	need->work_kib = need->memory_kib * 10 * (p > PASSWORD_MAX_LANES ? 1 : p);
	return need->memory_kib > MAX_KIB ? PASSWORD_FORM_TOO_COSTLY : PASSWORD_FORM_GOOD;
}

/* SHA-crypt: [rounds=N$]salt$hash. */
static enum password_form
look_sha_crypt(struct slice hash, size_t hash_len, struct password_need *need)
{
	struct slice text = behind_prefix(hash), rounds;
	uint64_t count = 5000;

	if (slice_starts(text, SLICE("rounds=")) &&
	    (!slice_cut(slice_skip(text, 7), '$', &rounds, &text) ||
	    !plain_number(rounds, &count) || count < 1000 || count > 999999999))
		return PASSWORD_FORM_MALFORMED;
	if (!salt_and_hash(text, 1, 16, hash_len))
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = 4;
	need->work_kib = count * 3 / 4;
	return count > MAX_ROUNDS ? PASSWORD_FORM_TOO_COSTLY : PASSWORD_FORM_GOOD;
}

enum password_form
password_crypt_look_sha512(struct slice hash, struct password_need *need)
{
	return look_sha_crypt(hash, 86, need);
}

enum password_form
password_crypt_look_sha256(struct slice hash, struct password_need *need)
{
	return look_sha_crypt(hash, 43, need);
}

/* $sha1$N$salt$hash */
enum password_form
password_crypt_look_sha1(struct slice hash, struct password_need *need)
{
	struct slice rounds, rest;
	uint64_t count;

	if (!slice_cut(behind_prefix(hash), '$', &rounds, &rest) || !plain_number(rounds, &count) ||
	    !salt_and_hash(rest, 1, 64, 28))
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = 4;
	need->work_kib = count > MAX_ROUNDS ? 0 : count * 11 / 10;
	return count > MAX_ROUNDS ? PASSWORD_FORM_TOO_COSTLY : PASSWORD_FORM_GOOD;
}

/* $md5$salt$$hash or $md5,rounds=N$salt$$hash; older ones have one '$' after the salt. */
enum password_form
password_crypt_look_sun(struct slice hash, struct password_need *need)
{
	struct slice rounds, salt, text = slice_skip(hash, 4);
	uint64_t count = 0;

	if (slice_starts(text, SLICE(",")) && (!slice_starts(text, SLICE(",rounds=")) ||
	    !slice_cut(slice_skip(text, 8), '$', &rounds, &text) || !plain_number(rounds, &count)))
		return PASSWORD_FORM_MALFORMED;
	if (count == 0)
		text = slice_skip(text, 1);
	if (!slice_cut(text, '$', &salt, &text) || !password_crypt_alphabet(salt, 1, 16))
		return PASSWORD_FORM_MALFORMED;
	if (slice_starts(text, SLICE("$")))
		text = slice_skip(text, 1);
	if (!password_crypt_alphabet(text, 22, 22))
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = 4;
	need->work_kib = count > MAX_ROUNDS ? 0 : (count + 4096) * 5 / 2;
	return count > MAX_ROUNDS ? PASSWORD_FORM_TOO_COSTLY : PASSWORD_FORM_GOOD;
}

/* $1$salt$hash */
enum password_form
password_crypt_look_md5(struct slice hash, struct password_need *need)
{
	if (!salt_and_hash(behind_prefix(hash), 1, 8, 22))
		return PASSWORD_FORM_MALFORMED;
	need->memory_kib = 4;
	need->work_kib = 350;
	return PASSWORD_FORM_GOOD;
}
