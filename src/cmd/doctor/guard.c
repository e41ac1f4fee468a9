/* pintle doctor: guarded places, as a stranger and as a person who has logged in. */
#include "cmd/doctor/looks.h"

#include <stdio.h>
#include <string.h>

#include "crypto/random.h"

/* ---- requests ---- */

/*
 * The credential: the cookie if there is one, as in a browser, else the token, which alone opens
 * places for programs.
 */
static const char *
credentials_of(const struct doctor *doctor, const struct doctor_login *login)
{
	bool for_programs = doctor->place && doctor->place->for_programs;

	return login->gate.len && !for_programs ? login->gate.ptr : login->bearer.ptr;
}

static bool
navigate_as(struct doctor *doctor, const struct doctor_login *login)
{
	const struct http_request request = { .lines = { DOCTOR_NAVIGATES, login ?
	    credentials_of(doctor, login) : NULL } };

	return doctor_ask(doctor, &request, "%s", doctor->place->path);
}

static bool
is_refusal(int status)
{
	return status == 401 || status == 403;
}

static bool
is_redirect(int status)
{
	return status >= 300 && status < 400;
}

static struct slice
location(const struct doctor *doctor)
{
	return http_field(buf_slice(&doctor->answer.head), SLICE("Location"));
}

/* Whether this is the page that asks for name and password, by the target of its form. */
static bool
is_login_page(const struct doctor *doctor)
{
	char action[1024];

	snprintf(action, sizeof(action), "action=\"%s/login\"", doctor->site->settings.mount);
	return doctor_answer_holds(doctor, slice_of(action));
}

/* ---- strangers ---- */

void
doctor_guard(struct doctor *doctor)
{
	if (!navigate_as(doctor, NULL))
		return;

	int status = doctor->answer.status;

	doctor->place->refuses = is_refusal(status);
	if (is_redirect(status))
		doctor_wrong(doctor, FAULT_REDIRECTED,
		    "a stranger is redirected to %.*s instead of seeing the login page",
		    SLICE_ARG(location(doctor)));
	else if (status >= 500)
		doctor_wrong(doctor, FAULT_VERIFY, "a stranger gets a failure (status %d)", status);
	else if (!is_refusal(status))
		doctor_wrong(doctor, FAULT_UNGUARDED, "a stranger is let in (status %d)", status);
	else if (status == 403 || !(doctor->place->for_programs || is_login_page(doctor)))
		doctor_wrong(doctor, FAULT_DENY,
		    "a stranger is refused (status %d), but does not see pintle's login page",
		    status);
}

void
doctor_guard_xhr(struct doctor *doctor)
{
	char code[DOCTOR_ERROR_SIZE];

	if (!doctor_ask(doctor, &(struct http_request){ .lines = { DOCTOR_SCRIPTS } }, "%s",
	    doctor->place->path))
		return;

	int status = doctor->answer.status;

	if (is_redirect(status))
		doctor_wrong(doctor, FAULT_XHR,
		    "a script's request is redirected to %.*s: it would take that page for its "
		    "answer",
		    SLICE_ARG(location(doctor)));
	else if (!is_refusal(status))
		doctor_wrong(doctor, FAULT_UNGUARDED,
		    "a script's request is let in without credentials (status %d)", status);
	else if (!doctor_error_code(doctor, code))
		doctor_wrong(doctor, FAULT_XHR,
		    "a script's request is refused, but not with pintle's JSON");
}

/*
 * Servers have rules for file extensions. A name that is certainly no file there shows which rule
 * applies.
 */
void
doctor_guard_scripts(struct doctor *doctor)
{
	static const char *const endings[] = { "index.php", ".php", ".png", ".css", ".js" };
	char id[RANDOM_ID_SIZE] = "0", name[RANDOM_ID_SIZE + 16];

	if (random_id(id) != PT_OK)
		return;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && !doctor->told; i++) {
		const char *ending = endings[i];

		snprintf(name, sizeof(name), "%s%s%s", *ending == '.' ?
		    "pintle-" : "", *ending == '.' ? id : "", ending);
		if (!doctor_ask(doctor, &(struct http_request){ .lines = { DOCTOR_SCRIPTS } },
		    "%s%s", doctor->place->path, name))
			return;
		if (!is_refusal(doctor->answer.status))
			doctor_wrong(doctor, FAULT_SCRIPT,
			    "%s%s is answered without credentials (status %d): such names are not "
			    "guarded there", doctor->place->path, name, doctor->answer.status);
	}
}

/* To many applications /app is /app/. */
void
doctor_guard_slash(struct doctor *doctor)
{
	const char *path = doctor->place->path;
	int len = (int)strlen(path) - 1;

	if (len == 0 || !doctor_ask(doctor, &(struct http_request){ .lines = { DOCTOR_NAVIGATES } },
	    "%.*s", len, path))
		return;
	if (doctor->answer.status < 300)
		doctor_hint(doctor, FAULT_UNGUARDED,
		    "%.*s, without the slash, is answered without credentials (status %d)", len,
		    path, doctor->answer.status);
}

/* ---- people who have logged in ---- */

/* Before anybody else is let in, so that a cache's answer is not taken for the guard's. */
void
doctor_guard_groups(struct doctor *doctor)
{
	if (doctor->place->groups.len == 0)
		doctor_skip(doctor, "its group demand is not known");
	else if (!doctor->other.good)
		doctor_skip(doctor, "there is no user without its group");
	else if (navigate_as(doctor, &doctor->other) && !is_refusal(doctor->answer.status)) {
		doctor_found(doctor, doctor->place->groups);
		doctor_wrong(doctor, FAULT_DEMAND,
		    "somebody without its group (%.*s) is let in (status %d)",
		    SLICE_ARG(doctor->place->groups), doctor->answer.status);
	}
}

/* Whether a Bearer token works as well as the cookie. */
static void
judge_bearer(struct doctor *doctor)
{
	const struct http_request request = { .lines = { DOCTOR_SCRIPTS,
	    doctor->login.bearer.ptr } };

	if (doctor_ask(doctor, &request, "%s", doctor->place->path) &&
	    is_refusal(doctor->answer.status))
		doctor_wrong(doctor, FAULT_PLACE_AUTHORIZATION,
		    "a Bearer token does not arrive there: it is refused (status %d)",
		    doctor->answer.status);
}

/*
 * Whether people who have logged in are refused only at this address, where a stranger was refused
 * before.
 */
static bool
refusal_was_remembered(struct doctor *doctor)
{
	const struct http_request request = { .lines = { DOCTOR_NAVIGATES,
	    credentials_of(doctor, &doctor->login) } };
	char id[RANDOM_ID_SIZE] = "1";

	return random_id(id) == PT_OK &&
	    doctor_ask(doctor, &request, "%s?pintle-doctor=%s", doctor->place->path, id) &&
	    !is_refusal(doctor->answer.status);
}

/*
 * Whether a made-up page below it is merely not found: then the place itself has nothing to show.
 */
static bool
only_lacks_an_index(struct doctor *doctor)
{
	const struct http_request request = { .lines = { DOCTOR_NAVIGATES,
	    credentials_of(doctor, &doctor->login) } };
	char id[RANDOM_ID_SIZE] = "2";

	return random_id(id) == PT_OK &&
	    doctor_ask(doctor, &request, "%spintle-doctor-%s", doctor->place->path, id) &&
	    doctor->answer.status == 404;
}

/* Why a person who has logged in, with the demanded groups, is not let in. */
static void
tell_refusal(struct doctor *doctor, int status)
{
	if (status == 403 && only_lacks_an_index(doctor))
		doctor_hint(doctor, FAULT_NO_INDEX,
		    "people who have logged in are let in, but there is no index page to show "
		    "(status %d)", status);
	else if (status == 403 && doctor->site->store == NULL)
		doctor_skip(doctor, "%s may not go there", doctor->login.name);
	else if (refusal_was_remembered(doctor))
		doctor_wrong(doctor, FAULT_REMEMBERED,
		    "people who have logged in are refused (status %d), because a stranger was "
		    "before", status);
	else if (doctor->login.gate.len == 0)
		doctor_wrong(doctor, FAULT_PLACE_AUTHORIZATION,
		    "people who have logged in are refused with a Bearer token (status %d)",
		    status);
	else
		doctor_wrong(doctor, FAULT_NOT_LET_IN,
		    "people who have logged in are refused (status %d)", status);
}

void
doctor_guard_login(struct doctor *doctor)
{
	if (!navigate_as(doctor, &doctor->login))
		return;

	int status = doctor->answer.status;

	doctor->place->lets_in = !is_refusal(status) && status < 500;
	if (is_refusal(status))
		tell_refusal(doctor, status);
	else if (status >= 500)
		doctor_wrong(doctor, FAULT_NO_ANSWER,
		    "people who have logged in get a failure of the application (status %d)",
		    status);
	else if (doctor->login.gate.len)
		judge_bearer(doctor);
}

void
doctor_guard_cache(struct doctor *doctor)
{
	struct slice control;

	if (!navigate_as(doctor, &doctor->login))
		return;
	control = http_field(buf_slice(&doctor->answer.head), SLICE("Cache-Control"));
	if (http_field_may_keep(buf_slice(&doctor->answer.head)))
		doctor_wrong(doctor, FAULT_KEEPABLE,
		    "caches may keep what is shown there, and show it after a logout "
		    "(Cache-Control: %.*s)",
		    control.len ? (int)control.len : 4, control.len ? control.ptr : "none");
}

/* Nobody may get in, or be taken for somebody else, because another person has just been there. */
void
doctor_guard_remembered(struct doctor *doctor)
{
	for (int i = 0; i < 2; i++)
		if (!navigate_as(doctor, &doctor->login))
			return;
	if (!navigate_as(doctor, NULL))
		return;
	if (!is_refusal(doctor->answer.status)) {
		doctor_wrong(doctor, FAULT_REMEMBERED,
		    "a stranger is let in after somebody who logged in was (status %d)",
		    doctor->answer.status);
		return;
	}
	if (!doctor->other.good || !navigate_as(doctor, &doctor->other))
		return;
	if (doctor->place->groups.len && !is_refusal(doctor->answer.status))
		doctor_wrong(doctor, FAULT_REMEMBERED,
		    "somebody without its group is let in after somebody with it was (status %d)",
		    doctor->answer.status);
	else if (doctor_answer_holds(doctor, slice_of(doctor->login.name)))
		doctor_wrong(doctor, FAULT_REMEMBERED,
		    "somebody is taken for the person who was there before");
}

/* ---- forged identity ---- */

/* Ways to forge what only pintle may say; each is sent with its own word. */
static const struct {
	const char *name;
	const char *again;	/* the same header once more in the same request; NULL: once */
} forgeries[] = {
	{ "X-Auth-User", NULL },
	{ "X-Auth-User", "x-auth-user" },
	{ "X_Auth_User", NULL },
	{ "X-Auth_User", NULL },
	{ "x_auth-user", NULL },
	{ "X_Auth.User", NULL },
	{ "X-Auth-Groups", NULL },
	{ "X_Auth_Groups", NULL },
	{ "X-Auth-Session", NULL },
};

#define FORGERIES (sizeof(forgeries) / sizeof(forgeries[0]))

static void
add_line(struct http_request *request, const char *line)
{
	size_t at = 0;

	while (at < HTTP_LINES - 1 && request->lines[at])
		at++;
	request->lines[at] = line;
}

/*
 * Sends one forgery to path; true if its word came back. *known is set if the asking user's name
 * came back.
 */
static bool
forgery_arrives(struct doctor *doctor, size_t which, const char *path,
    const struct doctor_login *login, bool *known)
{
	char id[RANDOM_ID_SIZE], word[RANDOM_ID_SIZE + 8], line[128], again[128];
	const char *twice = forgeries[which].again;

	if (random_id(id) != PT_OK)
		return false;
	snprintf(word, sizeof(word), "forged-%s", id);
	snprintf(line, sizeof(line), "%s: %s", forgeries[which].name, word);
	snprintf(again, sizeof(again), "%s: %s", twice ? twice : "", word);

	struct http_request request = { .lines = { DOCTOR_NAVIGATES, line } };

	if (twice)
		add_line(&request, again);
	if (login)
		add_line(&request, credentials_of(doctor, login));
	if (!doctor_ask(doctor, &request, "%s", path))
		return false;
	if (login && doctor_answer_holds(doctor, slice_of(login->name)))
		*known = true;
	return doctor_answer_holds(doctor, slice_of(word));
}

void
doctor_guard_forged(struct doctor *doctor)
{
	bool known = false;

	for (size_t i = 0; i < FORGERIES && !doctor->stopped(); i++) {
		if (!forgery_arrives(doctor, i, doctor->place->path, &doctor->login, &known))
			continue;
		doctor_found(doctor, slice_of(forgeries[i].name));
		doctor_wrong(doctor, FAULT_FORGED, "a client's own %s%s reaches the application",
		    forgeries[i].name, forgeries[i].again ? ", sent twice," : "");
	}
	if (!known && !doctor->told)
		doctor_skip(doctor, "the application there does not show the user that it got: "
		    "whether a client's own X-Auth-User reaches it "
		    "cannot be seen from here");
}

/*
 * The site's cookies are sent to every path, including unguarded applications, which could use this
 * one in the person's name.
 */
static void
own_cookie_outside(struct doctor *doctor)
{
	const char *line = doctor->login.gate.len ? doctor->login.gate.ptr : "";
	const char *value = strchr(line, '=');

	if (value && doctor_ask(doctor,
	    &(struct http_request){ .lines = { DOCTOR_NAVIGATES, line } }, "/") &&
	    doctor_answer_holds(doctor, slice_of(value + 1)))
		doctor_wrong(doctor, FAULT_OWN_COOKIE,
		    "pintle's own cookie, which opens guarded places, reaches the application at "
		    "/");
}

/* Outside the guard nobody overwrites these headers, and the application there must know that. */
void
doctor_forged_outside(struct doctor *doctor)
{
	bool known;

	if (forgery_arrives(doctor, 0, "/", NULL, &known))
		doctor_hint(doctor, FAULT_NONE,
		    "a client's own X-Auth-User reaches the application at /, which is not "
		    "guarded: it must not "
		    "believe it");
	own_cookie_outside(doctor);
}

/* ---- after the logout ---- */

void
doctor_guard_logout(struct doctor *doctor)
{
	const char *const credentials[] = { credentials_of(doctor, &doctor->login),
	    doctor->login.bearer.ptr };

	if (!doctor->logged_out) {
		doctor_skip(doctor, "no logout succeeded");
		return;
	}
	for (size_t i = 0; i < sizeof(credentials) / sizeof(credentials[0]) && !doctor->told; i++) {
		const struct http_request request =
		    { .lines = { DOCTOR_NAVIGATES, credentials[i] } };

		if (doctor_ask(doctor, &request, "%s", doctor->place->path) &&
		    !is_refusal(doctor->answer.status))
			doctor_wrong(doctor, FAULT_REMEMBERED,
			    "people who have logged out are still let in (status %d)",
			    doctor->answer.status);
	}
}
