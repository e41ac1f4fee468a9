/* pintle config: prints what a web server has to be told of this site, ready to be saved. */
#include <limits.h>
#include <stdlib.h>

#include "cmd/exit.h"
#include "cmd/output.h"
#include "cmd/server_config.h"
#include "cmd/site.h"

#define AUTHORIZER "127.0.0.1:9311"

static const char *
option_or(const struct arguments *arguments, enum option option, const char *fallback)
{
	return arguments->value[option] ? arguments->value[option] : fallback;
}

static int
print(const struct site *site, const struct server_kind *kind, const struct arguments *arguments)
{
	char config[PATH_MAX];
	struct server_config what = {
		.settings = &site->settings,
		.guards = &site->guards,
		.config = realpath(site->config, config) ? config : site->config,
		.certificate = arguments->value[OPTION_CERTIFICATE],
		.key = arguments->value[OPTION_KEY],
		.worker = option_or(arguments, OPTION_WORKER, PINTLE_WORKER_PATH),
		.script = option_or(arguments, OPTION_SCRIPT, PINTLE_DATA_FOLDER "/pintle.lua"),
		.authorizer = option_or(arguments, OPTION_AUTHORIZER, AUTHORIZER),
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

int
cmd_config(const struct arguments *arguments)
{
	struct buf why = BUF_EMPTY;
	const struct server_kind *kind = server_kind_find(slice_of(arguments->operand[0]), &why);
	struct site site;
	int status = EXIT_USAGE;

	if (kind == NULL)
		say("%.*s", SLICE_ARG(buf_slice(&why)));
	buf_free(&why);
	if (kind == NULL)
		return status;
	status = site_read(arguments, &site);
	if (status != EXIT_OK)
		return status;
	status = print(&site, kind, arguments);
	site_close(&site);
	return status;
}
