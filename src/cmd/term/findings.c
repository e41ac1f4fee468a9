#include "cmd/term/findings.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/json.h"
#include "worker/exit.h"

#define SENTENCE_SIZE 2048

/* Closes the object of the previous finding, to which a fix may have been added. */
static void
json_begin(struct findings *findings, const char *state, const char *what, const char *text)
{
	struct json_writer *json = &findings->list.json;

	if (findings->open)
		json_close(json);
	findings->open = true;
	json_list_next(&findings->list);
	json_open(json, NULL);
	json_put_cstr(json, "state", state);
	json_put_cstr(json, "what", what);
	json_put_cstr(json, "text", text);
}

static void
put(struct findings *findings, const char *state, const char *what, const char *format,
    va_list args)
{
	char text[SENTENCE_SIZE];
	struct buf line = BUF_EMPTY;

	vsnprintf(text, sizeof(text), format, args);
	if (findings->json) {
		json_begin(findings, state, what, text);
	} else {
		buf_printf(&line, "%-5s  %-13s  ", state, what);
		output_put_safe(&line, slice_of(text));
		buf_putc(&line, '\n');
		output_write(buf_slice(&line));
	}
	buf_free(&line);
}

void
findings_begin(struct findings *findings, bool json)
{
	*findings = (struct findings){ .json = json };
	if (json)
		json_list_begin(&findings->list, "checks");
}

void
findings_ok(struct findings *findings, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(findings, "ok", what, format, args);
	va_end(args);
}

void
findings_hint(struct findings *findings, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(findings, "hint", what, format, args);
	va_end(args);
}

void
findings_skip(struct findings *findings, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(findings, "skip", what, format, args);
	va_end(args);
}

void
findings_wrong(struct findings *findings, int status, const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put(findings, "wrong", what, format, args);
	va_end(args);
	if (findings->wrong++ == 0)
		findings->status = status;
}

void
findings_mend(struct findings *findings, const char *format, ...)
{
	char text[SENTENCE_SIZE];
	struct buf line = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (findings->json) {
		json_put_cstr(&findings->list.json, "mend", text);
		return;
	}
	buf_puts(&line, "         fix:          ");
	output_put_safe(&line, slice_of(text));
	buf_putc(&line, '\n');
	output_write(buf_slice(&line));
	buf_free(&line);
}

int
findings_end(struct findings *findings)
{
	if (findings->open)
		json_close(&findings->list.json);
	if (findings->json)
		json_list_end(&findings->list);
	else if (findings->wrong == 0)
		output_line("Nothing is wrong.");
	else
		output_line("%u thing%s wrong.", findings->wrong, findings->wrong == 1 ?
		    " is" : "s are");
	return findings->status;
}
