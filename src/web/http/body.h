/*
 * Reads the body of a request, JSON or a form, into a small typed struct: an endpoint lists the
 * members that it knows and where they go. Anything malformed ends here; unknown members are
 * skipped.
 */
#ifndef PINTLE_WEB_HTTP_BODY_H
#define PINTLE_WEB_HTTP_BODY_H

#include "base/json.h"
#include "web/http/form.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

enum body_type {
	BODY_OTHER = 0,	/* a type that is not read here */
	BODY_UNTYPED,	/* no Content-Type */
	BODY_JSON,
	BODY_FORM,
};

/*
 * What Content-Type says, whether there is a body or not. A charset other than UTF-8 is another
 * type.
 */
enum body_type body_type(const struct request *request);

/*
 * One member: a text, or a flag (true and false in JSON; what a checkbox sends in a form). Exactly
 * one of the two is set.
 */
struct body_field {
	const char *name;
	struct slice *text;
	bool *flag;
	bool required;
};

/* The memory that the texts point into. */
struct body {
	struct json *json;
	struct form form;
};

/*
 * Reads the request's body into the fields; what is absent (or null in JSON) is left as it was.
 * *good is false if the body is malformed, or a member has the wrong kind, appears twice, or is
 * required and missing. *out is yours, for body_free.
 */
enum pt_err body_read(const struct request *request, const struct body_field *fields, size_t count,
    struct body *out, bool *good);

/*
 * The same for an endpoint that needs these fields: a body that is not good is refused with
 * malformed. *out is yours, for body_free, in any case.
 */
const struct refusal *body_demand(const struct request *request, const struct body_field *fields,
    size_t count, struct body *out, const struct refusal *malformed);

/*
 * Whether a form holds these fields and nothing else. (Unknown members of JSON are always skipped.)
 */
bool body_form_only(const struct body *body, const struct body_field *fields, size_t count);

/* Wipes and releases. */
void body_free(struct body *body);

#endif
