/* pintle user invite and reset: one-time links by which people set their own passwords. */
#include <string.h>

#include "base/json.h"
#include "base/secret.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "conf/units.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "token/link_token.h"
#include "worker/exit.h"

#define INVITE_MS (7 * UNITS_DAY)
#define RESET_MS UNITS_HOUR
#define VALID_LEAST_MS UNITS_SECOND
#define VALID_MOST_MS (90 * UNITS_DAY)

static int
read_valid(const struct arguments *arguments, int64_t fallback_ms, int64_t *out_ms)
{
	const char *text = arguments->value[OPTION_VALID];
	const char *problem = NULL;

	*out_ms = fallback_ms;
	if (text == NULL)
		return EXIT_OK;
	problem = units_parse_duration(slice_of(text), out_ms);
	if (problem == NULL && (*out_ms < VALID_LEAST_MS || *out_ms > VALID_MOST_MS))
		problem = "is not between 1 second and 90 days";
	if (problem == NULL)
		return EXIT_OK;
	output_say("--valid: \"%s\" %s", text, problem);
	return EXIT_USAGE;
}

/*
 * Shows the link, this once: only the address goes to standard output, so that a program can send
 * it.
 */
static int
show(const struct site *site, const struct arguments *arguments, const struct user *user,
    const char *token, int64_t until_ms)
{
	char until[CLOCK_TEXT_SIZE];
	struct buf link = BUF_EMPTY, text = BUF_EMPTY;
	struct json_writer json = json_writer(&text);

	clock_format(until_ms, until);
	buf_printf(&link, "%s/link#%s", site->settings.issuer, token);
	if (arguments->value[OPTION_JSON]) {
		json_open(&json, NULL);
		json_put_cstr(&json, "name", user->name);
		json_put_string(&json, "link", buf_slice(&link));
		json_put_time(&json, "valid_until", until_ms);
		json_close(&json);
	} else {
		output_say("%s can set a password once with this link, until %s; it is not shown "
		    "again:", user->name, until);
		buf_put(&text, buf_slice(&link));
	}
	buf_putc(&text, '\n');
	enum pt_err err = buf_status(&link) != PT_OK ? PT_ERR_NOMEM : buf_status(&text);

	if (err == PT_OK)
		output_write(buf_slice(&text));
	buf_free(&link);
	buf_free(&text);
	return err == PT_OK ? EXIT_OK : site_fail("show the link", err);
}

static enum pt_err
make(const struct site *site, const struct user *user, int64_t until_ms,
    char token[LINK_TOKEN_SIZE], enum store_change *result)
{
	struct store_caller caller = site_caller();
	struct store_link link = { .user_number = user->number };
	struct link_token made = { .user_number = user->number };
	enum pt_err err = random_bytes(made.secret, sizeof(made.secret));

	*result = CHANGE_NONE;
	if (err == PT_OK)
		err = digest_sha256(made.secret, sizeof(made.secret), link.secret_hash);
	if (err == PT_OK)
		err = store_link_make(site->store, &caller, &link, until_ms, result);
	if (err == PT_OK)
		link_token_format(&made, token);
	secret_wipe(&made, sizeof(made));
	return err;
}

static int
make_link(const struct site *site, const struct arguments *arguments, const struct user *user,
    int64_t valid_ms)
{
	int64_t until_ms = clock_now().wall_ms + valid_ms;
	char token[LINK_TOKEN_SIZE];
	enum store_change result;
	int status = EXIT_FAILED;
	enum pt_err err = make(site, user, until_ms, token, &result);

	if (err != PT_OK)
		status = site_fail("make the link", err);
	else if (result == CHANGE_USER_DISABLED)
		output_say("%s is disabled; pintle user enable lets them in again", user->name);
	else if (result != CHANGE_DONE)
		output_say("%s was deleted meanwhile", user->name);
	else
		status = show(site, arguments, user, token, until_ms);
	secret_wipe(token, sizeof(token));
	return status;
}

static int
reset(const struct site *site, const struct arguments *arguments)
{
	struct user user;
	int64_t valid_ms;
	int status = read_valid(arguments, RESET_MS, &valid_ms);

	if (status == EXIT_OK)
		status = site_user(site, arguments->operand[0], &user);
	if (status != EXIT_OK)
		return status;
	status = make_link(site, arguments, &user, valid_ms);
	secret_wipe(user.password_hash, sizeof(user.password_hash));
	return status;
}

/*
 * Finds the user to invite, or adds them without a password. A user who has a password is not
 * invited again.
 */
static int
invited(const struct site *site, const struct arguments *arguments, struct user *user)
{
	struct store_caller caller = site_caller();
	const char *groups = arguments->value[OPTION_GROUPS];
	char name[USER_NAME_SIZE];
	bool found = false, added = false;
	int status = site_check_groups(groups);

	if (status == EXIT_OK)
		status = site_user_name(site, arguments->operand[0], name);
	if (status != EXIT_OK)
		return status;
	enum pt_err err = store_user_by_name(site->store, slice_of(name), user, &found);

	if (err == PT_OK && !found) {
		*user = (struct user){ 0 };
		memcpy(user->name, name, sizeof(user->name));
		slice_copy(slice_of(groups), user->groups, sizeof(user->groups));
		err = store_user_add(site->store, &caller, user, &added);
	} else if (err == PT_OK && groups && !user->password_hash[0]) {
		err = store_user_set_groups(site->store, &caller, user->number, slice_of(groups),
		    &found);
	}
	if (err != PT_OK)
		return site_fail("add the user", err);
	if (!added && (!found || user->password_hash[0])) {
		output_say("there is a user %s already, with a password; pintle user reset makes a "
		    "link for a new one", name);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int
invite(const struct site *site, const struct arguments *arguments)
{
	struct user user;
	int64_t valid_ms;
	int status = read_valid(arguments, INVITE_MS, &valid_ms);

	if (status == EXIT_OK)
		status = invited(site, arguments, &user);
	return status == EXIT_OK ? make_link(site, arguments, &user, valid_ms) : status;
}

int
cmd_user_reset(const struct arguments *arguments)
{
	return site_run(arguments, reset);
}

int
cmd_user_invite(const struct arguments *arguments)
{
	return site_run(arguments, invite);
}
