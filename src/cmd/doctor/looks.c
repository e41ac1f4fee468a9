#include "cmd/doctor/looks.h"

/* What a look needs to make sense. */
enum needs {
	NEEDS_STORE = 0,
	NEEDS_SERVER,		/* nothing but the address */
	NEEDS_MOUNT,		/* pintle answers there */
	NEEDS_LOGIN,
	NEEDS_PLACE,		/* a guarded place: run once for each of them */
	NEEDS_PLACE_REFUSING,	/* one that keeps strangers out */
	NEEDS_PLACE_LOGIN,	/* and a login besides */
	NEEDS_PLACE_LETTING_IN,	/* which the place let in */
};

/* In the order of execution: login before the looks that need one, logout after them. */
static const struct check {
	const char *name;	/* stable, since scripts use them */
	enum needs needs;
	const char *text;	/* what is true if nothing is found */
	void (*look)(struct doctor *doctor);
} checks[] = {
	{ "left-users", NEEDS_STORE, "no earlier run has left a user behind", doctor_left_users },
	{ "reachable", NEEDS_SERVER, "pintle answers at its mount", doctor_reachable },
	{ "socket", NEEDS_SERVER, "the web server can connect to the worker's socket, and not "
	    "everybody can", doctor_socket },
	{ "authorizer", NEEDS_SERVER, "nobody else can answer Apache in the worker's place",
	    doctor_authorizer },
	{ "https", NEEDS_SERVER, "the certificate is good", doctor_https },
	{ "addresses", NEEDS_MOUNT, "pintle answers at every address of the host",
	    doctor_addresses },
	{ "front", NEEDS_MOUNT, "nothing but the web server answers", doctor_front },
	{ "plain-http", NEEDS_SERVER, "an http:// address leads to its https:// one",
	    doctor_plain_http },
	{ "kept", NEEDS_MOUNT, "no connection to the worker is kept, and none is lost",
	    doctor_kept },
	{ "authorization", NEEDS_MOUNT, "the Authorization header arrives", doctor_authorization },
	{ "methods", NEEDS_MOUNT, "PATCH and DELETE arrive", doctor_methods },
	{ "body", NEEDS_MOUNT, "bodies arrive up to 16 KiB, with their length and chunked",
	    doctor_body },
	{ "cached", NEEDS_MOUNT, "no cache keeps what pintle answers", doctor_cached },
	{ "issuer", NEEDS_MOUNT, "the issuer is the tested address", doctor_issuer },
	{ "metadata", NEEDS_MOUNT, "the metadata is where clients look for it", doctor_metadata },
	{ "jwks", NEEDS_MOUNT, "the key set is at both its addresses, and fresh", doctor_jwks },
	{ "login", NEEDS_MOUNT, "a login works", doctor_login },
	{ "cookies", NEEDS_LOGIN, "the cookies arrive as pintle sets them", doctor_cookies },
	{ "gate-cookie", NEEDS_LOGIN, "the cookie for guarded pages is set", doctor_gate_cookie },
	{ "clocks", NEEDS_LOGIN, "the clocks of the web server, of pintle and of this machine "
	    "agree", doctor_clocks },
	{ "address", NEEDS_LOGIN, "pintle sees the address of this machine", doctor_address },
	{ "guard", NEEDS_PLACE, "a stranger who navigates there gets the login page, in place",
	    doctor_guard },
	{ "guard-addresses", NEEDS_PLACE_REFUSING, "it is guarded at every address of the host",
	    doctor_guard_addresses },
	{ "guard-xhr", NEEDS_PLACE_REFUSING, "a script is refused with JSON", doctor_guard_xhr },
	{ "guard-scripts", NEEDS_PLACE_REFUSING,
	    "no file extension (.php, .png, .css, .js) leads past the guard",
	    doctor_guard_scripts },
	{ "guard-slash", NEEDS_PLACE_REFUSING, "it is guarded without its final slash too",
	    doctor_guard_slash },
	{ "guard-groups", NEEDS_PLACE_LOGIN, "nobody without its group is let in",
	    doctor_guard_groups },
	{ "guard-login", NEEDS_PLACE_LOGIN, "whoever has logged in is let in", doctor_guard_login },
	{ "guard-cache", NEEDS_PLACE_LETTING_IN, "no cache keeps what is shown there",
	    doctor_guard_cache },
	{ "guard-memory", NEEDS_PLACE_LETTING_IN, "nobody is let in because somebody else was",
	    doctor_guard_remembered },
	{ "guard-forged", NEEDS_PLACE_LETTING_IN,
	    "forged identity headers do not reach the application", doctor_guard_forged },
	{ "forged", NEEDS_MOUNT, "no unguarded page at the root shows forged identity headers, or "
	    "pintle's own cookie", doctor_forged_outside },
	{ "logout", NEEDS_LOGIN, "a logout takes effect at once", doctor_logout },
	{ "guard-logout", NEEDS_PLACE_LETTING_IN, "a logout takes effect there at once",
	    doctor_guard_logout },
};

#define CHECKS (sizeof(checks) / sizeof(checks[0]))

/* Why a look cannot be run; NULL if it can. */
static const char *
what_lacks(const struct doctor *doctor, enum needs needs)
{
	switch (needs) {
	case NEEDS_SERVER:
	case NEEDS_MOUNT:
	case NEEDS_PLACE:
		return NULL;
	case NEEDS_STORE:
		return doctor->site->store ? NULL : "the store is not available";
	case NEEDS_PLACE_REFUSING:
		return doctor->place->refuses ? NULL : "it does not keep strangers out";
	case NEEDS_LOGIN:
		if (doctor->login.good)
			return NULL;
		return doctor->no_login ? doctor->no_login : "no login succeeded";
	case NEEDS_PLACE_LOGIN:
	case NEEDS_PLACE_LETTING_IN:
		if (!doctor->place->refuses)
			return "it does not keep strangers out";
		if (!doctor->login.good)
			return doctor->no_login ? doctor->no_login : "no login succeeded";
		return needs == NEEDS_PLACE_LOGIN || doctor->place->lets_in ?
		    NULL : "nobody was let in";
	}
	return NULL;
}

static void
look_once(struct doctor *doctor, const struct check *check)
{
	const char *lack = what_lacks(doctor, check->needs);

	if (doctor->stopped())
		return;
	doctor->check = check->name;
	doctor->told = false;
	if (lack) {
		doctor_skip(doctor, "%s, so it cannot be checked whether %s", lack, check->text);
		return;
	}
	check->look(doctor);
	if (doctor->told || doctor->stopped())
		return;
	if (doctor->place)
		findings_ok(&doctor->findings, check->name, "%s: %s", doctor->place->path,
		    check->text);
	else
		findings_ok(&doctor->findings, check->name, "%s", check->text);
}

/* If pintle does not answer, only that is reported. */
void
doctor_look(struct doctor *doctor)
{
	for (const struct check *check = checks; check < checks + CHECKS; check++) {
		if (check->needs > NEEDS_SERVER && !doctor->reached)
			continue;
		if (check->needs < NEEDS_PLACE) {
			look_once(doctor, check);
			continue;
		}
		for (size_t i = 0; i < doctor->place_count; i++) {
			doctor->place = &doctor->places[i];
			look_once(doctor, check);
		}
		doctor->place = NULL;
	}
}

bool
doctor_describe(size_t which, const char **name, const char **text)
{
	if (which >= CHECKS)
		return false;
	*name = checks[which].name;
	*text = checks[which].text;
	return true;
}
