/*
 * One line in the log for what happened in a request: the same fields each
 * time, and no way to name a secret.
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
	unsigned row;			/* of the rotation rule; 0: it did not decide */
	int64_t times;			/* how often, since the last line that said so; 0: once */
	bool silent;			/* counted, and no line: a later one says how often */
};

void report_event(const struct request *request, const struct report *report);

#endif
