#include "base/log_destination.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

#define SYSLOG_PATH "/dev/log"
#define SYSLOG_HEAD_SIZE 96

/* ---- standard error ---- */

/*
 * The pipe or terminal of standard error, opened again so that it is ours and does not block; -1 if
 * there is none.
 */
static int own_fd = -1;
static struct stat own_file;

static bool
is_own_file(const struct stat *st)
{
	return own_fd >= 0 && st->st_dev == own_file.st_dev && st->st_ino == own_file.st_ino;
}

void
log_stderr_open(void)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st) != 0 || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)) ||
	    is_own_file(&st))
		return;
	/*
	 * Opened anew, since O_NONBLOCK on the inherited description would affect every process
	 * that shares it.
	 */
	int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (own_fd >= 0)
		close(own_fd);
	own_fd = fd;
	own_file = st;
}

/* Whether it can be written to, as far as can be known while others write to it too. */
static bool
takes_within(int fd, int ms)
{
	struct pollfd out = { fd, POLLOUT, 0 };

	return poll(&out, 1, ms) > 0 && (out.revents & POLLOUT);
}

static ssize_t
stderr_put(const struct stat *st, struct slice bytes)
{
	if (S_ISSOCK(st->st_mode))
		return send(STDERR_FILENO, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (is_own_file(st))
		return write(own_fd, bytes.ptr, bytes.len);
	if ((S_ISFIFO(st->st_mode) || S_ISCHR(st->st_mode)) && !takes_within(STDERR_FILENO, 0)) {
		errno = EAGAIN;
		return -1;
	}
	return write(STDERR_FILENO, bytes.ptr, bytes.len);
}

bool
log_stderr_write(struct slice bytes, bool patient, size_t *taken)
{
	struct stat st;
	ssize_t done = -1;

	*taken = 0;
	if (fstat(STDERR_FILENO, &st) != 0)
		return false;
	do
		done = stderr_put(&st, bytes);
	while (done < 0 && errno == EINTR);
	if (done < 0 && errno == EAGAIN && patient &&
	    takes_within(is_own_file(&st) ? own_fd : STDERR_FILENO, LOG_PATIENCE_MS))
		done = stderr_put(&st, bytes);
	*taken = done > 0 ? (size_t)done : 0;
	return done > 0;
}

/* ---- the system log: syslog(3) would wait for a reader that does not read ---- */

static pthread_mutex_t syslog_lock = PTHREAD_MUTEX_INITIALIZER;
static const char *syslog_path = SYSLOG_PATH;
static int syslog_fd = -1;
static bool syslog_streams;	/* a stream, in which a NUL ends each message */

void
log_syslog_set_path(const char *path)
{
	pthread_mutex_lock(&syslog_lock);
	if (syslog_fd >= 0)
		close(syslog_fd);
	syslog_fd = -1;
	syslog_path = path ? path : SYSLOG_PATH;
	pthread_mutex_unlock(&syslog_lock);
}

/*
 * Where socketcall(2) makes the C library's sockets, the sandbox forbids that, since no filter of
 * system calls sees its arguments. Linux has had a call of its own for it since 4.3.
 */
static int
syslog_socket(int type)
{
	type |= SOCK_CLOEXEC | SOCK_NONBLOCK;
#if defined(SYS_socketcall) && defined(SYS_socket)
	return (int)syscall(SYS_socket, AF_UNIX, type, 0);
#else
	return socket(AF_UNIX, type, 0);
#endif
}

static int
syslog_try(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = syslog_socket(type);

	if (fd < 0 || strlen(syslog_path) >= sizeof(address.sun_path))
		goto fail;
	strcpy(address.sun_path, syslog_path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Called with the lock held. */
static bool
syslog_connect(void)
{
	if (syslog_fd >= 0)
		return true;
	syslog_streams = false;
	syslog_fd = syslog_try(SOCK_DGRAM);
	if (syslog_fd < 0 && errno == EPROTOTYPE) {
		syslog_streams = true;
		syslog_fd = syslog_try(SOCK_STREAM);
	}
	return syslog_fd >= 0;
}

void
log_syslog_open(void)
{
	tzset();	/* while its file can still be read */
	pthread_mutex_lock(&syslog_lock);
	syslog_connect();
	pthread_mutex_unlock(&syslog_lock);
}

/* The head that syslog(3) writes (RFC 3164, 4.1). */
static size_t
syslog_head(int priority, char out[SYSLOG_HEAD_SIZE])
{
	time_t now = (time_t)(clock_now().wall_ms / 1000);
	char date[32] = "";
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(date, sizeof(date), "%b %e %T", &tm);
	int len = snprintf(out, SYSLOG_HEAD_SIZE, "<%d>%s pintle[%ld]: ", priority | LOG_AUTHPRIV,
	    date, (long)getpid());

	return len > 0 && len < SYSLOG_HEAD_SIZE ? (size_t)len : 0;
}

static bool
syslog_send(struct slice head, struct slice message, bool patient)
{
	struct iovec parts[] = {
		{ (void *)(uintptr_t)head.ptr, head.len },
		{ (void *)(uintptr_t)message.ptr, message.len },
		{ (void *)(uintptr_t)"", syslog_streams ? 1 : 0 },
	};
	struct msghdr whole = { .msg_iov = parts, .msg_iovlen = 3 };
	size_t len = head.len + message.len + parts[2].iov_len;
	ssize_t done;

	do
		done = sendmsg(syslog_fd, &whole, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (done < 0 && errno == EINTR);
	if (done < 0 && errno == EAGAIN && patient && takes_within(syslog_fd, LOG_PATIENCE_MS))
		done = sendmsg(syslog_fd, &whole, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done == (ssize_t)len)
		return true;
	/*
	 * Half a message in a stream would spoil the next one; and a socket that went away may be
	 * another by now.
	 */
	if (done >= 0 || (errno != EAGAIN && errno != ENOBUFS && errno != EMSGSIZE)) {
		close(syslog_fd);
		syslog_fd = -1;
	}
	return false;
}

bool
log_syslog_write(int priority, struct slice message, bool patient)
{
	char text[SYSLOG_HEAD_SIZE];
	struct slice head = { text, syslog_head(priority, text) };
	bool taken = false;

	pthread_mutex_lock(&syslog_lock);
	if (syslog_connect())
		taken = syslog_send(head, message, patient);
	/* The system log was restarted: try once more with the new one. */
	if (!taken && syslog_fd < 0 && syslog_connect())
		taken = syslog_send(head, message, patient);
	pthread_mutex_unlock(&syslog_lock);
	return taken;
}
