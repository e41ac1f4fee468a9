/*
 * One FastCGI request that is whole. libfcgi reads and writes the records; it
 * never accepts, never waits for a byte, and sees none that the door has not seen.
 */
#ifndef PINTLE_GATE_FCGI_H
#define PINTLE_GATE_FCGI_H

#include "gate/door.h"

/* Before the first request, once a process is enough. */
enum pt_err gate_fcgi_init(void);

/* A request on its way from its connection to its answer. */
struct gate_exchange;

/*
 * Reads the request of a connection that the door has let go, which is the exchange's from
 * here on. authorizer_only: other roles are refused. NULL without memory: then the connection is closed.
 */
struct gate_exchange *gate_exchange_new(struct gate_conn *conn, bool authorizer_only);

/* Ends it, and the connection. */
void gate_exchange_free(struct gate_exchange *exchange);

/* What web shall answer; NULL if the gate has refused already. */
const struct web_request *gate_exchange_request(const struct gate_exchange *exchange);

/* Where the answer belongs. */
struct web_response *gate_exchange_response(struct gate_exchange *exchange);

/* The connection, for whoever watches over it while it is written to. */
int gate_exchange_fd(const struct gate_exchange *exchange);

/* Writes the answer, and its end. */
void gate_exchange_send(struct gate_exchange *exchange);

#endif
