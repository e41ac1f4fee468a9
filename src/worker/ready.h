/*
 * Tells the service manager that started us when we are ready, by the datagram of sd_notify(3),
 * without systemd's libraries. Nothing is sent if nobody asked for it. Failures are logged, and do
 * not stop the worker. See DESIGN.md, Ready is said, alive is not.
 */
#ifndef PINTLE_WORKER_READY_H
#define PINTLE_WORKER_READY_H

/*
 * Opens the socket that $NOTIFY_SOCKET names, before the sandbox forbids sockets. -1: nobody asked,
 * or there is none.
 */
int ready_open(void);

/* Reports through it that we are ready; -1 does nothing. */
void ready_say(int fd);

#endif
