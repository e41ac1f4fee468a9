/* A key folder is read strictly; its list says which key signs, which verify, which are gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/ring_fixture.h"
#include "support/scratch.h"
#include "token/keyring.h"
#include "token/refresh_token.h"

#define NOW INT64_C(1795485169)

static void
opens_what_it_made(void **state)
{
	struct stat about;
	struct keyring *ring;
	char *bad_path;
	size_t count;

	(void)state;
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++) {
		const char *folder = scratch_path("keys");

		assert_int_equal(keyring_create(folder, alg, NOW), PT_OK);
		assert_int_equal(stat(folder, &about), 0);
		assert_int_equal(about.st_mode & 0777, 0700);
		assert_int_equal(stat(scratch_path("keys/signing"), &about), 0);
		assert_int_equal(about.st_mode & 0777, 0700);
		assert_int_equal(stat(scratch_path("keys/master.key"), &about), 0);
		assert_int_equal(about.st_mode & 0777, 0600);
		assert_int_equal(about.st_size, MAC_MASTER_SIZE);

		assert_int_equal(keyring_open(scratch_path("keys"), &ring, &bad_path), PT_OK);
		assert_null(bad_path);
		assert_int_equal(keyring_count(ring), 1);
		const struct keyring_entry *entry = keyring_at(ring, 0);

		assert_null(keyring_at(ring, 1));
		assert_int_equal(signing_key_alg(entry->key), alg);
		assert_true(entry->created_at == NOW && entry->signs_from == NOW && entry->retires_at == 0);
		assert_ptr_equal(keyring_signing_key(ring, NOW), entry->key);
		assert_ptr_equal(keyring_find(ring, slice_of(signing_key_id(entry->key)), NOW), entry->key);
		assert_non_null(keyring_refresh_keys(ring, &count)[0]);
		assert_int_equal(count, 1);
		keyring_free(ring);
		scratch_remove("keys");
	}
	keyring_free(NULL);
}

static void
makes_keys_of_their_own_each_time(void **state)
{
	struct keyring *rings[2];
	uint8_t macs[2][DIGEST_SIZE];

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *name = i ? "two" : "one";
		size_t count;

		assert_int_equal(keyring_create(scratch_path(name), SIGNING_ES256, NOW), PT_OK);
		assert_int_equal(keyring_open(scratch_path(name), &rings[i], NULL), PT_OK);
		assert_int_equal(mac_compute(keyring_refresh_keys(rings[i], &count)[0], "x", 1, macs[i]), PT_OK);
	}
	assert_memory_not_equal(macs[0], macs[1], DIGEST_SIZE);
	assert_string_not_equal(signing_key_id(keyring_at(rings[0], 0)->key), signing_key_id(keyring_at(rings[1], 0)->key));
	keyring_free(rings[0]);
	keyring_free(rings[1]);
}

static void
never_overwrites_a_key(void **state)
{
	struct buf before = BUF_EMPTY, after = BUF_EMPTY;

	(void)state;
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_ES256, NOW), PT_OK);
	scratch_read("keys/master.key", &before);
	errno = 0;
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_ES256, NOW), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	scratch_read("keys/master.key", &after);
	assert_true(slice_eq(buf_slice(&before), buf_slice(&after)));
	/* Not even if only the master key is left. */
	scratch_remove("keys/signing");
	assert_int_equal(unlink(scratch_path("keys/keyring.json")), 0);
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_ES256, NOW), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(access(scratch_path("keys/signing"), F_OK), -1);
	buf_free(&before);
	buf_free(&after);
}

static void
leaves_nothing_behind_where_it_failed(void **state)
{
	(void)state;
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_NONE, NOW), PT_ERR_INVALID);
	assert_int_equal(access(scratch_path("keys"), F_OK), -1);
	assert_int_equal(keyring_create(scratch_path("no/such/keys"), SIGNING_ES256, NOW), PT_ERR_IO);
	assert_int_equal(errno, ENOENT);
	/* The list cannot be made because its name is taken. */
	assert_int_equal(mkdir(scratch_path("keys"), 0700), 0);
	scratch_put("keys/keyring.json", "", 0600);
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_ES256, NOW), PT_ERR_IO);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(access(scratch_path("keys/master.key"), F_OK), -1);
	assert_int_equal(access(scratch_path("keys/signing"), F_OK), -1);
}

/* ---- the contents of the folder */

static char kid_of_made[SIGNING_KID_SIZE];

/* Makes "keys" anew; kid_of_made gets the id of its key. */
static void
folder_make(void)
{
	struct keyring *ring;

	scratch_remove("keys");
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_EDDSA, NOW), PT_OK);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	strcpy(kid_of_made, signing_key_id(keyring_at(ring, 0)->key));
	keyring_free(ring);
}

/* The row of a table that is being tried, for the message. */
static const char *row = "the folder";

/* Opening must fail with this error and blame the file of that name in the folder. */
static void
assert_refused(enum pt_err wanted, const char *name)
{
	struct keyring *ring;
	char *bad_path = NULL;
	enum pt_err err = keyring_open(scratch_path("keys"), &ring, &bad_path);

	assert_null(ring);
	if (err != wanted)
		fail_msg("%s: %s: \"%s\" instead of \"%s\"", row, name, pt_err_text(err), pt_err_text(wanted));
	assert_non_null(bad_path);
	assert_string_equal(bad_path, scratch_path(name));
	free(bad_path);
	/* A caller that does not ask for the path gets none. */
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), wanted);
}

static void
refuses_what_others_may_touch(void **state)
{
	static const mode_t wide[] = { 0640, 0604, 0660, 0602, 0601, 0610, 0644, 0666 };

	(void)state;
	folder_make();
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
		const char *names[] = { "keys/master.key", "keys/keyring.json", ring_key_name(kid_of_made) };

		for (size_t j = 0; j < 3; j++) {
			assert_int_equal(chmod(scratch_path(names[j]), wide[i]), 0);
			assert_refused(PT_ERR_PERM, names[j]);
			assert_int_equal(chmod(scratch_path(names[j]), 0600), 0);
		}
	}
	assert_int_equal(chmod(scratch_path("keys"), 0720), 0);
	assert_refused(PT_ERR_PERM, "keys");
	assert_int_equal(chmod(scratch_path("keys"), 0702), 0);
	assert_refused(PT_ERR_PERM, "keys");
	assert_int_equal(chmod(scratch_path("keys"), 0700), 0);
	scratch_put("keys/master.old.key", "0123456789abcdef0123456789abcdef", 0640);
	assert_refused(PT_ERR_PERM, "keys/master.old.key");
}

static void
refuses_what_is_missing(void **state)
{
	static const char *const names[] = { "keys/master.key", "keys/keyring.json" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		folder_make();
		assert_int_equal(unlink(scratch_path(names[i])), 0);
		assert_refused(PT_ERR_IO, names[i]);
	}
	folder_make();
	assert_int_equal(unlink(scratch_path(ring_key_name(kid_of_made))), 0);
	assert_refused(PT_ERR_IO, ring_key_name(kid_of_made));
	scratch_remove("keys");
	assert_refused(PT_ERR_IO, "keys");
	scratch_put("keys", "a file", 0600);
	assert_refused(PT_ERR_PERM, "keys");
	assert_int_equal(unlink(scratch_path("keys")), 0);
}

static void
refuses_a_master_key_of_another_length(void **state)
{
	static const char *const names[] = { "keys/master.key", "keys/master.old.key" };
	static const char *const contents[] = { "", "0123456789abcdef0123456789abcde", "0123456789abcdef0123456789abcdef\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		folder_make();
		for (size_t j = 0; j < sizeof(contents) / sizeof(contents[0]); j++) {
			scratch_put(names[i], contents[j], 0600);
			assert_refused(PT_ERR_INVALID, names[i]);
		}
	}
}

static void
refuses_a_key_under_another_name(void **state)
{
	struct signing_key *other;
	struct buf pem = BUF_EMPTY;

	(void)state;
	folder_make();
	assert_int_equal(signing_key_generate(SIGNING_EDDSA, &other), PT_OK);
	assert_int_equal(signing_key_to_pem(other, &pem), PT_OK);
	buf_putc(&pem, '\0');
	scratch_put(ring_key_name(kid_of_made), pem.ptr, 0600);
	assert_refused(PT_ERR_INVALID, ring_key_name(kid_of_made));
	scratch_put(ring_key_name(kid_of_made), "no key", 0600);
	assert_refused(PT_ERR_INVALID, ring_key_name(kid_of_made));
	buf_free(&pem);
	signing_key_free(other);
}

#define ROW "{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1,\"retires_at\":0}"

/* %s stands for the id of the present key. */
static const struct {
	const char *name;
	const char *text;
} bad_lists[] = {
	{ "nothing", "" },
	{ "no JSON", "keys" },
	{ "an array", "[" ROW "]" },
	{ "no keys", "{}" },
	{ "an empty list", "{\"keys\":[]}" },
	{ "keys that are no list", "{\"keys\":" ROW "}" },
	{ "a row that is no object", "{\"keys\":[\"%s\"]}" },
	{ "bytes behind it", "{\"keys\":[" ROW "]}x" },
	{ "the same key twice", "{\"keys\":[" ROW "," ROW "]}" },
	{ "a member twice", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1,\"signs_from\":2,\"retires_at\":0}]}" },
	{ "no kid", "{\"keys\":[{\"created_at\":1,\"signs_from\":1,\"retires_at\":0}]}" },
	{ "a kid that is a number", "{\"keys\":[{\"kid\":1,\"created_at\":1,\"signs_from\":1,\"retires_at\":0}]}" },
	{ "a kid that leads elsewhere", "{\"keys\":[{\"kid\":\"../../../../../../../../../../../../etc/shadow/x\",\"created_at\":1,"
	  "\"signs_from\":1,\"retires_at\":0}]}" },
	{ "a kid of another length", "{\"keys\":[{\"kid\":\"%sA\",\"created_at\":1,\"signs_from\":1,\"retires_at\":0}]}" },
	{ "a kid with bits left over", "{\"keys\":[{\"kid\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\",\"created_at\":1,"
	  "\"signs_from\":1,\"retires_at\":0}]}" },
	{ "no time of making", "{\"keys\":[{\"kid\":\"%s\",\"signs_from\":1,\"retires_at\":0}]}" },
	{ "no time of signing", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"retires_at\":0}]}" },
	{ "no time of retiring", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1}]}" },
	{ "a time as text", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":\"1\",\"retires_at\":0}]}" },
	{ "a time with a fraction", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1.5,\"retires_at\":0}]}" },
	{ "a time beyond all", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1,\"retires_at\":1e300}]}" },
	{ "a time before all", "{\"keys\":[{\"kid\":\"%s\",\"created_at\":1,\"signs_from\":1,\"retires_at\":-1}]}" },
};

static void
refuses_a_list_that_is_none(void **state)
{
	struct buf text = BUF_EMPTY;

	(void)state;
	folder_make();
	for (size_t i = 0; i < sizeof(bad_lists) / sizeof(bad_lists[0]); i++) {
		struct slice rest = slice_of(bad_lists[i].text), part;

		buf_clear(&text);
		while (slice_cut(rest, '%', &part, &rest)) {
			buf_put(&text, part);
			buf_puts(&text, kid_of_made);
			rest = slice_skip(rest, 1);
		}
		buf_put(&text, part);
		buf_putc(&text, '\0');
		scratch_put("keys/keyring.json", text.ptr, 0600);
		row = bad_lists[i].name;
		assert_refused(PT_ERR_INVALID, "keys/keyring.json");
	}
	buf_free(&text);
}

/* ---- several keys */

/* Makes a key that keyring.json will list with these times, and keeps its id. */
static void
key_add(struct buf *list, enum signing_alg alg, int64_t signs_from, int64_t retires_at, char kid[SIGNING_KID_SIZE])
{
	struct signing_key *key = ring_key_add(list, alg, signs_from, retires_at);

	strcpy(kid, signing_key_id(key));
	signing_key_free(key);
}

static bool
signs(const struct keyring *ring, int64_t now_s, const char *kid)
{
	const struct signing_key *key = keyring_signing_key(ring, now_s);

	return kid ? key && strcmp(signing_key_id(key), kid) == 0 : key == NULL;
}

static bool
is_published(const struct keyring *ring, int64_t now_s, const char *kid)
{
	struct buf set = BUF_EMPTY;

	assert_int_equal(keyring_jwks(ring, now_s, &set), PT_OK);
	buf_putc(&set, '\0');
	bool found = strstr(set.ptr, kid) != NULL;

	buf_free(&set);
	assert_int_equal(found, keyring_find(ring, slice_of(kid), now_s) != NULL);
	return found;
}

static void
lets_one_key_follow_another(void **state)
{
	char first[SIGNING_KID_SIZE], second[SIGNING_KID_SIZE], third[SIGNING_KID_SIZE];
	struct buf list = BUF_EMPTY;

	(void)state;
	folder_make();
	key_add(&list, SIGNING_ES256, 1000, 3000, first);
	key_add(&list, SIGNING_RS256, 2000, 0, second);
	key_add(&list, SIGNING_EDDSA, 1500, 1800, third);
	struct keyring *ring = ring_list_open(&list);

	assert_int_equal(keyring_count(ring), 3);
	/* With the clock before all their times, the earliest key signs: nobody is signed out. */
	assert_true(signs(ring, 0, first));
	assert_true(signs(ring, 999, first));
	assert_true(signs(ring, 1000, first));
	assert_true(signs(ring, 1499, first));
	assert_true(signs(ring, 1500, third));
	assert_true(signs(ring, 1799, third));
	/* Withdrawn before its successor's time: the older key takes over again. */
	assert_true(signs(ring, 1800, first));
	assert_true(signs(ring, 1999, first));
	assert_true(signs(ring, 2000, second));
	assert_true(signs(ring, INT64_MAX, second));

	/* Published from the start, gone once retired. */
	assert_true(is_published(ring, 0, first) && is_published(ring, 0, second) && is_published(ring, 0, third));
	assert_false(is_published(ring, 1800, third));
	assert_true(is_published(ring, 2999, first));
	assert_false(is_published(ring, 3000, first));
	assert_true(is_published(ring, INT64_MAX, second));
	keyring_free(ring);
	buf_free(&list);
}

static void
knows_that_the_clock_is_behind(void **state)
{
	char first[SIGNING_KID_SIZE], second[SIGNING_KID_SIZE];
	struct buf list = BUF_EMPTY;
	int64_t from = 0;

	(void)state;
	folder_make();
	key_add(&list, SIGNING_ES256, 1000, 3000, first);
	key_add(&list, SIGNING_ES256, 2000, 0, second);
	struct keyring *ring = ring_list_open(&list);

	assert_true(keyring_is_behind(ring, 999 - KEYRING_BEHIND_S, &from));
	assert_int_equal(from, 1000);
	assert_false(keyring_is_behind(ring, 1000 - KEYRING_BEHIND_S, NULL));
	assert_false(keyring_is_behind(ring, 1999, NULL));
	assert_false(keyring_is_behind(ring, INT64_MAX - KEYRING_BEHIND_S, NULL));
	keyring_free(ring);
	buf_free(&list);
}

static void
finds_a_key_by_its_exact_id_only(void **state)
{
	char kid[SIGNING_KID_SIZE];
	struct buf list = BUF_EMPTY;

	(void)state;
	folder_make();
	key_add(&list, SIGNING_ES256, 1, 0, kid);
	struct keyring *ring = ring_list_open(&list);

	assert_non_null(keyring_find(ring, slice_of(kid), 1));
	assert_null(keyring_find(ring, (struct slice){ kid, SIGNING_KID_SIZE }, 1));
	assert_null(keyring_find(ring, (struct slice){ kid, SIGNING_KID_SIZE - 2 }, 1));
	assert_null(keyring_find(ring, (struct slice){ NULL, 0 }, 1));
	assert_null(keyring_find(ring, SLICE("../master.key"), 1));
	/* The file of a key that is no longer listed is just a file. */
	assert_null(keyring_find(ring, slice_of(kid_of_made), 1));
	keyring_free(ring);
	buf_free(&list);
}

static void
takes_no_more_keys_than_there_is_room_for(void **state)
{
	char kid[SIGNING_KID_SIZE];
	struct buf list = BUF_EMPTY;

	(void)state;
	folder_make();
	for (int i = 0; i < KEYRING_MAX_KEYS; i++)
		key_add(&list, SIGNING_EDDSA, 1, 0, kid);
	struct keyring *ring = ring_list_open(&list);

	assert_int_equal(keyring_count(ring), KEYRING_MAX_KEYS);
	/* The last one, if several sign from the same moment. */
	assert_true(signs(ring, 1, kid));
	keyring_free(ring);
	key_add(&list, SIGNING_EDDSA, 1, 0, kid);
	ring_list_put(&list);
	assert_refused(PT_ERR_INVALID, "keys/keyring.json");
	buf_free(&list);
}

static void
publishes_no_private_member(void **state)
{
	static const char *const private_members[] = { "\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\"k\"", "PRIVATE" };
	char kid[SIGNING_KID_SIZE];
	struct buf list = BUF_EMPTY, set = BUF_EMPTY;

	(void)state;
	folder_make();
	for (enum signing_alg alg = SIGNING_ES256; alg <= SIGNING_RS256; alg++)
		key_add(&list, alg, 1, 0, kid);
	struct keyring *ring = ring_list_open(&list);

	assert_int_equal(keyring_jwks(ring, 1, &set), PT_OK);
	buf_putc(&set, '\0');
	for (size_t i = 0; i < sizeof(private_members) / sizeof(private_members[0]); i++)
		assert_null(strstr(set.ptr, private_members[i]));
	assert_true(strncmp(set.ptr, "{\"keys\":[{", 10) == 0);
	assert_string_equal(set.ptr + set.len - 4, "}]}");
	keyring_free(ring);
	buf_free(&set);
	buf_free(&list);
}

/* ---- master keys */

static void
takes_the_master_key_before_for_refresh_tokens(void **state)
{
	const struct refresh_token token = { .session_number = 7, .serial = 1 };
	char by_old[REFRESH_TOKEN_CHARS + 1], by_new[REFRESH_TOKEN_CHARS + 1];
	struct refresh_token out;
	struct keyring *ring;
	size_t count;
	bool good;

	(void)state;
	folder_make();
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	assert_int_equal(refresh_token_format(&token, keyring_refresh_keys(ring, &count)[0], by_old), PT_OK);
	keyring_free(ring);

	assert_int_equal(rename(scratch_path("keys/master.key"), scratch_path("keys/master.old.key")), 0);
	scratch_put("keys/master.key", "0123456789abcdef0123456789abcdef", 0600);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	const struct mac_key *const *keys = keyring_refresh_keys(ring, &count);

	assert_int_equal(count, 2);
	assert_int_equal(refresh_token_parse(slice_of(by_old), keys, count, &out, &good), PT_OK);
	assert_true(good);
	/* New keys are sealed with the new master key. */
	assert_int_equal(refresh_token_format(&token, keys[0], by_new), PT_OK);
	assert_string_not_equal(by_new, by_old);
	assert_int_equal(refresh_token_parse(slice_of(by_old), keys, 1, &out, &good), PT_OK);
	assert_false(good);
	keyring_free(ring);
}

static void
derives_a_key_for_each_label(void **state)
{
	static const char *const labels[] = { "pintle one v1", "pintle two v1", "pintle one v1" };
	uint8_t macs[3][DIGEST_SIZE], wanted[DIGEST_SIZE];
	struct keyring *ring;
	struct mac_key *key;

	(void)state;
	folder_make();
	scratch_put("keys/master.key", "0123456789abcdef0123456789abcdef", 0600);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(keyring_derive(ring, labels[i], &key), PT_OK);
		assert_int_equal(mac_compute(key, "x", 1, macs[i]), PT_OK);
		mac_key_free(key);
	}
	assert_memory_not_equal(macs[0], macs[1], DIGEST_SIZE);
	assert_memory_equal(macs[0], macs[2], DIGEST_SIZE);
	assert_int_equal(mac_key_derive((const uint8_t *)"0123456789abcdef0123456789abcdef", labels[0], &key), PT_OK);
	assert_int_equal(mac_compute(key, "x", 1, wanted), PT_OK);
	assert_memory_equal(macs[0], wanted, DIGEST_SIZE);
	mac_key_free(key);
	keyring_free(ring);
}

/* ---- threads */

static const struct keyring *shared;

static void *
ask_many_times(void *arg)
{
	size_t *wrong = arg;

	for (int i = 0; i < 30; i++) {
		const struct signing_key *key = keyring_signing_key(shared, 1);
		uint8_t signature[SIGNING_MAX_SIGNATURE];
		struct buf set = BUF_EMPTY;
		struct mac_key *mac = NULL;
		size_t len;
		bool good;

		*wrong += signing_sign(key, SLICE("x"), signature, &len) != PT_OK ||
		    signing_verify(key, SLICE("x"), (struct slice){ (const char *)signature, len }, &good) != PT_OK || !good;
		*wrong += keyring_derive(shared, "a use", &mac) != PT_OK || keyring_jwks(shared, 1, &set) != PT_OK;
		mac_key_free(mac);
		buf_free(&set);
	}
	return NULL;
}

static void
answers_many_threads_at_once(void **state)
{
	char kid[SIGNING_KID_SIZE];
	struct buf list = BUF_EMPTY;
	pthread_t threads[4];
	size_t wrong[4] = { 0 };

	(void)state;
	folder_make();
	key_add(&list, SIGNING_ES256, 1, 0, kid);
	struct keyring *ring = ring_list_open(&list);

	shared = ring;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_many_times, &wrong[i]), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(wrong[i], 0);
	keyring_free(ring);
	buf_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_what_it_made, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(makes_keys_of_their_own_each_time, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(never_overwrites_a_key, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(leaves_nothing_behind_where_it_failed, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(refuses_what_others_may_touch, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(refuses_what_is_missing, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(refuses_a_master_key_of_another_length, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(refuses_a_key_under_another_name, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(refuses_a_list_that_is_none, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(lets_one_key_follow_another, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(knows_that_the_clock_is_behind, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(finds_a_key_by_its_exact_id_only, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(takes_no_more_keys_than_there_is_room_for, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(publishes_no_private_member, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(takes_the_master_key_before_for_refresh_tokens, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(derives_a_key_for_each_label, scratch_begin, scratch_end),
		cmocka_unit_test_setup_teardown(answers_many_threads_at_once, scratch_begin, scratch_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
