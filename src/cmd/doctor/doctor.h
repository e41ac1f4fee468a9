/*
 * `pintle doctor` tests the live site as a client would, and the machine that it runs on. The
 * checks ("looks") are one table (looks.c), their remedies another (fault.c). This header is what
 * the looks share: what is known about the site, and how to ask and report. Only the logins of
 * users made for the purpose change anything on the site.
 */
#ifndef PINTLE_CMD_DOCTOR_DOCTOR_H
#define PINTLE_CMD_DOCTOR_DOCTOR_H

#include "cmd/doctor/blocks.h"
#include "cmd/doctor/fault.h"
#include "cmd/doctor/http.h"
#include "cmd/doctor/http_field.h"
#include "cmd/site/site.h"
#include "cmd/term/findings.h"

/* A person who has logged in, and what their browser would send from then on. */
struct doctor_login {
	const char *name;	/* NULL: there is no such person */
	struct slice password;
	const char *code;	/* the code of a second factor; NULL or empty: none */
	bool good;		/* the login succeeded */
	struct buf bearer;	/* "Authorization: Bearer ...", NUL-terminated like the next two */
	struct buf cookies;	/* "Cookie: ...", all of them */
	struct buf gate;	/* "Cookie: ..." with the gate cookie; empty: none was set */
};

/* A guarded place, and what is known about it so far. */
struct doctor_place {
	const char *path;	/* "/app/" */
	/* of which it demands one; empty: it demands none, or that is unknown */
	struct slice groups;
	bool for_programs;	/* no cookie opens it, and it has no login page */
	bool refuses;		/* it refused a stranger */
	bool lets_in;		/* it let in a person who had logged in */
};

/* The worker's socket, as the calling user sees it. */
struct doctor_socket {
	int error;			/* errno if it cannot be examined */
	unsigned mode;			/* from stat(2) */
	/* one of the usual web server users on this machine, if none can connect */
	const char *shut_out;
	bool let_in;			/* one of them can connect */
};

struct doctor {
	/* the configuration, or the defaults for the address; .store NULL: not available */
	const struct site *site;
	const struct keyring *keys;	/* this machine's keys; NULL: not available */
	bool has_config;		/* site was read from a file of this machine */
	struct slice origin;		/* of the tested address */
	const char *mount;		/* "/auth" */
	bool tls;
	bool any_certificate;
	const char *plain;		/* the site's address without TLS; NULL: unknown */
	bool plain_is_same;		/* its host is that of the origin */
	/* the addresses of the origin's host, or those from the command line */
	struct http_addresses addresses;
	/* nginx's server blocks for its name, as far as they can be read */
	struct doctor_blocks blocks;
	struct doctor_place *places;
	size_t place_count;
	const char *no_login;		/* why no login is possible; NULL: it is */
	bool (*stopped)(void);

	struct doctor_socket socket;
	struct http *http;
	struct http_answer answer;	/* the answer to the last request */
	enum server_family server;
	bool reached;			/* pintle answers at the mount */
	/* the web server answers instead: it did not reach pintle */
	bool worker_lost;
	struct doctor_login login;	/* has every group that places demand, as far as known */
	struct doctor_login other;	/* has no group */
	bool logged_out;		/* .login has logged in */

	struct findings findings;
	const char *check;		/* the current row of the table */
	struct doctor_place *place;	/* the current place, if the row is about places */
	bool told;			/* the look has reported something */
	char found[256];		/* the {{found}} of the next remedy */
};

/* Examines the socket, which may need root; findings about it are reported later, in their turn. */
void doctor_see_socket(struct doctor *doctor);

/* Reports that something is wrong, or worth knowing, and how to fix it. */
void doctor_wrong(struct doctor *doctor, enum doctor_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_hint(struct doctor *doctor, enum doctor_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports that it could not be checked. */
void doctor_skip(struct doctor *doctor, const char *format,
    ...) __attribute__((format(printf, 2, 3)));

/* Sets what {{found}} in the next remedy stands for. */
void doctor_found(struct doctor *doctor, struct slice text);

/*
 * Sends a request to origin + path; the answer is doctor->answer. False if none came, which has
 * been reported then (unless the person stopped everything).
 */
bool doctor_ask(struct doctor *doctor, const struct http_request *request, const char *path, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Sends a request to pintle, below its mount, and repeats it if the web server failed to reach
 * pintle. Connections that are lost now and then are reported once, by the look for that.
 */
bool doctor_ask_mount(struct doctor *doctor, const struct http_request *request, const char *below);

/* Whether the answer is the web server's own, because it got none from pintle (502, 503 or 504). */
bool doctor_answer_is_failure(const struct doctor *doctor);

/* Whether the answer to /health is that of a healthy pintle. */
bool doctor_is_health(const struct doctor *doctor);

/* Writes the error code of a pintle answer to out; false for any other answer. */
#define DOCTOR_ERROR_SIZE 64
bool doctor_error_code(const struct doctor *doctor, char out[DOCTOR_ERROR_SIZE]);

/* Whether the body or the head of the answer contains a text. */
bool doctor_answer_holds(const struct doctor *doctor, struct slice text);

/*
 * Logs a person in; the answer stays in doctor->answer. extra is one more header line, or NULL.
 * Failure is not reported here.
 */
bool doctor_log_in(struct doctor *doctor, struct doctor_login *login, const char *extra);
void doctor_login_free(struct doctor_login *login);

/* The headers of a browser when a person navigates, and when a page's script sends a request. */
#define DOCTOR_NAVIGATES \
	"Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document", "Sec-Fetch-Site: none", \
	"Accept: text/html,application/xhtml+xml,*/*;q=0.8"
#define DOCTOR_SCRIPTS \
	"Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty", "Sec-Fetch-Site: same-origin", \
	"Accept: application/json"

#endif
