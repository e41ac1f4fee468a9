/* Services: adding, finding, rotating and removing them, and sessions that they revoke. */
#include "support/store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"

static struct service
add(struct fixture *f, const char *name, uint8_t secret, bool expected)
{
	struct store_caller caller = fixture_caller(f);
	struct service service = { 0 };
	bool added;

	slice_copy(slice_of(name), service.name, sizeof(service.name));
	memset(service.secret_hash, secret, sizeof(service.secret_hash));
	assert_int_equal(store_service_add(f->store, &caller, &service, &added), PT_OK);
	assert_int_equal(added, expected);
	return service;
}

/* The first byte of the service's hash (all are equal); -1 if there is no such service. */
static int
secret_of(struct fixture *f, const char *name)
{
	struct service service;
	bool found;

	assert_int_equal(store_service_by_name(f->store, slice_of(name), &service, &found), PT_OK);
	return found ? service.secret_hash[0] : -1;
}

static void
a_service_is_found_by_its_whole_name(void **state)
{
	struct fixture *f = *state;
	struct service service;
	char longest[2 * SERVICE_NAME_SIZE];
	bool found;

	add(f, "billing", 1, true);
	assert_int_equal(store_service_by_name(f->store, SLICE("billing"), &service, &found), PT_OK);
	assert_true(found);
	assert_string_equal(service.name, "billing");
	assert_int_equal(service.created_at, f->now.wall_ms);
	assert_int_equal(service.secret_set_at, f->now.wall_ms);
	assert_int_equal(secret_of(f, ""), -1);
	assert_int_equal(secret_of(f, "billin"), -1);
	assert_int_equal(secret_of(f, "billings"), -1);
	assert_int_equal(secret_of(f, "Billing"), -1);
	/* A user is not a service. */
	assert_int_equal(secret_of(f, "ann"), -1);
	memset(longest, 'b', sizeof(longest));
	assert_int_equal(store_service_by_name(f->store, (struct slice){ longest, sizeof(longest) }, &service, &found), PT_OK);
	assert_false(found);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_name_is_given_once_until_it_is_free_again(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	bool found;

	add(f, "billing", 1, true);
	add(f, "billing", 2, false);
	assert_int_equal(secret_of(f, "billing"), 1);
	assert_int_equal(store_service_remove(f->store, &caller, SLICE("billing"), &found), PT_OK);
	assert_true(found);
	assert_int_equal(secret_of(f, "billing"), -1);
	assert_int_equal(store_service_remove(f->store, &caller, SLICE("billing"), &found), PT_OK);
	assert_false(found);
	add(f, "billing", 3, true);
	assert_int_equal(secret_of(f, "billing"), 3);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_service_without_a_name_is_none(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct service service = { 0 };
	bool added = true;

	assert_int_equal(store_service_add(f->store, &caller, &service, &added), PT_ERR_INVALID);
	assert_false(added);
}

static void
a_new_secret_takes_the_place_of_the_old(void **state)
{
	struct fixture *f = *state;
	struct service before = add(f, "billing", 1, true), after;
	uint8_t hash[DIGEST_SIZE];
	bool found;

	memset(hash, 2, sizeof(hash));
	fixture_pass(f, HOUR_MS);
	struct store_caller caller = fixture_caller(f);

	assert_int_equal(store_service_set_secret(f->store, &caller, SLICE("billing"), hash, &found), PT_OK);
	assert_true(found);
	assert_int_equal(store_service_by_name(f->store, SLICE("billing"), &after, &found), PT_OK);
	assert_memory_equal(after.secret_hash, hash, sizeof(hash));
	assert_int_equal(after.created_at, before.created_at);
	assert_int_equal(after.secret_set_at, before.created_at + HOUR_MS);
	assert_int_equal(store_service_set_secret(f->store, &caller, SLICE("nobody"), hash, &found), PT_OK);
	assert_false(found);
	assert_int_equal(secret_of(f, "nobody"), -1);
}

struct names {
	char text[64];
	int left;
};

static bool
visit_name(const struct service *service, void *ctx)
{
	struct names *names = ctx;
	size_t at = strlen(names->text);

	snprintf(names->text + at, sizeof(names->text) - at, "%s ", service->name);
	return --names->left > 0;
}

static void
services_are_listed_in_the_order_of_names(void **state)
{
	struct fixture *f = *state;
	struct names all = { "", 99 }, two = { "", 2 }, none = { "", 99 };

	assert_int_equal(store_service_each(f->store, visit_name, &none), PT_OK);
	assert_string_equal(none.text, "");
	add(f, "shop", 1, true);
	add(f, "api", 2, true);
	add(f, "api2", 3, true);
	assert_int_equal(store_service_each(f->store, visit_name, &all), PT_OK);
	assert_string_equal(all.text, "api api2 shop ");
	assert_int_equal(store_service_each(f->store, visit_name, &two), PT_OK);
	assert_string_equal(two.text, "api api2 ");
}

struct story {
	char text[160];
};

static bool
visit_event(const struct event *event, void *ctx)
{
	struct story *story = ctx;
	size_t at = strlen(story->text);

	if (event->service[0])
		snprintf(story->text + at, sizeof(story->text) - at, "%s:%s ", event_info(event->kind)->name, event->service);
	return true;
}

static void
the_log_tells_of_services(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	const struct store_event_filter everything = { 0 };
	uint8_t hash[DIGEST_SIZE] = { 0 };
	struct story story = { "" };
	bool found;

	add(f, "shop", 1, true);
	add(f, "shop", 1, false);
	assert_int_equal(store_service_set_secret(f->store, &caller, SLICE("shop"), hash, &found), PT_OK);
	assert_int_equal(store_service_set_secret(f->store, &caller, SLICE("none"), hash, &found), PT_OK);
	assert_int_equal(store_service_remove(f->store, &caller, SLICE("shop"), &found), PT_OK);
	assert_int_equal(store_event_each(f->store, &everything, visit_event, &story), PT_OK);
	assert_string_equal(story.text, "service_added:shop service_rotated:shop service_removed:shop ");
}

static void
services_outlive_the_process_and_come_back_from_a_backup(void **state)
{
	struct fixture *f = *state;
	char file[160];

	add(f, "shop", 7, true);
	fixture_reopen(f);
	assert_int_equal(secret_of(f, "shop"), 7);
	snprintf(file, sizeof(file), "%s/copy", f->folder);
	assert_int_equal(store_backup(f->store, file), PT_OK);
	add(f, "later", 8, true);
	store_close(f->store);
	assert_int_equal(store_restore(&f->options, file, false, f->now), PT_OK);
	assert_int_equal(store_open(&f->options, &f->store), PT_OK);
	assert_int_equal(secret_of(f, "shop"), 7);
	assert_int_equal(secret_of(f, "later"), -1);
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- damage ---- */

/* Puts one service's record under another's name. */
static void
run_misname(struct store_txn *txn, void *ctx)
{
	struct key shop = key_text(SLICE("shop")), mallory = key_text(SLICE("mallory"));
	struct slice value;
	char copy[RECORD_MAX];

	(void)ctx;
	if (!entry_get(txn, TABLE_SERVICES, &shop, &value)) {
		txn_fail(txn, PT_ERR_INVALID);
		return;
	}
	memcpy(copy, value.ptr, value.len);
	entry_put(txn, TABLE_SERVICES, &mallory, (struct slice){ copy, value.len });
}

static void
run_cut(struct store_txn *txn, void *ctx)
{
	struct key key = key_text(SLICE("mallory"));

	(void)ctx;
	entry_put(txn, TABLE_SERVICES, &key, SLICE("x"));
}

static void
a_service_that_is_damaged_is_found_and_let_in_by_nobody(void **state)
{
	void (*const plants[])(struct store_txn *, void *) = { run_misname, run_cut };
	struct fixture *f = *state;
	struct service service;
	bool found;

	add(f, "shop", 1, true);
	for (size_t i = 0; i < sizeof(plants) / sizeof(plants[0]); i++) {
		assert_int_equal(commit_change(f->store, plants[i], NULL), PT_OK);
		assert_int_equal(fixture_problems(f), 1);
		assert_int_equal(store_service_by_name(f->store, SLICE("mallory"), &service, &found), PT_ERR_CORRUPT);
		assert_int_equal(secret_of(f, "shop"), 1);
	}
}

/* ---- revoking ---- */

static void
a_service_ends_a_session_by_any_of_its_tokens_without_its_device(void **state)
{
	static const uint32_t serials[] = { 0, 1, 5000 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(serials) / sizeof(serials[0]); i++) {
		struct session session = fixture_login(f, &f->ann, 1, 1);
		struct store_presented token = fixture_token(&session, serials[i], FIRST_NONCE);
		struct store_caller caller = fixture_caller(f);
		struct store_judgement judgement;
		enum reason standing;
		bool ended;

		token.has_device = false;
		memset(token.device_hash, 0, sizeof(token.device_hash));
		caller.service = SLICE("shop");
		assert_int_equal(store_revoke(f->store, &caller, &token, &judgement, &ended), PT_OK);
		assert_true(ended);
		assert_string_equal(judgement.session.sid, session.sid);
		fixture_session(f, session.sid, &standing);
		assert_int_equal(standing, REASON_SERVICE);
		assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, session.sid), 1);
		assert_int_equal(store_revoke(f->store, &caller, &token, &judgement, &ended), PT_OK);
		assert_false(ended);
	}
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_wrong_secret_ends_nothing(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE), other = token;
	struct store_caller caller = fixture_caller(f);
	struct store_judgement judgement;
	enum reason standing;
	bool ended;

	token.secret_hash[DIGEST_SIZE - 1] ^= 1;
	assert_int_equal(store_revoke(f->store, &caller, &token, &judgement, &ended), PT_OK);
	assert_false(ended);
	other.session_number += 10;
	assert_int_equal(store_revoke(f->store, &caller, &other, &judgement, &ended), PT_OK);
	assert_false(ended);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_service_is_found_by_its_whole_name),
		TEST(a_name_is_given_once_until_it_is_free_again),
		TEST(a_service_without_a_name_is_none),
		TEST(a_new_secret_takes_the_place_of_the_old),
		TEST(services_are_listed_in_the_order_of_names),
		TEST(the_log_tells_of_services),
		TEST(services_outlive_the_process_and_come_back_from_a_backup),
		TEST(a_service_that_is_damaged_is_found_and_let_in_by_nobody),
		TEST(a_service_ends_a_session_by_any_of_its_tokens_without_its_device),
		TEST(a_wrong_secret_ends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
