/*
 * The records of one FastCGI request (specification, section 3.3), looked at byte
 * by byte as they come, however they are cut. Whoever can connect can send
 * anything: nothing is handed on, neither to libfcgi nor to a thread, before a
 * whole request has been seen that is right in all its lengths.
 */
#ifndef PINTLE_GATE_RECORDS_H
#define PINTLE_GATE_RECORDS_H

#include "base/buf.h"
#include "web/web.h"

#define RECORDS_MAX_PARAMS (64 * 1024)	/* bytes of a request's parameters, their lengths included */

enum { ROLE_RESPONDER = 1, ROLE_AUTHORIZER = 2, ROLE_FILTER = 3 };

enum records_state {
	RECORDS_MORE = 0,	/* it goes on */
	RECORDS_WHOLE,		/* there is all of it */
	RECORDS_BROKEN,		/* this is no request, whatever follows */
};

enum records_part {
	RECORDS_AT_BEGIN = 0,
	RECORDS_AT_PARAMS,
	RECORDS_AT_BODY,
	RECORDS_AT_END,
};

/* Where the walk stands among the names and values of the parameters. */
struct records_pairs {
	size_t seen;		/* bytes of all pairs so far */
	uint8_t length[4];	/* of a length that comes in pieces: what is there of it */
	unsigned have;
	bool value;		/* the length of the value comes next, or is coming */
	size_t skip;		/* bytes of name and value that are still to come */
	size_t name;		/* the length of the name, while that of the value comes */
};

struct records {
	bool keeps;		/* parameters and body are kept; else they are only looked at */
	bool plain;		/* nothing has come but this request's own records */
	bool peer_keeps;	/* the peer wants to use its connection again */
	bool ended;		/* the body came to its end, and was not given up */
	enum records_part part;
	unsigned role;
	unsigned id;
	uint8_t head[8];	/* of the record that is being read */
	unsigned head_len;
	uint8_t begin[8];	/* what FCGI_BEGIN_REQUEST holds */
	unsigned begin_len;
	size_t content, padding;	/* bytes of the record that are still to come */
	struct records_pairs pairs;
	uint64_t body_len;	/* of all that came */
	struct buf params;	/* where they are kept: names and values with their lengths, as they came */
	struct buf body;	/* and the first WEB_MAX_BODY + 1 bytes of the body */
};

/* Begins anew. keeps: what comes will be needed, and is not there to be read again. */
void records_init(struct records *records, bool keeps);
void records_free(struct records *records);

/*
 * Looks at the next bytes. *used is how many of them are the request's. Also broken where
 * parameters are longer than RECORDS_MAX_PARAMS, or without memory; a body longer than GATE_DRAIN_MAX ends there.
 */
enum records_state records_feed(struct records *records, struct slice bytes, size_t *used);

/* Whether the parameters are there, which say whose request it is. */
bool records_have_params(const struct records *records);

/* Of kept parameters: the value of one, the last if it came twice; the empty slice if absent. */
struct slice records_param(const struct records *records, struct slice name);

/* The same request again in as few records as can be, with as much of its body as was kept. */
void records_put(const struct records *records, struct buf *out);

#endif
