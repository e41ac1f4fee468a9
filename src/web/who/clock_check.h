/* Whether this machine's clock lets anybody sign in. */
#ifndef PINTLE_WEB_WHO_CLOCK_CHECK_H
#define PINTLE_WEB_WHO_CLOCK_CHECK_H

#include "web/http/refusal.h"
#include "web/http/request.h"

/*
 * Refuses if the clock is behind the keys and therefore wrong: a session that begins now would end
 * as soon as the clock is set. People who are signed in are not affected. Logged at most once a
 * minute.
 */
const struct refusal *clock_check_demand(const struct request *request);

#endif
