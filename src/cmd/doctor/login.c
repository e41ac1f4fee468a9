/* pintle doctor: what a login sets, and a logout removes. */
#include "cmd/doctor/looks.h"

#include <string.h>

#include "base/json.h"
#include "cmd/doctor/seen_address.h"
#include "conf/units.h"

#define FORGED_ADDRESS "192.0.2.251"	/* RFC 5737: belongs to nobody */

/* ---- logging in ---- */

/*
 * Makes "Cookie: a=1; b=2" from all Set-Cookie fields, or from those with one name. Empty, or
 * NUL-terminated.
 */
static void
put_cookie_line(struct slice head, struct slice only, struct buf *out)
{
	struct slice field;
	struct set_cookie cookie;
	const char *before = "Cookie: ";

	while (http_field_next(&head, SLICE("Set-Cookie"), &field)) {
		if (!http_field_cookie(field, &cookie) ||
		    (only.len && !slice_eq(cookie.name, only)))
			continue;
		buf_printf(out, "%s%.*s=%.*s", before, SLICE_ARG(cookie.name),
		    SLICE_ARG(cookie.value));
		before = "; ";
	}
	if (out->len)
		buf_putc(out, '\0');
}

static enum pt_err
take_login(const struct doctor *doctor, struct doctor_login *login)
{
	struct slice head = buf_slice(&doctor->answer.head), token;
	struct json *json;
	enum pt_err err = json_parse_object(buf_slice(&doctor->answer.body), &json);

	if (err != PT_OK)
		return err;
	login->good = json_get_string(json, "access_token", &token);
	if (login->good)
		buf_printf(&login->bearer, "Authorization: Bearer %.*s", SLICE_ARG(token));
	buf_putc(&login->bearer, '\0');
	put_cookie_line(head, SLICE(""), &login->cookies);
	put_cookie_line(head, slice_of(doctor->site->settings.gate_cookie_name), &login->gate);
	json_free(json);
	return buf_status(&login->bearer);
}

bool
doctor_log_in(struct doctor *doctor, struct doctor_login *login, const char *extra)
{
	struct buf body = BUF_EMPTY, origin = BUF_EMPTY;
	struct json_writer w = json_writer(&body);
	bool answered;

	json_open(&w, NULL);
	json_put_cstr(&w, "username", login->name);
	json_put_string(&w, "password", login->password);
	json_put_cstr(&w, "device", "pintle doctor");
	if (login->code && login->code[0])
		json_put_cstr(&w, "otp", login->code);
	json_close(&w);
	buf_printf(&origin, "Origin: %.*s", SLICE_ARG(doctor->origin));
	buf_putc(&origin, '\0');
	answered = buf_status(&body) == PT_OK && buf_status(&origin) == PT_OK &&
	    doctor_ask_mount(doctor, &(struct http_request){
		.method = "POST",
		.lines = { "Content-Type: application/json", origin.ptr, DOCTOR_SCRIPTS, extra },
		.body = buf_slice(&body),
	}, "/login");
	if (answered && doctor->answer.status == 200 && take_login(doctor, login) != PT_OK)
		login->good = false;
	buf_free(&body);
	buf_free(&origin);
	return answered;
}

void
doctor_login_free(struct doctor_login *login)
{
	buf_free(&login->bearer);
	buf_free(&login->cookies);
	buf_free(&login->gate);
}

void
doctor_login(struct doctor *doctor)
{
	char code[DOCTOR_ERROR_SIZE] = "not an answer from pintle";

	if (doctor->login.name == NULL) {
		doctor_skip(doctor, "%s", doctor->no_login);
		return;
	}
	if (!doctor_log_in(doctor, &doctor->login, NULL) || doctor->login.good)
		return;
	doctor_error_code(doctor, code);
	if (doctor->site->store && strcmp(code, "invalid_credentials") == 0)
		doctor_wrong(doctor, FAULT_OTHER_STORE,
		    "a user made for this test cannot log in: the store at %s is not the one of "
		    "the worker that answers", doctor->site->settings.state_folder);
	else
		doctor_wrong(doctor, FAULT_LOGIN, "%s cannot log in: status %d, %s",
		    doctor->login.name, doctor->answer.status, code);
}

/*
 * ---- what came with the login: the answer is still that of the login until the clocks were
 * compared ----
 */

/* The cookies of a login as the settings have them. */
struct expected_cookie {
	const char *name;
	struct slice path;
	enum same_site same_site;
};

static void
judge_cookie(struct doctor *doctor, const struct expected_cookie *expected)
{
	const struct cookie_rule rule = { expected->path, doctor->tls, expected->same_site };
	struct slice head = buf_slice(&doctor->answer.head), field;
	struct set_cookie cookie;
	bool there = false;

	while (http_field_next(&head, SLICE("Set-Cookie"), &field)) {
		if (!http_field_cookie(field, &cookie) ||
		    !slice_eq(cookie.name, slice_of(expected->name)))
			continue;
		there = true;

		const char *fault = http_field_cookie_fault(&cookie, &rule);

		if (fault)
			doctor_wrong(doctor, FAULT_COOKIE, "%s %s: \"%.*s\"", expected->name, fault,
			    SLICE_ARG(slice_skip(field,
			    (size_t)(cookie.value.ptr - field.ptr) + cookie.value.len)));
	}
	if (!there)
		doctor_wrong(doctor, FAULT_COOKIE_LOST, "%s does not arrive", expected->name);
}

void
doctor_cookies(struct doctor *doctor)
{
	const struct settings *settings = &doctor->site->settings;
	struct slice mount = slice_of(settings->mount);
	const struct expected_cookie expected[] = {
		{ settings->refresh_cookie, settings->refresh_cookie_root || mount.len == 0 ?
		    SLICE("/") : mount, SAME_SITE_STRICT },
		{ settings->device_cookie, SLICE("/"), SAME_SITE_STRICT },
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		judge_cookie(doctor, &expected[i]);
}

void
doctor_gate_cookie(struct doctor *doctor)
{
	const struct settings *settings = &doctor->site->settings;
	const struct expected_cookie expected = { settings->gate_cookie_name, SLICE("/"),
	    SAME_SITE_LAX };

	if (doctor->login.gate.len || (doctor->has_config && settings->gate_cookie))
		judge_cookie(doctor, &expected);
	else if (doctor->place_count)
		doctor_hint(doctor, FAULT_GATE_OFF,
		    "no cookie for guarded pages is set: only programs with a Bearer token get "
		    "into guarded places, and no person");
	else
		doctor_skip(doctor, "no guarded place needs it");
}

#define CLOCKS_APART_MS (INT64_C(60) * 1000)
#define CLOCKS_HINT_MS (INT64_C(5) * 1000)

static void
judge_clock(struct doctor *doctor, const char *whose, int64_t told_ms)
{
	/* Both have whole seconds. */
	int64_t early = doctor->answer.asked_ms - told_ms - 1000,
	    late = told_ms - doctor->answer.came_ms;
	int64_t apart = early > late ? early : late;
	const char *where = early > late ? "behind" : "ahead of";

	if (apart > CLOCKS_APART_MS)
		doctor_wrong(doctor, FAULT_CLOCK, "the clock of %s is %lld s %s this machine's",
		    whose, (long long)(apart / 1000), where);
	else if (apart > CLOCKS_HINT_MS)
		doctor_hint(doctor, FAULT_CLOCK, "the clock of %s is %lld s %s this machine's",
		    whose, (long long)(apart / 1000), where);
}

void
doctor_clocks(struct doctor *doctor)
{
	int64_t told_ms;
	struct slice text;
	struct json *json;

	if (http_field_date(http_field(buf_slice(&doctor->answer.head), SLICE("Date")), &told_ms))
		judge_clock(doctor, "the web server", told_ms);
	if (json_parse_object(buf_slice(&doctor->answer.body), &json) != PT_OK)
		return;
	if (json_get_string(json, "server_time", &text) &&
	    units_parse_moment(text, doctor->answer.came_ms, &told_ms) == NULL)
		judge_clock(doctor, "pintle", told_ms);
	json_free(json);
}

/* ---- the address ---- */

static void
judge_seen(struct doctor *doctor, struct slice seen)
{
	doctor_found(doctor, seen);
	switch (seen_decide(slice_of(doctor->answer.own_address), seen)) {
	case SEEN_OWN:
		break;
	case SEEN_UNKNOWN:
		doctor_hint(doctor, FAULT_ADDRESS,
		    "pintle sees no address of this machine, but \"%.*s\"", SLICE_ARG(seen));
		break;
	case SEEN_TRANSLATED:
		doctor_hint(doctor, FAULT_NONE,
		    "pintle sees this machine as %.*s, and its own address is %s: fine behind a "
		    "router that translates "
		    "addresses", SLICE_ARG(seen), doctor->answer.own_address);
		break;
	case SEEN_PROXY:
		doctor_wrong(doctor, FAULT_ADDRESS,
		    "pintle sees %.*s instead of %s: everybody seems to come from there",
		    SLICE_ARG(seen), doctor->answer.own_address);
		break;
	}
	doctor->found[0] = '\0';
}

/* The address that pintle stored with the session of the last login. */
static bool
read_session_address(const struct doctor *doctor, char out[ADDRESS_SIZE])
{
	struct json *json;
	struct slice seen;

	if (json_parse_object(buf_slice(&doctor->answer.body), &json) != PT_OK)
		return false;

	const struct json *session = json_get_object(json, "session");
	bool found = session && json_get_string(session, "ip", &seen) &&
	    slice_copy(seen, out, ADDRESS_SIZE);

	json_free(json);
	return found;
}

/* If there is another user, the second login claims a false address, which must not be believed. */
void
doctor_address(struct doctor *doctor)
{
	char seen[ADDRESS_SIZE];

	if (read_session_address(doctor, seen))
		judge_seen(doctor, slice_of(seen));
	if (doctor->other.name == NULL ||
	    !doctor_log_in(doctor, &doctor->other, "X-Forwarded-For: " FORGED_ADDRESS))
		return;
	if (doctor->other.good && read_session_address(doctor, seen) &&
	    strcmp(seen, FORGED_ADDRESS) == 0)
		doctor_wrong(doctor, FAULT_ADDRESS_FORGED,
		    "pintle believes whatever a client claims in X-Forwarded-For");
}

/* ---- logout ---- */

static void
judge_logout(struct doctor *doctor)
{
	struct slice head = buf_slice(&doctor->answer.head), field;
	struct set_cookie cookie;
	bool cleared = false;

	while (http_field_next(&head, SLICE("Set-Cookie"), &field))
		if (http_field_cookie(field, &cookie) &&
		    slice_eq(cookie.name, slice_of(doctor->site->settings.refresh_cookie)))
			cleared = cookie.cleared;
	if (doctor->answer.status != 204)
		doctor_wrong(doctor, FAULT_LOGOUT, "a logout is answered with status %d",
		    doctor->answer.status);
	else if (!cleared)
		doctor_wrong(doctor, FAULT_COOKIE_LOST, "a logout does not clear the cookie");
}

void
doctor_logout(struct doctor *doctor)
{
	const struct http_request logout = { .method = "POST",
	    .lines = { doctor->login.cookies.ptr, DOCTOR_SCRIPTS } };
	const struct http_request who = { .lines = { doctor->login.bearer.ptr, DOCTOR_SCRIPTS } };

	if (doctor->login.cookies.len == 0) {
		doctor_skip(doctor, "no cookie came with the login");
		return;
	}
	if (!doctor_ask_mount(doctor, &logout, "/logout"))
		return;
	judge_logout(doctor);
	doctor->logged_out = doctor->answer.status == 204;
	if (doctor_ask_mount(doctor, &who, "/me") && doctor->answer.status != 401)
		doctor_wrong(doctor, FAULT_LOGOUT,
		    "after a logout the access token still says who it is (status %d)",
		    doctor->answer.status);
}
