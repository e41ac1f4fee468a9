/* Whether this machine's clock lets anybody sign in. */
#ifndef PINTLE_WEB_WHO_CLOCK_CHECK_H
#define PINTLE_WEB_WHO_CLOCK_CHECK_H

#include "web/http/refusal.h"
#include "web/http/request.h"

/*
 * Refuses where the clock is behind the keys, and so is wrong: a session that began now would be over as soon as it is
 * set right. Those who are signed in go on. The log says so, once a minute.
 */
const struct refusal *clock_check_demand(const struct request *request);

#endif
