"""Real web servers in front of a site: private ones, on loopback, with TLS, without privileges."""

import os

from .process import Process, free_port, give, listens

# Each configuration is what a site would write, plus the least that the server needs.

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    upstream pintle {{ server unix:{socket}; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificates}/site.pem;
        ssl_certificate_key {certificates}/site.key;
        location ^~ /auth/ {{ include /etc/nginx/fastcgi_params; client_max_body_size 64k; fastcgi_pass pintle; }}
        location = /.well-known/jwks.json {{ include /etc/nginx/fastcgi_params; fastcgi_pass pintle; }}
        {inside}
    }}
}}
"""

APACHE = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule ssl_module {modules}/mod_ssl.so
LoadModule env_module {modules}/mod_env.so
LoadModule alias_module {modules}/mod_alias.so
SSLEngine on
SSLCertificateFile {certificates}/site.pem
SSLCertificateKeyFile {certificates}/site.key
SSLSessionCache none
{mount}
"""

APACHE_CGI = """
LoadModule cgid_module {modules}/mod_cgid.so
ScriptSock {folder}/cgid.sock
SetEnv PINTLE_CONFIG {config}
ScriptAlias "/auth" "{program}"
ScriptAlias "/.well-known/jwks.json" "{program}/.well-known/jwks.json"
<Location "/">
  CGIPassAuth On
</Location>
"""

APACHE_PROXY = """
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_fcgi_module {modules}/mod_proxy_fcgi.so
ProxyPass "/auth/" "unix:{socket}|fcgi://pintle/auth/"
ProxyPass "/.well-known/jwks.json" "unix:{socket}|fcgi://pintle/.well-known/jwks.json"
<Location "/">
  CGIPassAuth On
</Location>
"""

LIGHTTPD_CGI = r"""
server.modules = ("mod_openssl", "mod_setenv", "mod_rewrite", "mod_alias", "mod_cgi")
server.document-root = "{folder}"
server.errorlog = "{folder}/error.log"
server.bind = "127.0.0.1"
server.port = {port}
ssl.engine = "enable"
ssl.pemfile = "{certificates}/site.pem"
ssl.privkey = "{certificates}/site.key"
setenv.set-environment = ("PINTLE_CONFIG" => "{config}")
url.rewrite-once = ("^/\.well-known/jwks\.json$" => "/auth/jwks.json")
alias.url = ("/auth/" => "{program}/")
cgi.execute-x-only = "enable"
cgi.assign = ("/pintle.fcgi" => "")
"""

# How each kind is started, and its configuration. A server that speaks FastCGI needs a running
# worker; the others run the program for each request.
KINDS = {
    "nginx": (["/usr/sbin/nginx", "-c"], NGINX, True),
    "apache-cgi": (["/usr/sbin/apache2", "-D", "FOREGROUND", "-f"], APACHE.replace("{mount}", APACHE_CGI), False),
    "apache-proxy": (["/usr/sbin/apache2", "-D", "FOREGROUND", "-f"], APACHE.replace("{mount}", APACHE_PROXY), True),
    "lighttpd-cgi": (["/usr/sbin/lighttpd", "-D", "-f"], LIGHTTPD_CGI, False),
}


def needs_worker(kind):
    return KINDS[kind][2]


class Server:
    """Reserves a port at once, so that the site knows its issuer; start() listens there."""

    def __init__(self, kind, inside=""):
        """inside: further lines for nginx's server block."""
        self.kind = kind
        self.inside = inside
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.process = None

    def start(self, site, certificates):
        argv, config, _ = KINDS[self.kind]
        folder = site.path(self.kind)
        os.mkdir(folder)
        give(folder)
        path = os.path.join(folder, "server.conf")
        with open(path, "w", encoding="utf-8") as out:
            out.write(config.format(folder=folder, port=self.port, socket=site.socket, certificates=certificates,
                                    inside=self.inside,
                                    program=site.path("bin", "pintle.fcgi"), config=site.path("pintle.conf"),
                                    modules="/usr/lib/apache2/modules"))
        self.process = Process([*argv, path], os.path.join(folder, "start.log"))
        self.process.wait_for(f"{self.kind} listens", 15, lambda: listens(self.port))

    def stop(self):
        if self.process:
            self.process.stop()
