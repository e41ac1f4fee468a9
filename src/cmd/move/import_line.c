#include "cmd/move/import_line.h"

#include "cmd/move/import_json.h"
#include "conf/units.h"

/* fields after the hash, up to the day on which the account expires */
#define SHADOW_EXPIRES 5

/*
 * Whether there is a hash. Removes the "!" that locks an account, and sets *locked if there was
 * one.
 */
static bool
hash_is_there(struct slice *hash, bool *locked, struct import_line *out)
{
	struct slice bare = *hash;

	while (slice_starts(bare, SLICE("!")))
		bare = slice_skip(bare, 1);
	*locked = bare.len < hash->len;
	*hash = bare;
	if (slice_eq(bare, SLICE("*")) ||
	    (*locked && (bare.len == 0 || slice_eq(bare, SLICE("*"))))) {
		out->verdict = IMPORT_LEFT_OUT;
		slice_copy(SLICE("it has no password"), out->why, sizeof(out->why));
	} else if (bare.len == 0) {
		import_refuse(out, "set a password: pintle user add NAME", "its password is empty");
	} else if (slice_eq(bare, SLICE("x"))) {
		import_refuse(out, "import /etc/shadow", "its hash is in another file");
	} else {
		return true;
	}
	return false;
}

/* Whether the account has expired (shadow(5), in days since 1970). */
static bool
shadow_is_over(struct slice fields, int64_t now_ms)
{
	struct slice field = { NULL, 0 };
	uint64_t day;

	for (int i = 0; i <= SHADOW_EXPIRES; i++)
		slice_cut(fields, ':', &field, &fields);
	return slice_to_u64(field, &day) && day <= (uint64_t)(now_ms / UNITS_DAY);
}

static void
read_colons(struct slice line, const struct import_rules *rules, struct import_line *out)
{
	struct slice name, hash, rest;
	bool locked;

	if (!slice_cut(line, ':', &name, &rest)) {
		import_refuse(out, "a line is NAME:HASH, as in htpasswd and shadow, or a JSON "
		    "object", "it has no colon");
		return;
	}
	slice_cut(rest, ':', &hash, &rest);
	if (!import_take_name(name, rules, out) || !hash_is_there(&hash, &locked, out) ||
	    !import_take_hash(hash, rules, out))
		return;
	out->newcomer.user.disabled = locked || shadow_is_over(rest, rules->now_ms);
	out->newcomer.has_disabled = out->newcomer.user.disabled;
	out->verdict = IMPORT_GOOD;
}

void
import_line_read(struct slice line, const struct import_rules *rules, struct import_line *out)
{
	const struct slice text = slice_trim(line);

	*out = (struct import_line){ .verdict = IMPORT_REFUSED };
	if (text.len == 0 || text.ptr[0] == '#')
		out->verdict = IMPORT_NOBODY;
	else if (slice_has_control(line))
		import_refuse(out, "save the file as plain text in UTF-8",
		    "it has control characters");
	else if (line.ptr[0] == '{')
		import_json_read(line, rules, out);
	else
		read_colons(line, rules, out);
	if (out->verdict != IMPORT_GOOD || out->newcomer.has_groups || rules->groups.len == 0)
		return;
	out->newcomer.has_groups = slice_copy(rules->groups, out->newcomer.user.groups,
	    sizeof(out->newcomer.user.groups));
}
