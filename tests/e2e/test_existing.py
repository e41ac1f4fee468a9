"""An existing site includes the printed pieces: guarded over both families, else unchanged."""

import contextlib
import http.client
import socket
import ssl
import time

import pytest

from support.behind import came_through, values
from support.existing import KINDS, PIECES, Existing
from support.guarded import NAVIGATION, PROGRAM

pytestmark = pytest.mark.plain

PLACES = ["/app/page", "/app/staff/", "/app/fresh/", "/wiki/", "/wiki/index.php", "/wiki/note.txt", "/files/a.txt"]
FAMILIES = "IPv4", "IPv6"


@pytest.fixture(scope="module", params=KINDS)
def existing(request, certificates, behind):
    house = Existing(request.param, certificates, behind)
    yield house
    house.close()


@pytest.fixture(params=FAMILIES)
def https(request, existing):
    return existing.over[request.param]


def ask(https, method, address, headers=(), body=b""):
    return https.send(method, address, list(headers.items() if isinstance(headers, dict) else headers), body)


def test_the_lines_to_paste_are_printed(existing):
    for line in PIECES[existing.kind]:
        assert f"/pieces/{line}" in existing.said, existing.said
    if existing.kind == "nginx":
        assert "`location ^~ /app/`" in existing.said, existing.said
        assert f"return 301 {existing.origin}$request_uri;" in existing.said, existing.said


@pytest.mark.shows("G02")
def test_the_site_is_there_as_before_and_its_places_are_guarded(https):
    for address in "/", "/blog/post", "/open/index.php":
        assert came_through(ask(https, "GET", address)), address
    for address in PLACES:
        page = ask(https, "GET", address, NAVIGATION)
        assert page.status == 401 and b'id="password"' in page.body, (address, page)
        program = ask(https, "GET", address, PROGRAM)
        assert program.status == 401 and program.error() == "unauthorized", (address, program)


def test_nobody_gets_beside_the_place(existing):
    """Neither without its last slash nor with an ending for which the site has its own rule."""
    for address in "/app", "/app?x=1", "/app/staff", "/wiki", "/app/a.png", "/app/a.css", "/files/a.png", "/wiki/a.css":
        before = len(existing.behind.application.asked)
        answer = existing.ask("GET", address, PROGRAM)
        assert answer.status in (301, 302, 307, 308, 401), (address, answer)
        assert existing.behind.application.asked[before:] == [], address
        assert not (answer.header("Location") or "/").endswith("?"), answer.headers
    browser = existing.signed_in()
    for address in "/app/a.png", "/app/a.css":
        answer = browser.send("GET", address, headers=NAVIGATION)
        assert answer.status == 200 and came_through(answer), (address, answer)


@pytest.mark.parametrize("family", FAMILIES)
def test_signed_in_the_places_are_there(existing, family):
    browser = existing.browser_over(family)
    for address in PLACES:
        answer = browser.send("GET", address, headers=NAVIGATION)
        assert answer.status == 200 and came_through(answer), (address, answer)
        if answer.body.startswith(b"{"):
            assert values(answer, "x-auth-user") == ["ada"], (address, answer)
    bob = existing.browser_over(family, "bob")
    for address in "/app/staff/", "/wiki/", "/wiki/index.php", "/wiki/note.txt":
        assert bob.send("GET", address, headers=NAVIGATION).status == 403, address
    assert browser.logout().status == 204
    for address in PLACES:
        assert browser.send("GET", address, headers=NAVIGATION).status == 401, address


def test_what_the_site_says_of_its_own_holds_at_guarded_places(existing):
    browser = existing.signed_in()
    for address in PLACES:
        answer = browser.send("GET", address, headers=NAVIGATION)
        assert answer.all("X-Frame-Options") == ["SAMEORIGIN"], (address, answer.headers)
        assert "private" in ",".join(answer.all("Cache-Control")), (address, answer.headers)
    lost = browser.send("GET", "/files/nothing", headers=NAVIGATION)
    assert lost.status == 404 and b"the site's own lost.html" in lost.body, lost
    outside = existing.ask("GET", "/", NAVIGATION)
    assert not outside.all("Cache-Control") and outside.all("X-Frame-Options") == ["SAMEORIGIN"], outside.headers


def test_who_is_nobody_stays_nobody_beside_the_gate_too(existing):
    browser = existing.signed_in()
    claims = [("X-Auth-User", "mallory"), ("X_Auth_User", "mallory"), ("X-Auth_Groups", "admins"), ("Cookie", browser.jar.header("/"))]
    for address in "/", "/blog/post", "/open/index.php":
        answer = existing.ask("GET", address, claims)
        assert came_through(answer) and b"mallory" not in answer.body and b"admins" not in answer.body, answer
        assert not any(values(answer, "x-auth-user")), answer
        assert not [value for value in browser.jar.cookies.values() if value.encode() in answer.body], answer
        cookies = [("Cookie", f"a=1;  b=2 ; {browser.jar.header('/auth/')}; a=3")]
        assert values(existing.ask("GET", address, cookies), "cookie") == ["a=1;  b=2 ; a=3"], address


def test_a_limit_of_the_place_is_not_the_questions(existing):
    """The server allows 100 bytes and the place a mebibyte: the place decides, without a 500."""
    browser = existing.signed_in()
    headers = {"Cookie": browser.jar.header("/app/"), "Sec-Fetch-Site": "same-origin"}
    answer = existing.ask("POST", "/app/thing", headers, b"x" * 900_000)
    assert answer.status == 200 and answer.json()["body"] == 900_000, answer
    assert existing.ask("POST", "/app/thing", PROGRAM, b"x" * 1000).status == 401
    try:
        assert existing.ask("POST", "/app/thing", PROGRAM, b"x" * 900_000).status == 401
    except (ConnectionError, http.client.HTTPException, ssl.SSLError):
        # It answers, and hangs up while the client still writes: the answer may be lost with the
        # connection.
        assert existing.kind == "lighttpd"
    if existing.kind in ("nginx", "caddy"):  # the others have no such limit there
        assert existing.ask("POST", "/app/thing", headers, b"x" * 2_000_000).status in (413, 502)


def test_of_a_strangers_large_body_nothing_is_waited_for(existing):
    """Sends the head alone; the refusal comes all the same."""
    if existing.kind == "apache":
        pytest.skip("Apache throws the body away before it answers")
    tls = existing.https.tls
    for kind, start in (("text/html", b"<!DOCTYPE html>"), ("application/json", b'{"error":"unauthorized"')):
        # If there is no length, Caddy waits for 256 KiB, and has no page of its own to answer with.
        for length in ["Content-Length: 500000000", "Transfer-Encoding: chunked"][:2 if existing.kind == "nginx" else 1]:
            with contextlib.closing(tls.wrap_socket(socket.create_connection(("127.0.0.1", existing.port), 10),
                                                    server_hostname="localhost")) as connection:
                connection.sendall(f"POST /files/a.txt HTTP/1.1\r\nHost: localhost\r\nAccept: {kind}\r\n{length}\r\n\r\n".encode())
                began, said = time.monotonic(), b""
                while start not in said:
                    more = connection.recv(4096)
                    assert more, said
                    said += more
                assert said.startswith(b"HTTP/1.1 401 "), said
                assert time.monotonic() - began < 5


def test_what_the_server_itself_refuses_is_not_explained_by_pintle(existing):
    page = existing.signed_in().send("GET", "/files/without/", headers=NAVIGATION)
    assert page.status in (403, 404) and b"has no access to this page" not in page.body, page


def test_only_websockets_are_upgraded(existing):
    browser = existing.signed_in()
    headers = {"Cookie": browser.jar.header("/app/"), "Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c",
               "HTTP2-Settings": "AAMAAABkAAQAAP__"}
    for address in "/app/page", "/app/fresh/":
        answer = existing.ask("GET", address, headers)
        assert answer.status == 200 and not values(answer, "upgrade"), answer


@pytest.fixture
def apache(existing):
    if existing.kind != "apache":
        pytest.skip("of Apache's own ways")
    return existing


def test_what_the_site_closes_stays_closed_to_who_is_signed_in(apache):
    """The site's error page is shown to those who meet the error, inside the gate too."""
    browser = apache.signed_in()
    assert browser.send("GET", "/files/without/b.txt", headers=NAVIGATION).status == 403
    lost = browser.send("GET", "/files/nothing", headers=NAVIGATION)
    assert lost.status == 404 and b"the site's own lost.html" in lost.body, lost
    for address in "/files/without/b.txt", "/files/nothing", "/files/own-lost.html":
        answer = apache.ask("GET", address, NAVIGATION)
        assert answer.status == (403 if "without" in address else 401) and b"the site's own" not in answer.body, (address, answer)


def test_an_address_that_the_site_rewrites_is_guarded_and_served(apache):
    browser = apache.signed_in()
    for headers in {**NAVIGATION, "Cookie": "a=1; " + browser.jar.header("/wiki/")}, {**PROGRAM, **browser.bearer()}:
        answer = apache.ask("GET", "/wiki/pretty/page", headers)
        assert answer.status == 200 and answer.json()["server"]["REMOTE_USER"] == "ada", answer
        assert values(answer, "x-auth-user") == ["ada"] and browser.jar.value("gate").encode() not in answer.body, answer
        assert browser.access.encode() not in answer.body, answer
    assert apache.ask("GET", "/wiki/pretty/page", PROGRAM).status == 401
    assert apache.signed_in("bob").send("GET", "/wiki/pretty/page", headers=NAVIGATION).status == 403


@pytest.mark.last
def test_no_error_page_of_the_site_says_yes(existing):
    """The worker is gone: the site's error page comes with 200, and opens nothing."""
    cookie = {"Cookie": existing.signed_in().jar.header("/app/")}
    existing.site.stop()
    try:
        for address in PLACES:
            for headers in NAVIGATION, {**PROGRAM, **cookie}:
                answer = existing.ask("GET", address, headers)
                assert not came_through(answer), (address, answer)
    finally:
        existing.site.start()
