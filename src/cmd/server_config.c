#include "cmd/server_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/template.h"
#include "cmd/guard_value.h"
#include "cmd/templates.h"
#include "cmd/units.h"
#include "cmd/url.h"

#define WEB_USER "www-data"
#define SIGN_ON_USERS "/etc/pintle/htpasswd"	/* whom the web server's own sign-on knows */
#define CERTBOT "/etc/letsencrypt/live/"
#define LIGHTTPD_SCRIPT PINTLE_DATA_FOLDER "/pintle.lua"
#define NJS_SCRIPT "/etc/nginx/pintle.js"
#define NJS_KEYS "/etc/nginx/pintle-keys.json"	/* the key set, kept fresh by the site */

struct server_kind {
	const char *name;
	const struct slice *text;
	const struct slice *guarded;	/* what stands for {{guarded}} in it; NULL: nothing does */
	const char *spawned;		/* what the server appends to the name of the socket; NULL: nothing */
};

static const struct server_kind kinds[] = {
	{ "nginx", &template_nginx_conf, NULL, NULL },
	{ "apache", &template_apache_conf, &template_apache_guarded_conf, NULL },
	{ "apache-handler", &template_apache_handler_conf, &template_apache_guarded_conf, NULL },
	{ "apache-fcgid", &template_apache_fcgid_conf, &template_apache_guarded_conf, NULL },
	{ "apache-cgi", &template_apache_cgi_conf, &template_apache_guarded_conf, NULL },
	{ "apache-authorizer", &template_apache_authorizer_conf, &template_apache_guarded_conf, NULL },
	{ "lighttpd", &template_lighttpd_conf, &template_lighttpd_guarded_conf, NULL },
	{ "lighttpd-spawn", &template_lighttpd_spawn_conf, &template_lighttpd_guarded_conf, "-0" },
	{ "lighttpd-cgi", &template_lighttpd_cgi_conf, &template_lighttpd_guarded_conf, NULL },
	{ "lighttpd-authorizer", &template_lighttpd_authorizer_conf, &template_lighttpd_guarded_conf, NULL },
	{ "caddy", &template_caddy_conf, NULL, NULL },
	{ "nginx-njs", &template_nginx_njs_conf, NULL, NULL },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct server_kind *
server_kind_find(struct slice name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (slice_eq(name, slice_of(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

void
server_kinds_offer(struct nearest *nearest)
{
	for (size_t i = 0; i < KINDS; i++)
		nearest_offer(nearest, kinds[i].name);
}

void
server_kinds_put(const char *between, struct buf *out)
{
	for (size_t i = 0; i < KINDS; i++)
		buf_printf(out, "%s%s", i ? between : "", kinds[i].name);
}

/* Appends a plain path as a regular expression that means just that. */
static void
pattern_put(struct slice path, struct buf *out)
{
	for (size_t i = 0; i < path.len; i++)
		buf_printf(out, "%s%c", path.ptr[i] == '.' ? "\\" : "", path.ptr[i]);
}

/* ---- one guarded place */

enum { NAME, PATH, PREFIX, PREFIX_PATTERN, EXACT, OPEN, ASKED, METHODS, FROM, BEHIND, PROXY, PROXY_HTTP, PROXY_TLS,
	PROXY_SOCKET, PROXY_HOST, PROXY_PORT, PHP, FPM, FPM_SOCKET, FPM_HOST, FPM_PORT, FILES, FRONT, FRONT_PATH, FRONT_FILE,
	BODY, BODY_KIB, KEEP_AUTHORIZATION, PREFLIGHT_PASSES, IGNORE_CASE, GROUPS, MAX_AGE, BEARER_ONLY, PLACE_FIELDS };

static const char *const place_names[PLACE_FIELDS] = {
	[NAME] = "name", [PATH] = "path", [PREFIX] = "prefix", [PREFIX_PATTERN] = "prefix_pattern", [EXACT] = "exact",
	[OPEN] = "open", [ASKED] = "asked", [METHODS] = "methods", [FROM] = "from", [BEHIND] = "behind",
	[PROXY] = "proxy", [PROXY_HTTP] = "proxy_http", [PROXY_TLS] = "proxy_tls", [PROXY_SOCKET] = "proxy_socket",
	[PROXY_HOST] = "proxy_host", [PROXY_PORT] = "proxy_port", [PHP] = "php", [FPM] = "fpm",
	[FPM_SOCKET] = "fpm_socket", [FPM_HOST] = "fpm_host", [FPM_PORT] = "fpm_port", [FILES] = "files",
	[FRONT] = "front", [FRONT_PATH] = "front_path", [FRONT_FILE] = "front_file", [BODY] = "body",
	[BODY_KIB] = "body_kib", [KEEP_AUTHORIZATION] = "keep_authorization", [PREFLIGHT_PASSES] = "preflight_passes",
	[IGNORE_CASE] = "ignore_case", [GROUPS] = "groups", [MAX_AGE] = "max_age", [BEARER_ONLY] = "bearer_only",
};

struct place_view {
	struct template_field fields[PLACE_FIELDS];
	char max_age[UNITS_TEXT_SIZE], body[UNITS_TEXT_SIZE], body_kib[UNITS_TEXT_SIZE];
	struct buf pattern;
};

static const char *
after(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text && strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* "HOST:PORT" in two; without a port it is the usual one. An IPv6 address goes without its brackets. */
static void
address_split(const char *address, const char *usual, struct slice *host, struct slice *port)
{
	const char *colon = address ? strrchr(address, ':') : NULL;

	*host = slice_of(address);
	*port = address ? slice_of(usual) : SLICE("");
	if (colon && strchr(colon, ']') == NULL) {
		*port = slice_of(colon + 1);
		host->len = (size_t)(colon - address);
	}
	if (slice_starts(*host, SLICE("[")))
		*host = (struct slice){ host->ptr + 1, host->len - 2 };
}

/* What a template asks of a field that says yes or no: whether it is empty. */
static struct slice
flag(bool on)
{
	return on ? SLICE("yes") : SLICE("");
}

static struct slice
number_show(int64_t number, char text[UNITS_TEXT_SIZE])
{
	snprintf(text, UNITS_TEXT_SIZE, "%lld", (long long)number);
	return slice_of(text);
}

static void
behind_show(const struct guard_place *place, struct slice values[PLACE_FIELDS])
{
	const char *fpm_socket = after(place->fpm, "unix:");
	const char *https = after(place->proxy, "https://"), *http = after(place->proxy, "http://");

	values[BEHIND] = flag(place->proxy || place->php || place->files);
	values[PROXY] = slice_of(place->proxy);
	values[PROXY_HTTP] = slice_of(http || https ? place->proxy : NULL);
	values[PROXY_TLS] = flag(https != NULL);
	values[PROXY_SOCKET] = slice_of(after(place->proxy, "unix:"));
	address_split(https ? https : http, https ? "443" : "80", &values[PROXY_HOST], &values[PROXY_PORT]);
	values[PHP] = slice_of(place->php);
	values[FPM] = slice_of(place->fpm);
	values[FPM_SOCKET] = slice_of(fpm_socket);
	address_split(fpm_socket ? NULL : place->fpm, "", &values[FPM_HOST], &values[FPM_PORT]);
	values[FILES] = slice_of(place->files);
	values[FRONT] = slice_of(place->front);
	values[FRONT_PATH] = slice_of(place->front_path);
	values[FRONT_FILE] = slice_of(place->front_file);
	values[KEEP_AUTHORIZATION] = flag(place->keep_authorization == PLACE_YES);
	values[PREFLIGHT_PASSES] = flag(place->pass_preflight == PLACE_YES);
	values[IGNORE_CASE] = flag(place->ignore_case == PLACE_YES);
}

static enum pt_err
place_show(const struct guard_place *place, struct place_view *out)
{
	/* Without the slash at the end, which to many an application is the same place. */
	const struct slice prefix = { place->path, strlen(place->path) - !place->exact };

	pattern_put(prefix, &out->pattern);

	struct slice values[PLACE_FIELDS] = {
		[NAME] = slice_of(place->name),
		[PATH] = slice_of(place->path),
		[PREFIX] = prefix,
		[PREFIX_PATTERN] = buf_slice(&out->pattern),
		[EXACT] = flag(place->exact),
		[OPEN] = flag(place_is_open(place)),
		[ASKED] = flag(!place_is_open(place)),
		[METHODS] = slice_of(place->methods),
		[FROM] = slice_of(place->from),
		[GROUPS] = slice_of(place->groups),
		[BEARER_ONLY] = flag(place->bearer_only == PLACE_YES),
		[BODY] = number_show(place->body_max, out->body),
		[BODY_KIB] = number_show(place->body_max / UNITS_KIB, out->body_kib),
	};

	behind_show(place, values);
	if (place->max_age_ms)
		values[MAX_AGE] = number_show(place->max_age_ms / UNITS_SECOND, out->max_age);
	for (size_t i = 0; i < PLACE_FIELDS; i++)
		out->fields[i] = (struct template_field){ place_names[i], values[i] };
	return buf_status(&out->pattern);
}

/* ---- all of them, in both orders: some servers take the first that fits, some the last */

struct places_view {
	const struct guard_place **sorted;
	struct place_view *places;
	struct template_scope *short_first, *long_first;
	size_t count;
};

static int
by_length(const void *a, const void *b)
{
	const struct guard_place *const *one = a, *const *other = b;
	size_t one_len = strlen((*one)->path), other_len = strlen((*other)->path);

	if (one_len != other_len)
		return one_len < other_len ? -1 : 1;
	return (*one)->line < (*other)->line ? -1 : 1;
}

static void
places_free(struct places_view *view)
{
	for (size_t i = 0; view->places && i < view->count; i++)
		buf_free(&view->places[i].pattern);
	free(view->sorted);
	free(view->places);
	free(view->short_first);
	free(view->long_first);
}

/* *view is for places_free in any case. */
static enum pt_err
places_show(const struct guards *guards, struct places_view *view)
{
	size_t room = guards->count + 1;	/* nobody may allocate nothing */

	*view = (struct places_view){
		.sorted = calloc(room, sizeof(struct guard_place *)),
		.places = calloc(room, sizeof(struct place_view)),
		.short_first = calloc(room, sizeof(struct template_scope)),
		.long_first = calloc(room, sizeof(struct template_scope)),
		.count = guards->count,
	};
	enum pt_err err = PT_OK;

	if (!view->sorted || !view->places || !view->short_first || !view->long_first)
		return PT_ERR_NOMEM;
	for (size_t i = 0; i < view->count; i++)
		view->sorted[i] = &guards->places[i];
	qsort(view->sorted, view->count, sizeof(view->sorted[0]), by_length);
	for (size_t i = 0; i < view->count && err == PT_OK; i++) {
		err = place_show(view->sorted[i], &view->places[i]);
		view->short_first[i] = (struct template_scope){ .fields = view->places[i].fields, .field_count = PLACE_FIELDS };
		view->long_first[view->count - 1 - i] = view->short_first[i];
	}
	return err;
}

/* ---- our cookies, which reach nothing that stands behind */

enum { COOKIE, COOKIE_PATTERN, COOKIE_FIELDS };

#define COOKIES 3

struct cookie_view {
	struct template_field fields[COOKIE_FIELDS];
	struct buf pattern;
};

/* ---- the site */

enum { ORIGIN, MOUNT, MOUNT_PATTERN, HOST, AUTHORITY, PORT, TLS, OTHER_PORT, SOCKET, AUTHORIZER_SOCKET, CERTIFICATE,
	CERTIFICATE_GIVEN, KEY, WORKER, SCRIPT, KEYS, CONFIG, USER, AUTHORIZER, AUTHORIZER_TCP, SIGN_ON, GUARDED_PLACES, GUARDED, HSTS,
	COOKIES_PATTERN,
	SITE_FIELDS };

static const char *const site_names[SITE_FIELDS] = {
	[ORIGIN] = "origin", [MOUNT] = "mount", [MOUNT_PATTERN] = "mount_pattern", [HOST] = "host",
	[AUTHORITY] = "authority", [PORT] = "port", [TLS] = "tls", [OTHER_PORT] = "other_port", [SOCKET] = "socket",
	[AUTHORIZER_SOCKET] = "authorizer_socket", [CERTIFICATE] = "certificate",
	[CERTIFICATE_GIVEN] = "certificate_given", [KEY] = "certificate_key", [WORKER] = "worker",
	[SCRIPT] = "script", [KEYS] = "keys", [CONFIG] = "config", [USER] = "web_user", [AUTHORIZER] = "authorizer",
	[AUTHORIZER_TCP] = "authorizer_tcp",
	[SIGN_ON] = "sign_on", [GUARDED_PLACES] = "guarded_places", [GUARDED] = "guarded",
	[HSTS] = "hsts", [COOKIES_PATTERN] = "cookies_pattern",
};

struct site_view {
	struct template_field fields[SITE_FIELDS];
	struct buf mount_pattern, authorizer, authorizer_socket, certificate, key, cookies_pattern;
	char hsts[UNITS_TEXT_SIZE];
	struct cookie_view cookies[COOKIES];
	struct template_scope cookie_scopes[COOKIES];
	size_t cookie_count;
};

static void
site_put(struct site_view *view, int field, struct slice value)
{
	view->fields[field] = (struct template_field){ site_names[field], value };
}

/* The address that browsers use is the address that is served. */
static void
site_show_address(struct site_view *view, const struct url *url)
{
	struct slice authority = slice_skip(url->origin, (size_t)(url->host.ptr - url->origin.ptr));
	struct slice port = slice_skip(authority, url->host.len + 1);

	site_put(view, ORIGIN, url->origin);
	site_put(view, MOUNT, url->path);
	site_put(view, HOST, url->host);
	site_put(view, AUTHORITY, authority);
	site_put(view, TLS, url->insecure ? SLICE("") : SLICE("tls"));
	site_put(view, OTHER_PORT, port);
	site_put(view, PORT, port.len ? port : url->insecure ? SLICE("80") : SLICE("443"));
}

static void
site_show_cookies(const struct settings *settings, struct site_view *view)
{
	const char *const names[COOKIES] = { settings->refresh_cookie, settings->device_cookie, settings->gate_cookie_name };

	for (size_t i = 0; i < COOKIES; i++) {
		struct cookie_view *cookie = &view->cookies[i];

		pattern_put(slice_of(names[i]), &cookie->pattern);
		buf_puts(&view->cookies_pattern, i ? "|" : "");
		buf_put(&view->cookies_pattern, buf_slice(&cookie->pattern));
		cookie->fields[COOKIE] = (struct template_field){ "cookie", slice_of(names[i]) };
		cookie->fields[COOKIE_PATTERN] = (struct template_field){ "cookie_pattern", buf_slice(&cookie->pattern) };
		view->cookie_scopes[i] = (struct template_scope){ .fields = cookie->fields, .field_count = COOKIE_FIELDS };
	}
	view->cookie_count = COOKIES;
	site_put(view, COOKIES_PATTERN, buf_slice(&view->cookies_pattern));
}

static bool
site_failed(const struct site_view *view)
{
	bool failed = view->mount_pattern.failed || view->authorizer.failed || view->authorizer_socket.failed || view->certificate.failed ||
	    view->key.failed || view->cookies_pattern.failed;

	for (size_t i = 0; i < COOKIES; i++)
		failed = failed || view->cookies[i].pattern.failed;
	return failed;
}

static void
site_free(struct site_view *view)
{
	buf_free(&view->mount_pattern);
	buf_free(&view->authorizer);
	buf_free(&view->authorizer_socket);
	buf_free(&view->certificate);
	buf_free(&view->key);
	buf_free(&view->cookies_pattern);
	for (size_t i = 0; i < COOKIES; i++)
		buf_free(&view->cookies[i].pattern);
}

static enum pt_err
site_show(const struct server_kind *kind, const struct server_config *config, struct site_view *view)
{
	struct url url;

	if (url_parse(slice_of(config->settings->issuer), &url) != NULL)
		return PT_ERR_INVALID;
	site_show_address(view, &url);
	pattern_put(url.path, &view->mount_pattern);
	/* To Apache a host that begins with a slash is a Unix socket, whose port says nothing. */
	if (config->authorizer[0])
		buf_puts(&view->authorizer, config->authorizer);
	else
		buf_printf(&view->authorizer, "%s:1", config->settings->socket_path);
	buf_printf(&view->authorizer_socket, "%s%s", config->settings->socket_path, kind->spawned ? kind->spawned : "");
	buf_printf(&view->certificate, CERTBOT "%.*s/fullchain.pem", SLICE_ARG(url.host));
	buf_printf(&view->key, CERTBOT "%.*s/privkey.pem", SLICE_ARG(url.host));
	site_put(view, MOUNT_PATTERN, buf_slice(&view->mount_pattern));
	site_put(view, AUTHORIZER_SOCKET, buf_slice(&view->authorizer_socket));
	site_put(view, CERTIFICATE, config->certificate ? slice_of(config->certificate) : buf_slice(&view->certificate));
	site_put(view, CERTIFICATE_GIVEN, url.insecure ? SLICE("") : slice_of(config->certificate));
	site_put(view, KEY, config->key ? slice_of(config->key) : buf_slice(&view->key));
	site_put(view, SOCKET, slice_of(config->settings->socket_path));
	site_put(view, WORKER, slice_of(config->worker));
	site_put(view, SCRIPT, config->script ? slice_of(config->script) :
	    kind->text == &template_nginx_njs_conf ? SLICE(NJS_SCRIPT) : SLICE(LIGHTTPD_SCRIPT));
	site_put(view, KEYS, SLICE(NJS_KEYS));
	site_put(view, CONFIG, slice_of(config->config));
	site_put(view, USER, config->settings->user[0] ? slice_of(config->settings->user) : SLICE(WEB_USER));
	site_put(view, AUTHORIZER, buf_slice(&view->authorizer));
	site_put(view, AUTHORIZER_TCP, slice_of(config->authorizer));
	site_put(view, SIGN_ON, config->settings->identity == IDENTITY_REMOTE_USER ? SLICE(SIGN_ON_USERS) : SLICE(""));
	site_put(view, GUARDED_PLACES, config->guards->count ? SLICE("some") : SLICE(""));
	site_put(view, GUARDED, SLICE(""));
	/* Browsers take it over TLS alone (RFC 6797, 8.1). */
	site_put(view, HSTS, config->settings->hsts_ms && !url.insecure ?
	    number_show(config->settings->hsts_ms / UNITS_SECOND, view->hsts) : SLICE(""));
	site_show_cookies(config->settings, view);
	return site_failed(view) ? PT_ERR_NOMEM : PT_OK;
}

/* What would be read as something else by some server is not written for any. */
static enum pt_err
site_check(const struct site_view *view, struct buf *why)
{
	static const int paths[] = { SOCKET, CERTIFICATE, KEY, WORKER, SCRIPT, CONFIG };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct template_field *field = &view->fields[paths[i]];

		if (guard_value_is_plain_path(field->value))
			continue;
		buf_printf(why, "the path of the %s, \"%.*s\", is not absolute or has characters that a web server's "
		    "configuration may misread", field->name, SLICE_ARG(field->value));
		return PT_ERR_INVALID;
	}
	return PT_OK;
}

/* ---- the whole */

static enum pt_err
render(const struct server_kind *kind, struct site_view *site, const struct places_view *places, struct buf *out)
{
	const struct template_list lists[] = {
		{ "guards", places->short_first, places->count },
		{ "guards_long_first", places->long_first, places->count },
		{ "cookies", site->cookie_scopes, site->cookie_count },
	};
	const struct template_scope scope = { .fields = site->fields, .field_count = SITE_FIELDS, .lists = lists,
		.list_count = sizeof(lists) / sizeof(lists[0]) };
	struct buf guarded = BUF_EMPTY;
	enum pt_err err = kind->guarded ? template_render(*kind->guarded, &scope, buf_put, &guarded) : PT_OK;

	if (err == PT_OK) {
		site_put(site, GUARDED, buf_slice(&guarded));
		err = template_render(*kind->text, &scope, buf_put, out);
	}
	buf_free(&guarded);
	return err;
}

enum pt_err
server_config_put(const struct server_kind *kind, const struct server_config *config, struct buf *out, struct buf *why)
{
	struct site_view site = { .certificate = BUF_EMPTY };
	struct places_view places;
	enum pt_err err = places_show(config->guards, &places);

	if (err == PT_OK)
		err = site_show(kind, config, &site);
	if (err == PT_OK)
		err = site_check(&site, why);
	if (err == PT_OK)
		err = render(kind, &site, &places, out);
	places_free(&places);
	site_free(&site);
	return err;
}
