#include "cmd/check/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "cmd/print/server_config.h"
#include "conf/units.h"
#include "core/username.h"
#include "crypto/certificate.h"
#include "worker/exit.h"

/* address space for threads, libraries and hashing */
#define BESIDE_THE_MAP (INT64_C(256) * 1024 * 1024)
#define SYSLOG_SOCKET "/dev/log"

/* ---- memory ---- */

/*
 * The map is address space rather than memory, but a limit on address space (ulimit -v) counts it.
 */
static void
check_memory(struct findings *findings, const struct settings *settings)
{
	struct rlimit limit;
	char wanted[UNITS_TEXT_SIZE], allowed[UNITS_TEXT_SIZE];

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
	    limit.rlim_cur >= settings->map_bytes + (uint64_t)BESIDE_THE_MAP)
		return;
	units_format_size((int64_t)settings->map_bytes, wanted);
	units_format_size((int64_t)limit.rlim_cur, allowed);
	findings_wrong(findings, EXIT_STORE, "memory",
	    "a process may use %s of address space here (ulimit -v), and the store "
	    "needs %s of it, besides what the program needs", allowed, wanted);
	findings_mend(findings, "ulimit -v unlimited, or LimitAS=infinity in the unit; the store "
	    "reserves address space, and takes memory "
	    "only as it is used");
}

/* ---- the disk ---- */

static void
check_disk(struct findings *findings, const struct settings *settings)
{
	const uint64_t enough = settings->map_bytes / 20;
	struct statvfs disk;
	char left[UNITS_TEXT_SIZE];

	if (statvfs(settings->state_folder, &disk) != 0 || disk.f_bavail * disk.f_frsize >= enough)
		return;
	units_format_size((int64_t)(disk.f_bavail * disk.f_frsize), left);
	findings_hint(findings, "disk", "%s has %s left, less than a twentieth of the size to "
	    "which the store may grow: once the disk is full, "
	    "nobody can log in", settings->state_folder, left);
	findings_mend(findings, "free space on that disk");
}

/* ---- the log ---- */

static void
check_log(struct findings *findings, const struct settings *settings)
{
	struct stat st;

	if (settings->log_target != LOG_TO_SYSLOG ||
	    (stat(SYSLOG_SOCKET, &st) == 0 && S_ISSOCK(st.st_mode)))
		return;
	findings_wrong(findings, EXIT_FAILED, "log",
	    "log = syslog, but nothing listens on %s: every line is lost", SYSLOG_SOCKET);
	findings_mend(findings, "log = stderr, which systemd keeps; or start the syslog daemon");
}

/* ---- the certificate ---- */

static void
check_certificate(struct findings *findings, const struct settings *settings)
{
	char path[SITE_PATH_SIZE], time[CLOCK_TEXT_SIZE];
	int64_t from, until, now = clock_now().wall_ms / 1000;

	/* If it is elsewhere, or only root may read it, `pintle doctor` checks it. */
	if (settings->insecure_loopback || !site_view_certificate(settings, path, sizeof(path)) ||
	    certificate_read(path, &from, &until) != PT_OK)
		return;
	clock_format(until * 1000, time);
	if (now >= until)
		findings_wrong(findings, EXIT_FAILED, "certificate", "%s expired at %s", path,
		    time);
	else if (now >= certificate_overdue_s(from, until))
		findings_hint(findings, "certificate",
		    "%s expires soon, at %s, and has not been renewed", path, time);
	else
		return;
	findings_mend(findings, "certbot renew, then reload the web server");
}

void
check_machine(struct findings *findings, const struct site *site)
{
	check_memory(findings, &site->settings);
	check_disk(findings, &site->settings);
	check_log(findings, &site->settings);
	check_certificate(findings, &site->settings);
}

/* ---- guarded places ---- */

static void
check_folder(struct findings *findings, const struct guard_place *place, const char *name,
    const char *path)
{
	struct stat st;

	if (path == NULL || stat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return;
	findings_wrong(findings, EXIT_CONFIG, "places",
	    "%s (line %u): %s = %s is not there: everything below it answers 404",
	    place->path, place->line, name, path);
	findings_mend(findings, "create it, or correct the path in that line");
}

void
check_place_folders(struct findings *findings, const struct site *site)
{
	for (size_t i = 0; i < site->guards.count; i++) {
		const struct guard_place *place = &site->guards.places[i];

		check_folder(findings, place, "php", place->php);
		check_folder(findings, place, "files", place->files);
	}
}

struct group_search {
	struct slice demanded;	/* one of these is required */
	bool found;
};

static bool
look_for_group(const struct user *user, void *ctx)
{
	struct group_search *search = ctx;
	struct slice rest = search->demanded, one;

	while (rest.len && !search->found) {
		slice_cut(rest, ',', &one, &rest);
		search->found = !user->disabled && groups_has(slice_of(user->groups), one);
	}
	return !search->found;
}

void
check_place_groups(struct findings *findings, const struct site *site)
{
	for (size_t i = 0; i < site->guards.count; i++) {
		const struct guard_place *place = &site->guards.places[i];
		struct group_search search = { .demanded = slice_of(place->groups) };

		if (search.demanded.len == 0 ||
		    store_user_each(site->store, look_for_group, &search) != PT_OK || search.found)
			continue;
		findings_hint(findings, "places",
		    "%s (line %u): group = %s, but no user is in it: nobody gets in", place->path,
		    place->line, place->groups);
		findings_mend(findings, "pintle user groups NAME %s", place->groups);
	}
}
