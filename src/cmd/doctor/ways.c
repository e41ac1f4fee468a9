/*
 * pintle doctor: all the ways that lead to the site. A name may have many addresses, each with port
 * 80 too, and another server block, or something in front, may answer at some of them.
 */
#include "cmd/doctor/looks.h"

#include <stdio.h>
#include <string.h>

/* Requests origin + path at one address of the host; NULL: by its name. */
static void
ask_at(struct doctor *doctor, const char *address, const char *origin, size_t origin_len,
    const char *path, const struct http_request *how)
{
	struct http_request request = *how;
	char url[1536];

	request.address = address;
	snprintf(url, sizeof(url), "%.*s%s", (int)origin_len, origin, path);
	http_ask(doctor->http, url, &request, &doctor->answer);
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

/* ---- each address ---- */

static void
tell_other_block(struct doctor *doctor, const char *address, const char *what)
{
	char blocks[640] = "";

	/* The files in which nginx has a server block for this name, if there are several. */
	if (doctor->blocks.count > 1)
		snprintf(blocks, sizeof(blocks), "; nginx has server blocks of this name in %.*s",
		    SLICE_ARG(buf_slice(&doctor->blocks.files)));
	doctor_found(doctor, slice_of(address));
	doctor_wrong(doctor, FAULT_OTHER_BLOCK,
	    "at %s a server block that is not pintle's answers (%s): nothing is guarded "
	    "there%s", address, what, blocks);
}

static void
judge_address(struct doctor *doctor, const char *address)
{
	char what[HTTP_PROBLEM_SIZE];

	switch (doctor->answer.outcome) {
	case HTTP_ANSWERED:
		if (doctor_is_health(doctor))
			return;
		snprintf(what, sizeof(what), "status %d for %.200s/health", doctor->answer.status,
		    doctor->mount);
		tell_other_block(doctor, address, what);
		return;
	case HTTP_UNTRUSTED:
		tell_other_block(doctor, address, doctor->answer.problem);
		return;
	case HTTP_NO_HOST:
	case HTTP_NO_SERVER:
	case HTTP_BROKEN:
		/*
		 * On this machine the name has addresses of both families, whether or not anything
		 * listens there.
		 */
		if (is_loopback(address))
			return;
		doctor_found(doctor, slice_of(address));
		doctor_hint(doctor, FAULT_DEAD_ADDRESS,
		    "nothing answers at %s, which is an address of the name too: %s", address,
		    doctor->answer.problem);
		return;
	case HTTP_STOPPED:
		return;
	}
}

void
doctor_addresses(struct doctor *doctor)
{
	char path[1024];

	snprintf(path, sizeof(path), "%.1000s/health", doctor->mount);
	for (size_t i = 0; i < doctor->addresses.count && !doctor->stopped(); i++) {
		ask_at(doctor, doctor->addresses.text[i], doctor->origin.ptr, doctor->origin.len,
		    path, &(struct http_request){ 0 });
		judge_address(doctor, doctor->addresses.text[i]);
	}
}

void
doctor_guard_addresses(struct doctor *doctor)
{
	const struct http_request stranger = { .lines = { DOCTOR_NAVIGATES } };

	for (size_t i = 0; i < doctor->addresses.count && !doctor->stopped(); i++) {
		const char *address = doctor->addresses.text[i];

		ask_at(doctor, address, doctor->origin.ptr, doctor->origin.len, doctor->place->path,
		    &stranger);
		if (doctor->answer.outcome != HTTP_ANSWERED || doctor->answer.status >= 300)
			continue;
		doctor_found(doctor, slice_of(address));
		doctor_wrong(doctor, FAULT_OTHER_BLOCK, "a stranger at %s is let in (status %d)",
		    address, doctor->answer.status);
	}
}

/* ---- without TLS ---- */

/* The result of asking without TLS. */
struct plain_seen {
	bool answered;
	bool redirected;
};

/* A redirect to https is right. */
static void
judge_plain(struct doctor *doctor, const char *path, const char *address, struct plain_seen *seen)
{
	struct slice location = http_field(buf_slice(&doctor->answer.head), SLICE("Location"));
	int status = doctor->answer.status;
	char where[160];

	if (doctor->answer.outcome != HTTP_ANSWERED)
		return;
	seen->answered = true;
	if (status >= 300 && status < 400 && slice_starts(location, SLICE("https://"))) {
		seen->redirected = true;
		return;
	}
	snprintf(where, sizeof(where), "%s%s%s", address ? " (at " : "", address ?
	    address : "", address ? ")" : "");
	if (status < 400)
		doctor_wrong(doctor, FAULT_PLAIN,
		    "%s%s%s is answered (status %d) without a redirect to https://", doctor->plain,
		    path, where, status);
	else
		doctor_hint(doctor, FAULT_PLAIN,
		    "%s%s%s is refused (status %d) instead of redirecting to https://",
		    doctor->plain, path, where, status);
}

/* The login page and every guarded place; one problem for each address is enough. */
static void
look_plain(struct doctor *doctor, const char *address, struct plain_seen *seen)
{
	const struct http_request request = { .lines = { DOCTOR_NAVIGATES } };
	const bool told_before = doctor->told;
	char path[1024];

	doctor->told = false;
	snprintf(path, sizeof(path), "%.1000s/login", doctor->mount);
	ask_at(doctor, address, doctor->plain, strlen(doctor->plain), path, &request);
	judge_plain(doctor, path, address, seen);
	for (size_t i = 0; i < doctor->place_count && !doctor->told && !doctor->stopped(); i++) {
		ask_at(doctor, address, doctor->plain, strlen(doctor->plain),
		    doctor->places[i].path, &request);
		judge_plain(doctor, doctor->places[i].path, address, seen);
	}
	doctor->told = doctor->told || told_before;
}

void
doctor_plain_http(struct doctor *doctor)
{
	struct plain_seen seen = { .answered = false };

	if (!doctor->tls) {
		doctor_skip(doctor, "the site has no TLS");
		return;
	}
	if (doctor->plain == NULL) {
		doctor_skip(doctor, "the port is not 443, so the port of http:// is unknown; "
		    "--plain URL names it");
		return;
	}
	if (!doctor->plain_is_same || doctor->addresses.count == 0)
		look_plain(doctor, NULL, &seen);
	else
		for (size_t i = 0; i < doctor->addresses.count && !doctor->stopped(); i++)
			look_plain(doctor, doctor->addresses.text[i], &seen);
	if (!seen.answered && !doctor->told)
		doctor_skip(doctor, "nothing answers at %s: people who type the name without "
		    "https:// do not get here",
		    doctor->plain);
}

/* ---- something in front ---- */

static const struct {
	const char *field;
	const char *who;
} fronts[] = {
	{ "CF-Ray", "Cloudflare" },
	{ "X-Amz-Cf-Id", "CloudFront" },
	{ "X-Akamai-Transformed", "Akamai" },
	{ "X-Fastly-Request-ID", "Fastly" },
	{ "X-Served-By", "a CDN" },
	{ "X-Varnish", "Varnish" },
	{ "Via", "a proxy" },
};

void
doctor_front(struct doctor *doctor)
{
	if (!doctor_ask_mount(doctor, &(struct http_request){ 0 }, "/health"))
		return;
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
		struct slice value = http_field(buf_slice(&doctor->answer.head),
		    slice_of(fronts[i].field));

		/* Caddy's own Via header is no proxy in front. */
		if (value.len == 0 ||
		    (strcmp(fronts[i].field, "Via") == 0 && doctor->server == SERVER_CADDY))
			continue;
		doctor_hint(doctor, FAULT_FRONT,
		    "%s answers in front of the site (%s): this test sees only what it lets "
		    "through",
		    fronts[i].who, fronts[i].field);
		return;
	}
}
