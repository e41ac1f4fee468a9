/*
 * pintle user unlock, address unlock: shows and forgets the wrong tries counted for a user or an
 * address.
 */
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "core/address.h"
#include "web/who/guess_key.h"
#include "worker/exit.h"

/* The limits of a site, and the key that makes the names in them. */
struct lifting {
	const struct site *site;
	struct mac_key *key;
	struct limits *limits;
	enum pt_err err;
};

static int
lifting_begin(const struct site *site, struct lifting *out)
{
	char folder[SITE_PATH_SIZE];
	struct keyring *ring;
	int status = site_path(site, "limits", folder);

	*out = (struct lifting){ .site = site };
	if (status == EXIT_OK)
		status = site_open_keys(site, &ring);
	if (status != EXIT_OK)
		return status;

	enum pt_err err = keyring_derive(ring, GUESS_KEY_LABEL, &out->key);

	keyring_free(ring);
	if (err == PT_OK)
		err = limits_open(folder, LIMITS_RECORDS, &out->limits);
	if (err == PT_OK)
		return EXIT_OK;
	mac_key_free(out->key);
	return site_fail("open the limits", err);
}

static void
lifting_end(struct lifting *lifting)
{
	limits_close(lifting->limits);
	mac_key_free(lifting->key);
}

/* Forgets one count, and reports how high it was. */
static enum pt_err
lift(struct lifting *lifting, const uint8_t key[LIMITS_KEY_SIZE], const struct limit_policy *policy,
    unsigned *count)
{
	struct limit_state state;
	enum pt_err err = limits_get(lifting->limits, key, &state);

	*count = err == PT_OK ? limit_count(policy, &state, clock_now()) : 0;
	return err == PT_OK ? limits_forget(lifting->limits, key) : err;
}

static void
say_lifted(const char *what, unsigned count)
{
	output_line("%s: %u wrong %s forgotten.", what, count,
	    count == 1 ? "try was" : "tries were");
}

static int
lift_address(const struct site *site, const struct arguments *arguments)
{
	const char *address = arguments->operand[0];
	uint8_t key[LIMITS_KEY_SIZE];
	struct lifting lifting;
	unsigned count;
	int status;

	if (!address_valid(slice_of(address))) {
		output_say("%s is not an IP address", address);
		return EXIT_USAGE;
	}
	status = lifting_begin(site, &lifting);
	if (status != EXIT_OK)
		return status;

	enum pt_err err = guess_key_address(lifting.key, slice_of(address), key);

	if (err == PT_OK)
		err = lift(&lifting, key, &site->settings.address_limit, &count);
	if (err == PT_OK)
		say_lifted(address, count);
	lifting_end(&lifting);
	return err == PT_OK ? EXIT_OK : site_fail("forget what was counted", err);
}

int
cmd_address_unlock(const struct arguments *arguments)
{
	return site_run(arguments, lift_address);
}

/* ---- a user: the account, and each device that has signed in to it ---- */

struct lifting_user {
	struct lifting lifting;
	const struct user *user;
	unsigned count;
};

static bool
lift_device(const uint8_t device_hash[DIGEST_SIZE], int64_t used_at, void *ctx)
{
	struct lifting_user *of = ctx;
	uint8_t key[LIMITS_KEY_SIZE];
	unsigned count = 0;

	(void)used_at;
	of->lifting.err = guess_key_device(of->lifting.key, of->user->number, device_hash, key);
	if (of->lifting.err == PT_OK)
		of->lifting.err = lift(&of->lifting, key, &of->lifting.site->settings.account_limit,
		    &count);
	of->count += count;
	return of->lifting.err == PT_OK;
}

static enum pt_err
lift_account(struct lifting_user *of)
{
	uint8_t key[LIMITS_KEY_SIZE];
	enum pt_err err = guess_key_account(of->lifting.key, slice_of(of->user->name), key);

	if (err == PT_OK)
		err = lift(&of->lifting, key, &of->lifting.site->settings.account_limit,
		    &of->count);
	if (err == PT_OK)
		err = store_device_each(of->lifting.site->store, of->user->number, lift_device, of);
	return err == PT_OK ? of->lifting.err : err;
}

static int
lift_user(const struct site *site, const struct arguments *arguments)
{
	struct user user;
	struct lifting_user of = { .user = &user };
	int status = site_user(site, arguments->operand[0], &user);

	if (status == EXIT_OK)
		status = lifting_begin(site, &of.lifting);
	if (status != EXIT_OK)
		return status;

	enum pt_err err = lift_account(&of);

	if (err == PT_OK)
		say_lifted(user.name, of.count);
	lifting_end(&of.lifting);
	return err == PT_OK ? EXIT_OK : site_fail("forget what was counted", err);
}

int
cmd_user_unlock(const struct arguments *arguments)
{
	return site_run(arguments, lift_user);
}
