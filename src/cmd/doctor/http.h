/*
 * A client that asks a web server as a browser or a program would, one request
 * at a time, and shows what came as it came: no redirect is followed, no
 * cookie kept, nothing decoded. Behind this header is libcurl.
 */
#ifndef PINTLE_CMD_DOCTOR_HTTP_H
#define PINTLE_CMD_DOCTOR_HTTP_H

#include "base/buf.h"
#include "core/records.h"

struct http;

struct http_options {
	struct slice authorities;	/* certificates, PEM, that are trusted in place of the system's; empty: the system's */
	bool any_certificate;		/* look at no certificate at all */
	bool (*stopped)(void);		/* asked often: true ends the request that is under way */
	const char *address;		/* where every host is looked for that no request has an address of; NULL: by its name */
};

/* The addresses of a host, as text without brackets, each once, those of the resolver's order. */
#define HTTP_ADDRESSES 16
struct http_addresses {
	size_t count;
	char text[HTTP_ADDRESSES][ADDRESS_SIZE];
};

/* Looks a host up ("example.org", "192.0.2.1", "[2001:db8::1]"); none where it has no address. */
void http_look_up(struct slice host, struct http_addresses *out);

/* NULL if libcurl cannot be had. What options points to must stay as it is until http_free. */
struct http *http_new(const struct http_options *options);
void http_free(struct http *http);

#define HTTP_LINES 16

struct http_request {
	const char *method;		/* NULL: GET */
	const char *lines[HTTP_LINES];	/* "Name: value", up to the first NULL */
	struct slice body;		/* .ptr NULL: none */
	bool chunked;			/* the body goes without a length */
	const char *address;		/* one of the host's addresses, to be asked there; NULL: wherever its name leads */
};

/* How far a request got. */
enum http_outcome {
	HTTP_BROKEN = 0,	/* begun, and then something came that is no answer, or nothing */
	HTTP_ANSWERED,
	HTTP_NO_HOST,		/* the host's name has no address */
	HTTP_NO_SERVER,		/* nothing listens there, or nothing came in time */
	HTTP_UNTRUSTED,		/* TLS could not be agreed on, or the certificate is not to be trusted */
	HTTP_STOPPED,		/* because options.stopped said so */
};

#define HTTP_PROBLEM_SIZE 256

struct http_answer {
	enum http_outcome outcome;
	char problem[HTTP_PROBLEM_SIZE];	/* where there is no answer: libcurl's words for it */
	int status;
	struct buf head;			/* header lines, "Name: value\n" each */
	struct buf body;			/* the first 256 KiB of it */
	char own_address[ADDRESS_SIZE];		/* this end of the connection */
	int64_t asked_ms, came_ms;		/* wall clock */
	int64_t certificate_from_ms;		/* wall clock; 0, both: without TLS, or not known */
	int64_t certificate_ends_ms;
};

/* Asks; *answer, zeroed before its first use, is for http_answer_free after its last. */
void http_ask(struct http *http, const char *url, const struct http_request *request, struct http_answer *answer);
void http_answer_free(struct http_answer *answer);

#endif
