/*
 * Logins in a browser that has a session. Such a login may be lost on its way
 * back, or arrive before an older session's last answer: for the quiet period
 * after it nobody knows which session the browser will hold. So all of them are
 * settling, and are given no cookies; afterwards the one that is used ends what
 * is older. Pure, as rotate.h; doc/rotation.md says why it is safe.
 */
#ifndef PINTLE_CORE_SETTLING_H
#define PINTLE_CORE_SETTLING_H

#include "core/rotate.h"

#define SETTLING_BROWSER_MAX 16	/* live sessions of one browser */

struct settling_decision {
	struct rotate_decision rotate;	/* while settling an access token alone, and nothing moves */
	bool settling;
	bool ends_older;	/* in the same transaction every live session of the browser that is older ends */
};

/* Whether nobody knows yet which session of its browser is held. A stamp far ahead is from a copy of the future: no. */
bool settling_is(const struct session *session, struct stamp now, int64_t quiet_ms);

/*
 * Decides on a token presented to a session that stands: rotate_decide, whose age_ms it takes, with S1 to S3
 * above it. Only a refusal has consequences while the session is settling.
 */
struct settling_decision settling_decide(const struct session *session, struct rotate_presented token,
    int64_t age_ms, struct stamp now, const struct rotate_periods *periods);

/* S4: whether a use that shows that the browser holds this session ends what is older. */
bool settling_use_ends_older(const struct session *session, struct stamp now, int64_t quiet_ms);

/* Whether a goes before b where a browser has too many: used less lately, or else begun earlier. */
bool settling_goes_before(const struct session *a, const struct session *b);

#endif
