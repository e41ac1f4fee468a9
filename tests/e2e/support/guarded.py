"""A guarded site behind each web server that `pintle config` knows, started from what it prints.

Around the printed part there is only what Debian's own main configuration would say: the modules
that the printed file names, and paths in a folder of the test's own.
"""

import contextlib
import os
import shutil

from .browser import Browser, OverHttps
from .process import Process, free_port, give, listens
from .site import PASSWORD, TOP, Site

BEYOND_ASCII = "zoë.日本.𠮷"  # characters of two, three and four bytes

ALLOWED = "https://app.example.org"  # whose pages may ask across origins

# The two kinds of clients: a person whose browser shows the answer as a page, and a program in a
# page.
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none", "Accept": "text/html"}
PROGRAM = {"Accept": "application/json", "Sec-Fetch-Mode": "cors"}

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 2;
events {{ worker_connections 512; }}
http {{
    access_log off;
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    include {printed};
}}
"""

MODULES = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
TypesConfig /etc/mime.types
Define modules /usr/lib/apache2/modules
LoadModule mpm_event_module ${{modules}}/mod_mpm_event.so
LoadModule authn_core_module ${{modules}}/mod_authn_core.so
LoadModule authz_core_module ${{modules}}/mod_authz_core.so
LoadModule authz_user_module ${{modules}}/mod_authz_user.so
LoadModule alias_module ${{modules}}/mod_alias.so
LoadModule dir_module ${{modules}}/mod_dir.so
LoadModule mime_module ${{modules}}/mod_mime.so
LoadModule env_module ${{modules}}/mod_env.so
LoadModule setenvif_module ${{modules}}/mod_setenvif.so
LoadModule headers_module ${{modules}}/mod_headers.so
LoadModule ssl_module ${{modules}}/mod_ssl.so
LoadModule remoteip_module ${{modules}}/mod_remoteip.so
LoadModule proxy_module ${{modules}}/mod_proxy.so
LoadModule proxy_http_module ${{modules}}/mod_proxy_http.so
LoadModule proxy_fcgi_module ${{modules}}/mod_proxy_fcgi.so
LoadModule authnz_fcgi_module ${{modules}}/mod_authnz_fcgi.so
"""
APACHE = MODULES + """
SSLSessionCache none
{more}
<Directory />
	AllowOverride None
	Require all denied
</Directory>
DocumentRoot {folder}
Include {printed}
"""
FCGID = """
LoadModule fcgid_module ${{modules}}/mod_fcgid.so
FcgidIPCDir {folder}/fcgid
FcgidProcessTableFile {folder}/fcgid.shm
"""
CGID = """
LoadModule cgid_module ${{modules}}/mod_cgid.so
ScriptSock {folder}/cgid.sock
"""

# The two that print only the guarded places, for a server that has the mount already.
APACHE_MOUNTED = """
Listen {port}
SSLEngine on
SSLCertificateFile {certificates}/site.pem
SSLCertificateKeyFile {certificates}/site.key
ProxyPass "/auth/" "unix:{socket}|fcgi://mounted/auth/"
ProxyPass "/.well-known/" "unix:{socket}|fcgi://mounted-public/.well-known/"
<LocationMatch "^/(auth|\\.well-known)/">
	CGIPassAuth On
	LimitRequestBody 65536
	Require all granted
</LocationMatch>
"""

LIGHTTPD = """
server.port = {spare_port}
server.bind = "127.0.0.1"
server.document-root = "{folder}"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}" )
mimetype.assign = ( ".html" => "text/html", ".css" => "text/css", ".txt" => "text/plain" )
server.modules = ( "mod_access" )
include "{printed}"
"""

LIGHTTPD_MOUNTED = """
server.port = {port}
server.document-root = "{folder}"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}" )
mimetype.assign = ( ".html" => "text/html", ".css" => "text/css", ".txt" => "text/plain" )
server.modules = ( "mod_access", "mod_openssl" )
ssl.engine = "enable"
ssl.pemfile = "{certificates}/site.pem"
ssl.privkey = "{certificates}/site.key"
include "{printed}"
$HTTP["url"] =~ "^/(auth|\\.well-known)/" {{
	fastcgi.server = ( "/" => (( "socket" => "{socket}", "check-local" => "disable" )) )
}}
"""

CADDY = """
{{
	admin off
	http_port {spare_port}
	storage file_system {folder}
}}
import {printed}
"""

NGINX_COMMAND = ["/usr/sbin/nginx", "-c", "{main}"]
APACHE_COMMAND = ["/usr/sbin/apache2", "-D", "FOREGROUND", "-f", "{main}"]
LIGHTTPD_COMMAND = ["/usr/sbin/lighttpd", "-D", "-f", "{main}"]
CADDY_COMMAND = ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", "{main}"]

WORKER, AUTHORIZER = "worker", "authorizer"  # run beside the server; the second answers Apache

KINDS = {
    "nginx": (NGINX_COMMAND, NGINX, [WORKER]),
    "apache": (APACHE_COMMAND, APACHE.replace("{more}", ""), [WORKER]),
    "apache-handler": (APACHE_COMMAND, APACHE.replace("{more}", ""), [WORKER]),
    "apache-fcgid": (APACHE_COMMAND, APACHE.replace("{more}", FCGID), [WORKER]),
    "apache-cgi": (APACHE_COMMAND, APACHE.replace("{more}", CGID), [WORKER]),
    "apache-authorizer": (APACHE_COMMAND, APACHE.replace("{more}", APACHE_MOUNTED), [WORKER, AUTHORIZER]),
    "lighttpd": (LIGHTTPD_COMMAND, LIGHTTPD, [WORKER]),
    "lighttpd-spawn": (LIGHTTPD_COMMAND, LIGHTTPD, []),
    "lighttpd-cgi": (LIGHTTPD_COMMAND, LIGHTTPD, [WORKER]),
    "lighttpd-authorizer": (LIGHTTPD_COMMAND, LIGHTTPD_MOUNTED, [WORKER]),
    "caddy": (CADDY_COMMAND, CADDY, [WORKER]),
}

# Where requests for unguarded places go; nothing else is added to what is printed.
HAPROXY = """
backend rest
	mode http
	timeout connect 5s
	timeout server 30s
	server application {application}
"""
HAPROXY_COMMAND = ["/usr/sbin/haproxy", "-db", "-f", "{main}", "-f", "{printed}"]

# Those that ask by HTTP serve nothing themselves: they have tests of their own, and no column in
# the table.
GATEWAYS = {"haproxy": (HAPROXY_COMMAND, HAPROXY, [WORKER]), "gateway-hop": (NGINX_COMMAND, NGINX, [WORKER])}
ALL = {**KINDS, **GATEWAYS}


def haproxy_options(site, certificates):
    """HAProxy wants certificate and key in one file."""
    with open(site.path("both.pem"), "w", encoding="utf-8") as both:
        for name in "site.pem", "site.key":
            with open(os.path.join(certificates, name), encoding="utf-8") as one:
                both.write(one.read())
    script = shutil.copy(os.path.join(TOP, "www-examples", "haproxy", "haproxy.lua"), site.path("haproxy.lua"))
    for path in both.name, script:
        give(path)
    return ["--certificate", both.name, "--script", script]


def printed_options(kind, site, certificates, authorizer):
    """What differs from the defaults, as options for `pintle config`."""
    options = ["--certificate", os.path.join(certificates, "site.pem"),
               "--key", os.path.join(certificates, "site.key"), "--worker", site.path("bin", "pintle.fcgi")]
    if kind == "haproxy":
        return haproxy_options(site, certificates)
    if AUTHORIZER in ALL[kind][2]:
        options += ["--authorizer", f"127.0.0.1:{authorizer}"]
    if kind.startswith("lighttpd"):
        script = os.path.join(TOP, "www-examples", "lighttpd", "pintle.lua")
        options += ["--script", shutil.copy(script, site.path("pintle.lua"))]
    return options


class Guarded:
    """The users: ada and one whose name is not ASCII, both in the group staff, and bob, in none."""

    def __init__(self, kind, certificates, behind, **settings):
        self.kind = kind
        self.behind = behind
        self.port = free_port()
        self.origin = f"https://localhost:{self.port}"
        self.https = OverHttps(self.port, os.path.join(certificates, "ca.pem"))
        self.beside = []
        self.site = Site({"usernames": "unicode", "allowed_origins": ALLOWED, **settings}, issuer=self.origin + "/auth", places=behind.places())
        try:
            self.site.add_user("ada", groups="staff")
            self.site.add_user("bob")
            self.site.add_user(BEYOND_ASCII, groups="staff")
            self.start(certificates)
        except BaseException:
            self.close()
            raise

    def start(self, certificates):
        command, _, beside = ALL[self.kind]
        authorizer = free_port()
        if WORKER in beside:
            self.site.start()
        if AUTHORIZER in beside:
            self.run([self.site.path("bin", "pintle.fcgi"), "--config", self.site.path("pintle.conf"),
                      "--listen", f"127.0.0.1:{authorizer}"], self.site.log, authorizer)
        folder = self.site.path(self.kind)
        os.mkdir(folder)
        give(folder)
        shutil.copy("/etc/nginx/fastcgi_params", folder)  # where nginx looks for it
        main = os.path.join(folder, "main.conf")
        self.command = [word.format(main=main, printed=os.path.join(folder, "printed.conf")) for word in command]
        self.configure(folder, main, printed_options(self.kind, self.site, certificates, authorizer), certificates)
        self.serve(self.text)

    def configure(self, folder, main, options, certificates):
        """Writes the main configuration around the printed part; a test may change self.text."""
        self.printed = os.path.join(folder, "printed.conf")
        self.text = self.site.run("config", self.kind, "--server", *options)
        with open(main, "w", encoding="utf-8") as out:
            out.write(ALL[self.kind][1].format(
                folder=folder, printed=self.printed, port=self.port, spare_port=free_port(),
                certificates=certificates, socket=self.site.socket,
                application="127.0.0.1:%d" % self.behind.application.server_port))

    def serve(self, text):
        """Starts the server from what is printed, or from a test's changed version of it."""
        with open(self.printed, "w", encoding="utf-8") as out:
            out.write(text)
        self.run(self.command, os.path.join(os.path.dirname(self.printed), "start.log"), self.port)

    def run(self, argv, log, port):
        self.beside.append(Process(argv, log, {"HOME": self.site.folder}))
        self.beside[-1].wait_for(f"{argv[0]} listens", 20, lambda: listens(port))

    def browser(self):
        return Browser(self.https)

    def signed_in(self, name="ada"):
        browser = self.browser()
        answer = browser.login(name, PASSWORD)
        assert answer.status == 200, answer
        return browser

    def ask(self, method, address, headers=(), body=b"", chunked=False):
        """Asks as a program does: exactly these headers (pairs or a dictionary), without a jar."""
        pairs = headers.items() if isinstance(headers, dict) else headers
        return self.https.send(method, address, list(pairs), body, chunked)

    def close(self):
        with contextlib.ExitStack() as stack:  # each is closed, whatever became of the others
            stack.callback(self.site.close)
            for process in self.beside:
                stack.callback(process.stop)
