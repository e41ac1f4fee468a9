/*
 * GET /account: who is signed in, where, and what the person can change; and
 * how the endpoints behind its forms answer, each to whom asked: a form with the
 * page, all else with JSON.
 */
#ifndef PINTLE_WEB_ENDPOINT_ACCOUNT_H
#define PINTLE_WEB_ENDPOINT_ACCOUNT_H

#include "crypto/totp.h"
#include "web/http/answer.h"
#include "web/who/credential.h"
#include "web/who/guess.h"

/* As credential_demand; where nobody is let in, a form gets the login page, and the way back. */
enum pt_err account_demand(const struct request *request, struct web_response *response, struct credential *out);

/* Says no: JSON, or the page with the refusal in the form that was sent, or above all else where that is not on it. */
enum pt_err account_refuse(const struct request *request, struct web_response *response, const struct credential *who,
    const struct refusal *refusal);

/* Counts a try at a secret of who is signed in (guess_begin); one that may not be made is answered. */
enum pt_err account_guess(const struct request *request, struct web_response *response, const struct credential *who,
    struct guess *guess);

/* Says that it is done: 204, or to the page, which says so by the word's row in its table. */
enum account_done {
	ACCOUNT_NOTHING = 0, ACCOUNT_PASSWORD_CHANGED, ACCOUNT_OTP_REMOVED, ACCOUNT_SIGNED_OUT, ACCOUNT_RENAMED,
	ACCOUNT_DONE_COUNT
};
void account_done(const struct request *request, struct web_response *response, enum account_done done);

/* The page with a secret to be enrolled; refusal, if not NULL, of the code that was typed before. */
enum pt_err account_show_secret(const struct request *request, struct web_response *response,
    const struct credential *who, const uint8_t secret[TOTP_SECRET_SIZE], const struct refusal *refusal);

#endif
