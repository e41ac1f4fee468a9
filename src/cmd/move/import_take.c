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
		[USERNAME_ASCII] = "a name has 1 to 128 letters, digits, \".\", \"_\", \"-\" and "
		    "\"@\": rename this user, or set usernames = unicode",
		[USERNAME_UNICODE] = "a name has 1 to 128 bytes of letters, digits, \".\", \"_\", "
		    "\"-\" and \"@\": rename this user",
	};

	/*
	 * A name that is not allowed is not shown: if the columns were swapped, it is a hash or a
	 * password.
	 */
	if (username_fold(rules->usernames, typed, out->newcomer.user.name) == PT_OK &&
	    out->newcomer.user.name[0]) {
		out->typed = typed;
		return true;
	}
	import_refuse(out, mend[rules->usernames], "the name is not allowed");
	return false;
}

static bool
refuse_hash(enum password_form form, const char *kind, struct import_line *out)
{
	static const char anew[] = "set a new password: pintle user add NAME";

	switch (form) {
	case PASSWORD_FORM_UNKNOWN:
		import_refuse(out, anew, "its hash is of no known kind");
		return false;
	case PASSWORD_FORM_MALFORMED:
		import_refuse(out, "check whether it was cut off or wrapped on the way",
		    "the hash begins like %s, but is not one", kind);
		return false;
	case PASSWORD_FORM_TOO_WEAK:
		import_refuse(out, anew,
		    "the hash is too weak (%s): it is cracked at once, or other passwords match it "
		    "too", kind);
		return false;
	case PASSWORD_FORM_TOO_COSTLY:
		import_refuse(out, anew,
		    "the hash (%s) needs more time or memory than any is allowed", kind);
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
		import_refuse(out, "raise hashing_slots or hashing_memory (pintle.conf), and "
		    "import again",
		    "the hash (%s) needs %" PRIu64 " MiB, but all %u hashing slots together have "
		    "%" PRIu64, need.kind,
		    (need.memory_kib + 1023) / 1024, rules->slots,
		    rules->slots * rules->slot_kib / 1024);
		return false;
	}
	out->newcomer.has_hash = true;
	return slice_copy(hash, out->newcomer.user.password_hash,
	    sizeof(out->newcomer.user.password_hash));
}
