/* Digests, MACs and derived keys equal the examples in their standards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "crypto/digest.h"
#include "support/hex.h"

#define AA_20 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DD_10 "dddddddddddddddddddd"
#define CD_10 "cdcdcdcdcdcdcdcdcdcd"
#define AA_131 AA_20 AA_20 AA_20 AA_20 AA_20 AA_20 "aaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *name;
	const char *bytes;
	const char *digest;
} digests[] = {
	{ "nothing", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "one block (FIPS 180-2, B.1)", "616263", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "two blocks (FIPS 180-2, B.2)",
	  "6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f7071",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void
digests_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		uint8_t bytes[64], wanted[DIGEST_SIZE], got[DIGEST_SIZE];
		struct slice text = hex(digests[i].bytes, bytes);

		hex(digests[i].digest, wanted);
		assert_int_equal(digest_sha256(text.ptr, text.len, got), PT_OK);
		if (memcmp(got, wanted, sizeof(got)) != 0)
			fail_msg("%s", digests[i].name);
	}
}

/* RFC 4231, 4: all but the fifth, which truncates the MAC. */
static const struct {
	const char *name;
	const char *key;
	const char *bytes;
	const char *mac;
} macs[] = {
	{ "test case 1: a key of 20 bytes", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "test case 2: a key shorter than the MAC", "4a656665",
	  "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "test case 3: key and data together longer than a block", AA_20,
	  DD_10 DD_10 DD_10 DD_10 DD_10,
	  "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ "test case 4: a key of 25 bytes", "0102030405060708090a0b0c0d0e0f10111213141516171819",
	  CD_10 CD_10 CD_10 CD_10 CD_10,
	  "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
	{ "test case 6: a key longer than a block", AA_131,
	  "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ "test case 7: key and data longer than a block", AA_131,
	  "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061"
	  "206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f2062652068617368"
	  "6564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
	  "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
};

static void
computes_every_mac(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(macs) / sizeof(macs[0]); i++) {
		uint8_t key_bytes[160], bytes[160], wanted[DIGEST_SIZE], got[DIGEST_SIZE];
		struct slice text = hex(macs[i].bytes, bytes);
		struct mac_key *key;

		hex(macs[i].mac, wanted);
		assert_int_equal(mac_key_new(hex(macs[i].key, key_bytes), &key), PT_OK);
		/* Twice: the first use must not change the key. */
		for (int round = 0; round < 2; round++) {
			assert_int_equal(mac_compute(key, text.ptr, text.len, got), PT_OK);
			if (memcmp(got, wanted, sizeof(got)) != 0)
				fail_msg("%s", macs[i].name);
		}
		mac_key_free(key);
	}
}

/* RFC 5869, A.1 to A.3. */
static const struct {
	const char *name;
	const char *key;
	const char *salt;
	const char *info;
	const char *okm;
} derivations[] = {
	{ "test case 1: salt and info", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
	  "f0f1f2f3f4f5f6f7f8f9",
	  "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865" },
	{ "test case 2: longer inputs and output",
	  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f"
	  "303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
	  "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
	  "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
	  "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	  "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	  "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
	  "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87" },
	{ "test case 3: neither salt nor info", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
	  "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8" },
};

static void
derives_every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(derivations) / sizeof(derivations[0]); i++) {
		uint8_t key[80], salt[80], info[80], okm[82], got[82];
		struct slice wanted = hex(derivations[i].okm, okm);
		const struct hkdf_input input = {
			.key = hex(derivations[i].key, key),
			.salt = hex(derivations[i].salt, salt),
			.info = hex(derivations[i].info, info),
		};

		assert_int_equal(digest_hkdf(&input, got, wanted.len), PT_OK);
		if (memcmp(got, okm, wanted.len) != 0)
			fail_msg("%s", derivations[i].name);
	}
}

static void
derives_no_more_than_the_standard_allows(void **state)
{
	static uint8_t out[255 * DIGEST_SIZE + 1];
	const struct hkdf_input input = { .key = SLICE("a key") };

	(void)state;
	assert_int_equal(digest_hkdf(&input, out, sizeof(out) - 1), PT_OK);
	assert_int_equal(digest_hkdf(&input, out, sizeof(out)), PT_ERR_CRYPTO);
}

static void
keeps_uses_of_one_master_apart(void **state)
{
	const uint8_t master[MAC_MASTER_SIZE] = { 1, 2, 3 };
	const struct hkdf_input input = { .key = { (const char *)master, sizeof(master) }, .info = SLICE("one use") };
	struct mac_key *keys[3];
	uint8_t bytes[DIGEST_SIZE], macs_of[3][DIGEST_SIZE];

	(void)state;
	assert_int_equal(mac_key_derive(master, "one use", &keys[0]), PT_OK);
	assert_int_equal(mac_key_derive(master, "another use", &keys[1]), PT_OK);
	assert_int_equal(digest_hkdf(&input, bytes, sizeof(bytes)), PT_OK);
	assert_int_equal(mac_key_new((struct slice){ (const char *)bytes, sizeof(bytes) }, &keys[2]), PT_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(mac_compute(keys[i], "x", 1, macs_of[i]), PT_OK);
		mac_key_free(keys[i]);
	}
	assert_memory_not_equal(macs_of[0], macs_of[1], DIGEST_SIZE);
	assert_memory_equal(macs_of[0], macs_of[2], DIGEST_SIZE);
}

static struct mac_key *shared;

static void *
compute_many(void *arg)
{
	uint8_t wanted[DIGEST_SIZE], got[DIGEST_SIZE];
	size_t *wrong = arg;

	hex(macs[0].mac, wanted);
	for (int i = 0; i < 200; i++)
		*wrong += mac_compute(shared, "Hi There", 8, got) != PT_OK || memcmp(got, wanted, sizeof(got)) != 0;
	return NULL;
}

static void
computes_from_many_threads(void **state)
{
	pthread_t threads[4];
	size_t wrong[4] = { 0 };
	uint8_t bytes[20];

	(void)state;
	assert_int_equal(mac_key_new(hex(macs[0].key, bytes), &shared), PT_OK);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, compute_many, &wrong[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wrong[i], 0);
	mac_key_free(shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_every_row),
		cmocka_unit_test(computes_every_mac),
		cmocka_unit_test(derives_every_row),
		cmocka_unit_test(derives_no_more_than_the_standard_allows),
		cmocka_unit_test(keeps_uses_of_one_master_apart),
		cmocka_unit_test(computes_from_many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
