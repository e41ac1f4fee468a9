/*
 * pintle key master: a new master key. What the previous one made is accepted until its sessions
 * end; then pintle gc forgets it. What it sealed is sealed again, a hundred users at a time. A
 * leaked one is not accepted any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "cmd/cmd_master.h"
#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "token/otp_secret.h"
#include "worker/exit.h"

#define BATCH 100	/* second factors in one transaction */

_Static_assert(OTP_SECRET_SEALED == OTP_SEALED_SIZE, "the record has room for what is sealed");

struct sealing {
	struct store *store;
	const struct keyring *ring;
	struct store_otp_renewal batch[BATCH];
	size_t count;
	enum pt_err err;
	uint64_t done, closed;	/* sealed anew, and those that no key opens */
};

static void
seal_batch(struct sealing *sealing)
{
	if (sealing->err == PT_OK && sealing->count > 0)
		sealing->err = store_otp_renew(sealing->store, sealing->batch, sealing->count);
	if (sealing->err == PT_OK)
		sealing->done += sealing->count;
	sealing->count = 0;
}

/* The factor that is on and the one that waits for confirmation, each with its own secret. */
static enum pt_err
seal_one(struct sealing *sealing, const struct user *user, const struct otp *otp)
{
	struct store_otp_renewal *renewal = &sealing->batch[sealing->count];
	bool on_changed = false, pending_changed = false, good = true, pending_good;
	enum pt_err err = PT_OK;

	*renewal = (struct store_otp_renewal){ .user_number = user->number };
	memcpy(renewal->sealed, otp->sealed, OTP_SEALED_SIZE);
	memcpy(renewal->pending, otp->pending, OTP_SEALED_SIZE);
	memcpy(renewal->new_sealed, otp->sealed, OTP_SEALED_SIZE);
	memcpy(renewal->new_pending, otp->pending, OTP_SEALED_SIZE);
	if (otp->on)
		err = otp_secret_renew(sealing->ring, slice_of(user->sub), renewal->new_sealed,
		    &on_changed, &good);
	if (err == PT_OK && otp->pending_at != 0)
		err = otp_secret_renew(sealing->ring, slice_of(user->sub), renewal->new_pending,
		    &pending_changed, &pending_good);
	sealing->closed += !good;
	if (err == PT_OK && (on_changed || pending_changed) && ++sealing->count == BATCH)
		seal_batch(sealing);
	return err == PT_OK ? sealing->err : err;
}

static bool
seal_user(const struct user *user, void *ctx)
{
	struct sealing *sealing = ctx;
	struct otp otp;
	bool found;
	enum pt_err err = store_otp_get(sealing->store, user->number, &otp, &found);

	/* pintle check reports one that does not decode; the others do not wait for it. */
	if (err == PT_ERR_CORRUPT)
		return true;
	if (err == PT_OK && found)
		err = seal_one(sealing, user, &otp);
	if (sealing->err == PT_OK)
		sealing->err = err;
	return sealing->err == PT_OK;
}

/* Seals everything again that an older key has sealed. */
static int
seal_all(const struct site *site)
{
	struct sealing sealing = { .store = site->store };
	struct keyring *ring;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;
	sealing.ring = ring;
	enum pt_err err = store_user_each(site->store, seal_user, &sealing);

	seal_batch(&sealing);
	keyring_free(ring);
	/*
	 * A user whose record does not decode was skipped: replacing a leaked key does not wait for
	 * it.
	 */
	if (err == PT_OK || err == PT_ERR_CORRUPT)
		err = sealing.err;
	if (err != PT_OK)
		return site_fail("seal the second factors again", err);
	if (sealing.done)
		output_line("%" PRIu64 " second factor%s sealed again.", sealing.done,
		    sealing.done == 1 ? " was" : "s were");
	if (sealing.closed)
		output_say("%" PRIu64 " second factors do not open with any key: pintle check says "
		    "more", sealing.closed);
	return EXIT_OK;
}

static int
forget(const char *folder, bool leaked)
{
	enum pt_err err = keyring_forget_master(folder, leaked);

	return err == PT_OK ? EXIT_OK : site_keys_fail("forget the previous master key", err);
}

/* ---- what is done at once ---- */

static int
read_masters(const struct site *site, struct keyring_masters *out)
{
	struct keyring *ring;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;
	*out = keyring_masters(ring);
	keyring_free(ring);
	return EXIT_OK;
}

static int
renew_master(const struct site *site, const char *folder, bool leaked)
{
	struct event event = { .at = clock_now().wall_ms, .kind = EVENT_MASTER_KEY_MADE };
	enum keyring_renewal verdict;
	enum pt_err err = keyring_renew_master(folder, leaked, &verdict);

	if (err != PT_OK)
		return site_keys_fail("make a master key", err);
	/* Replacing a leaked key was begun before: this continues where a crash ended it. */
	if (verdict != KEYRING_RENEWED)
		return leaked ? EXIT_OK : EXIT_FAILED;
	output_line("There is a new master key.");
	err = store_event_add(site->store, &event);
	return err == PT_OK ? EXIT_OK : site_fail("record it in the audit log", err);
}

static int
renew_leaked(const struct site *site, const char *folder)
{
	const struct store_caller caller = site_caller();
	struct keyring_masters masters;
	uint64_t count = 0;
	int status = read_masters(site, &masters);

	/* The one before it goes as well: nothing older than the new one is accepted. */
	if (status == EXIT_OK && masters.old)
		status = seal_all(site);
	if (status == EXIT_OK && masters.old)
		status = forget(folder, false);
	if (status == EXIT_OK)
		status = renew_master(site, folder, true);
	if (status != EXIT_OK)
		return status;
	enum pt_err err = store_session_end_all(site->store, &caller, 0, 0, REASON_ADMIN, &count);

	if (err != PT_OK)
		return site_fail("end the sessions", err);
	output_line("%" PRIu64 " session%s ended.", count, count == 1 ? " was" : "s were");
	status = seal_all(site);
	if (status == EXIT_OK)
		status = forget(folder, true);
	if (status == EXIT_OK)
		output_say("whoever has the old key and a copy of the store can compute "
		    "everybody's codes: "
		    "pintle user otp NAME sets up a new second factor");
	return status;
}

static int
renew_kept(const struct site *site, const char *folder)
{
	int status = renew_master(site, folder, false);

	if (status == EXIT_FAILED)
		output_say("the previous master key is still accepted: pintle gc forgets it when "
		    "none of its sessions is left; with --leaked they all end at once");
	int sealed = seal_all(site);

	if (status != EXIT_OK || sealed != EXIT_OK)
		return status != EXIT_OK ? status : sealed;
	output_line("What the previous one made is accepted until its sessions end; then pintle gc "
	    "forgets it.");
	output_line("Keep a copy of the folder of keys, apart from the backups of the store.");
	return EXIT_OK;
}

static int
master(const struct site *site, const struct arguments *arguments)
{
	char folder[SITE_PATH_SIZE];
	int status = site_path(site, "keys", folder);

	if (status != EXIT_OK)
		return status;
	return arguments->value[OPTION_LEAKED] ?
	    renew_leaked(site, folder) : renew_kept(site, folder);
}

int
cmd_key_master(const struct arguments *arguments)
{
	if (arguments->value[OPTION_LEAKED] && !arguments->value[OPTION_YES] &&
	    !prompt_confirm("End all sessions, and accept nothing that the present master key has "
	    "made?"))
		return EXIT_FAILED;
	return site_run(arguments, master);
}

/* ---- pintle gc ---- */

struct remaining {
	int64_t since_ms;
	bool found;
};

static bool
began_before(const struct session *session, enum reason standing, void *ctx)
{
	struct remaining *remaining = ctx;

	(void)standing;
	remaining->found = session->created_at < remaining->since_ms;
	return !remaining->found;
}

int
cmd_master_sweep(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct keyring_masters masters;
	int status = site_path(site, "keys", folder);

	if (status == EXIT_OK)
		status = read_masters(site, &masters);
	if (status != EXIT_OK || (!masters.old && !masters.leaked))
		return status;
	status = seal_all(site);
	if (status == EXIT_OK && masters.leaked)
		status = forget(folder, true);
	if (status != EXIT_OK || !masters.old)
		return status;
	struct remaining remaining = { .since_ms = (masters.since_s + 1) * 1000 };
	enum pt_err err = store_session_each(site->store, clock_now(), 0, false, began_before,
	    &remaining);

	if (err != PT_OK)
		return site_fail("look for sessions of the previous master key", err);
	if (remaining.found)
		return EXIT_OK;
	status = forget(folder, false);
	if (status == EXIT_OK)
		output_line("The previous master key was forgotten: none of its sessions is left.");
	return status;
}
