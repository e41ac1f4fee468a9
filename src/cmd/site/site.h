/*
 * The start of nearly every subcommand: reads the site's configuration and opens its store, and
 * prints the reason if that fails. Run by root, the command becomes the owner of the state folder
 * while it works, so that no file in there belongs to root.
 */
#ifndef PINTLE_CMD_SITE_SITE_H
#define PINTLE_CMD_SITE_SITE_H

#include "cmd/term/command.h"
#include "conf/guards.h"
#include "conf/settings.h"
#include "store/store.h"
#include "token/keyring.h"

struct site {
	const char *config;	/* the path of the configuration */
	struct settings settings;
	struct guards guards;
	struct store *store;	/* NULL: not opened */
};

/*
 * These return an exit status. On EXIT_OK close *site with site_close; otherwise the reason has
 * been printed.
 */
int site_read(const struct arguments *arguments, struct site *site);	/* only the configuration */
/* also the store, as its owner */
int site_open(const struct arguments *arguments, struct site *site);
void site_close(struct site *site);

/* Opens, works, closes; returns work's status, or the reason why it did not begin. */
int site_run(const struct arguments *arguments,
    int (*work)(const struct site *site, const struct arguments *arguments));

/*
 * The steps of site_open, for callers that do something in between. A failure leaves *site
 * unchanged.
 */
int site_become_owner(const struct site *site);
int site_lend_to_owner(const struct site *site);	/* until site_take_back */
void site_take_back(void);
int site_open_store(struct site *site);

/*
 * Calls store_open for site->store with these options, and reports the upgrade of an older store.
 */
enum pt_err site_store(struct site *site, const char *folder, struct store_options *options);

/* Reads the keys, for keyring_free; EXIT_KEYS, with a message, if that fails. */
int site_open_keys(const struct site *site, struct keyring **out);

/* Like site_fail, for a change of the keys: EXIT_KEYS. */
int site_keys_fail(const char *attempt, enum pt_err err);

/* Prints "cannot ATTEMPT: why" and returns the exit status for err. */
int site_fail(const char *attempt, enum pt_err err);

/* The person who types the command, without address and browser. */
struct store_caller site_caller(void);

/* Whether --groups (NULL: not given) is a list of groups; EXIT_USAGE, with a message, if not. */
int site_check_groups(const char *groups);

/* The stored form of a new user's name; EXIT_USAGE, with a message, if no user may have it. */
int site_user_name(const struct site *site, const char *typed, char name[USER_NAME_SIZE]);

/* Looks a user up by the typed name; prints a message and returns EXIT_FAILED if there is none. */
int site_user(const struct site *site, const char *typed, struct user *user);

/*
 * An absolute path below the state folder, such as "keys". EXIT_CONFIG, with a message, if it is
 * too long.
 */
#define SITE_PATH_SIZE 1024
int site_path(const struct site *site, const char *below, char out[SITE_PATH_SIZE]);

/* What the store of the site is opened with; folder is its path. As site_path. */
int site_store_options(const struct site *site, char folder[SITE_PATH_SIZE],
    struct store_options *out);

#endif
