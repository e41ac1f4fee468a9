#include "gate/peer.h"

#include <poll.h>

bool
gate_peer_waits(void *ctx)
{
	const int *fd = ctx;
	struct pollfd look = { *fd, 0, 0 };

	/* POLLHUP: a socket closed at the other end; POLLERR: a pipe without reader, or a reset. */
	return poll(&look, 1, 0) <= 0 || !(look.revents & (POLLHUP | POLLERR | POLLNVAL));
}
