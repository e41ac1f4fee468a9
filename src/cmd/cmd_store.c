/* pintle gc, compact, backup, restore: care for the store. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/check/factors.h"
#include "cmd/cmd_master.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "conf/units.h"
#include "worker/exit.h"
#include "worker/store_trouble.h"

#define SWEEP_BUDGET 1000	/* records a transaction: the worker's changes wait for no more */

/* ---- gc ---- */

static int
sweep_keys(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	size_t count;
	int status = site_path(site, "keys", folder);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = keyring_prune(folder, clock_now().wall_ms / 1000, &count);

	if (err != PT_OK)
		return site_keys_fail("remove the keys that have retired", err);
	if (count)
		output_line("%zu key%s retired.", count, count == 1 ? " had" : "s had");
	return cmd_master_sweep(site);
}

/* All sessions, unless the clock is behind the keys. */
static int
bring_back(const struct site *site)
{
	const struct instant now = clock_now();
	uint64_t position = 0, sum = 0;
	struct keyring *ring;
	unsigned brought;
	enum pt_err err = PT_OK;
	int status = site_open_keys(site, &ring);

	if (status != EXIT_OK)
		return status;
	if (!keyring_is_behind(ring, now.wall_ms / 1000, NULL))
		do {
			err = store_bring_back(site->store, now, SWEEP_BUDGET, &position, &brought);
			sum += brought;
		} while (err == PT_OK && position != 0);
	keyring_free(ring);
	if (err != PT_OK)
		return site_fail("look for sessions that are ahead of the clock", err);
	if (sum > 0)
		output_line("%llu session%s ahead of the clock, and count%s from now.",
		    (unsigned long long)sum, sum == 1 ? " was" : "s were", sum == 1 ? "s" : "");
	return EXIT_OK;
}

static void
say_done(const char *done, void *ctx)
{
	(void)ctx;
	output_line("%s", done);
}

static int
drop_broken(const struct site *site)
{
	uint64_t mended = 0, problems = 0;
	enum pt_err err = store_mend(site->store, clock_now(), say_done, NULL, &mended);

	if (err != PT_OK)
		return site_fail("remove what is broken", err);
	output_line(mended == 1 ? "%llu thing was repaired." : "%llu things were repaired.",
	    (unsigned long long)mended);
	err = store_verify(site->store, NULL, NULL, &problems);
	if (err == PT_OK && problems == 0)
		return EXIT_OK;
	output_say("not everything could be repaired: pintle check reports what is left");
	return EXIT_STORE;
}

static int
sweep(const struct site *site, const struct arguments *arguments)
{
	uint64_t sum = 0;
	struct store_swept swept;
	int status = arguments->value[OPTION_DROP_BROKEN] ? drop_broken(site) : EXIT_OK;

	if (status != EXIT_OK)
		return status;

	do {
		enum pt_err err = store_sweep(site->store, clock_now(), SWEEP_BUDGET, &swept);

		if (err != PT_OK)
			return site_fail("sweep the store", err);
		sum += swept.handled;
		if (output_is_watched())
			fprintf(stderr, "\r%llu records", (unsigned long long)sum);
	} while (swept.more);
	if (output_is_watched())
		fputs("\r\033[K", stderr);
	output_line("%llu record%s due.", (unsigned long long)sum, sum == 1 ? " was" : "s were");
	status = sweep_keys(site);
	return status == EXIT_OK ? bring_back(site) : status;
}

int
cmd_gc(const struct arguments *arguments)
{
	return site_run(arguments, sweep);
}

/*
 * ---- backup and restore: as root if root calls, since the file may be where only root can write
 * ----
 */

int
cmd_backup(const struct arguments *arguments)
{
	struct site site;
	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = site_open_store(&site);
	if (status == EXIT_OK) {
		enum pt_err err = store_backup(site.store, arguments->operand[0]);

		status = err == PT_OK ? EXIT_OK : site_fail("write the backup", err);
	}
	if (status == EXIT_OK)
		output_line("The store was copied. The keys are not in the copy: keep %s/keys too, "
		    "in another place.",
		    site.settings.state_folder);
	site_close(&site);
	return status;
}

static int
compact(const struct site *site)
{
	char folder[SITE_PATH_SIZE], text[2][UNITS_TEXT_SIZE];
	struct store_options options;
	uint64_t before, after;
	int status = site_store_options(site, folder, &options);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = store_compact(&options, &before, &after);

	if (err == PT_ERR_BUSY) {
		output_say("the store is in use: stop the worker and whatever else has it open, "
		    "and try again");
		return EXIT_FAILED;
	}
	if (err != PT_OK)
		return site_fail("compact the store", err);
	units_format_size((int64_t)before, text[0]);
	units_format_size((int64_t)after, text[1]);
	output_line("The store took %s, and now takes %s.", text[0], text[1]);
	return EXIT_OK;
}

int
cmd_compact(const struct arguments *arguments)
{
	struct site site;
	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = site_become_owner(&site);
	/* A store of an older version is upgraded first. */
	if (status == EXIT_OK)
		status = site_open_store(&site);
	if (site.store)
		store_close(site.store);
	site.store = NULL;
	if (status == EXIT_OK)
		status = compact(&site);
	site_close(&site);
	return status;
}

static int
restore(struct site *site, const char *file, bool keep_sessions)
{
	char folder[SITE_PATH_SIZE];
	struct store_options options;
	int status = site_store_options(site, folder, &options);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = store_restore(&options, file, keep_sessions, clock_now());

	if (err == PT_ERR_BUSY) {
		output_say("the store is in use: stop the worker and whatever else has it open, "
		    "and try again");
		return EXIT_FAILED;
	}
	struct store_trouble trouble;

	if (store_trouble_backup(file, err, &trouble)) {
		output_say("cannot restore the backup: %s", trouble.text);
		output_say("%s", trouble.mend);
		return EXIT_STORE;
	}
	if (err != PT_OK)
		return site_fail("restore the backup", err);
	if (!store_backup_is_sealed(file))
		output_say("the backup has no checksum, because an older version made it: its "
		    "records were read, and are complete");
	output_line("The store was restored; %s.",
	    keep_sessions ? "its sessions live on" : "all sessions in it were ended");
	/* A backup has no keys: do the present ones open what is in it? */
	if (site_become_owner(site) == EXIT_OK && site_open_store(site) == EXIT_OK)
		factors_report(site);
	return EXIT_OK;
}

int
cmd_restore(const struct arguments *arguments)
{
	struct site site;
	int status = site_read(arguments, &site);

	if (status != EXIT_OK)
		return status;
	if (arguments->value[OPTION_YES] ||
	    prompt_confirm("Replace the present store with the backup?"))
		status = restore(&site, arguments->operand[0],
		    arguments->value[OPTION_KEEP_SESSIONS] != NULL);
	else
		status = EXIT_FAILED;
	site_close(&site);
	return status;
}
