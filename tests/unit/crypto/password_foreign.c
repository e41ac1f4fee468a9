/* Hashes that other programs made: each kind is compared with published ones and look-alikes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "crypto/password.h"

static const struct password_cost cheap = { .memory_kib = 64, .passes = 1, .lanes = 1 };

#define BYTES(literal) { (literal), sizeof(literal) - 1 }
#define SHA512_HELLO "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"

/* A comment says where each was published; all match the password. */
static const struct {
	const char *name;
	const char *kind;
	const char *hash;
	struct slice password;
} published[] = {
	{ "argon2i, the reference's own test", "argon2i",
	  "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8", BYTES("password") },
	{ "argon2i of the draft's version", "argon2i",
	  "$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY", BYTES("password") },
	{ "the same, from before there were versions", "argon2i",
	  "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY", BYTES("password") },
	{ "yescrypt, its author's test", "yescrypt",
	  "$y$jD5.7$LdJMENpBABJJ3hIHjB1Bi.$HboGM6qPrsK.StKYGt6KErmUYtioHreJd98oIugoNB6", BYTES("pleaseletmein") },
	{ "yescrypt as mkpasswd makes it", "yescrypt",
	  "$y$j9T$6KFHGKHUaOypgobKEfXrn0$WdU/DWCMH7.VawAKe0QeXSRJim5lFYuOuxoX6DKs16/",
	  BYTES("correct horse battery staple") },
	{ "gost-yescrypt as mkpasswd makes it", "gost-yescrypt",
	  "$gy$j9T$RHzWk3x6omNyppaWDd1MN0$HwoVxGcigYFOOBkPux0eYvaGAT0cbs1AFgIAw3M7807",
	  BYTES("correct horse battery staple") },
	{ "scrypt, its author's test", "scrypt",
	  "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D", BYTES("pleaseletmein") },
	{ "bcrypt, Openwall's test", "bcrypt",
	  "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", BYTES("U*U") },
	{ "bcrypt of an empty password", "bcrypt",
	  "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", BYTES("") },
	{ "bcrypt with the eighth bit, in PHP's spelling", "bcrypt",
	  "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", BYTES("\xff\xff\xa3") },
	{ "bcrypt with the eighth bit, in OpenBSD's", "bcrypt",
	  "$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", BYTES("\xff\xff\xa3") },
	{ "sha512crypt, its specification", "sha512crypt", "$6$saltstring$" SHA512_HELLO, BYTES("Hello world!") },
	{ "sha512crypt with rounds, its specification", "sha512crypt",
	  "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
	  BYTES("Hello world!") },
	{ "sha256crypt, its specification", "sha256crypt",
	  "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", BYTES("Hello world!") },
	{ "sha1crypt, NetBSD's", "sha1crypt", "$sha1$19703$iVdJqfSE$v4qYKl1zqYThwpjJAoKX6UvlHq/a", BYTES("password") },
	{ "SunMD5 as mkpasswd makes it", "SunMD5", "$md5,rounds=52825$aqKEcksc$$qR/PGurburE3lkQnAsFtY1",
	  BYTES("correct horse battery staple") },
	{ "md5crypt, of a well-known cracker's tests", "md5crypt", "$1$dXc3I7Rw$ctlgjDdWJLMT.qwHsWhXR1", BYTES("U*U*U*U*") },
	{ "apr1, Apache's documentation", "apr1", "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/", BYTES("myPassword") },
	{ "apr1 of a long password", "apr1", "$apr1$m7Z2/XeG$0e.8odsLygW9XFEB3WA1c/", BYTES("correct horse battery staple") },
	{ "{SHA}, Apache's documentation", "SHA-1", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", BYTES("myPassword") },
	{ "{SSHA}, OpenLDAP's form", "salted SHA-1", "{SSHA}1G904nLkTkGWjKNnQuB/hpWXC/hzYWx0c2FsdA==", BYTES("secret") },
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
each_published_hash_is_right_for_its_password_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(published); i++) {
		struct slice password = published[i].password;
		char other[64];
		bool good = false, weaker = false;
		struct password_need need;

		if (password_look(slice_of(published[i].hash), &need) != PASSWORD_FORM_GOOD)
			fail_msg("%s: is not taken", published[i].name);
		assert_string_equal(need.kind, published[i].kind);
		assert_in_range(need.memory_kib, 1, 256 * 1024);
		assert_int_equal(password_verify(password, published[i].hash, &cheap, &good, &weaker), PT_OK);
		if (!good || !weaker)
			fail_msg("%s: %s", published[i].name, good ? "is not to be remade" : "is wrong");
		/* One byte more, one NUL more, one bit less. */
		memcpy(other, password.ptr, password.len);
		other[password.len] = 'x';
		password_verify((struct slice){ other, password.len + 1 }, published[i].hash, &cheap, &good, &weaker);
		assert_false(good || weaker);
		other[password.len] = '\0';
		password_verify((struct slice){ other, password.len + 1 }, published[i].hash, &cheap, &good, &weaker);
		if (good)
			fail_msg("%s: a NUL behind the password is passed over", published[i].name);
		if (password.len == 0)
			continue;
		other[0] ^= 1;
		password_verify((struct slice){ other, password.len }, published[i].hash, &cheap, &good, &weaker);
		assert_false(good || weaker);
	}
}

/* ---- forms ---- */

#define SALT22 "CCCCCCCCCCCCCCCCCCCCC."
#define HASH31 "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
#define HASH43 "WdU/DWCMH7.VawAKe0QeXSRJim5lFYuOuxoX6DKs16/"
#define HASH86 HASH43 HASH43
#define HASH22 "HqJZimcKQFAMYayBlzkrA/"

static const struct {
	const char *name;
	const char *hash;
	enum password_form form;
} forms[] = {
	{ "nothing", "", PASSWORD_FORM_UNKNOWN },
	{ "a password", "correct horse", PASSWORD_FORM_UNKNOWN },
	{ "a password that begins like an id", "$money$", PASSWORD_FORM_UNKNOWN },
	{ "what passwd has for a hash elsewhere", "x", PASSWORD_FORM_UNKNOWN },
	{ "a locked one", "!$6$saltstring$" HASH86, PASSWORD_FORM_UNKNOWN },
	{ "a kind in capitals", "$Y$j9T$salt$" HASH43, PASSWORD_FORM_UNKNOWN },

	{ "DES", "eumMzgeIXFn2o", PASSWORD_FORM_TOO_WEAK },
	{ "DES of BSDI", "_J9../WMi6nf1/53ueOo", PASSWORD_FORM_TOO_WEAK },
	{ "NT", "$3$$1b9d5effd34ac283c8efe2eacaea8bbc", PASSWORD_FORM_TOO_WEAK },
	{ "bcrypt of the program that lost the sign", "$2x$05$" SALT22 HASH31, PASSWORD_FORM_TOO_WEAK },

	{ "bcrypt", "$2b$12$" SALT22 HASH31, PASSWORD_FORM_GOOD },
	{ "bcrypt, a character short", "$2b$12$" SALT22 "5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", PASSWORD_FORM_MALFORMED },
	{ "bcrypt, a character too long", "$2b$12$" SALT22 HASH31 "a", PASSWORD_FORM_MALFORMED },
	{ "bcrypt with another character", "$2b$12$" SALT22 "E5YPO9kmyuRGyh0XouQYb4YMJKvyOe:", PASSWORD_FORM_MALFORMED },
	{ "bcrypt with a cost of one digit", "$2b$5$C" SALT22 HASH31, PASSWORD_FORM_MALFORMED },
	{ "bcrypt with less than the least cost", "$2b$03$" SALT22 HASH31, PASSWORD_FORM_MALFORMED },
	{ "bcrypt with the most cost that is taken", "$2b$16$" SALT22 HASH31, PASSWORD_FORM_GOOD },
	{ "bcrypt of minutes", "$2b$17$" SALT22 HASH31, PASSWORD_FORM_TOO_COSTLY },
	{ "bcrypt of days", "$2b$31$" SALT22 HASH31, PASSWORD_FORM_TOO_COSTLY },

	{ "yescrypt without r", "$y$j9$salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "yescrypt of another flavour", "$y$/9T$salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "yescrypt with a ROM", "$y$j9T5.$salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "yescrypt with parameters that are cut off", "$y$j9zz$salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "yescrypt with a salt too long", "$y$j9T$" HASH86 "a$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "yescrypt with a hash too short", "$y$j9T$salt$" HASH22, PASSWORD_FORM_MALFORMED },
	{ "yescrypt that takes 2 GiB", "$y$jGT$salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "yescrypt of 2 to the 48", "$y$jjT$salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "yescrypt that goes over it nine times", "$y$j9T/6$salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "scrypt with r of none", "$7$C...../....salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "scrypt with p of none", "$7$CU.........salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "scrypt without a salt", "$7$CU..../....$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "scrypt that takes 4 GiB", "$7$IU..../....salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "scrypt of 2 to the 63", "$7$zU..../....salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "scrypt with an r of all bits", "$7$Czzzzz/....salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "scrypt with a p of all bits", "$7$CU....zzzzzsalt$" HASH43, PASSWORD_FORM_TOO_COSTLY },

	{ "sha512crypt without a salt", "$6$$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha512crypt with a salt too long", "$6$saltstringsaltstr$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha512crypt with fewer rounds than there are", "$6$rounds=999$salt$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha512crypt with rounds that begin with a zero", "$6$rounds=05000$salt$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha512crypt with rounds of no number", "$6$rounds=5000 $salt$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha512crypt with rounds over 64 bits", "$6$rounds=18446744073709556616$salt$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha512crypt of the most rounds that are taken", "$6$rounds=2000000$salt$" HASH86, PASSWORD_FORM_GOOD },
	{ "sha512crypt of minutes", "$6$rounds=2000001$salt$" HASH86, PASSWORD_FORM_TOO_COSTLY },
	{ "sha512crypt with the hash of sha256crypt", "$6$salt$" HASH43, PASSWORD_FORM_MALFORMED },
	{ "sha256crypt with the hash of sha512crypt", "$5$salt$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "sha256crypt of minutes", "$5$rounds=999999999$salt$" HASH43, PASSWORD_FORM_TOO_COSTLY },
	{ "sha1crypt of an hour", "$sha1$4294967295$salt$v4qYKl1zqYThwpjJAoKX6UvlHq/a", PASSWORD_FORM_TOO_COSTLY },
	{ "sha1crypt without rounds", "$sha1$$salt$v4qYKl1zqYThwpjJAoKX6UvlHq/a", PASSWORD_FORM_MALFORMED },
	{ "SunMD5 without rounds", "$md5$aqKEcksc$$" HASH22, PASSWORD_FORM_GOOD },
	{ "SunMD5 of an hour", "$md5,rounds=4294963199$aqKEcksc$$" HASH22, PASSWORD_FORM_TOO_COSTLY },
	{ "SunMD5 with another parameter", "$md5,round=4000$aqKEcksc$$" HASH22, PASSWORD_FORM_MALFORMED },
	{ "md5crypt with a salt too long", "$1$ninechars$" HASH22, PASSWORD_FORM_MALFORMED },
	{ "md5crypt without a hash", "$1$salt$", PASSWORD_FORM_MALFORMED },
	{ "apr1 without a salt", "$apr1$$" HASH22, PASSWORD_FORM_MALFORMED },
	{ "apr1 with a salt too long", "$apr1$ninechars$" HASH22, PASSWORD_FORM_MALFORMED },
	{ "apr1 cut off behind the salt", "$apr1$salt", PASSWORD_FORM_MALFORMED },
	{ "apr1 with something behind it", "$apr1$salt$" HASH22 "$", PASSWORD_FORM_MALFORMED },
	{ "SHA-1 without padding", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE", PASSWORD_FORM_MALFORMED },
	{ "SHA-1, a byte short", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKA==", PASSWORD_FORM_MALFORMED },
	{ "SHA-1, a byte too long", "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNEA", PASSWORD_FORM_MALFORMED },
	{ "salted SHA-1 without a salt", "{SSHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", PASSWORD_FORM_MALFORMED },
	{ "argon2 of more memory than any may take", "$argon2id$v=19$m=2097153,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHQ", PASSWORD_FORM_TOO_COSTLY },
	{ "argon2 of more passes", "$argon2i$v=19$m=64,t=101,p=1$c29tZXNhbHQ$c29tZXNhbHQ", PASSWORD_FORM_TOO_COSTLY },
	{ "a control character in a salt", "$6$sa\tlt$" HASH86, PASSWORD_FORM_MALFORMED },
	{ "longer than any", "$argon2id$v=19$m=64,t=1,p=1$" HASH86 HASH86 HASH86, PASSWORD_FORM_MALFORMED },
};

static void
only_what_is_whole_and_bounded_is_taken(void **state)
{
	struct password_need need;

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		enum password_form form = password_look(slice_of(forms[i].hash), &need);
		bool good = true;

		if (form != forms[i].form || (need.kind == NULL) != (form == PASSWORD_FORM_UNKNOWN))
			fail_msg("%s: got %d", forms[i].name, form);
		if (form == PASSWORD_FORM_GOOD || forms[i].hash[0] == '\0')
			continue;
		/* A form that is refused is not computed either, even if it is in the store. */
		assert_int_equal(password_verify(SLICE("x"), forms[i].hash, &cheap, &good, NULL), PT_ERR_CORRUPT);
		assert_false(good);
	}
	assert_int_equal(password_look(SLICE("$1$sa\0t$" HASH22), &need), PASSWORD_FORM_MALFORMED);
}

static void
the_memory_is_told_before_it_is_taken(void **state)
{
	static const struct {
		const char *hash;
		uint64_t kib;	/* at least this much, and at most a tenth more */
	} cases[] = {
		{ "$y$j9T$salt$" HASH43, 16 * 1024 },
		{ "$gy$j9T$salt$" HASH43, 16 * 1024 },
		{ "$y$j75$salt$" HASH43, 1024 },
		{ "$y$jDT$salt$" HASH43, 256 * 1024 },
		{ "$7$CU..../....salt$" HASH43, 64 * 1024 },
		{ "$7$C6..../....salt$" HASH43, 16 * 1024 },
		{ "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$c29tZXNhbHQ", 64 * 1024 },
	};
	static const struct password_cost slot = { .memory_kib = 19456, .passes = 2, .lanes = 1 };
	struct password_need need;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_int_equal(password_look(slice_of(cases[i].hash), &need), PASSWORD_FORM_GOOD);
		assert_in_range(need.memory_kib, cases[i].kib, cases[i].kib + cases[i].kib / 10);
	}
	assert_int_equal(password_weight(&(struct password_need){ .memory_kib = 0 }, &slot), 1);
	assert_int_equal(password_weight(&(struct password_need){ .memory_kib = 19456 }, &slot), 1);
	assert_int_equal(password_weight(&(struct password_need){ .memory_kib = 19457 }, &slot), 2);
	assert_int_equal(password_weight(&(struct password_need){ .memory_kib = 65600 }, &slot), 4);
	assert_true(password_weight(&(struct password_need){ .memory_kib = UINT32_MAX }, &cheap) > PASSWORD_SLOTS_MAX);
}

/* ---- how much of a password counts ---- */

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

/* bcrypt gives the same for 72 bytes and for longer passwords that begin with them. */
static void
bcrypt_is_remade_only_where_every_byte_counted(void **state)
{
	/* Made by htpasswd -nbBC 5 from SEVENTY "ab". */
	static const char hash[] = "$2y$05$wLXWgIwdVPfIQ.UKqZdAoOUjIl8BKhIHyO61PeZ2hym8dUmIIJjZK";
	bool good, weaker;

	(void)state;
	assert_int_equal(password_verify(SLICE(SEVENTY "ab"), hash, &cheap, &good, &weaker), PT_OK);
	assert_true(good && weaker);
	assert_int_equal(password_verify(SLICE(SEVENTY "abc"), hash, &cheap, &good, &weaker), PT_OK);
	assert_true(good);
	assert_false(weaker);
	assert_int_equal(password_verify(SLICE(SEVENTY "ax"), hash, &cheap, &good, &weaker), PT_OK);
	assert_false(good || weaker);
	/* A NUL cuts nothing off. */
	assert_int_equal(password_verify(SLICE(SEVENTY "ab\0"), hash, &cheap, &good, &weaker), PT_OK);
	assert_false(good || weaker);
}

static void
a_password_longer_than_any_that_crypt_takes_is_wrong(void **state)
{
	char text[1024];
	bool good = true;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < COUNT(published); i++) {
		assert_int_equal(password_verify((struct slice){ text, sizeof(text) }, published[i].hash, &cheap, &good, NULL), PT_OK);
		assert_false(good);
	}
}

/* The processor time of one check of a wrong password in milliseconds, if it is less than *best. */
static void
time_check(const char *hash, const struct password_cost *cost, double *best)
{
	struct timespec from, to;
	bool good;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	assert_int_equal(password_verify(SLICE("guess"), hash, cost, &good, NULL), PT_OK);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	double took = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;

	*best = took < *best ? took : *best;
}

/* Kinds cheaper than today's hash take as long as it, as nearly as another machine allows. */
static void
cheap_kinds_take_as_long_as_no_user(void **state)
{
	static const struct password_cost cost = { .memory_kib = 19456, .passes = 2, .lanes = 1 };
	static const char *const hashes[] = {
		"$apr1$r31.....$" HASH22, "$1$salt$" HASH22, "{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=",
		"$2y$05$" SALT22 HASH31, "$2y$07$" SALT22 HASH31, "$6$saltstring$" HASH86, "$5$rounds=20000$saltstring$" HASH43,
		"$y$j75$salt$" HASH43,
	};
	double nobody = 1e9, took[COUNT(hashes)];
	size_t far = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(hashes); i++)
		took[i] = 1e9;
	/* Other load on the machine disturbs single runs, so the quickest of each decides. */
	for (int round = 0; round < 40; round++) {
		time_check(NULL, &cost, &nobody);
		for (size_t i = 0; i < COUNT(hashes); i++)
			time_check(hashes[i], &cost, &took[i]);
		for (far = 0; far < COUNT(hashes) && took[far] > nobody * 0.6 && took[far] < nobody * 1.7; far++)
			;
		if (round >= 4 && far == COUNT(hashes))
			return;
	}
	fail_msg("%.6s: %.2f ms, and %.2f for no user", hashes[far], took[far], nobody);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_published_hash_is_right_for_its_password_alone),
		cmocka_unit_test(only_what_is_whole_and_bounded_is_taken),
		cmocka_unit_test(the_memory_is_told_before_it_is_taken),
		cmocka_unit_test(bcrypt_is_remade_only_where_every_byte_counted),
		cmocka_unit_test(a_password_longer_than_any_that_crypt_takes_is_wrong),
		cmocka_unit_test(cheap_kinds_take_as_long_as_no_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
