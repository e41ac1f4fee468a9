/*
 * The parameters of a request by name. A request is asked for some thirty of them, so they are
 * indexed once, in the struct itself: no memory is allocated.
 */
#ifndef PINTLE_WEB_HTTP_PARAMS_H
#define PINTLE_WEB_HTTP_PARAMS_H

#include "web/http/message.h"

#define PARAMS_SLOTS (2 * WEB_MAX_PARAMS)	/* a power of two, so that half of them stay free */

struct params {
	const struct web_request *raw;
	bool repeated;			/* some name came more than once */
	uint16_t slots[PARAMS_SLOTS];	/* 1 + the number of the last one of a name; 0: free */
};

/* Indexes the parameters of raw, which is borrowed. *params comes in zeroed. */
void params_index(struct params *params, const struct web_request *raw);

/* The value of a parameter, the last one if it came twice; the empty slice if absent. */
struct slice params_get(const struct params *params, const char *name);

#endif
