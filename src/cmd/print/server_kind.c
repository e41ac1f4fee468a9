#include "cmd/print/server_kind.h"

#include "cmd/print/templates.h"

#define LIGHTTPD_SCRIPT PINTLE_DATA_FOLDER "/pintle.lua"
#define HAPROXY_SCRIPT PINTLE_DATA_FOLDER "/haproxy.lua"
#define NJS_SCRIPT "/etc/nginx/pintle.js"

/* The Apache kinds differ in how the mount is served. */
#define APACHE(suffix) .paste = &template_apache_paste_txt, .pieces = { \
	    { "global", &template_apache_global_conf, PIECE_SITE }, \
	    { "server", &template_apache_server_conf, PIECE_SITE }, \
	    { "about", &template_apache##suffix##_about_conf, PIECE_PART }, \
	    { "host", &template_apache_host_conf, PIECE_PART }, \
	    { "cookies", &template_apache_cookies_conf, PIECE_PART }, \
	    { "places", &template_apache_places_conf, PIECE_PART }, \
	    { "mount", &template_apache##suffix##_mount_conf, PIECE_PART } }, \
	    .folder = "/etc/apache2/pintle"

/* So do the lighttpd kinds; CGI needs one more module. */
#define LIGHTTPD(suffix, cgi) .paste = &template_lighttpd_paste_txt, .pieces = { \
	    { "modules", &template_lighttpd##cgi##_modules_conf, PIECE_SITE }, \
	    { "server", &template_lighttpd_server_conf, PIECE_SITE }, \
	    { "about", &template_lighttpd##suffix##_about_conf, PIECE_PART }, \
	    { "host", &template_lighttpd_host_conf, PIECE_PART }, \
	    { "places", &template_lighttpd_places_conf, PIECE_PART }, \
	    { "mount", &template_lighttpd##suffix##_mount_conf, PIECE_PART } }, \
	    .folder = "/etc/lighttpd/pintle", .script = LIGHTTPD_SCRIPT

static const struct server_kind kinds[] = {
	{ .name = "nginx",
	    .says = "asks by auth_request before each request to a guarded place",
	    .text = &template_nginx_conf, .pieces = {
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
	{ .name = "apache",
	    .says = "the mount by ProxyPass; guarded places ask the worker",
	    .text = &template_apache_conf, APACHE() },
	{ .name = "apache-handler",
	    .says = "the mount by SetHandler, which the rules of the site see",
	    .text = &template_apache_conf, APACHE(_handler) },
	{ .name = "apache-fcgid",
	    .says = "mod_fcgid starts and ends the workers of the mount",
	    .text = &template_apache_conf, APACHE(_fcgid) },
	{ .name = "apache-cgi",
	    .says = "each request of the mount is a CGI process",
	    .text = &template_apache_conf, APACHE(_cgi) },
	{ .name = "apache-authorizer",
	    .says = "only the guarded places, for a server that has the mount",
	    .text = &template_apache_authorizer_conf,
	    APACHE(_authorizer) },
	{ .name = "lighttpd",
	    .says = "guarded places ask the worker as authorizer",
	    .text = &template_lighttpd_conf, LIGHTTPD(, ) },
	{ .name = "lighttpd-spawn",
	    .says = "lighttpd starts and ends the worker",
	    .text = &template_lighttpd_conf, LIGHTTPD(_spawn, ),
	    .spawned = "-0" },
	{ .name = "lighttpd-cgi",
	    .says = "each request of the mount is a CGI process",
	    .text = &template_lighttpd_conf, LIGHTTPD(_cgi, _cgi) },
	{ .name = "lighttpd-authorizer",
	    .says = "only the guarded places, for a server that has the mount",
	    .text = &template_lighttpd_authorizer_conf,
	    LIGHTTPD(_authorizer, ) },
	{ .name = "caddy",
	    .says = "asks before each request to a guarded place",
	    .text = &template_caddy_conf, .pieces = {
	    { "server", &template_caddy_server_conf, PIECE_SITE },
	    { "place", &template_caddy_place_conf, PIECE_PLACE },
	    { "location", &template_caddy_location_conf, PIECE_BEHIND },
	    { "front", &template_caddy_front_conf, PIECE_PART },
	    { "question", &template_caddy_question_conf, PIECE_PART },
	    }, .paste = &template_caddy_paste_txt, .folder = "/etc/caddy/pintle" },
	{ .name = "haproxy",
	    .says = "asks by haproxy.lua, and passes on to backends of the site",
	    .text = &template_haproxy_cfg, .gateway = true,
	    .script = HAPROXY_SCRIPT },
	{ .name = "traefik",
	    .says = "the file provider's file; forwardAuth asks",
	    .text = &template_traefik_yaml, .gateway = true },
	{ .name = "envoy",
	    .says = "a listener and clusters; ext_authz asks",
	    .text = &template_envoy_yaml, .gateway = true },
	{ .name = "gateway-hop",
	    .says = "the small nginx between Traefik or Envoy and pintle",
	    .text = &template_gateway_hop_conf, .gateway = true },
	{ .name = "nginx-njs",
	    .says = "nginx verifies access tokens itself, and asks nobody",
	    .text = &template_nginx_njs_conf, .script = NJS_SCRIPT },
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

void
server_kinds_help(struct buf *out)
{
	for (size_t i = 0; i < KINDS; i++)
		buf_printf(out, "  %-20s  %s\n", kinds[i].name, kinds[i].says);
}

bool
server_kind_has_pieces(const struct server_kind *kind)
{
	return kind->paste != NULL;
}
