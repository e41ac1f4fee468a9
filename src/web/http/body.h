/*
 * The body of a request, JSON or a form, into a small typed struct: an
 * endpoint lists the members that it knows and where they go. Anything
 * malformed ends here; members that nobody listed are passed over.
 */
#ifndef PINTLE_WEB_HTTP_BODY_H
#define PINTLE_WEB_HTTP_BODY_H

#include "base/json.h"
#include "web/http/form.h"
#include "web/http/refusal.h"
#include "web/http/request.h"

enum body_type {
	BODY_OTHER = 0,	/* a type that nobody here reads */
	BODY_UNTYPED,	/* no Content-Type */
	BODY_JSON,
	BODY_FORM,
};

/* What Content-Type says, whether there is a body or not. A charset other than UTF-8 is another type. */
enum body_type body_type(const struct request *request);

/* One member: a text, or a flag (true and false in JSON; what a checkbox sends in a form). Exactly one of the two is set. */
struct body_field {
	const char *name;
	struct slice *text;
	bool *flag;
	bool required;
};

/* What the texts that were read point into. */
struct body {
	struct json *json;
	struct form form;
};

/*
 * Reads the request's body into what fields name; what is absent (or null, in
 * JSON) is left as it was. *good is false if the body is malformed, a member is of another kind,
 * comes twice, or is required and absent. *out is yours, for body_free.
 */
enum pt_err body_read(const struct request *request, const struct body_field *fields, size_t count,
    struct body *out, bool *good);

/*
 * The same for an endpoint that wants what fields name: a body that is not good is refused as
 * malformed. *out is yours, for body_free, either way.
 */
const struct refusal *body_demand(const struct request *request, const struct body_field *fields, size_t count,
    struct body *out, const struct refusal *malformed);

/* Whether a form holds what fields name, and nothing else. (Of JSON unknown members are passed over everywhere.) */
bool body_form_only(const struct body *body, const struct body_field *fields, size_t count);

/* Wipes and releases. */
void body_free(struct body *body);

#endif
