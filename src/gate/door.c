#include "gate/door.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"

#define DOOR_EVENTS 64
/* connections accepted after a stop: as many as can wait in the socket */
#define DOOR_STRAGGLERS 512
#define DOOR_BACK_OFF_MS 100	/* without descriptors or memory: pause before the next accept */
#define DOOR_PART 8192		/* bytes read in one piece: what libfcgi reads at once */
/* pieces read from one connection before the others get their turn */
#define DOOR_PARTS 16

struct gate_door {
	struct gate_door_options options;
	int epoll_fd;
	struct gate_line waiting;	/* the oldest first */
	bool listening;		/* watched for new connections */
	bool stopping, halted;
	int64_t stopped_ms;
	int64_t again_ms;	/* not listening: until then */
	char part[DOOR_PART];
};

/* ---- lines ---- */

void
gate_line_init(struct gate_line *line)
{
	*line = (struct gate_line){ NULL, &line->first, 0 };
}

void
gate_line_add(struct gate_line *line, struct gate_conn *conn)
{
	conn->next = NULL;
	conn->link = line->end;
	*line->end = conn;
	line->end = &conn->next;
	line->count++;
}

void
gate_line_put_first(struct gate_line *line, struct gate_conn *conn)
{
	conn->next = line->first;
	conn->link = &line->first;
	if (conn->next)
		conn->next->link = &conn->next;
	else
		line->end = &conn->next;
	line->first = conn;
	line->count++;
}

void
gate_line_remove(struct gate_line *line, struct gate_conn *conn)
{
	*conn->link = conn->next;
	if (conn->next)
		conn->next->link = conn->link;
	else
		line->end = conn->link;
	line->count--;
}

void
gate_conn_free(struct gate_conn *conn)
{
	if (conn->fd >= 0)
		close(conn->fd);
	records_free(&conn->records);
	free(conn);
}

/* ---- what the door watches ---- */

static bool
door_watch(const struct gate_door *door, int fd, uint32_t events, const void *whom)
{
	struct epoll_event event = { .events = events, .data.ptr = (void *)(uintptr_t)whom };

	return epoll_ctl(door->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void
door_unwatch(const struct gate_door *door, int fd)
{
	epoll_ctl(door->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* Of several processes that listen, a new connection wakes one, not all. */
static void
door_listen(struct gate_door *door, bool listen)
{
	int fd = door->options.listen_fd;

	if (listen == door->listening)
		return;
	if (listen)
		door->listening = door_watch(door, fd, EPOLLIN | EPOLLEXCLUSIVE,
		    &door->options.listen_fd);
	else {
		door_unwatch(door, fd);
		door->listening = false;
	}
}

enum pt_err
gate_door_new(const struct gate_door_options *options, struct gate_door **out)
{
	struct gate_door *door = calloc(1, sizeof(*door));

	*out = NULL;
	if (door == NULL)
		return PT_ERR_NOMEM;
	door->options = *options;
	gate_line_init(&door->waiting);
	door->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (door->epoll_fd < 0)
		goto fail;
	door_listen(door, true);
	if (!door->listening ||
	    !door_watch(door, options->stop_fd, EPOLLIN, &door->options.stop_fd) ||
	    !door_watch(door, options->halt_fd, EPOLLIN, &door->options.halt_fd))
		goto fail;
	*out = door;
	return PT_OK;
fail:
	gate_door_free(door);
	return PT_ERR_IO;
}

static void
door_drop_all(struct gate_door *door)
{
	while (door->waiting.first) {
		struct gate_conn *conn = door->waiting.first;

		gate_line_remove(&door->waiting, conn);
		gate_conn_free(conn);
	}
}

void
gate_door_free(struct gate_door *door)
{
	if (door == NULL)
		return;
	door_drop_all(door);
	if (door->epoll_fd >= 0)
		close(door->epoll_fd);
	free(door);
}

/* ---- who waits ---- */

/*
 * The one way out: the connection waits no longer. If only the body is incomplete, what came is
 * answered, and web judges the body; without its parameters it is dropped.
 */
static void
door_let_go(struct gate_door *door, struct gate_conn *conn, struct gate_line *ready)
{
	if (conn->watched) {
		door_unwatch(door, conn->fd);
		gate_line_remove(&door->waiting, conn);
		conn->watched = false;
	}
	if (records_have_params(&conn->records)) {
		gate_line_add(ready, conn);
		return;
	}
	LOG(LOG_LEVEL_DEBUG, "request_not_whole", LOG_NUM("ms",
	    clock_age_ms(clock_now().stamp, conn->accepted.stamp)));
	gate_conn_free(conn);
}

/*
 * Chooses which connection to drop when there are too many: the oldest about which nothing is known
 * yet, or else the oldest.
 */
static struct gate_conn *
door_oldest(const struct gate_door *door)
{
	struct gate_conn *conn = door->waiting.first;

	while (conn && conn->address[0] != '\0')
		conn = conn->next;
	return conn ? conn : door->waiting.first;
}

/* The oldest connection that waits for a body from this address, if there are too many of them. */
static struct gate_conn *
door_first_of_crowd(const struct gate_door *door, const char *address)
{
	struct gate_conn *first = NULL;
	unsigned count = 0;

	for (struct gate_conn *conn = door->waiting.first; conn; conn = conn->next) {
		if (strcmp(conn->address, address) != 0)
			continue;
		first = first ? first : conn;
		count++;
	}
	return count >= DOOR_MAX_OF_ADDRESS ? first : NULL;
}

/*
 * Once its parameters are there, a request that waits for its body is counted for the address that
 * sent it.
 */
static void
door_count_address(struct gate_door *door, struct gate_conn *conn, struct gate_line *ready)
{
	char address[ADDRESS_SIZE];

	if (conn->address[0] != '\0' || !records_have_params(&conn->records))
		return;
	web_sender(door->options.app, records_param(&conn->records, SLICE("REMOTE_ADDR")),
	    records_param(&conn->records, SLICE("HTTP_X_FORWARDED_FOR")), address);
	if (address[0] == '\0')
		slice_copy(SLICE("-"), address, sizeof(address));
	struct gate_conn *first = door_first_of_crowd(door, address);

	memcpy(conn->address, address, sizeof(address));
	if (first == NULL)
		return;
	first->crowded = true;
	door_let_go(door, first, ready);
}

static void
door_wait(struct gate_door *door, struct gate_conn *conn, struct gate_line *ready)
{
	door_count_address(door, conn, ready);
	if (conn->watched)
		return;
	if (door->waiting.count >= DOOR_MAX_WAITING)
		door_let_go(door, door_oldest(door), ready);
	conn->watched = door_watch(door, conn->fd, EPOLLIN, conn);
	if (conn->watched)
		gate_line_add(&door->waiting, conn);
	else
		door_let_go(door, conn, ready);
}

/* ---- reading ---- */

/*
 * Peeks at what a fresh connection has sent. If that is one whole request and nothing else, libfcgi
 * may read it from the socket (DESIGN.md, A whole request is read from its socket). True if nothing
 * has come yet.
 */
static bool
door_peek(struct gate_door *door, struct gate_conn *conn)
{
	ssize_t len = recv(conn->fd, door->part, sizeof(door->part), MSG_PEEK | MSG_DONTWAIT);
	size_t used;

	if (len <= 0)
		return len < 0 && (errno == EAGAIN || errno == EINTR);
	struct slice bytes = { door->part, (size_t)len };

	conn->direct = records_feed(&conn->records, bytes, &used) == RECORDS_WHOLE &&
	    conn->records.plain && used == bytes.len && conn->records.body_len <= WEB_MAX_BODY;
	secret_wipe(door->part, bytes.len);
	if (conn->direct)
		return false;
	/* The request comes in pieces: from here on they are read and kept. */
	conn->begun = true;
	records_init(&conn->records, true);
	return false;
}

/* Reads what is there; *over says whether nothing more will come. */
static enum records_state
door_take(struct gate_door *door, struct gate_conn *conn, bool *over)
{
	enum records_state state = RECORDS_MORE;

	*over = false;
	for (int parts = 0; state == RECORDS_MORE && parts < DOOR_PARTS; parts++) {
		ssize_t len = recv(conn->fd, door->part, sizeof(door->part), MSG_DONTWAIT);
		size_t used;

		if (len < 0 && errno == EINTR)
			continue;
		*over = len == 0 || (len < 0 && errno != EAGAIN);
		if (len <= 0)
			break;
		state = records_feed(&conn->records, (struct slice){ door->part, (size_t)len },
		    &used);
		secret_wipe(door->part, (size_t)len);
	}
	return state;
}

/* Looks at what has come, and decides whether the connection goes on waiting. */
static void
door_read(struct gate_door *door, struct gate_conn *conn, struct gate_line *ready)
{
	bool waits = !conn->begun && door_peek(door, conn);

	if (!waits && !conn->direct) {
		bool over;
		enum records_state state = door_take(door, conn, &over);

		waits = state == RECORDS_MORE && !over;
		if (state == RECORDS_BROKEN)
			conn->records.part = RECORDS_AT_BEGIN;
	}
	if (waits)
		door_wait(door, conn, ready);
	else
		door_let_go(door, conn, ready);
}

static void
door_greet(struct gate_door *door, int fd, struct gate_line *ready)
{
	struct gate_conn *conn = malloc(sizeof(*conn));

	if (conn == NULL) {
		close(fd);
		return;
	}
	*conn = (struct gate_conn){ .fd = fd, .accepted = clock_now() };
	records_init(&conn->records, false);
	door_read(door, conn, ready);
}

/* ---- letting in ---- */

/* Decides what a failed accept means: PT_ERR_IO if no later try can succeed. */
static enum pt_err
door_survives(struct gate_door *door, int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		LOG_SPARELY(LOG_LEVEL_WARNING, "accept_backs_off", NULL, LOG_NUM("errno", error));
		door_listen(door, false);
		door->again_ms = clock_now().stamp.ms + DOOR_BACK_OFF_MS;
		return PT_OK;
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
	case EOPNOTSUPP:
		LOG(LOG_LEVEL_ERROR, "accept_failed", LOG_NUM("errno", error));
		return PT_ERR_IO;
	}
	/*
	 * The connection is gone: another process was quicker, the peer left, or its network failed
	 * (accept(2)).
	 */
	return PT_OK;
}

static enum pt_err
door_accept(struct gate_door *door, unsigned room, struct gate_line *ready)
{
	while (room-- > 0) {
		int fd = accept4(door->options.listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			return door_survives(door, errno);
		door_greet(door, fd, ready);
	}
	return PT_OK;
}

/*
 * Accepts only the connections that were made before the stop, since their servers are waiting for
 * an answer.
 */
static void
door_stop(struct gate_door *door, struct gate_line *ready)
{
	if (door->stopping)
		return;
	door->stopping = true;
	door->stopped_ms = clock_now().stamp.ms;
	door_unwatch(door, door->options.stop_fd);
	door_listen(door, false);
	for (unsigned room = DOOR_STRAGGLERS; room > 0; room--) {
		int fd = accept4(door->options.listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			break;
		door_greet(door, fd, ready);
	}
}

static void
door_halt(struct gate_door *door)
{
	door->halted = true;
	door_unwatch(door, door->options.halt_fd);
	door_listen(door, false);
	door_drop_all(door);
}

/* ---- a round ---- */

/* When the time of the oldest waiting connection is over. */
static int64_t
door_end_ms(const struct gate_door *door)
{
	int64_t began_ms = door->waiting.first->accepted.stamp.ms;

	if (door->stopping && door->stopped_ms < began_ms)
		began_ms = door->stopped_ms;
	return began_ms + door->options.timeout_ms;
}

/* How long to sleep unless something comes, in ms; -1: for ever. */
static int
door_timeout(const struct gate_door *door)
{
	int64_t now_ms = clock_now().stamp.ms, end_ms = INT64_MAX;

	if (door->waiting.first)
		end_ms = door_end_ms(door);
	if (!door->listening && !door->stopping && door->again_ms < end_ms)
		end_ms = door->again_ms;
	if (end_ms == INT64_MAX)
		return -1;
	if (end_ms <= now_ms)
		return 0;
	return end_ms - now_ms < INT_MAX ? (int)(end_ms - now_ms) : INT_MAX;
}

static void
door_look_at_the_time(struct gate_door *door, struct gate_line *ready)
{
	if (door->waiting.first == NULL && door->listening)
		return;
	int64_t now_ms = clock_now().stamp.ms;

	while (door->waiting.first && door_end_ms(door) <= now_ms)
		door_let_go(door, door->waiting.first, ready);
	if (!door->listening && !door->stopping && door->again_ms <= now_ms)
		door_listen(door, true);
}

/* Whether an event's connection still waits: an earlier event of this round may have dropped it. */
static bool
door_holds(const struct gate_door *door, const void *conn)
{
	const struct gate_conn *held = door->waiting.first;

	while (held && held != conn)
		held = held->next;
	return held != NULL;
}

static enum pt_err
door_see(struct gate_door *door, const struct epoll_event *events, int count, unsigned room,
    struct gate_line *ready)
{
	bool comes = false;

	for (int i = 0; i < count; i++) {
		void *whom = events[i].data.ptr;

		if (whom == &door->options.halt_fd) {
			door_halt(door);
			return PT_OK;
		}
		if (whom == &door->options.stop_fd || whom == &door->options.listen_fd)
			continue;
		if (i == 0 || door_holds(door, whom))
			door_read(door, whom, ready);
	}
	for (int i = 0; i < count; i++) {
		comes = comes || events[i].data.ptr == &door->options.listen_fd;
		if (events[i].data.ptr == &door->options.stop_fd)
			door_stop(door, ready);
	}
	return comes && !door->stopping ? door_accept(door, room, ready) : PT_OK;
}

enum pt_err
gate_door_round(struct gate_door *door, unsigned room, struct gate_line *ready)
{
	struct epoll_event events[DOOR_EVENTS];
	int count = epoll_wait(door->epoll_fd, events, DOOR_EVENTS, door_timeout(door));
	enum pt_err err = door_see(door, events, count, room, ready);

	if (!door->halted)
		door_look_at_the_time(door, ready);
	return err;
}

bool
gate_door_is_shut(const struct gate_door *door)
{
	return door->halted || (door->stopping && door->waiting.first == NULL);
}
