#include "base/json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/secret.h"

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

enum pt_err
json_parse_object(struct slice text, struct json **out)
{
	*out = NULL;
	if (!json_scan(text))
		return PT_ERR_INVALID;
	cJSON *item = cJSON_ParseWithLength(text.ptr, text.len);

	if (item == NULL)
		return PT_ERR_NOMEM;
	if (!cJSON_IsObject(item)) {
		cJSON_Delete(item);
		return PT_ERR_INVALID;
	}
	*out = (struct json *)(void *)item;
	return PT_OK;
}

static void
wipe(cJSON *item)
{
	for (; item; item = item->next) {
		if (item->valuestring)
			secret_wipe(item->valuestring, strlen(item->valuestring));
		if (item->child)
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

	/* Not valueint, which stops at 2^31-1; a double holds every whole number to 2^53. */
	const double bound = 9007199254740992.0;

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= -bound && item->valuedouble <= bound) ||
	    item->valuedouble != (double)(int64_t)item->valuedouble)
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
