/* What a line of an import may say of a user, whatever form the line has: each says in *out why not. */
#ifndef PINTLE_CMD_MOVE_IMPORT_TAKE_H
#define PINTLE_CMD_MOVE_IMPORT_TAKE_H

#include "core/username.h"
#include "crypto/totp.h"
#include "store/store.h"

struct import_rules {
	enum username_form usernames;
	uint64_t slot_kib;	/* the memory of one hashing slot, */
	unsigned slots;		/* and how many there are */
	struct slice groups;	/* for those whose line names none */
	int64_t now_ms;
};

enum import_verdict {
	IMPORT_REFUSED = 0,	/* .why and .mend say more */
	IMPORT_NOBODY,		/* blank, or a comment */
	IMPORT_LEFT_OUT,	/* an account that nobody can log in to by a password, as most of shadow(5)'s; .why */
	IMPORT_GOOD,
};

#define IMPORT_WHY_SIZE 192

struct import_line {
	enum import_verdict verdict;
	struct slice typed;		/* the name as it stands in the line, borrowed from it; empty where there is none that anybody can have */
	char why[IMPORT_WHY_SIZE];
	const char *mend;		/* a sentence, static; NULL: none */
	const char *kind;		/* of the hash, static; NULL: none */
	struct store_newcomer newcomer;	/* where it is good; .otp.sealed is left to who has the keys: */
	uint8_t otp_secret[TOTP_SECRET_SIZE];	/* in clear, where newcomer.has_otp. Wipe when done */
};

/* Refuses the line. mend is static; NULL: nothing helps. */
void import_refuse(struct import_line *out, const char *mend, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Take the name and the hash as they stand in the line; false where it was refused. */
bool import_take_name(struct slice typed, const struct import_rules *rules, struct import_line *out);
bool import_take_hash(struct slice hash, const struct import_rules *rules, struct import_line *out);

#endif
