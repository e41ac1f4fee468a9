/* Lines of import files: which are accepted, and what is reported of others, never a secret. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "cmd/move/import_line.h"

#define APR1 "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"
#define BCRYPT "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"
#define SCRYPT_64_MIB "$7$CU..../....PYSI7AGc9NTDl9W5opaoE0$bcGSCf//5ceYqsAYe.QzX3MHUJkv.QbpQP9at.A6llA"
#define SCRYPT_128_MIB "$7$DU..../....PYSI7AGc9NTDl9W5opaoE0$bcGSCf//5ceYqsAYe.QzX3MHUJkv.QbpQP9at.A6llA"
#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define HASHED "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
#define NOBODYS "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define WITH_OTP(members) "{\"name\":\"ada\",\"otp\":{" members "}}"
#define ID "oAozKxCf4E4vr9bCegXntA"

static const struct import_rules rules = {
	.slot_kib = 19456, .slots = 4, .groups = { "staff", 5 }, .now_ms = INT64_C(1000) * 86400000,
};

static const struct {
	const char *line;
	const char *name;
	const char *hash;
	const char *groups;
	bool disabled;
} good[] = {
	{ "ada:" APR1, "ada", APR1, "staff", false },
	{ "Ada.Lovelace@example.org:" BCRYPT, "ada.lovelace@example.org", BCRYPT, "staff", false },
	{ "ada:" APR1 ":a comment behind it", "ada", APR1, "staff", false },
	{ "ada:" SCRYPT_64_MIB, "ada", SCRYPT_64_MIB, "staff", false },
	{ "ada:" APR1 ":19000:0:99999:7:::", "ada", APR1, "staff", false },
	{ "ada:!" APR1 ":19000:0:99999:7:::", "ada", APR1, "staff", true },
	{ "ada:!!" APR1, "ada", APR1, "staff", true },
	{ "ada:" APR1 ":19000:0:99999:7::1000:", "ada", APR1, "staff", true },
	{ "ada:" APR1 ":19000:0:99999:7::1001:", "ada", APR1, "staff", false },
	{ "{\"name\":\"ADA\"}", "ada", "", "staff", false },
	{ "{\"name\":\"ada\",\"hash\":null,\"groups\":null,\"id\":null}", "ada", "", "staff", false },
	{ "{\"name\":\"ada\",\"hash\":\"" APR1 "\",\"groups\":[\"x\",\"y\"],\"disabled\":true}", "ada", APR1, "x,y", true },
	{ "{\"name\":\"ada\",\"groups\":[]}", "ada", "", "", false },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
good_lines_are_taken_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct import_line line;
		const struct user *user = &line.newcomer.user;

		import_line_read(slice_of(good[i].line), &rules, &line);
		if (line.verdict != IMPORT_GOOD)
			fail_msg("%s: %s", good[i].line, line.why);
		assert_string_equal(user->name, good[i].name);
		assert_string_equal(user->password_hash, good[i].hash);
		assert_string_equal(user->groups, good[i].groups);
		assert_int_equal(user->disabled, good[i].disabled);
		assert_int_equal(line.newcomer.has_hash, good[i].hash[0] != '\0');
	}
}

static void
ids_and_times_come_along(void **state)
{
	struct import_line line;

	(void)state;
	import_line_read(SLICE("{\"name\":\"ada\",\"id\":\"" ID "\",\"created_at\":\"1970-01-02T00:00:00Z\","
	    "\"password_set_at\":\"1970-01-03T00:00:00Z\",\"last_login_at\":\"1970-01-04T00:00:01Z\"}"), &rules, &line);
	assert_int_equal(line.verdict, IMPORT_GOOD);
	assert_string_equal(line.newcomer.user.sub, ID);
	assert_int_equal(line.newcomer.user.created_at, 86400000);
	assert_int_equal(line.newcomer.user.password_set_at, 2 * 86400000);
	assert_int_equal(line.newcomer.user.last_login_at, 3 * 86400000 + 1000);
	assert_false(line.newcomer.has_disabled);
}

static void
second_factors_come_along(void **state)
{
	struct import_line line;
	const struct otp *otp = &line.newcomer.otp;

	(void)state;
	import_line_read(SLICE(WITH_OTP("\"secret\":\"gezd gnbv gy3t qojq gezd gnbv gy3t qojq\"")), &rules, &line);
	assert_int_equal(line.verdict, IMPORT_GOOD);
	assert_true(line.newcomer.has_otp && otp->on);
	assert_memory_equal(line.otp_secret, "12345678901234567890", TOTP_SECRET_SIZE);
	assert_int_equal(otp->last_step, 0);
	assert_int_equal(otp_recovery_left(otp), 0);

	import_line_read(SLICE(WITH_OTP("\"secret\":\"" SECRET "\",\"algorithm\":\"SHA1\",\"digits\":6,\"period\":30,"
	    "\"enrolled_at\":\"1970-01-02T00:00:00Z\",\"last_step\":5000,\"recovery_hashes\":[\"" HASHED "\"],"
	    "\"recovery_at\":\"1970-01-03T00:00:00Z\"")), &rules, &line);
	assert_int_equal(line.verdict, IMPORT_GOOD);
	assert_int_equal(otp->last_step, 5000);
	assert_int_equal(otp->enrolled_at, 86400000);
	assert_int_equal(otp->recovery_at, 2 * 86400000);
	assert_int_equal(otp_recovery_left(otp), 1);
	assert_int_equal(otp->recovery[0][0], 0xe3);

	import_line_read(SLICE("{\"name\":\"ada\",\"otp\":null}"), &rules, &line);
	assert_int_equal(line.verdict, IMPORT_GOOD);
	assert_false(line.newcomer.has_otp);
}

static const struct {
	const char *line;
	enum import_verdict verdict;
	const char *why;
} others[] = {
	{ "", IMPORT_NOBODY, "" },
	{ "  \t", IMPORT_NOBODY, "" },
	{ "# ada:" APR1, IMPORT_NOBODY, "" },
	{ "daemon:*:19000:0:99999:7:::", IMPORT_LEFT_OUT, "no password" },
	{ "sshd:!:19000::::::", IMPORT_LEFT_OUT, "no password" },
	{ "sshd:!*:19000::::::", IMPORT_LEFT_OUT, "no password" },
	{ "sshd:!!:19000::::::", IMPORT_LEFT_OUT, "no password" },

	{ "no colon", IMPORT_REFUSED, "no colon" },
	{ APR1, IMPORT_REFUSED, "no colon" },
	{ APR1 ":ada", IMPORT_REFUSED, "name" },
	{ ":" APR1, IMPORT_REFUSED, "name" },
	{ "two words:" APR1, IMPORT_REFUSED, "name" },
	{ "ada:", IMPORT_REFUSED, "empty" },
	{ "ada::19000::::::", IMPORT_REFUSED, "empty" },
	{ "ada:x:1000:1000:Ada:/home/ada:/bin/sh", IMPORT_REFUSED, "another file" },
	{ "ada:a password in clear", IMPORT_REFUSED, "no known kind" },
	{ "ada:realm:0123456789abcdef0123456789abcdef", IMPORT_REFUSED, "no known kind" },
	{ "ada:" BCRYPT "x", IMPORT_REFUSED, "begins like bcrypt" },
	{ "ada: " BCRYPT, IMPORT_REFUSED, "no known kind" },
	{ "ada:eumMzgeIXFn2o", IMPORT_REFUSED, "too weak (DES crypt)" },
	{ "ada:$2y$17$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", IMPORT_REFUSED, "more time or memory" },
	{ "ada:" SCRYPT_128_MIB, IMPORT_REFUSED, "needs 129 MiB, but all 4 hashing slots together have 76" },
	{ "ada:" APR1 "\tx", IMPORT_REFUSED, "control characters" },
	{ "{\"name\":\"ada\"", IMPORT_REFUSED, "JSON" },
	{ "{\"name\":\"ada\"}x", IMPORT_REFUSED, "JSON" },
	{ "{\"name\":\"ada\",\"name\":\"bob\"}", IMPORT_REFUSED, "JSON" },
	{ "{}", IMPORT_REFUSED, "\"name\"" },
	{ "{\"name\":5}", IMPORT_REFUSED, "\"name\"" },
	{ "{\"name\":\"a b\"}", IMPORT_REFUSED, "name" },
	{ "{\"name\":\"ada\",\"group\":[\"x\"]}", IMPORT_REFUSED, "number 2" },
	{ "{\"name\":\"ada\",\"password\":\"in clear\"}", IMPORT_REFUSED, "number 2" },
	{ "{\"name\":\"ada\",\"hash\":\"\"}", IMPORT_REFUSED, "\"hash\"" },
	{ "{\"name\":\"ada\",\"hash\":true}", IMPORT_REFUSED, "\"hash\"" },
	{ "{\"name\":\"ada\",\"hash\":\"in clear\"}", IMPORT_REFUSED, "no known kind" },
	{ "{\"name\":\"ada\",\"groups\":\"x\"}", IMPORT_REFUSED, "\"groups\"" },
	{ "{\"name\":\"ada\",\"groups\":[1]}", IMPORT_REFUSED, "\"groups\"" },
	{ "{\"name\":\"ada\",\"groups\":[\"x\",\"x\"]}", IMPORT_REFUSED, "\"groups\"" },
	{ "{\"name\":\"ada\",\"groups\":[\"x,y\",\"X\"]}", IMPORT_REFUSED, "\"groups\"" },
	{ "{\"name\":\"ada\",\"disabled\":\"no\"}", IMPORT_REFUSED, "\"disabled\"" },
	{ "{\"name\":\"ada\",\"id\":\"1\"}", IMPORT_REFUSED, "\"id\"" },
	{ "{\"name\":\"ada\",\"id\":\"oAozKxCf4E4vr9bCegXnt/\"}", IMPORT_REFUSED, "\"id\"" },
	{ "{\"name\":\"ada\",\"created_at\":0}", IMPORT_REFUSED, "\"created_at\"" },
	{ "{\"name\":\"ada\",\"created_at\":\"2h\"}", IMPORT_REFUSED, "\"created_at\"" },
	{ "{\"name\":\"ada\",\"last_login_at\":\"1969-01-01T00:00:00Z\"}", IMPORT_REFUSED, "\"last_login_at\"" },
	{ "{\"name\":\"ada\",\"otp\":true}", IMPORT_REFUSED, "\"otp\"" },
	{ "{\"name\":\"ada\",\"otp\":\"" SECRET "\"}", IMPORT_REFUSED, "\"otp\"" },
	{ WITH_OTP(""), IMPORT_REFUSED, "\"secret\"" },
	{ WITH_OTP("\"secret\":null"), IMPORT_REFUSED, "\"secret\"" },
	{ WITH_OTP("\"secret\":\"GEZDGNBVGY3TQOJQ\""), IMPORT_REFUSED, "160 bits" },
	{ WITH_OTP("\"secret\":\"" SECRET "A\""), IMPORT_REFUSED, "160 bits" },
	{ WITH_OTP("\"secret\":\"0EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\""), IMPORT_REFUSED, "160 bits" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"algorithm\":\"SHA256\""), IMPORT_REFUSED, "SHA1" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"algorithm\":1"), IMPORT_REFUSED, "SHA1" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"digits\":8"), IMPORT_REFUSED, "6 digits" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"digits\":\"6\""), IMPORT_REFUSED, "6 digits" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"period\":60"), IMPORT_REFUSED, "30 seconds" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"last_step\":-1"), IMPORT_REFUSED, "\"last_step\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"last_step\":1.5"), IMPORT_REFUSED, "\"last_step\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"last_step\":9007199254740991"), IMPORT_REFUSED, "\"last_step\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_hashes\":{}"), IMPORT_REFUSED, "\"recovery_hashes\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_hashes\":[1]"), IMPORT_REFUSED, "\"recovery_hashes\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_hashes\":[\"abcd-efgh-ijkl-mnop\"]"), IMPORT_REFUSED,
	  "\"recovery_hashes\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_hashes\":[\"" HASHED "\",\"" HASHED "\"]"), IMPORT_REFUSED,
	  "\"recovery_hashes\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_hashes\":[\"" NOBODYS "\"]"), IMPORT_REFUSED,
	  "\"recovery_hashes\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_hashes\":[1,2,3,4,5,6,7,8,9,10,11]"), IMPORT_REFUSED,
	  "\"recovery_hashes\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"enrolled_at\":5"), IMPORT_REFUSED, "\"enrolled_at\"" },
	{ WITH_OTP("\"secret\":\"" SECRET "\",\"recovery_codes\":[]"), IMPORT_REFUSED, "of \"otp\", number 2" },
};

static void
other_lines_are_told_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(others); i++) {
		struct import_line line;

		import_line_read(slice_of(others[i].line), &rules, &line);
		if (line.verdict != others[i].verdict || strstr(line.why, others[i].why) == NULL)
			fail_msg("%s: %d, \"%s\"", others[i].line, line.verdict, line.why);
		if (line.verdict == IMPORT_REFUSED)
			assert_true(line.why[0] != '\0');
		assert_null(strstr(line.why, "clear"));
		assert_null(strstr(line.why, "HqJZ"));
		assert_null(strstr(line.why, "GEZD"));
		/* With swapped columns, the hash stands where the name should be. */
		assert_false(slice_starts(line.typed, SLICE("$")));
	}
}

static void
a_line_with_nul_is_not_taken(void **state)
{
	struct import_line line;

	(void)state;
	import_line_read(SLICE("a\0d\0a\0:\0"), &rules, &line);
	assert_int_equal(line.verdict, IMPORT_REFUSED);
	assert_non_null(strstr(line.why, "control characters"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_lines_are_taken_whole),
		cmocka_unit_test(ids_and_times_come_along),
		cmocka_unit_test(second_factors_come_along),
		cmocka_unit_test(other_lines_are_told_why_not),
		cmocka_unit_test(a_line_with_nul_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
