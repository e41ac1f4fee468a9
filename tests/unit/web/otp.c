/*
 * The second factor at the endpoints: how it is enrolled, asked for at login and spent once, and
 * how a wrong one is answered.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "crypto/totp.h"
#include "store/options.h"
#include "support/site.h"

static struct site site;
static uint64_t alice;

/* A person with an authenticator app and a sheet of recovery codes. */
struct person {
	struct browser browser;
	uint8_t secret[TOTP_SECRET_SIZE];
	char recovery[10][24];
};

static int
begin(void **state)
{
	(void)state;
	site_open(&site);
	alice = site_add_user(&site, "alice", SITE_PASSWORD);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	site_close(&site);
	return 0;
}

static bool
contains(struct slice text, const char *part)
{
	struct slice wanted = slice_of(part);

	for (; text.len >= wanted.len; text = slice_skip(text, 1))
		if (slice_starts(text, wanted))
			return true;
	return false;
}

/* The text of a page from after `before` up to end_at. */
static void
cut_out(struct slice page, const char *before, char end_at, char *out, size_t cap)
{
	struct slice wanted = slice_of(before), value, rest;

	for (; page.len >= wanted.len && !slice_starts(page, wanted); page = slice_skip(page, 1))
		continue;
	assert_true(page.len >= wanted.len);
	assert_true(slice_cut(slice_skip(page, wanted.len), end_at, &value, &rest));
	assert_true(slice_copy(value, out, cap));
}

/* The app's code, offset steps from now. */
static const char *
code_of(const struct person *person, int offset)
{
	static char text[4][8];
	static unsigned turn;
	char *out = text[turn++ % 4];
	uint32_t code;

	assert_int_equal(hotp_code((struct slice){ (const char *)person->secret, TOTP_SECRET_SIZE },
	    (uint64_t)((int64_t)totp_step(site_now_ms() / 1000) + offset), 6, &code), PT_OK);
	snprintf(out, 8, "%06u", (unsigned)code);
	return out;
}

static void
send(struct person *person, const char *method, const char *path, struct reply *reply, const char *format, ...)
{
	char body[512];
	va_list args;

	va_start(args, format);
	vsnprintf(body, sizeof(body), format, args);
	va_end(args);
	browser_send(&person->browser, method, path, body, reply);
}

static void
send_form(struct person *person, const char *path, struct reply *reply, const char *format, ...)
{
	char body[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(body, sizeof(body), format, args);
	va_end(args);
	browser_ask(&person->browser, &(struct ask){
		.method = "POST", .path = path, .type = "application/x-www-form-urlencoded", .body = body,
		.extra = { { "HTTP_SEC_FETCH_SITE", "same-origin" } },
	}, reply);
}

#define CURRENT "\"current\":\"" SITE_PASSWORD "\""
#define FORM_PASSWORD "a+long+enough+password"

static void
take_recovery_codes(struct person *person, const struct reply *reply)
{
	assert_int_equal(json_array_len(reply->json, "recovery_codes"), 10);
	for (size_t i = 0; i < 10; i++) {
		struct slice code;

		assert_true(json_array_string(reply->json, "recovery_codes", i, &code));
		assert_true(slice_copy(code, person->recovery[i], sizeof(person->recovery[i])));
	}
}

/* Signs in and turns a second factor on with the present code. */
static void
enrol(struct person *person)
{
	struct reply reply;

	*person = (struct person){ .browser = { .site = &site } };
	browser_login(&person->browser, "alice", NULL);
	send(person, "POST", "/otp", &reply, "{" CURRENT "}");
	assert_int_equal(reply.status, 200);
	assert_true(base32_decode_exact(reply_text(&reply, NULL, "secret"), person->secret, TOTP_SECRET_SIZE));
	assert_true(contains(reply_text(&reply, NULL, "otpauth"), "otpauth://totp/example.org:alice?secret="));
	reply_free(&reply);
	send(person, "POST", "/otp/confirm", &reply, "{\"code\":\"%s\"}", code_of(person, 0));
	assert_int_equal(reply.status, 200);
	take_recovery_codes(person, &reply);
	reply_free(&reply);
}

static void
login(struct person *person, const char *code, struct reply *reply)
{
	send(person, "POST", "/login", reply, "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD "\"%s%s%s}",
	    code ? ",\"otp\":\"" : "", code ? code : "", code ? "\"" : "");
}

static int
login_status(struct person *person, const char *code)
{
	struct reply reply;
	int status;

	login(person, code, &reply);
	status = reply.status;
	if (status != 200)
		reply_expect(&reply, 401, "otp_required");
	reply_free(&reply);
	return status;
}

struct seen {
	enum reason reason;
	unsigned count;
};

static bool
count_one(const struct event *event, void *ctx)
{
	struct seen *seen = ctx;

	seen->count += event->reason == seen->reason ? event->times : 0;
	return true;
}

/* How many events of the kind have this reason. */
static unsigned
events(enum event_kind kind, enum reason reason)
{
	struct store_event_filter filter = { .kind = kind };
	struct seen seen = { reason, 0 };

	assert_int_equal(store_event_each(site.store, &filter, count_one, &seen), PT_OK);
	return seen.count;
}

/* ---- at login ---- */

static void
a_code_is_asked_for_when_the_password_is_right_and_not_before(void **state)
{
	struct person person;
	struct reply reply;

	(void)state;
	enrol(&person);
	site_advance(30000);
	login(&person, NULL, &reply);
	reply_expect(&reply, 401, "otp_required");
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 0);
	reply_free(&reply);
	assert_int_equal(events(EVENT_OTP_ASKED, REASON_NONE), 1);
	/*
	 * A wrong password with a right code reveals nothing about the code and does not spend it.
	 */
	send(&person, "POST", "/login", &reply, "{\"username\":\"alice\",\"password\":\"not this one at all\",\"otp\":\"%s\"}",
	    code_of(&person, 0));
	reply_expect(&reply, 401, "invalid_credentials");
	reply_free(&reply);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 200);
}

static void
a_code_is_good_a_step_early_and_late_and_once(void **state)
{
	struct person person;

	(void)state;
	enrol(&person);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 401);
	site_advance(300000);
	assert_int_equal(login_status(&person, code_of(&person, -2)), 401);
	assert_int_equal(login_status(&person, code_of(&person, 2)), 401);
	assert_int_equal(events(EVENT_LOGIN_FAILED, REASON_OTP_WRONG), 2);
	assert_int_equal(login_status(&person, code_of(&person, -1)), 200);
	assert_int_equal(login_status(&person, code_of(&person, -1)), 401);
	assert_int_equal(login_status(&person, code_of(&person, 1)), 200);
	assert_int_equal(login_status(&person, code_of(&person, 1)), 401);
	/* Never used, but its step is over all the same. */
	assert_int_equal(login_status(&person, code_of(&person, 0)), 401);
	assert_int_equal(events(EVENT_LOGIN_FAILED, REASON_OTP_SPENT), 4);
}

static void
a_clock_set_back_makes_no_code_good_again_and_locks_nobody_out(void **state)
{
	struct person person;
	const char *used;

	(void)state;
	enrol(&person);
	site_advance(SITE_HOUR_MS);
	used = code_of(&person, 0);
	assert_int_equal(login_status(&person, used), 200);
	site_advance(-SITE_HOUR_MS);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 401);
	assert_int_equal(login_status(&person, code_of(&person, 1)), 401);
	assert_int_equal(login_status(&person, person.recovery[0]), 200);
	site_advance(SITE_HOUR_MS);
	assert_int_equal(login_status(&person, used), 401);
	site_advance(30000);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 200);
	/* With the clock set forward, codes are those of the new time. */
	site_advance(SITE_HOUR_MS);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 200);
}

static void
a_recovery_code_is_good_once(void **state)
{
	struct person person;
	char typed[24];

	(void)state;
	enrol(&person);
	assert_int_equal(login_status(&person, person.recovery[3]), 200);
	assert_int_equal(login_status(&person, person.recovery[3]), 401);
	assert_int_equal(login_status(&person, "aaaa-aaaa-aaaa-aaaa"), 401);
	for (size_t i = 0; i < sizeof(typed); i++)
		typed[i] = person.recovery[4][i] == '-' ? ' ' : person.recovery[4][i];
	assert_int_equal(login_status(&person, typed), 200);
	assert_int_equal(events(EVENT_RECOVERY_CODE_USED, REASON_NONE), 2);
}

static void
the_token_says_how_and_when_it_was_proved(void **state)
{
	struct person person;
	struct reply reply;
	struct slice method;

	(void)state;
	enrol(&person);
	site_advance(60000);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 200);
	site_advance(60000);
	assert_int_equal(browser_refresh(&person.browser, NULL), 200);
	browser_send(&person.browser, "GET", "/me", NULL, &reply);
	assert_int_equal(json_array_len(reply.json, "amr"), 3);
	assert_true(json_array_string(reply.json, "amr", 1, &method));
	assert_true(slice_eq(method, SLICE("otp")));
	assert_true(json_array_string(reply.json, "amr", 2, &method));
	assert_true(slice_eq(method, SLICE("mfa")));
	reply_free(&reply);
}

/* ---- in pages ---- */

/* The first step, by form; ticket gets the one that the page carries. */
static void
first_step(struct person *person, char ticket[128])
{
	struct reply reply;

	send_form(person, "/auth/login", &reply, "username=Alice&password=" FORM_PASSWORD "&remember=on&return=/app");
	assert_true(reply.status == 401 || reply.status == 403);
	assert_true(contains(buf_slice(&reply.body), "name=\"return\" value=\"/app\""));
	assert_true(contains(buf_slice(&reply.body), "name=\"remember\" value=\"on\""));
	assert_false(contains(buf_slice(&reply.body), SITE_PASSWORD));
	assert_true(person->browser.device[0] != '\0');
	cut_out(buf_slice(&reply.body), "name=\"ticket\" value=\"", '"', ticket, 128);
	reply_free(&reply);
}

static int
second_step(struct person *person, const char *ticket, const char *code)
{
	struct reply reply;
	int status;

	send_form(person, "/auth/login", &reply, "ticket=%s&otp=%s&remember=on&return=/app", ticket, code);
	status = reply.status;
	reply_free(&reply);
	return status;
}

static void
a_form_asks_in_two_steps_and_keeps_no_password(void **state)
{
	struct person person;
	struct reply reply;
	struct slice location;
	char ticket[128];

	(void)state;
	enrol(&person);
	site_advance(60000);
	first_step(&person, ticket);
	assert_int_equal(second_step(&person, ticket, "000000"), 401);
	send_form(&person, "/auth/login", &reply, "ticket=%s&otp=%s&return=/app", ticket, code_of(&person, 0));
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &location));
	assert_true(slice_eq(location, SLICE("/app")));
	reply_free(&reply);
	assert_int_equal(browser_refresh(&person.browser, NULL), 200);
	/* The ticket still names the user, but its code is spent. */
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 401);
}

static void
a_ticket_is_for_its_browser_and_its_time(void **state)
{
	struct person person, other = { .browser = { .site = &site } };
	char ticket[128], mangled[128];

	(void)state;
	enrol(&person);
	site_advance(60000);
	first_step(&person, ticket);
	strcpy(mangled, ticket);
	mangled[20] = mangled[20] == 'A' ? 'B' : 'A';
	assert_int_equal(second_step(&person, mangled, code_of(&person, 0)), 401);
	assert_int_equal(second_step(&other, ticket, code_of(&person, 0)), 401);
	site_advance(15 * 60000 + 1);
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 401);
	site_advance(-16 * 60000);
	assert_int_equal(second_step(&person, ticket, person.recovery[0]), 401);
	site_advance(16 * 60000);
	first_step(&person, ticket);
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 303);
}

/* A made-up ticket that no page handed out: not logged, but counted as the address's guess. */
static void
tickets_that_are_none_write_nothing_and_are_counted(void **state)
{
	struct person person, stranger = { .browser = { .site = &site, .address = "198.51.100.9" } };
	char ticket[128], made_up[128];
	unsigned tries = 0;

	(void)state;
	enrol(&person);
	first_step(&person, ticket);
	strcpy(made_up, ticket);
	made_up[20] = made_up[20] == 'A' ? 'B' : 'A';
	while (second_step(&stranger, tries % 2 ? made_up : "rubbish", "123456") == 401 && tries < 1000)
		tries++;
	assert_int_equal(tries, site.settings.address_limit.tries);
	assert_int_equal(events(EVENT_LOGIN_FAILED, REASON_NONE), 0);
	assert_int_equal(events(EVENT_LOGIN_LIMITED, REASON_NONE), 1);
	/* The same for an expired one; the user can still sign in as before. */
	site_advance(2 * SITE_HOUR_MS);
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 401);
	assert_int_equal(events(EVENT_LOGIN_FAILED, REASON_NONE), 0);
	first_step(&person, ticket);
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 303);
}

static void
a_password_changed_meanwhile_ends_the_ticket(void **state)
{
	struct store_caller caller = site_caller();
	struct person person;
	char ticket[128], hash[PASSWORD_HASH_SIZE];
	enum store_change result;

	(void)state;
	enrol(&person);
	site_advance(60000);
	first_step(&person, ticket);
	assert_int_equal(password_hash(SLICE(SITE_PASSWORD), &site.settings.password_cost, hash), PT_OK);
	assert_int_equal(store_user_set_password(site.store, &caller, alice, NULL, hash, 0, &result), PT_OK);
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 401);
	first_step(&person, ticket);
	assert_int_equal(second_step(&person, ticket, code_of(&person, 0)), 303);
}

/* ---- where it is required ---- */

static void
require(const char *groups)
{
	static char kept[64];

	snprintf(kept, sizeof(kept), "%s", groups);
	site.settings.otp_required = kept;
	store_close(site.store);
	assert_true(store_options_from(&site.settings, site.db, sizeof(site.db), &site.options));
	assert_int_equal(store_open(&site.options, &site.store), PT_OK);
	site_reload(&site);
}

static void
who_must_have_one_enrols_at_login(void **state)
{
	struct person person = { .browser = { .site = &site } };
	struct reply reply;
	char ticket[128], key[64];

	(void)state;
	require("all");
	login(&person, NULL, &reply);
	reply_expect(&reply, 403, "otp_enrolment_required");
	reply_free(&reply);
	send_form(&person, "/auth/login", &reply, "username=alice&password=" FORM_PASSWORD "&return=/app");
	assert_int_equal(reply.status, 403);
	assert_int_equal(reply_header_count(&reply, "Set-Cookie"), 1);
	assert_true(contains(buf_slice(&reply.body), "<path fill=\"#000\" d=\"M"));
	cut_out(buf_slice(&reply.body), "name=\"ticket\" value=\"", '"', ticket, sizeof(ticket));
	cut_out(buf_slice(&reply.body), "class=\"key\">", '<', key, sizeof(key));
	assert_true(base32_decode_exact(slice_of(key), person.secret, TOTP_SECRET_SIZE));
	reply_free(&reply);
	/* A wrong first code shows the same key again. */
	send_form(&person, "/auth/login", &reply, "ticket=%s&otp=000000&return=/app", ticket);
	assert_int_equal(reply.status, 401);
	assert_true(contains(buf_slice(&reply.body), key));
	reply_free(&reply);
	send_form(&person, "/auth/login", &reply, "ticket=%s&otp=%s&return=/app", ticket, code_of(&person, 0));
	assert_int_equal(reply.status, 200);
	assert_true(contains(buf_slice(&reply.body), "href=\"/app\""));
	cut_out(buf_slice(&reply.body), "<li><code>", '<', person.recovery[0], sizeof(person.recovery[0]));
	reply_free(&reply);
	assert_int_equal(browser_refresh(&person.browser, NULL), 200);
	assert_int_equal(login_status(&person, NULL), 401);
	assert_int_equal(login_status(&person, person.recovery[0]), 200);
	/* It may be replaced but not removed. */
	send(&person, "DELETE", "/otp", &reply, "{" CURRENT ",\"otp\":\"%s\"}", code_of(&person, 1));
	reply_expect(&reply, 403, "otp_enrolment_required");
	reply_free(&reply);
}

static void
two_who_enrol_at_once_never_share_a_secret(void **state)
{
	struct person owner = { .browser = { .site = &site } }, thief = owner;
	char first[128], second[128];

	(void)state;
	require("all");
	first_step(&thief, first);
	first_step(&owner, second);
	/* The ticket from the first page no longer counts. */
	assert_int_equal(second_step(&thief, first, "000000"), 401);
	struct reply reply;

	send_form(&owner, "/auth/login", &reply, "ticket=%s&otp=000000", second);
	assert_int_equal(reply.status, 401);
	assert_true(contains(buf_slice(&reply.body), "class=\"key\""));
	reply_free(&reply);
	send_form(&thief, "/auth/login", &reply, "ticket=%s&otp=000000", first);
	assert_false(contains(buf_slice(&reply.body), "class=\"key\""));
	reply_free(&reply);
}

static void
a_session_by_password_alone_ends_when_more_is_required(void **state)
{
	struct person person, other = { .browser = { .site = &site } };
	const char *reason;

	(void)state;
	browser_login(&other.browser, "alice", NULL);
	enrol(&person);
	require("all");
	assert_int_equal(browser_refresh(&other.browser, &reason), 403);
	assert_string_equal(reason, "otp_required");
	/* The session that enrolled it has proved both factors. */
	assert_int_equal(browser_refresh(&person.browser, NULL), 200);
}

/* ---- /otp ---- */

static void
every_change_asks_for_the_password_and_a_code(void **state)
{
	static const struct {
		const char *method, *path;
	} rows[] = { { "POST", "/otp" }, { "DELETE", "/otp" }, { "POST", "/otp/recovery" } };
	struct person person;

	(void)state;
	enrol(&person);
	site_advance(60000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct reply reply;

		send(&person, rows[i].method, rows[i].path, &reply, "{\"current\":\"wrong\",\"otp\":\"%s\"}", code_of(&person, 0));
		reply_expect(&reply, 403, "invalid_credentials");
		reply_free(&reply);
		send(&person, rows[i].method, rows[i].path, &reply, "{" CURRENT "}");
		reply_expect(&reply, 403, "otp_required");
		reply_free(&reply);
		send(&person, rows[i].method, rows[i].path, &reply, "{" CURRENT ",\"otp\":\"000000\"}");
		reply_expect(&reply, 403, "otp_required");
		reply_free(&reply);
		send(&(struct person){ .browser = { .site = &site } }, rows[i].method, rows[i].path, &reply, "{}");
		reply_expect(&reply, 401, "unauthorized");
		reply_free(&reply);
	}
	assert_int_equal(events(EVENT_LOGIN_FAILED, REASON_OTP_WRONG), 3);
	assert_int_equal(events(EVENT_LOGIN_FAILED, REASON_NONE), 3);
	assert_int_equal(login_status(&person, code_of(&person, 0)), 200);
}

static void
recovery_codes_are_made_anew_and_it_is_removed(void **state)
{
	struct person person;
	struct reply reply;
	char old[24];

	(void)state;
	enrol(&person);
	strcpy(old, person.recovery[0]);
	send(&person, "POST", "/otp/recovery", &reply, "{" CURRENT ",\"otp\":\"%s\"}", person.recovery[1]);
	assert_int_equal(reply.status, 200);
	take_recovery_codes(&person, &reply);
	reply_free(&reply);
	assert_int_equal(login_status(&person, old), 401);
	assert_int_equal(login_status(&person, person.recovery[0]), 200);
	send(&person, "DELETE", "/otp", &reply, "{" CURRENT ",\"otp\":\"%s\"}", person.recovery[1]);
	assert_int_equal(reply.status, 204);
	reply_free(&reply);
	browser_login(&person.browser, "alice", NULL);
	send(&person, "DELETE", "/otp", &reply, "{" CURRENT "}");
	reply_expect(&reply, 409, "invalid_request");
	reply_free(&reply);
}

static void
a_new_app_takes_the_place_of_the_old_one(void **state)
{
	struct person person, before;
	struct reply reply;

	(void)state;
	enrol(&person);
	before = person;
	site_advance(60000);
	send(&person, "POST", "/otp", &reply, "{" CURRENT ",\"otp\":\"%s\"}", code_of(&before, 0));
	assert_int_equal(reply.status, 200);
	assert_true(base32_decode_exact(reply_text(&reply, NULL, "secret"), person.secret, TOTP_SECRET_SIZE));
	reply_free(&reply);
	/* Until its first code the old one counts. */
	site_advance(60000);
	assert_int_equal(login_status(&person, code_of(&before, 0)), 200);
	send(&person, "POST", "/otp/confirm", &reply, "{\"code\":\"%s\"}", code_of(&before, 1));
	reply_expect(&reply, 403, "otp_required");
	reply_free(&reply);
	send(&person, "POST", "/otp/confirm", &reply, "{\"code\":\"%s\",\"end_others\":true}", code_of(&person, 0));
	assert_int_equal(reply.status, 200);
	reply_free(&reply);
	assert_int_equal(browser_refresh(&before.browser, NULL), 403);
	assert_int_equal(login_status(&person, code_of(&before, 1)), 401);
	assert_int_equal(login_status(&person, code_of(&person, 1)), 200);
	send(&person, "POST", "/otp/confirm", &reply, "{\"code\":\"%s\"}", code_of(&person, 1));
	reply_expect(&reply, 409, "invalid_request");
	reply_free(&reply);
}

static void
the_first_code_cannot_be_guessed_without_bound(void **state)
{
	struct person person = { .browser = { .site = &site } };
	struct reply reply;
	int status = 0;

	(void)state;
	browser_login(&person.browser, "alice", NULL);
	send(&person, "POST", "/otp", &reply, "{" CURRENT "}");
	assert_true(base32_decode_exact(reply_text(&reply, NULL, "secret"), person.secret, TOTP_SECRET_SIZE));
	reply_free(&reply);
	for (int i = 0; i < 200 && status != 429; i++) {
		send(&person, "POST", "/otp/confirm", &reply, "{\"code\":\"%06d\"}", i);
		status = reply.status;
		assert_true(status == 403 || status == 429);
		reply_free(&reply);
	}
	assert_int_equal(status, 429);
	/* Over the limit, a right code is not examined either. */
	send(&person, "POST", "/otp/confirm", &reply, "{\"code\":\"%s\"}", code_of(&person, 0));
	assert_int_equal(reply.status, 429);
	reply_free(&reply);
}

static void
a_right_password_gives_no_unbounded_guesses_at_the_code(void **state)
{
	struct person person, thief = { .browser = { .site = &site, .address = "198.51.100.9" } };
	struct reply reply;
	int status = 0, tries = 0;

	(void)state;
	enrol(&person);
	site_advance(60000);
	for (; tries < 200 && status != 429; tries++) {
		char code[16];

		snprintf(code, sizeof(code), "%06d", tries);
		login(&thief, code, &reply);
		status = reply.status;
		reply_free(&reply);
	}
	assert_int_equal(status, 429);
	login(&thief, code_of(&person, 0), &reply);
	assert_int_equal(reply.status, 429);
	reply_free(&reply);
	/* The owner's own device is still let in. */
	assert_int_equal(login_status(&person, code_of(&person, 0)), 200);
}

/* ---- GET /account ---- */

/* The page's form that is sent to path, up to its end. */
static struct slice
form_to(const struct reply *reply, const char *path)
{
	struct slice page = buf_slice(&reply->body), form;
	char action[64];

	snprintf(action, sizeof(action), "action=\"%s\"", path);
	while (page.len && !slice_starts(page, slice_of(action)))
		page = slice_skip(page, 1);
	form = page;
	while (page.len && !slice_starts(page, SLICE("</form>")))
		page = slice_skip(page, 1);
	form.len -= page.len;
	return form;
}

static void
the_account_page_shows_devices_and_ends_them(void **state)
{
	struct person person = { .browser = { .site = &site } }, other = person;
	struct reply reply;
	struct slice location;
	char sid[32];

	(void)state;
	send(&other, "POST", "/login", &reply, "{\"username\":\"alice\",\"password\":\"" SITE_PASSWORD
	    "\",\"device\":\"<b>Phone</b>\"}");
	assert_int_equal(reply.status, 200);
	reply_free(&reply);
	browser_login(&person.browser, "alice", NULL);
	browser_send(&person.browser, "GET", "/account", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(contains(buf_slice(&reply.body), "&lt;b&gt;Phone&lt;/b&gt;"));
	assert_false(contains(buf_slice(&reply.body), "<b>"));
	cut_out(form_to(&reply, "/auth/account/sign-out"), "name=\"session\" value=\"", '"', sid, sizeof(sid));
	reply_free(&reply);
	send_form(&person, "/auth/account/sign-out", &reply, "session=%s", sid);
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &location));
	assert_true(slice_eq(location, SLICE("/auth/account?done=devices")));
	reply_free(&reply);
	assert_int_equal(browser_refresh(&other.browser, NULL), 403);
	assert_int_equal(browser_refresh(&person.browser, NULL), 200);
	browser_login(&other.browser, "alice", NULL);
	send_form(&person, "/auth/account/sign-out", &reply, "others=on");
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &location));
	assert_true(slice_eq(location, SLICE("/auth/account?done=others")));
	reply_free(&reply);
	assert_int_equal(browser_refresh(&other.browser, NULL), 403);
	assert_int_equal(browser_refresh(&person.browser, NULL), 200);
	send_form(&person, "/auth/account/sign-out", &reply, "others=on&session=%s", sid);
	assert_int_equal(reply.status, 400);
	reply_free(&reply);
	/* An unknown field may have been meant to spare something. */
	send_form(&person, "/auth/account/sign-out", &reply, "others=on&keep[]=%s", sid);
	assert_int_equal(reply.status, 400);
	reply_free(&reply);
}

/* Renames with the page's form and returns the status. */
static int
rename_status(struct person *person, const char *sid, const char *device)
{
	struct reply reply;

	send_form(person, "/auth/account/rename", &reply, "session=%s&device=%s", sid, device);
	int status = reply.status;

	reply_free(&reply);
	return status;
}

static void
a_device_is_renamed_by_the_page(void **state)
{
	struct person person = { .browser = { .site = &site } }, other = person;
	struct reply reply;
	struct slice location;
	char sid[32], body[256], long_name[140];

	(void)state;
	site_add_user(&site, "bob", SITE_PASSWORD);
	browser_login(&other.browser, "bob", NULL);
	browser_login(&person.browser, "alice", NULL);
	browser_send(&person.browser, "GET", "/account", NULL, &reply);
	cut_out(buf_slice(&reply.body), "name=\"session\" value=\"", '"', sid, sizeof(sid));
	reply_free(&reply);
	send_form(&person, "/auth/account/rename", &reply, "session=%s&device=+K%%C3%%BCche+%%3Cb%%3E+", sid);
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &location));
	assert_true(slice_eq(location, SLICE("/auth/account?done=name")));
	reply_free(&reply);
	browser_ask(&person.browser, &(struct ask){ .method = "GET", .path = "/auth/account", .query = "done=name" }, &reply);
	assert_true(contains(buf_slice(&reply.body), "name of the device was saved"));
	assert_true(contains(buf_slice(&reply.body), "<p class=\"name\">K\xc3\xbc" "che &lt;b&gt; <em>"));
	assert_true(contains(buf_slice(&reply.body), "value=\"K\xc3\xbc" "che &lt;b&gt;\""));
	reply_free(&reply);
	/*
	 * Not another user's session, nor one that does not exist, nor text that cannot be a name.
	 */
	assert_int_equal(rename_status(&other, sid, "mine"), 404);
	assert_int_equal(rename_status(&person, "AAAAAAAAAAAAAAAAAAAAAA", "x"), 404);
	assert_int_equal(rename_status(&person, sid, "a%0Ab"), 400);
	assert_int_equal(rename_status(&person, sid, "a%00b"), 400);
	assert_int_equal(rename_status(&person, sid, "a%FF"), 400);
	assert_int_equal(rename_status(&person, sid, "a&device=b"), 400);
	memset(long_name, 'x', sizeof(long_name));
	long_name[129] = '\0';
	send_form(&person, "/auth/account/rename", &reply, "session=%s&device=%s", sid, long_name);
	assert_int_equal(reply.status, 400);
	assert_true(contains(buf_slice(&reply.body), "<h2 id=\"devices\">Devices</h2>\n<p role=\"alert\""));
	reply_free(&reply);
	/* Nor from another site's page, as with every form here. */
	snprintf(body, sizeof(body), "session=%s&device=theirs", sid);
	browser_ask(&person.browser, &(struct ask){
		.method = "POST", .path = "/auth/account/rename", .type = "application/x-www-form-urlencoded", .body = body,
		.extra = { { "HTTP_SEC_FETCH_SITE", "cross-site" } },
	}, &reply);
	reply_expect(&reply, 403, "cross_origin");
	reply_free(&reply);
	browser_send(&person.browser, "GET", "/account", NULL, &reply);
	assert_true(contains(buf_slice(&reply.body), "<p class=\"name\">K\xc3\xbc" "che &lt;b&gt; <em>"));
	reply_free(&reply);
	/* Without a name of its own it is called after its browser again. */
	assert_int_equal(rename_status(&person, sid, ""), 303);
	browser_send(&person.browser, "GET", "/account", NULL, &reply);
	assert_true(contains(buf_slice(&reply.body), "<p class=\"name\">Test/1.0 <em>"));
	reply_free(&reply);
}

static void
nobody_is_shown_the_login_page_and_comes_back(void **state)
{
	struct person person = { .browser = { .site = &site } };
	struct reply reply;

	(void)state;
	browser_send(&person.browser, "GET", "/account", NULL, &reply);
	assert_int_equal(reply.status, 200);
	assert_true(contains(buf_slice(&reply.body), "name=\"return\" value=\"/auth/account\""));
	reply_free(&reply);
	send_form(&person, "/auth/otp", &reply, "current=x");
	assert_int_equal(reply.status, 401);
	assert_true(contains(buf_slice(&reply.body), "action=\"/auth/login\""));
	reply_free(&reply);
}

static void
forms_of_the_page_are_answered_by_pages(void **state)
{
	struct person person = { .browser = { .site = &site } };
	struct reply reply;
	struct slice location;
	char key[64];

	(void)state;
	browser_login(&person.browser, "alice", NULL);
	send_form(&person, "/auth/password", &reply, "current=wrong&new=another+long+password");
	assert_int_equal(reply.status, 403);
	assert_true(contains(buf_slice(&reply.body), "The current password is wrong."));
	reply_free(&reply);
	send_form(&person, "/auth/otp", &reply, "current=wrong");
	assert_int_equal(reply.status, 403);
	reply_free(&reply);
	send_form(&person, "/auth/otp", &reply, "current=" FORM_PASSWORD);
	assert_int_equal(reply.status, 200);
	cut_out(buf_slice(&reply.body), "class=\"key\">", '<', key, sizeof(key));
	assert_true(base32_decode_exact(slice_of(key), person.secret, TOTP_SECRET_SIZE));
	reply_free(&reply);
	send_form(&person, "/auth/otp/confirm", &reply, "code=000000");
	assert_int_equal(reply.status, 403);
	assert_true(contains(buf_slice(&reply.body), key));
	reply_free(&reply);
	send_form(&person, "/auth/otp/confirm", &reply, "code=%s&end_others=on", code_of(&person, 0));
	assert_int_equal(reply.status, 200);
	cut_out(buf_slice(&reply.body), "<li><code>", '<', person.recovery[0], sizeof(person.recovery[0]));
	reply_free(&reply);
	browser_send(&person.browser, "GET", "/account", NULL, &reply);
	assert_true(contains(buf_slice(&reply.body), "Recovery codes left: 10"));
	reply_free(&reply);
	send_form(&person, "/auth/account/otp-remove", &reply, "current=" FORM_PASSWORD "&otp=%s", person.recovery[0]);
	assert_int_equal(reply.status, 303);
	assert_true(reply_header(&reply, "Location", &location));
	assert_true(slice_eq(location, SLICE("/auth/account?done=second-factor")));
	reply_free(&reply);
}

static unsigned
times_in(struct slice text, const char *part)
{
	unsigned count = 0;

	for (; text.len; text = slice_skip(text, 1))
		count += slice_starts(text, slice_of(part));
	return count;
}

/*
 * Sends a form that is refused: the page says so once, in that form, and focuses the field to fill
 * in.
 */
static void
expect_told_in_form(struct person *person, const char *path, const char *body, const char *focused)
{
	struct reply reply;

	send_form(person, path, &reply, "%s", body);
	assert_true(reply.status >= 400);
	struct slice form = form_to(&reply, path), input = form;

	assert_int_equal(times_in(buf_slice(&reply.body), "role=\"alert\""), 1);
	assert_int_equal(times_in(buf_slice(&reply.body), " autofocus"), 1);
	assert_int_equal(times_in(form, "role=\"alert\""), 1);
	assert_int_equal(times_in(form, " autofocus"), 1);
	while (input.len && !slice_starts(input, slice_of(focused)))
		input = slice_skip(input, 1);
	slice_cut(input, '>', &input, &form);
	assert_true(contains(input, "autofocus"));
	assert_true(contains(input, "role=\"alert\"") || contains(input, "aria-invalid=\"true\""));
	reply_free(&reply);
}

static void
a_refusal_stands_in_the_form_that_was_sent(void **state)
{
	struct person person;
	struct reply reply;

	(void)state;
	person = (struct person){ .browser = { .site = &site } };
	browser_login(&person.browser, "alice", NULL);
	expect_told_in_form(&person, "/auth/otp", "current=wrong", "name=\"current\"");
	expect_told_in_form(&person, "/auth/password", "current=wrong&new=another+long+password", "name=\"current\"");
	expect_told_in_form(&person, "/auth/password", "current=" FORM_PASSWORD "&new=short", "name=\"new\"");
	enrol(&person);
	expect_told_in_form(&person, "/auth/otp", "current=wrong", "name=\"current\"");
	expect_told_in_form(&person, "/auth/otp", "current=" FORM_PASSWORD "&otp=1", "name=\"otp\"");
	expect_told_in_form(&person, "/auth/otp/recovery", "current=" FORM_PASSWORD "&otp=1", "name=\"otp\"");
	expect_told_in_form(&person, "/auth/account/otp-remove", "current=wrong", "name=\"current\"");
	/* If the form is not on the page, the refusal stands at the top. */
	send_form(&person, "/auth/otp/confirm", &reply, "code=000000");
	assert_int_equal(reply.status, 409);
	assert_int_equal(times_in(buf_slice(&reply.body), "role=\"alert\""), 1);
	assert_true(contains(buf_slice(&reply.body), "</h1>\n<p role=\"alert\" id=\"error\" tabindex=\"-1\" autofocus>"));
	reply_free(&reply);
	/* No field is to blame for a limit, so the message itself gets the focus. */
	site.settings.device_tries = 1;
	site_reload(&site);
	for (int i = 0; i < 3; i++) {
		send_form(&person, "/auth/password", &reply, "current=wrong&new=another+long+password");
		reply_free(&reply);
	}
	expect_told_in_form(&person, "/auth/password", "current=wrong&new=another+long+password", "<p role=\"alert\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_code_is_asked_for_when_the_password_is_right_and_not_before),
		TEST(a_code_is_good_a_step_early_and_late_and_once),
		TEST(a_clock_set_back_makes_no_code_good_again_and_locks_nobody_out),
		TEST(a_recovery_code_is_good_once),
		TEST(the_token_says_how_and_when_it_was_proved),
		TEST(a_form_asks_in_two_steps_and_keeps_no_password),
		TEST(a_ticket_is_for_its_browser_and_its_time),
		TEST(tickets_that_are_none_write_nothing_and_are_counted),
		TEST(a_password_changed_meanwhile_ends_the_ticket),
		TEST(who_must_have_one_enrols_at_login),
		TEST(two_who_enrol_at_once_never_share_a_secret),
		TEST(a_session_by_password_alone_ends_when_more_is_required),
		TEST(every_change_asks_for_the_password_and_a_code),
		TEST(recovery_codes_are_made_anew_and_it_is_removed),
		TEST(a_new_app_takes_the_place_of_the_old_one),
		TEST(the_first_code_cannot_be_guessed_without_bound),
		TEST(a_right_password_gives_no_unbounded_guesses_at_the_code),
		TEST(the_account_page_shows_devices_and_ends_them),
		TEST(a_device_is_renamed_by_the_page),
		TEST(nobody_is_shown_the_login_page_and_comes_back),
		TEST(forms_of_the_page_are_answered_by_pages),
		TEST(a_refusal_stands_in_the_form_that_was_sent),
	};

	return cmocka_run_group_tests_name("web_otp", tests, NULL, NULL);
}
