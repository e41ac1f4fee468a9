#include "cmd/print/site_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/print/lookup.h"
#include "cmd/print/show.h"
#include "conf/guard_value.h"
#include "conf/url.h"

#define WEB_USER "www-data"
#define SIGN_ON_USERS "/etc/pintle/htpasswd"	/* the users of the web server's own sign-on */
#define CERTBOT "/etc/letsencrypt/live/"
#define NJS_KEYS "/etc/nginx/pintle-keys.json"	/* the key set, which the site keeps fresh */
#define NO_PATH "/"	/* a placeholder for a path that a kind of server does not have */

bool
site_view_certificate(const struct settings *settings, char *out, size_t cap)
{
	struct url url;
	int len;

	if (url_parse(slice_of(settings->issuer), &url) != NULL)
		return false;
	len = snprintf(out, cap, CERTBOT "%.*s/fullchain.pem", SLICE_ARG(url.host));
	return len > 0 && (size_t)len < cap;
}

/* ---- our cookies, which reach no application */

enum { COOKIE, COOKIE_PATTERN, COOKIE_FIELDS };

struct cookie_view {
	struct template_field fields[COOKIE_FIELDS];
	struct buf pattern;
};

/* ---- the site */

enum { ORIGIN, MOUNT, MOUNT_PATTERN, HOST, AUTHORITY, PORT, TLS, OTHER_PORT, SOCKET,
    AUTHORIZER_SOCKET, CERTIFICATE,
	CERTIFICATE_GIVEN, KEY, WORKER, SCRIPT, KEYS, CONFIG, USER, AUTHORIZER, AUTHORIZER_TCP,
	SIGN_ON, GUARDED_PLACES, HSTS,
	COOKIES_PATTERN, FOLDER, PLAIN_LISTEN, PLAIN_HOST, PLAIN_PORT, SCHEME, ALLOWED_ORIGINS,
	ALLOWED_PATTERN,
	REAL_IP, ROOT_GUARDED, RESOLVER, TAG,
	SITE_FIELDS };

static const char *const site_names[SITE_FIELDS] = {
	[ORIGIN] = "origin", [MOUNT] = "mount", [MOUNT_PATTERN] = "mount_pattern", [HOST] = "host",
	[AUTHORITY] = "authority", [PORT] = "port", [TLS] = "tls", [OTHER_PORT] = "other_port",
	[SOCKET] = "socket",
	[AUTHORIZER_SOCKET] = "authorizer_socket", [CERTIFICATE] = "certificate",
	[CERTIFICATE_GIVEN] = "certificate_given", [KEY] = "certificate_key", [WORKER] = "worker",
	[SCRIPT] = "script", [KEYS] = "keys", [CONFIG] = "config", [USER] = "web_user",
	[AUTHORIZER] = "authorizer",
	[AUTHORIZER_TCP] = "authorizer_tcp",
	[SIGN_ON] = "sign_on", [GUARDED_PLACES] = "guarded_places",
	[HSTS] = "hsts", [COOKIES_PATTERN] = "cookies_pattern",
	[FOLDER] = "folder", [PLAIN_LISTEN] = "plain_listen", [PLAIN_HOST] = "plain_host",
	[PLAIN_PORT] = "plain_port", [SCHEME] = "scheme", [REAL_IP] = "real_ip",
	[ALLOWED_ORIGINS] = "allowed_origins",
	[ALLOWED_PATTERN] = "allowed_pattern",
	[ROOT_GUARDED] = "root_guarded", [RESOLVER] = "resolver", [TAG] = "tag",
};

struct site_text {
	struct template_field fields[SITE_FIELDS];
	struct buf mount_pattern, authorizer, authorizer_socket, certificate, key, cookies_pattern,
	    resolver, tag, allowed_origins, allowed_pattern;
	char hsts[UNITS_TEXT_SIZE];
	struct cookie_view cookies[SETTINGS_COOKIES];
	struct template_scope cookie_scopes[SETTINGS_COOKIES];
	size_t cookie_count;
	/* two fields for each proxy: its form for nginx, and whether it is a Unix socket */
	struct template_field *ranges;
	struct template_scope *proxies;
	size_t proxy_count;
};

static void
site_put(struct site_text *text, int field, struct slice value)
{
	text->fields[field] = (struct template_field){ site_names[field], value };
}

/* Serves at the address that browsers use. */
static void
site_show_address(struct site_text *text, const struct url *url)
{
	struct slice authority = slice_skip(url->origin, (size_t)(url->host.ptr - url->origin.ptr));
	struct slice port = slice_skip(authority, url->host.len + 1);
	const char *usual = url->insecure ? "80" : "443";

	site_put(text, ORIGIN, url->origin);
	site_put(text, MOUNT, url->path);
	site_put(text, HOST, url->host);
	site_put(text, AUTHORITY, authority);
	site_put(text, SCHEME, url->insecure ? SLICE("http") : SLICE("https"));
	site_put(text, TLS, url->insecure ? SLICE("") : SLICE("tls"));
	site_put(text, OTHER_PORT, port);
	site_put(text, PORT, port.len ? port : slice_of(usual));
}

static void
site_show_plain(const char *listen, struct site_text *text)
{
	struct slice host, port;

	show_address(listen, "", &host, &port);
	site_put(text, PLAIN_LISTEN, slice_of(listen));
	site_put(text, PLAIN_HOST, host);
	site_put(text, PLAIN_PORT, port);
}

static void
site_show_cookies(const struct settings *settings, struct site_text *text)
{
	const char *names[SETTINGS_COOKIES];

	text->cookie_count = settings_cookie_names(settings, names);
	for (size_t i = 0; i < text->cookie_count; i++) {
		struct cookie_view *cookie = &text->cookies[i];

		show_pattern(slice_of(names[i]), &cookie->pattern);
		buf_puts(&text->cookies_pattern, i ? "|" : "");
		buf_put(&text->cookies_pattern, buf_slice(&cookie->pattern));
		cookie->fields[COOKIE] = (struct template_field){ "cookie", slice_of(names[i]) };
		cookie->fields[COOKIE_PATTERN] = (struct template_field){ "cookie_pattern",
		    buf_slice(&cookie->pattern) };
		text->cookie_scopes[i] = (struct template_scope){ .fields = cookie->fields,
		    .field_count = COOKIE_FIELDS };
	}
	site_put(text, COOKIES_PATTERN, buf_slice(&text->cookies_pattern));
}

/* The proxies that say who the client is, one by one. */
static enum pt_err
site_show_proxies(const struct settings *settings, struct site_text *text)
{
	struct slice rest = slice_of(settings->proxies), range;
	size_t room = rest.len / 2 + 1;

	text->ranges = calloc(2 * room, sizeof(*text->ranges));
	text->proxies = calloc(room, sizeof(*text->proxies));
	if (text->ranges == NULL || text->proxies == NULL)
		return PT_ERR_NOMEM;
	while (rest.len) {
		slice_cut(rest, ' ', &range, &rest);

		struct template_field *fields = &text->ranges[2 * text->proxy_count];

		fields[0] = (struct template_field){ "range", range };
		fields[1] = (struct template_field){ "network", slice_starts(range, SLICE("unix")) ?
		    SLICE("") : range };
		text->proxies[text->proxy_count] = (struct template_scope){ .fields = fields,
		    .field_count = 2 };
		text->proxy_count++;
	}
	return PT_OK;
}

/* A suffix that distinguishes this site's names from those of another site at the same server. */
static void
tag_put(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

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
is_short_of_memory(const struct site_text *text)
{
	bool failed = text->mount_pattern.failed || text->authorizer.failed ||
	    text->authorizer_socket.failed ||
	    text->certificate.failed || text->key.failed || text->allowed_origins.failed ||
	    text->allowed_pattern.failed ||
	    text->cookies_pattern.failed || text->resolver.failed || text->tag.failed;

	for (size_t i = 0; i < SETTINGS_COOKIES; i++)
		failed = failed || text->cookies[i].pattern.failed;
	return failed;
}

/*
 * The same as the inside of a YAML list of single-quoted items, and as a regular expression that
 * matches exactly these.
 */
static void
site_show_allowed(const struct settings *settings, struct site_text *text)
{
	struct slice rest = slice_of(settings->allowed_origins), one;

	while (rest.len) {
		slice_cut(rest, ' ', &one, &rest);
		buf_printf(&text->allowed_origins, "%s%.*s", text->allowed_origins.len ?
		    "', '" : "", SLICE_ARG(one));
		buf_puts(&text->allowed_pattern, text->allowed_pattern.len ? "|" : "");
		show_pattern(one, &text->allowed_pattern);
	}
	site_put(text, ALLOWED_ORIGINS, buf_slice(&text->allowed_origins));
	site_put(text, ALLOWED_PATTERN, buf_slice(&text->allowed_pattern));
}

static enum pt_err
site_show(const struct server_kind *kind, const struct server_config *config,
    struct site_text *text)
{
	const char *script = config->script ? config->script : kind->script;
	const char *folder = config->folder ? config->folder : kind->folder;
	struct url url;

	if (url_parse(slice_of(config->settings->issuer), &url) != NULL)
		return PT_ERR_INVALID;
	site_show_address(text, &url);
	show_pattern(url.path, &text->mount_pattern);
	/* Apache takes a host that begins with a slash for a Unix socket, whose port is ignored. */
	if (config->authorizer[0])
		buf_puts(&text->authorizer, config->authorizer);
	else
		buf_printf(&text->authorizer, "%s:1", config->settings->socket_path);
	buf_printf(&text->authorizer_socket, "%s%s", config->settings->socket_path, kind->spawned ?
	    kind->spawned : "");
	buf_printf(&text->certificate, CERTBOT "%.*s/fullchain.pem", SLICE_ARG(url.host));
	buf_printf(&text->key, CERTBOT "%.*s/privkey.pem", SLICE_ARG(url.host));
	site_put(text, MOUNT_PATTERN, buf_slice(&text->mount_pattern));
	site_put(text, AUTHORIZER_SOCKET, buf_slice(&text->authorizer_socket));
	site_put(text, CERTIFICATE, config->certificate ?
	    slice_of(config->certificate) : buf_slice(&text->certificate));
	site_put(text, CERTIFICATE_GIVEN, url.insecure ? SLICE("") : slice_of(config->certificate));
	site_put(text, KEY, config->key ? slice_of(config->key) : buf_slice(&text->key));
	site_put(text, SOCKET, slice_of(config->settings->socket_path));
	site_put(text, WORKER, slice_of(config->worker));
	site_put(text, SCRIPT, script ? slice_of(script) : SLICE(NO_PATH));
	site_put(text, KEYS, SLICE(NJS_KEYS));
	site_put(text, CONFIG, slice_of(config->config));
	site_put(text, USER, config->settings->user[0] ?
	    slice_of(config->settings->user) : SLICE(WEB_USER));
	site_put(text, AUTHORIZER, buf_slice(&text->authorizer));
	site_put(text, AUTHORIZER_TCP, slice_of(config->authorizer));
	site_put(text, SIGN_ON, config->settings->identity == IDENTITY_REMOTE_USER ?
	    SLICE(SIGN_ON_USERS) : SLICE(""));
	site_put(text, GUARDED_PLACES, config->guards->count ? SLICE("some") : SLICE(""));
	site_put(text, FOLDER, folder ? slice_of(folder) : SLICE(NO_PATH));
	site_show_plain(config->plain_listen, text);
	tag_put(slice_skip(url.origin, (size_t)(url.host.ptr - url.origin.ptr)), &text->tag);
	tag_put(url.path, &text->tag);
	site_put(text, TAG, buf_slice(&text->tag));
	lookup_put_own_servers(&text->resolver);
	site_put(text, RESOLVER, buf_slice(&text->resolver));
	site_put(text, REAL_IP, slice_of(config->settings->proxies));
	site_show_allowed(config->settings, text);
	site_put(text, ROOT_GUARDED, show_flag(has_root(config->guards)));
	/* Browsers accept it only over TLS (RFC 6797, 8.1). */
	site_put(text, HSTS, config->settings->hsts_ms && !url.insecure ?
	    show_number(config->settings->hsts_ms / UNITS_SECOND, text->hsts) : SLICE(""));
	site_show_cookies(config->settings, text);
	return is_short_of_memory(text) ? PT_ERR_NOMEM : site_show_proxies(config->settings, text);
}

/* A numeric address and a port. */
static bool
is_listen(struct slice text)
{
	struct slice host, port;
	uint64_t number;

	show_address(text.ptr, "", &host, &port);
	for (size_t i = 0; i < host.len; i++)
		if (strchr("0123456789abcdefABCDEF.:", host.ptr[i]) == NULL)
			return false;
	return host.len && port.ptr > text.ptr && slice_to_u64(port, &number) && number > 0 &&
	    number < 65536;
}

/* A value that some server would misread is printed for none. */
static enum pt_err
site_check(const struct site_text *text, struct buf *why)
{
	static const int paths[] = { SOCKET, CERTIFICATE, KEY, WORKER, SCRIPT, CONFIG, FOLDER };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct template_field *field = &text->fields[paths[i]];

		if (guard_value_is_plain_path(field->value))
			continue;
		buf_printf(why, "the path of the %s, \"%.*s\", is not absolute or has characters "
		    "that a web server's "
		    "configuration may misread", field->name, SLICE_ARG(field->value));
		return PT_ERR_INVALID;
	}
	if (text->fields[PLAIN_LISTEN].value.ptr && !is_listen(text->fields[PLAIN_LISTEN].value)) {
		buf_printf(why, "\"%.*s\" is not an address to listen on, such as 127.0.0.1:8080 "
		    "or [::1]:8080",
		    SLICE_ARG(text->fields[PLAIN_LISTEN].value));
		return PT_ERR_INVALID;
	}
	return PT_OK;
}

enum pt_err
site_view_init(const struct server_kind *kind, const struct server_config *config,
    struct site_view *view, struct buf *why)
{
	struct site_text *text = calloc(1, sizeof(*text));

	*view = (struct site_view){ .text = text };
	if (text == NULL)
		return PT_ERR_NOMEM;

	enum pt_err err = site_show(kind, config, text);

	if (err == PT_OK)
		err = site_check(text, why);
	view->fields = text->fields;
	view->field_count = SITE_FIELDS;
	view->cookies = text->cookie_scopes;
	view->cookie_count = text->cookie_count;
	view->proxies = text->proxies;
	view->proxy_count = text->proxy_count;
	return err;
}

void
site_view_free(struct site_view *view)
{
	struct site_text *text = view->text;

	if (text == NULL)
		return;
	buf_free(&text->mount_pattern);
	buf_free(&text->authorizer);
	buf_free(&text->authorizer_socket);
	buf_free(&text->certificate);
	buf_free(&text->key);
	buf_free(&text->cookies_pattern);
	buf_free(&text->resolver);
	buf_free(&text->tag);
	buf_free(&text->allowed_origins);
	buf_free(&text->allowed_pattern);
	for (size_t i = 0; i < SETTINGS_COOKIES; i++)
		buf_free(&text->cookies[i].pattern);
	free(text->ranges);
	free(text->proxies);
	free(text);
}
