#include "cmd/move/import_line.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cmd/move/import_json.h"
#include "conf/units.h"
#include "core/username.h"
#include "crypto/password.h"

#define SHADOW_EXPIRES 5	/* fields behind the hash, up to the day on which the account ends */

void
import_refuse(struct import_line *out, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(out->why, sizeof(out->why), format, args);
	va_end(args);
	out->verdict = IMPORT_REFUSED;
	out->mend = mend;
}

static void
leave_out(struct import_line *out, const char *why)
{
	slice_copy(slice_of(why), out->why, sizeof(out->why));
	out->verdict = IMPORT_LEFT_OUT;
}

bool
import_take_name(struct slice typed, const struct import_rules *rules, struct import_line *out)
{
	static const char *const mend[] = {
		[USERNAME_ASCII] = "a name has 1 to 128 letters, digits, \".\", \"_\", \"-\" and \"@\": give this one another, or set usernames = unicode",
		[USERNAME_UNICODE] = "a name has 1 to 128 bytes of letters, digits, \".\", \"_\", \"-\" and \"@\": give this one another",
	};

	/* What is no name is not shown: in a file with its columns changed it is a hash, or a password. */
	if (username_fold(rules->usernames, typed, out->newcomer.user.name) == PT_OK && out->newcomer.user.name[0]) {
		out->typed = typed;
		return true;
	}
	import_refuse(out, mend[rules->usernames], "the name is none that a user can have");
	return false;
}

static bool
refuse_hash(enum password_form form, const char *kind, struct import_line *out)
{
	static const char anew[] = "set a new password: pintle user add NAME";

	switch (form) {
	case PASSWORD_FORM_UNKNOWN:
		import_refuse(out, anew, "behind the name is no hash that is known here");
		return false;
	case PASSWORD_FORM_MALFORMED:
		import_refuse(out, "look whether it was cut off or wrapped on its way", "the hash begins like %s and is none", kind);
		return false;
	case PASSWORD_FORM_TOO_WEAK:
		import_refuse(out, anew, "the hash is too weak (%s): other passwords open it, or anybody finds it at once", kind);
		return false;
	case PASSWORD_FORM_TOO_COSTLY:
		import_refuse(out, anew, "the hash (%s) wants more time or memory than any may take", kind);
		return false;
	case PASSWORD_FORM_GOOD:
		break;
	}
	return true;
}

bool
import_take_hash(struct slice hash, const struct import_rules *rules, struct import_line *out)
{
	const struct password_cost slot = { .memory_kib = (uint32_t)rules->slot_kib };
	struct password_need need;
	enum password_form form = password_look(hash, &need);

	out->kind = need.kind;
	if (!refuse_hash(form, need.kind, out))
		return false;
	if (password_weight(&need, &slot) > rules->slots) {
		import_refuse(out, "raise hashing_slots or hashing_memory (pintle.conf), and say it again",
		    "the hash (%s) takes %" PRIu64 " MiB, and all %u hashing slots together have %" PRIu64, need.kind,
		    (need.memory_kib + 1023) / 1024, rules->slots, rules->slots * rules->slot_kib / 1024);
		return false;
	}
	out->newcomer.has_hash = true;
	return slice_copy(hash, out->newcomer.user.password_hash, sizeof(out->newcomer.user.password_hash));
}

/* What stands where a hash should be. Takes off the "!" that locks an account; *locked tells. */
static bool
hash_is_there(struct slice *hash, bool *locked, struct import_line *out)
{
	struct slice bare = *hash;

	while (slice_starts(bare, SLICE("!")))
		bare = slice_skip(bare, 1);
	*locked = bare.len < hash->len;
	*hash = bare;
	if (slice_eq(bare, SLICE("*")) || (*locked && (bare.len == 0 || slice_eq(bare, SLICE("*")))))
		leave_out(out, "it has no password");
	else if (bare.len == 0)
		import_refuse(out, "set a password: pintle user add NAME", "its password is empty");
	else if (slice_eq(bare, SLICE("x")))
		import_refuse(out, "import /etc/shadow", "its hash is kept elsewhere");
	else
		return true;
	return false;
}

/* Whether the account's last day (shadow(5), days since 1970) is over. */
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
		import_refuse(out, "a line is NAME:HASH, as in htpasswd and shadow, or a JSON object", "there is no colon in it");
		return;
	}
	slice_cut(rest, ':', &hash, &rest);
	if (!import_take_name(name, rules, out) || !hash_is_there(&hash, &locked, out) || !import_take_hash(hash, rules, out))
		return;
	out->newcomer.user.disabled = locked || shadow_is_over(rest, rules->now_ms);
	out->newcomer.has_disabled = out->newcomer.user.disabled;
	out->verdict = IMPORT_GOOD;
}

static bool
is_blank(struct slice line)
{
	line = slice_trim(line);
	return line.len == 0 || line.ptr[0] == '#';
}

void
import_line_read(struct slice line, const struct import_rules *rules, struct import_line *out)
{
	*out = (struct import_line){ .verdict = IMPORT_REFUSED };
	if (is_blank(line))
		out->verdict = IMPORT_NOBODY;
	else if (slice_has_control(line))
		import_refuse(out, "save the file as plain text in UTF-8", "there are control characters in it");
	else if (line.ptr[0] == '{')
		import_json_read(line, rules, out);
	else
		read_colons(line, rules, out);
	if (out->verdict != IMPORT_GOOD || out->newcomer.has_groups || rules->groups.len == 0)
		return;
	out->newcomer.has_groups = slice_copy(rules->groups, out->newcomer.user.groups, sizeof(out->newcomer.user.groups));
}
