#include "cmd/move/import_json.h"

#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "base/base64url.h"
#include "base/json.h"
#include "conf/units.h"
#include "core/username.h"

#define ID_BYTES 16
#define LAST_STEP_MAX (INT64_C(253402300799) / TOTP_PERIOD)	/* of the year 9999 */

struct import_object {
	const struct json *object;	/* the line's, or one in it */
	const struct import_rules *rules;
	struct import_line *out;
};

static bool
take_name(struct import_object *in)
{
	struct slice name;

	if (json_get_string(in->object, "name", &name))
		return import_take_name(name, in->rules, in->out);
	import_refuse(in->out, "every user has \"name\":\"...\"",
	    "its \"name\" is missing, or not a string");
	return false;
}

static bool
refuse_member(struct import_object *in, const char *name, const char *wanted)
{
	import_refuse(in->out, NULL, "its \"%s\" is not %s", name, wanted);
	return false;
}

/* Whether the member is missing, or null. */
static bool
is_absent(const struct import_object *in, const char *name)
{
	enum json_kind kind = json_kind_of(in->object, name);

	return kind == JSON_ABSENT || kind == JSON_NULL;
}

static bool
take_hash(struct import_object *in)
{
	struct slice hash;

	if (is_absent(in, "hash"))
		return true;
	if (!json_get_string(in->object, "hash", &hash) || hash.len == 0)
		return refuse_member(in, "hash",
		    "a string; leave it out for a user without a password");
	return import_take_hash(hash, in->rules, in->out);
}

static bool
take_groups(struct import_object *in)
{
	struct store_newcomer *newcomer = &in->out->newcomer;
	struct buf groups = BUF_EMPTY;
	struct slice group;
	bool good = true;

	if (is_absent(in, "groups"))
		return true;
	if (json_kind_of(in->object, "groups") != JSON_ARRAY)
		return refuse_member(in, "groups", "a list");
	for (size_t i = 0; good && i < json_array_len(in->object, "groups"); i++) {
		good = json_array_string(in->object, "groups", i, &group);
		if (good && i > 0)
			buf_putc(&groups, ',');
		if (good)
			buf_put(&groups, group);
	}
	good = good && groups_valid(buf_slice(&groups)) &&
	    slice_copy(buf_slice(&groups), newcomer->user.groups, sizeof(newcomer->user.groups));
	buf_free(&groups);
	newcomer->has_groups = good;
	return good || refuse_member(in, "groups",
	    "a list of names of small letters, digits, \".\", \"_\" and \"-\", each once");
}

static bool
take_disabled(struct import_object *in)
{
	struct store_newcomer *newcomer = &in->out->newcomer;

	if (is_absent(in, "disabled"))
		return true;
	newcomer->has_disabled = json_get_bool(in->object, "disabled", &newcomer->user.disabled);
	return newcomer->has_disabled || refuse_member(in, "disabled", "true or false");
}

static bool
take_id(struct import_object *in)
{
	struct user *user = &in->out->newcomer.user;
	uint8_t bytes[ID_BYTES];
	struct slice id;

	if (is_absent(in, "id"))
		return true;
	if (json_get_string(in->object, "id", &id) &&
	    base64url_decode_exact(id, bytes, sizeof(bytes)) &&
	    slice_copy(id, user->sub, sizeof(user->sub)))
		return true;
	return refuse_member(in, "id", "an id made by pintle, of 22 characters; leave it out to "
	    "get a new one");
}

static bool
take_time(struct import_object *in, const char *name, int64_t *out)
{
	struct slice text;

	if (is_absent(in, name))
		return true;
	if (json_get_string(in->object, name, &text) && text.len > 0 &&
	    text.ptr[text.len - 1] == 'Z' &&
	    units_parse_moment(text, in->rules->now_ms, out) == NULL && *out >= 0)
		return true;
	return refuse_member(in, name, "a time such as 2026-11-24T08:00:00Z");
}

/*
 * An unknown member is not skipped: it may be a misspelt one, such as "group" or "pasword". where:
 * "" or " of \"otp\"".
 */
static bool
knows_all_members(struct import_object *in, const char *const *known, const char *where)
{
	struct slice name;

	for (size_t i = 0; json_member_name(in->object, i, &name); i++) {
		size_t at = 0;

		while (known[at] && !slice_eq(name, slice_of(known[at])))
			at++;
		if (known[at])
			continue;
		import_refuse(in->out, "the manual lists the members",
		    "it has an unknown member%s, number %zu", where, i + 1);
		return false;
	}
	return true;
}

/* ---- the second factor ---- */

static bool
refuse_otp(struct import_object *in, const char *what)
{
	import_refuse(in->out, "remove \"otp\"; pintle user otp NAME sets up another",
	    "its second factor %s", what);
	return false;
}

/* Whether the member is missing, or has this value. */
static bool
is_or_absent(const struct import_object *in, const char *name, int64_t wanted)
{
	int64_t value;

	return is_absent(in, name) ||
	    (json_get_integer(in->object, name, &value) && value == wanted);
}

/* Only codes that we can compute: another kind would lock its user out. */
static bool
take_kind(struct import_object *in)
{
	struct slice algorithm = SLICE("SHA1");

	if (is_or_absent(in, "digits", TOTP_DIGITS) && is_or_absent(in, "period", TOTP_PERIOD) &&
	    (is_absent(in, "algorithm") || json_get_string(in->object, "algorithm", &algorithm)) &&
	    slice_eq(algorithm, SLICE("SHA1")))
		return true;
	return refuse_otp(in, "does not use SHA1, 6 digits and 30 seconds, the only kind "
	    "supported");
}

static bool
take_secret(struct import_object *in)
{
	struct slice text;

	if (json_get_string(in->object, "secret", &text) &&
	    base32_decode_exact(text, in->out->otp_secret, TOTP_SECRET_SIZE))
		return true;
	return refuse_otp(in, "has no \"secret\" of 160 bits in base32, 32 characters");
}

static bool
take_last_step(struct import_object *in)
{
	int64_t step = 0;

	if (!is_absent(in, "last_step") &&
	    (!json_get_integer(in->object, "last_step", &step) || step < 0 || step > LAST_STEP_MAX))
		return refuse_otp(in, "has a \"last_step\" that is not the number of a time step");
	in->out->newcomer.otp.last_step = (uint64_t)step;
	return true;
}

/* Takes one more hash; false if it is not one, or is there already. */
static bool
put_recovery(struct otp *otp, size_t i, struct slice text)
{
	static const uint8_t spent[DIGEST_SIZE];

	if (!base64url_decode_exact(text, otp->recovery[i], DIGEST_SIZE) ||
	    memcmp(otp->recovery[i], spent, DIGEST_SIZE) == 0)
		return false;
	for (size_t before = 0; before < i; before++)
		if (memcmp(otp->recovery[before], otp->recovery[i], DIGEST_SIZE) == 0)
			return false;
	return true;
}

static bool
take_recovery(struct import_object *in)
{
	size_t count = json_array_len(in->object, "recovery_hashes");
	struct slice text;
	bool good = is_absent(in, "recovery_hashes") ||
	    json_kind_of(in->object, "recovery_hashes") == JSON_ARRAY;

	good = good && count <= OTP_RECOVERY_CODES;
	for (size_t i = 0; good && i < count; i++)
		good = json_array_string(in->object, "recovery_hashes", i, &text) &&
		    put_recovery(&in->out->newcomer.otp, i, text);
	return good || refuse_otp(in, "has \"recovery_hashes\" that are not a list of at most ten "
	    "different SHA-256 hashes in base64url");
}

static bool
take_otp(struct import_object *line)
{
	static const char *const known[] = {
		"secret", "algorithm", "digits", "period", "enrolled_at", "last_step",
		"recovery_hashes", "recovery_at", NULL,
	};
	struct import_object in = { json_get_object(line->object, "otp"), line->rules, line->out };
	struct store_newcomer *newcomer = &line->out->newcomer;

	if (is_absent(line, "otp"))
		return true;
	if (in.object == NULL)
		return refuse_member(line, "otp",
		    "an object; leave it out if there is no second factor");
	newcomer->otp.on = newcomer->has_otp = true;
	return knows_all_members(&in, known, " of \"otp\"") && take_kind(&in) && take_secret(&in) &&
	    take_last_step(&in) && take_recovery(&in) &&
	    take_time(&in, "enrolled_at", &newcomer->otp.enrolled_at) &&
	    take_time(&in, "recovery_at", &newcomer->otp.recovery_at);
}

void
import_json_read(struct slice line, const struct import_rules *rules, struct import_line *out)
{
	static const char *const known[] = {
		"name", "id", "hash", "groups", "disabled", "created_at", "password_set_at",
		"last_login_at", "otp", NULL,
	};
	struct json *object;
	struct user *user = &out->newcomer.user;

	if (json_parse_object(line, &object) != PT_OK) {
		import_refuse(out, NULL, "it begins like a JSON object, but is not one");
		return;
	}
	struct import_object in = { object, rules, out };

	if (take_name(&in) && knows_all_members(&in, known, "") && take_hash(&in) &&
	    take_groups(&in) &&
	    take_disabled(&in) && take_id(&in) && take_time(&in, "created_at", &user->created_at) &&
	    take_time(&in, "password_set_at", &user->password_set_at) &&
	    take_time(&in, "last_login_at", &user->last_login_at) && take_otp(&in))
		out->verdict = IMPORT_GOOD;
	/* The text that it points into is about to be freed. */
	out->typed = slice_of(user->name);
	json_free(object);
}
