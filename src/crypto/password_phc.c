/*
 * Argon2 (RFC 9106) as PHC strings: all three types, both versions, any parameters within bounds.
 */
#include "crypto/password_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"

/* A PHC string taken apart. */
struct phc {
	struct argon2_work work;
	uint8_t hash[PART_MAX];
	size_t hash_len;
};

/* A number in 1..most after its introducing words; *text moves past both. */
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
	if (!slice_to_u64((struct slice){ text->ptr, digits }, &value) || value == 0 ||
	    value > most)
		return false;
	*text = slice_skip(*text, digits);
	*out = (uint32_t)value;
	return true;
}

/* PHC strings use base64's first alphabet without padding. */
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
		copy[i] = c;
		if (c == '+')
			copy[i] = '-';
		else if (c == '/')
			copy[i] = '_';
	}
	return base64url_decode((struct slice){ copy, text.len }, out, PART_MAX, len) &&
	    *len >= PART_MIN;
}

static bool
take_type(struct slice *text, argon2_type *out)
{
	static const struct {
		const char *words;
		argon2_type type;
	} types[] = { { "$argon2id$", Argon2_id }, { "$argon2i$", Argon2_i },
	    { "$argon2d$", Argon2_d } };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct slice words = slice_of(types[i].words);

		if (!slice_starts(*text, words))
			continue;
		*text = slice_skip(*text, words.len);
		*out = types[i].type;
		return true;
	}
	return false;
}

/* Without a version it is 16, the draft's: the parameter appeared with 19. */
static bool
take_version(struct slice *text, uint32_t *out)
{
	*out = ARGON2_VERSION_10;
	if (!slice_starts(*text, SLICE("v=")))
		return true;
	if (!take_number(text, SLICE("v="), ARGON2_VERSION_13, out) ||
	    !slice_starts(*text, SLICE("$")))
		return false;
	*text = slice_skip(*text, 1);
	return *out == ARGON2_VERSION_10 || *out == ARGON2_VERSION_13;
}

/* $argon2id$v=19$m=...,t=...,p=...$salt$hash, with bounded parameters. */
static enum password_form
phc_parse(struct slice text, struct phc *out)
{
	struct slice salt, hash, rest;

	if (!take_type(&text, &out->work.type) || !take_version(&text, &out->work.version) ||
	    !take_number(&text, SLICE("m="), UINT32_MAX, &out->work.cost.memory_kib) ||
	    !take_number(&text, SLICE(",t="), UINT32_MAX, &out->work.cost.passes) ||
	    !take_number(&text, SLICE(",p="), UINT32_MAX, &out->work.cost.lanes) ||
	    out->work.cost.memory_kib / 8 < out->work.cost.lanes)
		return PASSWORD_FORM_MALFORMED;
	if (!slice_cut(text, '$', &rest, &text) || rest.len != 0 ||
	    !slice_cut(text, '$', &salt, &hash) ||
	    !part_decode(salt, out->work.salt, &out->work.salt_len) ||
	    !part_decode(hash, out->hash, &out->hash_len))
		return PASSWORD_FORM_MALFORMED;
	if (out->work.cost.memory_kib > PASSWORD_MAX_MEMORY_KIB ||
	    out->work.cost.passes > PASSWORD_MAX_PASSES ||
	    out->work.cost.lanes > PASSWORD_MAX_LANES)
		return PASSWORD_FORM_TOO_COSTLY;
	return PASSWORD_FORM_GOOD;
}

enum password_form
password_phc_look(struct slice hash, struct password_need *need)
{
	struct phc phc;
	enum password_form form = phc_parse(hash, &phc);

	if (form == PASSWORD_FORM_GOOD) {
		need->memory_kib = phc.work.cost.memory_kib;
		need->work_kib = (uint64_t)phc.work.cost.memory_kib * phc.work.cost.passes;
	}
	secret_wipe(&phc, sizeof(phc));
	return form;
}

bool
password_phc_is_strong(struct slice hash, const struct password_cost *cost)
{
	struct phc phc;
	bool strong = phc_parse(hash, &phc) == PASSWORD_FORM_GOOD && phc.work.type == Argon2_id &&
	    phc.work.version == ARGON2_VERSION_13 && phc.work.cost.memory_kib >= cost->memory_kib &&
	    phc.work.cost.passes >= cost->passes && phc.work.cost.lanes >= cost->lanes &&
	    phc.work.salt_len >= SALT_SIZE && phc.hash_len >= HASH_SIZE;

	secret_wipe(&phc, sizeof(phc));
	return strong;
}

enum pt_err
password_phc_check(struct slice password, const char *hash, struct password_match *match)
{
	struct phc phc;
	uint8_t got[PART_MAX];
	enum pt_err err;

	if (phc_parse(slice_of(hash), &phc) != PASSWORD_FORM_GOOD)
		return PT_ERR_CORRUPT;
	err = password_argon2(&phc.work, password, got, phc.hash_len);
	*match = (struct password_match){
		.right = err == PT_OK && secret_eq(got, phc.hash, phc.hash_len),
		.whole = true,
	};
	secret_wipe(got, sizeof(got));
	secret_wipe(&phc, sizeof(phc));
	return err;
}

/* base64's first alphabet. */
static void
part_encode(const uint8_t *bytes, size_t len, char *out)
{
	base64url_encode(bytes, len, out);
	for (; *out; out++) {
		if (*out == '-')
			*out = '+';
		else if (*out == '_')
			*out = '/';
	}
}

void
password_phc_format(const struct argon2_work *work, const uint8_t hash[HASH_SIZE],
    char out[PASSWORD_HASH_SIZE])
{
	char salt_text[BASE64URL_LEN(PART_MAX) + 1], hash_text[BASE64URL_LEN(HASH_SIZE) + 1];

	part_encode(work->salt, work->salt_len, salt_text);
	part_encode(hash, HASH_SIZE, hash_text);
	snprintf(out, PASSWORD_HASH_SIZE, "$argon2id$v=19$m=%u,t=%u,p=%u$%s$%s",
	    work->cost.memory_kib, work->cost.passes, work->cost.lanes, salt_text, hash_text);
	secret_wipe(hash_text, sizeof(hash_text));
}
