/* pintle check: checks the whole site, and reports what is wrong and what fixes it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tally.h"
#include "cmd/check/factors.h"
#include "cmd/check/files.h"
#include "cmd/check/machine.h"
#include "cmd/check/records.h"
#include "cmd/check/users.h"
#include "cmd/check/words.h"
#include "cmd/site/site.h"
#include "cmd/term/findings.h"
#include "conf/config.h"
#include "conf/units.h"
#include "conf/url.h"
#include "worker/exit.h"
#include "worker/store_trouble.h"

/* ---- the configuration ---- */

static void
check_config_file(struct findings *findings, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.st_mode & (S_IWGRP | S_IWOTH)) {
		findings_wrong(findings, EXIT_CONFIG, "configuration",
		    "%s can be changed by others (mode %04o)", path, (unsigned)st.st_mode & 07777u);
		findings_mend(findings, "chmod go-w %s", path);
	} else {
		findings_ok(findings, "configuration", "%s", path);
	}
}

/*
 * OWASP's minimum for argon2id: 19 MiB and two passes, or an equivalent with more memory and fewer
 * passes.
 */
static void
check_hashing(struct findings *findings, const struct password_cost *cost)
{
	static const struct password_cost least[] = {
		{ 47104, 1, 1 }, { 19456, 2, 1 }, { 12288, 3, 1 }, { 9216, 4, 1 }, { 7168, 5, 1 },
	};

	for (size_t i = 0; i < sizeof(least) / sizeof(least[0]); i++)
		if (cost->memory_kib >= least[i].memory_kib && cost->passes >= least[i].passes)
			return;
	findings_hint(findings, "passwords",
	    "hashing_memory and hashing_passes are below the recommended 19 MiB and 2");
}

/*
 * Roughly the part of a host that makes it the same site: the public suffix list is not consulted.
 */
static struct slice
site_of(struct slice host)
{
	size_t dots = 0;

	for (size_t at = host.len; at > 0; at--)
		if (host.ptr[at - 1] == '.' && ++dots == 2)
			return slice_skip(host, at);
	return host;
}

static void
check_origins(struct findings *findings, const struct settings *settings)
{
	struct slice rest = slice_of(settings->allowed_origins), one;
	struct url issuer, origin;

	if (url_parse(slice_of(settings->issuer), &issuer) != NULL)
		return;
	while (rest.len) {
		slice_cut(rest, ' ', &one, &rest);
		if (url_parse(one, &origin) == NULL &&
		    slice_eq(site_of(origin.host), site_of(issuer.host)) &&
		    origin.insecure == issuer.insecure)
			continue;
		findings_hint(findings, "origins",
		    "%.*s seems to be on a different site from the issuer: browsers send no "
		    "SameSite=Strict cookie from there, so nobody can refresh from it",
		    SLICE_ARG(one));
	}
}

static void
check_guards(struct findings *findings, const struct site *site)
{
	struct buf why = BUF_EMPTY;
	const char *mend;

	if (guards_shut(&site->guards, &site->settings, &why, &mend)) {
		findings_wrong(findings, EXIT_CONFIG, "places", "%.*s", SLICE_ARG(buf_slice(&why)));
		findings_mend(findings, "%s", mend);
	}
	buf_free(&why);
	for (size_t i = 0; i < site->guards.count; i++)
		if (site->guards.places[i].pass_preflight == PLACE_YES)
			findings_hint(findings, "places",
			    "[guard %s] has preflight = pass: strangers can send OPTIONS requests "
			    "to what stands there; make sure that it does nothing but answer them",
			    site->guards.places[i].path);
}

/* Cookies belong to a host, whatever the port. */
static void
check_suffix(struct findings *findings, const struct settings *settings)
{
	struct url issuer;

	if (settings->cookie_suffix[0] || url_parse(slice_of(settings->issuer), &issuer) != NULL)
		return;

	struct slice port = slice_skip(issuer.origin,
	    (size_t)(issuer.host.ptr - issuer.origin.ptr) + issuer.host.len + 1);

	if (port.len)
		findings_hint(findings, "cookies",
		    "if another port of %.*s has a pintle too, each signs the other's users out: "
		    "cookie_suffix = %.*s keeps their cookies apart", SLICE_ARG(issuer.host),
		    SLICE_ARG(port));
}

static void
check_settings(struct findings *findings, const struct settings *settings)
{
	if (settings->insecure_loopback)
		findings_hint(findings, "issuer",
		    "%s has no TLS: only for trying things out on this machine", settings->issuer);
	check_origins(findings, settings);
	check_suffix(findings, settings);
	check_hashing(findings, &settings->password_cost);
	/*
	 * Its FCGI_GET_VALUES and its lengths overflow there unless it is patched (CVE-2025-23016).
	 */
	if (sizeof(void *) == 4)
		findings_hint(findings, "libfcgi",
		    "this is a 32-bit machine: libfcgi must be 2.4.5, or Debian's "
		    "2.4.2-2+deb12u1, or later");
}

/* How many addresses from proxies the workers could not read. */
static void
check_addresses(struct findings *findings, const struct site *site)
{
	char path[SITE_PATH_SIZE];
	struct tally_sheet sheet;
	bool found = false;

	if (site_path(site, "tally", path) != EXIT_OK ||
	    tally_read(path, &sheet, &found) != PT_OK || !found)
		return;
	if (sheet.counts[TALLY_ADDRESS_UNREAD])
		findings_hint(findings, "proxies",
		    "%llu requests came through a proxy whose X-Forwarded-For named no address: "
		    "its clients count as one; the line address_unread in the log shows what it "
		    "sent",
		    (unsigned long long)sheet.counts[TALLY_ADDRESS_UNREAD]);
}

/* ---- keys and store ---- */

static void
check_status_key(struct findings *findings, const struct settings *settings,
    const struct keyring *ring)
{
	if (settings->status_list_shared) {
		findings_hint(findings, "status list",
		    "it is signed with the key of access tokens: a service that checks "
		    "only the signature takes the list for such a token");
		findings_mend(findings, "once every service that reads the list knows its own key, "
		    "remove status_list_key = shared from the configuration");
	} else if (keyring_status_keys(ring) == NULL) {
		findings_hint(findings, "status list",
		    "it has no key yet; the worker makes one when it starts");
		findings_mend(findings, "restart the worker, or run pintle key rotate");
	}
}

/*
 * Nobody can sign in while the clock is behind the keys: sessions would end as soon as it is set
 * right.
 */
static void
check_clock(struct findings *findings, const struct keyring *ring)
{
	char until[CLOCK_TEXT_SIZE];
	int64_t signs_from;

	if (!keyring_is_behind(ring, clock_now().wall_ms / 1000, &signs_from))
		return;
	clock_format(signs_from * 1000, until);
	findings_wrong(findings, EXIT_KEYS, "clock",
	    "it is behind the signing keys, the first of which signs from %s: "
	    "nobody can sign in", until);
	findings_mend(findings, "set the clock of this machine; if it is right, the keys were made "
	    "while it was ahead, and "
	    "pintle key rotate --now makes one that signs at once");
}

static void
check_keys(struct findings *findings, const struct site *site)
{
	char folder[SITE_PATH_SIZE], *bad_path = NULL;
	struct keyring *ring;

	if (site_path(site, "keys", folder) != EXIT_OK)
		return;

	enum pt_err err = keyring_open(folder, &ring, &bad_path);

	if (err != PT_OK) {
		findings_wrong(findings, EXIT_KEYS, "keys", "%s: %s", bad_path ? bad_path : folder,
		    err == PT_ERR_IO ? strerror(errno) : pt_err_text(err));
		findings_mend(findings, "check the owner and mode of what is named; otherwise "
		    "restore the folder from your copy; "
		    "only if there is none, move it away, then pintle init, which ends all "
		    "sessions");
		free(bad_path);
		return;
	}
	check_clock(findings, ring);
	if (keyring_signing_key(ring, clock_now().wall_ms / 1000))
		findings_ok(findings, "keys", "%s: %zu", folder, keyring_count(ring));
	else
		findings_wrong(findings, EXIT_KEYS, "keys", "%s has no key that signs now", folder);
	check_status_key(findings, &site->settings, ring);
	keyring_free(ring);
}

#define COMPACT_LEAST (256 * UNITS_MIB)	/* of a file, before it is worth a word */

/* Whether there is room, and whether anybody can log in. */
static void
check_fill(struct findings *findings, struct store *store)
{
	struct store_stats stats;
	char size[UNITS_TEXT_SIZE];

	if (store_stats(store, &stats) != PT_OK)
		return;	/* check_records has reported it */
	units_format_size((int64_t)stats.map_bytes, size);
	if (stats.used_bytes >= stats.map_bytes / 10 * 9) {
		findings_wrong(findings, EXIT_STORE, "store",
		    "it is full except for the tenth reserved for logouts: nobody can log in (%s)",
		    size);
		findings_mend(findings, "raise store_size, then restart the worker");
	} else if (stats.used_bytes >= stats.map_bytes / 4 * 3) {
		findings_hint(findings, "store",
		    "it is more than three quarters full; at nine tenths, nobody can log in (%s)",
		    size);
		findings_mend(findings, "raise store_size, then restart the worker");
	}
	if (stats.file_bytes >= COMPACT_LEAST && stats.used_bytes < stats.file_bytes / 2) {
		units_format_size((int64_t)(stats.file_bytes - stats.used_bytes), size);
		findings_hint(findings, "store",
		    "%s of its file are free, and will be used again; pintle compact "
		    "returns them to the disk, while the worker is stopped", size);
	}
	if (stats.users == 0)
		findings_hint(findings, "users", "there are none yet: pintle user add NAME");
}

static void
check_store(struct findings *findings, struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct store_options options;

	if (site_store_options(site, folder, &options) != EXIT_OK)
		return;
	if (!check_records(findings, site, folder, &options))
		return;

	struct store_trouble trouble;
	enum pt_err err = site_store(site, folder, &options);
	int failed = errno;

	if (err == PT_OK) {
		check_fill(findings, site->store);
		check_users(findings, site);
		check_place_groups(findings, site);
		check_factors(findings, site);
		return;
	}
	if (store_trouble(folder, err, &trouble)) {
		findings_wrong(findings, EXIT_STORE, "store", "%s: %s", folder, trouble.text);
		findings_mend(findings, "%s", trouble.mend);
		return;
	}
	findings_wrong(findings, EXIT_STORE, "store", "%s: %s", folder,
	    err == PT_ERR_IO ? strerror(failed) : pt_err_text(err));
	if (err == PT_ERR_IO && failed == ENOENT)
		findings_mend(findings, "pintle init");
	else if (err == PT_ERR_IO && failed == ENOMEM)
		findings_mend(findings, "ulimit -v unlimited, or LimitAS=infinity in the unit");
	else
		findings_mend(findings, "see the lines above, and check the disk (dmesg); keep a "
		    "copy of the folder before "
		    "anything else; then pintle restore FILE, with the last good backup");
}

/* ---- all of it ---- */

static int
check_site(struct findings *findings, struct site *site)
{
	check_config_file(findings, site->config);
	check_settings(findings, &site->settings);
	check_guards(findings, site);

	check_machine(findings, site);
	check_place_folders(findings, site);

	bool there = check_files(findings, site);

	check_socket(findings, site);
	check_authorizer(findings, site);
	if (there && site_become_owner(site) == EXIT_OK) {
		check_words(findings, site);
		check_addresses(findings, site);
		check_keys(findings, site);
		check_store(findings, site);
	}
	return findings_end(findings);
}

int
cmd_check(const struct arguments *arguments)
{
	bool json = arguments->value[OPTION_JSON] != NULL;
	const char *path = config_path(arguments->value[OPTION_CONFIG]);
	struct buf problem = BUF_EMPTY;
	struct site site = { .config = path };
	struct findings findings;
	int status;

	findings_begin(&findings, json);
	if (config_load(path, &site.settings, &site.guards, &problem) == PT_OK) {
		status = check_site(&findings, &site);
	} else {
		findings_wrong(&findings, EXIT_CONFIG, "configuration", "%.*s",
		    SLICE_ARG(buf_slice(&problem)));
		status = findings_end(&findings);
	}
	buf_free(&problem);
	site_close(&site);
	return status;
}
