#include "worker/options.h"

#include <getopt.h>
#include <stdlib.h>

#include "base/slice.h"

#define COUNT_MAX 256	/* the most workers, and threads */

/* The letters are internal; none is offered on the command line. */
enum { OPT_CONFIG = 'c', OPT_SOCKET = 's', OPT_LISTEN = 'l', OPT_WORKERS = 'w', OPT_THREADS = 't',
    OPT_NO_SANDBOX = 'n',
	OPT_HELP = 'h', OPT_VERSION = 'v' };

static const struct option names[] = {
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "socket", optional_argument, NULL, OPT_SOCKET },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "threads", required_argument, NULL, OPT_THREADS },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
    "Usage: pintle.fcgi [OPTION]...\n"
    "Answers a web server's requests. Without --socket or --listen it uses what the\n"
    "server gives it: a listening socket as descriptor 0 (FastCGI), or one request (CGI).\n"
    "\n"
    "  --socket [PATH]     listen on a Unix socket (the configured one), and start again any "
    "worker that dies\n"
    "  --listen ADDR:PORT  the same at a loopback TCP address, for authorizer requests only\n"
    "  --workers N         run this many processes\n"
    "  --threads N         run this many threads in each\n"
    "  --config FILE       read FILE instead of $PINTLE_CONFIG or " PINTLE_CONFIG_PATH "\n"
    "  --no-sandbox        do not lock the workers in\n"
    "  --help, --version\n"
    "\n"
    "See pintle.fcgi(8).\n";

void
worker_options_usage(FILE *to)
{
	fputs(usage, to);
}

static bool
options_count(const char *name, const char *text, unsigned *out)
{
	uint64_t number;

	if (!slice_to_u64(slice_of(text), &number) || number < 1 || number > COUNT_MAX) {
		fprintf(stderr, "pintle.fcgi: --%s %s: not a number from 1 to %d\n", name, text,
		    COUNT_MAX);
		return false;
	}
	*out = (unsigned)number;
	return true;
}

/* The path after "--socket", which getopt takes for an operand because it is optional. */
static const char *
options_next_operand(int argc, char **argv)
{
	if (optarg)
		return optarg;
	return optind < argc && argv[optind][0] != '-' ? argv[optind++] : NULL;
}

/* Takes one option; false if the program must end with *status. */
static bool
options_take(int option, int argc, char **argv, struct worker_options *out,
    enum exit_status *status)
{
	*status = EXIT_USAGE;
	switch (option) {
	case OPT_CONFIG:
		out->config = optarg;
		return true;
	case OPT_SOCKET:
		out->bind = true;
		out->socket = options_next_operand(argc, argv);
		return true;
	case OPT_LISTEN:
		out->listen = optarg;
		return true;
	case OPT_WORKERS:
		return options_count("workers", optarg, &out->workers);
	case OPT_THREADS:
		return options_count("threads", optarg, &out->threads);
	case OPT_NO_SANDBOX:
		out->sandbox = false;
		return true;
	case OPT_HELP:
		worker_options_usage(stdout);
		*status = EXIT_OK;
		return false;
	case OPT_VERSION:
		puts(PACKAGE_STRING);
		*status = EXIT_OK;
		return false;
	default:
		/* getopt has reported what is wrong. */
		return false;
	}
}

bool
worker_options_parse(int argc, char **argv, struct worker_options *out, enum exit_status *status)
{
	int option;

	*out = (struct worker_options){ .sandbox = HARDENING };
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (!options_take(option, argc, argv, out, status))
			return false;
	}
	*status = EXIT_USAGE;
	if (optind < argc) {
		fprintf(stderr, "pintle.fcgi: %s: unknown argument\n", argv[optind]);
		return false;
	}
	if (out->bind && out->listen) {
		fputs("pintle.fcgi: use either --socket or --listen\n", stderr);
		return false;
	}
	return true;
}
