#include "cmd/doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "worker/exit.h"

/* ---- reporting ---- */

#define SENTENCE_SIZE 1024
#define TRIES 5	/* tries of a request that the web server itself failed to answer */

/* The sentence, after the place that it is about. */
static void
put_sentence(const struct doctor *doctor, char out[SENTENCE_SIZE], const char *format, va_list args)
{
	int at = doctor->place ? snprintf(out, SENTENCE_SIZE, "%.256s: ", doctor->place->path) : 0;

	vsnprintf(out + at, SENTENCE_SIZE - (size_t)at, format, args);
}

static void
put_mend(struct doctor *doctor, enum doctor_fault fault)
{
	const struct template_field fields[] = {
		{ "origin", doctor->origin },
		{ "mount", slice_of(doctor->mount) },
		{ "socket", slice_of(doctor->site->settings.socket_path) },
		{ "path", slice_of(doctor->place ? doctor->place->path : "") },
		{ "found", slice_of(doctor->found) },
	};
	const struct template_scope scope = { .fields = fields,
	    .field_count = sizeof(fields) / sizeof(fields[0]) };
	struct buf text = BUF_EMPTY;

	if (doctor_fault_mend(fault, doctor->server, &scope, &text) == PT_OK && text.len)
		findings_mend(&doctor->findings, "%.*s", SLICE_ARG(buf_slice(&text)));
	buf_free(&text);
	doctor->found[0] = '\0';
}

void
doctor_wrong(struct doctor *doctor, enum doctor_fault fault, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	put_sentence(doctor, sentence, format, args);
	va_end(args);
	findings_wrong(&doctor->findings, EXIT_FAILED, doctor->check, "%s", sentence);
	put_mend(doctor, fault);
	doctor->told = true;
}

void
doctor_hint(struct doctor *doctor, enum doctor_fault fault, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	put_sentence(doctor, sentence, format, args);
	va_end(args);
	findings_hint(&doctor->findings, doctor->check, "%s", sentence);
	put_mend(doctor, fault);
	doctor->told = true;
}

void
doctor_skip(struct doctor *doctor, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	put_sentence(doctor, sentence, format, args);
	va_end(args);
	findings_skip(&doctor->findings, doctor->check, "%s", sentence);
	doctor->told = true;
}

void
doctor_found(struct doctor *doctor, struct slice text)
{
	slice_copy_printable(text, doctor->found, sizeof(doctor->found));
}

/* ---- asking ---- */

bool
doctor_ask(struct doctor *doctor, const struct http_request *request, const char *path, ...)
{
	struct buf url = BUF_EMPTY;
	va_list args;
	char below[1024];

	va_start(args, path);
	vsnprintf(below, sizeof(below), path, args);
	va_end(args);
	buf_put(&url, doctor->origin);
	buf_puts(&url, below);
	buf_putc(&url, '\0');
	if (buf_status(&url) == PT_OK)
		http_ask(doctor->http, url.ptr, request, &doctor->answer);
	buf_free(&url);
	if (doctor->answer.outcome == HTTP_ANSWERED)
		return true;
	if (doctor->answer.outcome != HTTP_STOPPED)
		doctor_wrong(doctor, FAULT_NO_ANSWER, "%s has no answer: %s", below,
		    doctor->answer.problem);
	return false;
}

bool
doctor_answer_is_failure(const struct doctor *doctor)
{
	int status = doctor->answer.status;
	char code[DOCTOR_ERROR_SIZE];

	return (status == 502 || status == 503 || status == 504) &&
	    !doctor_error_code(doctor, code);
}

bool
doctor_ask_mount(struct doctor *doctor, const struct http_request *request, const char *below)
{
	for (int i = 0; i < TRIES; i++)
		if (!doctor_ask(doctor, request, "%s%s", doctor->mount, below) ||
		    !doctor_answer_is_failure(doctor))
			break;
	return doctor->answer.outcome == HTTP_ANSWERED;
}

bool
doctor_error_code(const struct doctor *doctor, char out[DOCTOR_ERROR_SIZE])
{
	struct json *json;
	struct slice code;

	if (json_parse_object(buf_slice(&doctor->answer.body), &json) != PT_OK)
		return false;

	bool found = json_get_string(json, "error", &code) &&
	    slice_copy(code, out, DOCTOR_ERROR_SIZE);

	json_free(json);
	return found;
}

bool
doctor_answer_holds(const struct doctor *doctor, struct slice text)
{
	const struct buf *parts[] = { &doctor->answer.head, &doctor->answer.body };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i]->len && text.len &&
		    memmem(parts[i]->ptr, parts[i]->len, text.ptr, text.len))
			return true;
	return false;
}
