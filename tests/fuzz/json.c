/*
 * JSON: what the scan accepts the reader reads, what is read can be written and read again, and any
 * bytes can be written.
 */
#include <string.h>

#include "base/json.h"
#include "fuzz.h"

#define BOUND ((int64_t)1 << 53)

static bool
has_nul(struct slice s)
{
	return s.len && memchr(s.ptr, '\0', s.len);
}

static bool
opens_object(struct slice text)
{
	while (text.len && strchr(" \t\r\n", text.ptr[0]))
		text = slice_skip(text, 1);
	return slice_starts(text, SLICE("{"));
}

/* Writes {"a":text} and reads it: valid UTF-8 comes back as it was. */
static void
written_is_read(struct slice text)
{
	struct buf out = BUF_EMPTY;
	struct json_writer w = json_writer(&out);
	struct json *json;
	struct slice back;

	json_open(&w, NULL);
	json_put_string(&w, "a", text);
	json_close(&w);
	MUST(buf_status(&out) == PT_OK);
	MUST(!slice_has_control(buf_slice(&out)) && slice_is_utf8(buf_slice(&out)));
	/* A NUL is written, for the log; the reader accepts none. */
	MUST(json_scan(buf_slice(&out)) == !has_nul(text));
	if (!has_nul(text)) {
		MUST(json_parse_object(buf_slice(&out), &json) == PT_OK);
		MUST(json_get_string(json, "a", &back) && slice_is_utf8(back));
		MUST(slice_eq(back, text) == slice_is_utf8(text));
		json_free(json);
	}
	buf_free(&out);
}

static void
member_is_sound(const struct json *json, const char *name)
{
	struct slice text;
	int64_t number;
	bool flag;
	enum json_kind kind = json_kind_of(json, name);

	MUST(json_get_string(json, name, &text) == (kind == JSON_STRING));
	MUST(json_get_bool(json, name, &flag) == (kind == JSON_BOOL));
	MUST((json_get_object(json, name) != NULL) == (kind == JSON_OBJECT));
	MUST(kind == JSON_ARRAY || json_array_len(json, name) == 0);
	if (json_get_integer(json, name, &number))
		MUST(kind == JSON_NUMBER && number >= -BOUND && number <= BOUND);
	if (kind == JSON_STRING) {
		MUST(slice_is_utf8(text) && !has_nul(text));
		written_is_read(text);
	}
	for (size_t i = 0; i < json_array_len(json, name); i++) {
		if (json_array_string(json, name, i, &text))
			MUST(slice_is_utf8(text) && !has_nul(text));
		if (json_array_object(json, name, i))
			member_is_sound(json_array_object(json, name, i), name);
	}
	if (kind == JSON_OBJECT)
		member_is_sound(json_get_object(json, name), name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct slice text = { (const char *)bytes, len };
	bool good = json_scan(text);
	struct json *json;
	enum pt_err err = json_parse_object(text, &json);

	MUST(err == (good && opens_object(text) ? PT_OK : PT_ERR_INVALID));
	MUST((json != NULL) == (err == PT_OK));
	if (good)
		MUST(slice_is_utf8(text) && !has_nul(text));
	if (json) {
		member_is_sound(json, "a");
		member_is_sound(json, "b");
		member_is_sound(json, "");
	}
	json_free(json);
	written_is_read(text);
	return 0;
}
