#include "web/route.h"

#include <string.h>

#include "web/http/form.h"
#include "web/pages/account_page.h"
#include "web/pages/link_page.h"
#include "web/pages/login_page.h"

/* asked by a client at an address of ours */
#define ASKED (1u << WEB_RESPONDER | 1u << WEB_CGI)

static const struct route routes[] = {
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/", ASKED, home_get, login_page_home, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/login", ASKED, login_get, login_page, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/login", ASKED, login_post, login_page, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/refresh", ASKED, refresh_post, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/logout", ASKED, logout_get, login_page_logout, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/logout", ASKED, logout_post, login_page_logout, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/sessions", ASKED, sessions_list, NULL, NULL },
	{ METHOD_DELETE, ROUTE_BELOW_MOUNT, "/sessions", ASKED, sessions_end_all, NULL, "keep" },
	{ METHOD_PATCH, ROUTE_BELOW_MOUNT, "/sessions/{id}", ASKED, sessions_rename, NULL, NULL },
	{ METHOD_DELETE, ROUTE_BELOW_MOUNT, "/sessions/{id}", ASKED, sessions_end, NULL, "" },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/me", ASKED, me_get, NULL, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/password", ASKED, change_password_post, account_page,
	    "" },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/otp", ASKED, otp_post, account_page, "" },
	{ METHOD_DELETE, ROUTE_BELOW_MOUNT, "/otp", ASKED, otp_delete, account_page, "" },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/otp/confirm", ASKED, otp_confirm_post, account_page,
	    "" },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/otp/recovery", ASKED, otp_recovery_post, account_page,
	    "" },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/account", ASKED, account_get, account_page, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/account/sign-out", ASKED, account_sign_out,
	    account_page, "" },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/account/rename", ASKED, account_rename, account_page,
	    NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/account/otp-remove", ASKED, otp_delete, account_page,
	    "" },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/verify", ASKED, verify_get, NULL, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/introspect", ASKED, introspect_post, NULL, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/revoke", ASKED, revoke_post, NULL, "" },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/pintle.css", ASKED, assets_style_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/pintle.js", ASKED, assets_script_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/client.js", ASKED, assets_client_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/link", ASKED, link_form, link_page, NULL },
	{ METHOD_POST, ROUTE_BELOW_MOUNT, "/link", ASKED, link_post, link_page, "" },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/link.js", ASKED, assets_link_script_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/jwks.json", ASKED, jwks_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/.well-known/jwks.json", ASKED, jwks_get, NULL, NULL },
	{ METHOD_GET, ROUTE_AT_ROOT, "/.well-known/jwks.json", ASKED, jwks_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/status-jwks.json", ASKED, jwks_status_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/.well-known/change-password", ASKED,
	    change_password_find, NULL, NULL },
	{ METHOD_GET, ROUTE_AT_ROOT, "/.well-known/change-password", ASKED, change_password_find,
	    NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/.well-known/openid-configuration", ASKED, metadata_get,
	    NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/.well-known/oauth-authorization-server", ASKED,
	    metadata_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BEFORE_MOUNT, "/.well-known/oauth-authorization-server", ASKED,
	    metadata_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/status-list", ASKED, status_list_get, NULL, NULL },
	{ METHOD_GET, ROUTE_BELOW_MOUNT, "/health", ASKED, health_get, NULL, NULL },
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

/*
 * Whether the row matches the path and role; *id is the text in place of {id}, if the row has one.
 */
static bool
route_matches(const struct route *route, const struct request *request, struct slice *id)
{
	struct slice fixed, rest;
	bool has_id = slice_cut(slice_of(route->path), '{', &fixed, &rest);

	*id = (struct slice){ NULL, 0 };
	if (!(route->roles & 1u << request->raw->role))
		return false;
	/* If the mount is the whole site every path is below it, the site's own paths too. */
	if ((route->place == ROUTE_BELOW_MOUNT) != request->below_mount)
		return false;
	if (route->place == ROUTE_BEFORE_MOUNT)
		return slice_starts(request->path, fixed) &&
		    slice_eq(slice_skip(request->path, fixed.len),
		    slice_of(request->app->settings->mount));
	if (!has_id)
		return slice_eq(request->path, fixed);
	if (!slice_starts(request->path, fixed))
		return false;
	*id = slice_skip(request->path, fixed.len);
	return id->len > 0 && memchr(id->ptr, '/', id->len) == NULL;
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

const struct refusal *
route_demand_query(const struct route *route, const struct request *request)
{
	static const struct refusal malformed =
	    REFUSAL_MALFORMED("The query has a parameter that this request does not know.");
	struct form query;
	bool good;
	enum pt_err err;

	if (route->parameter == NULL)
		return NULL;
	err = form_parse(request->query, &query, &good);
	if (err != PT_OK || !good)
		return err == PT_OK ? &malformed : refusal_failed(err);
	for (size_t i = 0; i < query.count; i++)
		good = good && route->parameter[0] &&
		    slice_eq(query.fields[i].name, slice_of(route->parameter));
	form_free(&query);
	return good ? NULL : &malformed;
}

bool
route_shows_page(const struct route *route, const struct request *request)
{
	return route->page && (request->method == METHOD_GET || body_type(request) == BODY_FORM);
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
