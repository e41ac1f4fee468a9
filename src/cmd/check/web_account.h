/*
 * Which users web servers run as, and which of them can connect to a socket: by users, groups and
 * modes, without access control lists. See DESIGN.md, Who could connect is only a hint.
 */
#ifndef PINTLE_CMD_CHECK_WEB_ACCOUNT_H
#define PINTLE_CMD_CHECK_WEB_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#define WEB_ACCOUNT_GROUPS 64
#define WEB_ACCOUNT_NAME_SIZE 64

struct web_account {
	char name[WEB_ACCOUNT_NAME_SIZE];
	uid_t uid;
	/* of one in more than these, the first ones count */
	gid_t groups[WEB_ACCOUNT_GROUPS];
	int group_count;
};

/* The usual names of web servers' users, the likeliest first; ends with NULL. */
extern const char *const web_account_usual[];

/* False if the system has no such user. */
bool web_account_find(const char *name, struct web_account *out);

/* Whether it may search every folder on the way to the path, and write to what is there. */
bool web_account_reaches(const struct web_account *account, const char *path);

enum web_reach_state {
	WEB_REACH_UNKNOWN = 0,	/* there is no web server here, nor one of the usual users of any */
	WEB_REACH_NONE,
	WEB_REACH_SOME,
};

struct web_reach {
	enum web_reach_state state;
	/* seen at web servers that run, not at the usual users alone */
	bool running;
	/* one that can connect, or with WEB_REACH_NONE the first that cannot */
	struct web_account account;
};

/*
 * Whether a web server of this machine can connect to the socket `path`: one that runs, by the
 * users and groups of its processes as they are now (of those that gave root up, the ones that
 * did); else one of the usual users.
 */
struct web_reach web_account_reach(const char *path);

#endif
