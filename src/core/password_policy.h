/*
 * Which passwords may be set (NIST SP 800-63B-4, 3.1.1.2): long enough, not widely known, not made
 * from the name. Pure.
 */
#ifndef PINTLE_CORE_PASSWORD_POLICY_H
#define PINTLE_CORE_PASSWORD_POLICY_H

#include "base/slice.h"

/*
 * Longer passwords are refused everywhere and not hashed; in bytes, and the upper bound of
 * password_max.
 */
#define PASSWORD_MAX_BYTES 4096

enum password_verdict {
	PASSWORD_REFUSED = 0,
	PASSWORD_TOO_SHORT,	/* fewer characters (UTF-8 code points) than the minimum */
	PASSWORD_TOO_LONG,	/* more bytes than the maximum */
	PASSWORD_BROKEN,	/* not UTF-8, or with NUL */
	PASSWORD_IS_NAME,	/* little more than the user's name or words of this site */
	PASSWORD_KNOWN_BAD,	/* on the list of common passwords */
	PASSWORD_GOOD,
};

struct password_facts {
	struct slice password;	/* as sent */
	struct slice lower;	/* the same in lower case */
	struct slice name;	/* the user's, folded */
	struct slice context;	/* words of this site in lower case, separated by spaces */
	bool known_bad;		/* lower is on the list */
	unsigned min_chars;
	unsigned max_bytes;
};

/*
 * There are no composition rules. A password is made from the name if more than half of it is the
 * name, a part of the name, or a word of context, forwards or backwards, once or repeated. Of the
 * rest, digits and signs count half, since such passwords usually end in a year or "!".
 */
enum password_verdict password_policy_decide(const struct password_facts *facts);

/* One sentence for the person, static. */
const char *password_verdict_text(enum password_verdict verdict);

#endif
