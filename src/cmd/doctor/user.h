/* Users that `pintle doctor` makes to log in with, and takes away again. */
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
	char code[RECOVERY_CODE_SIZE];	/* good for one login; empty: none is wanted */
};

/* Adds a user with a random name and password. An exit status; the reason was said. */
int doctor_user_make(const struct site *site, const char *groups, struct doctor_user *out);

/* Deletes it, if it is there, with all its sessions, and wipes *user; an exit status. */
int doctor_user_drop(const struct site *site, struct doctor_user *user);

/* Whether user is one that an earlier run left behind: it was killed. */
bool doctor_user_is_left(const struct user *user, int64_t now_ms);

#endif
