/* pintle.fcgi: answers requests, handed over by FastCGI or by CGI. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tally.h"
#include "conf/config.h"
#include "gate/gate.h"
#include "store/options.h"
#include "token/keyring_watch.h"
#include "worker/exit.h"
#include "worker/options.h"
#include "worker/privileges.h"
#include "worker/ready.h"
#include "worker/sandbox.h"
#include "worker/store_trouble.h"
#include "worker/sweeper.h"

#define MEMORY_ARENAS 2		/* of malloc(3), which threads share */
#define CGI_SWEEP_BUDGET 16	/* records: where no worker stays to sweep, each run does a little */
#define CGI_LOOKS 64		/* sessions that it looks at for dates ahead of the clock */
#define SUPERVISE_SLACK_MS 5000	/* beyond a request's time, before a worker that does not leave is killed */

/* What the program is told, and the socket it was given or has bound. */
struct worker {
	struct worker_options options;
	struct settings settings;
	struct guards guards;	/* that .settings.places is */
	int listen_fd;		/* -1: one CGI request */
	bool authorizer_only;
	bool supervised;	/* this process only holds the socket and keeps the workers alive */
};

/* What one worker holds while it works. */
struct holdings {
	struct keyring_watch *keys;
	struct password_slots *slots;
	struct store *store;
	struct limits *limits;
	struct web_app *app;
	int stop_fd;		/* readable once it is time to leave */
	int ready_fd;		/* who waits to hear that we can answer; -1: nobody */
};

/* ---- starting ---- */

/* A server may start us with these closed; then the database would become standard error, and take the log. */
static bool
hold_standard_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	}
	return true;
}

/* Whether this process is there for one request, which its environment describes. */
static bool
is_cgi(void)
{
	switch (gate_fd_kind(STDIN_FILENO)) {
	case GATE_FD_LISTENING:
	case GATE_FD_LOOPBACK:
	case GATE_FD_EXPOSED:
		return false;
	case GATE_FD_CONNECTED:
	case GATE_FD_OTHER:
		break;
	}
	return getenv("GATEWAY_INTERFACE") != NULL;
}

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

/* Before any thread or child is made: all of them inherit it. */
static void
block_signals(void)
{
	sigset_t blocked = stop_signals();

	sigaddset(&blocked, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

/* Reads the configuration; where the command line says otherwise, it counts. What is wrong with it goes into problem. */
static enum exit_status
open_configuration(const struct worker_options *options, struct settings *out, struct guards *guards,
    struct buf *problem)
{
	if (config_load(config_path(options->config), out, guards, problem) != PT_OK)
		return EXIT_CONFIG;
	if (options->threads)
		out->threads = options->threads;
	if (options->workers)
		out->workers = options->workers;
	log_open((enum log_target)out->log_target, (enum log_level)out->log_level);
	if (out->insecure_loopback)
		LOG(LOG_LEVEL_WARNING, "insecure_loopback", LOG_STR("issuer", out->issuer),
		    LOG_STR("advice", "cookies go without Secure and prefixes: for trying out on this machine only"));
	return EXIT_OK;
}

/* Binds the socket that the command line asks for. */
static enum exit_status
bind_socket(struct worker *worker)
{
	const struct settings *settings = &worker->settings;
	const char *path = worker->options.socket ? worker->options.socket : settings->socket_path;
	enum pt_err err;

	worker->supervised = true;
	worker->authorizer_only = worker->options.listen != NULL;
	if (worker->options.listen)
		err = gate_listen_tcp(worker->options.listen, &worker->listen_fd);
	else
		err = gate_listen_unix(&(struct gate_socket){ .path = path, .mode = settings->socket_mode,
		    .owner = settings->socket_owner, .group = settings->socket_group, .user = settings->user },
		    &worker->listen_fd);
	return err ? EXIT_SOCKET : EXIT_OK;
}

/* Finds out what the server handed over as descriptor 0. */
static enum exit_status
take_socket(struct worker *worker)
{
	worker->supervised = worker->options.workers > 0;
	switch (gate_fd_kind(STDIN_FILENO)) {
	case GATE_FD_LOOPBACK:
		worker->authorizer_only = true;
		worker->listen_fd = STDIN_FILENO;
		return EXIT_OK;
	case GATE_FD_LISTENING:
		worker->listen_fd = STDIN_FILENO;
		return EXIT_OK;
	case GATE_FD_EXPOSED:
		LOG(LOG_LEVEL_ERROR, "socket_exposed", LOG_STR("advice", "whoever connects can claim to be anybody: "
		    "listen at a Unix socket"));
		return EXIT_SOCKET;
	case GATE_FD_CONNECTED:
	case GATE_FD_OTHER:
		break;
	}
	worker->supervised = false;
	if (is_cgi())
		return EXIT_OK;
	worker_options_usage(stderr);
	return EXIT_USAGE;
}

static enum exit_status
open_socket(struct worker *worker)
{
	return worker->options.bind || worker->options.listen ? bind_socket(worker) : take_socket(worker);
}

/* The command line may do without; a CGI run has none, and the configuration alone says so. */
static bool
wants_sandbox(const struct worker *worker)
{
	return worker->options.sandbox && worker->settings.sandbox != SANDBOX_OFF;
}

static enum exit_status
drop_privileges(const struct worker *worker)
{
	enum pt_err err = privileges_drop(worker->settings.user);

	if (err == PT_OK && wants_sandbox(worker))
		err = sandbox_harden();
	if (err == PT_OK)
		return EXIT_OK;
	LOG(LOG_LEVEL_ERROR, "privileges_not_dropped", LOG_STR("user", worker->settings.user),
	    LOG_STR("error", pt_err_text(err)));
	return EXIT_SANDBOX;
}

/* ---- what a worker holds ---- */

/* Whether it is the machine that fails, and not what it was told: that may be over by the next try. */
static bool
is_of_the_machine(enum pt_err err, int cause)
{
	if (err == PT_ERR_NOMEM || err == PT_ERR_BUSY)
		return true;
	return err == PT_ERR_IO && (cause == EIO || cause == ENOSPC || cause == EDQUOT || cause == EROFS ||
	    cause == ESTALE || cause == ENODEV || cause == ENXIO || cause == EMFILE || cause == ENFILE);
}

/* Says in the log that what could not be opened; returns status, or EXIT_LOST where it may pass. */
static enum exit_status
not_opened(enum exit_status status, const char *what, const char *path, enum pt_err err)
{
	if (is_of_the_machine(err, errno))
		status = EXIT_LOST;
	LOG(LOG_LEVEL_ERROR, "not_opened", LOG_STR("what", what), LOG_STR("path", path),
	    LOG_STR("error", pt_err_text(err)), LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL));
	return status;
}

/* Keys that were made before the status list had its own lack it: it is made here. Without it the list alone is away. */
static void
ensure_status_key(const struct settings *settings, const char *folder, struct keyring_watch *watch)
{
	const struct instant now = clock_now();
	const struct keyring *keys = keyring_watch_hold(watch, now.stamp);
	bool made, there = keyring_status_keys(keys) != NULL;

	keyring_watch_release(watch, keys);
	if (there || settings->status_list_shared)
		return;
	enum pt_err err = keyring_ensure_status(folder, settings->signing_alg, now.wall_ms / 1000, &made);

	if (err != PT_OK)
		LOG(LOG_LEVEL_ERROR, "no_status_key", LOG_STR("path", folder), LOG_STR("error", pt_err_text(err)),
		    LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL),
		    LOG_STR("advice", "pintle key rotate makes one"));
	else if (made)
		LOG(LOG_LEVEL_INFO, "status_key_made", LOG_STR("path", folder));
}

static enum exit_status
open_keys(const struct settings *settings, struct keyring_watch **out)
{
	char folder[PATH_MAX];
	char *bad = NULL;

	if (!settings_path(settings, "keys", folder, sizeof folder))
		return not_opened(EXIT_KEYS, "keys", settings->state_folder, PT_ERR_INVALID);
	enum pt_err err = keyring_watch_open(folder, out, &bad);
	enum exit_status status = err ? not_opened(EXIT_KEYS, "keys", bad ? bad : folder, err) : EXIT_OK;

	if (status == EXIT_OK)
		ensure_status_key(settings, folder, *out);
	free(bad);
	return status;
}

/* How many threads may be busy with passwords: a quarter of them always has time for everything else. */
static unsigned
threads_for_passwords(unsigned threads)
{
	return threads > 1 ? threads - (threads + 3) / 4 : 1;
}

static enum exit_status
open_slots(const struct settings *settings, struct password_slots **out)
{
	char path[PATH_MAX];

	if (!settings_path(settings, "hashing.slots", path, sizeof path))
		return not_opened(EXIT_STORE, "slots", settings->state_folder, PT_ERR_INVALID);
	enum pt_err err = password_slots_open(path, &(struct password_slots_options){
		.slots = settings->hashing_slots,
		.wait_ms = (unsigned)settings->hashing_wait_ms,
		.threads = threads_for_passwords(settings->threads),
		.queue = settings->hashing_queue,
	}, out);

	return err ? not_opened(EXIT_STORE, "slots", path, err) : EXIT_OK;
}

static enum exit_status
open_store(const struct settings *settings, struct store **out)
{
	char folder[PATH_MAX];
	struct store_options options;

	if (!store_options_from(settings, folder, sizeof folder, &options))
		return not_opened(EXIT_STORE, "store", settings->state_folder, PT_ERR_INVALID);
	struct store_trouble trouble;
	enum pt_err err = store_open(&options, out);

	if (err && store_trouble(folder, err, &trouble)) {
		LOG(LOG_LEVEL_ERROR, "not_opened", LOG_STR("what", "store"), LOG_STR("path", folder),
		    LOG_STR("error", trouble.text), LOG_STR("advice", trouble.mend));
		return EXIT_STORE;
	}
	return err ? not_opened(EXIT_STORE, "store", folder, err) : EXIT_OK;
}

/* What is not counted keeps nobody from logging in. */
static void
open_tally(const struct settings *settings)
{
	char path[PATH_MAX] = "";
	enum pt_err err = settings_path(settings, "tally", path, sizeof path) ? tally_open(path) : PT_ERR_INVALID;

	if (err != PT_OK)
		LOG(LOG_LEVEL_WARNING, "not_counted", LOG_STR("path", path), LOG_STR("error", pt_err_text(err)),
		    LOG_STR("cause", err == PT_ERR_IO ? strerror(errno) : NULL));
}

static enum exit_status
open_limits(const struct settings *settings, struct limits **out)
{
	char folder[PATH_MAX];

	if (!settings_path(settings, "limits", folder, sizeof folder))
		return not_opened(EXIT_STORE, "limits", settings->state_folder, PT_ERR_INVALID);
	enum pt_err err = limits_open(folder, LIMITS_RECORDS, out);

	return err ? not_opened(EXIT_STORE, "limits", folder, err) : EXIT_OK;
}

static enum exit_status
open_app(const struct settings *settings, struct holdings *held)
{
	enum pt_err err = web_app_new(settings, held->store, held->keys, held->slots, held->limits, &held->app);

	return err ? not_opened(EXIT_FAILED, "app", NULL, err) : EXIT_OK;
}

/* The signals that ask for an end stay blocked; this becomes readable instead, for every thread that looks. */
static enum exit_status
open_stop(int *out)
{
	sigset_t stop = stop_signals();

	*out = signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK);
	return *out < 0 ? not_opened(EXIT_FAILED, "signals", NULL, PT_ERR_IO) : EXIT_OK;
}

static enum exit_status
lock_in(const struct worker *worker)
{
	const struct settings *settings = &worker->settings;
	const struct sandbox_needs needs = {
		.folder = settings->state_folder, .syslog = settings->log_target == LOG_TO_SYSLOG,
	};

	if (!wants_sandbox(worker)) {
		LOG(LOG_LEVEL_WARNING, "sandbox_off", LOG_NUM("pid", getpid()));
		return EXIT_OK;
	}
	enum pt_err err = sandbox_enter(&needs);

	if (err == PT_OK)
		return EXIT_OK;
	bool goes_on = settings->sandbox == SANDBOX_AVAILABLE;

	LOG(goes_on ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "sandbox_not_entered", LOG_STR("error", pt_err_text(err)),
	    LOG_STR("advice", goes_on ? "this kernel has no filters of system calls: the worker goes on without" :
	    "sandbox = available in the configuration goes on without, where the kernel cannot"));
	return goes_on ? EXIT_OK : EXIT_SANDBOX;
}

/* ---- working ---- */

static enum exit_status
worker_status(enum pt_err err)
{
	/* No memory, and no thread to be had: that may pass. */
	if (err == PT_ERR_FATAL || err == PT_ERR_NOMEM)
		return EXIT_LOST;
	return err ? EXIT_FAILED : EXIT_OK;
}

static enum exit_status
serve_fastcgi(const struct worker *worker, const struct gate_options *options, struct holdings *held)
{
	struct sweeper *sweeper;
	enum pt_err err = sweeper_start(held->store, held->limits, held->keys, SWEEPER_PERIOD_MS, &sweeper);

	if (err)
		return not_opened(EXIT_FAILED, "sweeper", NULL, err);
	LOG(LOG_LEVEL_INFO, "worker_started", LOG_NUM("pid", getpid()), LOG_NUM("threads", options->threads),
	    LOG_STR("version", PACKAGE_VERSION), LOG_STR("role", options->authorizer_only ? "authorizer" : NULL));
	ready_say(held->ready_fd);
	err = gate_serve(worker->listen_fd, held->stop_fd, options, held->app);
	enum pt_err swept = sweeper_stop(sweeper);

	LOG(LOG_LEVEL_INFO, "worker_stopped", LOG_NUM("pid", getpid()));
	return worker_status(swept ? swept : err);
}

/* Ends what does not go with the configuration. */
static enum pt_err
end_unfit(struct store *store)
{
	uint64_t position = 0;
	bool done = false;
	enum pt_err err = PT_OK;

	while (err == PT_OK && !done)
		err = store_require_otp(store, clock_now(), &position, &done);
	return err;
}

static enum exit_status
serve_cgi(const struct gate_options *options, struct holdings *held)
{
	struct store_swept swept;
	uint64_t position = STORE_ANYWHERE;
	unsigned removed;
	enum pt_err err = gate_cgi(options, held->app);

	/* The server waits for the end of the answer, not for ours. */
	close(STDOUT_FILENO);
	if (err == PT_OK)
		err = end_unfit(held->store);
	if (err == PT_OK)
		err = store_sweep(held->store, clock_now(), CGI_SWEEP_BUDGET, &swept);
	if (err == PT_OK)
		err = sweeper_bring_back(held->store, held->keys, CGI_LOOKS, &position);
	if (err == PT_OK)
		err = limits_sweep(held->limits, clock_now(), CGI_SWEEP_BUDGET, &removed);
	return worker_status(err);
}

static enum exit_status
serve(const struct worker *worker, struct holdings *held)
{
	const struct gate_options options = {
		.threads = worker->settings.threads,
		.spares = worker->settings.hashing_queue,
		.request_timeout_ms = worker->settings.request_timeout_ms,
		.authorizer_only = worker->authorizer_only,
	};

	return worker->listen_fd < 0 ? serve_cgi(&options, held) : serve_fastcgi(worker, &options, held);
}

static void
close_configuration(struct worker *worker)
{
	config_free(&worker->settings);
	guards_free(&worker->guards);
}

/* A worker that is started again, for a death or a SIGHUP, takes the configuration of the day, if that is in order. */
static void
renew_configuration(struct worker *worker)
{
	struct settings fresh = { 0 };
	struct guards guards = { 0 };
	struct buf problem = BUF_EMPTY;
	enum exit_status status = open_configuration(&worker->options, &fresh, &guards, &problem);

	/* By the log alone: standard error may be a pipe that nobody reads any more. */
	if (status != EXIT_OK)
		LOG(LOG_LEVEL_WARNING, "configuration_kept", LOG_STR("path", config_path(worker->options.config)),
		    LOG_TEXT("problem", buf_slice(&problem)));
	buf_free(&problem);
	if (status != EXIT_OK)
		return;
	close_configuration(worker);
	worker->settings = fresh;
	worker->guards = guards;
	worker->settings.places = &worker->guards;
}

/* One worker's life. In a process of its own where there is a parent: no store is open across a fork. */
static int
work(void *ctx)
{
	struct worker *worker = ctx;
	struct holdings held = { .stop_fd = -1, .ready_fd = -1 };
	enum exit_status status;

	if (worker->supervised)
		renew_configuration(worker);
	open_tally(&worker->settings);
	held.ready_fd = ready_open();
	if ((status = open_keys(&worker->settings, &held.keys)) ||
	    (status = open_slots(&worker->settings, &held.slots)) ||
	    (status = open_store(&worker->settings, &held.store)) ||
	    (status = open_limits(&worker->settings, &held.limits)) ||
	    (status = open_app(&worker->settings, &held)) ||
	    (status = open_stop(&held.stop_fd)) ||
	    (status = lock_in(worker)))
		goto out;
	status = serve(worker, &held);
out:
	if (held.stop_fd >= 0)
		close(held.stop_fd);
	if (held.ready_fd >= 0)
		close(held.ready_fd);
	tally_close();
	web_app_free(held.app);
	limits_close(held.limits);
	store_close(held.store);
	password_slots_close(held.slots);
	keyring_watch_free(held.keys);
	if (worker->supervised)
		close_configuration(worker);	/* this process's copy */
	return (int)status;
}

/* A store that fails is tried again for ever; a configuration that is wrong is wrong for the next worker too. */
static bool
may_pass(int status)
{
	return status == EXIT_LOST;
}

int
main(int argc, char **argv)
{
	struct worker worker = { .listen_fd = -1 };
	enum exit_status status = EXIT_FAILED;
	struct buf problem = BUF_EMPTY;

	if (!hold_standard_descriptors())
		return (int)status;
	/* Else the C library keeps memory apart for each thread, and few of the many that there are work at once. */
	mallopt(M_ARENA_MAX, MEMORY_ARENAS);
	/* Of a query without "=" servers make arguments (RFC 3875, 4.4): a stranger's, who could name a --config. */
	if (is_cgi())
		argc = 1;
	if (!worker_options_parse(argc, argv, &worker.options, &status))
		return (int)status;
	block_signals();
	status = open_configuration(&worker.options, &worker.settings, &worker.guards, &problem);
	if (status != EXIT_OK)
		fprintf(stderr, "pintle.fcgi: %.*s\n", SLICE_ARG(buf_slice(&problem)));
	buf_free(&problem);
	if (status != EXIT_OK)
		return (int)status;
	worker.settings.places = &worker.guards;
	if ((status = open_socket(&worker)) || (status = drop_privileges(&worker)))
		goto out;
	if (worker.supervised)
		status = (enum exit_status)gate_supervise(worker.settings.workers,
		    worker.settings.request_timeout_ms + SUPERVISE_SLACK_MS,
		    &(struct gate_work){ .run = work, .passes = may_pass, .ctx = &worker });
	else
		status = (enum exit_status)work(&worker);
out:
	if (worker.listen_fd > STDIN_FILENO)
		close(worker.listen_fd);
	close_configuration(&worker);
	return (int)status;
}
