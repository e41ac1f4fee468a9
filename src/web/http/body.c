#include "web/http/body.h"

#include <string.h>

/* Only UTF-8 is read: in any other charset the password would differ from what was typed. */
static bool
body_charset_good(struct slice parameters)
{
	while (parameters.len) {
		struct slice parameter, name, value;

		slice_cut(parameters, ';', &parameter, &parameters);
		slice_cut(parameter, '=', &name, &value);
		if (!slice_eq_nocase(slice_trim(name), SLICE("charset")))
			continue;
		value = slice_trim(value);
		if (!slice_eq_nocase(value, SLICE("utf-8")) &&
		    !slice_eq_nocase(value, SLICE("\"utf-8\"")))
			return false;
	}
	return true;
}

enum body_type
body_type(const struct request *request)
{
	struct slice header = slice_trim(request_param(request, "CONTENT_TYPE"));
	struct slice type, parameters;

	if (header.len == 0)
		return BODY_UNTYPED;
	slice_cut(header, ';', &type, &parameters);
	type = slice_trim(type);
	if (!body_charset_good(parameters))
		return BODY_OTHER;
	if (slice_eq_nocase(type, SLICE("application/json")))
		return BODY_JSON;
	if (slice_eq_nocase(type, SLICE("application/x-www-form-urlencoded")))
		return BODY_FORM;
	return BODY_OTHER;
}

static bool
body_take_json(const struct json *json, const struct body_field *field)
{
	switch (json_kind_of(json, field->name)) {
	case JSON_ABSENT:
	case JSON_NULL:
		return !field->required;
	case JSON_STRING:
		return field->text && json_get_string(json, field->name, field->text);
	case JSON_BOOL:
		return field->flag && json_get_bool(json, field->name, field->flag);
	case JSON_NUMBER:
	case JSON_ARRAY:
	case JSON_OBJECT:
		return false;
	}
	return false;
}

static bool
body_read_flag(struct slice text, bool *out)
{
	static const struct {
		const char *word;
		bool value;
	} words[] = {
		{ "on", true }, { "true", true }, { "1", true },
		{ "", false }, { "off", false }, { "false", false }, { "0", false },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!slice_eq(text, slice_of(words[i].word)))
			continue;
		*out = words[i].value;
		return true;
	}
	return false;
}

static bool
body_take_form(const struct form *form, const struct body_field *field)
{
	struct slice value;

	switch (form_get(form, field->name, &value)) {
	case FORM_ABSENT:
		return !field->required;
	case FORM_REPEATED:
		return false;
	case FORM_ONCE:
		break;
	}
	if (field->flag)
		return body_read_flag(value, field->flag);
	*field->text = value;
	return true;
}

static enum pt_err
body_parse(const struct request *request, enum body_type type, struct body *out, bool *good)
{
	enum pt_err err;

	switch (type) {
	case BODY_OTHER:
	case BODY_UNTYPED:
		return PT_OK;
	case BODY_JSON:
		err = json_parse_object(request->raw->body, &out->json);
		*good = err == PT_OK;
		return err == PT_ERR_INVALID ? PT_OK : err;
	case BODY_FORM:
		return form_parse(request->raw->body, &out->form, good);
	}
	return PT_OK;
}

enum pt_err
body_read(const struct request *request, const struct body_field *fields, size_t count,
    struct body *out, bool *good)
{
	enum body_type type = body_type(request);
	enum pt_err err;

	memset(out, 0, sizeof(*out));
	*good = false;
	err = body_parse(request, type, out, good);
	for (size_t i = 0; i < count && *good; i++)
		*good = type == BODY_JSON ? body_take_json(out->json, &fields[i]) :
		    body_take_form(&out->form, &fields[i]);
	return err;
}

const struct refusal *
body_demand(const struct request *request, const struct body_field *fields, size_t count,
    struct body *out, const struct refusal *malformed)
{
	bool good;
	enum pt_err err = body_read(request, fields, count, out, &good);

	if (err != PT_OK)
		return refusal_failed(err);
	return good ? NULL : malformed;
}

static bool
body_names(const struct body_field *fields, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_eq(name, slice_of(fields[i].name)))
			return true;
	return false;
}

bool
body_form_only(const struct body *body, const struct body_field *fields, size_t count)
{
	for (size_t i = 0; i < body->form.count; i++)
		if (!body_names(fields, count, body->form.fields[i].name))
			return false;
	return true;
}

void
body_free(struct body *body)
{
	json_free(body->json);
	body->json = NULL;
	form_free(&body->form);
}
