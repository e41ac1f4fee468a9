/* Which passwords may be set (NIST SP 800-63B-4, 3.1.1.2): long enough, not known to all, not made of the name. Pure. */
#ifndef PINTLE_CORE_PASSWORD_POLICY_H
#define PINTLE_CORE_PASSWORD_POLICY_H

#include "base/slice.h"

/* What is longer is no password anywhere and is not hashed; in bytes, the most that password_max may be. */
#define PASSWORD_MAX_BYTES 4096

enum password_verdict {
	PASSWORD_REFUSED = 0,
	PASSWORD_TOO_SHORT,	/* fewer characters (UTF-8 code points) than the minimum */
	PASSWORD_TOO_LONG,	/* more bytes than the maximum */
	PASSWORD_BROKEN,	/* not UTF-8, or with NUL */
	PASSWORD_IS_NAME,	/* little more than the user's name or words of this place */
	PASSWORD_KNOWN_BAD,	/* on the list of those that everybody tries */
	PASSWORD_GOOD,
};

struct password_facts {
	struct slice password;	/* as it was sent */
	struct slice lower;	/* the same in lower case */
	struct slice name;	/* the user's, folded */
	struct slice context;	/* words of this place in lower case, with spaces between */
	bool known_bad;		/* lower is on the list */
	unsigned min_chars;
	unsigned max_bytes;
};

/*
 * No composition rules. Made of the name is a password of which more than half is the name, a
 * part of it, or a word of context, forwards or backwards, once or again and again; of
 * what is left digits and signs count half, since years and "!" stand behind every such password.
 */
enum password_verdict password_policy_decide(const struct password_facts *facts);

/* One sentence for the person, static. */
const char *password_verdict_text(enum password_verdict verdict);

#endif
