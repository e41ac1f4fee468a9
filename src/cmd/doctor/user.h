/* Users that `pintle doctor` makes to log in with, and deletes again. */
#ifndef PINTLE_CMD_DOCTOR_USER_H
#define PINTLE_CMD_DOCTOR_USER_H

#include "cmd/site/site.h"
#include "token/otp_secret.h"

#define DOCTOR_USER_PREFIX "pintle-doctor-"
#define DOCTOR_PASSWORD_SIZE 44	/* 32 random bytes in base64url, and NUL */

struct doctor_user {
	uint64_t number;	/* 0: there is none */
	char name[USER_NAME_SIZE];
	char password[DOCTOR_PASSWORD_SIZE];
	char code[RECOVERY_CODE_SIZE];	/* valid for one login; empty: none is needed */
};

/*
 * Adds a user with a random name and password. Returns an exit status; the reason has been printed.
 */
int doctor_user_make(const struct site *site, const char *groups, struct doctor_user *out);

/* Deletes the user, if there is one, with all sessions, and wipes *user; returns an exit status. */
int doctor_user_drop(const struct site *site, struct doctor_user *user);

/* Whether user was left behind by an earlier run that was killed. */
bool doctor_user_is_left(const struct user *user, int64_t now_ms);

#endif
