/*
 * What nearly every subcommand begins with: the site's configuration read, its
 * store open, and the reason said where that fails. Also who the command is
 * while it works: run by root it becomes the owner of the state folder, so that
 * no file in there is root's.
 */
#ifndef PINTLE_CMD_SITE_SITE_H
#define PINTLE_CMD_SITE_SITE_H

#include "cmd/term/command.h"
#include "conf/guards.h"
#include "conf/settings.h"
#include "store/store.h"
#include "token/keyring.h"

struct site {
	const char *config;	/* path of the configuration */
	struct settings settings;
	struct guards guards;
	struct store *store;	/* NULL: not opened */
};

/* These give an exit status; on EXIT_OK *site is yours, for site_close, else the reason was said. */
int site_read(const struct arguments *arguments, struct site *site);	/* the configuration alone */
int site_open(const struct arguments *arguments, struct site *site);	/* and the store, as its owner */
void site_close(struct site *site);

/* Opens, works, closes; gives what work gave, or why it was not begun. */
int site_run(const struct arguments *arguments, int (*work)(const struct site *site, const struct arguments *arguments));

/* The steps of site_open, where something comes between. A failure leaves *site as it was. */
int site_become_owner(const struct site *site);
int site_lend_to_owner(const struct site *site);	/* for a while: until site_take_back */
void site_take_back(void);
int site_open_store(struct site *site);

/* store_open for site->store with these options; says so where an older store was carried over. */
enum pt_err site_store(struct site *site, const char *folder, struct store_options *options);

/* The keys, for keyring_free; EXIT_KEYS, said, if they cannot be read. */
int site_open_keys(const struct site *site, struct keyring **out);

/* The same as site_fail for a change of the keys: EXIT_KEYS. */
int site_keys_fail(const char *attempt, enum pt_err err);

/* Says "cannot ATTEMPT: why" and gives the exit status that belongs to err. */
int site_fail(const char *attempt, enum pt_err err);

/* Whoever types the command: without address and browser. */
struct store_caller site_caller(void);

/* Looks a user up by what was typed; says so, and gives EXIT_FAILED, if there is none. */
int site_user(const struct site *site, const char *typed, struct user *user);

/* Paths below the state folder, "keys" say; absolute. EXIT_CONFIG, said, if it is too long. */
#define SITE_PATH_SIZE 1024
int site_path(const struct site *site, const char *below, char out[SITE_PATH_SIZE]);

#endif
