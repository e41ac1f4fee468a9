/* pintle doctor: what a stranger sees at the mount. */
#include "cmd/doctor/looks.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "crypto/certificate.h"
#include "crypto/random.h"

#define NOBODY_S_TOKEN "Authorization: Bearer pintle-doctor.is.nobody"

/* ---- reachable ---- */

static void
tell_no_answer(struct doctor *doctor)
{
	switch (doctor->answer.outcome) {
	case HTTP_NO_HOST:
		doctor_wrong(doctor, FAULT_NO_HOST, "%s", doctor->answer.problem);
		break;
	case HTTP_NO_SERVER:
		doctor_wrong(doctor, FAULT_NO_SERVER, "%s", doctor->answer.problem);
		break;
	case HTTP_BROKEN:
		doctor_wrong(doctor, FAULT_NO_ANSWER, "%s", doctor->answer.problem);
		break;
	case HTTP_UNTRUSTED:
		doctor_skip(doctor, "the server cannot be trusted; see https");
		break;
	case HTTP_ANSWERED:
	case HTTP_STOPPED:
		break;
	}
}

/* The answer is not that of pintle's health: reports whose it is, and what that means. */
static void
tell_stranger(struct doctor *doctor)
{
	int status = doctor->answer.status;
	char code[DOCTOR_ERROR_SIZE];
	bool pintle_s = doctor_error_code(doctor, code);

	if (pintle_s && status == 404)
		doctor_wrong(doctor, FAULT_OTHER_MOUNT,
		    "pintle answers, but knows no %s/health: its mount differs, or it gets "
		    "another path", doctor->mount);
	else if (status == 401 || status == 403)
		doctor_wrong(doctor, FAULT_MOUNT_GUARDED,
		    "the web server refuses %s/health (status %d), as if it were a guarded place",
		    doctor->mount, status);
	else if (pintle_s)
		doctor_wrong(doctor, FAULT_SITE_BROKEN, "pintle answers, but is not healthy: %d %s",
		    status, code);
	else if (doctor->worker_lost)
		doctor_wrong(doctor, FAULT_WORKER_DOWN,
		    "the web server answers %d: it does not reach the worker", status);
	else
		doctor_wrong(doctor, FAULT_NOT_ROUTED,
		    "what answers %s/health is not pintle (status %d)", doctor->mount, status);
}

bool
doctor_is_health(const struct doctor *doctor)
{
	struct json *json;
	struct slice status;

	if (doctor->answer.status != 200 ||
	    json_parse_object(buf_slice(&doctor->answer.body), &json) != PT_OK)
		return false;

	bool good = json_get_string(json, "status", &status) && slice_eq(status, SLICE("ok"));

	json_free(json);
	return good;
}

void
doctor_reachable(struct doctor *doctor)
{
	char url[1024];

	snprintf(url, sizeof(url), "%.*s%s/health", SLICE_ARG(doctor->origin), doctor->mount);
	http_ask(doctor->http, url, &(struct http_request){ 0 }, &doctor->answer);
	doctor->server = fault_server_family(http_field(buf_slice(&doctor->answer.head),
	    SLICE("Server")));
	doctor->reached = doctor->answer.outcome == HTTP_ANSWERED && doctor_is_health(doctor);
	doctor->worker_lost = doctor_answer_is_failure(doctor);
	if (doctor->answer.outcome != HTTP_ANSWERED)
		tell_no_answer(doctor);
	else if (!doctor->reached)
		tell_stranger(doctor);
}

/* ---- TLS ---- */

static void
judge_certificate_end(struct doctor *doctor)
{
	const struct http_answer *answer = &doctor->answer;
	int64_t overdue_s = certificate_overdue_s(answer->certificate_from_ms / 1000,
	    answer->certificate_ends_ms / 1000);
	char time[CLOCK_TEXT_SIZE];

	if (answer->certificate_ends_ms == 0 ||
	    answer->came_ms < overdue_s * 1000)
		return;
	clock_format(answer->certificate_ends_ms, time);
	doctor_hint(doctor, FAULT_CERTIFICATE_ENDS,
	    "the certificate expires soon, at %s, and has not been renewed", time);
}

/* The answer is still that of the first look, whether anything answers at all. */
void
doctor_https(struct doctor *doctor)
{
	if (!doctor->tls && doctor->site->settings.insecure_loopback)
		doctor_hint(doctor, FAULT_NONE,
		    "the site has no TLS: only for trying out on this machine");
	else if (!doctor->tls)
		doctor_wrong(doctor, FAULT_NO_TLS, "the address has no TLS");
	else if (doctor->answer.outcome == HTTP_UNTRUSTED)
		/* libcurl passes on OpenSSL's own words. */
		doctor_wrong(doctor, strstr(doctor->answer.problem, "expired") ?
		    FAULT_CERTIFICATE_ENDS : FAULT_CERTIFICATE, "%s", doctor->answer.problem);
	else if (doctor->answer.outcome != HTTP_ANSWERED)
		doctor_skip(doctor, "there is no answer");
	else if (doctor->any_certificate)
		doctor_skip(doctor, "the certificate was not checked (--insecure)");
	else
		judge_certificate_end(doctor);
}

/* ---- what arrives ---- */

void
doctor_authorization(struct doctor *doctor)
{
	const struct http_request request = { .lines = { NOBODY_S_TOKEN, DOCTOR_SCRIPTS } };
	char code[DOCTOR_ERROR_SIZE];

	if (!doctor_ask_mount(doctor, &request, "/me"))
		return;
	if (doctor->answer.status == 401 && doctor_error_code(doctor, code) &&
	    strcmp(code, "invalid_token") == 0)
		return;
	doctor_wrong(doctor, FAULT_AUTHORIZATION,
	    "the Authorization header is dropped on its way: %s/me answers %d as if no token "
	    "had been sent", doctor->mount, doctor->answer.status);
}

void
doctor_methods(struct doctor *doctor)
{
	static const char *const methods[] = { "PATCH", "DELETE" };
	char code[DOCTOR_ERROR_SIZE];

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		const struct http_request request = { .method = methods[i],
		    .lines = { DOCTOR_SCRIPTS } };

		if (!doctor_ask_mount(doctor, &request, "/sessions/pintle-doctor"))
			return;
		if (doctor->answer.status != 401 || !doctor_error_code(doctor, code))
			doctor_wrong(doctor, FAULT_METHODS, "%s does not arrive (status %d)",
			    methods[i], doctor->answer.status);
	}
}

/*
 * Bodies that change nothing: a logout without cookies, of a type that pintle refuses with 415, but
 * only if there is a body.
 */
static const struct body_row {
	size_t len;
	bool chunked;
	int wanted;
	const char *what;
} bodies[] = {
	{ 1024, false, 415, "a body of 1 KiB" },
	{ 15 * 1024, false, 415, "a body of 15 KiB" },
	{ 17 * 1024, false, 413, "a body of 17 KiB" },
	{ 1024, true, 415, "a chunked body" },
	{ 15 * 1024, true, 415, "a chunked body of 15 KiB" },
};

static void
judge_body(struct doctor *doctor, const struct body_row *row)
{
	int status = doctor->answer.status;

	if (status == row->wanted)
		return;
	if (status == 413)
		doctor_wrong(doctor, FAULT_BODY_LIMIT,
		    "%s is refused (status 413); up to 16 KiB must be allowed", row->what);
	else if (row->wanted == 413)
		doctor_wrong(doctor, FAULT_BODY_LOST,
		    "%s is not refused for its size: it arrives truncated, or not at all (status "
		    "%d)",
		    row->what, status);
	else
		doctor_wrong(doctor, row->chunked ?
		    FAULT_CHUNKED : FAULT_BODY_LOST, "%s does not arrive (status %d)", row->what,
		    status);
}

void
doctor_body(struct doctor *doctor)
{
	char filler[17 * 1024];

	memset(filler, '.', sizeof(filler));
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct http_request request = { .method = "POST",
		    .lines = { "Content-Type: text/plain", DOCTOR_SCRIPTS },
			.body = { filler, bodies[i].len }, .chunked = bodies[i].chunked };

		if (!doctor_ask_mount(doctor, &request, "/logout"))
			return;
		judge_body(doctor, &bodies[i]);
		if (doctor->told)
			return;	/* one line fixes what the rest would report again */
	}
}

#define BURST 100

/* By POST, since web servers silently repeat requests that may be repeated. */
static unsigned
count_failures(struct doctor *doctor, int *status)
{
	const struct http_request request = { .method = "POST", .lines = { DOCTOR_SCRIPTS } };
	unsigned failed = 0;

	for (int i = 0; i < BURST && !doctor->stopped(); i++) {
		if (!doctor_ask(doctor, &request, "%s/logout", doctor->mount))
			break;
		if (doctor_answer_is_failure(doctor)) {
			*status = doctor->answer.status;
			failed++;
		}
	}
	return failed;
}

/*
 * A connection that is reused just before the worker closes it is lost. That happens now and then,
 * so pintle reports whether connections are kept.
 */
void
doctor_kept(struct doctor *doctor)
{
	int status = 0;
	unsigned failed = count_failures(doctor, &status);

	if (failed)
		doctor_wrong(doctor, FAULT_KEPT,
		    "of %d requests over one connection %u were answered with a failure (status "
		    "%d)", BURST,
		    failed, status);
	if (doctor->told || !doctor_ask_mount(doctor, &(struct http_request){ 0 }, "/health"))
		return;
	if (http_field(buf_slice(&doctor->answer.head), SLICE("X-Pintle-Peer")).len)
		doctor_wrong(doctor, FAULT_KEPT,
		    "the web server keeps connections to the worker, which closes them: now and "
		    "then a request is lost");
}

/* ---- caches ---- */

/* Each of pintle's answers has its own number. */
void
doctor_cached(struct doctor *doctor)
{
	char first[RANDOM_ID_SIZE] = "";

	for (int i = 0; i < 2; i++) {
		if (!doctor_ask_mount(doctor, &(struct http_request){ 0 }, "/health"))
			return;

		struct slice head = buf_slice(&doctor->answer.head),
		    id = http_field(head, SLICE("X-Request-Id"));

		if (!http_field_cache_has(head, SLICE("no-store"))) {
			doctor_wrong(doctor, FAULT_CACHED,
			    "Cache-Control does not arrive as pintle set it: no-store is missing");
			return;
		}
		if (i && id.len && slice_eq(id, slice_of(first))) {
			doctor_wrong(doctor, FAULT_CACHED,
			    "two requests got the same answer: a cache keeps what it must not");
			return;
		}
		slice_copy(id, first, sizeof(first));
	}
}
