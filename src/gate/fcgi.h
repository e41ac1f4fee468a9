/*
 * One FastCGI request on one connection. libfcgi reads and writes the records;
 * it never accepts, and never has the last descriptor of a connection.
 */
#ifndef PINTLE_GATE_FCGI_H
#define PINTLE_GATE_FCGI_H

#include "gate/seats.h"
#include "web/web.h"

/* Before the first request, once a process is enough. */
enum pt_err gate_fcgi_init(void);

/*
 * Reads the request from the connection fd, has it answered by app, and writes
 * the answer. A request that did not come whole is not answered, but for its body, which
 * web judges. authorizer_only: other roles are refused. Returns PT_ERR_FATAL if the
 * answer said so. The seat of the calling thread is lent while it waits for its turn. fd stays the caller's, who has set its timeouts and closes it.
 */
enum pt_err gate_fcgi_answer(int fd, bool authorizer_only, struct gate_seats *seats, struct web_app *app);

#endif
