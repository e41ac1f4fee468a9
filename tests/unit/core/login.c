/* The outcome of a login, as a table over the facts of the web and of the store. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/login.h"
#include "core/records.h"

#define PASSWORD LOGIN_BY_PASSWORD
#define BOTH (LOGIN_BY_PASSWORD | LOGIN_BY_OTP)
#define SIGN_ON LOGIN_BY_WEB_SERVER

/* The facts in the order limited, known, disabled, right, otp_on, otp_required. */
struct row {
	const char *name;
	uint32_t methods;
	bool limited, known, disabled, right, on, required;
	enum login_code code;
	struct login_decision decision;
};

#define REFUSED(why) { LOGIN_REFUSED, why, PASSWORD, true }
#define GOOD(methods) { LOGIN_GOOD, REASON_NONE, methods, false }

static const struct row rows[] = {
	{ "nothing is known: nobody gets in", 0, false, false, false, false, false, false, LOGIN_CODE_WRONG,
	    { LOGIN_REFUSED, REASON_NONE, 0, true } },

	{ "no such user", PASSWORD, false, false, false, false, false, false, LOGIN_CODE_MISSING, REFUSED(REASON_NONE) },
	{ "no such user, whatever else is said", PASSWORD, false, false, false, true, true, true, LOGIN_CODE_GOOD,
	    { LOGIN_REFUSED, REASON_NONE, BOTH, true } },
	{ "a wrong password", PASSWORD, false, true, false, false, false, false, LOGIN_CODE_MISSING, REFUSED(REASON_NONE) },
	{ "a wrong password with a right code", PASSWORD, false, true, false, false, true, true, LOGIN_CODE_GOOD,
	    { LOGIN_REFUSED, REASON_NONE, BOTH, true } },
	{ "a disabled user with the right password looks like a wrong one, but not in the log",
	    PASSWORD, false, true, true, true, false, false, LOGIN_CODE_MISSING, REFUSED(REASON_USER_DISABLED) },
	{ "too many tries: nothing else is looked at", PASSWORD, true, true, false, true, false, false, LOGIN_CODE_MISSING,
	    { LOGIN_LIMITED, REASON_NONE, PASSWORD, false } },
	{ "too many tries for a disabled user", PASSWORD, true, true, true, false, true, true, LOGIN_CODE_WRONG,
	    { LOGIN_LIMITED, REASON_NONE, PASSWORD, false } },

	{ "the right password, and no second factor", PASSWORD, false, true, false, true, false, false, LOGIN_CODE_MISSING,
	    GOOD(PASSWORD) },
	{ "a code where there is no second factor does no harm", PASSWORD, false, true, false, true, false, false,
	    LOGIN_CODE_STRAY, GOOD(PASSWORD) },

	{ "a second factor, and no code", PASSWORD, false, true, false, true, true, false, LOGIN_CODE_MISSING,
	    { LOGIN_CODE_ASKED, REASON_NONE, PASSWORD, false } },
	{ "its code", PASSWORD, false, true, false, true, true, false, LOGIN_CODE_GOOD, GOOD(BOTH) },
	{ "a wrong code", PASSWORD, false, true, false, true, true, false, LOGIN_CODE_WRONG,
	    { LOGIN_CODE_REFUSED, REASON_OTP_WRONG, PASSWORD, true } },
	{ "a code that was used before", PASSWORD, false, true, false, true, true, true, LOGIN_CODE_SPENT,
	    { LOGIN_CODE_REFUSED, REASON_OTP_SPENT, PASSWORD, true } },
	{ "a first code never takes the place of the one that is on", PASSWORD, false, true, false, true, true, true,
	    LOGIN_CODE_FIRST, { LOGIN_CODE_REFUSED, REASON_OTP_WRONG, BOTH, true } },

	{ "one is required, and none is on", PASSWORD, false, true, false, true, false, true, LOGIN_CODE_MISSING,
	    { LOGIN_MUST_ENROL, REASON_NONE, PASSWORD, false } },
	{ "the same with a code of nothing: a guess", PASSWORD, false, true, false, true, false, true, LOGIN_CODE_STRAY,
	    { LOGIN_MUST_ENROL, REASON_NONE, PASSWORD, true } },
	{ "the first code of the one that waits", PASSWORD, false, true, false, true, false, true, LOGIN_CODE_FIRST,
	    GOOD(BOTH) },
	{ "a wrong first code", PASSWORD, false, true, false, true, false, true, LOGIN_CODE_WRONG,
	    { LOGIN_CODE_REFUSED, REASON_OTP_WRONG, PASSWORD, true } },
	{ "it was on when the code was looked at, and is not any more", PASSWORD, false, true, false, true, false, true,
	    LOGIN_CODE_GOOD, { LOGIN_MUST_ENROL, REASON_NONE, BOTH, true } },

	{ "the web server's own sign-on", SIGN_ON, false, true, false, true, false, false, LOGIN_CODE_MISSING, GOOD(SIGN_ON) },
	{ "it asks for a second factor itself", SIGN_ON, false, true, false, true, true, true, LOGIN_CODE_MISSING,
	    GOOD(SIGN_ON) },
	{ "it does not open what is disabled", SIGN_ON, false, true, true, true, false, false, LOGIN_CODE_MISSING,
	    { LOGIN_REFUSED, REASON_USER_DISABLED, SIGN_ON, true } },
	{ "nor lets in whom nobody knows", SIGN_ON, false, false, false, true, false, false, LOGIN_CODE_MISSING,
	    { LOGIN_REFUSED, REASON_NONE, SIGN_ON, true } },
};

static void
every_login_comes_to_what_its_row_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		const struct login_facts facts = {
			.methods = row->methods, .limited = row->limited, .known = row->known, .disabled = row->disabled,
			.right = row->right, .otp_on = row->on, .otp_required = row->required, .code = row->code,
		};
		const struct login_decision decision = login_decide(&facts);

		if (decision.result != row->decision.result || decision.reason != row->decision.reason ||
		    decision.methods != row->decision.methods || decision.guessed_wrong != row->decision.guessed_wrong)
			fail_msg("%s: %d, reason %d, methods %u, %s", row->name, (int)decision.result, (int)decision.reason,
			    decision.methods, decision.guessed_wrong ? "counted" : "given back");
	}
}

/* Over every combination of facts: only a known, enabled user with the right password gets in. */
static void
nobody_gets_in_who_lacks_anything(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1u << 7; bits++) {
		for (enum login_code code = LOGIN_CODE_WRONG; code <= LOGIN_CODE_FIRST; code++) {
			const struct login_facts facts = {
				.methods = bits & 64 ? SIGN_ON : PASSWORD, .limited = bits & 1, .known = bits & 2,
				.disabled = bits & 4, .right = bits & 8, .otp_on = bits & 16, .otp_required = bits & 32,
				.code = code,
			};
			const struct login_decision decision = login_decide(&facts);

			if (decision.result != LOGIN_GOOD)
				continue;
			assert_true(facts.known && facts.right && !facts.disabled && !facts.limited);
			if (facts.methods == PASSWORD && facts.otp_on)
				assert_int_equal(code, LOGIN_CODE_GOOD);
			if (facts.methods == PASSWORD && !facts.otp_on && facts.otp_required)
				assert_int_equal(code, LOGIN_CODE_FIRST);
			assert_false(decision.guessed_wrong);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_login_comes_to_what_its_row_says),
		cmocka_unit_test(nobody_gets_in_who_lacks_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
