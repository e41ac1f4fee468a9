#include "cmd/doctor/user.h"

#include <stdio.h>
#include <string.h>

#include "base/base64url.h"
#include "base/secret.h"
#include "cmd/site/new_password.h"
#include "cmd/term/output.h"
#include "conf/units.h"
#include "crypto/random.h"
#include "worker/exit.h"

#define LEFT_AFTER_MS (10 * UNITS_MINUTE)	/* longer than any run */

static enum pt_err
invent(struct doctor_user *user)
{
	uint8_t name[8], password[32];
	enum pt_err err = random_bytes(name, sizeof(name));
	size_t at;

	if (err == PT_OK)
		err = random_bytes(password, sizeof(password));
	if (err != PT_OK)
		return err;
	at = (size_t)snprintf(user->name, sizeof(user->name), DOCTOR_USER_PREFIX);
	for (size_t i = 0; i < sizeof(name); i++)
		at += (size_t)snprintf(user->name + at, sizeof(user->name) - at, "%02x", name[i]);
	base64url_encode(password, sizeof(password), user->password);
	secret_wipe(password, sizeof(password));
	return PT_OK;
}

/* If the user must have a second factor: gives it one that no app has, and a recovery code. */
static enum pt_err
give_otp(const struct site *site, const struct user *user, struct doctor_user *out)
{
	static const uint8_t no_secret[OTP_SEALED_SIZE];
	struct store_otp_recovery recovery = { 0 };
	struct store_caller caller = site_caller();
	enum store_change result;
	enum pt_err err;

	if (!otp_is_required(slice_of(user->groups), slice_of(site->settings.otp_required)))
		return PT_OK;
	err = recovery_code_new(out->code, recovery.hashes[0]);
	return err != PT_OK ? err :
	    store_otp_set(site->store, &caller, user->number, no_secret, &recovery, &result);
}

int
doctor_user_make(const struct site *site, const char *groups, struct doctor_user *out)
{
	struct user user = { 0 };
	struct store_caller caller = site_caller();
	bool added = false;
	enum pt_err err = invent(out);

	if (err != PT_OK)
		return site_fail("invent a user", err);

	int status = new_password_hash(site, slice_of(out->password), user.password_hash);

	if (status != EXIT_OK)
		return status;
	slice_copy(slice_of(out->name), user.name, sizeof(user.name));
	slice_copy(slice_of(groups), user.groups, sizeof(user.groups));
	err = store_user_add(site->store, &caller, &user, &added);
	secret_wipe(user.password_hash, sizeof(user.password_hash));
	if (err != PT_OK || !added)
		return site_fail("add a user for the test", err);
	out->number = user.number;
	err = give_otp(site, &user, out);
	return err == PT_OK ? EXIT_OK : site_fail("give a second factor to a user for the "
	    "test", err);
}

int
doctor_user_drop(const struct site *site, struct doctor_user *user)
{
	struct store_caller caller = site_caller();
	bool found;
	enum pt_err err = user->number ?
	    store_user_delete(site->store, &caller, user->number, &found) : PT_OK;

	if (err != PT_OK)
		output_say("%s is left over; pintle user delete %s", user->name, user->name);
	secret_wipe(user, sizeof(*user));
	return err == PT_OK ? EXIT_OK : site_fail("delete the user that was made for the "
	    "test", err);
}

bool
doctor_user_is_left(const struct user *user, int64_t now_ms)
{
	return slice_starts(slice_of(user->name), SLICE(DOCTOR_USER_PREFIX)) &&
	    now_ms - user->created_at > LEFT_AFTER_MS;
}
