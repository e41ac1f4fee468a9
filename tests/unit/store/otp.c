/*
 * Second factors in the store: how they are turned on, spent with the login that they prove and
 * removed, and what that does to sessions.
 */
#include "support/store_fixture.h"

#include <pthread.h>
#include <string.h>

static const uint8_t secret[OTP_SEALED_SIZE] = { 7, 1 }, other_secret[OTP_SEALED_SIZE] = { 8, 1 };
static const struct otp_proof recovery = { .kind = OTP_PROOF_RECOVERY, .hash = { 3 } };

static struct otp_proof
code_of(const uint8_t sealed[OTP_SEALED_SIZE], uint64_t step)
{
	struct otp_proof proof = { .kind = OTP_PROOF_CODE, .step = step };

	memcpy(proof.sealed, sealed, sizeof(proof.sealed));
	return proof;
}

static struct otp_enrolment
enrolment_of(const uint8_t sealed[OTP_SEALED_SIZE], uint64_t step)
{
	struct otp_enrolment enrolment = { .step = step };

	memcpy(enrolment.sealed, sealed, sizeof(enrolment.sealed));
	for (size_t i = 0; i < OTP_RECOVERY_CODES; i++)
		enrolment.recovery[i][0] = (uint8_t)(i + 1);
	return enrolment;
}

static struct otp
otp_of(struct fixture *f, const struct user *user)
{
	struct otp otp;
	bool found;

	assert_int_equal(store_otp_get(f->store, user->number, &otp, &found), PT_OK);
	assert_int_equal(found, otp.user_number != 0);
	return otp;
}

static enum store_change
otp_begin(struct fixture *f, const uint8_t sealed[OTP_SEALED_SIZE], const struct otp_proof *proof)
{
	struct store_caller caller = fixture_caller(f);
	enum store_change result;

	assert_int_equal(store_otp_begin(f->store, &caller, f->ann.number, sealed, proof, &result), PT_OK);
	return result;
}

static enum store_change
confirm(struct fixture *f, const uint8_t sealed[OTP_SEALED_SIZE], uint64_t step, struct store_otp_sessions sessions)
{
	const struct otp_enrolment enrolment = enrolment_of(sealed, step);
	struct store_caller caller = fixture_caller(f);
	enum store_change result;

	assert_int_equal(store_otp_confirm(f->store, &caller, f->ann.number, &enrolment, &sessions, &result), PT_OK);
	return result;
}

/* Ann's second factor is on; the code of step 100 is spent. */
static void
turn_on(struct fixture *f)
{
	assert_int_equal(otp_begin(f, secret, NULL), CHANGE_DONE);
	assert_int_equal(confirm(f, secret, 100, (struct store_otp_sessions){ 0 }), CHANGE_DONE);
}

static enum login_result
login_result(struct fixture *f, const struct otp_proof *proof, const struct otp_enrolment *enrolment, uint32_t methods,
    struct session *session)
{
	struct store_caller caller = fixture_caller(f);
	struct store_login wanted = {
		.user_number = f->ann.number, .expected_hash = methods & LOGIN_BY_PASSWORD ? ANN_HASH : NULL,
		.nonce = FIRST_NONCE, .methods = methods, .proof = proof, .enrolment = enrolment, .device_hash = { 9 },
	};
	struct user user;
	struct login_decision decision;

	assert_int_equal(store_login(f->store, &caller, &wanted, session, &user, &decision), PT_OK);
	return decision.result;
}

static bool
login(struct fixture *f, const struct otp_proof *proof, const struct otp_enrolment *enrolment, uint32_t methods,
    struct session *session)
{
	return login_result(f, proof, enrolment, methods, session) == LOGIN_GOOD;
}

static void
a_secret_that_waits_is_asked_for_by_no_login(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(otp_begin(f, secret, NULL), CHANGE_DONE);
	assert_false(otp_of(f, &f->ann).on);
	fixture_login(f, &f->ann, 1, 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
turned_on_it_is_wanted_at_every_login_by_password(void **state)
{
	struct fixture *f = *state;
	struct otp_proof next = code_of(secret, 101), wrong = code_of(other_secret, 102);
	struct session session;

	turn_on(f);
	assert_int_equal(fixture_events(f, EVENT_OTP_ENABLED, ""), 1);
	assert_int_equal(login_result(f, NULL, NULL, LOGIN_BY_PASSWORD, &session), LOGIN_CODE_ASKED);
	assert_int_equal(login_result(f, &wrong, NULL, LOGIN_BY_PASSWORD, &session), LOGIN_CODE_REFUSED);
	assert_true(login(f, &next, NULL, LOGIN_BY_PASSWORD, &session));
	assert_int_equal(session.methods, LOGIN_BY_PASSWORD | LOGIN_BY_OTP);
	assert_int_equal(login_result(f, &next, NULL, LOGIN_BY_PASSWORD, &session), LOGIN_CODE_REFUSED);
	/* The web server's own sign-on has rules of its own. */
	assert_true(login(f, NULL, NULL, LOGIN_BY_WEB_SERVER, &session));
	assert_int_equal(fixture_events(f, EVENT_LOGIN, ""), 2);
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_login_that_fails_otherwise_spends_nothing(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct otp_proof next = code_of(secret, 101);
	struct session session;
	bool done;

	turn_on(f);
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, true, &done), PT_OK);
	assert_false(login(f, &recovery, NULL, LOGIN_BY_PASSWORD, &session));
	assert_int_equal(store_user_set_disabled(f->store, &caller, f->ann.number, false, &done), PT_OK);
	struct otp otp = otp_of(f, &f->ann);

	assert_int_equal(otp_recovery_left(&otp), OTP_RECOVERY_CODES);
	assert_int_equal(otp.last_step, 100);
	assert_true(login(f, &next, NULL, LOGIN_BY_PASSWORD, &session));
}

static void
a_recovery_code_is_spent_by_the_login_that_it_proves(void **state)
{
	struct fixture *f = *state;
	struct session session;

	turn_on(f);
	assert_true(login(f, &recovery, NULL, LOGIN_BY_PASSWORD, &session));
	assert_false(login(f, &recovery, NULL, LOGIN_BY_PASSWORD, &session));
	struct otp otp = otp_of(f, &f->ann);

	assert_int_equal(otp_recovery_left(&otp), OTP_RECOVERY_CODES - 1);
	assert_int_equal(fixture_events(f, EVENT_RECOVERY_CODE_USED, ""), 1);
	fixture_reopen(f);
	assert_false(login(f, &recovery, NULL, LOGIN_BY_PASSWORD, &session));
}

#define RACERS 8

struct race {
	struct fixture *f;
	const struct otp_proof *proof;
	pthread_barrier_t start;
};

static void *
race_login(void *ctx)
{
	struct race *race = ctx;
	struct session session;

	pthread_barrier_wait(&race->start);
	return login(race->f, race->proof, NULL, LOGIN_BY_PASSWORD, &session) ? ctx : NULL;
}

static unsigned
race_winners(struct fixture *f, const struct otp_proof *proof)
{
	struct race race = { .f = f, .proof = proof };
	pthread_t threads[RACERS];
	unsigned winners = 0;

	assert_int_equal(pthread_barrier_init(&race.start, NULL, RACERS), 0);
	for (size_t i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race_login, &race), 0);
	for (size_t i = 0; i < RACERS; i++) {
		void *won;

		assert_int_equal(pthread_join(threads[i], &won), 0);
		winners += won != NULL;
	}
	pthread_barrier_destroy(&race.start);
	return winners;
}

static void
of_many_logins_at_once_with_one_code_one_wins(void **state)
{
	struct fixture *f = *state;
	struct otp_proof next = code_of(secret, 101);

	turn_on(f);
	assert_int_equal(race_winners(f, &next), 1);
	assert_int_equal(race_winners(f, &recovery), 1);
	assert_int_equal(fixture_problems(f), 0);
}

static void
to_replace_what_is_on_its_own_code_is_wanted(void **state)
{
	struct fixture *f = *state;
	struct otp_proof next = code_of(secret, 101);

	turn_on(f);
	assert_int_equal(otp_begin(f, other_secret, NULL), CHANGE_PROOF_REFUSED);
	assert_int_equal(otp_begin(f, other_secret, &next), CHANGE_DONE);
	assert_int_equal(otp_begin(f, other_secret, &next), CHANGE_PROOF_REFUSED);
	/* Until the new one's first code, the old one counts. */
	assert_memory_equal(otp_of(f, &f->ann).sealed, secret, sizeof(secret));
	assert_int_equal(confirm(f, secret, 5, (struct store_otp_sessions){ 0 }), CHANGE_NOT_PENDING);
	assert_int_equal(confirm(f, other_secret, 5, (struct store_otp_sessions){ 0 }), CHANGE_DONE);
	assert_memory_equal(otp_of(f, &f->ann).sealed, other_secret, sizeof(secret));
}

static void
a_first_code_comes_in_time_or_not_at_all(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(otp_begin(f, secret, NULL), CHANGE_DONE);
	fixture_pass(f, OTP_PENDING_MS + 1);
	assert_int_equal(confirm(f, secret, 100, (struct store_otp_sessions){ 0 }), CHANGE_NOT_PENDING);
	assert_false(otp_of(f, &f->ann).on);
}

static void
the_other_sessions_end_where_that_is_wanted(void **state)
{
	struct fixture *f = *state;
	struct session kept = fixture_login(f, &f->ann, 1, 1), other = fixture_login(f, &f->ann, 2, 2);
	struct otp_proof next = code_of(secret, 101);
	struct store_caller caller = fixture_caller(f);
	struct store_otp_sessions all = { .current = kept.number, .end_others = true };
	enum reason standing;
	enum store_change result;

	assert_int_equal(otp_begin(f, secret, NULL), CHANGE_DONE);
	assert_int_equal(confirm(f, secret, 100, (struct store_otp_sessions){ .current = kept.number }), CHANGE_DONE);
	assert_int_equal(fixture_session(f, kept.sid, &standing).methods, LOGIN_BY_PASSWORD | LOGIN_BY_OTP);
	assert_int_equal(fixture_session(f, other.sid, &standing).methods, LOGIN_BY_PASSWORD);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(store_otp_remove(f->store, &caller, f->ann.number, &next, &all, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	fixture_session(f, kept.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	fixture_session(f, other.sid, &standing);
	assert_int_equal(standing, REASON_OTP_CHANGED);
	assert_int_equal(fixture_events(f, EVENT_OTP_DISABLED, ""), 1);
	assert_int_equal(otp_of(f, &f->ann).user_number, 0);
	fixture_login(f, &f->ann, 3, 3);
	assert_int_equal(fixture_problems(f), 0);
}

static void
new_recovery_codes_take_the_place_of_the_old(void **state)
{
	struct fixture *f = *state;
	struct store_otp_recovery fresh = { .hashes = { { 99 } } };
	struct otp_proof next = code_of(secret, 101), new_one = { .kind = OTP_PROOF_RECOVERY, .hash = { 99 } };
	struct store_caller caller = fixture_caller(f);
	struct session session;
	enum store_change result;

	assert_int_equal(store_otp_set_recovery(f->store, &caller, f->ann.number, &fresh, NULL, &result), PT_OK);
	assert_int_equal(result, CHANGE_OTP_OFF);
	turn_on(f);
	assert_int_equal(store_otp_set_recovery(f->store, &caller, f->ann.number, &fresh, &next, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	assert_int_equal(store_otp_set_recovery(f->store, &caller, f->ann.number, &fresh, &next, &result), PT_OK);
	assert_int_equal(result, CHANGE_PROOF_REFUSED);
	assert_int_equal(fixture_events(f, EVENT_RECOVERY_CODES_MADE, ""), 1);
	assert_false(login(f, &recovery, NULL, LOGIN_BY_PASSWORD, &session));
	assert_true(login(f, &new_one, NULL, LOGIN_BY_PASSWORD, &session));
}

static void
an_administrator_turns_on_and_removes_without_a_code(void **state)
{
	struct fixture *f = *state;
	struct store_otp_recovery codes = { .hashes = { { 3 } } };
	struct store_otp_sessions none = { 0 };
	struct store_caller caller = fixture_caller(f);
	struct otp_proof old = code_of(secret, UINT64_MAX), next = code_of(other_secret, 5);
	struct session session;
	enum store_change result;

	turn_on(f);
	/* The clock was wrong by centuries: codes are refused until a new factor is enrolled. */
	assert_true(login(f, &old, NULL, LOGIN_BY_PASSWORD, &session));
	assert_int_equal(store_otp_set(f->store, &caller, f->ann.number, other_secret, &codes, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	assert_true(login(f, &next, NULL, LOGIN_BY_PASSWORD, &session));
	assert_int_equal(store_otp_remove(f->store, &caller, f->ann.number, NULL, &none, &result), PT_OK);
	assert_int_equal(result, CHANGE_DONE);
	assert_int_equal(store_otp_remove(f->store, &caller, f->ann.number, NULL, &none, &result), PT_OK);
	assert_int_equal(result, CHANGE_OTP_OFF);
	assert_int_equal(store_otp_set(f->store, &caller, 99, secret, &codes, &result), PT_OK);
	assert_int_equal(result, CHANGE_USER_GONE);
	assert_int_equal(store_otp_remove(f->store, &caller, 99, NULL, &none, &result), PT_OK);
	assert_int_equal(result, CHANGE_USER_GONE);
	assert_int_equal(fixture_problems(f), 0);
}

/* Opens the store again with these groups required to have a second factor. */
static void
require(struct fixture *f, const char *groups)
{
	f->options.otp_required = groups;
	fixture_reopen(f);
}

static void
who_must_have_one_gets_no_session_without(void **state)
{
	struct fixture *f = *state;
	struct session before = fixture_login(f, &f->ann, 1, 1), session;
	const struct otp_enrolment first = enrolment_of(secret, 100);
	struct store_caller caller = fixture_caller(f);
	enum reason standing;
	bool found;

	assert_int_equal(store_user_set_groups(f->store, &caller, f->ann.number, SLICE("staff"), &found), PT_OK);
	require(f, "admins,staff");
	fixture_session(f, before.sid, &standing);
	assert_int_equal(standing, REASON_OTP_REQUIRED);
	assert_false(login(f, NULL, NULL, LOGIN_BY_PASSWORD, &session));
	assert_false(login(f, NULL, &first, LOGIN_BY_PASSWORD, &session));
	assert_int_equal(otp_begin(f, secret, NULL), CHANGE_DONE);
	assert_true(login(f, NULL, &first, LOGIN_BY_PASSWORD, &session));
	assert_true(otp_of(f, &f->ann).on);
	assert_int_equal(fixture_events(f, EVENT_OTP_ENABLED, ""), 1);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	/* Bob is in no group. */
	fixture_login(f, &f->bob, 2, 2);
	require(f, "all");
	assert_int_equal(fixture_problems(f), 0);
}

static void
a_login_turns_on_nothing_in_the_place_of_what_is_on(void **state)
{
	struct fixture *f = *state;
	struct otp_proof next = code_of(secret, 101);
	const struct otp_enrolment first = enrolment_of(other_secret, 100);
	struct session session;

	turn_on(f);
	assert_int_equal(otp_begin(f, other_secret, &next), CHANGE_DONE);
	assert_false(login(f, NULL, &first, LOGIN_BY_PASSWORD, &session));
}

static void
it_goes_with_its_user(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct otp otp;
	bool found;

	turn_on(f);
	assert_int_equal(store_user_delete(f->store, &caller, f->ann.number, &found), PT_OK);
	assert_int_equal(store_otp_get(f->store, f->ann.number, &otp, &found), PT_OK);
	assert_false(found);
	assert_int_equal(fixture_problems(f), 0);
}

static struct store_otp_renewal
renewal_of(struct fixture *f, const struct user *user, uint8_t fresh)
{
	const struct otp otp = otp_of(f, user);
	struct store_otp_renewal renewal = { .user_number = user->number, .new_sealed = { fresh } };

	memcpy(renewal.sealed, otp.sealed, OTP_SEALED_SIZE);
	memcpy(renewal.pending, otp.pending, OTP_SEALED_SIZE);
	memcpy(renewal.new_pending, otp.pending, OTP_SEALED_SIZE);
	return renewal;
}

/* Under a new master key: the rest of the record and the sessions stay as they are. */
static void
sealed_anew_it_is_the_same_unless_it_has_changed_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct store_caller caller = fixture_caller(f);
	struct session session = fixture_login(f, &f->bob, 1, 1);
	const struct store_otp_recovery codes = { 0 };
	enum reason standing;
	enum store_change result;

	turn_on(f);
	assert_int_equal(store_otp_set(f->store, &caller, f->bob.number, secret, &codes, &result), PT_OK);
	const struct otp before = otp_of(f, &f->ann);
	const struct store_otp_renewal list[] = {
		renewal_of(f, &f->bob, 21), { .user_number = 99, .new_sealed = { 22 } }, renewal_of(f, &f->ann, 23),
	};

	assert_int_equal(store_otp_set(f->store, &caller, f->bob.number, other_secret, &codes, &result), PT_OK);
	assert_int_equal(store_otp_renew(f->store, list, 3), PT_OK);
	struct otp after = otp_of(f, &f->ann);

	assert_int_equal(after.sealed[0], 23);
	memcpy(after.sealed, before.sealed, OTP_SEALED_SIZE);
	assert_memory_equal(&after, &before, sizeof(after));
	assert_memory_equal(otp_of(f, &f->bob).sealed, other_secret, OTP_SEALED_SIZE);
	fixture_session(f, session.sid, &standing);
	assert_int_equal(standing, REASON_NONE);
	assert_int_equal(fixture_problems(f), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_secret_that_waits_is_asked_for_by_no_login),
		TEST(turned_on_it_is_wanted_at_every_login_by_password),
		TEST(a_login_that_fails_otherwise_spends_nothing),
		TEST(a_recovery_code_is_spent_by_the_login_that_it_proves),
		TEST(of_many_logins_at_once_with_one_code_one_wins),
		TEST(to_replace_what_is_on_its_own_code_is_wanted),
		TEST(a_first_code_comes_in_time_or_not_at_all),
		TEST(the_other_sessions_end_where_that_is_wanted),
		TEST(new_recovery_codes_take_the_place_of_the_old),
		TEST(an_administrator_turns_on_and_removes_without_a_code),
		TEST(who_must_have_one_gets_no_session_without),
		TEST(a_login_turns_on_nothing_in_the_place_of_what_is_on),
		TEST(it_goes_with_its_user),
		TEST(sealed_anew_it_is_the_same_unless_it_has_changed_meanwhile),
	};

	return cmocka_run_group_tests_name("store_otp", tests, NULL, NULL);
}
