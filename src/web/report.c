#include "web/report.h"

void
report_event(const struct request *request, const struct report *report)
{
	struct log_field fields[7];
	size_t count = 0;

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
	log_event(report->level, event_info(report->kind)->name, fields, count);
}
