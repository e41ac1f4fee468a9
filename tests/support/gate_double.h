/*
 * A test's web floor: what a gate calls, answering by SCRIPT_NAME with what the
 * gate gave it. It is linked in the place of the real one.
 *
 *   /echo   200, "role=R state=S body=BYTES pid=P user=REMOTE_USER passwd=REMOTE_PASSWD",
 *           and " keeps" where the peer wants to keep the connection
 *   /big    200, DOUBLE_BIG bytes
 *   /slow   200 after DOUBLE_SLOW_MS, "waits=0|1"
 *   /idle   200 once app->idle is false; until then it says that it idles
 *   /together  as /echo, together with others
 *   /head   200, head only
 *   /fatal  500, the store is lost
 *   /zero   nothing filled in
 */
#ifndef TESTS_UNIT_GATE_DOUBLE_H
#define TESTS_UNIT_GATE_DOUBLE_H

#include <stdatomic.h>

#include "web/web.h"

#define DOUBLE_BIG 100000
#define DOUBLE_SLOW_MS 400

struct web_app {
	atomic_uint begun, answered;
	atomic_uint left;	/* times that /slow saw that nobody was waiting */
	atomic_bool idle;
	atomic_uint idling;	/* threads inside /idle */
	atomic_uint working;	/* threads inside another path */
	atomic_uint crowd;	/* the highest value of working */
	atomic_uint company;	/* most requests that were answered together */
};

#endif
