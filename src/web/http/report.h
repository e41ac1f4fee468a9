/*
 * Writes one log line about what happened in a request: always the same fields, and none that could
 * hold a secret.
 */
#ifndef PINTLE_WEB_HTTP_REPORT_H
#define PINTLE_WEB_HTTP_REPORT_H

#include "base/log.h"
#include "web/http/request.h"

struct report {
	enum event_kind kind;
	enum log_level level;
	const struct user *user;	/* NULL: not known */
	const struct session *session;	/* NULL: none */
	const struct service *service;	/* NULL: none asked */
	enum reason reason;
	unsigned row;			/* row of the rotation rule; 0: it did not decide */
	/* how often it happened since the last line about it; 0: once */
	int64_t times;
	bool silent;			/* only counted: a later line says how often */
};

void report_event(const struct request *request, const struct report *report);

#endif
