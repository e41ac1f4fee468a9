/* Import lines: an accepted line is a user whom the store can keep, without a complaint. */
#include <string.h>

#include "cmd/move/import_line.h"
#include "core/username.h"
#include "crypto/password.h"
#include "fuzz.h"
#include "store/rows/record.h"

static struct import_rules rules = {
	.slot_kib = 19456, .slots = 4, .groups = { "staff", 5 }, .now_ms = INT64_C(1000) * 86400000,
};

static void
must_be_keepable_otp(const struct import_line *line)
{
	static struct record_bytes record;
	struct otp otp = line->newcomer.otp, there = { .user_number = 1 };

	MUST(otp.on == line->newcomer.has_otp);
	if (!otp.on)
		return;
	MUST(otp_move_in(&there, &otp));
	MUST(record_otp_encode(&there, &record) == PT_OK);
	/* The time of its step can be shown. */
	MUST(otp.last_step < (uint64_t)INT64_MAX / (TOTP_PERIOD * 1000) - 1);
}

static void
must_be_keepable(const struct import_line *line)
{
	static struct record_bytes record;
	struct user user = line->newcomer.user;
	char again[USER_NAME_SIZE];
	struct password_need need;

	MUST(username_fold(rules.usernames, slice_of(user.name), again) == PT_OK && strcmp(again, user.name) == 0);
	MUST(groups_valid(slice_of(user.groups)));
	MUST(line->newcomer.has_hash == (user.password_hash[0] != '\0'));
	MUST(!line->newcomer.has_hash || password_look(slice_of(user.password_hash), &need) == PASSWORD_FORM_GOOD);
	if (user.sub[0] == '\0')
		memset(user.sub, 'A', ID_SIZE - 1);
	user.number = 1;
	MUST(record_user_encode(&user, &record) == PT_OK);
	must_be_keepable_otp(line);
}

static void
read_under(enum username_form form, struct slice text)
{
	struct import_line line;

	rules.usernames = form;
	import_line_read(text, &rules, &line);
	MUST(slice_is_utf8(slice_of(line.why)));
	MUST((line.why[0] != '\0') == (line.verdict == IMPORT_REFUSED || line.verdict == IMPORT_LEFT_OUT));
	MUST(line.verdict != IMPORT_GOOD || line.typed.len > 0);
	if (line.verdict == IMPORT_GOOD)
		must_be_keepable(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const struct slice text = { (const char *)bytes, len };

	read_under(USERNAME_ASCII, text);
	read_under(USERNAME_UNICODE, text);
	return 0;
}
