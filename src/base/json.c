#include "base/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/secret.h"

#define MAX_INTEGER ((uint64_t)1 << 53)

/* A struct json is a cJSON item by another name: the type never leaves this file. */
static const cJSON *
item_of(const struct json *json)
{
	return (const cJSON *)(const void *)json;
}

static const struct json *
json_of(const cJSON *item)
{
	return (const struct json *)(const void *)item;
}

static bool
in_number(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/*
 * Cuts *rest, which passed the scan, after its next number; *before is what precedes the number.
 * False, with everything in *before, if there is none. Outside strings only numbers contain a digit
 * or a minus.
 */
static bool
json_cut_number(struct slice *rest, struct slice *before, struct slice *number)
{
	bool quoted = false;
	size_t at, end;

	for (at = 0; at < rest->len; at++) {
		char c = rest->ptr[at];

		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\')
			at++;
		else if (!quoted && (c == '-' || (c >= '0' && c <= '9')))
			break;
	}
	for (end = at; end < rest->len && in_number(rest->ptr[end]);)
		end++;
	*before = (struct slice){ rest->ptr, at };
	*number = (struct slice){ rest->ptr + at, end - at };
	*rest = slice_skip(*rest, end);
	return number->len > 0;
}

/*
 * The text with 0 for every number. cJSON cuts a number at 63 characters, reads it by the locale
 * and rounds it, so it gets none to read.
 */
static void
put_without_numbers(struct buf *out, struct slice text)
{
	struct slice before, number;

	while (json_cut_number(&text, &before, &number)) {
		buf_put(out, before);
		buf_putc(out, '0');
	}
	buf_put(out, before);
}

/* Whole numbers up to 2^53 are exact in a double; NAN for any other number. */
static double
integer_value(struct slice number)
{
	bool minus = slice_starts(number, SLICE("-"));
	uint64_t size;

	if (!slice_to_u64(slice_skip(number, minus), &size) || size > MAX_INTEGER)
		return (double)NAN;
	return minus ? -(double)size : (double)size;
}

/* Gives the number items below item their values, in the order of text. */
static void
numbers_set(cJSON *item, struct slice *text)
{
	struct slice before, number;

	for (; item; item = item->next) {
		if (cJSON_IsNumber(item) && json_cut_number(text, &before, &number))
			item->valuedouble = integer_value(number);
		numbers_set(item->child, text);
	}
}

enum pt_err
json_parse_object(struct slice text, struct json **out)
{
	struct buf plain = BUF_EMPTY;
	cJSON *item = NULL;

	*out = NULL;
	if (!json_scan(text))
		return PT_ERR_INVALID;
	put_without_numbers(&plain, text);
	if (buf_status(&plain) == PT_OK)
		item = cJSON_ParseWithLength(plain.ptr, plain.len);
	buf_free(&plain);
	if (item == NULL)
		return PT_ERR_NOMEM;
	if (!cJSON_IsObject(item)) {
		json_free((struct json *)(void *)item);
		return PT_ERR_INVALID;
	}
	numbers_set(item, &text);
	*out = (struct json *)(void *)item;
	return PT_OK;
}

static void
wipe_text(char *text)
{
	if (text)
		secret_wipe(text, strlen(text));
}

/* Names too: somebody may have typed a secret in a name's place. */
static void
wipe(cJSON *item)
{
	for (; item; item = item->next) {
		wipe_text(item->valuestring);
		wipe_text(item->string);
		wipe(item->child);
	}
}

void
json_free(struct json *json)
{
	cJSON *item = (cJSON *)(void *)json;

	if (item == NULL)
		return;
	wipe(item);
	cJSON_Delete(item);
}

static const cJSON *
member(const struct json *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(item_of(object), name);
}

enum json_kind
json_kind_of(const struct json *object, const char *name)
{
	const cJSON *item = member(object, name);

	if (item == NULL)
		return JSON_ABSENT;
	if (cJSON_IsString(item))
		return JSON_STRING;
	if (cJSON_IsBool(item))
		return JSON_BOOL;
	if (cJSON_IsNumber(item))
		return JSON_NUMBER;
	if (cJSON_IsArray(item))
		return JSON_ARRAY;
	return cJSON_IsObject(item) ? JSON_OBJECT : JSON_NULL;
}

bool
json_member_name(const struct json *object, size_t i, struct slice *out)
{
	const cJSON *item = item_of(object)->child;

	for (; item && i > 0; i--)
		item = item->next;
	if (item)
		*out = slice_of(item->string);
	return item != NULL;
}

static bool
string_of(const cJSON *item, struct slice *out)
{
	if (!cJSON_IsString(item))
		return false;
	*out = slice_of(item->valuestring);
	return true;
}

bool
json_get_string(const struct json *object, const char *name, struct slice *out)
{
	return string_of(member(object, name), out);
}

bool
json_get_bool(const struct json *object, const char *name, bool *out)
{
	const cJSON *item = member(object, name);

	if (!cJSON_IsBool(item))
		return false;
	*out = cJSON_IsTrue(item);
	return true;
}

bool
json_get_integer(const struct json *object, const char *name, int64_t *out)
{
	const cJSON *item = member(object, name);

	if (!cJSON_IsNumber(item) || isnan(item->valuedouble))
		return false;
	*out = (int64_t)item->valuedouble;
	return true;
}

const struct json *
json_get_object(const struct json *object, const char *name)
{
	const cJSON *item = member(object, name);

	return cJSON_IsObject(item) ? json_of(item) : NULL;
}

static const cJSON *
element(const struct json *object, const char *name, size_t i)
{
	const cJSON *item = member(object, name);

	if (!cJSON_IsArray(item))
		return NULL;
	const cJSON *at = item->child;

	while (at && i--)
		at = at->next;
	return at;
}

size_t
json_array_len(const struct json *object, const char *name)
{
	size_t len = 0;

	for (const cJSON *at = element(object, name, 0); at; at = at->next)
		len++;
	return len;
}

bool
json_array_string(const struct json *object, const char *name, size_t i, struct slice *out)
{
	return string_of(element(object, name, i), out);
}

const struct json *
json_array_object(const struct json *object, const char *name, size_t i)
{
	const cJSON *item = element(object, name, i);

	return cJSON_IsObject(item) ? json_of(item) : NULL;
}
