/* pintle user: add, list, show, passwd, groups, disable, enable, delete. */
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "cmd/site/new_password.h"
#include "cmd/site/site.h"
#include "cmd/term/grid.h"
#include "cmd/term/json_list.h"
#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "core/otp.h"
#include "crypto/totp.h"
#include "web/pages/view.h"
#include "worker/exit.h"

/* ---- add ---- */

static int
say_taken(const char *name)
{
	output_say("there is a user %s already; pintle user passwd sets a new password", name);
	return EXIT_FAILED;
}

/* What can be checked before the caller is asked for a password. */
static int
check_new_name(const struct site *site, const char *typed, char name[USER_NAME_SIZE])
{
	struct user other;
	bool taken;
	int status = site_user_name(site, typed, name);

	if (status != EXIT_OK)
		return status;
	enum pt_err err = store_user_by_name(site->store, slice_of(name), &other, &taken);

	if (err != PT_OK)
		return site_fail("look the user up", err);
	return taken ? say_taken(name) : EXIT_OK;
}

static int
add(const struct site *site, const struct arguments *arguments)
{
	const char *groups = arguments->value[OPTION_GROUPS];
	struct user user = { 0 };
	int status = site_check_groups(groups);
	bool added;

	if (status == EXIT_OK)
		status = check_new_name(site, arguments->operand[0], user.name);
	if (status == EXIT_OK)
		status = new_password(site, arguments, user.name, user.password_hash);
	if (status != EXIT_OK)
		return status;
	slice_copy(slice_of(groups), user.groups, sizeof(user.groups));

	struct store_caller caller = site_caller();
	enum pt_err err = store_user_add(site->store, &caller, &user, &added);

	secret_wipe(user.password_hash, sizeof(user.password_hash));
	if (err != PT_OK)
		return site_fail("add the user", err);
	if (!added)
		return say_taken(user.name);
	output_line("%s was added.", user.name);
	return EXIT_OK;
}

int
cmd_user_add(const struct arguments *arguments)
{
	return site_run(arguments, add);
}

/* ---- list and show ---- */

static const char *
user_state(const struct user *user)
{
	if (user->disabled)
		return "disabled";
	return user->password_hash[0] ? "enabled" : "no password";
}

static void
put_members(struct json_writer *json, const struct user *user)
{
	json_put_cstr(json, "name", user->name);
	json_put_cstr(json, "id", user->sub);
	view_names(json, "groups", slice_of(user->groups));
	json_put_bool(json, "disabled", user->disabled);
	json_put_bool(json, "has_password", user->password_hash[0] != '\0');
	json_put_time(json, "created_at", user->created_at);
	json_put_time(json, "password_set_at", user->password_set_at);
	json_put_time(json, "last_login_at", user->last_login_at);
}

static bool
user_list_json(const struct user *user, void *ctx)
{
	struct json_list *list = ctx;

	json_open(&list->json, NULL);
	put_members(&list->json, user);
	json_close(&list->json);
	json_list_next(list);
	return true;
}

static bool
user_list_row(const struct user *user, void *ctx)
{
	struct grid *grid = ctx;

	grid_put_cstr(grid, user->name);
	grid_put_cstr(grid, user_state(user));
	grid_put_cstr(grid, user->groups);
	grid_put_time(grid, user->created_at);
	grid_put_time(grid, user->last_login_at);
	return true;
}

static int
user_list(const struct site *site, const struct arguments *arguments)
{
	static const char *const heads[] = { "NAME", "STATE", "GROUPS", "ADDED", "LAST LOGIN" };
	struct json_list list;
	enum pt_err err;

	if (arguments->value[OPTION_JSON]) {
		json_list_begin(&list, "users");
		err = store_user_each(site->store, user_list_json, &list);
		json_list_end(&list);
	} else {
		struct grid grid = grid_new(heads, sizeof(heads) / sizeof(heads[0]));

		err = store_user_each(site->store, user_list_row, &grid);
		grid_end(&grid);
	}
	return err == PT_OK ? EXIT_OK : site_fail("list the users", err);
}

int
cmd_user_list(const struct arguments *arguments)
{
	return site_run(arguments, user_list);
}

static bool
count_session(const struct session *session, enum reason standing, void *ctx)
{
	uint64_t *count = ctx;

	(void)session;
	*count += standing == REASON_NONE;
	return true;
}

/*
 * "on since WHEN, recovery codes left: 10": what an administrator wants to know about a second
 * factor.
 */
static void
otp_state(const struct otp *otp, char *out, size_t cap)
{
	char since[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	int64_t good_from_ms = ((int64_t)otp->last_step + 1) * TOTP_PERIOD * 1000;
	bool ahead = good_from_ms > clock_now().wall_ms + (TOTP_SPREAD + 1) * TOTP_PERIOD * 1000;
	size_t at;

	if (!otp->on) {
		snprintf(out, cap, "off");
		return;
	}
	clock_format(otp->enrolled_at, since);
	clock_format(good_from_ms, until);
	at = (size_t)snprintf(out, cap, "on since %s, recovery codes left: %u", since,
	    otp_recovery_left(otp));
	if (ahead && at < cap)
		snprintf(out + at, cap - at, "; the clock was ahead: no code is good before %s",
		    until);
}

static void
user_show_text(const struct user *user, const struct otp *otp, uint64_t sessions)
{
	char factor[160];
	char created[CLOCK_TEXT_SIZE], set[CLOCK_TEXT_SIZE] = "never",
	    login[CLOCK_TEXT_SIZE] = "never";

	clock_format(user->created_at, created);
	if (user->password_set_at)
		clock_format(user->password_set_at, set);
	if (user->last_login_at)
		clock_format(user->last_login_at, login);
	output_line("name          %s", user->name);
	output_line("id            %s", user->sub);
	output_line("state         %s", user_state(user));
	output_line("groups        %s", user->groups[0] ? user->groups : "-");
	output_line("added         %s", created);
	output_line("password set  %s", set);
	output_line("last login    %s", login);
	otp_state(otp, factor, sizeof(factor));
	output_line("second factor %s", factor);
	output_line("sessions      %llu", (unsigned long long)sessions);
}

static void
user_show_json(const struct user *user, const struct otp *otp, uint64_t sessions)
{
	struct buf text = BUF_EMPTY;
	struct json_writer json = json_writer(&text);

	json_open(&json, NULL);
	put_members(&json, user);
	json_put_bool(&json, "otp", otp->on);
	json_put_time(&json, "otp_enrolled_at", otp->on ? otp->enrolled_at : 0);
	json_put_integer(&json, "recovery_codes_left", otp_recovery_left(otp));
	json_put_integer(&json, "sessions", (int64_t)sessions);
	json_close(&json);
	buf_putc(&text, '\n');
	output_write(buf_slice(&text));
	buf_free(&text);
}

/* ---- changes of one user: for each, the site is opened and the user is found ---- */

typedef int action(const struct site *site, const struct arguments *arguments,
    const struct user *user);

static int
with_user(const struct arguments *arguments, action *act)
{
	struct site site;
	struct user user;
	int status = site_open(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = site_user(&site, arguments->operand[0], &user);
	if (status == EXIT_OK)
		status = act(&site, arguments, &user);
	secret_wipe(user.password_hash, sizeof(user.password_hash));
	site_close(&site);
	return status;
}

static int
user_show(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	uint64_t sessions = 0;
	struct otp otp;
	bool found;
	enum pt_err err = store_session_each(site->store, clock_now(), user->number, false,
	    count_session, &sessions);

	if (err != PT_OK)
		return site_fail("count the user's sessions", err);
	err = store_otp_get(site->store, user->number, &otp, &found);
	if (err != PT_OK)
		return site_fail("read the user's second factor", err);
	if (arguments->value[OPTION_JSON])
		user_show_json(user, &otp, sessions);
	else
		user_show_text(user, &otp, sessions);
	return EXIT_OK;
}

/* Reports how a change of a user ended: somebody else may have deleted the user meanwhile. */
static int
changed(const char *attempt, enum pt_err err, bool found)
{
	if (err != PT_OK)
		return site_fail(attempt, err);
	if (found)
		return EXIT_OK;
	output_say("cannot %s: the user has just been deleted", attempt);
	return EXIT_FAILED;
}

static int
passwd(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	char hash[PASSWORD_HASH_SIZE];
	enum store_change result = CHANGE_NONE;
	int status = new_password(site, arguments, user->name, hash);

	if (status != EXIT_OK)
		return status;

	struct store_caller caller = site_caller();
	enum pt_err err = store_user_set_password(site->store, &caller, user->number, NULL, hash, 0,
	    &result);

	secret_wipe(hash, sizeof(hash));
	status = changed("set the password", err, result == CHANGE_DONE);
	if (status == EXIT_OK)
		output_line("%s has %s password; all sessions were ended.", user->name,
		    arguments->value[OPTION_NO_PASSWORD] ? "no" : "a new");
	return status;
}

static int
set_groups(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	struct store_caller caller = site_caller();
	bool found = false;
	int status = site_check_groups(arguments->operand[1]);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = store_user_set_groups(site->store, &caller, user->number,
	    slice_of(arguments->operand[1]), &found);

	return changed("set the groups", err, found);
}

static int
set_disabled(const struct site *site, const struct user *user, bool disabled)
{
	struct store_caller caller = site_caller();
	bool found = false;
	enum pt_err err = store_user_set_disabled(site->store, &caller, user->number, disabled,
	    &found);
	int status = changed(disabled ? "disable the user" : "enable the user", err, found);

	if (status == EXIT_OK)
		output_line("%s is %s.", user->name,
		    disabled ? "disabled; all sessions were ended" : "enabled");
	return status;
}

static int
disable(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	(void)arguments;
	return set_disabled(site, user, true);
}

static int
enable(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	(void)arguments;
	return set_disabled(site, user, false);
}

static int
delete(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	char question[USER_NAME_SIZE + 64];
	bool found = false;

	snprintf(question, sizeof(question), "Delete %s and all sessions for good?", user->name);
	if (!arguments->value[OPTION_YES] && !prompt_confirm(question))
		return EXIT_FAILED;

	struct store_caller caller = site_caller();
	enum pt_err err = store_user_delete(site->store, &caller, user->number, &found);
	int status = changed("delete the user", err, found);

	if (status == EXIT_OK)
		output_line("%s was deleted.", user->name);
	return status;
}

int
cmd_user_show(const struct arguments *arguments)
{
	return with_user(arguments, user_show);
}

int
cmd_user_passwd(const struct arguments *arguments)
{
	return with_user(arguments, passwd);
}

int
cmd_user_groups(const struct arguments *arguments)
{
	return with_user(arguments, set_groups);
}

int
cmd_user_disable(const struct arguments *arguments)
{
	return with_user(arguments, disable);
}

int
cmd_user_enable(const struct arguments *arguments)
{
	return with_user(arguments, enable);
}

int
cmd_user_delete(const struct arguments *arguments)
{
	return with_user(arguments, delete);
}
