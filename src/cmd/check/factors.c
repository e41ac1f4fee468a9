#include "cmd/check/factors.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/secret.h"
#include "base/slice.h"
#include "cmd/term/output.h"
#include "token/otp_secret.h"
#include "worker/exit.h"

#define MEND "put the master key that they were made with into %s as master.old.key (mode 0600); " \
	"or give each user a new one: pintle user otp NAME. Recovery codes are good meanwhile"

struct looking {
	struct store *store;
	const struct keyring *ring;
	enum pt_err err;
	/* second factors that are on, and those of them that do not open */
	uint64_t all, closed;
	char name[USER_NAME_SIZE];	/* of the first user whose does not */
};

static bool
look_at(const struct user *user, void *ctx)
{
	struct looking *looking = ctx;
	uint8_t secret[TOTP_SECRET_SIZE];
	struct otp otp;
	bool found, good = true;

	looking->err = store_otp_get(looking->store, user->number, &otp, &found);
	/* One that does not decode is reported with the store; the others are still counted. */
	if (looking->err == PT_ERR_CORRUPT) {
		looking->err = PT_OK;
		return true;
	}
	if (looking->err != PT_OK || !found || !otp.on)
		return looking->err == PT_OK;
	looking->all++;
	looking->err = otp_secret_open(looking->ring, slice_of(user->sub), otp.sealed, secret,
	    &good);
	secret_wipe(secret, sizeof(secret));
	if (looking->err == PT_OK && !good && looking->closed++ == 0)
		slice_copy(slice_of(user->name), looking->name, sizeof(looking->name));
	return looking->err == PT_OK;
}

static enum pt_err
look(const struct site *site, char folder[SITE_PATH_SIZE], struct looking *looking)
{
	struct keyring *ring;
	enum pt_err err = site_path(site, "keys", folder) == EXIT_OK ?
	    keyring_open(folder, &ring, NULL) : PT_ERR_INVALID;

	*looking = (struct looking){ .store = site->store };
	if (err != PT_OK)
		return err;
	looking->ring = ring;
	err = store_user_each(site->store, look_at, looking);
	keyring_free(ring);
	return err == PT_OK || err == PT_ERR_CORRUPT ? looking->err : err;
}

void
check_factors(struct findings *findings, const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct looking looking;

	if (look(site, folder, &looking) != PT_OK || looking.closed == 0)
		return;
	findings_wrong(findings, EXIT_KEYS, "second factors",
	    "%" PRIu64 " of %" PRIu64 " do not open with these keys, "
	    "and the codes of apps are refused: %s%s", looking.closed, looking.all, looking.name,
	    looking.closed > 1 ? ", and others" : "");
	findings_mend(findings, MEND, folder);
}

void
tell_factors(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct looking looking;

	if (look(site, folder, &looking) != PT_OK) {
		output_say("could not check whether its second factors open with the keys of this "
		    "site; pintle check says more");
		return;
	}
	if (looking.closed == 0)
		return;
	output_say("%" PRIu64 " of its %" PRIu64 " second factors do not open with the keys of "
	    "this site, and the codes of apps are "
	    "refused: %s%s", looking.closed, looking.all, looking.name, looking.closed > 1 ?
	    ", and others" : "");
	output_say(MEND, folder);
}
