/*
 * The subcommands of pintle and their options, one table each. Parsing and help use them, and a
 * test compares the manual with them.
 */
#ifndef PINTLE_CMD_TERM_COMMAND_H
#define PINTLE_CMD_TERM_COMMAND_H

#include "base/buf.h"

enum option {
	OPTION_CONFIG = 0,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_JSON,
	OPTION_ISSUER,
	OPTION_OWNER,
	OPTION_STATE_FOLDER,
	OPTION_WEB_USER,
	OPTION_GROUPS,
	OPTION_PASSWORD_STDIN,
	OPTION_NO_PASSWORD,
	OPTION_YES,
	OPTION_USER,
	OPTION_ALL,
	OPTION_ENDED,
	OPTION_KEEP_SESSIONS,
	OPTION_DROP_BROKEN,
	OPTION_SESSION,
	OPTION_ADDRESS,
	OPTION_KIND,
	OPTION_SINCE,
	OPTION_LAST,
	OPTION_FOLLOW,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_WORKER,
	OPTION_AUTHORIZER,
	OPTION_SCRIPT,
	OPTION_OUT,
	OPTION_SERVER,
	OPTION_BEHIND_TLS,
	OPTION_GUARDED,
	OPTION_PLAIN,
	OPTION_AT,
	OPTION_CACERT,
	OPTION_INSECURE,
	OPTION_ALG,
	OPTION_NOW,
	OPTION_PEM,
	OPTION_JWK,
	OPTION_REMOVE,
	OPTION_RECOVERY,
	OPTION_DRY_RUN,
	OPTION_REPLACE,
	OPTION_FORMAT,
	OPTION_SECOND_FACTORS,
	OPTION_VALID,
	OPTION_LEAKED,
	OPTION_COUNT
};

struct option_info {
	const char *name;	/* without its dashes */
	const char *argument;	/* its value; NULL: it takes none */
	const char *text;
};

extern const struct option_info option_table[OPTION_COUNT];

#define COMMAND_OPERANDS 2	/* at most */

struct arguments;

struct command {
	const char *group;	/* "user"; NULL: it has none */
	const char *name;
	/* as shown: "NAME GROUPS"; NULL: none. All are required, except one in brackets */
	const char *operands;
	const char *text;	/* one line */
	uint64_t options;	/* bits 1 << enum option; every command takes config and help */
	int (*run)(const struct arguments *arguments);	/* returns the exit status */
};

/* The table ends with a row without a name. */
extern const struct command command_table[];

/* Which words an operand may be, for --help of the command. Ended by a row without put. */
struct command_words {
	int (*run)(const struct arguments *arguments);	/* whose they are */
	void (*put)(struct buf *out);
};

extern const struct command_words command_words[];

/* A parsed command line. All strings belong to argv. */
struct arguments {
	const struct command *command;
	/* NULL: not given; "" for one that takes no argument */
	const char *value[OPTION_COUNT];
	const char *operand[COMMAND_OPERANDS];	/* NULL: not given */
};

enum command_verdict {
	COMMAND_WRONG = 0,	/* problem says why */
	COMMAND_RUN,
	COMMAND_HELP,		/* help was asked for; .command may be NULL: for all of pintle */
	COMMAND_VERSION,
};

/*
 * Parses a command line. problem never repeats operands, since somebody may have typed a password
 * there.
 */
enum command_verdict command_parse(int argc, char *const *argv, struct arguments *out,
    struct buf *problem);

/* Appends the text of --help, for one command or (NULL) for all. */
void command_help(const struct command *command, struct buf *out);

/* Appends "user add NAME" without and with its operands. */
void command_name(const struct command *command, struct buf *out);
void command_usage(const struct command *command, struct buf *out);

/* ---- the commands themselves, in the files cmd_*.c ---- */

int cmd_init(const struct arguments *arguments);
int cmd_completion(const struct arguments *arguments);
int cmd_check(const struct arguments *arguments);
int cmd_config(const struct arguments *arguments);
void cmd_config_help(struct buf *out);
int cmd_doctor(const struct arguments *arguments);
int cmd_user_add(const struct arguments *arguments);
int cmd_user_list(const struct arguments *arguments);
int cmd_user_show(const struct arguments *arguments);
int cmd_user_passwd(const struct arguments *arguments);
int cmd_user_groups(const struct arguments *arguments);
int cmd_user_disable(const struct arguments *arguments);
int cmd_user_enable(const struct arguments *arguments);
int cmd_user_otp(const struct arguments *arguments);
int cmd_user_delete(const struct arguments *arguments);
int cmd_user_import(const struct arguments *arguments);
int cmd_user_export(const struct arguments *arguments);
int cmd_user_unlock(const struct arguments *arguments);
int cmd_address_unlock(const struct arguments *arguments);
int cmd_user_invite(const struct arguments *arguments);
int cmd_user_reset(const struct arguments *arguments);
int cmd_session_list(const struct arguments *arguments);
int cmd_session_revoke(const struct arguments *arguments);
int cmd_session_why(const struct arguments *arguments);
int cmd_service_add(const struct arguments *arguments);
int cmd_service_list(const struct arguments *arguments);
int cmd_service_rotate(const struct arguments *arguments);
int cmd_service_remove(const struct arguments *arguments);
int cmd_key_list(const struct arguments *arguments);
int cmd_key_rotate(const struct arguments *arguments);
int cmd_key_revoke(const struct arguments *arguments);
int cmd_key_export(const struct arguments *arguments);
int cmd_key_master(const struct arguments *arguments);
int cmd_gc(const struct arguments *arguments);
int cmd_compact(const struct arguments *arguments);
int cmd_backup(const struct arguments *arguments);
int cmd_restore(const struct arguments *arguments);
int cmd_stats(const struct arguments *arguments);
int cmd_log(const struct arguments *arguments);

#endif
