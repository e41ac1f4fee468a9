/*
 * The records of one FastCGI request (specification, section 3.3), checked byte by byte as they
 * come, however they are split. Whoever can connect can send anything, so nothing is handed on,
 * neither to libfcgi nor to a thread, before a whole request has been seen whose lengths are all
 * right.
 */
#ifndef PINTLE_GATE_RECORDS_H
#define PINTLE_GATE_RECORDS_H

#include "base/buf.h"
#include "web/web.h"

/* bytes of a request's parameters, their lengths included */
#define RECORDS_MAX_PARAMS (64 * 1024)

enum { ROLE_RESPONDER = 1, ROLE_AUTHORIZER = 2, ROLE_FILTER = 3 };

enum records_state {
	RECORDS_MORE = 0,	/* more is to come */
	RECORDS_WHOLE,		/* the request is complete */
	RECORDS_BROKEN,		/* this is no request, whatever follows */
};

enum records_part {
	RECORDS_AT_BEGIN = 0,
	RECORDS_AT_PARAMS,
	RECORDS_AT_BODY,
	RECORDS_AT_END,
};

/* Where the reader stands among the names and values of the parameters. */
struct records_pairs {
	size_t seen;		/* bytes of all pairs so far */
	uint8_t length[4];	/* the bytes so far of a length that comes in pieces */
	unsigned have;
	bool value;		/* the length of the value comes next, or is coming */
	size_t skip;		/* bytes of name and value still to come */
	size_t name;		/* the length of the name, while that of the value comes */
};

struct records {
	bool keeps;		/* parameters and body are kept, not only checked */
	bool plain;		/* no record of another request has come */
	bool peer_keeps;	/* the peer wants to reuse its connection */
	bool ended;		/* the body arrived to its end */
	enum records_part part;
	unsigned role;
	unsigned id;
	uint8_t head[8];	/* of the record being read */
	unsigned head_len;
	uint8_t begin[8];	/* what FCGI_BEGIN_REQUEST holds */
	unsigned begin_len;
	size_t content, padding;	/* bytes of the record still to come */
	struct records_pairs pairs;
	uint64_t body_len;	/* bytes of everything that came */
	struct buf params;	/* if kept: names and values with their lengths, as they came */
	struct buf body;	/* and the first WEB_MAX_BODY + 1 bytes of the body */
};

/*
 * Begins a request. keeps: what comes must be kept, because it cannot be read from the socket
 * again.
 */
void records_init(struct records *records, bool keeps);
void records_free(struct records *records);

/*
 * Takes the next bytes; *used is how many of them belong to the request. The result is broken, too,
 * if the parameters are longer than RECORDS_MAX_PARAMS or memory runs out; a body longer than
 * GATE_DRAIN_MAX ends there.
 */
enum records_state records_feed(struct records *records, struct slice bytes, size_t *used);

/* Whether all parameters are there, which say who sent the request. */
bool records_have_params(const struct records *records);

/*
 * The value of one of the kept parameters, the last one if it came twice; the empty slice if
 * absent.
 */
struct slice records_param(const struct records *records, struct slice name);

/* Writes the request again in as few records as possible, with as much of its body as was kept. */
void records_put(const struct records *records, struct buf *out);

#endif
