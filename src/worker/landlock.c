#include "worker/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Names that newer kernels know and older headers lack. */
#define ACCESS_FS_1 ((UINT64_C(1) << 13) - 1)
#define ACCESS_FS_REFER (UINT64_C(1) << 13)
#define ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#define ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15)
#define ACCESS_NET_TCP UINT64_C(3)	/* to bind, and to connect */
#define SCOPE_ALL UINT64_C(3)		/* abstract Unix sockets, and signals */

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* The kernel's structure; older kernels get only its beginning. */
struct ruleset {
	uint64_t access_fs;
	uint64_t access_net;
	uint64_t scoped;
};

/*
 * Everything that this kernel's version can forbid, and how many bytes of the structure it knows.
 */
static size_t
ruleset_of(long version, struct ruleset *out)
{
	*out = (struct ruleset){ .access_fs = ACCESS_FS_1 };
	if (version >= 2)
		out->access_fs |= ACCESS_FS_REFER;
	if (version >= 3)
		out->access_fs |= ACCESS_FS_TRUNCATE;
	if (version >= 4)
		out->access_net = ACCESS_NET_TCP;
	if (version >= 5)
		out->access_fs |= ACCESS_FS_IOCTL_DEV;
	if (version >= 6)
		out->scoped = SCOPE_ALL;
	if (version >= 6)
		return 24;
	return version >= 4 ? 16 : 8;
}

static bool
allow_reading(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = ACCESS_READ };

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return errno == ENOENT || errno == EACCES;
	long status = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);

	/* A file has nothing to list, so that right is left out. */
	if (status != 0 && errno == EINVAL) {
		rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
		status = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule,
		    0);
	}
	close(rule.parent_fd);
	return status == 0;
}

enum pt_err
landlock_enter(const char *const *paths, size_t count, bool *held)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules;

	*held = false;
	if (version < 1)
		return PT_OK;
	size_t size = ruleset_of(version, &rules);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	bool good = ruleset >= 0;

	for (size_t i = 0; good && i < count; i++)
		good = allow_reading(ruleset, paths[i]);
	good = good && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ruleset >= 0)
		close(ruleset);
	*held = good;
	return good ? PT_OK : PT_ERR_IO;
}
