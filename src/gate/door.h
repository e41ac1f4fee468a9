/*
 * The door: where connections come in, and where they wait until their request is whole. A waiting
 * connection costs a descriptor and what it has sent, and no thread. One thread at a time looks
 * after all of them.
 *
 * The number of waiting connections is bounded, and so is the number that wait for bodies from one
 * address; beyond either bound the oldest is dropped. A newcomer is never dropped, since its next
 * byte may complete it. So whatever one client begins and does not finish, clients that send their
 * requests at once, as web servers do, are served as if it were not there. See DESIGN.md, No thread
 * for half a request.
 */
#ifndef PINTLE_GATE_DOOR_H
#define PINTLE_GATE_DOOR_H

#include "gate/records.h"

#define DOOR_MAX_WAITING 512	/* connections of a worker whose request is not whole */
/* the part of them that may wait for a body from the same address */
#define DOOR_MAX_OF_ADDRESS 64

struct gate_exchange;

/* A connection and how much of its request is there. */
struct gate_conn {
	int fd;
	struct instant accepted;
	struct records records;
	bool begun;		/* some of the request has been taken out of the socket */
	bool direct;		/* all of the request is in the socket still, and nothing else */
	bool crowded;		/* dropped in favour of others from its address: to be refused */
	bool watched;		/* the door is woken when more comes */
	struct gate_exchange *exchange;	/* its request, if a thread has read it already */
	char address[ADDRESS_SIZE];	/* the address that it counts for, once known */
	/* its neighbour in the one list that it is in, and the pointer to it */
	struct gate_conn *next, **link;
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
	int stop_fd;		/* readable: accept what has come, then nothing more */
	int halt_fd;		/* readable: accept nothing from now on */
	int64_t timeout_ms;	/* for a request to come whole; and after a stop, for all of them */
	struct web_app *app;
};

struct gate_door;

/* *out is yours. PT_ERR_IO if the system has no descriptors left for it. */
enum pt_err gate_door_new(const struct gate_door_options *options, struct gate_door **out);
void gate_door_free(struct gate_door *door);

/*
 * Waits until something comes, accepts at most room connections, and adds to ready those whose
 * request is whole, or never will be. PT_ERR_IO if the socket does not listen.
 */
enum pt_err gate_door_round(struct gate_door *door, unsigned room, struct gate_line *ready);

/* Whether no more connections will come. */
bool gate_door_is_shut(const struct gate_door *door);

#endif
