#include "cmd/doctor/fault.h"

#include <string.h>

#include "cmd/check/listener.h"

static const struct {
	const char *begins;
	enum server_family family;
} servers[] = {
	{ "nginx", SERVER_NGINX },
	{ "openresty", SERVER_NGINX },
	{ "Apache", SERVER_APACHE },
	{ "lighttpd", SERVER_LIGHTTPD },
	{ "Caddy", SERVER_CADDY },
};

enum server_family
fault_server_family(struct slice server_header)
{
	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++)
		if (slice_starts(server_header, slice_of(servers[i].begins)))
			return servers[i].family;
	return SERVER_OTHER;
}

/* [SERVER_OTHER] is printed for every server that has no line of its own. */
static const char *const mends[FAULT_COUNT][SERVER_FAMILIES] = {
	[FAULT_NO_HOST] = { "add the host to the DNS, or look for a mistake in the address" },
	[FAULT_NO_SERVER] = { "start the web server, and let it listen on {{origin}}; a firewall "
	    "may block it" },
	[FAULT_CERTIFICATE] = { "give the web server a certificate for this host with its whole "
	    "chain (nginx: ssl_certificate FULLCHAIN.pem;); or name your own authority: --cacert "
	    "FILE" },
	[FAULT_CERTIFICATE_ENDS] = { "renew it, then let the web server read it: certbot renew, "
	    "then reload the web server (a "
	    "certificate that was renewed already needs only the reload)" },
	[FAULT_OTHER_BLOCK] = {
		"let the server that has pintle listen on {{found}} too, and no other server for "
		    "the same name",
		[SERVER_NGINX] = "listen 443 ssl; and listen [::]:443 ssl; in the one server block "
		    "that has pintle's lines, and no other "
		    "server block with the same server_name (nginx -T shows all)",
		[SERVER_APACHE] = "<VirtualHost *:443> for the site, with pintle's lines, and no "
		    "other with the same ServerName (apachectl -S "
		    "shows all)",
		[SERVER_LIGHTTPD] = "the same lines in $SERVER[\"socket\"] == \"[::]:443\" as in "
		    "that of IPv4",
	},
	[FAULT_DEAD_ADDRESS] = { "let the web server listen on {{found}} too, or remove that "
	    "address from the DNS: browsers may try it "
	    "first" },
	[FAULT_FRONT] = { "also run it on the site's own machine: pintle doctor --at ADDRESS; and "
	    "list the addresses of what is in "
	    "front in proxies (pintle.conf)" },
	[FAULT_NO_INDEX] = {
		"put an index page there, or tell people the address of a page below it",
		[SERVER_NGINX] = "put an index.html there, or name the page to show: index FILE; "
		    "in location ^~ {{path}}",
		[SERVER_APACHE] = "put an index.html there, or name the page to show: "
		    "DirectoryIndex FILE",
	},
	[FAULT_NO_ANSWER] = { "see the web server's error log at this time" },
	[FAULT_NOT_ROUTED] = {
		"route {{mount}}/ to the worker; pintle config KIND prints how",
		[SERVER_NGINX] = "location ^~ {{mount}}/ { auth_request off; include "
		    "fastcgi_params; "
		    "fastcgi_pass unix:{{socket}}; }",
		[SERVER_APACHE] = "ProxyPass \"{{mount}}/\" "
		    "\"unix:{{socket}}|fcgi://pintle{{mount}}/\"",
		[SERVER_LIGHTTPD] = "fastcgi.server = ( \"{{mount}}/\" => (( \"socket\" => "
		    "\"{{socket}}\", "
		    "\"check-local\" => \"disable\" )) )",
		[SERVER_CADDY] = "handle {{mount}}/* { reverse_proxy unix/{{socket}} { transport "
		    "fastcgi } }",
	},
	[FAULT_OTHER_MOUNT] = {
		"issuer = {{origin}}{{mount}} in pintle.conf, then restart the worker; or, if that "
		    "is set, let the web server "
		    "pass on the whole path as SCRIPT_NAME and PATH_INFO",
		[SERVER_NGINX] = "include fastcgi_params; in location ^~ {{mount}}/, without "
		    "fastcgi_split_path_info and "
		    "without rewrite; and issuer = {{origin}}{{mount}} in pintle.conf",
	},
	[FAULT_MOUNT_GUARDED] = {
		"leave {{mount}}/ open: pintle guards itself, and nobody could log in",
		[SERVER_NGINX] = "auth_request off; in location ^~ {{mount}}/",
		[SERVER_APACHE] = "<Location \"{{mount}}/\"> Require all granted </Location>",
	},
	[FAULT_WORKER_DOWN] = { "start the worker: pintle.fcgi --socket {{socket}}; if it runs, "
	    "let the web server's group connect "
	    "to that socket (socket_group, socket_mode in pintle.conf)" },
	[FAULT_SITE_BROKEN] = { "pintle check, on the site's machine, reports what is wrong" },
	[FAULT_NO_TLS] = { "serve it only by https, and set issuer = https://... in pintle.conf: "
	    "passwords travel in clear text" },
	[FAULT_PLAIN] = {
		"redirect every http:// address to its https:// one",
		[SERVER_NGINX] = "server { listen 80; listen [::]:80; return 301 "
		    "https://$host$request_uri; }",
		[SERVER_APACHE] = "Redirect permanent \"/\" \"{{origin}}/\" in <VirtualHost *:80>",
		[SERVER_LIGHTTPD] = "$HTTP[\"scheme\"] == \"http\" { url.redirect = ( \"\" => "
		    "\"{{origin}}${url.path}${qsa}\" ) }",
	},
	[FAULT_ISSUER] = { "issuer = {{origin}}{{mount}} in pintle.conf, then restart the worker; "
	    "or tell people the "
	    "address that is set there: {{found}}" },
	[FAULT_AUTHORIZATION] = {
		"pass the Authorization header on to {{mount}}/",
		[SERVER_NGINX] = "no fastcgi_param HTTP_AUTHORIZATION \"\"; and no "
		    "proxy_set_header Authorization \"\"; on the way to "
		    "{{mount}}/",
		[SERVER_APACHE] = "<Location \"{{mount}}/\"> CGIPassAuth On </Location>",
	},
	[FAULT_METHODS] = {
		"let GET, POST, PATCH and DELETE through to {{mount}}/",
		[SERVER_NGINX] = "no limit_except in location ^~ {{mount}}/",
		[SERVER_APACHE] = "no <Limit>, <LimitExcept> or AllowMethods for {{mount}}/",
	},
	[FAULT_BODY_LIMIT] = {
		"let bodies of 16 KiB through to {{mount}}/",
		[SERVER_NGINX] = "client_max_body_size 16k; in location ^~ {{mount}}/",
		[SERVER_APACHE] = "LimitRequestBody 16384 in <Location \"{{mount}}/\">",
		[SERVER_LIGHTTPD] = "server.max-request-size = 16",
		[SERVER_CADDY] = "request_body { max_size 16KiB }",
	},
	[FAULT_BODY_LOST] = {
		"pass the body of requests on to {{mount}}/",
		[SERVER_NGINX] = "no fastcgi_pass_request_body off; and no fastcgi_param "
		    "CONTENT_LENGTH \"\"; in location ^~ {{mount}}/",
	},
	[FAULT_CHUNKED] = {
		"let the web server collect a chunked body and pass its length to {{mount}}/",
		[SERVER_NGINX] = "fastcgi_request_buffering on; in location ^~ {{mount}}/",
		[SERVER_APACHE] = "SetEnv proxy-sendcl 1, in <Location \"{{mount}}/\">",
		[SERVER_LIGHTTPD] = "server.stream-request-body = 0",
	},
	[FAULT_CACHED] = {
		"no cache in front of {{mount}}/, and nothing that changes Cache-Control there",
		[SERVER_NGINX] = "fastcgi_cache off; proxy_cache off; in location ^~ {{mount}}/, "
		    "and no expires, no "
		    "add_header Cache-Control, no fastcgi_ignore_headers and no "
		    "fastcgi_hide_header Cache-Control",
		[SERVER_APACHE] = "CacheDisable \"{{mount}}/\", and no Header for Cache-Control "
		    "and no ExpiresActive there",
	},
	[FAULT_WELL_KNOWN] = {
		"route {{found}} to the worker too; pintle config KIND prints how",
		[SERVER_NGINX] = "location = {{found}} { auth_request off; include fastcgi_params; "
		    "fastcgi_pass unix:{{socket}}; }",
		[SERVER_APACHE] = "ProxyPass \"{{found}}\" "
		    "\"unix:{{socket}}|fcgi://pintle-public{{found}}\"",
		[SERVER_LIGHTTPD] = "fastcgi.server += ( \"{{found}}\" => (( \"socket\" => "
		    "\"{{socket}}\", "
		    "\"check-local\" => \"disable\" )) )",
		[SERVER_CADDY] = "handle {{found}} { reverse_proxy unix/{{socket}} { transport "
		    "fastcgi } }",
	},
	[FAULT_JWKS_STALE] = {
		"empty the cache in front of the key set, and let it obey max-age; if there is "
		    "none, restart the worker",
		[SERVER_NGINX] = "empty the cache in front of the key set: no fastcgi_cache_valid, "
		    "proxy_cache_valid, "
		    "*_ignore_headers Cache-Control and no expires there; if there is none, "
		    "restart the worker",
	},
	[FAULT_KEPT] = {
		"use one connection for each request between web server and worker: turn kept "
		    "connections off",
		[SERVER_NGINX] = "no keepalive in the upstream of pintle, and no fastcgi_keep_conn "
		    "on;",
		[SERVER_APACHE] = "disablereuse=On at the ProxyPass of {{mount}}/",
	},
	[FAULT_LOGIN] = { "see the worker's log, and pintle log --kind login_failed" },
	[FAULT_OTHER_STORE] = { "run it on the worker's machine, with its configuration (--config "
	    "FILE); or --user NAME" },
	[FAULT_COOKIE_LOST] = {
		"pass every Set-Cookie header of {{mount}}/ on as it comes",
		[SERVER_NGINX] = "no fastcgi_hide_header Set-Cookie and no proxy_hide_header "
		    "Set-Cookie for {{mount}}/",
		[SERVER_APACHE] = "no Header unset Set-Cookie for {{mount}}/",
	},
	[FAULT_COOKIE] = {
		"pass Set-Cookie of {{mount}}/ on unchanged",
		[SERVER_NGINX] = "no proxy_cookie_path, proxy_cookie_domain or proxy_cookie_flags "
		    "for {{mount}}/",
		[SERVER_APACHE] = "no ProxyPassReverseCookiePath, ProxyPassReverseCookieDomain and "
		    "no Header edit Set-Cookie for "
		    "{{mount}}/",
	},
	[FAULT_GATE_OFF] = { "gate_cookie = yes in pintle.conf, then restart the worker" },
	[FAULT_CLOCK] = { "timedatectl set-ntp true, on every machine concerned" },
	[FAULT_ADDRESS] = { "proxies = {{found}} in pintle.conf, then restart the worker; that "
	    "proxy must set X-Forwarded-For" },
	[FAULT_ADDRESS_FORGED] = {
		"list only your own proxies in proxies (pintle.conf), and let the outermost set "
		    "X-Forwarded-For anew",
		[SERVER_NGINX] = "proxy_set_header X-Forwarded-For $remote_addr; in the outermost "
		    "server, and in proxies (pintle.conf) "
		    "nothing but your own proxies",
	},
	[FAULT_LOGOUT] = { "see the worker's log; the web server may not cache anything below "
	    "{{mount}}/" },
	[FAULT_UNGUARDED] = {
		"guard {{path}}; pintle config KIND prints how",
		[SERVER_NGINX] = "location ^~ {{path}} { auth_request /_pintle_verify{{path}}; ... "
		    "} as pintle config nginx prints it; a return or rewrite in there runs before "
		    "auth_request",
		[SERVER_APACHE] = "<Location \"{{path}}\"> with the guard that pintle config "
		    "apache prints",
		[SERVER_LIGHTTPD] = "\"{{path}}\" => (( \"socket\" => \"{{socket}}\", \"mode\" => "
		    "\"authorizer\", "
		    "\"check-local\" => \"disable\", ... )) in fastcgi.server, before anything "
		    "else that answers there",
		[SERVER_CADDY] = "forward_auth in handle {{path}}*, as pintle config caddy prints "
		    "it",
	},
	[FAULT_REDIRECTED] = {
		"show the login page in place: a redirect loses the address, or accepts a forged "
		    "one",
		[SERVER_NGINX] = "error_page 401 = @pintle_deny; error_page 403 = @pintle_denied; "
		    "in location {{path}}, instead of the redirect",
	},
	[FAULT_DENY] = {
		"let pintle answer the refusal (mode deny or guard)",
		[SERVER_NGINX] = "error_page 401 = @pintle_deny; error_page 403 = @pintle_denied; "
		    "in location {{path}}, beside its own "
		    "error_page lines, and location @pintle_deny with fastcgi_param PINTLE_MODE "
		    "deny;",
		[SERVER_APACHE] = "no ErrorDocument 401 or 403 for {{path}}: pintle's own answer "
		    "is passed on",
	},
	[FAULT_VERIFY] = {
		"see the web server's error log: its question before each request at {{path}} is "
		    "not answered with 2xx, 401 or 403",
		[SERVER_NGINX] = "location = /_pintle_verify{{path}} { internal; include "
		    "fastcgi_params; fastcgi_pass_request_body off; "
		    "fastcgi_param CONTENT_LENGTH \"\"; fastcgi_param PINTLE_MODE verify; "
		    "fastcgi_pass unix:{{socket}}; }",
	},
	[FAULT_XHR] = {
		"let pintle answer the refusal (mode deny or guard): it distinguishes a page's own "
		    "requests from a person's",
		[SERVER_NGINX] = "error_page 401 = @pintle_deny; error_page 403 = @pintle_denied; "
		    "in location {{path}}, instead of a "
		    "redirect or a page",
	},
	[FAULT_SCRIPT] = {
		"guard all names below {{path}}, whatever their extension",
		[SERVER_NGINX] = "location ^~ {{path}} { ... } with its own location ~ \\.php$ "
		    "inside: one outside it would take such requests away, "
		    "unguarded",
		[SERVER_APACHE] = "guard by <Location \"{{path}}\">, not by <Files> or "
		    "<Directory>, and no ProxyPassMatch before it",
		[SERVER_LIGHTTPD] = "the authorizer of \"{{path}}\" before \".php\" in "
		    "fastcgi.server",
		[SERVER_CADDY] = "not path {{path}}* in the matcher of the handle for that "
		    "extension, which comes before handle {{path}}*",
	},
	[FAULT_DEMAND] = {
		"let the web server demand the group that pintle.conf names for {{path}} "
		    "(PINTLE_GROUP); pintle config KIND prints how",
		[SERVER_NGINX] = "fastcgi_param PINTLE_GROUP {{found}}; in location = "
		    "/_pintle_verify{{path}}",
		[SERVER_APACHE] = "SetEnvIfExpr true PINTLE_GROUP={{found}}, in <Location "
		    "\"{{path}}\">, as pintle config apache prints it",
	},
	[FAULT_NOT_LET_IN] = { "let verify see the Cookie and Authorization headers of the "
	    "request; for its group demand, "
	    "let {{path}} be in pintle.conf with the same group" },
	[FAULT_PLACE_AUTHORIZATION] = {
		"pass the Authorization header on to verify at {{path}}",
		[SERVER_APACHE] = "<Location \"{{path}}\"> CGIPassAuth On </Location>",
	},
	[FAULT_KEEPABLE] = {
		"send Cache-Control: private, no-cache with everything at {{path}}",
		[SERVER_NGINX] = "add_header Cache-Control $pintle_cache always; in the server "
		    "block, and in each location of {{path}} "
		    "that has add_header lines of its own",
		[SERVER_APACHE] = "Header always set Cache-Control \"private, no-cache\", in "
		    "<Location \"{{path}}\">",
		[SERVER_LIGHTTPD] = "setenv.set-response-header = ( \"Cache-Control\" => "
		    "\"private, no-cache\" ) for {{path}}",
		[SERVER_CADDY] = "header Cache-Control \"private, no-cache\", in handle {{path}}*",
	},
	[FAULT_REMEMBERED] = {
		"do not cache what verify answers for {{path}}",
		[SERVER_NGINX] = "no fastcgi_cache and no proxy_cache for auth_request; if there "
		    "must be one, with "
		    "$http_cookie$http_authorization in its key, for a second",
	},
	[FAULT_FORGED] = {
		"overwrite {{found}} in the requests to the application at {{path}}",
		[SERVER_NGINX] = "proxy_set_header X-Auth-User $pintle_user; (likewise "
		    "X-Auth-Groups and X-Auth-Session; fastcgi_param "
		    "HTTP_X_AUTH_USER $pintle_user; for PHP) in location ^~ {{path}}, and "
		    "underscores_in_headers off;",
		[SERVER_APACHE] = "RequestHeader unset X_Auth_User early, and RequestHeader set "
		    "X-Auth-User from pintle's answer; "
		    "(likewise X-Auth-Groups and X-Auth-Session) for {{path}}",
		[SERVER_CADDY] = "request_header -X-Auth-* and request_header -X_Auth_*, before "
		    "forward_auth in handle {{path}}*",
	},
	[FAULT_OWN_COOKIE] = {
		"remove pintle's cookies from requests to it; pintle config KIND prints how",
		[SERVER_NGINX] = "include server.conf in the server block, and cookies.conf in "
		    "each location that has proxy_set_header or "
		    "fastcgi_param lines of its own, as pintle config nginx --out prints them",
	},
	[FAULT_SOCKET_OPEN] = { "socket_mode = 0660 in pintle.conf, then restart the worker: "
	    "whoever can connect can claim to be anybody" },
	[FAULT_SOCKET_SHUT] = { "socket_group = {{found}} in pintle.conf, then restart the "
	    "worker" },
	[FAULT_AUTHORIZER_STRANGER] = { LISTENER_MEND_STRANGER },
	[FAULT_AUTHORIZER_ANYBODY] = { LISTENER_MEND_ANYBODY },
	[FAULT_AUTHORIZER_NONE] = { LISTENER_MEND_NONE },
	[FAULT_LEFT_USER] = { "pintle user delete {{found}}" },
};

enum pt_err
doctor_fault_mend(enum doctor_fault fault, enum server_family family,
    const struct template_scope *scope, struct buf *out)
{
	const char *text = mends[fault][family] ? mends[fault][family] : mends[fault][SERVER_OTHER];

	return text ? template_render(slice_of(text), scope, buf_put, out) : PT_OK;
}
