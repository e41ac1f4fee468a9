"""Runs what `pintle config` prints for services and gateways, in the software that it is for."""

import http.client
import json
import os
import re
import shlex
import subprocess

from .answer import Answer
from .browser import Browser, OverHttps
from .process import Process, free_port, give, listens
from .servers import Server
from .site import TOP, Site

E2E = os.path.join(TOP, "tests", "e2e")
MODULES = os.path.join(E2E, "node_modules")
WORKERD = os.path.join(MODULES, "@cloudflare", "workerd-linux-64", "bin", "workerd")
NJS = "/usr/lib/nginx/modules/ngx_http_js_module.so"
# Where localhost is also ::1, Node 18 tries nothing else.
NODE = ["node", "--dns-result-order=ipv4first"]

WORKERD_CONFIG = """
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    {workers}
    (name = "internet", network = (allow = ["private"], tlsOptions = (trustedCertificates = [embed "ca.pem"]))),
  ],
  sockets = [ {sockets} ],
);
"""
WORKER = """(name = "{name}", worker = (
      modules = [(name = "index.js", esModule = embed "{name}.js")], compatibilityDate = "2025-01-01")),"""
SOCKET = '(name = "{name}", address = "127.0.0.1:{port}", http = (), service = "{name}"), '

NJS_FRAME = """
daemon off;
load_module {module};
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
    include {folder}/printed.conf;
}}
"""


ALLOWED = "https://app.example.org https://localhost:8443"


def preflight(origin):
    return [("Origin", origin), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "x-mine")]


class House:
    """A site behind nginx, whose key set and status list may be kept for a second or two."""

    status_ttl = 1

    def __init__(self, certificates, behind):
        self.certificates, self.behind = certificates, behind
        self.ca = os.path.join(certificates, "ca.pem")
        self.server = Server("nginx")
        self.issuer = self.server.origin + "/auth"
        self.site = Site({"jwks_max_age": "1 s", "status_ttl": f"{self.status_ttl} s", "allowed_origins": ALLOWED}, issuer=self.issuer,
                         places=behind.places())
        try:
            self.site.add_user("ada", groups="staff")
            self.site.add_user("bob")
            self.site.start()
            self.server.start(self.site, certificates)
        except BaseException:
            self.close()
            raise

    def server_browser(self):
        return Browser(OverHttps(self.server.port, self.ca))

    def printed(self, kind, *options):
        return self.site.run("config", kind, *options)

    def write(self, folder, name, text):
        os.makedirs(self.site.path(folder), exist_ok=True)
        give(self.site.path(folder))
        path = self.site.path(folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def close(self):
        try:
            self.server.stop()
        finally:
            self.site.close()


def changed(text, *changes):
    """A printed program with some of its constants changed, as its comments allow."""
    for name, value in changes:
        text, count = re.subn(rf"^const {name} = [^;]*;", lambda _, name=name, value=value: f"const {name} = {value};",
                              text, flags=re.M)
        assert count == 1, name
    return text


def ask(port, method="GET", path="/", headers=(), host=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host=host is not None, skip_accept_encoding=True)
        if host:
            connection.putheader("Host", host)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


class Node:
    """A program of ours under node, which answers each line with a line."""

    def __init__(self, house, program, *arguments):
        self.child = subprocess.Popen(
            [*NODE, os.path.join(E2E, program), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env={**os.environ, "NODE_EXTRA_CA_CERTS": house.ca})

    def ask(self, what):
        self.child.stdin.write(json.dumps(what) + "\n")
        self.child.stdin.flush()
        return json.loads(self.child.stdout.readline())

    def stop(self):
        self.child.stdin.close()
        self.child.wait(20)


class Lambda:
    """A printed handler, which gets events of the documented form."""

    def __init__(self, house, kind, *changes):
        text = changed(house.printed(kind), *changes)
        name = f"{kind}-{len(changes)}-{abs(hash(changes))}.mjs"
        self.node = Node(house, "lambda.mjs", house.write("lambda", name, text))

    def all(self, events):
        """The results of these events, sent at once: { "returned" } or { "thrown" } each."""
        return self.node.ask(events)

    def one(self, event):
        return self.all([event])[0]

    def cold(self, events):
        """The same from an instance that has fetched nothing yet."""
        return self.node.ask({"cold": events})

    def stop(self):
        self.node.stop()


def authorizer_event(authorization=None, **more):
    """An event as HTTP APIs send it, payload format 2.0."""
    headers = {"accept": "*/*", "host": "id.execute-api.us-east-1.amazonaws.com", "x-forwarded-for": "192.0.2.1"}
    if authorization is not None:
        headers["authorization"] = authorization
    return {
        "version": "2.0", "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:us-east-1:123456789012:abcdef123/$default/GET/orders",
        "identitySource": [authorization], "routeKey": "ANY /{proxy+}", "rawPath": "/orders", "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abcdef123", "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id", "requestId": "id", "routeKey": "ANY /{proxy+}", "stage": "$default",
            "time": "26/Nov/2026:00:00:00 +0000", "timeEpoch": 1795651200000,
            "http": {"method": "GET", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                     "userAgent": "agent"},
        },
        **more,
    }


def viewer_event(*authorization, **more):
    """A viewer's request as CloudFront sends it to Lambda@Edge."""
    headers = {"host": [{"key": "Host", "value": "d111111abcdef8.cloudfront.net"}],
               "user-agent": [{"key": "User-Agent", "value": "curl/7.66.0"}]}
    if authorization:
        headers["authorization"] = [{"key": "Authorization", "value": value} for value in authorization]
    for name, value in more.items():
        headers[name] = [{"key": name, "value": value}]
    return {"Records": [{"cf": {
        "config": {"distributionDomainName": "d111111abcdef8.cloudfront.net", "distributionId": "EDFDVBD6EXAMPLE",
                   "eventType": "viewer-request", "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=="},
        "request": {"clientIp": "203.0.113.178", "headers": headers, "method": "GET", "querystring": "", "uri": "/page"},
    }}]}


class Workers:
    """The printed Worker in workerd, and variants of it, each on its own port."""

    def __init__(self, house, **variants):
        text = house.printed("cloudflare")
        self.application = f"127.0.0.1:{house.behind.application.server_port}"
        self.ports = {name: free_port() for name in variants}
        for name, changes in variants.items():
            house.write("workerd", name + ".js", changed(text, *changes))
        with open(house.ca, encoding="utf-8") as ca:
            house.write("workerd", "ca.pem", ca.read())
        config = house.write("workerd", "config.capnp", WORKERD_CONFIG.format(
            workers="\n    ".join(WORKER.format(name=name) for name in variants),
            sockets="".join(SOCKET.format(name=name, port=port) for name, port in self.ports.items())))
        self.process = Process([WORKERD, "serve", config], house.site.path("workerd", "log"), account={})
        self.process.wait_for("workerd listens", 20, lambda: all(listens(port) for port in self.ports.values()))

    def ask(self, headers=(), name="gate", path="/orders", method="GET"):
        return ask(self.ports[name], method, path, headers, host=self.application)

    def stop(self):
        self.process.stop()


class Njs:
    """nginx with Debian's njs module, and what is printed for it."""

    def __init__(self, house):
        assert os.path.exists(NJS), NJS
        self.port = free_port()
        self.house = house
        give(os.path.dirname(house.write("njs", "pintle.js", house.printed("nginx-njs-script"))))
        self.keys = house.site.path("njs", "pintle-keys.json")
        self.text = house.printed("nginx-njs", "--script", house.site.path("njs", "pintle.js"),
                                  "--certificate", house.certificates + "/site.pem",
                                  "--key", house.certificates + "/site.key")
        self.text = self.text.replace("/etc/nginx/pintle-keys.json", self.keys)
        self.fetch_keys()
        house.write("njs", "printed.conf",
                    self.text.replace(f"listen {house.server.port} ssl;", f"listen 127.0.0.1:{self.port} ssl;"))
        with open("/etc/nginx/fastcgi_params", encoding="utf-8") as parameters:
            house.write("njs", "fastcgi_params", parameters.read())
        main = house.write("njs", "main.conf", NJS_FRAME.format(module=NJS, folder=house.site.path("njs")))
        self.process = Process(["/usr/sbin/nginx", "-c", main], house.site.path("njs", "start.log"))
        self.process.wait_for("nginx listens", 15, lambda: listens(self.port))
        self.https = OverHttps(self.port, house.ca)

    def fetch_keys(self):
        """Runs the very line that the configuration gives for cron."""
        line = re.search(r"^#   \* \* \* \* \* root (curl .*)$", self.text, re.M).group(1)
        subprocess.run(["sh", "-c", f"umask 022; export CURL_CA_BUNDLE={shlex.quote(self.house.ca)}; {line}"],
                       check=True, timeout=30)

    def ask(self, headers=(), path="/app/", method="GET"):
        return self.https.send(method, path, list(headers))

    def stop(self):
        self.process.stop()


class Express:
    """The printed middleware in an Express application."""

    def __init__(self, house, *changes):
        if not os.path.exists(house.site.path("node_modules")):
            os.symlink(MODULES, house.site.path("node_modules"))
        name = f"pintle-{len(changes)}.mjs"
        self.node = Node(house, "express.mjs", house.write("express", name, changed(house.printed("express"), *changes)))
        self.port = json.loads(self.node.child.stdout.readline())

    def ask(self, headers=(), path="/", method="GET"):
        return ask(self.port, method, path, headers)

    def stop(self):
        self.node.stop()
