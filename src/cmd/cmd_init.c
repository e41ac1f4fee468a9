/*
 * pintle init: makes the configuration, the state folder, the keys and the store. What exists
 * already is kept, so that it can be run again after something was fixed.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/socket_folder.h"
#include "cmd/check/web_account.h"
#include "cmd/site/site.h"
#include "cmd/term/output.h"
#include "conf/config.h"
#include "conf/sample.h"
#include "conf/setting.h"
#include "store/limits/limits.h"
#include "worker/exit.h"
#include "worker/privileges.h"

/* ---- folders ---- */

/*
 * Whether the folder is there and can be written to, or can be made. Else false, with errno; *at is
 * what is in the way.
 */
static bool
can_make(const char *path, char at[SITE_PATH_SIZE])
{
	if (!slice_copy(slice_of(path), at, SITE_PATH_SIZE)) {
		snprintf(at, SITE_PATH_SIZE, "%s", path);
		errno = ENAMETOOLONG;
		return false;
	}
	for (;;) {
		struct stat st;
		char *slash = strrchr(at, '/');

		if (stat(at, &st) == 0) {
			errno = ENOTDIR;
			return S_ISDIR(st.st_mode) && access(at, W_OK | X_OK) == 0;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			return false;
		if (slash == NULL)
			return access(".", W_OK | X_OK) == 0;
		slash[slash == at] = '\0';
	}
}

/* Makes a folder and its missing parents. False, with errno, if it cannot be made or written to. */
static bool
make_folders(const char *path)
{
	char folder[SITE_PATH_SIZE];

	if (!slice_copy(slice_of(path), folder, sizeof(folder))) {
		errno = ENAMETOOLONG;
		return false;
	}
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0755) != 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	if (mkdir(folder, 0755) != 0 && errno != EEXIST)
		return false;
	return access(folder, W_OK | X_OK) == 0;
}

/* The folder that is to hold path; NULL: it names none, or is too long. */
static const char *
folder_of(const char *path, char out[SITE_PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (slash == path)
		len = 1;
	return len && slice_copy((struct slice){ path, len }, out, SITE_PATH_SIZE) ? out : NULL;
}

static int
make_folders_of(const char *what, const char *path)
{
	char folder[SITE_PATH_SIZE];

	/* If the path exists, its parent may belong to root: leave it. */
	if (access(path, F_OK) == 0 || folder_of(path, folder) == NULL || make_folders(folder))
		return EXIT_OK;
	output_say("%s: %s: %s", what, folder, strerror(errno));
	return EXIT_FAILED;
}

/*
 * Whether the socket's folder is there, or root can make it for the worker's user (see
 * socket_folder_make). Else false, with errno; *at is what is in the way.
 */
static bool
can_make_socket_folder(const char *socket, char at[SITE_PATH_SIZE])
{
	char folder[SITE_PATH_SIZE];
	struct socket_folder above;
	struct stat st;

	if (folder_of(socket, folder) == NULL)
		return true;
	if (stat(folder, &st) == 0) {
		snprintf(at, SITE_PATH_SIZE, "%s", folder);
		errno = ENOTDIR;
		return S_ISDIR(st.st_mode);
	}

	int fd = socket_folder_open(folder, geteuid(), &above);

	if (fd < 0) {
		errno = above.fault == SOCKET_FOLDER_UNKNOWN ? errno : EPERM;
		if (!slice_copy(slice_of(above.path), at, SITE_PATH_SIZE))
			snprintf(at, SITE_PATH_SIZE, "%s", folder);
		return false;
	}
	close(fd);
	return can_make(folder, at);
}

/*
 * Whether everything can be made, before anything is. An existing state folder may be accessible
 * to the worker alone. A NULL socket: its folder is not ours to make.
 */
static int
look_at_folders(const char *config, const char *state, const char *socket)
{
	char folder[SITE_PATH_SIZE], at[SITE_PATH_SIZE];
	struct stat st;
	const char *what = "the configuration";
	bool good = folder_of(config, folder) == NULL || can_make(folder, at);

	if (good && stat(state, &st) != 0) {
		what = "the state folder";
		good = can_make(state, at);
	}
	if (good && socket) {
		what = "the socket's folder";
		good = can_make_socket_folder(socket, at);
	}
	if (!good)
		output_say("%s: %s: %s; nothing was written", what, at, strerror(errno));
	return good ? EXIT_OK : EXIT_FAILED;
}

/* Where a new site is to stand. */
static int
make_ground(const char *config, const char *state, const char *socket)
{
	int status = look_at_folders(config, state, socket);

	if (status == EXIT_OK)
		status = make_folders_of("the state folder", state);
	return status == EXIT_OK ? make_folders_of("the configuration", config) : status;
}

/* ---- the configuration ---- */

static int
write_config(const char *path, const struct sample *sample)
{
	struct buf text = BUF_EMPTY;
	int status = EXIT_CONFIG;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST) {
		output_say("%s exists already and was kept; its settings apply", path);
		return EXIT_OK;
	}
	sample_put(sample, &text);
	if (fd < 0 || buf_status(&text) != PT_OK || !file_write(fd, buf_slice(&text)) ||
	    fsync(fd) != 0) {
		output_say("cannot write %s: %s", path, strerror(errno));
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

/*
 * Checks an option's value against the table, before it is written into a file that could then not
 * be read.
 */
static bool
fits(const char *option, const char *setting, const char *value)
{
	struct settings scratch = { 0 };
	struct buf why = BUF_EMPTY;
	bool good = value == NULL ||
	    setting_parse(setting_find(slice_of(setting)), slice_of(value), &scratch,
	    &why) == PT_OK;

	if (!good)
		output_say("--%s: %.*s", option, SLICE_ARG(buf_slice(&why)));
	buf_free(&why);
	config_free(&scratch);
	return good;
}

/* ---- whose it is, if no option says so ---- */

#define WORKER_USER "pintle"	/* whom the package and sysusers make */

/* The worker's user, if root runs this and the machine has that user. */
static const char *
usual_owner(void)
{
	return geteuid() == 0 && privileges_find(WORKER_USER) ? WORKER_USER : NULL;
}

/*
 * The group of the web server's user: of the one that is named, else of the first that is here.
 * NULL: root alone could give it.
 */
static const char *
web_group(const char *named)
{
	const struct passwd *account = named ? privileges_find(named) : NULL;
	const struct group *group;

	for (size_t i = 0; account == NULL && named == NULL && web_account_usual[i]; i++)
		account = privileges_find(web_account_usual[i]);
	group = account && geteuid() == 0 ? getgrgid(account->pw_gid) : NULL;
	return group ? group->gr_name : NULL;
}

static int
begin_config(const struct arguments *arguments)
{
	const char *path = config_path(arguments->value[OPTION_CONFIG]);
	const char *web_user = arguments->value[OPTION_WEB_USER],
	    *state = arguments->value[OPTION_STATE_FOLDER];
	const struct sample sample = {
		.issuer = arguments->value[OPTION_ISSUER],
		.user = arguments->value[OPTION_OWNER] ?
		    arguments->value[OPTION_OWNER] : usual_owner(),
		.state_folder = state,
		.socket_group = web_group(web_user),
	};
	int status = EXIT_OK;

	if (web_user && privileges_find(web_user) == NULL) {
		output_say("--web-user: there is no user %s on this system", web_user);
		return EXIT_USAGE;
	}
	if (!fits("issuer", "issuer", sample.issuer) || !fits("owner", "user", sample.user) ||
	    !fits("state-folder", "state_folder", sample.state_folder))
		return EXIT_USAGE;
	if (sample.issuer == NULL && state) {
		output_say("--state-folder goes with --issuer, into a new configuration");
		return EXIT_USAGE;
	}
	if (geteuid() == 0 && sample.user && privileges_find(sample.user) == NULL) {
		output_say("--owner: there is no user %s on this system", sample.user);
		return EXIT_USAGE;
	}
	if (sample.issuer == NULL)
		return EXIT_OK;
	if (state == NULL)
		state = PINTLE_STATE_FOLDER;
	/* Nothing is written unless everything can be. */
	if (access(path, F_OK) != 0)
		status = make_ground(path, state, sample.user && geteuid() == 0 ?
		    setting_find(SLICE("socket"))->fallback : NULL);
	return status == EXIT_OK ? write_config(path, &sample) : status;
}

/* ---- the state folder ---- */

/*
 * If root runs this, a folder that is still root's is given to the worker's user before anything is
 * in it.
 */
static int
give_folder(const char *folder, const char *owner)
{
	struct stat st;

	if (geteuid() != 0 || stat(folder, &st) != 0 || st.st_uid != 0)
		return EXIT_OK;
	if (owner[0] == '\0') {
		output_say("%s is root's; a worker of another user cannot use it (--owner USER "
		    "gives it away)", folder);
		return EXIT_OK;
	}

	const struct passwd *account = privileges_find(owner);

	if (account == NULL) {
		output_say("there is no user %s on this system", owner);
		return EXIT_CONFIG;
	}
	if (chown(folder, account->pw_uid, account->pw_gid) == 0)
		return EXIT_OK;
	output_say("cannot give %s to %s: %s", folder, owner, strerror(errno));
	return EXIT_FAILED;
}

static int
make_state_folder(const struct site *site, const char *owner)
{
	const char *folder = site->settings.state_folder;

	if (make_folders_of("the state folder", folder) != EXIT_OK)
		return EXIT_FAILED;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
		output_say("cannot make %s: %s", folder, strerror(errno));
		return EXIT_FAILED;
	}

	int status = give_folder(folder, owner ? owner : site->settings.user);

	if (status != EXIT_OK)
		return status;
	if (chmod(folder, 0700) == 0)
		return EXIT_OK;
	output_say("cannot close %s to others: %s", folder, strerror(errno));
	return EXIT_FAILED;
}

/*
 * The folder of the socket, given to the worker's user if root runs this for another user. If
 * systemd makes the folder at each boot, this does no harm; otherwise a worker started by root
 * makes it.
 */
static int
make_socket_folder(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	const char *path = site->settings.socket_path, *user = site->settings.user;
	const struct passwd *account = user[0] && geteuid() == 0 ? privileges_find(user) : NULL;
	bool made;

	if (account == NULL || folder_of(path, folder) == NULL)
		return EXIT_OK;
	if (socket_folder_make(path, account->pw_uid, account->pw_gid, &made) != 0) {
		output_say("cannot make %s, the folder of the socket: %s", folder, strerror(errno));
		return EXIT_FAILED;
	}
	if (made)
		output_line("socket folder  %s", folder);
	return EXIT_OK;
}

/* ---- what is in it ---- */

/* Reports a step: made, or kept because it was there. */
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
	int status = site_store_options(site, folder, &options);

	if (status != EXIT_OK)
		return status;
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

	if (status == EXIT_OK)
		status = make_socket_folder(site);
	/* From here on as the owner, so that nothing in the folder belongs to root. */
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
	int status;

	/*
	 * Whatever root's umask is, the worker must be able to read the configuration and pass
	 * through the folders above its own.
	 */
	umask(022);
	status = begin_config(arguments);
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
