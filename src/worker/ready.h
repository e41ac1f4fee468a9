/*
 * Tells the service manager that started us when we can answer: sd_notify(3)'s datagram, which
 * needs nothing of systemd's libraries. Where nobody asked for it, nothing is sent. What fails is
 * in the log, and keeps nobody from working.
 */
#ifndef PINTLE_WORKER_READY_H
#define PINTLE_WORKER_READY_H

/*
 * Opens the socket that $NOTIFY_SOCKET names, before the sandbox forbids sockets. -1: nobody asked,
 * or none is there.
 */
int ready_open(void);

/* Says by it that we are ready; -1 is taken, too. */
void ready_say(int fd);

#endif
