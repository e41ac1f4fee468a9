/*
 * Backups: a consistent copy while everything goes on, and its return; and a copy that takes the
 * place of what it is of.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "store/audit.h"
#include "store/care/copy.h"
#include "store/care/open.h"
#include "store/care/seal.h"
#include "store/lmdb/env.h"
#include "store/lmdb/folder.h"
#include "store/lmdb/look.h"
#include "store/link.h"

/*
 * Closes fd after a sync; what is left behind by a failure is removed. errno is of the first
 * failure.
 */
static enum pt_err
finish_copy(int fd, const char *file, enum pt_err err)
{
	if (err == PT_OK && fsync(fd) != 0)
		err = PT_ERR_IO;
	int saved = errno;

	if (close(fd) != 0 && err == PT_OK) {
		saved = errno;
		err = PT_ERR_IO;
	}
	if (err != PT_OK)
		unlink(file);
	errno = saved;
	return err;
}

enum pt_err
store_backup(struct store *store, const char *file)
{
	return copy_write(store, file, false);
}

bool
store_backup_is_sealed(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool sealed = fd >= 0 && seal_is_there(fd);

	if (fd >= 0)
		close(fd);
	return sealed;
}

/* ---- restoring: the copy ---- */

static enum pt_err
copy_bytes(int from, int to)
{
	char bytes[65536];

	for (;;) {
		ssize_t got = read(from, bytes, sizeof bytes);

		if (got == 0)
			return PT_OK;
		if (got < 0 && errno != EINTR)
			return PT_ERR_IO;
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(to, bytes + done, (size_t)(got - done));

			if (put < 0 && errno != EINTR)
				return PT_ERR_IO;
			done += put > 0 ? put : 0;
		}
	}
}

/* Copies a backup, without its seal if it has one that fits it. */
static enum pt_err
copy_sealed(int from, int to)
{
	enum pt_err err = copy_bytes(from, to);

	return err == PT_OK ? seal_take_off(to) : err;
}

static enum pt_err
copy_file(const char *from, const char *to)
{
	uint64_t said, has;
	/* NONBLOCK: a pipe in the file's place must not hold us; and no database is one. */
	int in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum pt_err err = in < 0 ? PT_ERR_IO : look_size(from, &said, &has);

	if (err == PT_OK) {
		int out = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		err = out < 0 ? PT_ERR_IO : finish_copy(out, to, copy_sealed(in, out));
	}
	if (in >= 0) {
		int saved = errno;

		close(in);
		errno = saved;
	}
	/* The copy: nobody changes that any more. */
	if (err == PT_OK)
		err = look_size(to, &said, &has);
	return err == PT_OK && has < said ? PT_ERR_CORRUPT : err;
}

static void
run_forget_links(struct store_txn *txn, void *ctx)
{
	(void)ctx;
	link_forget_all(txn);
}

/*
 * Checks the copy, ends what may have been revoked since the backup, and says in the log that it
 * came back.
 */
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

/* What is to be done in a process of its own. */
struct trial {
	const struct store_options *staged;
	bool keep_sessions;
	struct instant now;
};

static enum pt_err
trial_run(const struct trial *trial)
{
	struct store_format format;
	struct store *store;
	enum pt_err err = open_folder(trial->staged, OPEN_CARRY_OVER, &format, &store);

	if (err != PT_OK)
		return err;
	err = restore_settle(store, trial->keep_sessions, trial->now);
	int saved = errno;

	store_close(store);
	errno = saved;
	return err;
}

struct trial_result {
	enum pt_err err;
	int saved_errno;
};

/* The child's: without a core file, which would hold what the backup does. */
static void __attribute__((noreturn))
trial_tell(const struct trial *trial, int fd)
{
	static const int ends[] = { SIGBUS, SIGSEGV, SIGABRT, SIGFPE, SIGILL };
	const struct rlimit none = { 0, 0 };
	struct trial_result result;

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		signal(ends[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* nobody would wait for it any more */
	result.err = trial_run(trial);
	result.saved_errno = errno;
	_exit(write(fd, &result, sizeof result) == sizeof result ? 0 : 1);
}

/*
 * LMDB trusts the pages of a file: one that is damaged inside may end the process that reads it. So
 * a child brings the copy to where it can take the store's place, and if it ends without a word,
 * the backup is damaged.
 */
static enum pt_err
trial_in_child(const struct trial *trial)
{
	struct trial_result result = { PT_ERR_CORRUPT, 0 };
	int ends[2], status;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return PT_ERR_IO;
	pid_t child = fork();

	if (child == 0)
		trial_tell(trial, ends[1]);
	close(ends[1]);
	enum pt_err err = child < 0 ? PT_ERR_IO : PT_OK;

	if (err == PT_OK && read(ends[0], &result, sizeof result) != sizeof result)
		result.err = PT_ERR_CORRUPT;
	close(ends[0]);
	while (err == PT_OK && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (err != PT_OK)
		return err;
	errno = result.saved_errno;
	return result.err;
}

static enum pt_err
restore_staged(const struct store_options *options, const char *stage, const char *file,
    bool keep_sessions, struct instant now)
{
	struct store_options staged = *options;
	char *data = folder_path(stage, "data.mdb");

	if (data == NULL)
		return PT_ERR_NOMEM;
	staged.folder = stage;
	enum pt_err err = copy_file(file, data);

	free(data);
	if (err == PT_OK)
		err = trial_in_child(&(struct trial){ &staged, keep_sessions, now });
	return err != PT_OK ? err : folder_install(options->folder, stage);
}

/* ---- compacting ---- */

static enum pt_err
size_of_file(const char *file, uint64_t *size)
{
	struct stat st;

	*size = 0;
	if (stat(file, &st) != 0)
		return PT_ERR_IO;
	*size = (uint64_t)st.st_size;
	return PT_OK;
}

/* Copies the database of options->folder, free pages left out, into data. */
static enum pt_err
compact_into(const struct store_options *options, const char *data)
{
	struct store_format format;
	struct store *store;
	enum pt_err err = open_folder(options, OPEN_AS_IT_IS, &format, &store);

	if (err != PT_OK)
		return err;
	int fd = open(data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	err = fd < 0 ? PT_ERR_IO : finish_copy(fd, data, env_copy(store, fd));
	int saved = errno;

	store_close(store);
	errno = saved;
	return err;
}

static enum pt_err
compact_staged(const struct store_options *options, const char *stage, uint64_t *before,
    uint64_t *after)
{
	char *data = folder_path(stage, "data.mdb"),
	    *present = folder_path(options->folder, "data.mdb");
	enum pt_err err = data && present ? PT_OK : PT_ERR_NOMEM;

	if (err == PT_OK)
		err = size_of_file(present, before);
	if (err == PT_OK)
		err = compact_into(options, data);
	if (err == PT_OK)
		err = size_of_file(data, after);
	if (err == PT_OK)
		err = folder_install(options->folder, stage);
	free(data);
	free(present);
	return err;
}

static enum pt_err
run_staged(const struct store_options *options,
    enum pt_err (*run)(const struct store_options *options, const char *stage,
    void *ctx), void *ctx)
{
	char *stage;
	int lock;
	enum pt_err err = folder_lock(options->folder, true, &lock);

	if (err != PT_OK)
		return err;
	err = folder_stage(options->folder, &stage);
	if (err == PT_OK) {
		err = run(options, stage, ctx);
		int saved = errno;

		folder_stage_remove(stage);
		free(stage);
		errno = saved;
	}
	int saved = errno;

	close(lock);
	errno = saved;
	return err;
}

struct compacting {
	uint64_t *before, *after;
};

static enum pt_err
run_compact(const struct store_options *options, const char *stage, void *ctx)
{
	const struct compacting *compacting = ctx;

	return compact_staged(options, stage, compacting->before, compacting->after);
}

enum pt_err
store_compact(const struct store_options *options, uint64_t *before, uint64_t *after)
{
	struct compacting compacting = { before, after };

	*before = *after = 0;
	return run_staged(options, run_compact, &compacting);
}

/* ---- restoring ---- */

struct restoring {
	const char *file;
	bool keep_sessions;
	struct instant now;
};

static enum pt_err
run_restore(const struct store_options *options, const char *stage, void *ctx)
{
	const struct restoring *restoring = ctx;

	return restore_staged(options, stage, restoring->file, restoring->keep_sessions,
	    restoring->now);
}

enum pt_err
store_restore(const struct store_options *options, const char *file, bool keep_sessions,
    struct instant now)
{
	struct restoring restoring = { file, keep_sessions, now };

	/* The machine may be a new one. */
	if (mkdir(options->folder, 0700) != 0 && errno != EEXIST)
		return PT_ERR_IO;
	return run_staged(options, run_restore, &restoring);
}
