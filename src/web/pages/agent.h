/*
 * A short name for a browser from its long User-Agent: "Firefox on Windows". Only for display,
 * never for a decision: a client can send anything.
 */
#ifndef PINTLE_WEB_PAGES_AGENT_H
#define PINTLE_WEB_PAGES_AGENT_H

#include "base/slice.h"

#define AGENT_NAME_SIZE 40

/* False, with out empty, if no known browser is named. */
bool agent_name(struct slice user_agent, char out[AGENT_NAME_SIZE]);

#endif
