"""The small nginx between pintle and gateways that ask by HTTP, asked as Traefik and Envoy would.

Neither gateway is in Debian: what they send and how they take an answer is from their
documentation.
"""

import http.client
import os
import socket

import pytest

from support.behind import STATIC
from support.guarded import NAVIGATION, Guarded
from support.process import free_port
from support.site import PASSWORD

pytestmark = pytest.mark.sanitized

ALLOWED = "https://app.example.org"


class Hop(Guarded):
    """Questions go to self.port, pintle's own addresses to self.mount; both have sockets too."""

    def serve(self, text):
        self.mount = free_port()
        self.question = os.path.join(os.path.dirname(self.printed), "question.sock")
        text = text.replace("913", str(self.mount)).replace("912", str(self.port))
        text = text.replace("/run/pintle-question.sock", self.question)
        super().serve(text.replace("/run/pintle-mount.sock", self.question + ".mount"))

    def traefik(self, method, address, headers=(), port=None):
        """forwardAuth: always GET, no headers of one connection; headers describe the request."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        forwarded = {"X-Forwarded-Method": method, "X-Forwarded-Uri": address, "X-Forwarded-For": "203.0.113.9",
                     "X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost"}
        return self.ended(connection, "GET", "/", {**dict(headers), **forwarded})

    def envoy(self, method, address, headers=()):
        """ext_authz: method and path as they came, with a body of length 0."""
        connection = http.client.HTTPConnection("localhost", timeout=20)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.question)
        return self.ended(connection, method, address, {**dict(headers), "Content-Length": "0"})

    def ended(self, connection, method, target, headers):
        connection.request(method, target, headers=headers)
        answer = connection.getresponse()
        answer.text = answer.read()
        connection.close()
        return answer


@pytest.fixture(scope="module")
def hop(certificates, behind):
    hop = Hop("gateway-hop", certificates, behind, allowed_origins=ALLOWED)
    yield hop
    hop.close()


@pytest.fixture
def cookies(hop):
    browser = hop.site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    return browser.jar.header("/app/page")


def both(hop):
    return hop.traefik, hop.envoy


def test_yes_is_200_and_says_what_goes_on(hop, cookies):
    for ask in both(hop):
        answer = ask("GET", "/app/staff/x?y=1", {"Cookie": "a=1; " + cookies + "; b=2", "Authorization": "Basic own"})
        assert answer.status == 200, answer.text
        assert answer.headers["X-Auth-User"] == "ada" and answer.headers["X-Auth-Groups"] == "staff"
        assert answer.headers["Cookie"] == "a=1; b=2" and answer.headers["Authorization"] == "Basic own"
        answer = ask("GET", "/app/drop/x", {"Cookie": cookies, "Authorization": "Basic own"})
        assert answer.status == 200 and answer.headers["Cookie"] is None and answer.headers["Authorization"] is None
        assert answer.headers["X-Envoy-Auth-Headers-To-Remove"] == "cookie,authorization"


def test_no_is_the_page_or_json(hop):
    for ask in both(hop):
        answer = ask("GET", "/app/page?q=1", NAVIGATION)
        assert answer.status == 401 and b'data-return="/app/page?q=1"' in answer.text
        answer = ask("POST", "/app/page", {"Accept": "application/json"})
        assert answer.status == 401 and b'"unauthorized"' in answer.text and STATIC.encode() not in answer.text


def test_the_original_method_and_address_count(hop, cookies):
    elsewhere = {"Cookie": cookies, "Sec-Fetch-Site": "cross-site"}
    for ask in both(hop):
        assert ask("GET", "/app/page", elsewhere).status == 200
        assert ask("POST", "/app/page", elsewhere).status == 403
        assert ask("GET", "/app/page", {**elsewhere, "Sec-WebSocket-Version": "13"}).status == 403
        assert ask("GET", "/app/x/..;/staff/x", {"Cookie": cookies}).status == 400
        assert ask("GET", "/app/open/x").status == 200 and ask("GET", "/elsewhere").status == 200
    # At Envoy's socket a client's own headers count for nothing.
    claims = {"X-Forwarded-Uri": "/app/open/x", "X-Forwarded-Method": "GET"}
    assert hop.envoy("GET", "/app/page", claims).status == 401


def test_a_preflight_never_looks_like_a_yes(hop):
    asks = {"Origin": ALLOWED, "Access-Control-Request-Method": "PUT"}
    assert hop.traefik("OPTIONS", "/app/page", asks).status == 403
    answer = hop.envoy("OPTIONS", "/app/page", asks)
    assert answer.status == 204 and answer.headers["Access-Control-Allow-Origin"] == ALLOWED


def test_the_mount_is_there_and_the_client_is_known(hop):
    assert hop.traefik("GET", "/", port=hop.mount).status == 404
    connection = http.client.HTTPConnection("127.0.0.1", hop.mount, timeout=20)
    body = b'{"username":"nobody","password":"wrong"}'
    connection.request("POST", "/auth/login", body, {"Content-Type": "application/json", "X-Forwarded-For": "203.0.113.9"})
    assert connection.getresponse().status == 401
    connection.close()
    hop.site.wait_for_log(r'"address":"203\.0\.113\.9"')
