/*
 * pintle user export: all users, in a form that another program or pintle itself can read. See
 * DESIGN.md, Second factors leave only when asked for.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base32.h"
#include "base/base64url.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "crypto/password.h"
#include "token/otp_secret.h"
#include "web/pages/view.h"
#include "worker/exit.h"

#define PIECE 65536	/* bytes that are written at once */

enum export_form { EXPORT_JSON = 0, EXPORT_HTPASSWD };

struct exporting {
	enum export_form form;
	struct store *store;
	struct keyring *ring;	/* that opens second factors; NULL: they stay behind */
	int fd;
	struct buf text;
	uint64_t count;
	uint64_t left_out;	/* that htpasswd has no form for */
	uint64_t otp_left;	/* of those written: whose second factor stays behind */
	int failed;		/* errno of a write, or 0 */
	int status;		/* what else went wrong, said */
	bool ring_used;		/* second factors are in it, in clear text */
	bool whole;		/* all that was to be written has been */
};

/* Writes what has gathered, and wipes it; false if anything has failed so far. */
static bool
flush(struct exporting *exporting)
{
	if (buf_status(&exporting->text) != PT_OK)
		exporting->failed = ENOMEM;
	if (exporting->failed == 0 && !file_write(exporting->fd, buf_slice(&exporting->text)))
		exporting->failed = errno;
	buf_clear(&exporting->text);
	return exporting->failed == 0;
}

/* What import reads; algorithm, digits and period are for other programs. */
static void
put_otp(struct json_writer *json, const struct otp *otp, const uint8_t secret[TOTP_SECRET_SIZE])
{
	char text[BASE32_LEN(TOTP_SECRET_SIZE) + 1], hash[BASE64URL_LEN(DIGEST_SIZE) + 1];
	static const uint8_t spent[DIGEST_SIZE];

	base32_encode(secret, TOTP_SECRET_SIZE, text);
	json_open(json, "otp");
	json_put_cstr(json, "secret", text);
	json_put_cstr(json, "algorithm", "SHA1");
	json_put_integer(json, "digits", TOTP_DIGITS);
	json_put_integer(json, "period", TOTP_PERIOD);
	json_put_time(json, "enrolled_at", otp->enrolled_at);
	json_put_integer(json, "last_step", (int64_t)otp->last_step);
	json_open_array(json, "recovery_hashes");
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++) {
		if (memcmp(otp->recovery[i], spent, DIGEST_SIZE) == 0)
			continue;
		base64url_encode(otp->recovery[i], DIGEST_SIZE, hash);
		json_put_cstr(json, NULL, hash);
	}
	json_close_array(json);
	json_put_time(json, "recovery_at", otp->recovery_at);
	json_close(json);
	secret_wipe(text, sizeof(text));
}

/*
 * Without it a user could get in elsewhere by the password alone, so a second factor that cannot be
 * opened ends the export.
 */
static int
open_otp(const struct keyring *ring, const struct user *user, const struct otp *otp,
    uint8_t secret[TOTP_SECRET_SIZE])
{
	bool good;
	enum pt_err err = otp_secret_open(ring, slice_of(user->sub), otp->sealed, secret, &good);

	if (err != PT_OK)
		return site_fail("open a second factor", err);
	if (good)
		return EXIT_OK;
	output_say("the second factor of %s was not made with these keys, and cannot be opened",
	    user->name);
	output_say("pintle user otp %s sets up another; with --remove it is removed", user->name);
	return EXIT_KEYS;
}

static void
put_json(struct buf *out, const struct user *user, const struct otp *otp,
    const uint8_t secret[TOTP_SECRET_SIZE])
{
	struct json_writer json = json_writer(out);

	json_open(&json, NULL);
	json_put_cstr(&json, "name", user->name);
	json_put_cstr(&json, "id", user->sub);
	if (user->password_hash[0])
		json_put_cstr(&json, "hash", user->password_hash);
	view_names(&json, "groups", slice_of(user->groups));
	json_put_bool(&json, "disabled", user->disabled);
	json_put_time(&json, "created_at", user->created_at);
	json_put_time(&json, "password_set_at", user->password_set_at);
	json_put_time(&json, "last_login_at", user->last_login_at);
	if (otp)
		put_otp(&json, otp, secret);
	json_close(&json);
	buf_putc(out, '\n');
}

/* Whether a web server that reads htpasswd files would let this user in as pintle does. */
static bool
fits_htpasswd(const struct user *user)
{
	return !user->disabled && user->password_hash[0] &&
	    !slice_starts(slice_of(user->password_hash), SLICE("$argon2"));
}

static int
put_user_json(struct exporting *exporting, const struct user *user, const struct otp *otp)
{
	const struct otp *written = otp->on && exporting->ring ? otp : NULL;
	uint8_t secret[TOTP_SECRET_SIZE];
	int status = written ? open_otp(exporting->ring, user, otp, secret) : EXIT_OK;

	if (status == EXIT_OK)
		put_json(&exporting->text, user, written, secret);
	secret_wipe(secret, sizeof(secret));
	return status;
}

static bool
put_user(const struct user *user, void *ctx)
{
	struct exporting *exporting = ctx;
	struct otp otp;
	bool found;
	enum pt_err err;

	if (exporting->form == EXPORT_HTPASSWD && !fits_htpasswd(user)) {
		exporting->left_out++;
		return true;
	}
	err = store_otp_get(exporting->store, user->number, &otp, &found);
	if (err != PT_OK)
		exporting->status = site_fail("read a second factor", err);
	else if (exporting->form == EXPORT_JSON)
		exporting->status = put_user_json(exporting, user, &otp);
	else
		buf_printf(&exporting->text, "%s:%s\n", user->name, user->password_hash);
	if (exporting->status != EXIT_OK)
		return false;
	exporting->count++;
	exporting->otp_left += otp.on && exporting->ring == NULL;
	return exporting->text.len < PIECE || flush(exporting);
}

static void
tell_otp_left(const struct exporting *exporting)
{
	if (exporting->otp_left == 0)
		return;
	output_say("the second factors of %" PRIu64 " users are not in it: elsewhere their "
	    "passwords alone would let them in",
	    exporting->otp_left);
	if (exporting->form == EXPORT_JSON)
		output_say("with --second-factors it is, its secret in clear text");
}

static int
export_all(struct exporting *exporting)
{
	enum pt_err err = store_user_each(exporting->store, put_user, exporting);

	flush(exporting);
	buf_free(&exporting->text);
	if (err != PT_OK)
		return site_fail("read the users", err);
	if (exporting->status != EXIT_OK)
		return exporting->status;
	if (exporting->failed) {
		output_say("cannot write the users: %s", strerror(exporting->failed));
		return EXIT_FAILED;
	}
	exporting->whole = true;
	tell_otp_left(exporting);
	if (exporting->left_out == 0)
		return EXIT_OK;
	output_say("left out: %" PRIu64 ", disabled, without a password, or with a hash that no "
	    "web server reads from there (argon2)",
	    exporting->left_out);
	return EXIT_FAILED;
}

/* As htpasswd where --format says so. */
static bool
read_form(const struct arguments *arguments, enum export_form *form)
{
	const char *format = arguments->value[OPTION_FORMAT];

	*form = format && strcmp(format, "htpasswd") == 0 ? EXPORT_HTPASSWD : EXPORT_JSON;
	if (*form == EXPORT_HTPASSWD && arguments->value[OPTION_SECOND_FACTORS]) {
		output_say("--second-factors: htpasswd has no place for them");
		return false;
	}
	if (format == NULL || *form == EXPORT_HTPASSWD || strcmp(format, "json") == 0)
		return true;
	output_say("--format: \"%s\" is neither json nor htpasswd", format);
	return false;
}

/* As the owner of the store, whoever is to own the file. */
static int
export_site(const struct arguments *arguments, struct exporting *exporting)
{
	struct site site;
	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = site_lend_to_owner(&site);
	if (status == EXIT_OK)
		status = site_open_store(&site);
	exporting->store = site.store;
	if (status == EXIT_OK && arguments->value[OPTION_SECOND_FACTORS])
		status = site_open_keys(&site, &exporting->ring);
	if (status == EXIT_OK)
		status = export_all(exporting);
	keyring_free(exporting->ring);
	site_close(&site);
	site_take_back();
	return status;
}

/*
 * The file must be new, and only its maker can read it: whoever has it can try passwords as fast as
 * their machine allows. It gets its name once it is complete, since half an export might be taken
 * for a whole one.
 */
static int
export_to(const char *file, const struct arguments *arguments, struct exporting *exporting)
{
	struct file_draft draft;
	enum pt_err err = file_draft_begin(file, false, &draft);

	if (err != PT_OK) {
		output_say("cannot make %s: %s", file,
		    err == PT_ERR_IO ? strerror(errno) : pt_err_text(err));
		return EXIT_FAILED;
	}
	exporting->fd = draft.fd;
	int status = export_site(arguments, exporting);

	if (!exporting->whole) {
		file_draft_drop(&draft);
		return status;
	}
	if (file_draft_publish(&draft, false) == PT_OK) {
		output_line("%" PRIu64 " users were written to %s. It holds password hashes%s: "
		    "protect it like the store.", exporting->count,
		    file,
		    exporting->ring_used ?
		    " and, in clear text, what makes the codes of second factors" : "");
		return status;
	}
	output_say("cannot make %s: %s", file, strerror(errno));
	return EXIT_FAILED;
}

int
cmd_user_export(const struct arguments *arguments)
{
	struct exporting exporting = {
		.text = BUF_EMPTY, .fd = STDOUT_FILENO,
		.ring_used = arguments->value[OPTION_SECOND_FACTORS] != NULL,
	};
	const char *file = arguments->operand[0];

	if (!read_form(arguments, &exporting.form))
		return EXIT_USAGE;
	if (file == NULL || strcmp(file, "-") == 0)
		return export_site(arguments, &exporting);
	return export_to(file, arguments, &exporting);
}
