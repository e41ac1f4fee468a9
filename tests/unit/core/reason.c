/* The two tables of words: every row is there once, and can be shown to a person. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "core/reason.h"

static bool
is_snake_case(const char *name)
{
	return name[0] >= 'a' && name[0] <= 'z' && strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name);
}

/* Each sentence begins with a capital and ends with a full stop. */
static bool
is_sentences(const char *text)
{
	size_t len = strlen(text);

	for (const char *stop = strchr(text, '.'); stop && stop[1]; stop = strchr(stop + 1, '.'))
		if (stop[1] != ' ' || stop[2] < 'A' || stop[2] > 'Z')
			return false;
	return len > 10 && text[0] >= 'A' && text[0] <= 'Z' && text[len - 1] == '.';
}

static void
every_reason_has_its_row(void **unused)
{
	(void)unused;
	for (int reason = REASON_NONE; reason < REASON_COUNT; reason++) {
		const struct reason_info *info = reason_info((enum reason)reason);

		if (info->name == NULL || info->error == NULL || info->text == NULL)
			fail_msg("reason %d has no whole row", reason);
		if (!is_snake_case(info->name) || !is_sentences(info->text))
			fail_msg("reason %d: \"%s\", \"%s\"", reason, info->name, info->text);
		for (int other = REASON_NONE; other < reason; other++)
			assert_string_not_equal(info->name, reason_info((enum reason)other)->name);
	}
}

struct error_row {
	const char *error;
	enum reason reasons[16];	/* ended by REASON_NONE */
};

/* The codes that /refresh may answer with, as the contract with the browser lists them. */
static const struct error_row error_rows[] = {
	{ "unauthorized", { REASON_NO_COOKIE } },
	{ "invalid_refresh_token", { REASON_BAD_TOKEN, REASON_UNKNOWN_SESSION, REASON_FOREIGN_DEVICE } },
	{ "session_expired", { REASON_IDLE, REASON_ABSOLUTE, REASON_SERIALS_SPENT } },
	{ "session_revoked", { REASON_LOGOUT, REASON_LOGOUT_ELSEWHERE, REASON_LOGOUT_ALL, REASON_REPLACED,
	    REASON_SESSION_CAP, REASON_PASSWORD_CHANGED, REASON_ADMIN, REASON_RESTORED, REASON_SERVICE,
	    REASON_OTP_REQUIRED, REASON_OTP_CHANGED } },
	{ "refresh_token_reused", { REASON_REUSED, REASON_TOO_FAR_AHEAD } },
	{ "user_disabled", { REASON_USER_DISABLED, REASON_USER_DELETED } },
	/* Never an answer to a refresh: it says why a login failed, for the log only. */
	{ "invalid_credentials", { REASON_OTP_WRONG, REASON_OTP_SPENT } },
	{ "invalid_link", { REASON_LINK_UNKNOWN, REASON_LINK_EXPIRED, REASON_LINK_AHEAD } },
};

static void
every_reason_has_its_error(void **unused)
{
	int told = 0;

	(void)unused;
	for (size_t i = 0; i < sizeof(error_rows) / sizeof(error_rows[0]); i++)
		for (const enum reason *reason = error_rows[i].reasons; *reason != REASON_NONE; reason++, told++)
			assert_string_equal(reason_info(*reason)->error, error_rows[i].error);
	assert_int_equal(told, REASON_COUNT - 1);
}

static void
a_number_of_a_newer_version_is_unknown(void **unused)
{
	(void)unused;
	assert_string_equal(reason_info(REASON_COUNT)->name, "unknown");
	assert_string_equal(reason_info(REASON_COUNT)->error, "session_revoked");
	assert_ptr_equal(reason_info((enum reason)UINT16_MAX), reason_info(REASON_COUNT));
	assert_string_equal(event_info(EVENT_COUNT)->name, "unknown");
	assert_ptr_equal(event_info((enum event_kind)UINT16_MAX), event_info(EVENT_COUNT));
}

static void
every_event_is_found_by_its_name(void **unused)
{
	(void)unused;
	for (int kind = EVENT_NONE; kind < EVENT_COUNT; kind++) {
		const struct event_info *info = event_info((enum event_kind)kind);

		if (info->name == NULL || info->text == NULL || !is_snake_case(info->name) || info->text[0] == '\0')
			fail_msg("event %d has no whole row", kind);
		assert_int_equal(event_kind_of(slice_of(info->name)), kind);
	}
	assert_int_equal(event_kind_of(SLICE("")), EVENT_NONE);
	assert_int_equal(event_kind_of(SLICE("logi")), EVENT_NONE);
	assert_int_equal(event_kind_of(SLICE("LOGIN")), EVENT_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_its_row),
		cmocka_unit_test(every_reason_has_its_error),
		cmocka_unit_test(a_number_of_a_newer_version_is_unknown),
		cmocka_unit_test(every_event_is_found_by_its_name),
	};

	return cmocka_run_group_tests_name("reason", tests, NULL, NULL);
}
