"""What bad input gets: a 4xx at once, no change of the store, and a worker that still answers."""

import json
import socket
import struct
import time

import pytest

from support import fcgi
from support.browser import Browser, OverHttps
from support.site import PASSWORD

JSON = {"Content-Type": "application/json"}
GOOD = json.dumps({"username": "ada", "password": PASSWORD}).encode()


def nested(depth):
    return b'{"username":"ada","password":"x","more":' + b"[" * depth + b"]" * depth + b"}"


# What is sent to POST /login, with which type, and the resulting status.
BODIES = {
    "a body over 16 KiB": (b'{"username":"' + b"a" * 17000 + b'"}', "application/json", 413),
    "neither JSON nor a form": (GOOD, "text/plain", 415),
    "no type at all": (GOOD, None, 415),
    "a multipart form": (GOOD, "multipart/form-data; boundary=x", 415),
    "JSON in another charset": (GOOD, "application/json; charset=utf-16", 415),
    "no JSON": (b"username=ada", "application/json", 400),
    "an empty body": (b"", "application/json", 400),
    "an array": (b"[]", "application/json", 400),
    "a name twice": (b'{"username":"ada","username":"eve","password":"x"}', "application/json", 400),
    "bytes after the end": (GOOD + b"x", "application/json", 400),
    "a second object after the end": (GOOD + GOOD, "application/json", 400),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "application/json", 400),
    "bad UTF-8 in the name": (b'{"username":"a\xffda","password":"x"}', "application/json", 400),
    "bad UTF-8 in the password": (b'{"username":"ada","password":"\xc3("}', "application/json", 400),
    "a NUL in the password": (b'{"username":"ada","password":"a\\u0000b"}', "application/json", 400),
    "a lone surrogate": (b'{"username":"ada","password":"\\ud800"}', "application/json", 400),
    "a control character in a string": (b'{"username":"ada","password":"a\nb"}', "application/json", 400),
    "nesting over 8": (nested(20), "application/json", 400),
    "nesting of a thousand": (nested(1000), "application/json", 400),
    "a password that is a number": (b'{"username":"ada","password":12345}', "application/json", 400),
    "no password": (b'{"username":"ada"}', "application/json", 400),
    "a remember that is no boolean": (b'{"username":"ada","password":"x","remember":"yes"}', "application/json", 400),
    "a device with a control character": (b'{"username":"ada","password":"x","device":"a\\u0007"}',
                                          "application/json", 400),
    "a form that names the user twice": (b"username=ada&username=eve&password=x",
                                         "application/x-www-form-urlencoded", 400),
    "a form with a broken escape": (b"username=ada&password=%zz", "application/x-www-form-urlencoded", 400),
    "a form with a NUL": (b"username=ada&password=a%00b", "application/x-www-form-urlencoded", 400),
    "a form with bad UTF-8": (b"username=ada&password=%ff", "application/x-www-form-urlencoded", 400),
}

CODES = {413: "payload_too_large", 415: "unsupported_media_type", 400: "invalid_request"}


@pytest.fixture
def sites(mounted):
    """The same site directly over FastCGI and behind nginx."""
    house = mounted("nginx")
    house.site.add_user("ada")
    return house.site, {"fastcgi": house.site.browser(), "nginx": Browser(OverHttps(house.server.port, house.ca))}


def stored(site):
    """The parts of the store that a bad request could have changed."""
    return site.json("user", "list"), site.json("session", "list"), site.run("log", "--json")


@pytest.mark.shows("B04", "B05")
def test_bad_bodies(sites):
    site, browsers = sites
    before = stored(site)
    wrong = []
    for way, browser in browsers.items():
        for name, (body, kind, status) in BODIES.items():
            answer = browser.send("POST", "/auth/login", body=body, headers={"Content-Type": kind} if kind else {})
            if answer.status != status or answer.all("Set-Cookie"):
                wrong.append((way, name, answer))
            elif "json" in (answer.header("Content-Type") or "") and answer.error() is None:
                wrong.append((way, name, answer))
    assert not wrong
    assert stored(site) == before
    assert browsers["nginx"].login("ada", PASSWORD).status == 200


def test_unknown_members_are_ignored(site):
    payload = {"username": "ada", "password": PASSWORD, "unknown": {"deep": [1, 2, {"x": None}]}}
    assert site.browser().send("POST", "/auth/login", payload).status == 200


def test_wrong_methods_and_addresses(sites):
    _, browsers = sites
    for browser in browsers.values():
        for method, address in (("GET", "/auth/refresh"), ("PUT", "/auth/login"), ("POST", "/auth/me"),
                                ("DELETE", "/auth/health"), ("PATCH", "/auth/sessions")):
            answer = browser.send(method, address)
            assert answer.status == 405 and answer.header("Allow"), (method, address, answer)
            assert method not in answer.header("Allow")
        for address in "/auth/nowhere", "/auth/login/", "/auth/sessions/a/b", "/auth/../auth/loginx":
            assert browser.send("GET", address).status == 404, address


def test_a_forged_or_mangled_token_is_refused(site):
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    good, device = browser.refresh_token(), browser.jar.value("device")
    before = stored(site)
    turned = "A" if good[0] != "A" else "B"
    for token in (turned + good[1:], good[:-1], good + "A", good[:30] + turned + good[31:], good + "=", "%" * 66,
                  "A" * 66, "", "x" * 3000):
        answer = browser.refresh(cookies=f"__Secure-pintle-refresh={token}; __Host-pintle-device={device}")
        assert answer.status == 403 and answer.error() == "invalid_refresh_token", (token, answer)
    assert stored(site) == before
    assert browser.refresh().status == 200


@pytest.mark.shows("B09")
def test_control_characters_reach_neither_headers_nor_the_log(site):
    browser = site.browser()
    browser.send("POST", "/auth/login", {"username": "ada", "password": "x"},
                 headers={"User-Agent": "evil\r\nX-Injected: yes\x1b[31m", "X-Request-Id": "a\r\nb"})
    answer = browser.send("GET", "/auth/me", headers={"Origin": "https://x\r\nX-Injected: yes"})
    assert answer.header("X-Injected") is None
    for line in site.log_text().splitlines():
        assert "\x1b" not in line and not line.startswith("X-Injected")
        json.loads(line)


def test_a_length_that_lies_ends_in_400_and_never_in_a_hang(site):
    for claimed in "9999", "-2", "12x", "99999999999999999999":
        sent = fcgi.params("POST", "/auth/login", JSON, GOOD)
        sent["CONTENT_LENGTH"] = claimed
        with fcgi.connect(site.socket) as connection:
            connection.sendall(fcgi.encode(sent, GOOD))
            answer = fcgi.decode(fcgi.read_all(connection))
        assert answer.status in (400, 413), (claimed, answer)
    # Too small a length: what follows it is not a second request, and what it covers is not JSON.
    sent = fcgi.params("POST", "/auth/login", JSON, GOOD)
    sent["CONTENT_LENGTH"] = "10"
    with fcgi.connect(site.socket) as connection:
        connection.sendall(fcgi.encode(sent, GOOD))
        assert fcgi.decode(fcgi.read_all(connection)).status == 400
    assert site.healthy()


def broken_conversations():
    whole = fcgi.encode(fcgi.params("POST", "/auth/login", JSON, GOOD), GOOD)
    begin = whole[:16]
    return {
        "nothing": b"",
        "half a header": whole[:5],
        "the begin alone": begin,
        "parameters cut off": whole[:60],
        "no body": whole[:len(whole) - len(fcgi.stream(fcgi.STDIN, GOOD))],
        "another version": b"\x02" + whole[1:],
        "an unknown role": fcgi.record(fcgi.BEGIN_REQUEST, struct.pack("!HB5x", 77, 0)) + whole[16:],
        "a request of web traffic": b"GET /auth/health HTTP/1.1\r\nHost: x\r\n\r\n",
        "a parameter longer than its record": begin + fcgi.record(fcgi.PARAMS, b"\xff\xff\xff\xff\x01x"),
        "zeroes": bytes(4096),
    }


@pytest.mark.short
@pytest.mark.shows("B13")
def test_broken_fastcgi_costs_no_worker(site):
    """A peer that hangs up or talks nonsense is dropped; a worker answers within a second."""
    for name, data in broken_conversations().items():
        with fcgi.connect(site.socket) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            try:
                fcgi.read_all(connection)
            except (TimeoutError, ConnectionError):
                pass
        end = time.monotonic() + 2
        while not site.healthy():
            assert time.monotonic() < end, name
            time.sleep(0.05)


def test_stalled_peers_hold_nobody_up(new_site):
    """More silent peers than threads: the timeout frees the threads."""
    site = new_site(threads=4, request_timeout="1 s")
    site.add_user("ada")
    site.start()
    stalled = [fcgi.connect(site.socket) for _ in range(8)]
    try:
        for connection in stalled:
            connection.sendall(fcgi.record(fcgi.BEGIN_REQUEST, struct.pack("!HB5x", 1, 0)))
        assert site.browser().login("ada", PASSWORD).status == 200
    finally:
        for connection in stalled:
            connection.close()
