#include "web/http/report.h"

#include "base/tally.h"

/* Counts the outcome; what has no count is only in the audit log. */
static void
report_count(const struct report *report)
{
	/* A login with a wrong code had the right password. */
	const bool wrong_code = report->reason == REASON_OTP_WRONG ||
	    report->reason == REASON_OTP_SPENT;

	if (report->kind == EVENT_LOGIN)
		tally_add(TALLY_LOGIN_GOOD, 1);
	else if (report->kind == EVENT_LOGIN_FAILED)
		tally_add(wrong_code ? TALLY_LOGIN_OTP_FAILED : TALLY_LOGIN_FAILED, 1);
	else if (report->kind == EVENT_LOGIN_LIMITED)
		tally_add(TALLY_LOGIN_LIMITED, 1);
	else if (report->kind == EVENT_OTP_ASKED)
		tally_add(TALLY_LOGIN_OTP_ASKED, 1);
	else if (report->kind == EVENT_REFRESH_REFUSED || report->kind == EVENT_TOKEN_REUSED) {
		tally_add(TALLY_REFRESH_REFUSED, 1);
		tally_add_reason((unsigned)report->reason);
	}
	/* Only what happened to a refresh has a row of its rule. */
	if (report->row >= 1 && report->row <= 6)
		tally_add((enum tally)(TALLY_REFRESH_ROW_1 + report->row - 1), 1);
}

#define FAILED_MOST 60	/* lines a minute */

/* Lines that a stranger can cause at will are limited, for each kind of cause. */
static void
report_write(const struct report *report, const struct log_field *fields, size_t count)
{
	const char *event = event_info(report->kind)->name,
	    *reason = reason_info(report->reason)->name;

	if (report->kind == EVENT_LOGIN_FAILED)
		log_sparely(report->level, event, report->user ? "known" : "unknown", FAILED_MOST,
		    fields, count);
	else if (report->kind == EVENT_REFRESH_REFUSED)
		log_sparely(report->level, event,
		    report->session ? report->session->sid : reason, 1, fields, count);
	else if (report->kind == EVENT_LINK_REFUSED)
		log_sparely(report->level, event, report->user ? report->user->sub : reason, 1,
		    fields, count);
	else
		log_event(report->level, event, fields, count);
}

void
report_event(const struct request *request, const struct report *report)
{
	struct log_field fields[8];
	size_t count = 0;

	report_count(report);
	if (report->silent)
		return;

	fields[count++] = LOG_STR("request_id", request->request_id);
	fields[count++] = LOG_STR("address", request->address);
	if (report->user)
		fields[count++] = LOG_STR("user", report->user->sub);
	if (report->session)
		fields[count++] = LOG_STR("sid", report->session->sid);
	if (report->service)
		fields[count++] = LOG_STR("service", report->service->name);
	if (report->reason != REASON_NONE)
		fields[count++] = LOG_STR("reason", reason_info(report->reason)->name);
	if (report->row)
		fields[count++] = LOG_NUM("row", report->row);
	if (report->times)
		fields[count++] = LOG_NUM("times", report->times);
	report_write(report, fields, count);
}
