/*
 * The door: where connections come in, and where those wait whose request is not
 * whole yet. Such a one costs a descriptor and what it has sent, and no thread.
 * One thread at a time looks after it all.
 *
 * How many wait is bounded, and so is how many wait for the bodies of one
 * address: past each bound the oldest one goes. A newcomer never does: it may be whole
 * with its next byte. So whatever somebody begins and does not end, those who send their
 * requests at once, as web servers do, are served as if he were not there.
 */
#ifndef PINTLE_GATE_DOOR_H
#define PINTLE_GATE_DOOR_H

#include "gate/records.h"

#define DOOR_MAX_WAITING 512	/* connections of a worker whose request is not whole */
#define DOOR_MAX_OF_ADDRESS 64	/* of them, that wait for a body of the same address */

struct gate_exchange;

/* A connection and how much of its request is there. */
struct gate_conn {
	int fd;
	struct instant accepted;
	struct records records;
	bool begun;		/* some of the request has been taken out of the socket */
	bool direct;		/* all of the request is in the socket still, and nothing else */
	bool crowded;		/* it has had to go for others of its address: to be refused */
	bool watched;		/* the door is told when more comes */
	struct gate_exchange *exchange;	/* its request, where somebody has read it already */
	char address[ADDRESS_SIZE];	/* whom it counts for, once that is known */
	struct gate_conn *next, **link;	/* in the one list that it is in: the next one, and what points here */
};

/* First come, first out. */
struct gate_line {
	struct gate_conn *first, **end;
	unsigned count;
};

void gate_line_init(struct gate_line *line);
void gate_line_add(struct gate_line *line, struct gate_conn *conn);
void gate_line_put_first(struct gate_line *line, struct gate_conn *conn);
void gate_line_remove(struct gate_line *line, struct gate_conn *conn);

/* Closes the connection, unless its fd is -1, and frees what it holds. */
void gate_conn_free(struct gate_conn *conn);

struct gate_door_options {
	int listen_fd;		/* nonblocking */
	int stop_fd;		/* readable: let in who has come, then nobody more */
	int halt_fd;		/* readable: nobody any more */
	int64_t timeout_ms;	/* for a request to come whole; and after a stop, for all of them */
	struct web_app *app;
};

struct gate_door;

/* *out is yours. PT_ERR_IO if the system has no more of what it takes. */
enum pt_err gate_door_new(const struct gate_door_options *options, struct gate_door **out);
void gate_door_free(struct gate_door *door);

/*
 * Waits until something comes, lets in at most room connections, and adds to
 * ready those whose request is whole, or will never be. PT_ERR_IO if the socket does not listen.
 */
enum pt_err gate_door_round(struct gate_door *door, unsigned room, struct gate_line *ready);

/* Whether nobody will come any more. */
bool gate_door_is_shut(const struct gate_door *door);

#endif
