/* Whoever holds keys keeps them; later callers get what the folder says by then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "support/scratch.h"
#include "token/keyring_watch.h"

#define NOW INT64_C(1795485169)

static const struct keyring_plan at_once = { .now_s = NOW, .keep_s = 660 };
static struct keyring_watch *watch;
static struct stamp now = { .boot = 1, .ms = 1000000 };

static int
begin(void **state)
{
	if (scratch_begin(state) != 0)
		return -1;
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	assert_int_equal(keyring_create(scratch_path("keys"), SIGNING_EDDSA, NOW - 86400), PT_OK);
	assert_int_equal(keyring_watch_open(scratch_path("keys"), &watch, NULL), PT_OK);
	keyring_watch_release(watch, keyring_watch_hold(watch, now));
	return 0;
}

static int
end(void **state)
{
	keyring_watch_free(watch);
	return scratch_end(state);
}

static size_t
count_after(int64_t ms)
{
	now.ms += ms;
	const struct keyring *ring = keyring_watch_hold(watch, now);
	size_t count = keyring_count(ring);

	keyring_watch_release(watch, ring);
	return count;
}

static void
rotate(void)
{
	char kid[SIGNING_KID_SIZE];

	assert_int_equal(keyring_rotate(scratch_path("keys"), SIGNING_EDDSA, &at_once, kid), PT_OK);
}

static void
a_change_is_seen_at_once(void **state)
{
	(void)state;
	rotate();
	assert_int_equal(count_after(0), 2);
	rotate();
	assert_int_equal(count_after(0), 3);
}

static void
a_revoked_key_is_gone_at_once(void **state)
{
	enum keyring_revocation verdict;
	char kid[SIGNING_KID_SIZE];

	(void)state;
	assert_int_equal(keyring_rotate(scratch_path("keys"), SIGNING_EDDSA, &at_once, kid), PT_OK);
	assert_int_equal(count_after(0), 2);
	assert_int_equal(keyring_revoke(scratch_path("keys"), slice_of(kid), SIGNING_NONE, &at_once, &verdict), PT_OK);
	assert_int_equal(verdict, KEYRING_REVOKED);
	const struct keyring *ring = keyring_watch_hold(watch, now);

	assert_null(keyring_find(ring, slice_of(kid), NOW));
	keyring_watch_release(watch, ring);
}

static void
what_is_held_stays_as_it_was(void **state)
{
	uint8_t signature[SIGNING_MAX_SIGNATURE];
	size_t len;

	(void)state;
	const struct keyring *held = keyring_watch_hold(watch, now);

	rotate();
	assert_int_equal(count_after(KEYRING_WATCH_EVERY_MS), 2);
	assert_int_equal(keyring_count(held), 1);
	assert_int_equal(signing_sign(keyring_signing_key(held, NOW), SLICE("x"), signature, &len), PT_OK);
	keyring_watch_release(watch, held);
}

static void
keys_that_cannot_be_read_leave_those_before_in_use(void **state)
{
	struct buf list = BUF_EMPTY;

	(void)state;
	rotate();
	scratch_read("keys/keyring.json", &list);
	buf_putc(&list, '\0');
	log_open(LOG_TO_STDERR, LOG_LEVEL_ERROR);
	scratch_put("keys/keyring.json", "{}", 0600);
	assert_int_equal(count_after(KEYRING_WATCH_EVERY_MS), 1);
	assert_int_equal(unlink(scratch_path("keys/keyring.json")), 0);
	assert_int_equal(count_after(KEYRING_WATCH_EVERY_MS), 1);
	/* It is not tried at every request. */
	scratch_put("keys/keyring.json", list.ptr, 0600);
	assert_int_equal(count_after(KEYRING_WATCH_EVERY_MS - 1), 1);
	assert_int_equal(count_after(1), 2);
	buf_free(&list);
}

static void
a_folder_without_keys_is_not_watched(void **state)
{
	struct keyring_watch *none;
	char *bad_path;

	(void)state;
	assert_int_equal(keyring_watch_open(scratch_path("none"), &none, &bad_path), PT_ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_null(none);
	assert_non_null(bad_path);
	free(bad_path);
	keyring_watch_free(NULL);
}

/* ---- many threads, each with its own running clock */

static atomic_bool changing;

static void *
hold_again_and_again(void *arg)
{
	size_t *wrong = arg;
	struct stamp own = now;

	for (size_t seen = 0; atomic_load(&changing); own.ms += 300) {
		uint8_t signature[SIGNING_MAX_SIGNATURE];
		size_t len;
		const struct keyring *ring = keyring_watch_hold(watch, own);

		/* Keys are only added here: a thread that has seen one must not miss it later. */
		*wrong += keyring_count(ring) < seen;
		seen = keyring_count(ring);
		*wrong += signing_sign(keyring_signing_key(ring, NOW), SLICE("x"), signature, &len) != PT_OK;
		keyring_watch_release(watch, ring);
	}
	return NULL;
}

static void
rings_change_under_many_threads(void **state)
{
	pthread_t threads[4];
	size_t wrong[4] = { 0 };

	(void)state;
	atomic_store(&changing, true);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, hold_again_and_again, &wrong[i]), 0);
	for (int i = 0; i < 10; i++)
		rotate();
	atomic_store(&changing, false);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(wrong[i], 0);
	}
	now.ms += INT64_C(1000000000);
	assert_int_equal(count_after(KEYRING_WATCH_EVERY_MS), 11);
}

int
main(void)
{
#define WATCHED(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		WATCHED(a_change_is_seen_at_once),
		WATCHED(a_revoked_key_is_gone_at_once),
		WATCHED(what_is_held_stays_as_it_was),
		WATCHED(keys_that_cannot_be_read_leave_those_before_in_use),
		WATCHED(a_folder_without_keys_is_not_watched),
		WATCHED(rings_change_under_many_threads),
	};

	return cmocka_run_group_tests_name("keyring_watch", tests, NULL, NULL);
}
