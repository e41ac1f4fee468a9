/* pintle doctor: what there is to see on the site's own machine. */
#include "cmd/doctor/doctor.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/check/listener.h"
#include "cmd/doctor/user.h"
#include "worker/privileges.h"

/* ---- the socket ---- */

/* Whom web servers run as. */
static const char *const web_accounts[] = { "www-data", "nginx", "http", "apache", "caddy", "lighttpd" };

#define WEB_ACCOUNTS (sizeof(web_accounts) / sizeof(web_accounts[0]))
#define ACCOUNT_GROUPS 64

struct account {
	const char *name;
	uid_t uid;
	gid_t groups[ACCOUNT_GROUPS];
	int group_count;
};

static bool
account_find(const char *name, struct account *out)
{
	const struct passwd *entry = getpwnam(name);

	if (entry == NULL)
		return false;
	out->name = name;
	out->uid = entry->pw_uid;
	out->group_count = ACCOUNT_GROUPS;
	/* Of one in more groups than these, the first ones count. */
	if (getgrouplist(name, entry->pw_gid, out->groups, &out->group_count) < 0)
		out->group_count = ACCOUNT_GROUPS;
	return true;
}

/* Whether the mode gives bits (4, 2, 1 or several) to the account; access lists are not looked at. */
static bool
mode_gives(const struct stat *st, const struct account *account, mode_t bits)
{
	if (st->st_uid == account->uid)
		return (st->st_mode >> 6 & bits) == bits;
	for (int i = 0; i < account->group_count; i++)
		if (st->st_gid == account->groups[i])
			return (st->st_mode >> 3 & bits) == bits;
	return (st->st_mode & bits) == bits;
}

/* Connecting wants to search every folder on the way, and to write to the socket. */
static bool
can_connect(const char *path, const struct account *account)
{
	char folder[SITE_PATH_SIZE];
	struct stat st;

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		size_t len = slash == path ? 1 : (size_t)(slash - path);

		if (!slice_copy((struct slice){ path, len }, folder, sizeof(folder)) || stat(folder, &st) != 0 ||
		    !mode_gives(&st, account, 1))
			return false;
	}
	return stat(path, &st) == 0 && mode_gives(&st, account, 2);
}

/* Which of the usual users of web servers can connect. */
static void
see_accounts(struct doctor_socket *seen, const char *path)
{
	struct account account = { .name = NULL };

	for (size_t i = 0; i < WEB_ACCOUNTS && !seen->let_in; i++) {
		if (!account_find(web_accounts[i], &account))
			continue;
		seen->let_in = can_connect(path, &account);
		if (seen->shut_out == NULL)
			seen->shut_out = web_accounts[i];
	}
	if (seen->let_in)
		seen->shut_out = NULL;
}

void
doctor_see_socket(struct doctor *doctor)
{
	const char *path = doctor->site->settings.socket_path;
	struct stat st;

	doctor->socket = (struct doctor_socket){ .error = doctor->has_config && stat(path, &st) != 0 ? errno : 0 };
	if (!doctor->has_config || doctor->socket.error)
		return;
	doctor->socket.mode = st.st_mode;
	see_accounts(&doctor->socket, path);
}

/* That none of the usual users can connect matters only where the web server did not get through. */
static void
judge_accounts(struct doctor *doctor)
{
	const struct doctor_socket *seen = &doctor->socket;

	if (doctor->reached || (doctor->worker_lost && seen->let_in))
		return;
	if (!doctor->worker_lost) {
		doctor_skip(doctor, "no web server answers that would connect to it");
	} else if (seen->shut_out) {
		doctor_found(doctor, slice_of(seen->shut_out));
		doctor_wrong(doctor, FAULT_SOCKET_SHUT, "%s cannot connect to %s, nor can another of the usual users of web servers",
		    seen->shut_out, doctor->site->settings.socket_path);
	} else {
		doctor_skip(doctor, "none of the usual users of web servers is on this machine");
	}
}

void
doctor_socket(struct doctor *doctor)
{
	const struct doctor_socket *seen = &doctor->socket;
	const char *path = doctor->site->settings.socket_path;

	if (!doctor->has_config)
		doctor_skip(doctor, "there is no configuration here that would name it");
	else if (seen->error)
		doctor_skip(doctor, "%s: %s; fine under CGI, and where something else makes the socket", path, strerror(seen->error));
	else if (!S_ISSOCK(seen->mode))
		doctor_skip(doctor, "%s is no socket", path);
	else if (seen->mode & S_IWOTH)
		doctor_wrong(doctor, FAULT_SOCKET_OPEN, "everybody can connect to %s (mode %04o)", path, seen->mode & 07777u);
	else
		judge_accounts(doctor);
}

/* ---- where Apache asks ---- */

/* The worker's user, as far as can be told; else nobody but root is taken for it. */
static uid_t
worker_uid(const struct site *site)
{
	const struct passwd *account = site->settings.user[0] ? privileges_find(site->settings.user) : NULL;
	struct stat st;

	if (account)
		return account->pw_uid;
	return stat(site->settings.state_folder, &st) == 0 ? st.st_uid : 0;
}

void
doctor_authorizer(struct doctor *doctor)
{
	const char *address = doctor->has_config ? doctor->site->settings.authorizer : "";
	struct listener seen;

	if (address[0] == '\0')
		return;
	seen = listener_look(address, worker_uid(doctor->site));
	switch (seen.state) {
	case LISTENER_STRANGER:
		doctor_wrong(doctor, FAULT_AUTHORIZER_STRANGER, "user %u listens at %s, not the worker: Apache believes him who is "
		    "signed in", (unsigned)seen.uid, address);
		return;
	case LISTENER_ANYBODY:
		doctor_wrong(doctor, FAULT_AUTHORIZER_ANYBODY, "whoever is on this machine can hold port %u while the worker is away, "
		    "and say who is signed in (net.ipv4.ip_unprivileged_port_start is %u)", seen.port, seen.free_from);
		return;
	case LISTENER_NONE:
		doctor_wrong(doctor, FAULT_AUTHORIZER_NONE, "nobody listens at %s: guarded places answer 500", address);
		return;
	case LISTENER_GOOD:
	case LISTENER_UNKNOWN:
		return;
	}
}

/* ---- users of runs that were killed ---- */

static bool
tell_if_left(const struct user *user, void *ctx)
{
	struct doctor *doctor = ctx;

	if (doctor_user_is_left(user, clock_now().wall_ms)) {
		doctor_found(doctor, slice_of(user->name));
		doctor_hint(doctor, FAULT_LEFT_USER, "%s is left of an earlier run that was killed", user->name);
	}
	return true;
}

void
doctor_left_users(struct doctor *doctor)
{
	enum pt_err err = store_user_each(doctor->site->store, tell_if_left, doctor);

	if (err != PT_OK)
		doctor_skip(doctor, "the store cannot be read: %s", pt_err_text(err));
}
