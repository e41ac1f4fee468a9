#include "worker/stop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>

/* The signals that ask for an end. */
static sigset_t
stop_signals(void)
{
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGUSR1);
	sigaddset(&stop, SIGHUP);
	return stop;
}

void
stop_block_signals(void)
{
	sigset_t blocked = stop_signals();

	sigaddset(&blocked, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

enum pt_err
stop_open(int *fd)
{
	sigset_t stop = stop_signals();

	*fd = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	return *fd < 0 ? PT_ERR_IO : PT_OK;
}
