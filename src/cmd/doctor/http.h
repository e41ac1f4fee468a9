/*
 * A client, by libcurl, that sends requests like a browser or a program, one at a time, and returns
 * the answer unchanged: it follows no redirect, keeps no cookie and decodes nothing.
 */
#ifndef PINTLE_CMD_DOCTOR_HTTP_H
#define PINTLE_CMD_DOCTOR_HTTP_H

#include "base/buf.h"
#include "core/records.h"

struct http;

struct http_options {
	/* certificates, PEM, to trust instead of the system's; empty: the system's */
	struct slice authorities;
	bool any_certificate;		/* do not check certificates */
	bool (*stopped)(void);		/* called often; true ends the current request */
	/* the address of every host, unless the request has one; NULL: by its name */
	const char *address;
};

/* The addresses of a host, as text without brackets, each once, in the resolver's order. */
#define HTTP_ADDRESSES 16
struct http_addresses {
	size_t count;
	char text[HTTP_ADDRESSES][ADDRESS_SIZE];
};

/* Looks a host up ("example.org", "192.0.2.1", "[2001:db8::1]"); none if it has no address. */
void http_look_up(struct slice host, struct http_addresses *out);

/* NULL if libcurl is not available. What options points to must stay unchanged until http_free. */
struct http *http_new(const struct http_options *options);
void http_free(struct http *http);

#define HTTP_LINES 16

struct http_request {
	const char *method;		/* NULL: GET */
	const char *lines[HTTP_LINES];	/* "Name: value", up to the first NULL */
	struct slice body;		/* .ptr NULL: none */
	bool chunked;			/* send the body without a length */
	/* one of the host's addresses to connect to; NULL: by its name */
	const char *address;
};

/* How far a request got. */
enum http_outcome {
	HTTP_BROKEN = 0,	/* it was sent, but no valid answer came */
	HTTP_ANSWERED,
	HTTP_NO_HOST,		/* the host's name has no address */
	HTTP_NO_SERVER,		/* nothing listens there, or nothing came in time */
	HTTP_UNTRUSTED,		/* TLS failed, or the certificate cannot be trusted */
	HTTP_STOPPED,		/* because options.stopped said so */
};

#define HTTP_PROBLEM_SIZE 256

struct http_answer {
	enum http_outcome outcome;
	/* if there is no answer: libcurl's words for that */
	char problem[HTTP_PROBLEM_SIZE];
	int status;
	struct buf head;			/* header lines, "Name: value\n" each */
	struct buf body;			/* the first 256 KiB of the body */
	char own_address[ADDRESS_SIZE];		/* our end of the connection */
	int64_t asked_ms, came_ms;		/* wall clock */
	/* wall clock; both are 0 without TLS, or if unknown */
	int64_t certificate_from_ms;
	int64_t certificate_ends_ms;
};

/*
 * Sends a request. *answer must be zeroed before its first use, and freed with http_answer_free
 * after its last.
 */
void http_ask(struct http *http, const char *url, const struct http_request *request,
    struct http_answer *answer);
void http_answer_free(struct http_answer *answer);

#endif
