#include "cmd/check/users.h"

#include <string.h>

#include "core/username.h"
#include "worker/exit.h"

#define SHOWN 10	/* names; the rest are only counted */

struct looking {
	const struct settings *settings;
	enum pt_err err;
	uint64_t unreachable;
	struct buf names;
	uint64_t foreign;		/* hashes made by other programs */
	uint64_t over;			/* hashes that all slots together have no room for */
	char over_name[USER_NAME_SIZE];	/* of the first of these */
};

static void
look_at_name(struct looking *looking, const struct user *user)
{
	char name[USER_NAME_SIZE];

	looking->err = username_fold(looking->settings->usernames, slice_of(user->name), name);
	if (looking->err != PT_OK || strcmp(name, user->name) == 0)
		return;
	if (looking->unreachable++ < SHOWN)
		buf_printf(&looking->names, "%s%s", looking->names.len ? ", " : "", user->name);
}

static void
look_at_hash(struct looking *looking, const struct user *user)
{
	const struct settings *settings = looking->settings;
	const struct slice hash = slice_of(user->password_hash);
	struct password_need need;

	if (hash.len == 0)
		return;
	if (password_look(hash, &need) != PASSWORD_FORM_GOOD ||
	    password_weight(&need, &settings->password_cost) > settings->hashing_slots) {
		if (looking->over++ == 0)
			slice_copy(slice_of(user->name), looking->over_name,
			    sizeof(looking->over_name));
	} else if (!slice_starts(hash, SLICE("$argon2id$"))) {
		looking->foreign++;
	}
}

static bool
look_at(const struct user *user, void *ctx)
{
	struct looking *looking = ctx;

	look_at_hash(looking, user);
	look_at_name(looking, user);
	return looking->err == PT_OK;
}

static void
tell_names(struct findings *findings, const struct looking *looking)
{
	if (looking->unreachable == 0)
		return;
	findings_wrong(findings, EXIT_FAILED, "users",
	    "with usernames = %s, %llu of the names can no longer log in: %.*s%s",
	    looking->settings->usernames == USERNAME_ASCII ? "ascii" : "unicode",
	    (unsigned long long)looking->unreachable, SLICE_ARG(buf_slice(&looking->names)),
	    looking->unreachable > SHOWN ? ", ..." : "");
	findings_mend(findings, "set usernames = unicode; or, while that is set, pintle user "
	    "delete NAME");
}

static void
tell_hashes(struct findings *findings, const struct looking *looking)
{
	if (looking->over > 0) {
		findings_wrong(findings, EXIT_FAILED, "passwords",
		    "a user's hash needs more memory than all hashing slots have: %s%s",
		    looking->over_name, looking->over > 1 ? ", and others" : "");
		findings_mend(findings, "raise hashing_slots or hashing_memory; or pintle user "
		    "passwd %s",
		    looking->over_name);
	}
	if (looking->foreign > 0)
		findings_hint(findings, "passwords",
		    "hashes made by other programs, which are replaced when their users log in: "
		    "%llu",
		    (unsigned long long)looking->foreign);
}

void
check_users(struct findings *findings, const struct site *site)
{
	struct looking looking = { .settings = &site->settings, .names = BUF_EMPTY };
	enum pt_err err = store_user_each(site->store, look_at, &looking);

	/* A store that cannot be read to the end is reported where its records are checked. */
	if (err == PT_OK && looking.err == PT_OK) {
		tell_names(findings, &looking);
		tell_hashes(findings, &looking);
	}
	buf_free(&looking.names);
}
