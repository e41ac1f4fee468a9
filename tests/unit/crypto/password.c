/* Password hashes are argon2id, whatever bytes the password consists of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <time.h>

#include "crypto/password.h"

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1, .lanes = 1 };

#define BYTES(literal) { (literal), sizeof(literal) - 1 }

/* From the reference implementation's own tests, version 19; a cost of 256 KiB and two passes. */
#define REFERENCE "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
#define TWO_LANES "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"

static const struct {
	const char *name;
	const char *hash;
	struct slice password;
	enum pt_err err;
	bool good;
} rows[] = {
	{ "the reference's hash, right password", REFERENCE, BYTES("password"), PT_OK, true },
	{ "the reference's hash of two lanes", TWO_LANES, BYTES("password"), PT_OK, true },
	{ "a wrong password", REFERENCE, BYTES("passwore"), PT_OK, false },
	{ "another case", REFERENCE, BYTES("Password"), PT_OK, false },
	{ "a blank behind it", REFERENCE, BYTES("password "), PT_OK, false },
	{ "a NUL behind it", REFERENCE, BYTES("password\0"), PT_OK, false },
	{ "an empty password", REFERENCE, BYTES(""), PT_OK, false },
	{ "another hash", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$Nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_OK, false },
	{ "another salt", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHU$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_OK, false },
	{ "no user", NULL, BYTES("password"), PT_OK, false },
	{ "no password set", "", BYTES("password"), PT_OK, false },
	{ "no password set, none given", "", BYTES(""), PT_OK, false },
	{ "argon2i", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
	  BYTES("password"), PT_OK, true },
	{ "another version than the hash is of", "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_OK, false },
	{ "no version, which is the draft's", "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_OK, false },
	{ "a version that there is not", "$argon2id$v=17$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "another type than the hash is of", "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_OK, false },
	{ "more memory than may be", "$argon2id$v=19$m=2097153,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "memory over 32 bits", "$argon2id$v=19$m=4294967552,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "memory over 64 bits", "$argon2id$v=19$m=18446744073709551872,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "less memory than its lanes need", "$argon2id$v=19$m=15,t=2,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "more passes than may be", "$argon2id$v=19$m=256,t=101,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "more lanes than may be", "$argon2id$v=19$m=256,t=2,p=17$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "no pass", "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a negative cost", "$argon2id$v=19$m=-256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a parameter that nobody knows", "$argon2id$v=19$m=256,t=2,p=1,keyid=AA$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a salt of four bytes", "$argon2id$v=19$m=256,t=2,p=1$c29tZQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a hash of four bytes", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$c29tZQ", BYTES("password"), PT_ERR_CORRUPT, false },
	{ "no hash", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$", BYTES("password"), PT_ERR_CORRUPT, false },
	{ "no salt", "$argon2id$v=19$m=256,t=2,p=1$$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "cut off behind the cost", "$argon2id$v=19$m=256,t=2,p=1", BYTES("password"), PT_ERR_CORRUPT, false },
	{ "padding", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4=",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "the alphabet of base64url", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR_uIPnA4rEsF5h7TKyQwu9U1bMCHGi_4",
	  BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a part behind the hash", REFERENCE "$AAAA", BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a faulty bcrypt", "$2x$12$EXRkfkdmXn2gzds2SSitu.MW9.gAVqa9eLS1//RYtYCmB1eLHg.9q", BYTES("password"), PT_ERR_CORRUPT, false },
	{ "a line of text behind the hash", REFERENCE "\n", BYTES("password"), PT_ERR_CORRUPT, false },
	{ "the password itself", "password", BYTES("password"), PT_ERR_CORRUPT, false },
};

static void
verifies_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool good = true, weaker = true;
		enum pt_err err = password_verify(rows[i].password, rows[i].hash, &cheap, &good, &weaker);

		if (err != rows[i].err || good != rows[i].good || (!good && weaker))
			fail_msg("%s: got \"%s\", %s", rows[i].name, pt_err_text(err), good ? "right" : "wrong");
	}
}

static void
takes_any_bytes_as_they_are(void **state)
{
	static const struct slice passwords[] = {
		BYTES("correct horse battery staple"), BYTES("a\0b"), BYTES("a\0c"), BYTES("a"), BYTES(""),
		BYTES("\xff\xfe not UTF-8"), BYTES("\xc3\xa9"), BYTES("e\xcc\x81"),
		BYTES("0123456789012345678901234567890123456789012345678901234567890123456789abX"),
		BYTES("0123456789012345678901234567890123456789012345678901234567890123456789abY"),
	};
	const size_t count = sizeof(passwords) / sizeof(passwords[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		char hash[PASSWORD_HASH_SIZE];

		assert_int_equal(password_hash(passwords[i], &cheap, hash), PT_OK);
		for (size_t j = 0; j < count; j++) {
			bool good;

			assert_int_equal(password_verify(passwords[j], hash, &cheap, &good, NULL), PT_OK);
			if (good != (i == j))
				fail_msg("password %zu against the hash of %zu", j, i);
		}
	}
}

static void
writes_the_cost_and_a_fresh_salt(void **state)
{
	const struct password_cost cost = { .memory_kib = 128, .passes = 3, .lanes = 2 };
	char one[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash(SLICE("x"), &cost, one), PT_OK);
	assert_int_equal(password_hash(SLICE("x"), &cost, other), PT_OK);
	assert_true(slice_starts(slice_of(one), SLICE("$argon2id$v=19$m=128,t=3,p=2$")));
	assert_string_not_equal(one, other);
	/* 16 and 32 bytes become 22 and 43 characters. */
	assert_int_equal(strlen(one), strlen("$argon2id$v=19$m=128,t=3,p=2$") + 22 + 1 + 43);
}

static void
refuses_a_cost_that_is_none(void **state)
{
	static const struct password_cost costs[] = { { 64, 0, 1 }, { 64, 1, 0 }, { 7, 1, 1 } };
	char hash[PASSWORD_HASH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		assert_int_equal(password_hash(SLICE("x"), &costs[i], hash), PT_ERR_CRYPTO);
		assert_string_equal(hash, "");
	}
}

static void
tells_which_hash_wants_to_be_remade(void **state)
{
	static const struct {
		const char *name;
		struct password_cost wanted;
		bool weaker;
	} cases[] = {
		{ "the same cost", { 128, 2, 2 }, false },
		{ "less is wanted now", { 64, 1, 1 }, false },
		{ "more memory is wanted", { 129, 2, 2 }, true },
		{ "more passes are wanted", { 128, 3, 2 }, true },
		{ "more lanes are wanted", { 128, 2, 3 }, true },
	};
	char hash[PASSWORD_HASH_SIZE];
	bool good, weaker;

	(void)state;
	assert_int_equal(password_hash(SLICE("x"), &cases[0].wanted, hash), PT_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(password_verify(SLICE("x"), hash, &cases[i].wanted, &good, &weaker), PT_OK);
		if (!good || weaker != cases[i].weaker)
			fail_msg("%s", cases[i].name);
		assert_int_equal(password_verify(SLICE("y"), hash, &cases[i].wanted, &good, &weaker), PT_OK);
		assert_false(good || weaker);
	}
	/* The reference's salt has eight bytes. */
	assert_int_equal(password_verify(SLICE("password"), REFERENCE, &cheap, &good, &weaker), PT_OK);
	assert_true(good && weaker);
}

/* The processor time of one check in milliseconds, if it is less than *best. */
static void
time_verify(const char *hash, const struct password_cost *cost, double *best)
{
	struct timespec from, to;
	bool good;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	assert_int_equal(password_verify(SLICE("guess"), hash, cost, &good, NULL), PT_OK);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	assert_false(good);
	double took = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;

	if (took < *best)
		*best = took;
}

static bool
is_near(double a, double b)
{
	return a > b * 0.8 && b > a * 0.8;
}

static void
works_as_long_for_nobody_as_for_somebody(void **state)
{
	const struct password_cost cost = { .memory_kib = 4096, .passes = 2, .lanes = 1 };
	const struct password_cost less = { cost.memory_kib / 8, 1, 1 };
	double somebody = 1e9, nobody = 1e9, unset = 1e9, early = 1e9;
	char hash[PASSWORD_HASH_SIZE], old[PASSWORD_HASH_SIZE];

	(void)state;
	assert_int_equal(password_hash(SLICE("right"), &cost, hash), PT_OK);
	assert_int_equal(password_hash(SLICE("right"), &less, old), PT_OK);
	/* Other load on the machine disturbs single runs, so the quickest of each decides. */
	for (int i = 0; i < 50; i++) {
		time_verify(hash, &cost, &somebody);
		time_verify(NULL, &cost, &nobody);
		time_verify("", &cost, &unset);
		time_verify(old, &cost, &early);
		if (i >= 5 && is_near(nobody, somebody) && is_near(unset, somebody) && is_near(early, somebody))
			return;
	}
	fail_msg("%.2f ms for a wrong password, %.2f for no user, %.2f for none set, %.2f for one set when less was wanted",
	    somebody, nobody, unset, early);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies_every_row),
		cmocka_unit_test(takes_any_bytes_as_they_are),
		cmocka_unit_test(writes_the_cost_and_a_fresh_salt),
		cmocka_unit_test(refuses_a_cost_that_is_none),
		cmocka_unit_test(tells_which_hash_wants_to_be_remade),
		cmocka_unit_test(works_as_long_for_nobody_as_for_somebody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
