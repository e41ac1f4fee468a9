/*
 * pintle config: prints what a web server, a gateway or a service has to be told
 * of this site, ready to be saved.
 */
#include <limits.h>
#include <stdlib.h>

#include "cmd/exit.h"
#include "cmd/gateway_config.h"
#include "cmd/output.h"
#include "cmd/server_config.h"
#include "cmd/site.h"

static const char *
option_or(const struct arguments *arguments, enum option option, const char *fallback)
{
	return arguments->value[option] ? arguments->value[option] : fallback;
}

static int
print_server(const struct site *site, const struct server_kind *kind, const struct arguments *arguments)
{
	char config[PATH_MAX];
	struct server_config what = {
		.settings = &site->settings,
		.guards = &site->guards,
		.config = realpath(site->config, config) ? config : site->config,
		.certificate = arguments->value[OPTION_CERTIFICATE],
		.key = arguments->value[OPTION_KEY],
		.worker = option_or(arguments, OPTION_WORKER, PINTLE_WORKER_PATH),
		.script = arguments->value[OPTION_SCRIPT],
		.authorizer = option_or(arguments, OPTION_AUTHORIZER, site->settings.authorizer),
	};
	struct buf text = BUF_EMPTY, why = BUF_EMPTY;
	enum pt_err err = server_config_put(kind, &what, &text, &why);

	if (err == PT_OK)
		output_write(buf_slice(&text));
	else if (why.len)
		say("%.*s", SLICE_ARG(buf_slice(&why)));
	else
		site_fail("print the configuration", err);
	buf_free(&text);
	buf_free(&why);
	return err == PT_OK ? EXIT_OK : EXIT_CONFIG;
}

/* The keys, where the kind wants them; as the owner of the state folder, for root reads as anybody. */
static int
open_keys(const struct site *site, const struct gateway_kind *kind, struct keyring **out)
{
	int status = EXIT_OK;

	*out = NULL;
	if (!gateway_kind_wants_keys(kind))
		return EXIT_OK;
	status = site_become_owner(site);
	return status == EXIT_OK ? site_open_keys(site, out) : status;
}

static int
print_gateway(const struct site *site, const struct gateway_kind *kind)
{
	struct keyring *ring;
	int status = open_keys(site, kind, &ring);

	if (status != EXIT_OK)
		return status;

	struct buf text = BUF_EMPTY, problem = BUF_EMPTY;
	enum pt_err err = gateway_config_put(kind, &site->settings, ring, clock_now().wall_ms / 1000, &text, &problem);

	if (err == PT_OK)
		output_write(buf_slice(&text));
	else
		status = site_fail("print the configuration", err);
	/* Printed all the same: the site's keys may be about to change. */
	if (problem.len) {
		say("%.*s", SLICE_ARG(buf_slice(&problem)));
		status = EXIT_FAILED;
	}
	keyring_free(ring);
	buf_free(&text);
	buf_free(&problem);
	return status;
}

static int
unknown_kind(struct slice name)
{
	struct nearest nearest = nearest_to(name);
	struct buf names = BUF_EMPTY;

	server_kinds_offer(&nearest);
	gateway_kinds_offer(&nearest);
	server_kinds_put(", ", &names);
	buf_puts(&names, "; for gateways and services ");
	gateway_kinds_put(", ", &names);
	if (nearest.best)
		say("there is no kind \"%.*s\"; did you mean \"%s\"?", SLICE_ARG(name), nearest.best);
	else
		say("there is no kind \"%.*s\"; there are %.*s", SLICE_ARG(name), SLICE_ARG(buf_slice(&names)));
	buf_free(&names);
	return EXIT_USAGE;
}

int
cmd_config(const struct arguments *arguments)
{
	const struct slice name = slice_of(arguments->operand[0]);
	const struct server_kind *server = server_kind_find(name);
	const struct gateway_kind *gateway = gateway_kind_find(name);
	struct site site;

	if (server == NULL && gateway == NULL)
		return unknown_kind(name);

	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = server ? print_server(&site, server, arguments) : print_gateway(&site, gateway);
	site_close(&site);
	return status;
}
