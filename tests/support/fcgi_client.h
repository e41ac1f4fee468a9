/*
 * A FastCGI client for tests: it builds any record, valid or not, and reports what came back,
 * record by record.
 */
#ifndef TESTS_UNIT_FCGI_CLIENT_H
#define TESTS_UNIT_FCGI_CLIENT_H

#include "gate/records.h"	/* the roles of FastCGI */

enum { FCGI_BEGIN = 1, FCGI_ABORT = 2, FCGI_END = 3, FCGI_PARAMS = 4, FCGI_STDIN = 5, FCGI_STDOUT = 6 };

/* One record of request 1. */
void client_record(struct buf *out, unsigned type, const void *bytes, size_t len);

/* FCGI_BEGIN_REQUEST; keep asks the server to keep the connection open. */
void client_begin(struct buf *out, unsigned role, bool keep);

/* One name-value pair as FCGI_PARAMS holds it. */
void client_param(struct buf *out, const char *name, const char *value);

/* The parameter records and the empty one that ends them. */
void client_params(struct buf *out, const struct buf *pairs);

/* Records of standard input, without the empty one that ends them. */
void client_stdin(struct buf *out, const void *bytes, size_t len);

/* A whole request for path. body may be NULL; standard input is ended all the same. */
void client_request(struct buf *out, unsigned role, const char *path, const char *body);

/* Connects to a Unix socket; a receive waits ten seconds at most. */
int client_connect(const char *path);

/* Sends everything; false if the peer does not take it. */
bool client_send(int fd, const struct buf *bytes);

struct client_answer {
	struct buf text;	/* all FCGI_STDOUT records */
	unsigned records;	/* those that are not empty */
	bool ended;		/* FCGI_END_REQUEST came */
	bool closed;		/* the connection was closed, with or without FCGI_END_REQUEST */
};

/* Reads until the connection is closed. */
void client_receive(int fd, struct client_answer *out);

/* Connects, sends, receives and closes. */
void client_ask(const char *path, const struct buf *bytes, struct client_answer *out);

bool client_has(const struct client_answer *answer, const char *needle);
void client_answer_free(struct client_answer *answer);

#endif
