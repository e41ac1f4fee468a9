#include "cmd/move/import_take.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "crypto/password.h"

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
