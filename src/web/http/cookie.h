/*
 * Cookies in (the Cookie header, RFC 6265bis 4.2) and out (Set-Cookie, 4.1). Names are compared
 * exactly, and every cookie of a name is returned: which of several is ours is not decided here.
 */
#ifndef PINTLE_WEB_HTTP_COOKIE_H
#define PINTLE_WEB_HTTP_COOKIE_H

#include "base/buf.h"

/*
 * The next cookie of this name (case matters) in *header, which is moved past it; false when there
 * are no more. Start with the whole header.
 */
bool cookie_next(struct slice *header, struct slice name, struct slice *value);

/*
 * Appends header without the cookies of these names; all others keep their form and order. Some
 * proxies join two Cookie lines with a comma: a cookie of such a name after a comma is left out
 * too.
 */
void cookie_put_others(struct slice header, const char *const names[], size_t count,
    struct buf *out);

#define COOKIE_NO_AGE (-1)	/* gone when the browser is closed */
#define COOKIE_CLEAR 0

struct cookie {
	struct slice name;
	struct slice value;
	struct slice path;
	bool secure;
	int64_t max_age;	/* seconds, or one of the two above */
	bool lax;		/* SameSite=Lax: sent along with a navigation from another site */
};

/*
 * The Max-Age of a cookie that is good for left_ms more. It never ends earlier: what a browser
 * presents at the very end is refused with a reason, and only a logout clears cookies.
 */
int64_t cookie_age(int64_t left_ms);

/*
 * Appends one Set-Cookie line with its CR LF: HttpOnly always, SameSite=Strict unless lax, never a
 * Domain.
 */
void cookie_put(struct buf *head, const struct cookie *cookie);

#endif
