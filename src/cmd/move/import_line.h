/*
 * One line of a file that users are imported from, told by what stands in it:
 *
 *	name:hash			htpasswd
 *	name:hash:days:...		shadow(5); "!" before the hash locks the account
 *	{"name":"...","hash":"..."}	what `pintle user export` writes
 *
 * with any hash that crypto/password.h knows. Blank lines and those that begin
 * with "#" hold nobody. Pure: nothing is read, nothing computed.
 */
#ifndef PINTLE_CMD_MOVE_IMPORT_LINE_H
#define PINTLE_CMD_MOVE_IMPORT_LINE_H

#include "base/buf.h"
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

/* line is without its end. Neither a hash nor anything that might be a password gets into .why. */
void import_line_read(struct slice line, const struct import_rules *rules, struct import_line *out);

#endif
