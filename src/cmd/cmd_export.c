/* pintle user export: everybody, in a form that another program or pintle itself can read. Nobody is locked in. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/exit.h"
#include "cmd/output.h"
#include "cmd/site.h"
#include "crypto/password.h"
#include "web/view.h"

#define PIECE 65536	/* bytes that are written at once */

enum export_form { EXPORT_JSON = 0, EXPORT_HTPASSWD };

struct exporting {
	enum export_form form;
	int fd;
	struct buf text;
	uint64_t count;
	uint64_t left_out;	/* that htpasswd has no form for */
	int failed;		/* errno of a write, or 0 */
};

/* Writes and wipes what has gathered; whether all went well so far. */
static bool
flush(struct exporting *exporting)
{
	struct slice rest = buf_slice(&exporting->text);

	if (buf_status(&exporting->text) != PT_OK)
		exporting->failed = ENOMEM;
	while (rest.len > 0 && exporting->failed == 0) {
		ssize_t len = write(exporting->fd, rest.ptr, rest.len);

		if (len >= 0)
			rest = slice_skip(rest, (size_t)len);
		else if (errno != EINTR)
			exporting->failed = errno;
	}
	buf_clear(&exporting->text);
	return exporting->failed == 0;
}

static void
put_json(struct buf *out, const struct user *user)
{
	struct json_writer json = json_writer(out);

	json_open(&json, NULL);
	json_put_cstr(&json, "name", user->name);
	json_put_cstr(&json, "id", user->sub);
	if (user->password_hash[0])
		json_put_cstr(&json, "hash", user->password_hash);
	view_list(&json, "groups", slice_of(user->groups));
	json_put_bool(&json, "disabled", user->disabled);
	json_put_time(&json, "created_at", user->created_at);
	json_put_time(&json, "password_set_at", user->password_set_at);
	json_put_time(&json, "last_login_at", user->last_login_at);
	json_close(&json);
	buf_putc(out, '\n');
}

/* Whether web servers that read htpasswd let this user in as pintle does. */
static bool
fits_htpasswd(const struct user *user)
{
	return !user->disabled && user->password_hash[0] && !slice_starts(slice_of(user->password_hash), SLICE("$argon2"));
}

static bool
put_user(const struct user *user, void *ctx)
{
	struct exporting *exporting = ctx;

	if (exporting->form == EXPORT_HTPASSWD && !fits_htpasswd(user)) {
		exporting->left_out++;
		return true;
	}
	exporting->count++;
	if (exporting->form == EXPORT_JSON)
		put_json(&exporting->text, user);
	else
		buf_printf(&exporting->text, "%s:%s\n", user->name, user->password_hash);
	return exporting->text.len < PIECE || flush(exporting);
}

/* The file is new and its maker's alone: whoever has it may try passwords as fast as their machine lets them. */
static int
open_output(const char *file, int *fd)
{
	*fd = STDOUT_FILENO;
	if (file == NULL || strcmp(file, "-") == 0)
		return EXIT_OK;
	*fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	if (*fd >= 0)
		return EXIT_OK;
	say("cannot make %s: %s", file, strerror(errno));
	return EXIT_FAILED;
}

static int
export_all(const struct site *site, struct exporting *exporting)
{
	enum pt_err err = store_user_each(site->store, put_user, exporting);

	flush(exporting);
	if (exporting->failed == 0 && exporting->fd != STDOUT_FILENO && fsync(exporting->fd) != 0)
		exporting->failed = errno;
	buf_free(&exporting->text);
	if (err != PT_OK)
		return site_fail("read the users", err);
	if (exporting->failed) {
		say("cannot write the users: %s", strerror(exporting->failed));
		return EXIT_FAILED;
	}
	if (exporting->left_out == 0)
		return EXIT_OK;
	say("left out: %" PRIu64 ", disabled, without a password, or with a hash that no web server reads from there (argon2)",
	    exporting->left_out);
	return EXIT_FAILED;
}

/* As htpasswd where --format says so. */
static bool
read_form(const char *format, enum export_form *form)
{
	*form = format && strcmp(format, "htpasswd") == 0 ? EXPORT_HTPASSWD : EXPORT_JSON;
	if (format == NULL || *form == EXPORT_HTPASSWD || strcmp(format, "json") == 0)
		return true;
	say("--format: \"%s\" is neither json nor htpasswd", format);
	return false;
}

/* Empties it too: who made it as root may not remove it any more. */
static void
discard(const char *file, int fd)
{
	if (ftruncate(fd, 0) != 0 || unlink(file) != 0)
		say("cannot remove %s, which holds nothing: %s", file, strerror(errno));
}

int
cmd_user_export(const struct arguments *arguments)
{
	struct exporting exporting = { .text = BUF_EMPTY };
	const char *file = arguments->operand[0];
	struct site site;
	int status;

	if (!read_form(arguments->value[OPTION_FORMAT], &exporting.form))
		return EXIT_USAGE;
	status = open_output(file, &exporting.fd);
	if (status != EXIT_OK)
		return status;
	status = site_open(arguments, &site);
	if (status == EXIT_OK) {
		status = export_all(&site, &exporting);
		site_close(&site);
	}
	if (exporting.fd == STDOUT_FILENO)
		return status;
	/* Half an export might pass for a whole one. What was only left out has been said. */
	if (status != EXIT_OK && exporting.left_out == 0)
		discard(file, exporting.fd);
	else
		output_line("Written to %s: %" PRIu64 ". It holds password hashes: keep it as you keep the store.", file,
		    exporting.count);
	close(exporting.fd);
	return status;
}
