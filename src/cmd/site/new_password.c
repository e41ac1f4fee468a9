#include "cmd/site/new_password.h"

#include "cmd/term/output.h"
#include "cmd/term/prompt.h"
#include "web/who/password_rules.h"
#include "worker/exit.h"

int
new_password_hash(const struct site *site, struct slice password, char hash[PASSWORD_HASH_SIZE])
{
	char path[SITE_PATH_SIZE];
	struct password_slots *slots;
	int slot, status = site_path(site, "hashing.slots", path);

	if (status != EXIT_OK)
		return status;

	enum pt_err err = password_slots_open(path, &(struct password_slots_options){
		.slots = site->settings.hashing_slots,
		.wait_ms = (unsigned)site->settings.hashing_wait_ms,
		.threads = 1,
	}, &slots);

	if (err != PT_OK)
		return site_fail("open the hashing slots", err);
	err = password_slots_enter(slots, &slot);
	if (err == PT_OK) {
		err = password_hash(password, &site->settings.password_cost, hash);
		password_slots_leave(slots, slot);
	}
	password_slots_close(slots);
	return err == PT_OK ? EXIT_OK : site_fail("hash the password", err);
}

/* Checks a password against the same rules as the endpoints. */
static int
check(const struct site *site, struct slice name, struct slice password)
{
	struct word_list *bad;
	enum password_verdict verdict = PASSWORD_REFUSED;
	enum pt_err err = password_rules_open(&site->settings, &bad);

	if (err == PT_OK)
		err = password_rules_judge(&site->settings, bad, name, password, &verdict);
	word_list_free(bad);
	if (err != PT_OK)
		return site_fail("read the password_list", err);
	if (verdict == PASSWORD_GOOD)
		return EXIT_OK;
	if (verdict == PASSWORD_TOO_SHORT)
		output_say("a password has at least %u characters; nothing was changed",
		    site->settings.password_min);
	else
		output_say("%s Nothing was changed.", password_verdict_text(verdict));
	return EXIT_FAILED;
}

int
new_password(const struct site *site, const struct arguments *arguments, const char *name,
    char hash[PASSWORD_HASH_SIZE])
{
	struct buf password = BUF_EMPTY;

	hash[0] = '\0';
	if (arguments->value[OPTION_NO_PASSWORD])
		return EXIT_OK;

	int status = prompt_password(arguments->value[OPTION_PASSWORD_STDIN] != NULL, &password);

	if (status == EXIT_OK)
		status = check(site, slice_of(name), buf_slice(&password));
	if (status == EXIT_OK)
		status = new_password_hash(site, buf_slice(&password), hash);
	buf_free(&password);
	return status;
}
