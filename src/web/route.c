#include "web/route.h"

#define ASKED (1u << WEB_RESPONDER | 1u << WEB_CGI)	/* by a client, at an address of ours */

static const struct route routes[] = {
	{ METHOD_GET, false, "/", ASKED, 0, home_page },
	{ METHOD_GET, false, "/login", ASKED, 0, login_page },
	{ METHOD_POST, false, "/login", ASKED, 0, login_post },
	{ METHOD_POST, false, "/refresh", ASKED, 0, refresh_post },
	{ METHOD_GET, false, "/logout", ASKED, 0, logout_page },
	{ METHOD_POST, false, "/logout", ASKED, 0, logout_post },
	{ METHOD_GET, false, "/sessions", ASKED, 0, sessions_list },
	{ METHOD_DELETE, false, "/sessions", ASKED, 0, sessions_end_all },
	{ METHOD_PATCH, false, "/sessions/{id}", ASKED, 0, sessions_rename },
	{ METHOD_DELETE, false, "/sessions/{id}", ASKED, 0, sessions_end },
	{ METHOD_GET, false, "/me", ASKED, 0, me_get },
	{ METHOD_POST, false, "/password", ASKED, 0, change_password_post },
	{ METHOD_GET, false, "/verify", ASKED, 0, verify_get },
	{ METHOD_POST, false, "/introspect", ASKED, 0, introspect_post },
	{ METHOD_POST, false, "/revoke", ASKED, 0, revoke_post },
	{ METHOD_GET, false, "/pintle.css", ASKED, 0, style_get },
	{ METHOD_GET, false, "/pintle.js", ASKED, 0, script_get },
	{ METHOD_GET, false, "/jwks.json", ASKED, 300, jwks_get },
	{ METHOD_GET, false, "/.well-known/jwks.json", ASKED, 300, jwks_get },
	{ METHOD_GET, true, "/.well-known/jwks.json", ASKED, 300, jwks_get },
	{ METHOD_GET, false, "/health", ASKED, 0, health_get },
};
#define ROUTES (sizeof(routes) / sizeof(routes[0]))

/* In the order of an Allow header. */
static const struct {
	enum method method;
	const char *names;
} allowed[] = {
	{ METHOD_GET, "GET, HEAD, " },
	{ METHOD_POST, "POST, " },
	{ METHOD_PATCH, "PATCH, " },
	{ METHOD_DELETE, "DELETE, " },
};

static bool
route_is_segment(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '/')
			return false;
	return text.len > 0;
}

/* Whether the row is of this path and role; *id is what stands for {id}, if it has one. */
static bool
route_matches(const struct route *route, const struct request *request, struct slice *id)
{
	struct slice fixed, rest;
	bool has_id = slice_cut(slice_of(route->path), '{', &fixed, &rest);

	*id = (struct slice){ NULL, 0 };
	if (!(route->roles & 1u << request->raw->role))
		return false;
	/* With the site as the mount every path is below it, the site's own too. */
	if (route->at_root ? request->below_mount : !request->below_mount)
		return false;
	if (!has_id)
		return slice_eq(request->path, fixed);
	if (!slice_starts(request->path, fixed))
		return false;
	*id = slice_skip(request->path, fixed.len);
	return route_is_segment(*id);
}

enum route_verdict
route_find(struct request *request, const struct route **route)
{
	enum route_verdict verdict = ROUTE_UNKNOWN;

	*route = NULL;
	for (size_t i = 0; i < ROUTES; i++) {
		struct slice id;

		if (!route_matches(&routes[i], request, &id))
			continue;
		verdict = ROUTE_OTHER_METHOD;
		if (routes[i].method != request->method)
			continue;
		request->id = id;
		*route = &routes[i];
		return ROUTE_FOUND;
	}
	return verdict;
}

static bool
route_has_method(const struct request *request, enum method method)
{
	struct slice id;

	for (size_t i = 0; i < ROUTES; i++)
		if (routes[i].method == method && route_matches(&routes[i], request, &id))
			return true;
	return false;
}

void
route_put_methods(const struct request *request, struct buf *out)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		if (route_has_method(request, allowed[i].method))
			buf_puts(out, allowed[i].names);
	buf_puts(out, "OPTIONS");
}
