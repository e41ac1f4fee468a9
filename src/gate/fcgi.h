/*
 * One whole FastCGI request. libfcgi reads and writes the records; it never accepts, never waits
 * for a byte, and sees no byte that the door has not checked.
 */
#ifndef PINTLE_GATE_FCGI_H
#define PINTLE_GATE_FCGI_H

#include "gate/door.h"

/* To be called once in a process, before the first request. */
enum pt_err gate_fcgi_init(void);

/* A request on its way from its connection to its answer. */
struct gate_exchange;

/*
 * Reads the request of a connection that left the door; the exchange owns it from here on.
 * authorizer_only: other roles are refused. NULL without memory: the connection has been closed.
 */
struct gate_exchange *gate_exchange_new(struct gate_conn *conn, bool authorizer_only);

/* Ends the exchange, and the connection. */
void gate_exchange_free(struct gate_exchange *exchange);

/* The request for web to answer; NULL if the gate has refused it already. */
const struct web_request *gate_exchange_request(const struct gate_exchange *exchange);

/* The response to fill in. */
struct web_response *gate_exchange_response(struct gate_exchange *exchange);

/* The connection's descriptor, for the watch while it is written to. */
int gate_exchange_fd(const struct gate_exchange *exchange);

/* Writes the answer and ends it. */
void gate_exchange_send(struct gate_exchange *exchange);

#endif
