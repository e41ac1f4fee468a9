"""pintle doctor: finds nothing wrong with what `pintle config` prints, and finds each pitfall."""

import re

import pytest

from support.guarded import KINDS
from support.house import House, found, shown


@pytest.fixture(scope="module")
def house_of(certificates, behind):
    """Makes a house of each kind, once."""
    made = {}

    def house(kind):
        if kind not in made:
            made[kind] = House(kind, certificates, behind)
        return made[kind]
    yield house
    for each in made.values():
        each.close()


# ---- nothing wrong

PLAIN_BUT_NGINX = {kind: [] if kind == "nginx" else [pytest.mark.plain] for kind in KINDS}


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=marks) for kind, marks in PLAIN_BUT_NGINX.items()])
def test_nothing_is_wrong_with_what_is_printed(house_of, kind):
    house = house_of(kind)
    with house.serving():
        findings = house.doctor()
        told = house.site.command("doctor", *house.trust)
    assert not found(findings), shown(findings)
    # Only what cannot be found out there is reported as unknown.
    skipped = {f["what"]: set() for f in findings if f["state"] == "skip"}
    for finding in findings:
        if finding["state"] == "skip":
            skipped[finding["what"]].add(finding["text"].partition(":")[0])
    assert skipped.keys() - {"socket"} == {"plain-http", "guard-groups", "guard-forged"}, shown(findings)
    assert skipped["guard-groups"] == {"/app/", "/app/fresh/", "/files/"}
    assert skipped["guard-forged"] == {"/files/"}
    # A person gets the same report.
    assert told.returncode == 0 and "Nothing is wrong." in told.stdout, told
    assert "ok     guard          /app/: a stranger" in told.stdout


# ---- each pitfall, added to the server's configuration

DENY = "error_page 401 = @pintle_deny;\n\terror_page 403 = @pintle_denied;"
AT_MOUNT = "location ^~ /auth/ {\n\t\tauth_request off;"
AT_VERIFY = "fastcgi_param PINTLE_MODE verify;"
AT_APP = "location ^~ /app/ {"
APACHE_MOUNT = '|change-password)$)">\n'
KEEP = "fastcgi_cache kept; fastcgi_cache_valid 200 204 1m; fastcgi_ignore_headers Cache-Control Set-Cookie; "
LOGIN_FAR_AWAY = "location @login { return 302 /auth/login?next=$request_uri; }"


def put(before, after):
    """Replaces a part of the printed text."""
    def change(text):
        assert before in text, before
        return text.replace(before, after)
    return change


def add(after, more):
    return put(after, after + " " + more)


def kept(after, more):
    """Adds a cache where the printed text wants none."""
    return both(put("fastcgi_cache off;", ""), add(after, KEEP + more))


def in_verify(before, after):
    """The same only where the server asks the question."""
    def change(text):
        changed = re.sub(r"location = /_pintle_verify.*?\n\t}", lambda match: match[0].replace(before, after), text, flags=re.S)
        assert changed != text, before
        return changed
    return change


def both(*changes):
    def change(text):
        for each in changes:
            text = each(text)
        return text
    return change


# The added pitfall, the look that finds it, and a part of the remedy.
NGINX_PITFALLS = {
    "the mount is routed to nobody": (
        put("location ^~ /auth/ {", "location ^~ /elsewhere/ {"), "reachable", "location ^~ /auth/ {"),
    "the worker cannot be reached": (
        put("\tserver unix:", "\tserver unix:/nowhere"), "reachable", "start the worker"),
    "connections to the worker are kept": (
        both(put("\tserver unix:", "\tkeepalive 8;\n\tserver unix:"), add(AT_MOUNT, "fastcgi_keep_conn on;")), "kept",
        "no keepalive in the upstream"),
    "the path arrives without the mount": (
        add(AT_MOUNT, "rewrite ^/auth(.*)$ $1 break;"), "reachable", "include fastcgi_params;"),
    "the mount is guarded": (
        put(AT_MOUNT, "location ^~ /auth/ { auth_request /_pintle_verify/app/;"), "reachable", "auth_request off;"),
    "Authorization is dropped": (
        add(AT_MOUNT, 'fastcgi_param HTTP_AUTHORIZATION "";'), "authorization", "HTTP_AUTHORIZATION"),
    "only GET and POST are let through": (
        add(AT_MOUNT, "limit_except GET POST { deny all; }"), "methods", "limit_except"),
    "bodies are cut short": (
        put("client_max_body_size 16k;", "client_max_body_size 4k;"), "body", "client_max_body_size 16k;"),
    "bodies are not handed on": (
        add(AT_MOUNT, 'fastcgi_pass_request_body off; fastcgi_param CONTENT_LENGTH "";'), "body",
        "fastcgi_pass_request_body"),
    "chunked bodies are refused": (
        add(AT_MOUNT, "if ($http_transfer_encoding) { return 411; }"), "body", "fastcgi_request_buffering on;"),
    "no-store is taken away": (
        add(AT_MOUNT, "fastcgi_hide_header Cache-Control;"), "cached", "fastcgi_hide_header"),
    "pintle's answers are cached": (
        kept(AT_MOUNT, "fastcgi_cache_key $request_method$request_uri;"), "cached", "fastcgi_cache off;"),
    "the key set is not at the root": (
        put("location = /.well-known/jwks.json {", "location = /.well-known/nothing {"), "jwks",
        "location = /.well-known/jwks.json {"),
    "the metadata is not at the root": (
        put("location = /.well-known/oauth-authorization-server/auth {", "location = /.well-known/nothing {"), "metadata",
        "location = /.well-known/oauth-authorization-server/auth {"),
    "the key set is an old copy": (
        add(AT_MOUNT, "location = /auth/jwks.json { return 200 '{\"keys\":[{\"kid\":\"old\"}]}'; }"), "jwks", "empty the cache"),
    "the key set is older than it may be": (
        put("location = /.well-known/jwks.json {", "location = /.well-known/jwks.json { add_header Age 5000;"), "jwks",
        "empty the cache"),
    "cookies do not arrive": (
        add(AT_MOUNT, "fastcgi_hide_header Set-Cookie;"), "cookies", "fastcgi_hide_header Set-Cookie"),
    "the gate cookie does not reach verify": (
        in_verify("fastcgi_param HTTP_COOKIE $http_cookie if_not_empty;", 'fastcgi_param HTTP_COOKIE "";'), "guard-login", "see the Cookie"),
    "a token does not reach verify": (
        add(AT_VERIFY, 'fastcgi_param HTTP_AUTHORIZATION "";'), "guard-login", "verify at /app/"),
    "the guard was forgotten": (
        put("auth_request /_pintle_verify/app/;", ""), "guard", "location ^~ /app/ { auth_request"),
    "a return runs before the guard": (
        add(AT_APP, "return 200 open;"), "guard", "runs before auth_request"),
    "a person is sent elsewhere to log in": (
        both(put(DENY, "error_page 401 403 = @login;"), add("underscores_in_headers off;", LOGIN_FAR_AWAY)), "guard",
        "@pintle_deny"),
    "the refusal is nginx's own": (
        put(DENY, ""), "guard", "PINTLE_MODE deny"),
    "verify is asked with an unknown mode": (
        put(AT_VERIFY, "fastcgi_param PINTLE_MODE very;"), "guard", "location = /_pintle_verify/app/"),
    "a script gets the page": (
        add("fastcgi_param PINTLE_MODE deny;", "fastcgi_param HTTP_SEC_FETCH_MODE navigate;"), "guard-xhr", "@pintle_deny"),
    "the place is open without its slash": (
        both(put("rewrite ^/app$ ", "rewrite ^/nowhere$ "),
             add("underscores_in_headers off;", "location = /app { return 200 open; }")), "guard-slash", "location ^~ /app/ {"),
    "PHP beside the guard": (
        both(put(AT_APP, "location /app/ {"), add("underscores_in_headers off;", "location ~ \\.php$ { return 404; }")),
        "guard-scripts", "location ~ \\.php$ inside"),
    "pictures beside the guard": (
        both(put(AT_APP, "location /app/ {"), add("underscores_in_headers off;", "location ~ \\.(gif|png)$ { expires 30d; }")),
        "guard-scripts", "such requests away"),
    "the group is not demanded": (
        both(put("fastcgi_param PINTLE_GROUP staff,admins;", ""), put("fastcgi_param PINTLE_PLACE /app/staff/;", "")),
        "guard-groups", "fastcgi_param PINTLE_GROUP staff,admins;"),
    "caches may keep guarded files": (
        put("add_header Cache-Control $pintle_cache always;", ""), "guard-cache", "add_header Cache-Control $pintle_cache"),
    "verify is cached by address alone": (
        kept(AT_VERIFY, "fastcgi_cache_key $request_uri;"), "guard-memory", "$http_cookie"),
    "refusals of verify are cached by address alone": (
        kept(AT_VERIFY, "fastcgi_cache_valid 401 1m; fastcgi_cache_key $request_uri;"), "guard-login", "$http_cookie"),
    "verify is cached for long": (
        kept(AT_VERIFY, "fastcgi_cache_key $request_uri$http_cookie$http_authorization;"), "guard-logout",
        "$http_cookie"),
    "X-Auth-User is handed on": (
        put("proxy_set_header X-Auth-User $pintle_user;", "proxy_set_header X-Auth-User $http_x_auth_user;"),
        "guard-forged", "proxy_set_header X-Auth-User $pintle_user;"),
    "X_Auth_User is handed on": (
        both(put("underscores_in_headers off;", "underscores_in_headers on;"), put('proxy_set_header X_Auth_User "";', "")),
        "guard-forged", "underscores_in_headers off;"),
    "X-Auth-Groups is handed on": (
        put("proxy_set_header X-Auth-Groups $pintle_groups;", ""), "guard-forged", "X-Auth-Groups"),
}


APACHE_PITFALLS = {
    "Authorization is dropped": (
        put(APACHE_MOUNT + "\t\tCGIPassAuth On", APACHE_MOUNT), "authorization", "CGIPassAuth On"),
    "a token does not reach the authorizer": (
        put('<Location "/app">\n\t\tCGIPassAuth On', '<Location "/app">'), "guard-login",
        '<Location "/app/"> CGIPassAuth On </Location>'),
    "the mount is routed to nobody": (
        put('<Location "/auth/">', '<Location "/elsewhere/">'), "reachable", 'ProxyPass "/auth/" "unix:'),
    "the worker cannot be reached": (
        put('ProxyPass "unix:', 'ProxyPass "unix:/nowhere'), "reachable", "start the worker"),
    "the key set is not at the root": (
        put('<Location "/.well-known/jwks.json">', '<Location "/.well-known/nothing">'), "jwks",
        'ProxyPass "/.well-known/jwks.json"'),
    "no-store is taken away": (
        put(APACHE_MOUNT, APACHE_MOUNT + "Header always unset Cache-Control\n"), "cached", "CacheDisable"),
    "cookies lose their attributes": (
        put(APACHE_MOUNT, APACHE_MOUNT + 'Header always edit Set-Cookie "; HttpOnly" ""\n'), "cookies", "Header edit Set-Cookie"),
    "the guard was forgotten": (
        put('<Location "/app">\n\t\tCGIPassAuth On', '<Location "/elsewhere">\n\t\tCGIPassAuth On'), "guard", '<Location "/app/">'),
    "X_Auth_User is handed on": (
        put("RequestHeader unset X_Auth_User", ""), "guard-forged", "RequestHeader unset X_Auth_User"),
}

LIGHTTPD_PITFALLS = {
    "the clock of the web server is wrong": (
        put("magnet.attract-raw-url-to = ()",
            'magnet.attract-raw-url-to = ()\nsetenv.set-response-header = ( "Date" => "Tue, 24 Nov 2020 08:00:00 GMT" )'),
        "clocks", "timedatectl set-ntp true"),
    "the mount is routed to nobody": (
        put('\t\t"/auth/" =>', '\t\t"/elsewhere/" =>'), "reachable", '"check-local" => "disable"'),
    "bodies are cut short": (
        put('ssl.engine = "enable"', 'ssl.engine = "enable"\nserver.max-request-size = 4'), "body", "server.max-request-size"),
    "the key set is not at the root": (
        put('"/.well-known/jwks.json" =>', '"/.well-known/nothing" =>'), "jwks", "fastcgi.server += ( \"/.well-known/jwks.json\""),
    "the guard was forgotten": (
        put('"mode" => "authorizer"', '"mode" => "responder"'), "guard", '"mode" => "authorizer"'),
    "caches may keep guarded files": (
        put("magnet.attract-response-start-to = ( ", "#"), "guard-cache", "setenv.set-response-header"),
    "forged headers are handed on": (
        both(put("magnet.attract-raw-url-to", "#"), put(
            "magnet.attract-response-start-to = ( ",
            'setenv.add-response-header = ( "Cache-Control" => "private, no-cache" )\n#')), "guard-forged", "overwrite X-Auth-User"),
}

CADDY_PITFALLS = {
    "pictures beside the guard": (
        put("handle @pintle {", "@pictures path *.gif *.png\n\thandle @pictures {\n\t\trespond open\n\t}\n\thandle @pintle {"),
        "guard-scripts", "not path /app/*"),
}

# doctor has no sandbox: once is enough.
ONCE = {kind: marks or [pytest.mark.sanitized] for kind, marks in PLAIN_BUT_NGINX.items()}
ALL = [pytest.param(kind, *row, marks=ONCE[kind], id=f"{kind}: {pitfall}")
       for kind, rows in (("nginx", NGINX_PITFALLS), ("apache", APACHE_PITFALLS), ("lighttpd", LIGHTTPD_PITFALLS),
                        ("caddy", CADDY_PITFALLS))
       for pitfall, row in rows.items()]


@pytest.mark.parametrize("kind, change, look, remedy", ALL)
def test_a_pitfall_is_found(house_of, kind, change, look, remedy):
    house = house_of(kind)
    with house.serving(change(house.text)):
        findings = house.doctor()
    first = next((finding for finding in findings if finding["state"] in ("wrong", "hint")), None)
    assert first and first["what"] == look, shown(findings)
    assert remedy in first["mend"], first
