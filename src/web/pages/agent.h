/*
 * What a person calls a browser that calls itself something long: "Firefox on
 * Windows" for a User-Agent. To be read, never to be decided by: a client sends
 * what it likes.
 */
#ifndef PINTLE_WEB_PAGES_AGENT_H
#define PINTLE_WEB_PAGES_AGENT_H

#include "base/slice.h"

#define AGENT_NAME_SIZE 40

/* False where no browser that is known here is named: out is empty then. */
bool agent_name(struct slice user_agent, char out[AGENT_NAME_SIZE]);

#endif
