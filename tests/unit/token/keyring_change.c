/* Keys replace each other without a moment in which no token could be signed or verified. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/ring_fixture.h"
#include "support/scratch.h"
#include "token/keyring.h"
#include "token/otp_secret.h"

#define NOW INT64_C(1795485169)
#define PUBLISH 7200
#define KEEP 660

static const struct keyring_plan plan = { .now_s = NOW, .publish_s = PUBLISH, .keep_s = KEEP };
static const struct keyring_plan at_once = { .now_s = NOW, .keep_s = KEEP };

static char first[SIGNING_KID_SIZE];

static struct keyring *
ring_open(void)
{
	struct keyring *ring;

	assert_int_equal(keyring_open(scratch_path("keys"), &ring, NULL), PT_OK);
	return ring;
}

/* A folder with the key `first`, which has signed since yesterday. */
static int
begin(void **state)
{
	if (scratch_begin(state) != 0)
		return -1;
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_ES256, NOW - 86400), PT_OK);
	struct keyring *ring = ring_open();

	strcpy(first, signing_key_id(keyring_at(ring, 0)->key));
	keyring_free(ring);
	return 0;
}

static void
rotate(const struct keyring_plan *how, char kid[SIGNING_KID_SIZE])
{
	assert_int_equal(keyring_rotate(scratch_path("keys"), SIGNING_EDDSA, how, kid), PT_OK);
}

static enum keyring_revocation
revoke_key(const char *kid, enum signing_alg replacement, const struct keyring_plan *how)
{
	enum keyring_revocation verdict;

	assert_int_equal(keyring_revoke(scratch_path("keys"), slice_of(kid), replacement, how, &verdict), PT_OK);
	return verdict;
}

/* The key with which the folder signs at that time, or "". */
static const char *
signer_at(int64_t now_s)
{
	static char kid[SIGNING_KID_SIZE];
	struct keyring *ring = ring_open();
	const struct signing_key *key = keyring_signing_key(ring, now_s);

	strcpy(kid, key ? signing_key_id(key) : "");
	keyring_free(ring);
	return kid;
}

/* Whether a token of that key is valid at that time. */
static bool
verifies_at(const char *kid, int64_t now_s)
{
	struct keyring *ring = ring_open();
	bool found = keyring_find(ring, slice_of(kid), now_s) != NULL;

	keyring_free(ring);
	return found;
}

static bool
has_file(const char *kid)
{
	return access(scratch_path(ring_key_name(kid)), F_OK) == 0;
}

static void
a_new_key_is_known_before_it_signs_and_the_old_one_after(void **state)
{
	char second[SIGNING_KID_SIZE];
	struct stat about;

	(void)state;
	rotate(&plan, second);
	assert_true(verifies_at(second, NOW));
	assert_string_equal(signer_at(NOW + PUBLISH - 1), first);
	assert_string_equal(signer_at(NOW + PUBLISH), second);
	assert_true(verifies_at(first, NOW + PUBLISH + KEEP - 1));
	assert_false(verifies_at(first, NOW + PUBLISH + KEEP));
	assert_true(verifies_at(second, INT64_MAX));
	assert_int_equal(stat(scratch_path(ring_key_name(second)), &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
}

static void
in_an_emergency_it_signs_at_once(void **state)
{
	char second[SIGNING_KID_SIZE];

	(void)state;
	rotate(&at_once, second);
	assert_string_equal(signer_at(NOW), second);
	assert_true(verifies_at(first, NOW + KEEP - 1));
	assert_false(verifies_at(first, NOW + KEEP));
}

static void
a_key_that_waits_keeps_its_turn(void **state)
{
	char waiting[SIGNING_KID_SIZE], urgent[SIGNING_KID_SIZE];

	(void)state;
	rotate(&plan, waiting);
	rotate(&at_once, urgent);
	assert_string_equal(signer_at(NOW), urgent);
	assert_string_equal(signer_at(NOW + PUBLISH), waiting);
	assert_false(verifies_at(first, NOW + KEEP));
	assert_true(verifies_at(urgent, NOW + PUBLISH + KEEP - 1));
	assert_false(verifies_at(urgent, NOW + PUBLISH + KEEP));
	assert_true(verifies_at(waiting, INT64_MAX));
}

/* In every second of three rotations one key signs, and its tokens stay valid until they end. */
static void
there_is_always_a_key_that_signs(void **state)
{
	char kid[SIGNING_KID_SIZE];

	(void)state;
	for (int i = 0; i < 3; i++)
		rotate(&(struct keyring_plan){ .now_s = NOW + i * 1000, .publish_s = PUBLISH, .keep_s = KEEP }, kid);
	for (int64_t now_s = NOW; now_s < NOW + 3 * PUBLISH; now_s += 97) {
		char signer[SIGNING_KID_SIZE];

		strcpy(signer, signer_at(now_s));
		assert_true(signer[0] != '\0');
		assert_true(verifies_at(signer, now_s + KEEP - 1));
	}
	assert_string_equal(signer_at(INT64_MAX), kid);
}

static void
what_has_retired_is_gone_with_the_next_change(void **state)
{
	char second[SIGNING_KID_SIZE], third[SIGNING_KID_SIZE];
	size_t count;

	(void)state;
	rotate(&at_once, second);
	assert_int_equal(keyring_prune(scratch_path("keys"), NOW + KEEP - 1, &count), PT_OK);
	assert_int_equal(count, 0);
	assert_true(has_file(first));
	assert_int_equal(keyring_prune(scratch_path("keys"), NOW + KEEP, &count), PT_OK);
	assert_int_equal(count, 1);
	assert_true(!has_file(first) && has_file(second));
	rotate(&(struct keyring_plan){ .now_s = NOW + 1000, .publish_s = 0, .keep_s = KEEP }, third);
	rotate(&(struct keyring_plan){ .now_s = NOW + 2000, .publish_s = 0, .keep_s = KEEP }, first);
	assert_true(!has_file(second) && has_file(third));
}

static void
what_a_crash_left_is_removed_and_nothing_else(void **state)
{
	struct buf unlisted = BUF_EMPTY;
	size_t count;

	(void)state;
	struct signing_key *left = ring_key_add(&unlisted, SIGNING_EDDSA, 0, 0);

	scratch_put("keys/signing/README", "what the administrator wrote", 0600);
	assert_int_equal(keyring_prune(scratch_path("keys"), NOW, &count), PT_OK);
	assert_int_equal(count, 0);
	assert_true(has_file(first) && !has_file(signing_key_id(left)));
	assert_int_equal(access(scratch_path("keys/signing/README"), F_OK), 0);
	signing_key_free(left);
	buf_free(&unlisted);
}

static void
no_more_keys_are_made_than_can_be_read(void **state)
{
	char kid[SIGNING_KID_SIZE];

	(void)state;
	for (int i = 1; i < KEYRING_MAX_KEYS; i++)
		rotate(&plan, kid);
	assert_int_equal(keyring_rotate(scratch_path("keys"), SIGNING_EDDSA, &plan, kid), PT_ERR_FULL);
	/* With time they go and make room. */
	rotate(&(struct keyring_plan){ .now_s = NOW + PUBLISH + KEEP, .publish_s = PUBLISH, .keep_s = KEEP }, kid);
}

/* ---- revoking */

static void
the_last_key_is_not_removed(void **state)
{
	(void)state;
	assert_int_equal(revoke_key(first, SIGNING_NONE, &at_once), KEYRING_LAST_KEY);
	assert_string_equal(signer_at(NOW), first);
	assert_true(has_file(first));
}

static void
a_new_key_may_take_the_last_one_s_place(void **state)
{
	(void)state;
	assert_int_equal(revoke_key(first, SIGNING_RS256, &at_once), KEYRING_REVOKED);
	assert_false(verifies_at(first, NOW));
	assert_false(has_file(first));
	assert_string_not_equal(signer_at(NOW), "");
	assert_string_not_equal(signer_at(NOW), first);
}

static void
a_key_that_waits_takes_over_at_once(void **state)
{
	char waiting[SIGNING_KID_SIZE];

	(void)state;
	rotate(&plan, waiting);
	assert_int_equal(revoke_key(first, SIGNING_NONE, &at_once), KEYRING_REVOKED);
	assert_string_equal(signer_at(NOW), waiting);
	assert_true(verifies_at(waiting, INT64_MAX));
	assert_false(verifies_at(first, NOW));
}

static void
the_key_before_goes_on(void **state)
{
	char second[SIGNING_KID_SIZE], waiting[SIGNING_KID_SIZE];

	(void)state;
	rotate(&at_once, second);
	assert_int_equal(revoke_key(second, SIGNING_NONE, &at_once), KEYRING_REVOKED);
	assert_string_equal(signer_at(INT64_MAX), first);

	/* Until the waiting key has its turn. */
	rotate(&at_once, second);
	rotate(&plan, waiting);
	assert_int_equal(revoke_key(second, SIGNING_NONE, &at_once), KEYRING_REVOKED);
	assert_string_equal(signer_at(NOW + PUBLISH - 1), first);
	assert_string_equal(signer_at(NOW + PUBLISH), waiting);
	assert_true(verifies_at(first, NOW + PUBLISH + KEEP - 1));
	assert_false(verifies_at(first, NOW + PUBLISH + KEEP));
}

static void
a_key_that_only_waits_or_verifies_is_missed_by_nobody(void **state)
{
	char second[SIGNING_KID_SIZE], waiting[SIGNING_KID_SIZE];

	(void)state;
	rotate(&plan, waiting);
	assert_int_equal(revoke_key(waiting, SIGNING_NONE, &at_once), KEYRING_REVOKED);
	assert_string_equal(signer_at(INT64_MAX), first);
	rotate(&at_once, second);
	assert_int_equal(revoke_key(first, SIGNING_NONE, &at_once), KEYRING_REVOKED);
	assert_string_equal(signer_at(NOW), second);
	assert_false(verifies_at(first, NOW));
}

static void
a_key_that_is_not_there_is_not_revoked(void **state)
{
	static const char *const names[] = { "", "../master.key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	struct buf before = BUF_EMPTY, after = BUF_EMPTY;

	(void)state;
	scratch_read("keys/keyring.json", &before);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(revoke_key(names[i], SIGNING_ES256, &at_once), KEYRING_NOT_THERE);
	scratch_read("keys/keyring.json", &after);
	assert_true(slice_eq(buf_slice(&before), buf_slice(&after)));
	buf_free(&before);
	buf_free(&after);
}

static void
a_folder_that_cannot_be_read_is_not_changed(void **state)
{
	char kid[SIGNING_KID_SIZE];
	enum keyring_revocation verdict;
	size_t count;

	(void)state;
	scratch_put("keys/keyring.json", "{}", 0600);
	assert_int_equal(keyring_rotate(scratch_path("keys"), SIGNING_ES256, &plan, kid), PT_ERR_INVALID);
	assert_int_equal(keyring_revoke(scratch_path("keys"), slice_of(first), SIGNING_ES256, &plan, &verdict), PT_ERR_INVALID);
	assert_int_equal(verdict, KEYRING_NOT_THERE);
	assert_int_equal(keyring_prune(scratch_path("keys"), NOW, &count), PT_ERR_INVALID);
	assert_int_equal(keyring_prune(scratch_path("none"), NOW, &count), PT_ERR_IO);
	assert_true(has_file(first));
}

/* ---- at the same time */

static const char *shared;	/* the folder */
static atomic_bool changing = true;

static void *
open_again_and_again(void *arg)
{
	size_t *wrong = arg;

	while (atomic_load(&changing)) {
		struct keyring *ring = NULL;

		*wrong += keyring_open(shared, &ring, NULL) != PT_OK || keyring_signing_key(ring, NOW) == NULL;
		keyring_free(ring);
	}
	return NULL;
}

static void *
rotate_some_times(void *arg)
{
	char kid[SIGNING_KID_SIZE];
	size_t *wrong = arg;

	for (int i = 0; i < 5; i++)
		*wrong += keyring_rotate(shared, SIGNING_EDDSA, &plan, kid) != PT_OK;
	return NULL;
}

static void
readers_see_whole_lists_and_writers_lose_nothing(void **state)
{
	pthread_t reader, writers[2];
	size_t wrong[3] = { 0 };

	(void)state;
	shared = scratch_path("keys");
	assert_int_equal(pthread_create(&reader, NULL, open_again_and_again, &wrong[0]), 0);
	assert_int_equal(pthread_create(&writers[0], NULL, rotate_some_times, &wrong[1]), 0);
	assert_int_equal(pthread_create(&writers[1], NULL, rotate_some_times, &wrong[2]), 0);
	assert_int_equal(pthread_join(writers[0], NULL), 0);
	assert_int_equal(pthread_join(writers[1], NULL), 0);
	atomic_store(&changing, false);
	assert_int_equal(pthread_join(reader, NULL), 0);
	assert_true(wrong[0] == 0 && wrong[1] == 0 && wrong[2] == 0);
	struct keyring *ring = ring_open();

	assert_int_equal(keyring_count(ring), 11);
	keyring_free(ring);
}

/* ---- the keys of the status list */

static const struct keyring_plan of_status = { .use = KEYRING_STATUS_LIST, .now_s = NOW, .publish_s = PUBLISH, .keep_s = KEEP };

static void
ensure(bool expected)
{
	bool made;

	assert_int_equal(keyring_ensure_status(scratch_path("keys"), SIGNING_ES256, NOW, &made), PT_OK);
	assert_int_equal(made, expected);
}

static void
the_status_list_has_keys_of_its_own(void **state)
{
	struct buf access = BUF_EMPTY, status = BUF_EMPTY;
	struct keyring *ring = ring_open();
	char kid[SIGNING_KID_SIZE];
	struct stat about;

	(void)state;
	assert_null(keyring_status_keys(ring));
	assert_int_equal(keyring_jwks(keyring_status_keys(ring), NOW, &status), PT_OK);
	assert_true(slice_eq(buf_slice(&status), SLICE("{\"keys\":[]}")));
	buf_clear(&status);
	keyring_free(ring);
	ensure(true);
	ensure(false);
	ring = ring_open();
	const struct signing_key *key = keyring_signing_key(keyring_status_keys(ring), NOW);

	assert_non_null(key);
	strcpy(kid, signing_key_id(key));
	/* Neither verifies what the other signed. */
	assert_null(keyring_find(ring, slice_of(kid), NOW));
	assert_null(keyring_find(keyring_status_keys(ring), slice_of(first), NOW));
	assert_int_equal(keyring_jwks(ring, NOW, &access), PT_OK);
	assert_int_equal(keyring_jwks(keyring_status_keys(ring), NOW, &status), PT_OK);
	assert_null(memmem(access.ptr, access.len, kid, strlen(kid)));
	assert_null(memmem(status.ptr, status.len, first, strlen(first)));
	assert_non_null(memmem(status.ptr, status.len, kid, strlen(kid)));
	assert_int_equal(stat(scratch_path("keys/status"), &about), 0);
	assert_int_equal(about.st_mode & 0777, 0700);
	buf_free(&access);
	buf_free(&status);
	keyring_free(ring);
}

static void
the_keys_of_the_status_list_change_for_themselves(void **state)
{
	char made[SIGNING_KID_SIZE], before[SIGNING_KID_SIZE];
	enum keyring_revocation verdict;

	(void)state;
	ensure(true);
	struct keyring *ring = ring_open();

	strcpy(before, signing_key_id(keyring_signing_key(keyring_status_keys(ring), NOW)));
	keyring_free(ring);
	rotate(&of_status, made);
	ring = ring_open();
	assert_int_equal(keyring_count(ring), 1);
	assert_int_equal(keyring_count(keyring_status_keys(ring)), 2);
	assert_string_equal(signing_key_id(keyring_signing_key(keyring_status_keys(ring), NOW + PUBLISH - 1)), before);
	assert_string_equal(signing_key_id(keyring_signing_key(keyring_status_keys(ring), NOW + PUBLISH)), made);
	keyring_free(ring);
	/* A key is only looked for among its own kind. */
	assert_int_equal(revoke_key(before, SIGNING_NONE, &plan), KEYRING_NOT_THERE);
	assert_int_equal(keyring_revoke(scratch_path("keys"), slice_of(before), SIGNING_NONE, &of_status, &verdict), PT_OK);
	assert_int_equal(verdict, KEYRING_REVOKED);
	assert_int_equal(keyring_revoke(scratch_path("keys"), slice_of(first), SIGNING_NONE, &of_status, &verdict), PT_OK);
	assert_int_equal(verdict, KEYRING_NOT_THERE);
	assert_string_equal(signer_at(NOW), first);
}

static void
a_crash_while_the_first_is_made_leaves_none(void **state)
{
	(void)state;
	assert_int_equal(mkdir(scratch_path("keys/status"), 0700), 0);
	assert_int_equal(mkdir(scratch_path("keys/status/signing"), 0700), 0);
	struct keyring *ring = ring_open();

	assert_null(keyring_status_keys(ring));
	keyring_free(ring);
	ensure(true);
}

static void
a_list_of_status_keys_that_cannot_be_read_is_told_of(void **state)
{
	struct keyring *ring;
	char *bad = NULL;

	(void)state;
	ensure(true);
	assert_int_equal(chmod(scratch_path("keys/status/keyring.json"), 0644), 0);
	assert_int_equal(keyring_open(scratch_path("keys"), &ring, &bad), PT_ERR_PERM);
	assert_string_equal(bad, scratch_path("keys/status/keyring.json"));
	free(bad);
}

static void
both_kinds_retire(void **state)
{
	char kid[SIGNING_KID_SIZE];
	const struct keyring_plan now_status = { .use = KEYRING_STATUS_LIST, .now_s = NOW, .keep_s = KEEP };
	size_t count;

	(void)state;
	ensure(true);
	rotate(&at_once, kid);
	rotate(&now_status, kid);
	assert_int_equal(keyring_prune(scratch_path("keys"), NOW + KEEP, &count), PT_OK);
	assert_int_equal(count, 2);
}

/* ---- master keys ---- */

static enum keyring_renewal
renew_master(bool leaked)
{
	enum keyring_renewal verdict;

	assert_int_equal(keyring_renew_master(scratch_path("keys"), leaked, &verdict), PT_OK);
	return verdict;
}

/* How many of a ring's keys take refresh tokens and gate cookies and open second factors. */
static void
must_take(size_t tokens, size_t secrets)
{
	struct keyring *ring = ring_open();
	size_t count;

	keyring_refresh_keys(ring, &count);
	assert_int_equal(count, tokens);
	keyring_gate_keys(ring, &count);
	assert_int_equal(count, tokens);
	keyring_otp_keys(ring, &count);
	assert_int_equal(count, secrets);
	keyring_free(ring);
}

static const uint8_t a_secret[TOTP_SECRET_SIZE] = { 1, 2, 3 };

static void
seal(uint8_t sealed[OTP_SECRET_SEALED])
{
	struct keyring *ring = ring_open();

	assert_int_equal(otp_secret_seal(ring, SLICE("sub"), a_secret, sealed), PT_OK);
	keyring_free(ring);
}

/* Whether it opens, and whether the present key seals it anew. */
static void
must_open(uint8_t sealed[OTP_SECRET_SEALED], bool opens, bool renewed)
{
	struct keyring *ring = ring_open();
	bool changed, good;

	assert_int_equal(otp_secret_renew(ring, SLICE("sub"), sealed, &changed, &good), PT_OK);
	assert_int_equal(good, opens);
	assert_int_equal(changed, renewed);
	keyring_free(ring);
}

static void
a_new_master_key_leaves_the_old_one_beside_it(void **state)
{
	uint8_t sealed[OTP_SECRET_SEALED];

	(void)state;
	seal(sealed);
	must_take(1, 1);
	assert_int_equal(renew_master(false), KEYRING_RENEWED);
	must_take(2, 2);
	must_open(sealed, true, true);
	must_open(sealed, true, false);
	assert_int_equal(renew_master(false), KEYRING_NOT_RENEWED);
	must_take(2, 2);
	assert_int_equal(keyring_forget_master(scratch_path("keys"), false), PT_OK);
	must_take(1, 1);
	must_open(sealed, true, false);
	assert_int_equal(keyring_forget_master(scratch_path("keys"), false), PT_OK);
	assert_int_equal(renew_master(false), KEYRING_RENEWED);
}

static void
a_master_key_that_leaked_opens_second_factors_alone(void **state)
{
	uint8_t sealed[OTP_SECRET_SEALED];

	(void)state;
	seal(sealed);
	assert_int_equal(renew_master(true), KEYRING_RENEWED);
	must_take(1, 2);
	must_open(sealed, true, true);
	/* Repeated after a crash it makes no third key. */
	assert_int_equal(renew_master(true), KEYRING_NOT_RENEWED);
	must_open(sealed, true, false);
	assert_int_equal(keyring_forget_master(scratch_path("keys"), true), PT_OK);
	must_take(1, 1);
	must_open(sealed, true, false);
}

static void
a_crash_between_the_two_files_is_gone_over(void **state)
{
	struct buf master = BUF_EMPTY, now = BUF_EMPTY;

	(void)state;
	for (int leaked = 0; leaked < 2; leaked++) {
		const char *kept = leaked ? "keys/master.leaked.key" : "keys/master.old.key";

		/* The present key has been kept, and no new one was made. */
		buf_clear(&master);
		scratch_read("keys/master.key", &master);
		assert_int_equal(master.len, MAC_MASTER_SIZE);
		int fd = open(scratch_path(kept), O_WRONLY | O_CREAT, 0600);

		assert_true(fd >= 0);
		assert_int_equal(write(fd, master.ptr, master.len), master.len);
		close(fd);
		assert_int_equal(renew_master(leaked), KEYRING_RENEWED);
		buf_clear(&now);
		scratch_read("keys/master.key", &now);
		assert_memory_not_equal(master.ptr, now.ptr, MAC_MASTER_SIZE);
		buf_clear(&now);
		scratch_read(kept, &now);
		assert_memory_equal(master.ptr, now.ptr, MAC_MASTER_SIZE);
		assert_int_equal(keyring_forget_master(scratch_path("keys"), leaked), PT_OK);
	}
	buf_free(&master);
	buf_free(&now);
}

int
main(void)
{
#define WITH_KEYS(test) cmocka_unit_test_setup_teardown(test, begin, scratch_end)
	const struct CMUnitTest tests[] = {
		WITH_KEYS(a_new_key_is_known_before_it_signs_and_the_old_one_after),
		WITH_KEYS(in_an_emergency_it_signs_at_once),
		WITH_KEYS(a_key_that_waits_keeps_its_turn),
		WITH_KEYS(there_is_always_a_key_that_signs),
		WITH_KEYS(what_has_retired_is_gone_with_the_next_change),
		WITH_KEYS(what_a_crash_left_is_removed_and_nothing_else),
		WITH_KEYS(no_more_keys_are_made_than_can_be_read),
		WITH_KEYS(the_last_key_is_not_removed),
		WITH_KEYS(a_new_key_may_take_the_last_one_s_place),
		WITH_KEYS(a_key_that_waits_takes_over_at_once),
		WITH_KEYS(the_key_before_goes_on),
		WITH_KEYS(a_key_that_only_waits_or_verifies_is_missed_by_nobody),
		WITH_KEYS(a_key_that_is_not_there_is_not_revoked),
		WITH_KEYS(a_folder_that_cannot_be_read_is_not_changed),
		WITH_KEYS(readers_see_whole_lists_and_writers_lose_nothing),
		WITH_KEYS(the_status_list_has_keys_of_its_own),
		WITH_KEYS(the_keys_of_the_status_list_change_for_themselves),
		WITH_KEYS(a_crash_while_the_first_is_made_leaves_none),
		WITH_KEYS(a_list_of_status_keys_that_cannot_be_read_is_told_of),
		WITH_KEYS(both_kinds_retire),
		WITH_KEYS(a_new_master_key_leaves_the_old_one_beside_it),
		WITH_KEYS(a_master_key_that_leaked_opens_second_factors_alone),
		WITH_KEYS(a_crash_between_the_two_files_is_gone_over),
	};

	return cmocka_run_group_tests_name("keyring_change", tests, NULL, NULL);
}
