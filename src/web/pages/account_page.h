/* The account: who is signed in, where, and what the person can change. */
#ifndef PINTLE_WEB_PAGES_ACCOUNT_PAGE_H
#define PINTLE_WEB_PAGES_ACCOUNT_PAGE_H

#include "web/pages/outcome.h"

/* Where the endpoints of its forms go on to: the page, which says what was done. */
#define ACCOUNT_PAGE_PASSWORD_CHANGED "/account?done=password"
#define ACCOUNT_PAGE_OTP_REMOVED "/account?done=second-factor"
#define ACCOUNT_PAGE_SIGNED_OUT "/account?done=devices"
#define ACCOUNT_PAGE_RENAMED "/account?done=name"

/*
 * The page of who is signed in: with a refusal in the form that was sent, or above all else where that is not on it,
 * and with out->secret where one is to be set up. Where nobody is signed in it is the login form, and the way back.
 */
outcome_page account_page;

#endif
