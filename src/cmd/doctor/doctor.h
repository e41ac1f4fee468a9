/*
 * `pintle doctor`: looks at the live site as a client would, and at the machine that it runs on. What is
 * looked at is one table (looks.c), what fixes it another (fault.c). Here is what the looks share: what is
 * known of the site, and how they ask and report. Only the logins of users made for the purpose change
 * anything of the site.
 */
#ifndef PINTLE_CMD_DOCTOR_DOCTOR_H
#define PINTLE_CMD_DOCTOR_DOCTOR_H

#include "cmd/doctor/blocks.h"
#include "cmd/doctor/fault.h"
#include "cmd/doctor/http.h"
#include "cmd/doctor/http_field.h"
#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/* Somebody who logged in, and what a browser would send from then on. */
struct doctor_login {
	const char *name;	/* NULL: there is nobody to log in */
	struct slice password;
	const char *code;	/* of a second factor; NULL or empty: none */
	bool good;		/* it did log in */
	struct buf bearer;	/* "Authorization: Bearer ...", NUL-terminated as the next two */
	struct buf cookies;	/* "Cookie: ...", all of them */
	struct buf gate;	/* "Cookie: ..." with the gate cookie; empty: none was set */
};

/* A guarded place, and what came out about it so far. */
struct doctor_place {
	const char *path;	/* "/app/" */
	struct slice groups;	/* of which it demands one; empty: it demands none, or that is not known */
	bool for_programs;	/* no cookie opens it, and nobody is asked to sign in there */
	bool refuses;		/* a stranger */
	bool lets_in;		/* who logged in */
};

/* The worker's socket, as whoever calls sees it. */
struct doctor_socket {
	int error;			/* errno where it cannot be looked at */
	unsigned mode;			/* as stat(2) has it */
	const char *shut_out;		/* one of the usual users of web servers, if none of those here can connect */
	bool let_in;			/* one of them can */
};

struct doctor {
	const struct site *site;	/* the configuration, or the defaults for the address; .store NULL: not at hand */
	const struct keyring *keys;	/* of this machine; NULL: not at hand */
	bool has_config;		/* site was read from a file of this machine */
	struct slice origin;		/* of the address that is looked at */
	const char *mount;		/* "/auth" */
	bool tls;
	bool any_certificate;
	const char *plain;		/* where the site is, or should not be, without TLS; NULL: not known */
	bool plain_is_same;		/* its host is that of the origin */
	struct http_addresses addresses;	/* of the origin's host, or those that the command line names */
	struct doctor_blocks blocks;	/* nginx's server blocks of its name, as far as they can be seen */
	struct doctor_place *places;
	size_t place_count;
	const char *no_login;		/* why nobody can log in; NULL: somebody can */
	bool (*stopped)(void);

	struct doctor_socket socket;
	struct http *http;
	struct http_answer answer;	/* to the last request */
	enum server_family server;
	bool reached;			/* pintle answers at the mount */
	bool worker_lost;		/* the web server answers in its place: it did not get through to it */
	struct doctor_login login;	/* has every group that a place demands, as far as this is known */
	struct doctor_login other;	/* has none */
	bool logged_out;		/* .login has, by now */

	struct findings findings;
	const char *check;		/* the row that is being looked at */
	struct doctor_place *place;	/* the place, where the row is of places */
	bool told;			/* it has said something */
	char found[256];		/* {{found}} of the next remedy */
};

/* Looks at the socket, for which root may be needed; what there is to say of it is said in its turn. */
void doctor_see_socket(struct doctor *doctor);

/* Says that something is wrong, or worth knowing, and what mends it. */
void doctor_wrong(struct doctor *doctor, enum doctor_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_hint(struct doctor *doctor, enum doctor_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says that it could not be told. */
void doctor_skip(struct doctor *doctor, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names what {{found}} in the next remedy stands for. */
void doctor_found(struct doctor *doctor, struct slice text);

/*
 * Asks at origin + path; the answer is doctor->answer. False if none came, which was said then
 * (but not that the person stopped it all).
 */
bool doctor_ask(struct doctor *doctor, const struct http_request *request, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Asks pintle, below its mount, and asks again where the web server failed to reach it: a connection
 * that is lost now and then is told of once, by the look that is there for it.
 */
bool doctor_ask_mount(struct doctor *doctor, const struct http_request *request, const char *below);

/* Whether the answer is the web server's, which has none of pintle's (502, 503 or 504). */
bool doctor_answer_is_failure(const struct doctor *doctor);

/* Whether the answer is that of a pintle which is well, to /health. */
bool doctor_is_health(const struct doctor *doctor);

/* The code of an error answer of pintle's into out, or false for any other answer. */
#define DOCTOR_ERROR_SIZE 64
bool doctor_error_code(const struct doctor *doctor, char out[DOCTOR_ERROR_SIZE]);

/* Whether a text came in the body or in the head of the answer. */
bool doctor_answer_holds(const struct doctor *doctor, struct slice text);

/* Logs a person in; the answer stays in doctor->answer. extra is one more header line, or NULL. Not that it failed is said. */
bool doctor_log_in(struct doctor *doctor, struct doctor_login *login, const char *extra);
void doctor_login_free(struct doctor_login *login);

/* How a browser asks when a person navigates, and when a script of a page does. */
#define DOCTOR_NAVIGATES "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: none", \
	"Accept: text/html,application/xhtml+xml,*/*;q=0.8"
#define DOCTOR_SCRIPTS "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "Sec-Fetch-Site: same-origin", \
	"Accept: application/json"

#endif
