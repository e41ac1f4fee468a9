/*
 * Header fields of answers, read as far as their meaning goes: Set-Cookie, Cache-Control, Date.
 * Pure.
 */
#ifndef PINTLE_CMD_DOCTOR_HTTP_FIELD_H
#define PINTLE_CMD_DOCTOR_HTTP_FIELD_H

#include "base/slice.h"

/*
 * The next field called name (any case) in *head, lines of "Name: value\n"; *head is moved past it.
 */
bool http_field_next(struct slice *head, struct slice name, struct slice *value);

/* The first of that name; the empty slice if there is none. */
struct slice http_field(struct slice head, struct slice name);

enum same_site { SAME_SITE_ABSENT = 0, SAME_SITE_NONE, SAME_SITE_LAX, SAME_SITE_STRICT };

/* A Set-Cookie field (RFC 6265bis, 5.5), slices into it. */
struct set_cookie {
	struct slice name, value;
	struct slice path;	/* empty: none */
	struct slice domain;	/* the same */
	bool secure;
	bool http_only;
	bool cleared;		/* Max-Age is 0 or less */
	enum same_site same_site;
};

/* False for a field without a name. If an attribute appears twice, the last one counts. */
bool http_field_cookie(struct slice field, struct set_cookie *out);

/* What a cookie must be like. */
struct cookie_rule {
	struct slice path;
	bool secure;		/* sent over TLS, with a prefix in its name */
	enum same_site same_site;
};

/*
 * What is wrong with a cookie as it arrived: a static phrase to follow its name; NULL if nothing
 * is.
 */
const char *http_field_cookie_fault(const struct set_cookie *cookie,
    const struct cookie_rule *rule);

/* Whether one of the Cache-Control fields of head has this directive (RFC 9111, 5.2). */
bool http_field_cache_has(struct slice head, struct slice directive);

/* The number of seconds that a directive gives ("max-age"); false if there is none. */
bool http_field_cache_seconds(struct slice head, struct slice directive, uint64_t *out);

/* Whether a cache may show an answer to somebody who is not, or no longer, signed in. */
bool http_field_may_keep(struct slice head);

/* An IMF-fixdate (RFC 9110, 5.6.7), "Tue, 24 Nov 2026 08:00:00 GMT", in milliseconds since 1970. */
bool http_field_date(struct slice text, int64_t *out_ms);

#endif
