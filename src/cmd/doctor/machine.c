/* pintle doctor: checks on the site's own machine. */
#include "cmd/doctor/looks.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/check/listener.h"
#include "cmd/check/web_account.h"
#include "cmd/doctor/user.h"
#include "worker/privileges.h"

/* ---- the socket ---- */

/* Which of the usual web server users can connect. */
static void
see_accounts(struct doctor_socket *seen, const char *path)
{
	struct web_account account;

	for (size_t i = 0; web_account_usual[i] && !seen->let_in; i++) {
		if (!web_account_find(web_account_usual[i], &account))
			continue;
		seen->let_in = web_account_reaches(&account, path);
		if (seen->shut_out == NULL)
			seen->shut_out = web_account_usual[i];
	}
	if (seen->let_in)
		seen->shut_out = NULL;
}

void
doctor_see_socket(struct doctor *doctor)
{
	const char *path = doctor->site->settings.socket_path;
	struct stat st;

	doctor->socket = (struct doctor_socket){ .error = doctor->has_config &&
	    stat(path, &st) != 0 ? errno : 0 };
	if (!doctor->has_config || doctor->socket.error)
		return;
	doctor->socket.mode = st.st_mode;
	see_accounts(&doctor->socket, path);
}

/*
 * It matters that none of the usual users can connect only if the web server did not get through.
 */
static void
judge_accounts(struct doctor *doctor)
{
	const struct doctor_socket *seen = &doctor->socket;

	if (doctor->reached || (doctor->worker_lost && seen->let_in))
		return;
	if (!doctor->worker_lost) {
		doctor_skip(doctor, "no web server that connects to it answers");
	} else if (seen->shut_out) {
		doctor_found(doctor, slice_of(seen->shut_out));
		doctor_wrong(doctor, FAULT_SOCKET_SHUT,
		    "%s cannot connect to %s, nor can any other usual web server user",
		    seen->shut_out, doctor->site->settings.socket_path);
	} else {
		doctor_skip(doctor, "none of the usual web server users is on this machine");
	}
}

void
doctor_socket(struct doctor *doctor)
{
	const struct doctor_socket *seen = &doctor->socket;
	const char *path = doctor->site->settings.socket_path;

	if (!doctor->has_config)
		doctor_skip(doctor, "there is no configuration here that names it");
	else if (seen->error)
		doctor_skip(doctor, "%s: %s; fine under CGI, or if something else makes the socket",
		    path, strerror(seen->error));
	else if (!S_ISSOCK(seen->mode))
		doctor_skip(doctor, "%s is not a socket", path);
	else if (seen->mode & S_IWOTH)
		doctor_wrong(doctor, FAULT_SOCKET_OPEN, "everybody can connect to %s (mode %04o)",
		    path, seen->mode & 07777u);
	else
		judge_accounts(doctor);
}

/* ---- where Apache asks ---- */

/* The worker's user, as far as known; otherwise only root counts as it. */
static uid_t
worker_uid(const struct site *site)
{
	const struct passwd *account = site->settings.user[0] ?
	    privileges_find(site->settings.user) : NULL;
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
		doctor_wrong(doctor, FAULT_AUTHORIZER_STRANGER,
		    "user %u listens on %s instead of the worker: Apache believes that user about "
		    "who is signed in", (unsigned)seen.uid, address);
		return;
	case LISTENER_ANYBODY:
		doctor_wrong(doctor, FAULT_AUTHORIZER_ANYBODY,
		    "any user on this machine can hold port %u while the worker is away, "
		    "and say who is signed in (net.ipv4.ip_unprivileged_port_start is %u)",
		    seen.port, seen.free_from);
		return;
	case LISTENER_NONE:
		doctor_wrong(doctor, FAULT_AUTHORIZER_NONE,
		    "nothing listens on %s: guarded places answer 500", address);
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
		doctor_hint(doctor, FAULT_LEFT_USER,
		    "%s is left over from an earlier run that was killed", user->name);
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
