#include "gate/seats.h"

#include <sched.h>

#define SEATS_ROOM 64		/* connections accepted at once */
#define SEATS_READY 256		/* whole requests that may wait in line; more wait in the socket */
#define SEATS_LOOK_MS 20	/* between two checks while a thread works */
#define SEATS_IDLE_LOOK_MS 500

void
gate_seats_init(struct gate_seats *seats, struct gate_door *door, unsigned count)
{
	cpu_set_t set;

	*seats = (struct gate_seats){ .door = door, .seats = count, .swift = 2 };
	/* One for each processor that we may use, and one more, so that one may be held up. */
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		seats->swift = (unsigned)CPU_COUNT(&set) + 1;
	pthread_mutex_init(&seats->lock, NULL);
	pthread_cond_init(&seats->wake, NULL);
	gate_line_init(&seats->ready);
}

void
gate_seats_destroy(struct gate_seats *seats)
{
	while (seats->ready.first) {
		struct gate_conn *conn = seats->ready.first;

		gate_line_remove(&seats->ready, conn);
		gate_conn_free(conn);
	}
	pthread_cond_destroy(&seats->wake);
	pthread_mutex_destroy(&seats->lock);
}

static bool
seats_may_work(const struct gate_seats *seats)
{
	return seats->ready.first && seats->working < seats->seats;
}

static bool
seats_may_keep(const struct gate_seats *seats)
{
	return !seats->kept && !seats->shut && seats->ready.count < SEATS_READY;
}

/* The calling thread is about to block: wakes another one if there is work. */
static void
seats_hand_over(struct gate_seats *seats)
{
	if (seats->asleep > 0 && (seats_may_work(seats) || seats_may_keep(seats)))
		pthread_cond_signal(&seats->wake);
}

/* Accepts connections at the door. The lock is held on entry and return. */
static void
seats_keep_door(struct gate_seats *seats)
{
	struct gate_line ready;

	gate_line_init(&ready);
	seats->kept = true;
	pthread_mutex_unlock(&seats->lock);
	enum pt_err err = gate_door_round(seats->door, SEATS_ROOM, &ready);
	bool shut = err != PT_OK || gate_door_is_shut(seats->door);

	pthread_mutex_lock(&seats->lock);
	while (ready.first) {
		struct gate_conn *conn = ready.first;

		gate_line_remove(&ready, conn);
		gate_line_add(&seats->ready, conn);
	}
	seats->kept = false;
	seats->steps++;
	if (err != PT_OK && seats->failure == PT_OK)
		seats->failure = err;
	seats->shut = seats->shut || shut;
	if (seats->shut)
		pthread_cond_broadcast(&seats->wake);
}

/* Once the last request has been taken and none will come, sleeping threads may exit. */
static void
seats_wake_leavers(struct gate_seats *seats)
{
	if (seats->shut && seats->ready.first == NULL)
		pthread_cond_broadcast(&seats->wake);
}

static struct gate_conn *
seats_take(struct gate_seats *seats)
{
	struct gate_conn *conn = seats->ready.first;

	gate_line_remove(&seats->ready, conn);
	seats->working++;
	seats->steps++;
	seats_wake_leavers(seats);
	/* When many quick requests wait, waking a thread pays. */
	if (seats->working - seats->slow < seats->swift && seats_may_work(seats) &&
	    seats->asleep > 0)
		pthread_cond_signal(&seats->wake);
	return conn;
}

struct gate_conn *
gate_seats_next(struct gate_seats *seats)
{
	struct gate_conn *conn = NULL;

	pthread_mutex_lock(&seats->lock);
	while (conn == NULL) {
		if (seats_may_work(seats))
			conn = seats_take(seats);
		else if (seats_may_keep(seats))
			seats_keep_door(seats);
		else if (seats->shut && seats->ready.first == NULL)
			break;
		else {
			seats->asleep++;
			pthread_cond_wait(&seats->wake, &seats->lock);
			seats->asleep--;
		}
	}
	pthread_mutex_unlock(&seats->lock);
	return conn;
}

struct gate_conn *
gate_seats_more(struct gate_seats *seats)
{
	pthread_mutex_lock(&seats->lock);
	struct gate_conn *conn = seats->ready.first;

	if (conn && conn->exchange)
		conn = NULL;	/* a request that was put back */
	if (conn) {
		gate_line_remove(&seats->ready, conn);
		seats->steps++;
		seats_wake_leavers(seats);
	}
	pthread_mutex_unlock(&seats->lock);
	return conn;
}

void
gate_seats_give_back(struct gate_seats *seats, struct gate_conn *conn,
    struct gate_exchange *exchange)
{
	conn->exchange = exchange;
	pthread_mutex_lock(&seats->lock);
	gate_line_put_first(&seats->ready, conn);
	seats_hand_over(seats);
	pthread_mutex_unlock(&seats->lock);
}

void
gate_seat_begin(struct gate_seat *seat, struct gate_seats *seats)
{
	*seat = (struct gate_seat){ .seats = seats };
}

void
gate_seat_end(struct gate_seat *seat)
{
	struct gate_seats *seats = seat->seats;

	pthread_mutex_lock(&seats->lock);
	seats->working--;
	seats->slow -= seat->slow;
	pthread_mutex_unlock(&seats->lock);
}

void
gate_seat_slow(struct gate_seat *seat)
{
	struct gate_seats *seats = seat->seats;

	pthread_mutex_lock(&seats->lock);
	seat->slow = true;
	seats->slow++;
	seats_hand_over(seats);
	pthread_mutex_unlock(&seats->lock);
}

void
gate_seat_waits(void *ctx, bool waits)
{
	struct gate_seat *seat = ctx;
	struct gate_seats *seats = seat->seats;

	if (seat->waits == waits)
		return;
	seat->waits = waits;
	pthread_mutex_lock(&seats->lock);
	if (waits) {
		seats->working--;
		seats->slow -= seat->slow;
		seats_hand_over(seats);
	} else {
		seats->working++;
		seats->slow += seat->slow;
	}
	pthread_mutex_unlock(&seats->lock);
}

int
gate_seats_look(void *ctx)
{
	struct gate_seats *seats = ctx;

	pthread_mutex_lock(&seats->lock);
	if (seats->steps == seats->seen)
		seats_hand_over(seats);
	seats->seen = seats->steps;
	bool busy = seats->working > 0;

	pthread_mutex_unlock(&seats->lock);
	return busy ? SEATS_LOOK_MS : SEATS_IDLE_LOOK_MS;
}
