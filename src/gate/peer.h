/* Whether the other end of a descriptor is still open. */
#ifndef PINTLE_GATE_PEER_H
#define PINTLE_GATE_PEER_H

#include <stdbool.h>

/*
 * For web_request.peer_waits; ctx is an int *, the descriptor. Reads nothing. A peer that only
 * ended its sending side still waits.
 */
bool gate_peer_waits(void *ctx);

#endif
