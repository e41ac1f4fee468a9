"""An existing site with locations, headers and error pages, which includes the printed pieces."""

import os
import socket

from .browser import Browser, OverHttps
from .guarded import MODULES, Guarded
from .process import free_port
from .site import PASSWORD


class OverFamily(OverHttps):
    """The same, over one family of addresses alone; the site's name stays localhost."""

    def __init__(self, port, ca, address):
        super().__init__(port, ca)
        self.address = address

    def connection(self):
        connection = super().connection()
        connection._create_connection = lambda where, *rest: socket.create_connection((self.address, where[1]), *rest)
        return connection


NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 128; }}
http {{
    access_log off;
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    fastcgi_intercept_errors on;
    include {pieces}/http.conf;

    server {{
        listen 127.0.0.1:{port} ssl;
        listen [::1]:{port} ssl;
        server_name localhost;
        ssl_certificate {certificates}/site.pem;
        ssl_certificate_key {certificates}/site.key;
        root {behind}/site;
        client_max_body_size 100;
        add_header X-Frame-Options SAMEORIGIN always;
        error_page 404 /lost.html;
        error_page 500 502 503 504 =200 /sorry.html;
        include {pieces}/server.conf;

        location / {{
            proxy_pass {application};
        }}
        location = /lost.html {{ }}
        location = /sorry.html {{ }}
        location /blog/ {{
            include {pieces}/cookies.conf;
            proxy_set_header Host $http_host;
            proxy_pass {application};
        }}
        location ~ \\.(png|css)$ {{
            root {behind}/site;
        }}
        location ~ ^/open/(?<script>[a-z]+\\.php)$ {{
            include fastcgi_params;
            include {pieces}/cookies.conf;
            fastcgi_param SCRIPT_FILENAME {behind}/wiki/$script;
            fastcgi_pass unix:{behind}/fpm.sock;
        }}
        location ^~ /app/ {{
            include {pieces}/place-app.conf;
            client_max_body_size 1m;
            proxy_set_header Host $http_host;
            proxy_pass {application};
        }}
        location ^~ /app/staff/ {{
            include {pieces}/place-app+staff.conf;
            proxy_pass {application};
        }}
        location ^~ /wiki/ {{
            include {pieces}/place-wiki.conf;
            alias {behind}/wiki/;
            index index.php;
            location ~ \\.php$ {{
                include fastcgi_params;
                include {pieces}/place-wiki.conf;
                fastcgi_param SCRIPT_FILENAME $request_filename;
                fastcgi_pass unix:{behind}/fpm.sock;
            }}
        }}
        include {pieces}/location-files.conf;
        include {pieces}/location-app+fresh.conf;
    }}
}}
"""

CADDY = """
{{
    admin off
    http_port {spare_port}
    storage file_system {folder}
}}
https://localhost:{port} {{
    bind 127.0.0.1 ::1
    tls {certificates}/site.pem {certificates}/site.key
    header X-Frame-Options SAMEORIGIN
    import {pieces}/server.conf
    handle_errors {{
        @lost expression {{http.error.status_code}} == 404
        rewrite @lost /lost.html
        root * {behind}/site
        file_server @lost
    }}
    import {pieces}/location-app+fresh.conf
    @static {{
        path *.css *.png
        not path /app/* /app/staff/* /wiki/* /files/*
    }}
    handle @static {{
        root * {behind}/site
        file_server
    }}
    handle /app/staff/* {{
        import {pieces}/place-app+staff.conf
        reverse_proxy {application}
    }}
    handle /app/* {{
        import {pieces}/place-app.conf
        request_body {{
            max_size 1MiB
        }}
        reverse_proxy {application}
    }}
    handle_path /wiki/* {{
        import {pieces}/place-wiki.conf
        root * {behind}/wiki
        php_fastcgi unix/{behind}/fpm.sock
        file_server
    }}
    import {pieces}/location-files.conf
    handle_path /open/* {{
        root * {behind}/wiki
        php_fastcgi unix/{behind}/fpm.sock
    }}
    reverse_proxy {application}
}}
"""

# In the virtual host: the site's own rewriting, a folder that it closes, and error pages.
APACHE = MODULES + """
LoadModule rewrite_module ${{modules}}/mod_rewrite.so
Listen 127.0.0.1:{port}
Listen [::1]:{port}
SSLSessionCache none
<Directory />
	AllowOverride None
	Require all denied
</Directory>
Include {pieces}/global.conf
<VirtualHost *:{port}>
	ServerName localhost
	SSLEngine on
	SSLCertificateFile {certificates}/site.pem
	SSLCertificateKeyFile {certificates}/site.key
	DocumentRoot {behind}/site
	Header always set X-Frame-Options SAMEORIGIN
	ErrorDocument 401 /sorry.html
	ErrorDocument 404 /lost.html
	ErrorDocument 500 /sorry.html
	<Directory {behind}>
		Require all granted
	</Directory>
	<Directory {behind}/files/without>
		Require all denied
	</Directory>
	Alias /open/ {behind}/wiki/
	Alias /wiki/ {behind}/wiki/
	<Directory {behind}/wiki>
		DirectoryIndex index.php
		RewriteEngine On
		RewriteRule ^pretty/ /wiki/index.php [L]
	</Directory>
	<Location /files/>
		ErrorDocument 404 /files/own-lost.html
	</Location>
	<FilesMatch "\\.php$">
		SetHandler "proxy:unix:{behind}/fpm.sock|fcgi://site-php"
	</FilesMatch>
	ProxyPass /open/ !
	ProxyPass /wiki/ !
	ProxyPass /lost.html !
	ProxyPass /sorry.html !
	ProxyPass / {application}/
	Include {pieces}/server.conf
</VirtualHost>
"""

LIGHTTPD = """
server.modules = ( "mod_access", "mod_openssl" )
include "{pieces}/modules.conf"
server.bind = "127.0.0.1"
server.port = {port}
ssl.engine = "enable"
ssl.pemfile = "{certificates}/site.pem"
ssl.privkey = "{certificates}/site.key"
$SERVER["socket"] == "[::1]:{port}" {{
	ssl.engine = "enable"
}}
server.document-root = "{behind}/site"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ( "{folder}" )
mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain" )
server.errorfile-prefix = "{behind}/site/error-"
setenv.set-response-header = ( "X-Frame-Options" => "SAMEORIGIN" )
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => {application_port} )) )
$HTTP["url"] =~ "^/(lost|sorry)\\.html$" {{
	proxy.server = ()
}}
$HTTP["url"] =~ "^/open/" {{
	proxy.server = ()
	alias.url = ( "/open/" => "{behind}/wiki/" )
	fastcgi.server = ( ".php" => (( "socket" => "{behind}/fpm.sock", "broken-scriptfilename" => "enable" )) )
}}
include "{pieces}/server.conf"
"""

# A site guarded as a whole; locations that do not mention the gate serve as before.
NGINX_WHOLE = NGINX[:NGINX.index("        location / ")] + """
        location / {{
            include {pieces}/place.conf;
            proxy_pass {application};
        }}
        location = /lost.html {{ }}
        location = /sorry.html {{ }}
        location /blog/ {{
            proxy_pass {application};
        }}
        location ~ \\.txt$ {{
            root {behind}/files;
        }}
        location ~ ^/(?<script>[a-z]+\\.php)$ {{
            include fastcgi_params;
            include {pieces}/place.conf;
            fastcgi_param SCRIPT_FILENAME {behind}/wiki/$script;
            fastcgi_pass unix:{behind}/fpm.sock;
        }}
        include {pieces}/location-staff.conf;
        include {pieces}/location-files.conf;
        include {pieces}/location-pub.conf;
        include {pieces}/location-favicon.ico+.conf;
    }}
}}
"""

KINDS = {"nginx": NGINX, "caddy": CADDY, "apache": APACHE, "lighttpd": LIGHTTPD}
PLACES = ["server.conf", "place-app.conf", "location-app.conf", "place-app+staff.conf"]
PIECES = {"nginx": PLACES, "caddy": PLACES, "apache": ["global.conf", "server.conf"],
          "lighttpd": ["modules.conf", "server.conf"]}  # files that the lines to paste name


class Existing(Guarded):
    """A site's own server with the pieces in it; .over holds a way to ask it over each family."""

    def configure(self, folder, main, options, certificates):
        pieces = os.path.join(folder, "pieces")
        self.said = self.site.run("config", self.kind, "--out", pieces, *options)
        self.over = {family: OverFamily(self.port, os.path.join(certificates, "ca.pem"), address)
                     for family, address in (("IPv4", "127.0.0.1"), ("IPv6", "::1"))}
        for name, said in (("site/lost.html", "lost"), ("site/sorry.html", "sorry"), ("site/error-404.html", "lost"),
                           ("files/own-lost.html", "lost")):
            self.behind.write(name, f"<p>the site's own {said}.html\n")
        self.printed = main
        self.text = self.frame().format(
            folder=folder, pieces=pieces, port=self.port, spare_port=free_port(), certificates=certificates, behind=self.behind.folder,
            application="http://127.0.0.1:%d" % self.behind.application.server_port,
            application_port=self.behind.application.server_port)

    def frame(self):
        return KINDS[self.kind]

    def browser_over(self, family, name="ada"):
        browser = Browser(self.over[family])
        assert browser.login(name, PASSWORD).status == 200
        return browser
