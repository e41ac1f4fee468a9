"""A site that is there already, with locations, headers and error pages of its own, and the printed pieces included in it."""

import os
import socket

from .browser import Browser, OverHttps
from .guarded import Guarded
from .process import free_port
from .site import PASSWORD


class OverFamily(OverHttps):
    """The same, by one family of addresses alone; the site's name stays localhost."""

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
        location ~ ^/open/(?<script>[a-z]+\\.php)$ {{
            include fastcgi_params;
            include {pieces}/cookies.conf;
            fastcgi_param SCRIPT_FILENAME {behind}/wiki/$script;
            fastcgi_pass unix:{behind}/fpm.sock;
        }}
        location /app/ {{
            include {pieces}/place-app.conf;
            client_max_body_size 1m;
            proxy_set_header Host $http_host;
            proxy_pass {application};
        }}
        location /app/staff/ {{
            include {pieces}/place-app+staff.conf;
            proxy_pass {application};
        }}
        location /wiki/ {{
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

KINDS = {"nginx": NGINX, "caddy": CADDY}


class Existing(Guarded):
    """A site's own server with the pieces in it; .over holds a way to ask it by each family."""

    def configure(self, folder, main, options, certificates):
        pieces = os.path.join(folder, "pieces")
        self.said = self.site.run("config", self.kind, "--out", pieces, *options)
        self.over = {family: OverFamily(self.port, os.path.join(certificates, "ca.pem"), address)
                     for family, address in (("IPv4", "127.0.0.1"), ("IPv6", "::1"))}
        for name in "lost.html", "sorry.html":
            self.behind.write("site/" + name, f"<p>the site's own {name}\n")
        self.printed = main
        self.text = KINDS[self.kind].format(
            folder=folder, pieces=pieces, port=self.port, spare_port=free_port(), certificates=certificates, behind=self.behind.folder,
            application="http://127.0.0.1:%d" % self.behind.application.server_port)

    def browser_over(self, family, name="ada"):
        browser = Browser(self.over[family])
        assert browser.login(name, PASSWORD).status == 200
        return browser
