#include "worker/privileges.h"

#include <grp.h>
#include <unistd.h>

#include "base/log.h"

const struct passwd *
privileges_find(const char *user)
{
	const struct passwd *entry = getpwnam(user);
	uint64_t number;

	if (entry || !slice_to_u64(slice_of(user), &number) || number >= UINT32_MAX)
		return entry;
	return getpwuid((uid_t)number);
}

enum pt_err
privileges_drop(const char *user)
{
	if (geteuid() != 0)
		return PT_OK;
	if (user == NULL || user[0] == '\0') {
		LOG(LOG_LEVEL_WARNING, "runs_as_root",
		    LOG_STR("advice", "set user in the configuration"));
		return PT_OK;
	}
	const struct passwd *entry = privileges_find(user);

	if (entry == NULL)
		return PT_ERR_INVALID;
	if (initgroups(entry->pw_name, entry->pw_gid) != 0 || setgid(entry->pw_gid) != 0 ||
	    setuid(entry->pw_uid) != 0)
		return PT_ERR_PERM;
	/* setuid by root sets the saved one too: there is no way back. */
	return entry->pw_uid == 0 || setuid(0) != 0 ? PT_OK : PT_ERR_PERM;
}
