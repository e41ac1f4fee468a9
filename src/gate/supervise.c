#include "gate/gate.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define SUPERVISE_QUICK_MS 1000		/* a worker that dies younger died at once */
/* the pause after the second such death in a row; doubled by each further one */
#define SUPERVISE_FIRST_WAIT_MS 50
#define SUPERVISE_LAST_WAIT_MS 10000

/* One place among the workers, and the process that has it. */
struct child {
	pid_t pid;		/* 0: none */
	int64_t started_ms;
	int64_t start_at_ms;	/* if none has it: when the next is started */
	unsigned quick_deaths;	/* in a row */
};

struct parent {
	struct child *children;
	unsigned count;
	int (*work)(void *ctx);
	bool (*passes)(int status);
	void *ctx;
	bool proven;		/* a worker has lived longer than a moment: starting works */
	bool stopping;
	int64_t kill_at_ms;	/* while stopping: when workers are killed */
	int64_t grace_ms;
	int status;		/* the status to return */
};

static void
child_start(const struct parent *parent, struct child *child, int64_t now_ms)
{
	pid_t self = getpid();
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		/* If the parent died before the line above, no signal came. */
		if (getppid() != self)
			_exit(EXIT_FAILURE);
		exit(parent->work(parent->ctx));
	}
	if (pid < 0) {
		LOG(LOG_LEVEL_ERROR, "worker_not_started", LOG_STR("cause", strerror(errno)));
		child->start_at_ms = now_ms + SUPERVISE_QUICK_MS;
		return;
	}
	child->pid = pid;
	child->started_ms = now_ms;
}

/*
 * How long until the next start: at once after a long life or a single accident, then ever later.
 */
static int64_t
child_wait_ms(unsigned quick_deaths)
{
	unsigned doublings = quick_deaths < 2 ? 0 : quick_deaths - 2;

	if (quick_deaths < 2)
		return 0;
	if (doublings > 16)
		return SUPERVISE_LAST_WAIT_MS;
	int64_t wait = (int64_t)SUPERVISE_FIRST_WAIT_MS << doublings;

	return wait < SUPERVISE_LAST_WAIT_MS ? wait : SUPERVISE_LAST_WAIT_MS;
}

/* Asks all workers to exit, each as its requests end. */
static void
supervise_end_all(const struct parent *parent)
{
	for (unsigned i = 0; i < parent->count; i++) {
		if (parent->children[i].pid)
			kill(parent->children[i].pid, SIGTERM);
	}
}

static void
supervise_stop(struct parent *parent, int64_t now_ms)
{
	if (parent->stopping)
		return;
	parent->stopping = true;
	parent->kill_at_ms = now_ms + parent->grace_ms;
	supervise_end_all(parent);
}

static void
supervise_log_end(const struct child *child, int status)
{
	bool orderly = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (WIFEXITED(status))
		LOG(orderly ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "worker_left",
		    LOG_NUM("pid", child->pid), LOG_NUM("status", WEXITSTATUS(status)));
	else
		LOG(LOG_LEVEL_ERROR, "worker_died", LOG_NUM("pid", child->pid),
		    LOG_NUM("signal", WTERMSIG(status)));
}

static void
supervise_bury(struct parent *parent, struct child *child, int status, int64_t now_ms)
{
	bool quick = now_ms - child->started_ms < SUPERVISE_QUICK_MS;
	bool failed = WIFEXITED(status) && WEXITSTATUS(status) != 0;

	supervise_log_end(child, status);
	child->pid = 0;
	child->quick_deaths = quick ? child->quick_deaths + 1 : 0;
	child->start_at_ms = now_ms + child_wait_ms(child->quick_deaths);
	/*
	 * The first workers failed: what stopped them (a configuration, a key) will stop all
	 * others. A failing disk, however, may recover.
	 */
	if (quick && failed && !parent->proven && !parent->stopping &&
	    !parent->passes(WEXITSTATUS(status))) {
		parent->status = WEXITSTATUS(status);
		supervise_stop(parent, now_ms);
	}
}

/* Reaps all that have died. */
static void
supervise_reap(struct parent *parent, int64_t now_ms)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (unsigned i = 0; i < parent->count; i++) {
			if (parent->children[i].pid == pid)
				supervise_bury(parent, &parent->children[i], status, now_ms);
		}
	}
}

/* Starts the workers that are due; while stopping, kills those whose time is over. */
static void
supervise_act(struct parent *parent, int64_t now_ms)
{
	for (unsigned i = 0; i < parent->count; i++) {
		struct child *child = &parent->children[i];

		if (child->pid && now_ms - child->started_ms >= SUPERVISE_QUICK_MS)
			parent->proven = true;
		if (!child->pid && !parent->stopping && now_ms >= child->start_at_ms)
			child_start(parent, child, now_ms);
		if (child->pid && parent->stopping && now_ms >= parent->kill_at_ms)
			kill(child->pid, SIGKILL);
	}
	if (parent->stopping && now_ms >= parent->kill_at_ms)
		parent->kill_at_ms = INT64_MAX;	/* once is enough */
}

/* Milliseconds until supervise_act has something to do; -1: not before a signal. */
static int64_t
supervise_next_ms(const struct parent *parent, int64_t now_ms)
{
	int64_t next = INT64_MAX;

	for (unsigned i = 0; i < parent->count; i++) {
		const struct child *child = &parent->children[i];
		int64_t at = INT64_MAX;

		if (child->pid && parent->stopping)
			at = parent->kill_at_ms;
		else if (child->pid && !parent->proven)
			at = child->started_ms + SUPERVISE_QUICK_MS;
		else if (!child->pid && !parent->stopping)
			at = child->start_at_ms;
		if (at < next)
			next = at;
	}
	if (next == INT64_MAX)
		return -1;
	return next > now_ms ? next - now_ms : 0;
}

static bool
supervise_any_alive(const struct parent *parent)
{
	for (unsigned i = 0; i < parent->count; i++) {
		if (parent->children[i].pid)
			return true;
	}
	return false;
}

static void
supervise_run(struct parent *parent, const sigset_t *signals)
{
	supervise_act(parent, clock_now().stamp.ms);
	while (!parent->stopping || supervise_any_alive(parent)) {
		int64_t ms = supervise_next_ms(parent, clock_now().stamp.ms);
		struct timespec rest = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };
		int signal = ms < 0 ? sigwaitinfo(signals, NULL) :
		    sigtimedwait(signals, NULL, &rest);
		int64_t now_ms = clock_now().stamp.ms;

		supervise_reap(parent, now_ms);
		if (signal == SIGTERM || signal == SIGINT || signal == SIGUSR1)
			supervise_stop(parent, now_ms);
		else if (signal == SIGHUP && !parent->stopping)
			supervise_end_all(parent);	/* each is started again at once */
		supervise_act(parent, now_ms);
	}
}

int
gate_supervise(unsigned count, int64_t grace_ms, const struct gate_work *work)
{
	struct parent parent = { .children = calloc(count, sizeof(*parent.children)),
	    .count = count, .work = work->run,
		.passes = work->passes, .ctx = work->ctx, .grace_ms = grace_ms };
	sigset_t signals;

	if (parent.children == NULL)
		return EXIT_FAILURE;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	supervise_run(&parent, &signals);
	free(parent.children);
	return parent.status;
}
