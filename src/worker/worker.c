/* pintle.fcgi: answers requests, handed over by FastCGI or by CGI. */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/config.h"
#include "gate/gate.h"
#include "worker/holdings.h"
#include "worker/options.h"
#include "worker/privileges.h"
#include "worker/ready.h"
#include "worker/sandbox.h"
#include "worker/stop.h"
#include "worker/sweeper.h"

#define MEMORY_ARENAS 2		/* malloc(3)'s arenas, which threads share */
/* records: with CGI no worker stays to sweep, so each run does a little */
#define CGI_SWEEP_BUDGET 16
#define CGI_LOOKS 64		/* sessions that it checks for dates ahead of the clock */
/* beyond a request's time, before a worker that does not exit is killed */
#define SUPERVISE_SLACK_MS 5000

/* The program's options and settings, and the socket that it was given or has bound. */
struct program {
	struct worker_options options;
	struct settings settings;
	struct guards guards;	/* .settings.places points to these */
	int listen_fd;		/* -1: one CGI request */
	bool authorizer_only;
	bool supervised;	/* this process only holds the socket and keeps workers running */
};

/* ---- starting ---- */

/*
 * A server may start us with these closed; then the database would get descriptor 2, and the log
 * would be written into it.
 */
static bool
hold_standard_descriptors(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return false;
	}
	return true;
}

/* Whether this process serves one request, which its environment describes. */
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

/* Reads the configuration; the command line takes precedence. problem says what is wrong. */
static enum exit_status
open_configuration(const struct worker_options *options, struct settings *out,
    struct guards *guards, struct buf *problem)
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
		    LOG_STR("advice", "cookies have neither Secure nor prefixes: only for trying "
		    "out on this machine"));
	return EXIT_OK;
}

/* Binds the socket that the command line names. */
static enum exit_status
bind_socket(struct program *program)
{
	const struct settings *settings = &program->settings;
	const char *path = program->options.socket ?
	    program->options.socket : settings->socket_path;
	enum pt_err err;

	program->supervised = true;
	program->authorizer_only = program->options.listen != NULL;
	if (program->options.listen)
		err = gate_listen_tcp(program->options.listen, &program->listen_fd);
	else
		err = gate_listen_unix(&(struct gate_socket){ .path = path,
		    .mode = settings->socket_mode,
		    .owner = settings->socket_owner, .group = settings->socket_group,
		    .user = settings->user }, &program->listen_fd);
	return err ? EXIT_SOCKET : EXIT_OK;
}

/* Determines what the server handed over as descriptor 0. */
static enum exit_status
take_socket(struct program *program)
{
	program->supervised = program->options.workers > 0;
	switch (gate_fd_kind(STDIN_FILENO)) {
	case GATE_FD_LOOPBACK:
		program->authorizer_only = true;
		program->listen_fd = STDIN_FILENO;
		return EXIT_OK;
	case GATE_FD_LISTENING:
		program->listen_fd = STDIN_FILENO;
		return EXIT_OK;
	case GATE_FD_EXPOSED:
		LOG(LOG_LEVEL_ERROR, "socket_exposed",
		    LOG_STR("advice", "whoever connects can claim to be anybody: "
		    "listen on a Unix socket"));
		return EXIT_SOCKET;
	case GATE_FD_CONNECTED:
	case GATE_FD_OTHER:
		break;
	}
	program->supervised = false;
	if (is_cgi())
		return EXIT_OK;
	worker_options_usage(stderr);
	return EXIT_USAGE;
}

static enum exit_status
open_socket(struct program *program)
{
	return program->options.bind || program->options.listen ?
	    bind_socket(program) : take_socket(program);
}

/* The command line can turn it off; a CGI run has none, so only the configuration can. */
static bool
wants_sandbox(const struct program *program)
{
	return program->options.sandbox && program->settings.sandbox != SANDBOX_OFF;
}

static enum exit_status
drop_privileges(const struct program *program)
{
	enum pt_err err = privileges_drop(program->settings.user);

	if (err == PT_OK && wants_sandbox(program))
		err = sandbox_harden();
	if (err == PT_OK)
		return EXIT_OK;
	LOG(LOG_LEVEL_ERROR, "privileges_not_dropped", LOG_STR("user", program->settings.user),
	    LOG_STR("error", pt_err_text(err)));
	return EXIT_SANDBOX;
}

static enum exit_status
lock_in(const struct program *program)
{
	const struct settings *settings = &program->settings;
	const struct sandbox_needs needs = {
		.folder = settings->state_folder, .syslog = settings->log_target == LOG_TO_SYSLOG,
	};

	if (!wants_sandbox(program)) {
		LOG(LOG_LEVEL_WARNING, "sandbox_off", LOG_NUM("pid", getpid()));
		return EXIT_OK;
	}
	enum pt_err err = sandbox_enter(&needs);

	if (err == PT_OK)
		return EXIT_OK;
	bool goes_on = settings->sandbox == SANDBOX_AVAILABLE;

	LOG(goes_on ? LOG_LEVEL_WARNING : LOG_LEVEL_ERROR, "sandbox_not_entered",
	    LOG_STR("error", pt_err_text(err)),
	    LOG_STR("advice", goes_on ? "this kernel has no filters of system calls: the worker "
	    "runs without one" :
	    "set sandbox = available in the configuration to run without it if the kernel cannot"));
	return goes_on ? EXIT_OK : EXIT_SANDBOX;
}

/* ---- working ---- */

static enum exit_status
worker_status(enum pt_err err)
{
	/* A lack of memory or threads may be temporary. */
	if (err == PT_ERR_FATAL || err == PT_ERR_NOMEM)
		return EXIT_LOST;
	return err ? EXIT_FAILED : EXIT_OK;
}

static enum exit_status
serve_fastcgi(const struct program *program, const struct gate_options *options,
    struct holdings *held)
{
	struct sweeper *sweeper;
	enum pt_err err = sweeper_start(held->store, held->limits, held->keys, SWEEPER_PERIOD_MS,
	    &sweeper);

	if (err)
		return holdings_not_opened(EXIT_FAILED, "sweeper", NULL, err);
	LOG(LOG_LEVEL_INFO, "worker_started", LOG_NUM("pid", getpid()),
	    LOG_NUM("threads", options->threads),
	    LOG_STR("version", PACKAGE_VERSION),
	    LOG_STR("role", options->authorizer_only ? "authorizer" : NULL));
	ready_say(held->ready_fd);
	err = gate_serve(program->listen_fd, held->stop_fd, options, held->app);
	enum pt_err swept = sweeper_stop(sweeper);

	LOG(LOG_LEVEL_INFO, "worker_stopped", LOG_NUM("pid", getpid()));
	return worker_status(swept ? swept : err);
}

static enum exit_status
serve_cgi(const struct gate_options *options, struct holdings *held)
{
	struct store_swept swept;
	uint64_t unfit = 0, position = STORE_ANYWHERE;
	bool done = false;
	unsigned removed;
	enum pt_err err = gate_cgi(options, held->app);

	/* The server waits for the end of the answer, not for our exit. */
	close(STDOUT_FILENO);
	/* Sessions that contradict the configuration end. */
	while (err == PT_OK && !done)
		err = store_require_otp(held->store, clock_now(), &unfit, &done);
	if (err == PT_OK)
		err = store_sweep(held->store, clock_now(), CGI_SWEEP_BUDGET, &swept);
	if (err == PT_OK)
		err = sweeper_bring_back(held->store, held->keys, CGI_LOOKS, &position);
	if (err == PT_OK)
		err = limits_sweep(held->limits, clock_now(), CGI_SWEEP_BUDGET, &removed);
	return worker_status(err);
}

static enum exit_status
serve(const struct program *program, struct holdings *held)
{
	const struct gate_options options = {
		.threads = program->settings.threads,
		.spares = program->settings.hashing_queue,
		.request_timeout_ms = program->settings.request_timeout_ms,
		.authorizer_only = program->authorizer_only,
	};

	return program->listen_fd < 0 ? serve_cgi(&options, held) :
	    serve_fastcgi(program, &options, held);
}

static void
close_configuration(struct program *program)
{
	config_free(&program->settings);
	guards_free(&program->guards);
}

/*
 * A worker that is started again, after a death or a SIGHUP, uses the present configuration if that
 * is valid.
 */
static void
renew_configuration(struct program *program)
{
	struct settings fresh = { 0 };
	struct guards guards = { 0 };
	struct buf problem = BUF_EMPTY;
	enum exit_status status = open_configuration(&program->options, &fresh, &guards, &problem);

	/* Only through the log: standard error may be a pipe that nobody reads any more. */
	if (status != EXIT_OK)
		LOG(LOG_LEVEL_WARNING, "configuration_kept",
		    LOG_STR("path", config_path(program->options.config)),
		    LOG_TEXT("problem", buf_slice(&problem)));
	buf_free(&problem);
	if (status != EXIT_OK)
		return;
	close_configuration(program);
	program->settings = fresh;
	program->guards = guards;
	program->settings.places = &program->guards;
}

/*
 * One worker's life. It has a process of its own if there is a parent, since no store may be open
 * across a fork.
 */
static int
work(void *ctx)
{
	struct program *program = ctx;
	struct holdings held;
	enum exit_status status;

	if (program->supervised)
		renew_configuration(program);
	if ((status = holdings_open(&program->settings, &held)) == EXIT_OK &&
	    (status = lock_in(program)) == EXIT_OK)
		status = serve(program, &held);
	holdings_close(&held);
	if (program->supervised)
		close_configuration(program);	/* this process's copy */
	return (int)status;
}

/*
 * A failing store is tried again for ever; a wrong configuration would be wrong for the next worker
 * too.
 */
static bool
may_pass(int status)
{
	return status == EXIT_LOST;
}

int
main(int argc, char **argv)
{
	struct program program = { .listen_fd = -1 };
	enum exit_status status = EXIT_FAILED;
	struct buf problem = BUF_EMPTY;

	if (!hold_standard_descriptors())
		return (int)status;
	/*
	 * Otherwise the C library keeps separate memory for each thread, and few of the many work
	 * at once.
	 */
	mallopt(M_ARENA_MAX, MEMORY_ARENAS);
	/*
	 * Servers turn a query without "=" into arguments (RFC 3875, 4.4), so a stranger could name
	 * a --config.
	 */
	if (is_cgi())
		argc = 1;
	if (!worker_options_parse(argc, argv, &program.options, &status))
		return (int)status;
	stop_block_signals();
	status = open_configuration(&program.options, &program.settings, &program.guards, &problem);
	if (status != EXIT_OK)
		fprintf(stderr, "pintle.fcgi: %.*s\n", SLICE_ARG(buf_slice(&problem)));
	buf_free(&problem);
	if (status != EXIT_OK)
		return (int)status;
	program.settings.places = &program.guards;
	if ((status = open_socket(&program)) || (status = drop_privileges(&program)))
		goto out;
	if (program.supervised)
		status = (enum exit_status)gate_supervise(program.settings.workers,
		    program.settings.request_timeout_ms + SUPERVISE_SLACK_MS,
		    &(struct gate_work){ .run = work, .passes = may_pass, .ctx = &program });
	else
		status = (enum exit_status)work(&program);
out:
	if (program.listen_fd > STDIN_FILENO)
		close(program.listen_fd);
	close_configuration(&program);
	return (int)status;
}
