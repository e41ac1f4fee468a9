/*
 * What a line of an import may say about a user, whatever its form. A refusal is explained in *out.
 */
#ifndef PINTLE_CMD_MOVE_IMPORT_TAKE_H
#define PINTLE_CMD_MOVE_IMPORT_TAKE_H

#include "core/username.h"
#include "crypto/totp.h"
#include "store/store.h"

struct import_rules {
	enum username_form usernames;
	uint64_t slot_kib;	/* memory of one hashing slot */
	unsigned slots;		/* how many hashing slots there are */
	struct slice groups;	/* for users whose line names none */
	int64_t now_ms;
};

enum import_verdict {
	IMPORT_REFUSED = 0,	/* .why and .mend say more */
	IMPORT_NOBODY,		/* blank, or a comment */
	IMPORT_LEFT_OUT,	/* an account without a password, like most in shadow(5); .why */
	IMPORT_GOOD,
};

#define IMPORT_WHY_SIZE 192

struct import_line {
	enum import_verdict verdict;
	/* the name as written in the line, borrowed from it; empty if it is not allowed */
	struct slice typed;
	char why[IMPORT_WHY_SIZE];
	const char *mend;		/* a sentence, static; NULL: none */
	const char *kind;		/* of the hash, static; NULL: none */
	/* if it is good; .otp.sealed is left to the caller, who has the keys: */
	struct store_newcomer newcomer;
	/* in clear text, if newcomer.has_otp. Wipe it when done */
	uint8_t otp_secret[TOTP_SECRET_SIZE];
};

/* Refuses the line. mend, a remedy, is static; NULL: there is none. */
void import_refuse(struct import_line *out, const char *mend, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Take the name and the hash as written in the line; false if it was refused. */
bool import_take_name(struct slice typed, const struct import_rules *rules,
    struct import_line *out);
bool import_take_hash(struct slice hash, const struct import_rules *rules, struct import_line *out);

#endif
