#include "base/tally.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define MARK UINT64_C(0x796c6c6174746e70)	/* "pnttally" */

static const struct tally_info infos[TALLY_NAMED] = {
	[TALLY_LOGIN_GOOD] = { "logins", "good" },
	[TALLY_LOGIN_FAILED] = { "logins", "failed" },
	[TALLY_LOGIN_OTP_ASKED] = { "logins", "otp_asked" },
	[TALLY_LOGIN_OTP_FAILED] = { "logins", "otp_failed" },
	[TALLY_LOGIN_LIMITED] = { "logins", "limited" },
	[TALLY_LOGIN_BUSY] = { "logins", "busy" },
	[TALLY_REFRESH_ROW_1] = { "refreshes", "row_1" },
	[TALLY_REFRESH_ROW_1 + 1] = { "refreshes", "row_2" },
	[TALLY_REFRESH_ROW_1 + 2] = { "refreshes", "row_3" },
	[TALLY_REFRESH_ROW_1 + 3] = { "refreshes", "row_4" },
	[TALLY_REFRESH_ROW_1 + 4] = { "refreshes", "row_5" },
	[TALLY_REFRESH_ROW_6] = { "refreshes", "row_6" },
	[TALLY_REFRESH_REFUSED] = { "refreshes", "refused" },
	[TALLY_VERIFY_HIT] = { "verify", "hits" },
	[TALLY_VERIFY_MISS] = { "verify", "misses" },
	[TALLY_VERIFY_GATE] = { "verify", "gate_cookie" },
	[TALLY_VERIFY_PASSED] = { "verify", "passed" },
	[TALLY_VERIFY_REFUSED] = { "verify", "refused" },
	[TALLY_INTROSPECT_ACTIVE] = { "introspections", "active" },
	[TALLY_INTROSPECT_INACTIVE] = { "introspections", "inactive" },
	[TALLY_COMMITS] = { "commits", "done" },
	[TALLY_CHANGES] = { "commits", "changes" },
	[TALLY_COMMIT_FAILED] = { "commits", "failed" },
	[TALLY_HASHING_DONE] = { "hashing", "done" },
	[TALLY_HASHING_WAITED] = { "hashing", "waited" },
	[TALLY_HASHING_BUSY] = { "hashing", "busy" },
	[TALLY_REQUEST_2XX] = { "requests", "2xx" },
	[TALLY_REQUEST_3XX] = { "requests", "3xx" },
	[TALLY_REQUEST_4XX] = { "requests", "4xx" },
	[TALLY_REQUEST_5XX] = { "requests", "5xx" },
	[TALLY_ADDRESS_UNREAD] = { "requests", "address_unread" },
};

/* The head of the file. The mark is written last: without it the contents do not count. */
struct tally_head {
	uint64_t mark;
	uint64_t table;		/* which counts follow: see tally_table */
	int64_t since_ms;
};

struct tally_file {
	struct tally_head head;
	_Atomic uint64_t counts[TALLY_COUNT];
};

static struct tally_file nowhere;	/* counts that nobody reads */
static struct tally_file *tally = &nowhere;

const struct tally_info *
tally_info(enum tally what)
{
	return &infos[what];
}

/*
 * A number that changes with the names and the size of the table (FNV-1a): a version that nobody
 * can forget to increase.
 */
static uint64_t
tally_table(void)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) + TALLY_COUNT;

	for (int i = 0; i < TALLY_NAMED; i++) {
		const char *const texts[] = { infos[i].group, infos[i].name };

		for (int j = 0; j < 2; j++)
			for (const char *c = texts[j]; ; c++) {
				hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
				if (*c == '\0')
					break;
			}
	}
	return hash;
}

static bool
head_is_ours(int fd, const struct stat *st)
{
	struct tally_head head;

	return st->st_size == (off_t)sizeof(struct tally_file) &&
	    pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	    head.mark == MARK && head.table == tally_table();
}

/*
 * Its blocks are allocated now, because writing to a mapped hole on a full disk would kill the
 * process.
 */
static enum pt_err
tally_begin(int fd)
{
	struct tally_head head = { MARK, tally_table(), clock_now().wall_ms };
	int rc = posix_fallocate(fd, 0, (off_t)sizeof(struct tally_file));

	if (rc != 0) {
		errno = rc;
		return PT_ERR_IO;
	}
	return pwrite(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) ? PT_OK : PT_ERR_IO;
}

/*
 * Under the file's lock: begins a fresh file. One that is not ours is unlinked, with *again, and
 * never written to, since other processes may still have it mapped.
 */
static enum pt_err
tally_settle(const char *path, int fd, bool *again)
{
	struct stat st;

	*again = false;
	if (fstat(fd, &st) != 0)
		return PT_ERR_IO;
	if (!S_ISREG(st.st_mode))
		return PT_ERR_PERM;
	*again = st.st_nlink == 0;
	if (*again || head_is_ours(fd, &st))
		return PT_OK;
	if (st.st_size == 0)
		return tally_begin(fd);
	*again = true;
	return unlink(path) == 0 ? PT_OK : PT_ERR_IO;
}

/* The caller closes *fd; -1: none. */
static enum pt_err
tally_open_once(const char *path, int *fd, bool *again)
{
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
	*again = false;
	if (*fd < 0 || flock(*fd, LOCK_EX) != 0)
		return PT_ERR_IO;
	return tally_settle(path, *fd, again);
}

enum pt_err
tally_open(const char *path)
{
	void *mapped = MAP_FAILED;
	bool again = true;
	int fd = -1, saved;
	enum pt_err err = PT_OK;

	/* Twice if a file was damaged or older; more often only if other processes do the same. */
	for (int tries = 0; err == PT_OK && again && tries < 10; tries++) {
		if (fd >= 0)
			close(fd);
		err = tally_open_once(path, &fd, &again);
	}
	if (err == PT_OK && !again)
		mapped = mmap(NULL, sizeof(struct tally_file), PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	saved = errno;
	/*
	 * The mapping keeps the open file, and with it the lock, even after the descriptor is
	 * closed; others would wait for ever.
	 */
	if (fd >= 0) {
		flock(fd, LOCK_UN);
		close(fd);
	}
	errno = saved;
	if (mapped == MAP_FAILED)
		return err != PT_OK ? err : PT_ERR_IO;
	tally_close();
	tally = mapped;
	return PT_OK;
}

void
tally_close(void)
{
	if (tally != &nowhere)
		munmap(tally, sizeof(*tally));
	tally = &nowhere;
}

void
tally_add(enum tally what, uint64_t count)
{
	atomic_fetch_add_explicit(&tally->counts[what], count, memory_order_relaxed);
}

void
tally_add_reason(unsigned reason)
{
	if (reason < TALLY_REASONS)
		tally_add((enum tally)(TALLY_REASON_0 + reason), 1);
}

void
tally_add_commit(uint64_t changes)
{
	unsigned size = 0;

	while (size < TALLY_SIZES - 1 && changes >> (size + 1))
		size++;
	tally_add(TALLY_COMMITS, 1);
	tally_add(TALLY_CHANGES, changes);
	tally_add((enum tally)(TALLY_SIZE_1 + size), 1);
}

enum pt_err
tally_read(const char *path, struct tally_sheet *out, bool *found)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	struct tally_file file;
	struct stat st;

	*found = false;
	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return errno == ENOENT ? PT_OK : PT_ERR_IO;
	*found = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && head_is_ours(fd, &st) &&
	    pread(fd, &file, sizeof(file), 0) == (ssize_t)sizeof(file);
	close(fd);
	if (!*found)
		return PT_OK;
	out->since_ms = file.head.since_ms;
	for (int i = 0; i < TALLY_COUNT; i++)
		out->counts[i] = atomic_load_explicit(&file.counts[i], memory_order_relaxed);
	return PT_OK;
}
