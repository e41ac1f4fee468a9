/* The account: who is signed in, where, and what the person can change. */
#ifndef PINTLE_WEB_PAGES_ACCOUNT_PAGE_H
#define PINTLE_WEB_PAGES_ACCOUNT_PAGE_H

#include "web/pages/outcome.h"

/* Where the endpoints of its forms lead: to the page again, which says what was done. */
#define ACCOUNT_PAGE_PASSWORD_CHANGED "/account?done=password"
#define ACCOUNT_PAGE_OTP_REMOVED "/account?done=second-factor"
#define ACCOUNT_PAGE_SIGNED_OUT "/account?done=devices"
#define ACCOUNT_PAGE_OTHERS_SIGNED_OUT "/account?done=others"
#define ACCOUNT_PAGE_RENAMED "/account?done=name"

/*
 * The page of the signed-in user. A refusal is shown in the form that was sent, or at the top if
 * that form is not on the page; out->secret is shown if one is being set up. If nobody is signed
 * in, it is the login form, which leads back here.
 */
outcome_page account_page;

#endif
