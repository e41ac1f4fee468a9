/*
 * pintle config: prints the configuration of a web server, a gateway or a service for this site,
 * ready to be saved.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/print/gateway_config.h"
#include "cmd/print/server_config.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "worker/exit.h"

static const char *
option_or(const struct arguments *arguments, enum option option, const char *fallback)
{
	return arguments->value[option] ? arguments->value[option] : fallback;
}

/* ---- web servers: whole, or in pieces ---- */

static int
server_fail(enum pt_err err, const struct buf *why)
{
	if (why->len)
		output_say("%.*s", SLICE_ARG(buf_slice(why)));
	else
		site_fail("print the configuration", err);
	return EXIT_CONFIG;
}

static int
print_whole(const struct server_kind *kind, const struct server_config *what)
{
	struct buf text = BUF_EMPTY, why = BUF_EMPTY;
	enum pt_err err = server_config_put(kind, what, &text, &why);
	int status = err == PT_OK ? EXIT_OK : server_fail(err, &why);

	if (err == PT_OK)
		output_write(buf_slice(&text));
	buf_free(&text);
	buf_free(&why);
	return status;
}

/* To be read: all pieces one after another, which no server accepts as one file. */
static int
show_pieces(const struct server_files *files)
{
	for (size_t i = 0; i < files->count; i++) {
		output_line("%s# ==== %s", i ? "\n" : "", files->items[i].name);
		output_write(buf_slice(&files->items[i].text));
	}
	output_line("\n# ==== the lines to paste, once the pieces are written by --out FOLDER\n");
	output_write(buf_slice(&files->paste));
	return EXIT_OK;
}

static bool
is_piece(const struct server_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, name) == 0)
			return true;
	return false;
}

/*
 * A file that an earlier run wrote and this one did not may still be included: it stays, and is
 * named.
 */
static void
tell_left_over(const char *folder, const struct server_files *files)
{
	DIR *dir = opendir(folder);

	for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
		if (entry->d_name[0] != '.' && !is_piece(files, entry->d_name))
			output_say("%s/%s is not a piece of this site any more: if it was one, "
			    "remove it, and the line "
			    "that includes it", folder, entry->d_name);
	if (dir)
		closedir(dir);
}

static int
write_pieces(const char *folder, const struct server_files *files)
{
	char path[PATH_MAX];

	if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
		output_say("cannot make %s: %s", folder, strerror(errno));
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < files->count; i++) {
		const struct server_file *file = &files->items[i];

		snprintf(path, sizeof(path), "%s/%s", folder, file->name);
		if (file_replace_public(path, file->text.ptr, file->text.len) != PT_OK) {
			output_say("cannot write %s: %s", path, strerror(errno));
			return EXIT_FAILED;
		}
	}
	tell_left_over(folder, files);
	output_write(buf_slice(&files->paste));
	return EXIT_OK;
}

static int
print_pieces(const struct server_kind *kind, const struct server_config *what, const char *folder)
{
	struct server_files files;
	struct buf why = BUF_EMPTY;
	enum pt_err err = server_config_pieces(kind, what, &files, &why);
	int status;

	if (err != PT_OK)
		status = server_fail(err, &why);
	else
		status = folder ? write_pieces(folder, &files) : show_pieces(&files);
	server_files_free(&files);
	buf_free(&why);
	return status;
}

/* The absolute path of a folder that may not exist yet. */
static const char *
absolute(const char *folder, char out[PATH_MAX])
{
	char here[PATH_MAX];
	int len;

	if (folder == NULL || folder[0] == '/' || getcwd(here, sizeof(here)) == NULL)
		return folder;
	len = snprintf(out, PATH_MAX, "%s/%s", here, folder);
	return len > 0 && len < PATH_MAX ? out : folder;
}

/*
 * A place that nobody can get into is not printed: whoever signs in there would only be asked
 * again.
 */
static bool
shuts_people_out(const struct site *site)
{
	struct buf why = BUF_EMPTY;
	const char *mend;
	bool shut = guards_shut(&site->guards, &site->settings, &why, &mend);

	if (shut)
		output_say("%.*s; %s", SLICE_ARG(buf_slice(&why)), mend);
	buf_free(&why);
	return shut;
}

static int
print_server(const struct site *site, const struct server_kind *kind,
    const struct arguments *arguments)
{
	char config[PATH_MAX], folder[PATH_MAX];
	bool whole = arguments->value[OPTION_SERVER] || arguments->value[OPTION_BEHIND_TLS];
	struct server_config what = {
		.settings = &site->settings,
		.guards = &site->guards,
		.config = realpath(site->config, config) ? config : site->config,
		.certificate = arguments->value[OPTION_CERTIFICATE],
		.key = arguments->value[OPTION_KEY],
		.worker = option_or(arguments, OPTION_WORKER, PINTLE_WORKER_PATH),
		.script = arguments->value[OPTION_SCRIPT],
		.authorizer = option_or(arguments, OPTION_AUTHORIZER, site->settings.authorizer),
		.plain_listen = arguments->value[OPTION_BEHIND_TLS],
		.folder = absolute(arguments->value[OPTION_OUT], folder),
	};

	if (what.folder && whole) {
		output_say("--out writes pieces for an existing server; --server and --behind-tls "
		    "print a whole one");
		return EXIT_USAGE;
	}
	if (what.folder && !server_kind_has_pieces(kind)) {
		output_say("%s has no pieces: leave --out out", arguments->operand[0]);
		return EXIT_USAGE;
	}
	if (what.plain_listen && site->settings.proxies[0] == '\0')
		output_say("proxies is not set: pintle and the applications will see every client "
		    "with the address of the TLS "
		    "proxy in front; set proxies in %s to its address, and print this again",
		    site->config);
	return whole || !server_kind_has_pieces(kind) ?
	    print_whole(kind, &what) : print_pieces(kind, &what, what.folder);
}

/* ---- gateways and services ---- */

/* The keys, if the kind needs them; read as the owner of the state folder. */
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
	enum pt_err err = gateway_config_put(kind, &site->settings, ring,
	    clock_now().wall_ms / 1000, &text, &problem);

	if (err == PT_OK)
		output_write(buf_slice(&text));
	else
		status = site_fail("print the configuration", err);
	/* It is printed anyway: the site's keys may be about to change. */
	if (problem.len) {
		output_say("%.*s", SLICE_ARG(buf_slice(&problem)));
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
		output_say("there is no kind \"%.*s\"; did you mean \"%s\"?", SLICE_ARG(name),
		    nearest.best);
	else
		output_say("there is no kind \"%.*s\"; there are %.*s", SLICE_ARG(name),
		    SLICE_ARG(buf_slice(&names)));
	buf_free(&names);
	return EXIT_USAGE;
}

void
cmd_config_help(struct buf *out)
{
	buf_puts(out, "\nKIND, of a web server:\n");
	server_kinds_help(out);
	buf_puts(out, "\nKIND, of a gateway or service, which verifies access tokens itself:\n");
	gateway_kinds_help(out);
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
	if (server && shuts_people_out(&site))
		status = EXIT_CONFIG;
	else
		status = server ? print_server(&site, server, arguments) :
		    print_gateway(&site, gateway);
	site_close(&site);
	return status;
}
