#include "worker/ready.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"

#define ASKED_BY "NOTIFY_SOCKET"

/* A path, or an abstract name, whose first byte NUL is written as "@". 0: neither. */
static socklen_t
ready_address(const char *name, struct sockaddr_un *out)
{
	size_t len = strlen(name);

	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(out->sun_path))
		return 0;
	memcpy(out->sun_path, name, len);
	if (name[0] == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

/* The service manager keeps waiting, so the log must say why. */
static void
ready_not_said(const char *name, const char *cause)
{
	LOG(LOG_LEVEL_ERROR, "ready_not_said", LOG_STR("socket", name), LOG_STR("cause", cause));
}

int
ready_open(void)
{
	const char *name = getenv(ASKED_BY);
	struct sockaddr_un address;
	socklen_t len = name ? ready_address(name, &address) : 0;

	if (name == NULL)
		return -1;
	if (len == 0) {
		ready_not_said(name, "no address of a Unix socket");
		return -1;
	}

	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, len) == 0)
		return fd;
	ready_not_said(name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

void
ready_say(int fd)
{
	static const char ready[] = "READY=1";

	if (fd >= 0 && send(fd, ready, sizeof(ready) - 1, MSG_NOSIGNAL) != sizeof(ready) - 1)
		ready_not_said(getenv(ASKED_BY), strerror(errno));
}
