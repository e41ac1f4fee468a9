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

struct factor_count {
	struct store *store;
	const struct keyring *ring;
	enum pt_err err;
	/* second factors that are on, and those of them that do not open */
	uint64_t all, closed;
	char name[USER_NAME_SIZE];	/* of the first user whose does not */
};

static bool
count_factor(const struct user *user, void *ctx)
{
	struct factor_count *count = ctx;
	uint8_t secret[TOTP_SECRET_SIZE];
	struct otp otp;
	bool found, good = true;

	count->err = store_otp_get(count->store, user->number, &otp, &found);
	/* One that does not decode is reported with the store; the others are still counted. */
	if (count->err == PT_ERR_CORRUPT) {
		count->err = PT_OK;
		return true;
	}
	if (count->err != PT_OK || !found || !otp.on)
		return count->err == PT_OK;
	count->all++;
	count->err = otp_secret_open(count->ring, slice_of(user->sub), otp.sealed, secret,
	    &good);
	secret_wipe(secret, sizeof(secret));
	if (count->err == PT_OK && !good && count->closed++ == 0)
		slice_copy(slice_of(user->name), count->name, sizeof(count->name));
	return count->err == PT_OK;
}

static enum pt_err
count_factors(const struct site *site, char folder[SITE_PATH_SIZE], struct factor_count *count)
{
	struct keyring *ring;
	enum pt_err err = site_path(site, "keys", folder) == EXIT_OK ?
	    keyring_open(folder, &ring, NULL) : PT_ERR_INVALID;

	*count = (struct factor_count){ .store = site->store };
	if (err != PT_OK)
		return err;
	count->ring = ring;
	err = store_user_each(site->store, count_factor, count);
	keyring_free(ring);
	return err == PT_OK || err == PT_ERR_CORRUPT ? count->err : err;
}

void
check_factors(struct findings *findings, const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct factor_count count;

	if (count_factors(site, folder, &count) != PT_OK || count.closed == 0)
		return;
	findings_wrong(findings, EXIT_KEYS, "second factors",
	    "%" PRIu64 " of %" PRIu64 " do not open with these keys, "
	    "and the codes of apps are refused: %s%s", count.closed, count.all, count.name,
	    count.closed > 1 ? ", and others" : "");
	findings_mend(findings, MEND, folder);
}

void
factors_report(const struct site *site)
{
	char folder[SITE_PATH_SIZE];
	struct factor_count count;

	if (count_factors(site, folder, &count) != PT_OK) {
		output_say("could not check whether its second factors open with the keys of this "
		    "site; pintle check says more");
		return;
	}
	if (count.closed == 0)
		return;
	output_say("%" PRIu64 " of its %" PRIu64 " second factors do not open with the keys of "
	    "this site, and the codes of apps are "
	    "refused: %s%s", count.closed, count.all, count.name,
	    count.closed > 1 ? ", and others" : "");
	output_say(MEND, folder);
}
