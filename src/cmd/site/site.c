#include "cmd/site/site.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/term/output.h"
#include "conf/config.h"
#include "core/username.h"
#include "store/options.h"
#include "worker/exit.h"
#include "worker/store_trouble.h"

int
site_read(const struct arguments *arguments, struct site *site)
{
	struct buf problem = BUF_EMPTY;

	*site = (struct site){ .config = config_path(arguments->value[OPTION_CONFIG]) };
	if (config_load(site->config, &site->settings, &site->guards, &problem) == PT_OK)
		return EXIT_OK;
	output_say("%.*s", SLICE_ARG(buf_slice(&problem)));
	buf_free(&problem);
	return EXIT_CONFIG;
}

int
site_fail(const char *attempt, enum pt_err err)
{
	if (err == PT_ERR_IO)
		output_say("cannot %s: %s", attempt, strerror(errno));
	else
		output_say("cannot %s: %s", attempt, pt_err_text(err));
	switch (err) {
	case PT_ERR_CORRUPT:
	case PT_ERR_FULL:
	case PT_ERR_SCHEMA:
	case PT_ERR_FATAL:
		return EXIT_STORE;
	case PT_OK:
	case PT_ERR_NOMEM:
	case PT_ERR_IO:
	case PT_ERR_CRYPTO:
	case PT_ERR_INVALID:
	case PT_ERR_BUSY:
	case PT_ERR_GONE:
	case PT_ERR_PERM:
		return EXIT_FAILED;
	}
	return EXIT_FAILED;
}

/* For good, including the saved ids. */
int
site_become_owner(const struct site *site)
{
	const char *folder = site->settings.state_folder;
	struct stat owner;

	if (geteuid() != 0 || stat(folder, &owner) != 0 || owner.st_uid == 0)
		return EXIT_OK;
	if (setgroups(0, NULL) == 0 && setresgid(owner.st_gid, owner.st_gid, owner.st_gid) == 0 &&
	    setresuid(owner.st_uid, owner.st_uid, owner.st_uid) == 0)
		return EXIT_OK;
	output_say("cannot become the owner of %s: %s", folder, strerror(errno));
	return EXIT_FAILED;
}

static uid_t lent_by;	/* the user to return to; root, or irrelevant */

int
site_lend_to_owner(const struct site *site)
{
	const char *folder = site->settings.state_folder;
	struct stat owner;

	lent_by = geteuid();
	if (lent_by != 0 || stat(folder, &owner) != 0 || owner.st_uid == 0)
		return EXIT_OK;
	if (setgroups(0, NULL) == 0 && setegid(owner.st_gid) == 0 && seteuid(owner.st_uid) == 0)
		return EXIT_OK;
	output_say("cannot become the owner of %s: %s", folder, strerror(errno));
	return EXIT_FAILED;
}

void
site_take_back(void)
{
	if (geteuid() != lent_by && (seteuid(lent_by) != 0 || setegid(getgid()) != 0))
		output_say("cannot become root again: %s", strerror(errno));
}

int
site_path(const struct site *site, const char *below, char out[SITE_PATH_SIZE])
{
	if (settings_path(&site->settings, below, out, SITE_PATH_SIZE))
		return EXIT_OK;
	output_say("state_folder: the path is too long");
	return EXIT_CONFIG;
}

static int
store_fail(const char *folder, enum pt_err err)
{
	struct store_trouble trouble;
	int failed = errno;

	if (store_trouble(folder, err, &trouble)) {
		output_say("cannot open the store: %s", trouble.text);
		output_say("%s", trouble.mend);
		return EXIT_STORE;
	}
	errno = failed;
	site_fail("open the store", err);
	if (err == PT_ERR_IO && failed == ENOENT)
		output_say("%s has none; pintle init makes it", folder);
	else if (err == PT_ERR_IO && failed == EACCES)
		output_say("%s belongs to another user; run as that user or as root", folder);
	else
		output_say("pintle check says more");
	return EXIT_STORE;
}

/* Called while an older store is upgraded, and once more at the end. */
static void
carried_over(uint64_t done, uint64_t all, void *ctx)
{
	*(bool *)ctx = true;
	if (output_is_watched())
		fprintf(stderr, "\rupgrading the store to this version: %llu of %llu",
		    (unsigned long long)done, (unsigned long long)all);
}

int
site_store_options(const struct site *site, char folder[SITE_PATH_SIZE], struct store_options *out)
{
	int status = site_path(site, "db", folder);

	if (status == EXIT_OK)
		store_options_from(&site->settings, folder, SITE_PATH_SIZE, out);
	return status;
}

enum pt_err
site_store(struct site *site, const char *folder, struct store_options *options)
{
	bool carried = false;

	options->progress = carried_over;
	options->progress_ctx = &carried;
	enum pt_err err = store_open(options, &site->store);

	if (carried && output_is_watched())
		fputs("\r\033[K", stderr);
	if (carried && err == PT_OK)
		output_say("the store was of an older version and was upgraded; its old state is "
		    "kept beside it, in %s", folder);
	return err;
}

int
site_open_store(struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct store_options options;
	int status = site_store_options(site, folder, &options);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = site_store(site, folder, &options);

	return err == PT_OK ? EXIT_OK : store_fail(folder, err);
}

int
site_open_keys(const struct site *site, struct keyring **out)
{
	char folder[SITE_PATH_SIZE], *bad_path = NULL;
	int status = site_path(site, "keys", folder);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = keyring_open(folder, out, &bad_path);

	if (err == PT_OK)
		return EXIT_OK;
	site_fail("read the keys", err);
	if (bad_path)
		output_say("it is about %s", bad_path);
	free(bad_path);
	return EXIT_KEYS;
}

int
site_keys_fail(const char *attempt, enum pt_err err)
{
	site_fail(attempt, err);
	output_say("pintle check says more");
	return EXIT_KEYS;
}

int
site_open(const struct arguments *arguments, struct site *site)
{
	int status = site_read(arguments, site);

	if (status != EXIT_OK)
		return status;
	status = site_become_owner(site);
	if (status == EXIT_OK)
		status = site_open_store(site);
	if (status != EXIT_OK)
		site_close(site);
	return status;
}

void
site_close(struct site *site)
{
	if (site->store)
		store_close(site->store);
	site->store = NULL;
	guards_free(&site->guards);
	config_free(&site->settings);
}

int
site_run(const struct arguments *arguments,
    int (*work)(const struct site *site, const struct arguments *arguments))
{
	struct site site;
	int status = site_open(arguments, &site);

	if (status != EXIT_OK)
		return status;
	status = work(&site, arguments);
	site_close(&site);
	return status;
}

struct store_caller
site_caller(void)
{
	return (struct store_caller){ .now = clock_now() };
}

int
site_check_groups(const char *groups)
{
	if (groups_valid(slice_of(groups)))
		return EXIT_OK;
	output_say("groups are names of small letters, digits, \".\", \"_\" and \"-\", each once, "
	    "with commas between them");
	return EXIT_USAGE;
}

int
site_user_name(const struct site *site, const char *typed, char name[USER_NAME_SIZE])
{
	enum username_form form = site->settings.usernames;
	enum pt_err err = username_fold(form, slice_of(typed), name);

	if (err != PT_OK)
		return site_fail("fold the name", err);
	if (name[0])
		return EXIT_OK;
	output_say("a user name has %s", username_rule(form));
	return EXIT_USAGE;
}

int
site_user(const struct site *site, const char *typed, struct user *user)
{
	char name[USER_NAME_SIZE];
	bool found = false;
	enum pt_err err = username_fold(site->settings.usernames, slice_of(typed), name);

	if (err == PT_OK && name[0])
		err = store_user_search(site->store, slice_of(name), user, &found);
	if (err != PT_OK)
		return site_fail("look the user up", err);
	if (found)
		return EXIT_OK;
	output_say("there is no user with that name; pintle user list shows them");
	return EXIT_FAILED;
}
