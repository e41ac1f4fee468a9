/* pintle doctor: gathers what the checks need, and afterwards removes what was made for them. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/doctor/aim.h"
#include "cmd/doctor/looks.h"
#include "cmd/doctor/user.h"
#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "worker/exit.h"

#define AUTHORITIES_MAX ((size_t)16 * 1024 * 1024)

/* One run, and all that it holds. */
struct run {
	const struct arguments *arguments;
	struct doctor_aim aim;
	struct buf authorities;		/* of --cacert */
	struct buf password;		/* of --user */
	struct doctor_user made, other;	/* with the groups of the places, and without any */
	struct keyring *keys;
	struct doctor doctor;
};

/* ---- being stopped: the users that were made must be removed before the process ends ---- */

static volatile sig_atomic_t stop_wanted;

static void
want_stop(int number)
{
	(void)number;
	stop_wanted = 1;
}

static bool
is_stopped(void)
{
	return stop_wanted != 0;
}

/* If the reader of standard output goes away, that must not end the process either. */
static void
heed_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction stop = { .sa_handler = want_stop },
	    ignore = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

/* ---- who logs in ---- */

/* Whether this is the site's machine, and we may open its store. */
static bool
store_is_ours(const struct doctor_aim *aim)
{
	struct stat folder;

	return aim->has_config && stat(aim->site.settings.state_folder, &folder) == 0 &&
	    (geteuid() == 0 || geteuid() == folder.st_uid);
}

static int
make_users(struct run *run)
{
	const struct site *site = &run->aim.site;
	struct buf groups = BUF_EMPTY;
	int status = EXIT_OK;

	doctor_aim_groups(&run->aim, &groups);
	if (buf_status(&groups) != PT_OK)
		status = site_fail("gather groups", PT_ERR_NOMEM);
	if (status == EXIT_OK)
		status = doctor_user_make(site, groups.ptr, &run->made);
	if (status == EXIT_OK)
		status = doctor_user_make(site, "", &run->other);
	buf_free(&groups);
	if (status != EXIT_OK)
		return status;
	run->doctor.login = (struct doctor_login){ .name = run->made.name,
	    .password = slice_of(run->made.password), .code = run->made.code };
	run->doctor.other = (struct doctor_login){ .name = run->other.name,
	    .password = slice_of(run->other.password), .code = run->other.code };
	return EXIT_OK;
}

/* From here on as the owner of the site, with the store and the keys at hand. */
static int
open_site(struct run *run)
{
	int status = site_become_owner(&run->aim.site);

	if (status == EXIT_OK)
		status = site_open_store(&run->aim.site);
	if (status == EXIT_OK)
		status = site_open_keys(&run->aim.site, &run->keys);
	run->doctor.keys = run->keys;
	return status;
}

/* The user that --user names, or users made for the purpose; nobody if neither is possible. */
static int
find_login(struct run *run)
{
	const struct arguments *arguments = run->arguments;
	const char *name = arguments->value[OPTION_USER];
	int status = store_is_ours(&run->aim) ? open_site(run) : EXIT_OK;

	if (status != EXIT_OK)
		return status;
	if (name == NULL && run->aim.site.store)
		return make_users(run);
	run->doctor.no_login = "nobody can log in from here (run it as root on the site's machine, "
	    "or with --user NAME)";
	if (name == NULL)
		return EXIT_OK;
	status = prompt_known_password(arguments->value[OPTION_PASSWORD_STDIN] != NULL,
	    &run->password);
	if (status != EXIT_OK)
		return status;
	run->doctor.no_login = NULL;
	run->doctor.login = (struct doctor_login){ .name = name,
	    .password = buf_slice(&run->password) };
	return EXIT_OK;
}

/* ---- the run ---- */

/* Read before root privileges are dropped: the file may be root's. */
static int
read_authorities(struct run *run)
{
	const char *path = run->arguments->value[OPTION_CACERT];
	enum pt_err err = path ? file_read(path, AUTHORITIES_MAX, &run->authorities) : PT_OK;

	if (err == PT_OK)
		return EXIT_OK;
	output_say("%s: %s", path, err == PT_ERR_IO ? strerror(errno) : pt_err_text(err));
	return EXIT_USAGE;
}

static int
begin(struct run *run)
{
	struct doctor *doctor = &run->doctor;
	const struct http_options options = {
		.authorities = buf_slice(&run->authorities),
		.any_certificate = run->arguments->value[OPTION_INSECURE] != NULL,
		.stopped = is_stopped,
		.address = run->aim.addresses_named ? run->aim.addresses.text[0] : NULL,
	};

	*doctor = (struct doctor){
		.site = &run->aim.site,
		.has_config = run->aim.has_config,
		.origin = run->aim.origin,
		.mount = run->aim.mount,
		.tls = run->aim.tls,
		.any_certificate = options.any_certificate,
		.plain = run->aim.plain.len ? run->aim.plain.ptr : NULL,
		.plain_is_same = run->aim.plain_is_same,
		.addresses = run->aim.addresses,
		.places = run->aim.places,
		.place_count = run->aim.place_count,
		.stopped = is_stopped,
		.http = http_new(&options),
	};
	return doctor->http ? EXIT_OK : site_fail("begin to speak HTTP", PT_ERR_NOMEM);
}

/*
 * The socket and nginx's configuration are checked as the caller; everything else as the site's
 * owner.
 */
static int
look(struct run *run)
{
	struct doctor *doctor = &run->doctor;
	int status;

	doctor_see_socket(doctor);
	doctor_blocks_see(run->aim.host, &doctor->blocks);
	status = find_login(run);
	if (status != EXIT_OK)
		return status;
	findings_begin(&doctor->findings, run->arguments->value[OPTION_JSON] != NULL);
	doctor_look(doctor);

	int found = findings_end(&doctor->findings);

	if (is_stopped())
		output_say("stopped before everything was checked");
	return found == EXIT_OK && is_stopped() ? EXIT_FAILED : found;
}

static int
finish(struct run *run, int status)
{
	int made = doctor_user_drop(&run->aim.site, &run->made);
	int other = doctor_user_drop(&run->aim.site, &run->other);

	keyring_free(run->keys);
	http_free(run->doctor.http);
	http_answer_free(&run->doctor.answer);
	doctor_login_free(&run->doctor.login);
	doctor_login_free(&run->doctor.other);
	doctor_blocks_free(&run->doctor.blocks);
	buf_free(&run->authorities);
	buf_free(&run->password);
	doctor_aim_free(&run->aim);
	if (status != EXIT_OK)
		return status;
	return made != EXIT_OK ? made : other;
}

int
cmd_doctor(const struct arguments *arguments)
{
	struct run run = { .arguments = arguments };
	int status = doctor_aim_take(arguments, &run.aim);

	if (status == EXIT_OK)
		status = read_authorities(&run);
	if (status == EXIT_OK)
		status = begin(&run);
	if (status == EXIT_OK) {
		heed_signals();
		status = look(&run);
	}
	return finish(&run, status);
}
