#include "cmd/check/web_account.h"

#include <dirent.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/slice.h"

const char *const web_account_usual[] = { "www-data", "nginx", "http", "apache", "caddy",
    "lighttpd", NULL };

/* What the kernel calls their processes. */
static const char *const servers[] = { "nginx", "apache2", "httpd", "lighttpd", "caddy", NULL };

bool
web_account_find(const char *name, struct web_account *out)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL)
		return false;
	snprintf(out->name, sizeof(out->name), "%s", name);
	out->uid = entry->pw_uid;
	out->group_count = WEB_ACCOUNT_GROUPS;
	if (getgrouplist(name, entry->pw_gid, out->groups, &out->group_count) < 0)
		out->group_count = WEB_ACCOUNT_GROUPS;
	return true;
}

/* Whether the mode gives bits (4, 2, 1 or several) to the account. */
static bool
mode_gives(const struct stat *st, const struct web_account *account, mode_t bits)
{
	if (account->uid == 0)
		return true;
	if (st->st_uid == account->uid)
		return (st->st_mode >> 6 & bits) == bits;
	for (int i = 0; i < account->group_count; i++)
		if (st->st_gid == account->groups[i])
			return (st->st_mode >> 3 & bits) == bits;
	return (st->st_mode & bits) == bits;
}

bool
web_account_reaches(const struct web_account *account, const char *path)
{
	char folder[PATH_MAX];
	struct stat st;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		if (!slice_copy((struct slice){ path, len }, folder, sizeof(folder)) ||
		    stat(folder, &st) != 0 || !mode_gives(&st, account, 1))
			return false;
	}
	return stat(path, &st) == 0 && mode_gives(&st, account, 2);
}

/* Takes one more account into what was seen. */
static void
reach_add(struct web_reach *seen, const struct web_account *account, const char *path)
{
	bool reaches = web_account_reaches(account, path);

	if (seen->state == WEB_REACH_SOME || (seen->state == WEB_REACH_NONE && !reaches))
		return;
	seen->state = reaches ? WEB_REACH_SOME : WEB_REACH_NONE;
	seen->account = *account;
}

/* ---- those that run ---- */

static bool
is_server(const char *name)
{
	for (size_t i = 0; servers[i]; i++)
		if (strcmp(servers[i], name) == 0)
			return true;
	return false;
}

/* The numbers in a line of /proc/PID/status, as groups. */
static void
groups_add(struct web_account *account, const char *text)
{
	char *end;

	for (; account->group_count < WEB_ACCOUNT_GROUPS; text = end) {
		unsigned long number = strtoul(text, &end, 10);

		if (end == text)
			return;
		account->groups[account->group_count++] = (gid_t)number;
	}
}

/* What a process is allowed now, by proc(5). False if it is no web server's. */
static bool
server_read(const char *pid, struct web_account *out)
{
	char path[NAME_MAX + sizeof("/proc//status")], line[4096], name[32] = "";
	unsigned uid = 0, gid;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if ((in = fopen(path, "re")) == NULL)
		return false;
	*out = (struct web_account){ .group_count = 0 };
	while (fgets(line, sizeof(line), in) && (name[0] == '\0' || is_server(name))) {
		if (strncmp(line, "Groups:", 7) == 0)
			groups_add(out, line + 7);
		else if (sscanf(line, "Gid: %*u %u", &gid) == 1)
			out->groups[out->group_count++] = (gid_t)gid;
		else if (sscanf(line, "Name: %31s", name) != 1)
			sscanf(line, "Uid: %*u %u", &uid);
	}
	fclose(in);
	out->uid = (uid_t)uid;

	const struct passwd *entry = getpwuid(out->uid);

	if (entry)
		snprintf(out->name, sizeof(out->name), "%s", entry->pw_name);
	else
		snprintf(out->name, sizeof(out->name), "user %u", uid);
	return is_server(name);
}

/*
 * Workers that gave root up connect as their own users; a server that stays root connects as root.
 */
static void
see_running(struct web_reach *seen, const char *path)
{
	DIR *processes = opendir("/proc");
	const struct dirent *entry;
	struct web_account account, root;
	bool root_seen = false;

	while (processes && (entry = readdir(processes)) != NULL) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    !server_read(entry->d_name, &account))
			continue;
		if (account.uid != 0) {
			reach_add(seen, &account, path);
		} else {
			root = account;
			root_seen = true;
		}
	}
	if (processes)
		closedir(processes);
	if (root_seen && seen->state == WEB_REACH_UNKNOWN)
		reach_add(seen, &root, path);
	seen->running = seen->state != WEB_REACH_UNKNOWN;
}

struct web_reach
web_account_reach(const char *path)
{
	struct web_reach seen = { .state = WEB_REACH_UNKNOWN };
	struct web_account account;

	see_running(&seen, path);
	for (size_t i = 0; web_account_usual[i] && !seen.running; i++)
		if (web_account_find(web_account_usual[i], &account))
			reach_add(&seen, &account, path);
	return seen;
}
