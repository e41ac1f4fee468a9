#include "cmd/import_json.h"

#include <stdio.h>

#include "base/base64url.h"
#include "base/json.h"
#include "cmd/units.h"
#include "core/username.h"

#define ID_BYTES 16

struct reading {
	const struct json *object;
	const struct import_rules *rules;
	struct import_line *out;
};

static bool
take_name(struct reading *reading)
{
	struct slice name;

	if (json_get_string(reading->object, "name", &name))
		return import_take_name(name, reading->rules, reading->out);
	import_refuse(reading->out, "every user has \"name\":\"...\"", "its \"name\" is missing, or no text");
	return false;
}

static bool
refuse_member(struct reading *reading, const char *name, const char *wanted)
{
	import_refuse(reading->out, NULL, "its \"%s\" is not %s", name, wanted);
	return false;
}

/* Whether the member is not there; null is as good. */
static bool
is_absent(const struct reading *reading, const char *name)
{
	enum json_kind kind = json_kind_of(reading->object, name);

	return kind == JSON_ABSENT || kind == JSON_NULL;
}

static bool
take_hash(struct reading *reading)
{
	struct slice hash;

	if (is_absent(reading, "hash"))
		return true;
	if (!json_get_string(reading->object, "hash", &hash) || hash.len == 0)
		return refuse_member(reading, "hash", "a text; leave it out for nobody to log in by a password");
	return import_take_hash(hash, reading->rules, reading->out);
}

static bool
take_groups(struct reading *reading)
{
	struct store_newcomer *newcomer = &reading->out->newcomer;
	struct buf groups = BUF_EMPTY;
	struct slice group;
	bool good = true;

	if (is_absent(reading, "groups"))
		return true;
	if (json_kind_of(reading->object, "groups") != JSON_ARRAY)
		return refuse_member(reading, "groups", "a list");
	for (size_t i = 0; good && i < json_array_len(reading->object, "groups"); i++) {
		good = json_array_string(reading->object, "groups", i, &group);
		if (good && i > 0)
			buf_putc(&groups, ',');
		if (good)
			buf_put(&groups, group);
	}
	good = good && groups_valid(buf_slice(&groups)) &&
	    slice_copy(buf_slice(&groups), newcomer->user.groups, sizeof(newcomer->user.groups));
	buf_free(&groups);
	newcomer->has_groups = good;
	return good || refuse_member(reading, "groups",
	    "a list of names of small letters, digits, \".\", \"_\" and \"-\", each once");
}

static bool
take_disabled(struct reading *reading)
{
	struct store_newcomer *newcomer = &reading->out->newcomer;

	if (is_absent(reading, "disabled"))
		return true;
	newcomer->has_disabled = json_get_bool(reading->object, "disabled", &newcomer->user.disabled);
	return newcomer->has_disabled || refuse_member(reading, "disabled", "true or false");
}

static bool
take_id(struct reading *reading)
{
	struct user *user = &reading->out->newcomer.user;
	uint8_t bytes[ID_BYTES];
	struct slice id;

	if (is_absent(reading, "id"))
		return true;
	if (json_get_string(reading->object, "id", &id) && base64url_decode_exact(id, bytes, sizeof(bytes)) &&
	    slice_copy(id, user->sub, sizeof(user->sub)))
		return true;
	return refuse_member(reading, "id", "an id of pintle's, 22 characters; leave it out for a new one");
}

static bool
take_time(struct reading *reading, const char *name, int64_t *out)
{
	struct slice text;

	if (is_absent(reading, name))
		return true;
	if (json_get_string(reading->object, name, &text) && text.len > 0 && text.ptr[text.len - 1] == 'Z' &&
	    units_parse_moment(text, reading->rules->now_ms, out) == NULL && *out >= 0)
		return true;
	return refuse_member(reading, name, "a time such as 2026-11-24T08:00:00Z");
}

/* A member that is passed over might have been meant: "group", say, or "pasword". */
static bool
knows_all_members(struct reading *reading)
{
	static const char *const known[] = {
		"name", "id", "hash", "groups", "disabled", "created_at", "password_set_at", "last_login_at",
	};
	struct slice name;

	for (size_t i = 0; json_member_name(reading->object, i, &name); i++) {
		size_t at = 0;

		while (at < sizeof(known) / sizeof(known[0]) && !slice_eq(name, slice_of(known[at])))
			at++;
		if (at < sizeof(known) / sizeof(known[0]))
			continue;
		import_refuse(reading->out, "the manual names the members that there are",
		    "it has a member, number %zu, that is not known", i + 1);
		return false;
	}
	return true;
}

void
import_json_read(struct slice line, const struct import_rules *rules, struct import_line *out)
{
	struct json *object;
	struct user *user = &out->newcomer.user;

	if (json_parse_object(line, &object) != PT_OK) {
		import_refuse(out, NULL, "it begins like a JSON object and is none");
		return;
	}
	struct reading reading = { object, rules, out };

	if (take_name(&reading) && knows_all_members(&reading) && take_hash(&reading) && take_groups(&reading) &&
	    take_disabled(&reading) && take_id(&reading) && take_time(&reading, "created_at", &user->created_at) &&
	    take_time(&reading, "password_set_at", &user->password_set_at) &&
	    take_time(&reading, "last_login_at", &user->last_login_at))
		out->verdict = IMPORT_GOOD;
	/* The text that it was borrowed from goes. */
	out->typed = slice_of(user->name);
	json_free(object);
}
