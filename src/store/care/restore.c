/*
 * Restoring: a copy of a backup takes the store's place, once it has been held to its seal, carried
 * over, verified and rid of what may have been revoked since.
 *
 * See DESIGN.md, Sessions after a backup; DESIGN.md, Links end with a restore.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/audit.h"
#include "store/care/open.h"
#include "store/care/seal.h"
#include "store/care/stage.h"
#include "store/link.h"
#include "store/lmdb/folder.h"
#include "store/lmdb/look.h"

struct restoring {
	const char *file;
	bool keep_sessions;
	struct instant now;
};

/* ---- the file is copied ---- */

static enum pt_err
copy_bytes(int from, int to)
{
	char bytes[65536];

	for (;;) {
		ssize_t got = read(from, bytes, sizeof(bytes));

		if (got == 0)
			return PT_OK;
		if (got < 0 && errno != EINTR)
			return PT_ERR_IO;
		if (got > 0 && !file_write(to, (struct slice){ bytes, (size_t)got }))
			return PT_ERR_IO;
	}
}

/* Copies a backup, without its seal if it has one that fits it. */
static enum pt_err
copy_file(const char *from, const char *to)
{
	uint64_t said, has;
	/* NONBLOCK: a pipe in the file's place must not hold us; and no database is one. */
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum pt_err err = in < 0 ? PT_ERR_IO : look_size(from, &said, &has);

	if (err == PT_OK) {
		int out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		err = out < 0 ? PT_ERR_IO : copy_bytes(in, out);
		if (err == PT_OK)
			err = seal_take_off(out);
		if (out >= 0)
			err = stage_close_file(out, to, err);
	}
	if (in >= 0) {
		int cause = errno;

		close(in);
		errno = cause;
	}
	/* The copy: nobody changes that any more. */
	if (err == PT_OK)
		err = look_size(to, &said, &has);
	return err == PT_OK && has < said ? PT_ERR_CORRUPT : err;
}

/* ---- the copy is settled ---- */

static void
run_forget_links(struct store_txn *txn, void *ctx)
{
	(void)ctx;
	link_forget_all(txn);
}

/* Checks the copy, ends what may have been revoked since the backup, and logs that it came back. */
static enum pt_err
restore_settle(struct store *store, bool keep_sessions, struct instant now)
{
	const struct store_caller caller = { .now = now };
	struct event event = audit_event(&caller, EVENT_STORE_RESTORED);
	uint64_t problems;
	enum pt_err err = store_verify(store, NULL, NULL, &problems);

	if (err == PT_OK && problems > 0)
		err = PT_ERR_CORRUPT;
	if (err == PT_OK && !keep_sessions)
		err = store_session_end_all(store, &caller, 0, 0, REASON_RESTORED, NULL);
	if (err == PT_OK && !keep_sessions)
		err = commit_change(store, run_forget_links, NULL);
	return err != PT_OK ? err : store_event_add(store, &event);
}

/* ---- the copy is tried, in a process of its own ---- */

static enum pt_err
trial_run(const struct store_options *staged, const struct restoring *restoring)
{
	struct store_format format;
	struct store *store;
	enum pt_err err = open_folder(staged, OPEN_CARRY_OVER, &format, &store);

	if (err != PT_OK)
		return err;
	err = restore_settle(store, restoring->keep_sessions, restoring->now);
	store_close(store);
	return err;
}

struct trial_result {
	enum pt_err err;
	int saved_errno;
};

/* In the child. It leaves no core file, which would contain what the backup does. */
static void __attribute__((noreturn))
trial_tell(const struct store_options *staged, const struct restoring *restoring, int fd)
{
	static const int ends[] = { SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL };
	const struct rlimit none = { 0, 0 };
	struct trial_result result;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		signal(ends[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* when nobody waits for it any more */
	result.err = trial_run(staged, restoring);
	result.saved_errno = errno;
	_exit(write(fd, &result, sizeof(result)) == sizeof(result) ? 0 : 1);
}

/*
 * LMDB trusts the pages of a file: a page that is damaged inside may end the process that reads it.
 * So a child process prepares the copy, and if it ends without a result, the backup is damaged.
 */
static enum pt_err
trial_in_child(const struct store_options *staged, const struct restoring *restoring)
{
	struct trial_result result = { PT_ERR_CORRUPT, 0 };
	int ends[2], status;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return PT_ERR_IO;
	pid_t child = fork();

	if (child == 0)
		trial_tell(staged, restoring, ends[1]);
	close(ends[1]);
	enum pt_err err = child < 0 ? PT_ERR_IO : PT_OK;

	if (err == PT_OK && read(ends[0], &result, sizeof(result)) != sizeof(result))
		result.err = PT_ERR_CORRUPT;
	close(ends[0]);
	while (err == PT_OK && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (err != PT_OK)
		return err;
	errno = result.saved_errno;
	return result.err;
}

/* ---- all of it ---- */

static enum pt_err
run_restore(const struct store_options *options, const char *stage, void *ctx)
{
	const struct restoring *restoring = ctx;
	struct store_options staged = *options;
	char *data = file_path(stage, "data.mdb");

	if (data == NULL)
		return PT_ERR_NOMEM;
	staged.folder = stage;
	enum pt_err err = copy_file(restoring->file, data);

	free(data);
	if (err == PT_OK)
		err = trial_in_child(&staged, restoring);
	return err != PT_OK ? err : folder_install(options->folder, stage);
}

enum pt_err
store_restore(const struct store_options *options, const char *file, bool keep_sessions,
    struct instant now)
{
	struct restoring restoring = { file, keep_sessions, now };

	/* The machine may be a new one. */
	if (mkdir(options->folder, 0700) != 0 && errno != EEXIST)
		return PT_ERR_IO;
	return stage_run(options, run_restore, &restoring);
}
