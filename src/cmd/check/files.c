#include "cmd/check/files.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/socket_folder.h"
#include "cmd/check/listener.h"
#include "cmd/check/web_account.h"
#include "worker/exit.h"
#include "worker/privileges.h"

/*
 * What has to be there, and with which permissions. Databases and keys hold secrets, or their
 * digests.
 */
struct expected {
	const char *below;	/* the state folder; "" is the folder itself */
	const char *what;
	bool folder;
	bool every;		/* a folder whose files are checked too */
	bool later;		/* made when it is needed: need not be there yet */
	int status;		/* the exit status if something is wrong with it */
};

static const struct expected expected_files[] = {
	{ "", "state folder", true, false, false, EXIT_FAILED },
	{ "keys", "keys", true, true, false, EXIT_KEYS },
	{ "keys/signing", "keys", true, true, false, EXIT_KEYS },
	{ "keys/status", "keys", true, true, true, EXIT_KEYS },
	{ "keys/status/signing", "keys", true, true, true, EXIT_KEYS },
	{ "db", "store", true, true, false, EXIT_STORE },
	{ "limits", "limits", true, true, true, EXIT_FAILED },
	{ "hashing.slots", "slots", false, false, false, EXIT_FAILED },
	{ "tally", "figures", false, false, true, EXIT_FAILED },
};

/* Who has to own everything. */
struct owner {
	uid_t uid;
	const char *name;	/* for the command that fixes it; the system's static memory */
};

static struct owner
owner_of_state(const struct site *site, const struct stat *folder)
{
	const char *user = site->settings.user;
	const struct passwd *account = user[0] ? privileges_find(user) : getpwuid(folder->st_uid);

	if (account)
		return (struct owner){ account->pw_uid, account->pw_name };
	return (struct owner){ folder->st_uid, "USER" };
}

static void
check_one(struct findings *findings, const struct expected *expected, const char *path, bool folder,
    const struct owner *owner, const char *state_folder)
{
	struct stat st;

	if (lstat(path, &st) != 0 && errno == ENOENT && expected->later)
		return;
	if (lstat(path, &st) != 0) {
		findings_wrong(findings, expected->status, expected->what, "%s: %s", path,
		    strerror(errno));
		findings_mend(findings, "pintle init");
	} else if (folder ? !S_ISDIR(st.st_mode) : !S_ISREG(st.st_mode)) {
		findings_wrong(findings, expected->status, expected->what, "%s is not a %s", path,
		    folder ? "folder" : "file");
		findings_mend(findings, "move it away, then pintle init");
	} else if (st.st_mode & 077) {
		findings_wrong(findings, expected->status, expected->what,
		    "%s is open to others (mode %04o)", path, (unsigned)st.st_mode & 07777u);
		findings_mend(findings, "chmod %s %s", folder ? "0700" : "0600", path);
	} else if (st.st_uid != owner->uid) {
		findings_wrong(findings, expected->status, expected->what,
		    "%s does not belong to %s", path, owner->name);
		findings_mend(findings, "chown -R %s: %s", owner->name, state_folder);
	}
}

static void
check_entries(struct findings *findings, const struct expected *expected, const char *folder,
    const struct owner *owner, const char *state_folder)
{
	char path[SITE_PATH_SIZE + NAME_MAX + 1];
	DIR *entries = opendir(folder);
	const struct dirent *entry;

	if (entries == NULL)
		return;	/* check_one has reported it */
	while ((entry = readdir(entries)) != NULL) {
		struct stat st;

		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] != '.' && lstat(path, &st) == 0 && !S_ISDIR(st.st_mode))
			check_one(findings, expected, path, false, owner, state_folder);
	}
	closedir(entries);
}

bool
check_files(struct findings *findings, const struct site *site)
{
	const char *state_folder = site->settings.state_folder;
	char path[SITE_PATH_SIZE];
	struct stat st;
	unsigned wrong = findings->wrong;

	if (stat(state_folder, &st) != 0) {
		findings_wrong(findings, EXIT_FAILED, "state folder", "%s: %s", state_folder,
		    strerror(errno));
		findings_mend(findings, "pintle init");
		return false;
	}

	struct owner owner = owner_of_state(site, &st);

	/* Another user cannot see into it, so nothing would look wrong. */
	if (access(state_folder, R_OK | X_OK) != 0) {
		findings_wrong(findings, EXIT_FAILED, "state folder", "%s: %s", state_folder,
		    strerror(errno));
		findings_mend(findings, "run it as root, or as %s", owner.name);
		return false;
	}
	for (size_t i = 0; i < sizeof(expected_files) / sizeof(expected_files[0]); i++) {
		const struct expected *expected = &expected_files[i];

		if (site_path(site, expected->below, path) != EXIT_OK)
			return false;
		check_one(findings, expected, path, expected->folder, &owner, state_folder);
		if (expected->every)
			check_entries(findings, expected, path, &owner, state_folder);
	}
	if (findings->wrong == wrong)
		findings_ok(findings, "state folder", "%s", state_folder);
	return true;
}

/* Which user the workers run as, as far as is known. */
static struct owner
owner_of_worker(const struct site *site)
{
	struct stat st;

	if (stat(site->settings.state_folder, &st) == 0)
		return owner_of_state(site, &st);
	return (struct owner){ geteuid(), "root" };
}

/* Reports what fixes the folder. */
static void
mend_folder(struct findings *findings, const struct socket_folder *folder, const char *user)
{
	switch (folder->fault) {
	case SOCKET_FOLDER_WRITABLE:
		findings_mend(findings, "chmod go-w %s; or set socket in the configuration to "
		    "another folder", folder->path);
		return;
	case SOCKET_FOLDER_STRANGER:
		findings_mend(findings, "chown %s %s; or set socket in the configuration to "
		    "another folder", user, folder->path);
		return;
	case SOCKET_FOLDER_LINK:
		findings_mend(findings, "set socket in the configuration to the path that it leads "
		    "to");
		return;
	case SOCKET_FOLDER_UNKNOWN:
	case SOCKET_FOLDER_GOOD:
		return;
	}
}

/*
 * Whether nobody else can put a socket in the place of the worker's. A folder that is not there yet
 * is only a hint.
 */
static bool
check_socket_folder(struct findings *findings, const struct site *site)
{
	static const char *const said[] = {
		[SOCKET_FOLDER_WRITABLE] =
		    "can be written to by others, who could put another socket there and "
		    "decide who is signed in",
		[SOCKET_FOLDER_STRANGER] =
		    "belongs to somebody else, who could put another socket there and decide "
		    "who is signed in",
		[SOCKET_FOLDER_LINK] = "is a link that root did not make; whoever made it can lead "
		    "the web server to another socket",
	};
	struct owner owner = owner_of_worker(site);
	struct socket_folder folder;
	int fd = socket_folder_open(site->settings.socket_path, owner.uid, &folder);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (folder.fault == SOCKET_FOLDER_UNKNOWN) {
		findings_hint(findings, "socket",
		    "%s: %s; fine under CGI, and where systemd or spawn-fcgi makes it",
		    folder.path, strerror(errno));
		return false;
	}
	findings_wrong(findings, EXIT_SOCKET, "socket", "%s %s", folder.path, said[folder.fault]);
	mend_folder(findings, &folder, owner.name);
	return false;
}

static const char *
group_name(gid_t gid)
{
	const struct group *group = getgrgid(gid);

	return group ? group->gr_name : "?";
}

/*
 * A socket that nobody but the worker can use answers nobody. Which server is meant to ask is known
 * to its configuration alone.
 */
static void
check_reach(struct findings *findings, const char *path, const struct stat *st)
{
	const struct web_reach seen = web_account_reach(path);
	const struct passwd *owner = getpwuid(st->st_uid);
	const char *who = seen.account.name;

	if (seen.state != WEB_REACH_NONE) {
		findings_ok(findings, "socket", "%s", path);
		return;
	}
	findings_hint(findings, "socket",
	    "%s, %s, cannot connect to %s (%s:%s, mode %04o), or to a folder on the way",
	    who, seen.running ? "whom a web server here runs as" :
	    "whom web servers usually run as", path,
	    owner ? owner->pw_name : "?", group_name(st->st_gid), (unsigned)st->st_mode & 07777u);
	findings_mend(findings, "socket_group = %s in the configuration, or SocketGroup=%s in the "
	    "socket's unit, then start the "
	    "worker again", group_name(seen.account.groups[0]), group_name(seen.account.groups[0]));
}

void
check_socket(struct findings *findings, const struct site *site)
{
	const char *path = site->settings.socket_path;
	struct stat st;

	if (!check_socket_folder(findings, site))
		return;
	if (lstat(path, &st) != 0) {
		findings_hint(findings, "socket",
		    "%s: %s; fine under CGI, and before the worker is started", path,
		    strerror(errno));
	} else if (!S_ISSOCK(st.st_mode)) {
		findings_wrong(findings, EXIT_SOCKET, "socket", "%s is not a socket", path);
		findings_mend(findings, "move it away, then restart the worker");
	} else if (st.st_mode & S_IRWXO) {
		findings_wrong(findings, EXIT_SOCKET, "socket",
		    "everybody can connect to %s, and claim to be anybody", path);
		findings_mend(findings, "chmod %04o %s, and find out who made it",
		    site->settings.socket_mode, path);
	} else {
		check_reach(findings, path, &st);
	}
}

/*
 * Where Apache asked by default before it asked at the socket: configurations from that time still
 * do.
 */
#define OLD_AUTHORIZER "127.0.0.1:9311"

static void
check_old_authorizer(struct findings *findings)
{
	if (listener_look(OLD_AUTHORIZER, 0).there)
		findings_hint(findings, "authorizer",
		    "something listens on " OLD_AUTHORIZER ", where configurations printed for "
		    "Apache by older versions ask, and whoever holds that port decides who is "
		    "signed in: print Apache's configuration again, and stop that worker");
}

void
check_authorizer(struct findings *findings, const struct site *site)
{
	const char *address = site->settings.authorizer;
	struct listener seen;

	if (address[0] == '\0') {
		check_old_authorizer(findings);
		return;
	}
	seen = listener_look(address, owner_of_worker(site).uid);
	switch (seen.state) {
	case LISTENER_STRANGER:
		findings_wrong(findings, EXIT_SOCKET, "authorizer",
		    "user %u listens on %s instead of the worker, and can tell Apache who is "
		    "signed in",
		    (unsigned)seen.uid, address);
		findings_mend(findings, LISTENER_MEND_STRANGER);
		return;
	case LISTENER_ANYBODY:
		findings_wrong(findings, EXIT_SOCKET, "authorizer",
		    "anybody on this machine can take port %u while the worker is "
		    "down, and decide who is signed in (net.ipv4.ip_unprivileged_port_start is %u)",
		    seen.port, seen.free_from);
		findings_mend(findings, LISTENER_MEND_ANYBODY);
		return;
	case LISTENER_NONE:
		findings_wrong(findings, EXIT_SOCKET, "authorizer",
		    "nothing listens on %s: guarded places answer 500", address);
		findings_mend(findings, LISTENER_MEND_NONE);
		return;
	case LISTENER_GOOD:
		findings_ok(findings, "authorizer", "%s", address);
		return;
	case LISTENER_UNKNOWN:
		return;
	}
}
