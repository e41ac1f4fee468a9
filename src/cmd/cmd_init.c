/*
 * pintle init: the configuration, the state folder, the keys, the store. What is
 * there already is kept, so that it can be said again after something was mended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/config.h"
#include "cmd/exit.h"
#include "cmd/output.h"
#include "cmd/privileges.h"
#include "cmd/sample.h"
#include "cmd/setting.h"
#include "cmd/site.h"
#include "store/limits.h"

/* ---- the configuration ---- */

static int
write_all(int fd, struct slice text)
{
	while (text.len) {
		ssize_t put = write(fd, text.ptr, text.len);

		if (put < 0 && errno != EINTR)
			return -1;
		text = slice_skip(text, put > 0 ? (size_t)put : 0);
	}
	return 0;
}

/* Makes the folder that is to hold the file, if only that one is missing. */
static void
make_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash && slash != path ? strndup(path, (size_t)(slash - path)) : NULL;

	if (folder)
		mkdir(folder, 0755);	/* where it fails, so does the file, which is said */
	free(folder);
}

static int
write_config(const char *path, const struct sample *sample)
{
	struct buf text = BUF_EMPTY;
	int status = EXIT_CONFIG;

	make_folder_of(path);

	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST) {
		say("%s is there already and was kept; its settings count", path);
		return EXIT_OK;
	}
	sample_put(sample, &text);
	if (fd < 0 || buf_status(&text) != PT_OK || write_all(fd, buf_slice(&text)) != 0 || fsync(fd) != 0) {
		say("cannot write %s: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(path);
	} else {
		output_line("configuration  %s", path);
		status = EXIT_OK;
	}
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	return status;
}

/* Holds what an option says to the table, before it is written into a file that would not be read again. */
static bool
fits(const char *option, const char *setting, const char *value)
{
	struct settings scratch = { 0 };
	struct buf why = BUF_EMPTY;
	bool good = value == NULL ||
	    setting_parse(setting_find(slice_of(setting)), slice_of(value), &scratch, &why) == PT_OK;

	if (!good)
		say("--%s: %.*s", option, SLICE_ARG(buf_slice(&why)));
	buf_free(&why);
	config_free(&scratch);
	return good;
}

static int
begin_config(const struct arguments *arguments)
{
	const struct sample sample = {
		.issuer = arguments->value[OPTION_ISSUER],
		.user = arguments->value[OPTION_OWNER],
		.state_folder = arguments->value[OPTION_STATE_FOLDER],
	};

	if (!fits("issuer", "issuer", sample.issuer) || !fits("owner", "user", sample.user) ||
	    !fits("state-folder", "state_folder", sample.state_folder))
		return EXIT_USAGE;
	if (sample.issuer)
		return write_config(config_path(arguments->value[OPTION_CONFIG]), &sample);
	if (sample.state_folder == NULL)
		return EXIT_OK;
	say("--state-folder goes with --issuer, into a new configuration");
	return EXIT_USAGE;
}

/* ---- the state folder ---- */

/* Run by root: a folder that is still root's goes to the worker's user, before anything is in it. */
static int
give_folder(const char *folder, const char *owner)
{
	struct stat st;

	if (geteuid() != 0 || stat(folder, &st) != 0 || st.st_uid != 0)
		return EXIT_OK;
	if (owner[0] == '\0') {
		say("%s is root's; a worker of another user cannot use it (--owner USER gives it away)", folder);
		return EXIT_OK;
	}

	const struct passwd *account = privileges_find(owner);

	if (account == NULL) {
		say("there is no user %s on this system", owner);
		return EXIT_CONFIG;
	}
	if (chown(folder, account->pw_uid, account->pw_gid) == 0)
		return EXIT_OK;
	say("cannot give %s to %s: %s", folder, owner, strerror(errno));
	return EXIT_FAILED;
}

static int
make_state_folder(const struct site *site, const char *owner)
{
	const char *folder = site->settings.state_folder;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		say("cannot make %s: %s", folder, strerror(errno));
		return EXIT_FAILED;
	}

	int status = give_folder(folder, owner ? owner : site->settings.user);

	if (status != EXIT_OK)
		return status;
	if (chmod(folder, 0700) == 0)
		return EXIT_OK;
	say("cannot close %s to others: %s", folder, strerror(errno));
	return EXIT_FAILED;
}

/* ---- what is in it ---- */

/* How a step went: made, or kept because it was there. */
static int
step(const char *what, const char *path, const char *attempt, enum pt_err err, int status_if_wrong)
{
	bool kept = err == PT_ERR_IO && errno == EEXIST;

	if (err != PT_OK && !kept) {
		site_fail(attempt, err);
		return status_if_wrong;
	}
	output_line("%-13s  %s%s", what, path, kept ? " (kept)" : "");
	return EXIT_OK;
}

static int
make_keys(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	int status = site_path(site, "keys", folder);

	if (status != EXIT_OK)
		return status;
	const int64_t now_s = clock_now().wall_ms / 1000;
	enum pt_err err = keyring_create(folder, site->settings.signing_alg, now_s);
	bool made;

	if (err == PT_OK)
		err = keyring_ensure_status(folder, site->settings.signing_alg, now_s, &made);
	return step("keys", folder, "make the keys", err, EXIT_KEYS);
}

static int
make_store(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct store_options options;
	int status = site_path(site, "db", folder);

	if (status != EXIT_OK)
		return status;
	settings_store_options(&site->settings, folder, sizeof(folder), &options);
	return step("store", folder, "make the store", store_create(&options), EXIT_STORE);
}

static int
make_slots(const struct site *site)
{
	char path[SITE_PATH_SIZE];
	struct password_slots *slots;
	int status = site_path(site, "hashing.slots", path);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = password_slots_open(path, &(struct password_slots_options){
		.slots = site->settings.hashing_slots,
		.threads = 1,
	}, &slots);

	if (err == PT_OK)
		password_slots_close(slots);
	return step("slots", path, "make the hashing slots", err, EXIT_FAILED);
}

static int
make_limits(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct limits *limits;
	int status = site_path(site, "limits", folder);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = limits_open(folder, LIMITS_RECORDS, &limits);

	if (err == PT_OK)
		limits_close(limits);
	return step("limits", folder, "make the store of the limits", err, EXIT_FAILED);
}

static int
make_site(const struct site *site, const char *owner)
{
	int status = make_state_folder(site, owner);

	/* From here on as the owner: nothing that root made is left in the folder. */
	if (status == EXIT_OK)
		status = site_become_owner(site);
	if (status == EXIT_OK)
		status = make_keys(site);
	if (status == EXIT_OK)
		status = make_store(site);
	if (status == EXIT_OK)
		status = make_limits(site);
	return status == EXIT_OK ? make_slots(site) : status;
}

int
cmd_init(const struct arguments *arguments)
{
	struct site site;
	int status = begin_config(arguments);

	if (status == EXIT_OK)
		status = site_read(arguments, &site);
	if (status != EXIT_OK)
		return status;
	status = make_site(&site, arguments->value[OPTION_OWNER]);
	if (status == EXIT_OK)
		output_line("Next: pintle user add NAME, then pintle check.");
	site_close(&site);
	return status;
}
