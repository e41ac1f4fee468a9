/*
 * pintle user otp: an administrator sets up somebody's second factor, removes a lost one, or makes
 * new recovery codes.
 */
#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "base/json.h"
#include "base/qr.h"
#include "base/secret.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "web/who/second_factor.h"
#include "worker/exit.h"

/* What is shown, once. */
struct shown {
	const struct user *user;
	uint8_t secret[TOTP_SECRET_SIZE];
	bool has_secret;
	struct recovery_codes codes;
	struct buf address;
};

static void
show_json(const struct shown *shown, struct buf *text)
{
	char secret[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	struct json_writer json = json_writer(text);

	json_open(&json, NULL);
	json_put_cstr(&json, "name", shown->user->name);
	if (shown->has_secret) {
		base32_encode(shown->secret, TOTP_SECRET_SIZE, secret);
		json_put_cstr(&json, "secret", secret);
		json_put_string(&json, "otpauth", buf_slice(&shown->address));
		secret_wipe(secret, sizeof(secret));
	}
	json_open_array(&json, "recovery_codes");
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		json_put_cstr(&json, NULL, shown->codes.text[i]);
	json_close_array(&json);
	json_close(&json);
	buf_putc(text, '\n');
}

static enum pt_err
show_text(const struct shown *shown, struct buf *text)
{
	char secret[BASE32_LEN(TOTP_SECRET_SIZE) + 1];
	enum pt_err err = PT_OK;

	if (shown->has_secret) {
		base32_encode(shown->secret, TOTP_SECRET_SIZE, secret);
		buf_printf(text, "%s now has a second factor. Scan this with an authenticator "
		    "app:\n\n",
		    shown->user->name);
		err = qr_put_terminal(buf_slice(&shown->address), text);
		buf_printf(text, "\nOr enter this key: %s\n\n", secret);
		secret_wipe(secret, sizeof(secret));
	}
	buf_printf(text, "Recovery codes of %s, each usable once, not shown again:\n",
	    shown->user->name);
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		buf_printf(text, "  %s\n", shown->codes.text[i]);
	return err;
}

static int
show(const struct arguments *arguments, const struct shown *shown)
{
	struct buf text = BUF_EMPTY;
	enum pt_err err = PT_OK;

	if (arguments->value[OPTION_JSON])
		show_json(shown, &text);
	else
		err = show_text(shown, &text);
	if (err == PT_OK)
		err = buf_status(&text);
	if (err == PT_OK)
		output_write(buf_slice(&text));
	buf_free(&text);
	return err == PT_OK ? EXIT_OK : site_fail("show it", err);
}

/*
 * Reports how a change ended: the user may have been deleted, or the second factor removed,
 * meanwhile.
 */
static int
changed(const char *attempt, enum pt_err err, enum store_change result, const struct user *user)
{
	if (err != PT_OK)
		return site_fail(attempt, err);
	if (result == CHANGE_DONE)
		return EXIT_OK;
	output_say(result == CHANGE_USER_GONE ? "%s was deleted meanwhile" :
	    "%s has no second factor", user->name);
	return EXIT_FAILED;
}

/* ---- the three things to be done ---- */

static int
enrol(const struct site *site, const struct arguments *arguments, struct shown *shown)
{
	struct store_otp_recovery recovery;
	uint8_t sealed[OTP_SEALED_SIZE];
	struct keyring *ring;
	enum store_change result = CHANGE_NONE;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = random_bytes(shown->secret, sizeof(shown->secret));

	if (err == PT_OK)
		err = otp_secret_seal(ring, slice_of(shown->user->sub), shown->secret, sealed);
	if (err == PT_OK)
		err = second_factor_make_codes(&shown->codes, recovery.hashes);
	keyring_free(ring);

	struct store_caller caller = site_caller();

	if (err == PT_OK)
		err = store_otp_set(site->store, &caller, shown->user->number, sealed, &recovery,
		    &result);
	status = changed("set the second factor", err, result, shown->user);
	if (status != EXIT_OK)
		return status;
	shown->has_secret = true;
	otp_address_put(&shown->address, slice_of(site->settings.issuer),
	    slice_of(shown->user->name), shown->secret);
	return show(arguments, shown);
}

static int
renew_codes(const struct site *site, const struct arguments *arguments, struct shown *shown)
{
	struct store_otp_recovery recovery;
	struct store_caller caller = site_caller();
	enum store_change result = CHANGE_NONE;
	enum pt_err err = second_factor_make_codes(&shown->codes, recovery.hashes);

	if (err == PT_OK)
		err = store_otp_set_recovery(site->store, &caller, shown->user->number, &recovery,
		    NULL, &result);

	int status = changed("make recovery codes", err, result, shown->user);

	return status == EXIT_OK ? show(arguments, shown) : status;
}

static int
take_away(const struct site *site, const struct user *user)
{
	const struct store_otp_sessions sessions = { .end_others = false };
	struct store_caller caller = site_caller();
	enum store_change result = CHANGE_NONE;
	enum pt_err err = store_otp_remove(site->store, &caller, user->number, NULL, &sessions,
	    &result);
	int status = changed("remove the second factor", err, result, user);

	if (status == EXIT_OK)
		output_line("%s no longer has a second factor.", user->name);
	return status;
}

/* ---- which of them ---- */

static bool
confirm(const struct arguments *arguments, const struct user *user, const struct otp *otp)
{
	char question[USER_NAME_SIZE + 64];
	const char *what = "Replace";

	if (arguments->value[OPTION_REMOVE])
		what = "Remove";
	else if (arguments->value[OPTION_RECOVERY])
		what = "Replace the recovery codes of";
	snprintf(question, sizeof(question), "%s the second factor of %s?", what, user->name);
	return !otp->on || arguments->value[OPTION_YES] || prompt_confirm(question);
}

static int
act(const struct site *site, const struct arguments *arguments, const struct user *user)
{
	struct shown shown = { .user = user, .address = BUF_EMPTY };
	struct otp otp;
	bool found;
	int status;
	enum pt_err err = store_otp_get(site->store, user->number, &otp, &found);

	/* One that does not decode keeps its user out: it can be replaced or removed. */
	if (err == PT_ERR_CORRUPT && !arguments->value[OPTION_RECOVERY])
		otp = (struct otp){ .user_number = user->number, .on = true };
	else if (err != PT_OK)
		return site_fail("read the second factor", err);
	if (!confirm(arguments, user, &otp))
		return EXIT_FAILED;
	if (arguments->value[OPTION_REMOVE])
		return take_away(site, user);
	status = arguments->value[OPTION_RECOVERY] ?
	    renew_codes(site, arguments, &shown) : enrol(site, arguments, &shown);
	buf_free(&shown.address);
	secret_wipe(&shown, sizeof(shown));
	return status;
}

static int
work(const struct site *site, const struct arguments *arguments)
{
	struct user user;
	int status = site_user(site, arguments->operand[0], &user);

	if (status == EXIT_OK)
		status = act(site, arguments, &user);
	secret_wipe(user.password_hash, sizeof(user.password_hash));
	return status;
}

int
cmd_user_otp(const struct arguments *arguments)
{
	const bool removes = arguments->value[OPTION_REMOVE] != NULL;

	if (removes && arguments->value[OPTION_RECOVERY]) {
		output_say("--remove and --recovery are two different things");
		return EXIT_USAGE;
	}
	/* The secret is for a person's eyes: it goes into a file or a log only on request. */
	if (!removes && !arguments->value[OPTION_JSON] && !output_is_seen()) {
		output_say("this shows a secret, and standard output is not a terminal; --json "
		    "writes it anyway");
		return EXIT_USAGE;
	}
	return site_run(arguments, work);
}
