/* pintle session: list, revoke. */
#include <string.h>

#include "cmd/site/site.h"
#include "cmd/term/grid.h"
#include "cmd/term/json_list.h"
#include "cmd/term/output.h"
#include "cmd/term/session_view.h"
#include "worker/exit.h"

/* ---- list ---- */

/* A list being written, in either form; users' names are looked up as sessions come. */
struct sessions {
	const struct site *site;
	struct grid grid;
	struct json_list list;
	enum pt_err err;
};

static enum pt_err
user_name(const struct site *site, uint64_t number, char out[USER_NAME_SIZE])
{
	struct user user;
	bool found;
	enum pt_err err = store_user_by_number(site->store, number, &user, &found);

	out[0] = '\0';
	if (err == PT_OK && found)
		memcpy(out, user.name, USER_NAME_SIZE);
	return err;
}

static bool
session_list_json(const struct session *session, enum reason standing, void *ctx)
{
	struct sessions *sessions = ctx;
	char name[USER_NAME_SIZE];

	sessions->err = user_name(sessions->site, session->user_number, name);
	json_open(&sessions->list.json, NULL);
	session_view_members(&sessions->list.json, session, name, standing);
	json_close(&sessions->list.json);
	json_list_next(&sessions->list);
	return sessions->err == PT_OK;
}

static bool
session_list_row(const struct session *session, enum reason standing, void *ctx)
{
	struct sessions *sessions = ctx;
	char name[USER_NAME_SIZE];

	sessions->err = user_name(sessions->site, session->user_number, name);
	grid_put_cstr(&sessions->grid, session->sid);
	grid_put_cstr(&sessions->grid, name);
	grid_put_cstr(&sessions->grid,
	    standing == REASON_NONE ? "live" : reason_info(standing)->name);
	grid_put_time(&sessions->grid, session->last_seen_at);
	grid_put_time(&sessions->grid,
	    standing == REASON_NONE ? standing_end(session) :
	    session_view_ended_at(session, standing));
	grid_put_cstr(&sessions->grid, session->address);
	grid_put_cstr(&sessions->grid, session->device[0] ? session->device : session->user_agent);
	return sessions->err == PT_OK;
}

static enum pt_err
list_sessions(const struct site *site, uint64_t user_number, bool with_ended, bool json)
{
	static const char *const heads[] = { "ID", "USER", "STATE", "LAST USED", "ENDS", "ADDRESS",
	    "DEVICE" };
	struct sessions sessions = { .site = site,
	    .grid = grid_new(heads, sizeof(heads) / sizeof(heads[0])) };
	enum pt_err err;

	if (json)
		json_list_begin(&sessions.list, "sessions");
	err = store_session_each(site->store, clock_now(), user_number, with_ended,
	    json ? session_list_json : session_list_row, &sessions);
	if (json)
		json_list_end(&sessions.list);
	grid_end(&sessions.grid);
	return err != PT_OK ? err : sessions.err;
}

static int
session_list(const struct site *site, const struct arguments *arguments)
{
	struct user user = { 0 };
	int status = EXIT_OK;

	if (arguments->value[OPTION_USER])
		status = site_user(site, arguments->value[OPTION_USER], &user);
	if (status != EXIT_OK)
		return status;

	enum pt_err err = list_sessions(site, user.number, arguments->value[OPTION_ENDED] != NULL,
	    arguments->value[OPTION_JSON] != NULL);

	return err == PT_OK ? EXIT_OK : site_fail("list the sessions", err);
}

int
cmd_session_list(const struct arguments *arguments)
{
	return site_run(arguments, session_list);
}

/* ---- revoke ---- */

static int
revoke_one(const struct site *site, const char *sid)
{
	struct store_caller caller = site_caller();
	bool found;
	enum pt_err err = store_browser_end(site->store, &caller, 0, slice_of(sid), REASON_ADMIN,
	    &found);

	if (err != PT_OK)
		return site_fail("end the session", err);
	if (found) {
		output_line("The session was ended.");
		return EXIT_OK;
	}
	output_say("there is no live session of that id; pintle session list shows them");
	return EXIT_FAILED;
}

static int
revoke_all(const struct site *site, uint64_t user_number)
{
	struct store_caller caller = site_caller();
	uint64_t count = 0;
	enum pt_err err = store_session_end_all(site->store, &caller, user_number, 0, REASON_ADMIN,
	    &count);

	if (err != PT_OK)
		return site_fail("end the sessions", err);
	output_line("%llu session%s ended.", (unsigned long long)count,
	    count == 1 ? " was" : "s were");
	return EXIT_OK;
}

static int
session_revoke(const struct site *site, const struct arguments *arguments)
{
	struct user user = { 0 };
	int status = EXIT_OK;

	if (arguments->operand[0])
		return revoke_one(site, arguments->operand[0]);
	if (arguments->value[OPTION_USER])
		status = site_user(site, arguments->value[OPTION_USER], &user);
	return status == EXIT_OK ? revoke_all(site, user.number) : status;
}

int
cmd_session_revoke(const struct arguments *arguments)
{
	int chosen = (arguments->operand[0] != NULL) + (arguments->value[OPTION_USER] != NULL) +
	    (arguments->value[OPTION_ALL] != NULL);

	if (chosen == 1)
		return site_run(arguments, session_revoke);
	output_say("session revoke needs the ID of a session, --user NAME or --all");
	return EXIT_USAGE;
}
