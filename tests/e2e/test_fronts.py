"""What is in front of the server, and what is far behind it: the client, its way, all backends."""

import json
import os

import pytest

from support.behind import came_through, values
from support.guarded import NAVIGATION, Guarded
from support.process import Process, free_port, listens

pytestmark = pytest.mark.plain

KINDS = ["nginx", "caddy", "apache", "lighttpd"]

# Ends TLS, as a load balancer does that connects from an address of its own.
FRONT = """
daemon off;
pid {folder}/front.pid;
error_log {folder}/front.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    server {{
        listen {port} ssl;
        ssl_certificate {certificates}/site.pem;
        ssl_certificate_key {certificates}/site.key;
        location / {{
            proxy_bind 127.0.0.2;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For "$http_x_forwarded_for, 192.0.2.77";
            proxy_pass http://{inner};
        }}
    }}
}}
"""


class BehindTls(Guarded):
    """The server that `--behind-tls` prints, and the front that it is for."""

    def configure(self, folder, main, options, certificates):
        self.inner = free_port()
        listen = f"127.0.0.1:{self.inner}"
        super().configure(folder, main, [*options, "--behind-tls", listen], certificates)
        self.front = os.path.join(folder, "front.conf")
        with open(self.front, "w", encoding="utf-8") as out:
            out.write(FRONT.format(folder=folder, port=self.port, certificates=certificates, inner=listen))

    def serve(self, text):
        outer, self.port = self.port, self.inner
        super().serve(text)
        self.port = outer
        self.run(["/usr/sbin/nginx", "-c", self.front], self.front + ".log", self.port)


@pytest.mark.parametrize("kind", KINDS)
def test_tls_ends_in_front(kind, certificates, behind):
    house = BehindTls(kind, certificates, behind, proxies="127.0.0.2", hsts="180 d")
    try:
        browser = house.signed_in()
        page = house.ask("GET", "/app/page", NAVIGATION)
        assert page.status == 401 and b'id="password"' in page.body, page
        assert page.all("Strict-Transport-Security") == ["max-age=15552000"], page.headers
        claims = {"Cookie": browser.jar.header("/app/"), "X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "http"}
        answer = house.ask("GET", "/app/page", claims)
        assert answer.status == 200, answer
        assert values(answer, "x-forwarded-proto") == ["https"], answer
        assert values(answer, "host") == [f"localhost:{house.port}"], answer
        told, = values(answer, "x-forwarded-for")
        # Caddy passes the whole way on; the last address that is no front is the client.
        way = [hop.strip() for hop in told.split(",") if hop.strip() != "127.0.0.2"]
        assert way[-1] == "192.0.2.77", answer
        login = json.loads(house.site.run("log", "--kind", "login", "--json").splitlines()[-1])
        assert login["address"] == "192.0.2.77", login
        for address in "/wiki", "/app":
            moved = house.ask("GET", address, NAVIGATION)
            assert moved.status in (301, 302, 308, 401), moved
            assert "http:" not in (moved.header("Location") or ""), moved.headers
    finally:
        house.close()


class Behinds:
    """An application on a Unix socket, one over https, and two whose names do not resolve."""

    def __init__(self, kind, behind, folder):
        self.kind = kind
        self.behind, self.folder, self.application = behind, folder, behind.application
        self.tls, self.socket = free_port(), os.path.join(folder, "app.sock")

    def places(self):
        application = "http://127.0.0.1:%d" % self.behind.application.server_port
        if self.kind == "lighttpd":  # asks nobody over https, and does not start with unknown names
            return {"/app/": {"proxy": application}, "/socket/": {"proxy": "unix:" + self.socket}}
        return {"/app/": {"proxy": application},
                "/socket/": {"proxy": "unix:" + self.socket}, "/tls/": {"proxy": f"https://127.0.0.1:{self.tls}"},
                "/nobody/": {"proxy": "http://application.pintle-test.invalid:8081"},
                "/nobody-php/": {"php": self.behind.path("wiki"), "fpm": "php.pintle-test.invalid:9000"}}


RELAYS = """
daemon off;
pid {folder}/relays.pid;
error_log {folder}/relays.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/relays-body;
    fastcgi_temp_path {folder}/relays-fastcgi;
    proxy_temp_path {folder}/relays-proxy;
    scgi_temp_path {folder}/relays-scgi;
    uwsgi_temp_path {folder}/relays-uwsgi;
    server {{
        listen unix:{socket};
        listen 127.0.0.1:{tls} ssl;
        ssl_certificate {certificates}/site.pem;
        ssl_certificate_key {certificates}/site.key;
        location / {{ proxy_set_header Host $http_host; proxy_pass {application}; }}
    }}
}}
"""


@pytest.mark.parametrize("kind", KINDS)
def test_backends_of_every_kind(kind, certificates, behind):
    folder = behind.path("relays-" + kind)
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o777)
    behinds = Behinds(kind, behind, folder)
    config = os.path.join(folder, "relays.conf")
    with open(config, "w", encoding="utf-8") as out:
        out.write(RELAYS.format(folder=folder, socket=behinds.socket, tls=behinds.tls, certificates=certificates,
                                application=behinds.places()["/app/"]["proxy"]))
    relays = Process(["/usr/sbin/nginx", "-c", config], os.path.join(folder, "start.log"))
    try:
        relays.wait_for("the relays listen", 15, lambda: listens(behinds.tls))
        # It starts, though two of the names behind it do not resolve.
        house = Guarded(kind, certificates, behinds)
        try:
            browser = house.signed_in()
            places = behinds.places()
            for address in [place + "a%2Fb//c?x=1" for place in ("/socket/", "/tls/") if place in places] + ["/app/page"]:
                assert house.ask("GET", address, NAVIGATION).status == 401, address
                answer = browser.send("GET", address, headers=NAVIGATION)
                assert answer.status == 200 and answer.json()["target"] == address, (address, answer)
                assert values(answer, "x-auth-user") == ["ada"], answer
            for address in [place + "index.php" for place in ("/nobody/", "/nobody-php/") if place in places]:
                assert house.ask("GET", address, NAVIGATION).status == 401, address
                answer = browser.send("GET", address, headers=NAVIGATION)
                assert answer.status in (500, 502, 504) and not came_through(answer), (address, answer)
        finally:
            house.close()
    finally:
        relays.stop()
