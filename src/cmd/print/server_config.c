#include "cmd/print/server_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/template.h"
#include "cmd/print/lookup.h"
#include "cmd/print/templates.h"
#include "conf/guard_value.h"
#include "conf/units.h"
#include "conf/url.h"

#define WEB_USER "www-data"
#define SIGN_ON_USERS "/etc/pintle/htpasswd"	/* whom the web server's own sign-on knows */
#define CERTBOT "/etc/letsencrypt/live/"
#define LIGHTTPD_SCRIPT PINTLE_DATA_FOLDER "/pintle.lua"
#define HAPROXY_SCRIPT PINTLE_DATA_FOLDER "/haproxy.lua"
#define NJS_SCRIPT "/etc/nginx/pintle.js"
#define NJS_KEYS "/etc/nginx/pintle-keys.json"	/* the key set, kept fresh by the site */

/* What a piece is: a file of the site; a file of each place, or of those of which pintle knows what is behind; no file. */
enum piece_each { PIECE_PART = 0, PIECE_SITE, PIECE_PLACE, PIECE_BEHIND };

#define PIECES 12	/* of a kind, at most */

/* A file that a site includes, and in other templates of the kind the part of its name. */
struct server_piece {
	const char *name;	/* "http": the file http.conf; of each place, "place": place-NAME.conf; NULL: no more */
	const struct slice *text;
	enum piece_each each;
};

struct server_kind {
	const char *name;
	const struct slice *text;	/* a whole server */
	bool gateway;			/* it serves nothing itself: what is behind the site may say */
	const char *script;		/* that the server loads, where --script names none; NULL: it loads none */
	const char *spawned;		/* what the server appends to the name of the socket; NULL: nothing */
	struct server_piece pieces[PIECES];
	const struct slice *paste;	/* the lines that include the pieces, with {{folder}} */
	const char *folder;		/* where the pieces usually are */
};

/* The kinds of Apache differ in how the mount is served. */
#define APACHE(suffix) .paste = &template_apache_paste_txt, .pieces = { \
	    { "global", &template_apache_global_conf, PIECE_SITE }, \
	    { "server", &template_apache_server_conf, PIECE_SITE }, \
	    { "about", &template_apache##suffix##_about_conf, PIECE_PART }, \
	    { "host", &template_apache_host_conf, PIECE_PART }, \
	    { "cookies", &template_apache_cookies_conf, PIECE_PART }, \
	    { "places", &template_apache_places_conf, PIECE_PART }, \
	    { "mount", &template_apache##suffix##_mount_conf, PIECE_PART } }, .folder = "/etc/apache2/pintle"

/* So do those of lighttpd; CGI wants one module more. */
#define LIGHTTPD(suffix, cgi) .paste = &template_lighttpd_paste_txt, .pieces = { \
	    { "modules", &template_lighttpd##cgi##_modules_conf, PIECE_SITE }, \
	    { "server", &template_lighttpd_server_conf, PIECE_SITE }, \
	    { "about", &template_lighttpd##suffix##_about_conf, PIECE_PART }, \
	    { "host", &template_lighttpd_host_conf, PIECE_PART }, \
	    { "places", &template_lighttpd_places_conf, PIECE_PART }, \
	    { "mount", &template_lighttpd##suffix##_mount_conf, PIECE_PART } }, .folder = "/etc/lighttpd/pintle"

static const struct server_kind kinds[] = {
	{ .name = "nginx", .text = &template_nginx_conf, .pieces = {
	    { "http", &template_nginx_http_conf, PIECE_SITE },
	    { "server", &template_nginx_server_conf, PIECE_SITE },
	    { "cookies", &template_nginx_cookies_conf, PIECE_SITE },
	    { "place", &template_nginx_place_conf, PIECE_PLACE },
	    { "location", &template_nginx_location_conf, PIECE_BEHIND },
	    { "asked", &template_nginx_asked_conf, PIECE_PART },
	    { "deny", &template_nginx_deny_conf, PIECE_PART },
	    { "proxied", &template_nginx_proxied_conf, PIECE_PART },
	    { "scripted", &template_nginx_scripted_conf, PIECE_PART },
	    { "told", &template_nginx_told_conf, PIECE_PART },
	    { "worker", &template_nginx_worker_conf, PIECE_PART },
	    }, .paste = &template_nginx_paste_txt, .folder = "/etc/nginx/pintle" },
	{ .name = "apache", .text = &template_apache_conf, APACHE() },
	{ .name = "apache-handler", .text = &template_apache_conf, APACHE(_handler) },
	{ .name = "apache-fcgid", .text = &template_apache_conf, APACHE(_fcgid) },
	{ .name = "apache-cgi", .text = &template_apache_conf, APACHE(_cgi) },
	{ .name = "apache-authorizer", .text = &template_apache_authorizer_conf, APACHE(_authorizer) },
	{ .name = "lighttpd", .text = &template_lighttpd_conf, LIGHTTPD(, ) },
	{ .name = "lighttpd-spawn", .text = &template_lighttpd_conf, LIGHTTPD(_spawn, ), .spawned = "-0" },
	{ .name = "lighttpd-cgi", .text = &template_lighttpd_conf, LIGHTTPD(_cgi, _cgi) },
	{ .name = "lighttpd-authorizer", .text = &template_lighttpd_authorizer_conf, LIGHTTPD(_authorizer, ) },
	{ .name = "caddy", .text = &template_caddy_conf, .pieces = {
	    { "server", &template_caddy_server_conf, PIECE_SITE },
	    { "place", &template_caddy_place_conf, PIECE_PLACE },
	    { "location", &template_caddy_location_conf, PIECE_BEHIND },
	    { "front", &template_caddy_front_conf, PIECE_PART },
	    { "question", &template_caddy_question_conf, PIECE_PART },
	    }, .paste = &template_caddy_paste_txt, .folder = "/etc/caddy/pintle" },
	{ .name = "haproxy", .text = &template_haproxy_cfg, .gateway = true, .script = HAPROXY_SCRIPT },
	{ .name = "traefik", .text = &template_traefik_yaml, .gateway = true },
	{ .name = "envoy", .text = &template_envoy_yaml, .gateway = true },
	{ .name = "gateway-hop", .text = &template_gateway_hop_conf, .gateway = true },
	{ .name = "nginx-njs", .text = &template_nginx_njs_conf, .script = NJS_SCRIPT },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

bool
server_config_certificate(const struct settings *settings, char *out, size_t cap)
{
	struct url url;
	int len;

	if (url_parse(slice_of(settings->issuer), &url) != NULL)
		return false;
	len = snprintf(out, cap, CERTBOT "%.*s/fullchain.pem", SLICE_ARG(url.host));
	return len > 0 && (size_t)len < cap;
}

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

enum { NAME, NUMBER, PATH, PREFIX, PREFIX_PATTERN, EXACT, OPEN, ASKED, METHODS, FROM, BEHIND, PROXY, PROXY_HTTP, PROXY_TLS,
	PROXY_SOCKET, PROXY_HOST, PROXY_PORT, PROXY_VERIFIED, PROXY_NUMBER, PROXY_LOOKUP, FPM_LOOKUP, PHP, FPM, FPM_SOCKET, FPM_HOST, FPM_PORT, FILES, FRONT, FRONT_PATH, FRONT_FILE,
	BODY, BODY_KIB, KEEP_AUTHORIZATION, PREFLIGHT_PASSES, IGNORE_CASE, GROUPS, MAX_AGE, BEARER_ONLY, PLACE_FIELDS };

static const char *const place_names[PLACE_FIELDS] = {
	[NAME] = "name", [NUMBER] = "number", [PATH] = "path", [PREFIX] = "prefix", [PREFIX_PATTERN] = "prefix_pattern", [EXACT] = "exact",
	[OPEN] = "open", [ASKED] = "asked", [METHODS] = "methods", [FROM] = "from", [BEHIND] = "behind",
	[PROXY] = "proxy", [PROXY_HTTP] = "proxy_http", [PROXY_TLS] = "proxy_tls", [PROXY_SOCKET] = "proxy_socket",
	[PROXY_HOST] = "proxy_host", [PROXY_PORT] = "proxy_port", [PROXY_VERIFIED] = "proxy_verified",
	[PROXY_NUMBER] = "proxy_number", [PROXY_LOOKUP] = "proxy_lookup", [FPM_LOOKUP] = "fpm_lookup",
	[PHP] = "php", [FPM] = "fpm",
	[FPM_SOCKET] = "fpm_socket", [FPM_HOST] = "fpm_host", [FPM_PORT] = "fpm_port", [FILES] = "files",
	[FRONT] = "front", [FRONT_PATH] = "front_path", [FRONT_FILE] = "front_file", [BODY] = "body",
	[BODY_KIB] = "body_kib", [KEEP_AUTHORIZATION] = "keep_authorization", [PREFLIGHT_PASSES] = "preflight_passes",
	[IGNORE_CASE] = "ignore_case", [GROUPS] = "groups", [MAX_AGE] = "max_age", [BEARER_ONLY] = "bearer_only",
};

struct place_view {
	struct template_field fields[PLACE_FIELDS];
	char number[UNITS_TEXT_SIZE], max_age[UNITS_TEXT_SIZE], body[UNITS_TEXT_SIZE], body_kib[UNITS_TEXT_SIZE];
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
	/* Of a certificate on this machine itself there is nothing to be learnt. */
	values[PROXY_VERIFIED] = flag(https && !lookup_is_loopback(values[PROXY_HOST]));
	values[PROXY_NUMBER] = flag(lookup_is_number(values[PROXY_HOST]));
	values[PROXY_LOOKUP] = flag(lookup_wants_dns(values[PROXY_HOST]));
	values[PHP] = slice_of(place->php);
	values[FPM] = slice_of(place->fpm);
	values[FPM_SOCKET] = slice_of(fpm_socket);
	address_split(fpm_socket ? NULL : place->fpm, "", &values[FPM_HOST], &values[FPM_PORT]);
	values[FPM_LOOKUP] = flag(lookup_wants_dns(values[FPM_HOST]));
	values[FILES] = slice_of(place->files);
	values[FRONT] = slice_of(place->front);
	values[FRONT_PATH] = slice_of(place->front_path);
	values[FRONT_FILE] = slice_of(place->front_file);
	values[KEEP_AUTHORIZATION] = flag(place->keep_authorization == PLACE_YES);
	values[PREFLIGHT_PASSES] = flag(place->pass_preflight == PLACE_YES);
	values[IGNORE_CASE] = flag(place->ignore_case == PLACE_YES);
}

static enum pt_err
place_show(const struct guard_place *place, size_t number, struct place_view *out)
{
	/* Without the slash at the end, which to many an application is the same place. */
	const struct slice prefix = { place->path, strlen(place->path) - !place->exact };

	pattern_put(prefix, &out->pattern);

	struct slice values[PLACE_FIELDS] = {
		[NAME] = slice_of(place->name),
		[NUMBER] = number_show((int64_t)number, out->number),
		[PATH] = slice_of(place->path),
		[PREFIX] = prefix,
		[PREFIX_PATTERN] = buf_slice(&out->pattern),
		[EXACT] = flag(place->exact),
		[OPEN] = flag(place_is_open(place)),
		[ASKED] = flag(place_is_asked(place)),
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
		err = place_show(view->sorted[i], i + 1, &view->places[i]);
		view->short_first[i] = (struct template_scope){ .fields = view->places[i].fields, .field_count = PLACE_FIELDS };
		view->long_first[view->count - 1 - i] = view->short_first[i];
	}
	return err;
}

/* ---- our cookies, which reach nothing that stands behind */

enum { COOKIE, COOKIE_PATTERN, COOKIE_FIELDS };

#define COOKIES SETTINGS_COOKIES

struct cookie_view {
	struct template_field fields[COOKIE_FIELDS];
	struct buf pattern;
};

/* ---- the site */

enum { ORIGIN, MOUNT, MOUNT_PATTERN, HOST, AUTHORITY, PORT, TLS, OTHER_PORT, SOCKET, AUTHORIZER_SOCKET, CERTIFICATE,
	CERTIFICATE_GIVEN, KEY, WORKER, SCRIPT, KEYS, CONFIG, USER, AUTHORIZER, AUTHORIZER_TCP, SIGN_ON, GUARDED_PLACES, HSTS,
	COOKIES_PATTERN, FOLDER, PLAIN_LISTEN, PLAIN_HOST, PLAIN_PORT, SCHEME, ALLOWED_ORIGINS, ALLOWED_PATTERN,
	REAL_IP, ROOT_GUARDED, RESOLVER, TAG,
	SITE_FIELDS };

static const char *const site_names[SITE_FIELDS] = {
	[ORIGIN] = "origin", [MOUNT] = "mount", [MOUNT_PATTERN] = "mount_pattern", [HOST] = "host",
	[AUTHORITY] = "authority", [PORT] = "port", [TLS] = "tls", [OTHER_PORT] = "other_port", [SOCKET] = "socket",
	[AUTHORIZER_SOCKET] = "authorizer_socket", [CERTIFICATE] = "certificate",
	[CERTIFICATE_GIVEN] = "certificate_given", [KEY] = "certificate_key", [WORKER] = "worker",
	[SCRIPT] = "script", [KEYS] = "keys", [CONFIG] = "config", [USER] = "web_user", [AUTHORIZER] = "authorizer",
	[AUTHORIZER_TCP] = "authorizer_tcp",
	[SIGN_ON] = "sign_on", [GUARDED_PLACES] = "guarded_places",
	[HSTS] = "hsts", [COOKIES_PATTERN] = "cookies_pattern",
	[FOLDER] = "folder", [PLAIN_LISTEN] = "plain_listen", [PLAIN_HOST] = "plain_host",
	[PLAIN_PORT] = "plain_port", [SCHEME] = "scheme", [REAL_IP] = "real_ip", [ALLOWED_ORIGINS] = "allowed_origins",
	[ALLOWED_PATTERN] = "allowed_pattern",
	[ROOT_GUARDED] = "root_guarded", [RESOLVER] = "resolver", [TAG] = "tag",
};

struct site_view {
	struct template_field fields[SITE_FIELDS];
	struct buf mount_pattern, authorizer, authorizer_socket, certificate, key, cookies_pattern, resolver, tag,
	    allowed_origins, allowed_pattern;
	char hsts[UNITS_TEXT_SIZE];
	struct cookie_view cookies[COOKIES];
	struct template_scope cookie_scopes[COOKIES];
	size_t cookie_count;
	struct template_field *ranges;	/* two of each proxy: as nginx has it, and empty where it is a Unix socket */
	struct template_scope *proxies;
	size_t proxy_count;
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
	site_put(view, SCHEME, url->insecure ? SLICE("http") : SLICE("https"));
	site_put(view, TLS, url->insecure ? SLICE("") : SLICE("tls"));
	site_put(view, OTHER_PORT, port);
	site_put(view, PORT, port.len ? port : url->insecure ? SLICE("80") : SLICE("443"));
}

static void
site_show_plain(const char *listen, struct site_view *view)
{
	struct slice host, port;

	address_split(listen, "", &host, &port);
	site_put(view, PLAIN_LISTEN, slice_of(listen));
	site_put(view, PLAIN_HOST, host);
	site_put(view, PLAIN_PORT, port);
}

static void
site_show_cookies(const struct settings *settings, struct site_view *view)
{
	const char *names[COOKIES];

	view->cookie_count = settings_cookie_names(settings, names);
	for (size_t i = 0; i < view->cookie_count; i++) {
		struct cookie_view *cookie = &view->cookies[i];

		pattern_put(slice_of(names[i]), &cookie->pattern);
		buf_puts(&view->cookies_pattern, i ? "|" : "");
		buf_put(&view->cookies_pattern, buf_slice(&cookie->pattern));
		cookie->fields[COOKIE] = (struct template_field){ "cookie", slice_of(names[i]) };
		cookie->fields[COOKIE_PATTERN] = (struct template_field){ "cookie_pattern", buf_slice(&cookie->pattern) };
		view->cookie_scopes[i] = (struct template_scope){ .fields = cookie->fields, .field_count = COOKIE_FIELDS };
	}
	site_put(view, COOKIES_PATTERN, buf_slice(&view->cookies_pattern));
}

/* The fronts that say who the client is, one by one. */
static enum pt_err
site_show_proxies(const struct settings *settings, struct site_view *view)
{
	struct slice rest = slice_of(settings->proxies), range;
	size_t room = rest.len / 2 + 1;

	view->ranges = calloc(2 * room, sizeof(*view->ranges));
	view->proxies = calloc(room, sizeof(*view->proxies));
	if (view->ranges == NULL || view->proxies == NULL)
		return PT_ERR_NOMEM;
	while (rest.len) {
		slice_cut(rest, ' ', &range, &rest);

		struct template_field *fields = &view->ranges[2 * view->proxy_count];

		fields[0] = (struct template_field){ "range", range };
		fields[1] = (struct template_field){ "network", slice_starts(range, SLICE("unix")) ? SLICE("") : range };
		view->proxies[view->proxy_count] = (struct template_scope){ .fields = fields, .field_count = 2 };
		view->proxy_count++;
	}
	return PT_OK;
}

/* What sets names of this site apart from those of another at the same server. */
static void
tag_put(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		buf_putc(out, alnum ? c : '_');
	}
}

static bool
has_root(const struct guards *guards)
{
	for (size_t i = 0; i < guards->count; i++)
		if (strcmp(guards->places[i].path, "/") == 0)
			return true;
	return false;
}

static bool
site_failed(const struct site_view *view)
{
	bool failed = view->mount_pattern.failed || view->authorizer.failed || view->authorizer_socket.failed ||
	    view->certificate.failed || view->key.failed || view->allowed_origins.failed || view->allowed_pattern.failed ||
	    view->cookies_pattern.failed || view->resolver.failed || view->tag.failed;

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
	buf_free(&view->resolver);
	buf_free(&view->tag);
	buf_free(&view->allowed_origins);
	buf_free(&view->allowed_pattern);
	for (size_t i = 0; i < COOKIES; i++)
		buf_free(&view->cookies[i].pattern);
	free(view->ranges);
	free(view->proxies);
}

/* As the inside of a YAML list whose items are in single quotes, and as a regular expression that means just these. */
static void
site_show_allowed(const struct settings *settings, struct site_view *view)
{
	struct slice rest = slice_of(settings->allowed_origins), one;

	while (rest.len) {
		slice_cut(rest, ' ', &one, &rest);
		buf_printf(&view->allowed_origins, "%s%.*s", view->allowed_origins.len ? "', '" : "", SLICE_ARG(one));
		buf_puts(&view->allowed_pattern, view->allowed_pattern.len ? "|" : "");
		pattern_put(one, &view->allowed_pattern);
	}
	site_put(view, ALLOWED_ORIGINS, buf_slice(&view->allowed_origins));
	site_put(view, ALLOWED_PATTERN, buf_slice(&view->allowed_pattern));
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
	site_put(view, SCRIPT, slice_of(config->script ? config->script : kind->script ? kind->script : LIGHTTPD_SCRIPT));
	site_put(view, KEYS, SLICE(NJS_KEYS));
	site_put(view, CONFIG, slice_of(config->config));
	site_put(view, USER, config->settings->user[0] ? slice_of(config->settings->user) : SLICE(WEB_USER));
	site_put(view, AUTHORIZER, buf_slice(&view->authorizer));
	site_put(view, AUTHORIZER_TCP, slice_of(config->authorizer));
	site_put(view, SIGN_ON, config->settings->identity == IDENTITY_REMOTE_USER ? SLICE(SIGN_ON_USERS) : SLICE(""));
	site_put(view, GUARDED_PLACES, config->guards->count ? SLICE("some") : SLICE(""));
	site_put(view, FOLDER, config->folder ? slice_of(config->folder) : kind->folder ? slice_of(kind->folder) : SLICE("/"));
	site_show_plain(config->plain_listen, view);
	tag_put(slice_skip(url.origin, (size_t)(url.host.ptr - url.origin.ptr)), &view->tag);
	tag_put(url.path, &view->tag);
	site_put(view, TAG, buf_slice(&view->tag));
	lookup_put_own_servers(&view->resolver);
	site_put(view, RESOLVER, buf_slice(&view->resolver));
	site_put(view, REAL_IP, slice_of(config->settings->proxies));
	site_show_allowed(config->settings, view);
	site_put(view, ROOT_GUARDED, flag(has_root(config->guards)));
	/* Browsers take it over TLS alone (RFC 6797, 8.1). */
	site_put(view, HSTS, config->settings->hsts_ms && !url.insecure ?
	    number_show(config->settings->hsts_ms / UNITS_SECOND, view->hsts) : SLICE(""));
	site_show_cookies(config->settings, view);
	return site_failed(view) ? PT_ERR_NOMEM : site_show_proxies(config->settings, view);
}

/* An address in numbers, and a port. */
static bool
is_listen(struct slice text)
{
	struct slice host, port;
	uint64_t number;

	address_split(text.ptr, "", &host, &port);
	for (size_t i = 0; i < host.len; i++)
		if (strchr("0123456789abcdefABCDEF.:", host.ptr[i]) == NULL)
			return false;
	return host.len && port.ptr > text.ptr && slice_to_u64(port, &number) && number > 0 && number < 65536;
}

/* What would be read as something else by some server is not written for any. */
static enum pt_err
site_check(const struct site_view *view, struct buf *why)
{
	static const int paths[] = { SOCKET, CERTIFICATE, KEY, WORKER, SCRIPT, CONFIG, FOLDER };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct template_field *field = &view->fields[paths[i]];

		if (guard_value_is_plain_path(field->value))
			continue;
		buf_printf(why, "the path of the %s, \"%.*s\", is not absolute or has characters that a web server's "
		    "configuration may misread", field->name, SLICE_ARG(field->value));
		return PT_ERR_INVALID;
	}
	if (view->fields[PLAIN_LISTEN].value.ptr && !is_listen(view->fields[PLAIN_LISTEN].value)) {
		buf_printf(why, "\"%.*s\" is no address to listen at, such as 127.0.0.1:8080 or [::1]:8080",
		    SLICE_ARG(view->fields[PLAIN_LISTEN].value));
		return PT_ERR_INVALID;
	}
	return PT_OK;
}

/* ---- the whole, and the pieces */

/* All that templates may name, of one site and one kind. */
struct shown {
	const struct server_kind *kind;
	struct site_view site;
	struct places_view places;
	struct template_list lists[5];	/* the last: the place that a file is about */
	struct template_part parts[PIECES];
	struct template_scope scope;
};

static void
shown_free(struct shown *shown)
{
	places_free(&shown->places);
	site_free(&shown->site);
}

static void
shown_name_pieces(struct shown *shown)
{
	shown->lists[0] = (struct template_list){ "guards", shown->places.short_first, shown->places.count };
	shown->lists[1] = (struct template_list){ "guards_long_first", shown->places.long_first, shown->places.count };
	shown->lists[2] = (struct template_list){ "cookies", shown->site.cookie_scopes, shown->site.cookie_count };
	shown->lists[3] = (struct template_list){ "proxies", shown->site.proxies, shown->site.proxy_count };
	shown->lists[4] = (struct template_list){ "this", NULL, 0 };
	shown->scope = (struct template_scope){ .fields = shown->site.fields, .field_count = SITE_FIELDS,
		.lists = shown->lists, .list_count = sizeof(shown->lists) / sizeof(shown->lists[0]), .parts = shown->parts };
	for (size_t i = 0; i < PIECES && shown->kind->pieces[i].name; i++) {
		shown->parts[i] = (struct template_part){ shown->kind->pieces[i].name, shown->kind->pieces[i].text };
		shown->scope.part_count++;
	}
}

/* *shown is for shown_free in any case, and stays where it is. */
static enum pt_err
shown_init(struct shown *shown, const struct server_kind *kind, const struct server_config *config, struct buf *why)
{
	enum pt_err err;

	*shown = (struct shown){ .kind = kind };
	err = places_show(config->guards, &shown->places);
	if (err == PT_OK)
		err = site_show(kind, config, &shown->site);
	if (err == PT_OK)
		err = site_check(&shown->site, why);
	if (err != PT_OK)
		return err;
	shown_name_pieces(shown);
	return err;
}

/* In a whole server nobody else says what is behind. */
static enum pt_err
all_behind(const struct guards *guards, struct buf *why)
{
	for (size_t i = 0; i < guards->count; i++) {
		const struct guard_place *place = &guards->places[i];

		if (place->proxy || place->php || place->files)
			continue;
		buf_printf(why, "[guard %s] has nothing behind it: a whole server wants proxy, php or files there; "
		    "where the site has a server already, print the pieces (--out)", place->path);
		return PT_ERR_INVALID;
	}
	return PT_OK;
}

enum pt_err
server_config_put(const struct server_kind *kind, const struct server_config *config, struct buf *out, struct buf *why)
{
	struct shown shown;
	enum pt_err err = shown_init(&shown, kind, config, why);

	if (err == PT_OK && !kind->gateway)
		err = all_behind(config->guards, why);
	if (err == PT_OK)
		err = template_render(*kind->text, &shown.scope, buf_put, out);
	shown_free(&shown);
	return err;
}

bool
server_kind_has_pieces(const struct server_kind *kind)
{
	return kind->paste != NULL;
}

/* The file of one piece: of the site, or of one place. PT_ERR_INVALID, said, if the place's path is too long for a name. */
static enum pt_err
file_name(const struct server_piece *piece, struct slice place, struct server_file *file, struct buf *why)
{
	int len = snprintf(file->name, sizeof(file->name), "%s%s%.*s.conf", piece->name, place.len ? "-" : "",
	    SLICE_ARG(place));

	if (len > 0 && (size_t)len < sizeof(file->name))
		return PT_OK;
	buf_printf(why, "the path of the place %.*s is too long for the name of a file", SLICE_ARG(place));
	return PT_ERR_INVALID;
}

static enum pt_err
place_file_add(struct shown *shown, const struct server_piece *piece, size_t place, struct server_files *out,
    struct buf *why)
{
	const struct template_field *fields = shown->places.places[place].fields;
	struct server_file *file = &out->items[out->count];
	char text[64];

	if (piece->each == PIECE_BEHIND && fields[BEHIND].value.len == 0)
		return PT_OK;
	out->count++;
	shown->lists[4] = (struct template_list){ "this", &shown->places.short_first[place], 1 };
	snprintf(text, sizeof(text), "{{#this}}{{>%s}}{{/this}}", piece->name);

	enum pt_err err = file_name(piece, fields[NAME].value, file, why);

	return err == PT_OK ? template_render(slice_of(text), &shown->scope, buf_put, &file->text) : err;
}

static enum pt_err
site_file_add(const struct shown *shown, const struct server_piece *piece, struct server_files *out, struct buf *why)
{
	struct server_file *file = &out->items[out->count++];
	enum pt_err err = file_name(piece, SLICE(""), file, why);

	return err == PT_OK ? template_render(*piece->text, &shown->scope, buf_put, &file->text) : err;
}

static enum pt_err
files_add(struct shown *shown, struct server_files *out, struct buf *why)
{
	enum pt_err err = PT_OK;

	for (size_t i = 0; i < shown->scope.part_count && err == PT_OK; i++) {
		const struct server_piece *piece = &shown->kind->pieces[i];

		if (piece->each == PIECE_SITE)
			err = site_file_add(shown, piece, out, why);
		for (size_t j = 0; piece->each >= PIECE_PLACE && j < shown->places.count && err == PT_OK; j++)
			err = place_file_add(shown, piece, j, out, why);
	}
	return err;
}

enum pt_err
server_config_pieces(const struct server_kind *kind, const struct server_config *config, struct server_files *out,
    struct buf *why)
{
	struct shown shown;
	enum pt_err err = shown_init(&shown, kind, config, why);

	*out = (struct server_files){ .paste = BUF_EMPTY };
	if (err == PT_OK)
		out->items = calloc(PIECES * (config->guards->count + 1), sizeof(*out->items));
	if (err == PT_OK && out->items == NULL)
		err = PT_ERR_NOMEM;
	if (err == PT_OK)
		err = files_add(&shown, out, why);
	if (err == PT_OK)
		err = template_render(*kind->paste, &shown.scope, buf_put, &out->paste);
	shown_free(&shown);
	return err;
}

void
server_files_free(struct server_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		buf_free(&files->items[i].text);
	buf_free(&files->paste);
	free(files->items);
	*files = (struct server_files){ .paste = BUF_EMPTY };
}
