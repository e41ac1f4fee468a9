/* Users: adding, changing, disabling and deleting them, and what happens to their sessions. */
#include "support/store_fixture.h"

#include <stdio.h>
#include <string.h>

#define NEW_HASH "$argon2id$v=19$m=19456,t=2,p=1$b3RoZXJzYWx0$b3RoZXI"

static void
a_user_is_found_by_name_and_number(void **state)
{
	struct fixture *f = *state;
	struct user user;
	bool found;

	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_true(found);
	assert_int_equal(user.number, f->ann.number);
	assert_string_equal(user.sub, f->ann.sub);
	assert_int_equal(user.created_at, f->now.wall_ms);
	assert_int_equal(store_user_by_number(f->store, f->bob.number, &user, &found), PT_OK);
	assert_true(found);
	assert_string_equal(user.name, "bob");
	assert_int_equal(fixture_problems(f), 0);
}

static void
who_is_not_there_is_not_found(void **state)
{
	static const char *const names[] = { "", "an", "annn", "Ann", "zoe" };
	struct fixture *f = *state;
	struct user user;
	bool found;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(store_user_by_name(f->store, slice_of(names[i]), &user, &found), PT_OK);
		assert_false(found);
	}
	char longest[2 * USER_NAME_SIZE];

	memset(longest, 'a', sizeof(longest));
	assert_int_equal(store_user_by_name(f->store, (struct slice){ longest, sizeof(longest) }, &user, &found), PT_OK);
	assert_false(found);
	assert_int_equal(store_user_by_number(f->store, 99, &user, &found), PT_OK);
	assert_false(found);
}

static void
a_name_is_given_once(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct user again = { .name = "ann" };
	bool added;

	assert_int_equal(store_user_add(f->store, &caller, &again, &added), PT_OK);
	assert_false(added);
	assert_int_equal(fixture_problems(f), 0);
}

static void
the_longest_name_and_groups_are_kept(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct user longest = { 0 }, back;
	bool added, found;

	memset(longest.name, 'n', sizeof(longest.name) - 1);
	memset(longest.groups, 'g', sizeof(longest.groups) - 1);
	assert_int_equal(store_user_add(f->store, &caller, &longest, &added), PT_OK);
	assert_true(added);
	assert_int_equal(store_user_by_name(f->store, slice_of(longest.name), &back, &found), PT_OK);
	assert_true(found);
	assert_string_equal(back.groups, longest.groups);
	assert_int_equal(fixture_problems(f), 0);
}

struct names {
	char text[64];
	unsigned left;
};

static bool
note_name(const struct user *user, void *ctx)
{
	struct names *names = ctx;

	strcat(names->text, user->name);
	return --names->left > 0;
}

static void
all_users_come_in_the_order_of_names_until_told_to_stop(void **state)
{
	struct fixture *f = *state;
	struct names all = { .left = 99 }, two = { .left = 2 };

	fixture_user(f, "zoe");
	fixture_user(f, "a");
	assert_int_equal(store_user_each(f->store, note_name, &all), PT_OK);
	assert_string_equal(all.text, "aannbobzoe");
	assert_int_equal(store_user_each(f->store, note_name, &two), PT_OK);
	assert_string_equal(two.text, "aann");
}

static void
a_new_password_ends_all_sessions_but_the_one_kept(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session kept = fixture_login(f, &f->ann, 1, 1), other = fixture_login(f, &f->ann, 2, 2),
	    stranger = fixture_login(f, &f->bob, 3, 3);
	enum reason standing;
	enum store_change result;

	assert_int_equal(store_user_set_password(f->store, &caller, f->ann.number, ANN_HASH, NEW_HASH, kept.number, &result),
	    PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	fixture_session(f, kept.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	fixture_session(f, other.sid, &standing);
	assert_int_equal(standing, REASON_PASSWORD_CHANGED);
	fixture_session(f, stranger.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(fixture_events(f, EVENT_PASSWORD_CHANGED, ""), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
of_two_changes_of_a_password_one_loses(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	enum reason standing;
	enum store_change result;

	assert_int_equal(store_user_set_password(f->store, &caller, f->ann.number, "other", NEW_HASH, 0, &result), PT_OK);
	assert_int_equal(result, CHANGE_OTHER_HASH);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(store_user_set_password(f->store, &caller, 77, NULL, NEW_HASH, 0, &result), PT_OK);
	assert_int_equal(result, CHANGE_USER_GONE);
	assert_int_equal(store_user_set_password(f->store, &caller, f->ann.number, NULL, NEW_HASH, 0, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
}

static void
a_hash_is_remade_only_in_the_place_of_the_one_that_was_checked(void **state)
{
	struct fixture *f = *state;
	struct session session = fixture_login(f, &f->ann, 1, 1);
	enum reason standing;
	struct user user;
	bool found;

	assert_int_equal(store_user_rehash(f->store, f->ann.number, "other", NEW_HASH), PT_OK);
	assert_int_equal(store_user_by_number(f->store, f->ann.number, &user, &found), PT_OK);
	assert_string_equal(user.password_hash, ANN_HASH);
	assert_int_equal(store_user_rehash(f->store, f->ann.number, ANN_HASH, NEW_HASH), PT_OK);
	assert_int_equal(store_user_by_number(f->store, f->ann.number, &user, &found), PT_OK);
	assert_string_equal(user.password_hash, NEW_HASH);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
}

static void
a_disabled_users_sessions_stay_dead_after_enabling(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;
	bool found;

	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, true, &found), PT_OK);
	assert_true(found);
	assert_int_equal(fixture_refresh(f, &token).reason, REASON_USER_DISABLED);
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, false, &found), PT_OK);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_USER_DISABLED);
	assert_int_equal(fixture_refresh(f, &token).verdict, STORE_REFUSED);
	/* The same change again does nothing and logs nothing. */
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, false, &found), PT_OK);
	assert_true(found);
	assert_int_equal(fixture_events(f, EVENT_USER_DISABLED, ""), 1);
	assert_int_equal(fixture_events(f, EVENT_USER_ENABLED, ""), 1);
	assert_int_equal(store_user_set_disabled(f->store, &caller, 77, true, &found), PT_OK);
	assert_false(found);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_disabled_user_gets_no_session(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_login login = { .user_number = f->ann.number, .expected_hash = ANN_HASH };
	struct session session;
	struct user user;
	struct login_decision decision;
	bool done;

	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, true, &done), PT_OK);
	assert_int_equal(store_login(f->store, &caller, &login, &session, &user, &decision), PT_OK);
	assert_false(decision.result == LOGIN_GOOD);
	assert_int_equal(fixture_events(f, EVENT_LOGIN, ""), 0);
}

static void
groups_are_changed_and_too_long_ones_are_refused(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	char too_long[GROUPS_SIZE];
	struct user user;
	bool found;

	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("staff"), &found), PT_OK);
	assert_true(found);
	memset(too_long, 'g', sizeof(too_long));
	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number,
	    (struct slice){ too_long, sizeof(too_long) }, &found), PT_ERR_INVALID);
	assert_int_equal(store_user_by_number(f->store, f->ann.number, &user, &found), PT_OK);
	assert_string_equal(user.groups, "staff");
	assert_int_equal(fixture_events(f, EVENT_USER_CHANGED, ""), 1);
}

static void
a_deleted_user_leaves_nothing_but_a_tombstone_and_the_log(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->ann, 1, 1);
	struct store_presented token = fixture_token(&session, 0, FIRST_NONCE);
	enum reason standing;
	struct user user;
	bool found;

	assert_int_equal(store_user_delete(f->store, &caller, f->ann.number, &found), PT_OK);
	assert_true(found);
	assert_int_equal(store_user_by_name(f->store, SLICE("ann"), &user, &found), PT_OK);
	assert_false(found);
	assert_int_equal(store_session_by_sid(f->store, f->now, slice_of(session.sid), &session, &user, &standing, &found),
	    PT_OK);
	assert_false(found);
	assert_int_equal(fixture_refresh(f, &token).reason, REASON_UNKNOWN_SESSION);
	assert_int_equal(fixture_events(f, EVENT_SESSION_ENDED, session.sid), 1);
	assert_int_equal(fixture_events(f, EVENT_USER_DELETED, ""), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
the_name_of_a_deleted_user_comes_back_with_another_number_and_subject(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	bool found;

	assert_int_equal(store_user_delete(f->store, &caller, f->ann.number, &found), PT_OK);
	struct user again = fixture_user(f, "ann");

	assert_true(again.number > f->bob.number);
	assert_string_not_equal(again.sub, f->ann.sub);
	assert_int_equal(fixture_problems(f), 0);
}

static bool
expect_bob(const struct event *event, void *ctx)
{
	assert_string_equal(event->username, "bob");
	assert_string_equal(event->address, "192.0.2.7");
	++*(unsigned *)ctx;
	return true;
}

static void
an_event_keeps_the_name_that_the_user_had(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct store_event_filter filter = { .user_number = f->bob.number };
	unsigned count = 0;
	bool found;

	assert_int_equal(store_user_delete(f->store, &caller, f->bob.number, &found), PT_OK);
	assert_int_equal(store_event_each(f->store, &filter, expect_bob, &count), PT_OK);
	assert_int_equal(count, 2);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_user_is_found_by_name_and_number),
		TEST(who_is_not_there_is_not_found),
		TEST(a_name_is_given_once),
		TEST(the_longest_name_and_groups_are_kept),
		TEST(all_users_come_in_the_order_of_names_until_told_to_stop),
		TEST(a_new_password_ends_all_sessions_but_the_one_kept),
		TEST(of_two_changes_of_a_password_one_loses),
		TEST(a_hash_is_remade_only_in_the_place_of_the_one_that_was_checked),
		TEST(a_disabled_users_sessions_stay_dead_after_enabling),
		TEST(a_disabled_user_gets_no_session),
		TEST(groups_are_changed_and_too_long_ones_are_refused),
		TEST(a_deleted_user_leaves_nothing_but_a_tombstone_and_the_log),
		TEST(the_name_of_a_deleted_user_comes_back_with_another_number_and_subject),
		TEST(an_event_keeps_the_name_that_the_user_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
