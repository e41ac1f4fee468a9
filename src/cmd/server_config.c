#include "cmd/server_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/template.h"
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

enum { PATH, PREFIX, PREFIX_PATTERN, PROXY, PROXY_HOST, PROXY_PORT, PHP, FPM, FPM_SOCKET, FPM_HOST, FPM_PORT, FILES, GROUPS,
	MAX_AGE, PLACE_FIELDS };

static const char *const place_names[PLACE_FIELDS] = {
	[PATH] = "path", [PREFIX] = "prefix", [PREFIX_PATTERN] = "prefix_pattern", [PROXY] = "proxy", [PROXY_HOST] = "proxy_host",
	[PROXY_PORT] = "proxy_port", [PHP] = "php", [FPM] = "fpm", [FPM_SOCKET] = "fpm_socket",
	[FPM_HOST] = "fpm_host", [FPM_PORT] = "fpm_port", [FILES] = "files", [GROUPS] = "groups",
	[MAX_AGE] = "max_age",
};

struct place_view {
	struct template_field fields[PLACE_FIELDS];
	char max_age[UNITS_TEXT_SIZE];
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
address_split(const char *address, struct slice *host, struct slice *port)
{
	const char *colon = address ? strrchr(address, ':') : NULL;

	*host = slice_of(address);
	*port = address ? SLICE("80") : SLICE("");
	if (colon && strchr(colon, ']') == NULL) {
		*port = slice_of(colon + 1);
		host->len = (size_t)(colon - address);
	}
	if (slice_starts(*host, SLICE("[")))
		*host = (struct slice){ host->ptr + 1, host->len - 2 };
}

static enum pt_err
place_show(const struct guard_place *place, struct place_view *out)
{
	const char *fpm_socket = after(place->fpm, "unix:");
	const struct slice prefix = { place->path, strlen(place->path) - 1 };

	pattern_put(prefix, &out->pattern);

	struct slice values[PLACE_FIELDS] = {
		[PATH] = slice_of(place->path),
		[PREFIX] = prefix,
		[PREFIX_PATTERN] = buf_slice(&out->pattern),
		[PROXY] = slice_of(place->proxy),
		[PHP] = slice_of(place->php),
		[FPM] = slice_of(place->fpm),
		[FPM_SOCKET] = slice_of(fpm_socket),
		[FILES] = slice_of(place->files),
		[GROUPS] = slice_of(place->groups),
	};

	address_split(after(place->proxy, "http://"), &values[PROXY_HOST], &values[PROXY_PORT]);
	address_split(fpm_socket ? NULL : place->fpm, &values[FPM_HOST], &values[FPM_PORT]);
	if (place->max_age_ms) {
		snprintf(out->max_age, sizeof(out->max_age), "%lld", (long long)(place->max_age_ms / UNITS_SECOND));
		values[MAX_AGE] = slice_of(out->max_age);
	}
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

/* ---- the site */

enum { ORIGIN, MOUNT, MOUNT_PATTERN, HOST, AUTHORITY, PORT, TLS, OTHER_PORT, SOCKET, AUTHORIZER_SOCKET, CERTIFICATE,
	CERTIFICATE_GIVEN, KEY, WORKER, SCRIPT, KEYS, CONFIG, USER, AUTHORIZER, SIGN_ON, GUARDED_PLACES, GUARDED,
	SITE_FIELDS };

static const char *const site_names[SITE_FIELDS] = {
	[ORIGIN] = "origin", [MOUNT] = "mount", [MOUNT_PATTERN] = "mount_pattern", [HOST] = "host",
	[AUTHORITY] = "authority", [PORT] = "port", [TLS] = "tls", [OTHER_PORT] = "other_port", [SOCKET] = "socket",
	[AUTHORIZER_SOCKET] = "authorizer_socket", [CERTIFICATE] = "certificate",
	[CERTIFICATE_GIVEN] = "certificate_given", [KEY] = "certificate_key", [WORKER] = "worker",
	[SCRIPT] = "script", [KEYS] = "keys", [CONFIG] = "config", [USER] = "web_user", [AUTHORIZER] = "authorizer",
	[SIGN_ON] = "sign_on", [GUARDED_PLACES] = "guarded_places", [GUARDED] = "guarded",
};

struct site_view {
	struct template_field fields[SITE_FIELDS];
	struct buf mount_pattern, authorizer_socket, certificate, key;
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

static enum pt_err
site_show(const struct server_kind *kind, const struct server_config *config, struct site_view *view)
{
	struct url url;

	if (url_parse(slice_of(config->settings->issuer), &url) != NULL)
		return PT_ERR_INVALID;
	site_show_address(view, &url);
	pattern_put(url.path, &view->mount_pattern);
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
	site_put(view, AUTHORIZER, slice_of(config->authorizer));
	site_put(view, SIGN_ON, config->settings->identity == IDENTITY_REMOTE_USER ? SLICE(SIGN_ON_USERS) : SLICE(""));
	site_put(view, GUARDED_PLACES, config->guards->count ? SLICE("some") : SLICE(""));
	site_put(view, GUARDED, SLICE(""));
	return view->mount_pattern.failed || view->authorizer_socket.failed || view->certificate.failed || view->key.failed ?
	    PT_ERR_NOMEM : PT_OK;
}

/* What would be read as something else by some server is not written for any. */
static enum pt_err
site_check(const struct site_view *view, struct buf *why)
{
	static const int paths[] = { SOCKET, CERTIFICATE, KEY, WORKER, SCRIPT, CONFIG };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct template_field *field = &view->fields[paths[i]];

		if (guards_path_is_plain(field->value))
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
	buf_free(&site.mount_pattern);
	buf_free(&site.authorizer_socket);
	buf_free(&site.certificate);
	buf_free(&site.key);
	return err;
}
