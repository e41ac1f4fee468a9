/* Imported users: many to a transaction, each once, with all their ids. */
#include "support/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/"
#define ID "oAozKxCf4E4vr9bCegXntA"

static struct store_newcomer
newcomer(const char *name)
{
	struct store_newcomer made = { .has_hash = true };

	slice_copy(slice_of(name), made.user.name, sizeof(made.user.name));
	slice_copy(SLICE(HASH), made.user.password_hash, sizeof(made.user.password_hash));
	return made;
}

static struct user
user_of(struct fixture *f, const char *name)
{
	struct user user;
	bool found;

	assert_int_equal(store_user_by_name(f->store, slice_of(name), &user, &found), PT_OK);
	assert_true(found);
	return user;
}

static void
import(struct fixture *f, struct store_newcomer *list, size_t count, bool replace)
{
	struct store_caller caller = fixture_caller(f);

	assert_int_equal(store_user_import(f->store, &caller, list, count, replace), PT_OK);
	assert_int_equal(fixture_problems(f), 0);
}

static void
newcomers_are_added_and_those_who_are_there_left_alone(void **state)
{
	struct fixture *f = *state;
	struct store_newcomer list[] = { newcomer("cyd"), newcomer("ann"), newcomer("dan") };

	list[0].user.disabled = true;
	import(f, list, 3, false);
	assert_int_equal(list[0].arrival, ARRIVAL_ADDED);
	assert_int_equal(list[1].arrival, ARRIVAL_THERE);
	assert_int_equal(list[2].arrival, ARRIVAL_ADDED);
	struct user cyd = user_of(f, "cyd"), ann = user_of(f, "ann"), dan = user_of(f, "dan");

	assert_string_equal(cyd.password_hash, HASH);
	assert_true(cyd.disabled);
	assert_int_equal(cyd.created_at, f->now.wall_ms);
	assert_int_equal(cyd.password_set_at, f->now.wall_ms);
	assert_string_equal(ann.password_hash, ANN_HASH);
	assert_int_not_equal(dan.number, cyd.number);
	assert_string_not_equal(dan.sub, cyd.sub);
	assert_int_equal(fixture_events(f, EVENT_USER_ADDED, ""), 4);
	/* The same import again changes nothing. */
	import(f, list, 3, false);
	assert_int_equal(list[0].arrival, ARRIVAL_THERE);
	assert_int_equal(fixture_events(f, EVENT_USER_ADDED, ""), 4);
}

static void
who_comes_back_keeps_id_and_times(void **state)
{
	struct fixture *f = *state;
	struct store_newcomer list[] = { newcomer("cyd") };

	slice_copy(SLICE(ID), list[0].user.sub, sizeof(list[0].user.sub));
	list[0].user.created_at = 1000;
	list[0].user.password_set_at = 2000;
	list[0].user.last_login_at = 3000;
	import(f, list, 1, false);
	struct user cyd = user_of(f, "cyd");

	assert_string_equal(cyd.sub, ID);
	assert_int_equal(cyd.created_at, 1000);
	assert_int_equal(cyd.password_set_at, 2000);
	assert_int_equal(cyd.last_login_at, 3000);
}

static void
an_id_is_one_users_for_ever(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_newcomer list[] = { newcomer("cyd"), newcomer("dan"), newcomer("eve"), newcomer("bob") };
	bool found;

	slice_copy(slice_of(f->ann.sub), list[0].user.sub, ID_SIZE);
	slice_copy(SLICE(ID), list[1].user.sub, ID_SIZE);
	slice_copy(SLICE(ID), list[2].user.sub, ID_SIZE);
	slice_copy(SLICE("qAozKxCf4E4vr9bCegXntA"), list[3].user.sub, ID_SIZE);
	import(f, list, 4, true);
	assert_int_equal(list[0].arrival, ARRIVAL_ID_TAKEN);
	assert_int_equal(list[1].arrival, ARRIVAL_ADDED);
	assert_int_equal(list[2].arrival, ARRIVAL_ID_TAKEN);
	assert_int_equal(list[3].arrival, ARRIVAL_ID_TAKEN);
	assert_int_equal(store_user_delete(f->store, &caller, user_of(f, "dan").number, &found), PT_OK);
	import(f, &list[2], 1, false);
	assert_int_equal(list[2].arrival, ARRIVAL_ID_TAKEN);
}

static void
replacing_changes_what_the_file_has_and_nothing_else(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_newcomer list[] = { newcomer("ann") };
	enum reason standing;

	/* Only the groups change: nobody is signed out. */
	list[0].has_hash = false;
	list[0].has_groups = true;
	slice_copy(SLICE("staff"), list[0].user.groups, GROUPS_SIZE);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_REPLACED);
	assert_string_equal(user_of(f, "ann").groups, "staff");
	assert_string_equal(user_of(f, "ann").password_hash, ANN_HASH);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_UNCHANGED);

	list[0].has_hash = true;
	fixture_pass(f, HOUR_MS);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_REPLACED);
	struct user ann = user_of(f, "ann");

	assert_string_equal(ann.password_hash, HASH);
	assert_string_equal(ann.sub, f->ann.sub);
	assert_int_equal(ann.password_set_at, f->now.wall_ms);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_PASSWORD_CHANGED);
	assert_int_equal(fixture_events(f, EVENT_PASSWORD_CHANGED, ""), 1);
	assert_false(ann.disabled);

	list[0].has_disabled = list[0].user.disabled = true;
	import(f, list, 1, true);
	assert_true(user_of(f, "ann").disabled);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_UNCHANGED);
}

static struct otp
otp_of(struct fixture *f, const char *name)
{
	struct otp otp;
	bool found;

	assert_int_equal(store_otp_get(f->store, user_of(f, name).number, &otp, &found), PT_OK);
	assert_int_equal(found, otp.user_number != 0);
	return otp;
}

static void
bring_otp(struct store_newcomer *newcomer, const char *sub, uint8_t sealed)
{
	newcomer->has_otp = true;
	slice_copy(slice_of(sub), newcomer->user.sub, ID_SIZE);
	newcomer->otp = (struct otp){ .on = true, .sealed = { sealed }, .last_step = 50, .recovery = { { 1 }, { 2 } } };
}

static void
a_second_factor_comes_with_its_user(void **state)
{
	struct fixture *f = *state;
	struct store_newcomer list[] = { newcomer("cyd"), newcomer("dan") };
	struct otp otp;

	bring_otp(&list[0], ID, 7);
	list[0].otp.enrolled_at = 1000;
	import(f, list, 2, false);
	otp = otp_of(f, "cyd");
	assert_true(otp.on);
	assert_int_equal(otp.sealed[0], 7);
	assert_int_equal(otp.last_step, 50);
	assert_int_equal(otp.enrolled_at, 1000);
	assert_int_equal(otp.recovery_at, f->now.wall_ms);
	assert_int_equal(otp_recovery_left(&otp), 2);
	assert_false(otp_of(f, "dan").on);
	assert_int_equal(fixture_events(f, EVENT_OTP_ENABLED, ""), 1);
}

static void
a_second_factor_replaces_and_ends_no_session(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_newcomer list[] = { newcomer("ann") };
	enum reason standing;

	list[0].has_hash = false;
	bring_otp(&list[0], f->ann.sub, 7);
	import(f, list, 1, false);
	assert_int_equal(list[0].arrival, ARRIVAL_THERE);
	assert_false(otp_of(f, "ann").on);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_REPLACED);
	assert_int_equal(otp_of(f, "ann").sealed[0], 7);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_UNCHANGED);
	/* An imported user without one keeps the old one. */
	list[0].has_otp = false;
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_UNCHANGED);
	assert_true(otp_of(f, "ann").on);
	assert_int_equal(fixture_events(f, EVENT_OTP_ENABLED, ""), 1);
}

/* Sealed for another user it would never open, and its owner would be locked out. */
static void
a_second_factor_goes_to_nobody_that_it_was_not_sealed_for(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_newcomer list[] = { newcomer("ann") };

	bring_otp(&list[0], ID, 7);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_ID_TAKEN);
	assert_false(otp_of(f, "ann").on);
	list[0].user.sub[0] = '\0';
	assert_int_equal(store_user_import(f->store, &caller, list, 1, true), PT_ERR_INVALID);
	assert_false(otp_of(f, "ann").on);
}

/*
 * The imported group demands the imported factor: sessions without it end, sessions with it stay.
 */
static void
a_group_that_wants_a_second_factor_ends_the_sessions_without(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_newcomer list[] = { newcomer("ann") };
	enum reason standing;

	f->options.otp_required = "staff";
	fixture_reopen(f);
	list[0].has_hash = false;
	list[0].has_groups = true;
	slice_copy(SLICE("staff"), list[0].user.groups, GROUPS_SIZE);
	bring_otp(&list[0], f->ann.sub, 7);
	import(f, list, 1, true);
	assert_int_equal(list[0].arrival, ARRIVAL_REPLACED);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_OTP_REQUIRED);
	assert_true(otp_of(f, "ann").on);
}

static void
trying_tells_the_same_and_does_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_newcomer list[] = { newcomer("cyd"), newcomer("ann") };
	struct user user;
	bool found;

	assert_int_equal(store_user_import_try(f->store, list, 2, true), PT_OK);
	assert_int_equal(list[0].arrival, ARRIVAL_ADDED);
	assert_int_equal(list[1].arrival, ARRIVAL_REPLACED);
	assert_int_equal(store_user_by_name(f->store, SLICE("cyd"), &user, &found), PT_OK);
	assert_false(found);
	assert_string_equal(user_of(f, "ann").password_hash, ANN_HASH);
}

/* Either all of a batch or none of it. */
static void
one_record_that_cannot_be_leaves_nothing_of_its_batch(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_newcomer list[] = { newcomer("cyd"), newcomer("dan") };
	struct user user;
	bool found;

	memset(list[1].user.groups, '\n', 3);
	assert_int_equal(store_user_import(f->store, &caller, list, 2, false), PT_ERR_INVALID);
	assert_int_equal(store_user_by_name(f->store, SLICE("cyd"), &user, &found), PT_OK);
	assert_false(found);
	assert_int_equal(fixture_problems(f), 0);
}

static void
many_are_added_by_the_batch(void **state)
{
	struct fixture *f = *state;
	struct store_newcomer *list = calloc(256, sizeof(*list));
	struct store_stats stats;

	for (unsigned batch = 0; batch < 4; batch++) {
		for (unsigned i = 0; i < 256; i++) {
			char name[32];

			snprintf(name, sizeof(name), "user%u", batch * 256 + i);
			list[i] = newcomer(name);
		}
		struct store_caller caller = fixture_caller(f);

		assert_int_equal(store_user_import(f->store, &caller, list, 256, false), PT_OK);
	}
	free(list);
	assert_int_equal(store_stats(f->store, &stats), PT_OK);
	assert_int_equal(stats.users, 2 + 4 * 256);
	assert_int_equal(fixture_problems(f), 0);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newcomers_are_added_and_those_who_are_there_left_alone),
		TEST(who_comes_back_keeps_id_and_times),
		TEST(an_id_is_one_users_for_ever),
		TEST(replacing_changes_what_the_file_has_and_nothing_else),
		TEST(a_second_factor_comes_with_its_user),
		TEST(a_second_factor_replaces_and_ends_no_session),
		TEST(a_second_factor_goes_to_nobody_that_it_was_not_sealed_for),
		TEST(a_group_that_wants_a_second_factor_ends_the_sessions_without),
		TEST(trying_tells_the_same_and_does_nothing),
		TEST(one_record_that_cannot_be_leaves_nothing_of_its_batch),
		TEST(many_are_added_by_the_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
