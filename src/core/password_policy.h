/* Which passwords may be set (NIST SP 800-63B-4, 3.1.1.2). Pure. */
#ifndef PINTLE_CORE_PASSWORD_POLICY_H
#define PINTLE_CORE_PASSWORD_POLICY_H

#include "base/slice.h"

#define PASSWORD_MAX_BYTES 1024

enum password_verdict {
	PASSWORD_REFUSED = 0,
	PASSWORD_TOO_SHORT,	/* fewer characters (UTF-8 code points) than the minimum */
	PASSWORD_TOO_LONG,	/* more than PASSWORD_MAX_BYTES */
	PASSWORD_BROKEN,	/* not UTF-8, or with NUL */
	PASSWORD_IS_NAME,	/* is, or contains as its larger part, the user's name */
	PASSWORD_GOOD,
};

/* No composition rules. name is the folded user name, min_chars the configured minimum. */
enum password_verdict password_policy_decide(struct slice password, struct slice name, unsigned min_chars);

/* One sentence for the person, static. */
const char *password_verdict_text(enum password_verdict verdict);

#endif
