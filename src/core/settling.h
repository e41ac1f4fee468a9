/*
 * Logins in a browser that already has a session. The login's answer may be lost, or arrive before
 * the last answer to an older session, so for the quiet period after it nobody knows which session
 * the browser will hold. Meanwhile all of its sessions are settling and get no cookies; after that
 * the one that is used ends those that are older. Pure, like rotate.h; doc/rotation.md says why it
 * is safe.
 */
#ifndef PINTLE_CORE_SETTLING_H
#define PINTLE_CORE_SETTLING_H

#include "core/rotate.h"

#define SETTLING_BROWSER_MAX 16	/* live sessions of one browser */

struct settling_decision {
	/* while settling: an access token alone, and nothing moves */
	struct rotate_decision rotate;
	bool settling;
	/* every older live session of the browser must end in the same transaction */
	bool ends_older;
};

/*
 * Whether it is still unknown which session the browser holds. False if the
 * stamp is far ahead, since it then comes from a copy of a later state.
 */
bool settling_is(const struct session *session, struct stamp now, int64_t quiet_ms);

/*
 * Decides on a token that is presented to a standing session: rows S1 to S3, above rotate_decide,
 * whose age_ms it takes. While the session is settling, only a refusal has consequences.
 */
struct settling_decision settling_decide(const struct session *session,
    struct rotate_presented token,
    int64_t age_ms, struct stamp now, const struct rotate_periods *periods);

/* S4: whether a use, which shows that the browser holds this session, ends the older ones. */
bool settling_use_ends_older(const struct session *session, struct stamp now, int64_t quiet_ms);

/*
 * Whether a is dropped before b if a browser has too many sessions: it was used less recently, or
 * else began earlier.
 */
bool settling_goes_before(const struct session *a, const struct session *b);

#endif
