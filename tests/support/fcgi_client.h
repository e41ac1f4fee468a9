/*
 * A FastCGI client for tests: makes any records, right ones and wrong ones, and
 * tells what came back record by record.
 */
#ifndef TESTS_UNIT_FCGI_CLIENT_H
#define TESTS_UNIT_FCGI_CLIENT_H

#include "gate/records.h"	/* its roles */

enum { FCGI_BEGIN = 1, FCGI_ABORT = 2, FCGI_END = 3, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_STDOUT = 6 };

/* One record of request 1. */
void client_record(struct buf *out, unsigned type, const void *bytes, size_t len);

/* FCGI_BEGIN_REQUEST; keep asks for the connection to be kept. */
void client_begin(struct buf *out, unsigned role, bool keep);

/* One name and value pair as FCGI_PARAMS hold it. */
void client_param(struct buf *out, const char *name, const char *value);

/* The records of parameters and their end. */
void client_params(struct buf *out, const struct buf *pairs);

/* Records of standard input, without its end. */
void client_stdin(struct buf *out, const void *bytes, size_t len);

/* A whole request by path; body NULL: none, and its end all the same. */
void client_request(struct buf *out, unsigned role, const char *path, const char *body);

/* Connects to a Unix socket; receiving takes ten seconds at most. */
int client_connect(const char *path);

/* Sends it all; false if the peer does not take it. */
bool client_send(int fd, const struct buf *bytes);

struct client_answer {
	struct buf text;	/* all FCGI_STDOUT */
	unsigned records;	/* those of them that are not empty */
	bool ended;		/* FCGI_END_REQUEST came */
	bool closed;		/* and then, or instead, the end of the connection */
};

/* Reads up to the end of the connection. */
void client_receive(int fd, struct client_answer *out);

/* Connects, sends, receives, closes. */
void client_ask(const char *path, const struct buf *bytes, struct client_answer *out);

bool client_has(const struct client_answer *answer, const char *needle);
void client_answer_free(struct client_answer *answer);

#endif
