#include "crypto/password_internal.h"

#include <string.h>

/*
 * Kinds that are easily broken, or that several passwords open. They have names so that the refusal
 * can say why (DESIGN.md, DES, NT and $2x$ are not accepted).
 */
static enum password_form
look_weak(struct slice hash, struct password_need *need)
{
	(void)hash;
	(void)need;
	return PASSWORD_FORM_TOO_WEAK;
}

static const struct password_kind kinds[] = {
	{ "$argon2id$", "argon2id", password_phc_look, password_phc_check },
	{ "$argon2i$", "argon2i", password_phc_look, password_phc_check },
	{ "$argon2d$", "argon2d", password_phc_look, password_phc_check },
	{ "$y$", "yescrypt", password_crypt_look_yescrypt, password_crypt_check },
	{ "$gy$", "gost-yescrypt", password_crypt_look_yescrypt, password_crypt_check },
	{ "$7$", "scrypt", password_crypt_look_scrypt, password_crypt_check },
	{ "$2a$", "bcrypt", password_crypt_look_bcrypt, password_crypt_check_bcrypt },
	{ "$2b$", "bcrypt", password_crypt_look_bcrypt, password_crypt_check_bcrypt },
	{ "$2y$", "bcrypt", password_crypt_look_bcrypt, password_crypt_check_bcrypt },
	/* Made by a program that treated bytes as signed: other passwords open it too. */
	{ "$2x$", "bcrypt of a faulty program", look_weak, NULL },
	{ "$6$", "sha512crypt", password_crypt_look_sha512, password_crypt_check },
	{ "$5$", "sha256crypt", password_crypt_look_sha256, password_crypt_check },
	{ "$sha1$", "sha1crypt", password_crypt_look_sha1, password_crypt_check },
	{ "$md5$", "SunMD5", password_crypt_look_sun, password_crypt_check },
	{ "$md5,", "SunMD5", password_crypt_look_sun, password_crypt_check },
	{ "$1$", "md5crypt", password_crypt_look_md5, password_crypt_check },
	{ "$apr1$", "apr1", password_web_look_apr1, password_web_check_apr1 },
	{ "{SHA}", "SHA-1", password_web_look_sha, password_web_check_sha },
	{ "{SSHA}", "salted SHA-1", password_web_look_sha, password_web_check_sha },
	/* MD4 without salt. */
	{ "$3$", "NT hash", look_weak, NULL },
};

/*
 * DES reads seven bits of the first eight characters, its BSDI form seven bits of each. Neither has
 * a real prefix.
 */
static const struct password_kind des = { "", "DES crypt", look_weak, NULL };

static bool
is_des(struct slice hash)
{
	return password_crypt_alphabet(hash, 13, 13) ||
	    (slice_starts(hash, SLICE("_")) &&
	    password_crypt_alphabet(slice_skip(hash, 1), 19, 19));
}

const struct password_kind *
password_kind_of(struct slice hash)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_starts(hash, slice_of(kinds[i].prefix)))
			return &kinds[i];
	return is_des(hash) ? &des : NULL;
}

enum password_form
password_look(struct slice hash, struct password_need *need)
{
	const struct password_kind *kind = password_kind_of(hash);

	*need = (struct password_need){ .kind = kind ? kind->name : NULL };
	if (kind == NULL)
		return PASSWORD_FORM_UNKNOWN;
	if (hash.len >= PASSWORD_HASH_SIZE || slice_has_control(hash))
		return PASSWORD_FORM_MALFORMED;
	return kind->look(hash, need);
}

unsigned
password_weight(const struct password_need *need, const struct password_cost *cost)
{
	uint64_t slots = (need->memory_kib + cost->memory_kib - 1) / cost->memory_kib;

	if (slots > PASSWORD_SLOTS_MAX)
		return PASSWORD_SLOTS_MAX + 1;
	return slots == 0 ? 1 : (unsigned)slots;
}
