/* A record that does not decode harms only itself. */
#include "support/store_fixture.h"

#include <string.h>

#include "store/lmdb/engine.h"
#include "store/lmdb/folder.h"
#include "store/rows/counters.h"
#include "store/rows/row_entry.h"
#include "store/rows/session_row.h"

struct planting {
	enum table table;
	struct key key;
	struct slice value;
};

static void
run_plant(struct store_txn *txn, void *ctx)
{
	const struct planting *planting = ctx;

	entry_put(txn, planting->table, &planting->key, planting->value);
}

static void
plant(struct fixture *f, enum table table, struct key key, struct slice value)
{
	struct planting planting = { table, key, value };

	assert_int_equal(commit_change(f->store, run_plant, &planting), PT_OK);
}

static struct service
add_service(struct fixture *f, const char *name)
{
	struct store_caller caller = fixture_caller(f);
	struct service service = { 0 };
	bool added;

	slice_copy(slice_of(name), service.name, sizeof(service.name));
	assert_int_equal(store_service_add(f->store, &caller, &service, &added), PT_OK);
	assert_true(added);
	return service;
}

/* ---- names ---- */

/* What an index entry may hold instead of ann's number. */
static const struct bad_name {
	const char *sentence;
	struct slice value;
} bad_names[] = {
	{ "it is cut short", { "\0\0", 2 } },
	{ "it leads to nobody", { "\0\0\0\0\0\0\1\0", 8 } },
	{ "it leads to bob", { "\0\0\0\0\0\0\0\2", 8 } },
};

static bool
count_user(const struct user *user, void *ctx)
{
	unsigned *count = ctx;

	(void)user;
	++*count;
	return true;
}

static void
say_nothing(const char *done, void *ctx)
{
	(void)done, (void)ctx;
}

static void
whose_name_is_broken_can_be_disabled(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
		void *own;

		fixture_setup(&own);
		struct fixture *f = own;
		struct store_caller caller = fixture_caller(f);
		struct session anns = fixture_login(f, &f->ann, 1, 1), bobs = fixture_login(f, &f->bob, 2, 2);
		unsigned count = 0;
		uint64_t mended;
		struct user user;
		enum reason standing;
		bool found;

		plant(f, TABLE_NAMES, key_text(SLICE("ann")), bad_names[i].value);
		/* A login asks like this, and must not be let in as anybody else. */
		if (store_user_by_name(f->store, SLICE("ann"), &user, &found) == PT_OK && found)
			fail_msg("%s, and the name is somebody's", bad_names[i].sentence);
		assert_int_equal(store_user_search(f->store, SLICE("ann"), &user, &found), PT_OK);
		if (!found || user.number != f->ann.number)
			fail_msg("%s, and the user is not found", bad_names[i].sentence);
		assert_int_equal(store_user_set_disabled(f->store, &caller, user.number, true, &found), PT_OK);
		fixture_session(f, anns.sid, &standing);
		assert_int_equal(standing, REASON_USER_DISABLED);
		fixture_session(f, bobs.sid, &standing);
		assert_int_equal(standing, REASON_NONE);
		/* The list has the others and reports that it is incomplete. */
		assert_int_equal(store_user_each(f->store, count_user, &count), PT_ERR_CORRUPT);
		assert_int_equal(count, 1);
		assert_int_equal(store_mend(f->store, f->now, say_nothing, NULL, &mended), PT_OK);
		assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
		if (!found || user.number != f->ann.number)
			fail_msg("%s, and it is not mended", bad_names[i].sentence);
		assert_int_equal(fixture_problems(f), 0);
		fixture_teardown(&own);
	}
}

/* A broken user's name may be shorter than the one before it. */
static void
the_list_of_users_passes_over_broken_ones(void **state)
{
	struct fixture *f = *state;
	unsigned count = 0;

	fixture_user(f, "longer-than-the-next");
	fixture_user(f, "m");
	fixture_user(f, "zoe");
	plant(f, TABLE_NAMES, key_text(SLICE("m")), SLICE("?"));
	assert_int_equal(store_user_each(f->store, count_user, &count), PT_ERR_CORRUPT);
	assert_int_equal(count, 4);
}

/* ---- services ---- */

static bool
note_service(const struct service *service, void *ctx)
{
	char *names = ctx;

	strcat(names, service->name);
	strcat(names, " ");
	return true;
}

static void
the_list_of_services_passes_over_broken_ones(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	char names[100] = "";
	bool found;

	add_service(f, "api");
	add_service(f, "billing");
	add_service(f, "c");
	add_service(f, "door");
	plant(f, TABLE_SERVICES, key_text(SLICE("api")), SLICE("?"));
	plant(f, TABLE_SERVICES, key_text(SLICE("c")), SLICE("?"));
	assert_int_equal(store_service_each(f->store, note_service, names), PT_ERR_CORRUPT);
	assert_string_equal(names, "billing door ");
	/* A broken one can be removed, and its name can be given again. */
	assert_int_equal(store_service_remove(f->store, &caller, SLICE("api"), &found), PT_OK);
	assert_true(found);
	add_service(f, "api");
	assert_int_equal(store_service_remove(f->store, &caller, SLICE("c"), &found), PT_OK);
	names[0] = '\0';
	assert_int_equal(store_service_each(f->store, note_service, names), PT_OK);
	assert_string_equal(names, "api billing door ");
	assert_int_equal(fixture_problems(f), 0);
}

/* ---- imports ---- */

static struct store_newcomer
newcomer(const char *name)
{
	struct store_newcomer made = { .has_hash = true };

	slice_copy(slice_of(name), made.user.name, sizeof(made.user.name));
	slice_copy(SLICE("$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"), made.user.password_hash, sizeof(made.user.password_hash));
	return made;
}

static void
one_broken_record_keeps_no_other_from_moving_in(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct user carl = fixture_user(f, "carl");
	struct store_newcomer list[] = { newcomer("ann"), newcomer("bob"), newcomer("carl"), newcomer("dora") };
	struct user user;
	bool found;

	slice_copy(slice_of(carl.sub), list[2].user.sub, sizeof(list[2].user.sub));
	list[2].has_otp = true;
	plant(f, TABLE_USERS, key_number(f->ann.number), SLICE("?"));
	plant(f, TABLE_OTP, key_number(carl.number), SLICE("?"));
	for (int dry = 1; dry >= 0; dry--) {
		assert_int_equal(dry ? store_user_import_try(f->store, list, 4, true) :
		    store_user_import(f->store, &caller, list, 4, true), PT_OK);
		assert_int_equal(list[0].arrival, ARRIVAL_BROKEN);
		assert_int_equal(list[1].arrival, ARRIVAL_REPLACED);
		assert_int_equal(list[2].arrival, ARRIVAL_BROKEN);
		assert_int_equal(list[3].arrival, ARRIVAL_ADDED);
	}
	assert_int_equal(store_user_by_name(f->store, SLICE("dora"), &user, &found), PT_OK);
	assert_true(found);
	assert_int_equal(store_user_by_name(f->store, SLICE("bob"), &user, &found), PT_OK);
	assert_string_equal(user.password_hash, list[1].user.password_hash);
	assert_int_equal(store_user_by_name(f->store, SLICE("carl"), &user, &found), PT_OK);
	assert_string_equal(user.password_hash, ANN_HASH);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whose_name_is_broken_can_be_disabled),
		TEST(the_list_of_users_passes_over_broken_ones),
		TEST(the_list_of_services_passes_over_broken_ones),
		TEST(one_broken_record_keeps_no_other_from_moving_in),
	};

	return cmocka_run_group_tests_name("broken", tests, NULL, NULL);
}
