#include "cmd/check_users.h"

#include <string.h>

#include "cmd/exit.h"
#include "core/username.h"

#define SHOWN 10	/* names; the rest is counted */

struct looking {
	enum username_form form;
	enum pt_err err;
	uint64_t unreachable;
	struct buf names;
};

static bool
look_at(const struct user *user, void *ctx)
{
	struct looking *looking = ctx;
	char name[USER_NAME_SIZE];

	looking->err = username_fold(looking->form, slice_of(user->name), name);
	if (looking->err != PT_OK)
		return false;
	if (strcmp(name, user->name) == 0)
		return true;
	if (looking->unreachable++ < SHOWN)
		buf_printf(&looking->names, "%s%s", looking->names.len ? ", " : "", user->name);
	return true;
}

static void
tell(struct findings *findings, const struct looking *looking)
{
	findings_wrong(findings, EXIT_FAILED, "users", "usernames = %s reaches %llu of the names no more: %.*s%s",
	    looking->form == USERNAME_ASCII ? "ascii" : "unicode", (unsigned long long)looking->unreachable,
	    SLICE_ARG(buf_slice(&looking->names)), looking->unreachable > SHOWN ? ", ..." : "");
	findings_mend(findings, "usernames = unicode; or, while it is set, pintle user delete NAME");
}

void
check_users(struct findings *findings, const struct site *site)
{
	struct looking looking = { .form = site->settings.usernames, .names = BUF_EMPTY };
	enum pt_err err = store_user_each(site->store, look_at, &looking);

	/* A store that cannot be read to its end is told of where its records are looked at. */
	if (err == PT_OK && looking.err == PT_OK && looking.unreachable)
		tell(findings, &looking);
	buf_free(&looking.names);
}
