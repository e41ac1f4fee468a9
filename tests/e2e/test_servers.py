"""One story behind every web server, each started from exactly what `pintle config` prints for it.

Each check is a row of the table in the README, which the last test here compares with the results:
PINTLE_README=write writes them there instead.
"""

import base64
import contextlib
import os
import subprocess
import time

import pytest

from support import table
from support.behind import came_through, values
from support.guarded import ALLOWED, BEYOND_ASCII, KINDS, NAVIGATION, PROGRAM, Guarded
from support.process import give
from support.site import PASSWORD
from support.table import check

BEHIND = ["/app/page?q=1", "/wiki/", "/wiki/index.php", "/wiki/sub/page.php", "/wiki/note.txt", "/files/",
          "/files/a.txt"]  # an application, PHP, a folder


@check("login sets the gate cookie, refresh renews it")
def test_login_and_refresh_set_the_gate_cookie(guarded):
    browser = guarded.signed_in()
    first = browser.jar.value("gate")
    assert first and browser.refresh_token() and browser.jar.value("device")
    assert browser.refresh().status == 200
    assert browser.jar.value("gate") and browser.refresh_token()
    assert browser.send("GET", BEHIND[0], headers=NAVIGATION).status == 200


@check("a navigation gets the login page in place")
@pytest.mark.parametrize("address", BEHIND)
def test_a_navigation_finds_the_login_page_in_place(guarded, address):
    answer = guarded.ask("GET", address, NAVIGATION)
    assert answer.status == 401 and b'id="password"' in answer.body, answer
    assert answer.header("Content-Type").startswith("text/html")
    assert "no-store" in ",".join(answer.all("Cache-Control"))
    assert not answer.all("Location") and not answer.all("Set-Cookie")
    assert b'data-in-place=""' not in answer.body


@check("signed in, the same address shows the page, which no cache keeps")
@pytest.mark.parametrize("address", BEHIND)
def test_signed_in_the_page_is_there(guarded, address):
    answer = guarded.signed_in().send("GET", address, headers=NAVIGATION)
    assert answer.status == 200, answer
    assert "private" in ",".join(answer.all("Cache-Control"))
    assert not answer.all("X-Auth-User") and not answer.all("Variable-AUTH_USER")


@check("XHR without credentials gets 401 and JSON")
@pytest.mark.parametrize("address", BEHIND)
def test_a_program_gets_json(guarded, address):
    answer = guarded.ask("GET", address, PROGRAM)
    assert answer.status == 401 and answer.error() == "unauthorized", answer
    assert answer.all("WWW-Authenticate") == ["Bearer"]


@check("a Bearer token passes, and stops at the gate")
@pytest.mark.parametrize("address", ["/app/page", "/wiki/index.php"])
def test_a_bearer_token_passes_and_stops_at_the_gate(guarded, address):
    browser = guarded.signed_in()
    answer = guarded.ask("GET", address, {**PROGRAM, **browser.bearer()})
    assert answer.status == 200 and values(answer, "x-auth-user") == ["ada"], answer
    assert browser.access.encode() not in answer.body
    mangled = guarded.ask("GET", address, {**PROGRAM, "Authorization": "Bearer " + browser.access[:-6] + "AAAAAA"})
    assert mangled.status == 401 and 'error="invalid_token"' in mangled.header("WWW-Authenticate"), mangled


@check("the application and PHP learn who is asking")
@pytest.mark.parametrize("address", ["/app/page", "/app/staff/", "/wiki/index.php", "/wiki/sub/page.php"])
def test_what_stands_behind_is_told_who_asks(guarded, address):
    browser = guarded.signed_in()
    answer = browser.send("GET", address, headers=NAVIGATION)
    assert answer.status == 200, answer
    assert values(answer, "x-auth-user") == ["ada"]
    assert values(answer, "x-auth-groups") == ["staff"]
    assert values(answer, "x-auth-session") == [browser.sessions()[0]["id"]]
    if address.endswith(".php"):
        assert values(answer, "remote-user") == ["ada"]


@check("a name beyond ASCII arrives in UTF-8, byte for byte")
def test_a_name_beyond_ascii_arrives_in_utf_8(guarded):
    browser = guarded.signed_in(BEYOND_ASCII)
    for address, names in ("/app/page", ["x-auth-user"]), ("/wiki/index.php", ["x-auth-user", "remote-user"]):
        for answer in (browser.send("GET", address, headers=NAVIGATION),
                       guarded.ask("GET", address, {**PROGRAM, **browser.bearer()})):
            assert answer.status == 200, answer
            # What Python's server sends as Latin-1 PHP can write as JSON only if it is UTF-8.
            coding = "latin-1" if address == "/app/page" else "utf-8"
            for name in names:
                told = [value.encode(coding) for value in values(answer, name)]
                assert told == [BEYOND_ASCII.encode()], (address, name, told)


@check("a required group is required for pages, programs and files")
@pytest.mark.parametrize("address", ["/app/staff/", "/wiki/", "/wiki/index.php", "/wiki/note.txt"])
def test_who_is_not_of_the_group_is_refused(guarded, address):
    bob = guarded.signed_in("bob")
    page = bob.send("GET", address, headers=NAVIGATION)
    assert page.status == 403 and b"bob" in page.body and b"That account has no access to this page" in page.body, page
    by_cookie = bob.send("GET", address, headers=PROGRAM)
    by_bearer = guarded.ask("GET", address, {**PROGRAM, **bob.bearer()})
    for answer in by_cookie, by_bearer:
        assert answer.status == 403 and answer.error() == "insufficient_scope", answer
    assert bob.send("GET", "/app/page", headers=NAVIGATION).status == 200


@check("a changed group takes effect at once")
def test_a_changed_group_counts_at_once(guarded):
    bob = guarded.signed_in("bob")
    guarded.site.run("user", "groups", "bob", "staff")
    try:
        assert bob.send("GET", "/wiki/note.txt", headers=NAVIGATION).status == 200
        assert guarded.ask("GET", "/app/staff/", bob.bearer()).status == 200
    finally:
        guarded.site.run("user", "groups", "bob", "")
    assert bob.send("GET", "/wiki/note.txt", headers=NAVIGATION).status == 403
    assert guarded.ask("GET", "/app/staff/", bob.bearer()).status == 403


@check("a place may demand a fresh login")
def test_a_login_that_is_too_old_is_asked_for_again(guarded):
    browser, since = guarded.long_ago
    time.sleep(max(0, since + 2.1 - time.monotonic()))
    assert guarded.signed_in().send("GET", "/app/fresh/", headers=NAVIGATION).status == 200
    page = browser.send("GET", "/app/fresh/", headers=NAVIGATION)
    assert page.status == 401 and b"sign in again to see this" in page.body and b'data-silent=""' in page.body, page
    answer = guarded.ask("GET", "/app/fresh/", {**PROGRAM, **browser.bearer()})
    assert answer.status == 401 and answer.error() == "insufficient_user_authentication", answer
    assert browser.send("GET", "/app/page", headers=NAVIGATION).status == 200


@check("DELETE, PATCH and Authorization reach pintle")
def test_every_method_and_authorization_reach_pintle(guarded):
    here, other = guarded.signed_in(), guarded.signed_in()
    sessions = guarded.ask("GET", "/auth/sessions", here.bearer())
    assert sessions.status == 200, sessions
    mine, = [session["id"] for session in sessions.json()["sessions"] if session["current"]]
    theirs, = [session["id"] for session in other.sessions() if session["current"]]
    named = guarded.ask("PATCH", "/auth/sessions/" + mine, {**here.bearer(), "Content-Type": "application/json"},
                        b'{"device":"laptop"}')
    assert named.status == 200 and named.json()["device"] == "laptop", named
    assert here.send("DELETE", "/auth/sessions/" + theirs).status == 204
    assert other.refresh().error() == "session_revoked"
    me = guarded.ask("GET", "/auth/me", here.bearer())
    assert me.status == 200 and me.header("Cache-Control") == "no-store", me


@check("a chunked login works, a large one is refused")
def test_bodies_reach_pintle_as_they_must(guarded):
    body = ('{"username":"ada","password":"%s"}' % PASSWORD).encode()
    headers = {"Content-Type": "application/json"}
    assert guarded.ask("POST", "/auth/login", headers, body, chunked=True).status == 200
    large = b'{"username":"ada","password":"' + b"x" * 70000 + b'"}'
    for chunked in False, True:
        refused = guarded.ask("POST", "/auth/login", headers, large, chunked=chunked)
        assert refused.status == 413, refused
    assert guarded.ask("POST", "/auth/login", headers, body).status == 200


@check("methods, large and chunked bodies reach the guarded application")
def test_methods_and_bodies_reach_what_is_guarded(guarded):
    browser = guarded.signed_in()
    headers = {"Cookie": browser.jar.header("/app/"), "Sec-Fetch-Site": "same-origin"}
    for method in "POST", "PUT", "PATCH", "DELETE":
        answer = guarded.ask(method, "/app/thing", headers, b"{}")
        assert answer.status == 200 and answer.json()["method"] == method and answer.json()["body"] == 2, answer
    for address in "/app/thing", "/wiki/index.php":
        large = guarded.ask("POST", address, headers, b"x" * 900_000)
        assert large.status == 200 and large.json()["body"] == 900_000, large
    chunked = guarded.ask("POST", "/app/thing", headers, b"x" * 90_000, chunked=True)
    assert chunked.status == 200 and chunked.json()["body"] == 90_000, chunked


@check("a chunked body reaches PHP")
def test_a_chunked_body_reaches_php(guarded, record_property):
    browser = guarded.signed_in()
    headers = {"Cookie": browser.jar.header("/wiki/"), "Sec-Fetch-Site": "same-origin"}
    answer = guarded.ask("POST", "/wiki/index.php", headers, b"x" * 90_000, chunked=True)
    if guarded.kind == "caddy":  # PHP sees no end of such a body, so the configuration refuses it
        record_property("cell", "411")
        assert answer.status == 411, answer
    else:
        assert answer.status == 200 and answer.json()["body"] == 90_000, answer


@check("after logout the guarded page is refused at once")
@pytest.mark.parametrize("address", ["/app/page", "/wiki/index.php", "/files/a.txt"])
@pytest.mark.shows("D11")
def test_logout_counts_at_once(guarded, address):
    browser = guarded.signed_in()
    cookies, token = browser.jar.header(address), browser.bearer()
    assert guarded.ask("GET", address, {**NAVIGATION, "Cookie": cookies}).status == 200
    assert guarded.ask("GET", address, {**PROGRAM, **token}).status == 200
    assert browser.logout().status == 204
    assert not browser.jar.value("gate")
    assert guarded.ask("GET", address, {**NAVIGATION, "Cookie": cookies}).status == 401
    assert guarded.ask("GET", address, {**PROGRAM, **token}).status == 401


@check("the key set and the health check are open to everybody")
def test_what_is_public(guarded):
    for address in "/.well-known/jwks.json", "/auth/jwks.json":
        answer = guarded.ask("GET", address)
        assert answer.status == 200 and answer.json()["keys"], answer
        assert "max-age" in answer.header("Cache-Control")
    assert guarded.ask("GET", "/auth/health").json() == {"status": "ok"}


# ---- what passes the gate, and what does not

def pairs(cookies):
    return [pair.strip() for pair in cookies.split(";") if pair.strip()]


@check("pintle's own cookies stop at the gate, all others pass")
@pytest.mark.parametrize("address", ["/app/page", "/app/open/page", "/wiki/index.php", "/wiki/sub/page.php", "/front/any"])
@pytest.mark.shows("G01")
def test_own_cookies_stop_at_the_gate(guarded, address):
    browser = guarded.signed_in()
    own = [f"{name}={value}" for (name, _), value in browser.jar.cookies.items()]
    assert len(own) == 3
    gate, device, refresh = (next(pair for pair in own if name in pair) for name in ("gate", "device", "refresh"))
    spaced = gate.replace("=", " = ", 1)
    near = f"x{gate}; {gate.replace('=', '2=', 1)}"
    for sent, wanted in (
            ("a=1; b=2", ["a=1", "b=2"]), (f"a=1; {gate}; b=2", ["a=1", "b=2"]), (f"{gate}; a=1", ["a=1"]),
            (f"a=1; {gate}", ["a=1"]), (gate, []), (f"{gate};{device};{refresh}", []),
            (f"{refresh}; a=1; {device}; b=2; {gate}; c=3", ["a=1", "b=2", "c=3"]),
            (f"a=1;{gate};b=2", ["a=1", "b=2"]), (f"a=1 ;\t{gate} ; b=2", ["a=1", "b=2"]), (f"a=1;{spaced};b=2", ["a=1", "b=2"]),
            (f"{gate}; a=1; {gate}; {gate}", ["a=1"]), (f"b=2; a=1; {gate}; a=0", ["b=2", "a=1", "a=0"]),
            (f'a="x y"; {gate}; b=1=2; c=; d; e=%3B', ['a="x y"', "b=1=2", "c=", "d", "e=%3B"]),
            ("a=1, b=2", ["a=1, b=2"]), (near, pairs(near)),
            (f"a=1;;{gate};;b=2", ["a=1", "b=2"])):
        answer = guarded.ask("GET", address, [*browser.bearer().items(), ("Cookie", sent)])
        assert answer.status == 200, (sent, answer)
        assert pairs("; ".join(values(answer, "cookie"))) == wanted, (sent, answer)
    for lines, wanted in ((("a=1", f"{gate}; b=2"), ["a=1", "b=2"]), ((gate, device, "c=3"), ["c=3"])):
        answer = guarded.ask("GET", address, [*browser.bearer().items(), *(("Cookie", line) for line in lines)])
        # If the server joins them by a comma the worker refuses the whole request.
        assert answer.status in (200, 400, 401) and gate.encode() not in answer.body, (lines, answer)
        if answer.status == 200:
            assert pairs("; ".join(values(answer, "cookie")).replace(", ", "; ")) == wanted, (lines, answer)
    # The worker may refuse that header, which some proxies make of two lines.
    answer = guarded.ask("GET", address, [*browser.bearer().items(), ("Cookie", f"a=1, {gate}; b=2")])
    assert answer.status in (200, 400, 401) and gate.encode() not in answer.body, answer
    many = "; ".join(f"{pair}; a{at}=1" for at, pair in enumerate(own * 5))
    answer = guarded.ask("GET", address, [*browser.bearer().items(), ("Cookie", many)])
    assert answer.status == 200 and not [pair for pair in own if pair.encode() in answer.body], answer


@check("with a good cookie the application's own Authorization passes")
@pytest.mark.parametrize("address", ["/app/page", "/wiki/index.php"])
def test_authorization_of_the_applications_own(guarded, address):
    browser = guarded.signed_in()
    cookie = ("Cookie", browser.jar.header(address))
    for foreign in "Basic YWRhOnNlY3JldA==", "Bearer the-application-s-own":
        answer = guarded.ask("GET", address, [*PROGRAM.items(), cookie, ("Authorization", foreign)])
        assert answer.status == 200 and values(answer, "x-auth-user") == ["ada"], answer
        assert foreign in values(answer, "authorization"), answer
        dropped = guarded.ask("GET", "/app/drop/", [*PROGRAM.items(), cookie, ("Authorization", foreign)])
        assert dropped.status == 200 and not any(values(dropped, "authorization")), dropped
    both = guarded.ask("GET", address, [*PROGRAM.items(), cookie, *browser.bearer().items()])
    assert both.status == 200 and browser.access.encode() not in both.body, both


@check("an address arrives as it was sent, or not at all")
def test_the_same_address_arrives(guarded, record_property):
    browser = guarded.signed_in()
    refused = []
    for address in ("/app/a%2Fb", "/app/a%2fb/c", "/app//x", "/app/x//y", "/app/%7Euser", "/app/~user", "/app/a%20b",
                    "/app/x;jsessionid=1", "/app/a+b", "/app/a%2Bb", "/app/a%3Fb", "/app/%E6%97%A5", "/app/a?x=%2F//&y=a+b",
                    "/app/a%25b", "/app/a:b@c"):
        before = len(guarded.behind.asked)
        answer = guarded.ask("GET", address, [*PROGRAM.items(), ("Cookie", browser.jar.header("/app/"))])
        if answer.status == 200:
            assert answer.json()["target"] == address, (address, answer)
        else:
            assert answer.status in (400, 404) and guarded.behind.asked[before:] == [], (address, answer)
            refused.append(address)
    if refused:
        record_property("cell", "refuses " + ", ".join(sorted({part for part in ("%2F", "//", "%3F", "%25")
                                                               for address in refused if part in address.upper()})))


@check("uploads may be as large as the place allows")
def test_uploads(guarded, record_property):
    browser = guarded.signed_in()
    headers = {"Cookie": browser.jar.header("/app/"), "Sec-Fetch-Site": "same-origin"}
    for address in "/app/thing", "/wiki/index.php":
        answer = guarded.ask("POST", address, headers, b"x" * 5_000_000)
        assert answer.status == 200 and answer.json()["body"] == 5_000_000, answer
    small = guarded.ask("POST", "/app/small/", headers, b"x" * 2000)
    assert small.status == 200 and small.json()["body"] == 2000, small
    if guarded.kind.startswith("apache"):  # LimitRequestBody does not apply to proxied requests
        record_property("cell", "larger too, behind a proxy")
        return
    before = len(guarded.behind.asked)
    if guarded.kind.startswith("lighttpd"):  # says 413 and hangs up during the write
        record_property("cell", "else it hangs up")
        with contextlib.suppress(OSError):
            large = guarded.ask("POST", "/app/small/", headers, b"x" * 20_000)
            assert large.status == 413, large
        assert guarded.behind.asked[before:] == []
        return
    for chunked in False, True:
        before = len(guarded.behind.asked)
        large = guarded.ask("POST", "/app/small/", headers, b"x" * 20_000, chunked=chunked)
        assert large.status == 413 and guarded.behind.asked[before:] == [], large


@check("a stranger's large body is not waited for")
def test_a_strangers_body_is_not_waited_for(guarded, record_property):
    """Sends the head alone; the refusal comes all the same."""
    if guarded.kind.startswith("apache"):  # asks first, and answers after it has read it all
        record_property("cell", "it is thrown away first")
        answer = guarded.ask("POST", "/app/page", PROGRAM, b"x" * 3_000_000)
        assert answer.status == 401 and ("POST", "/app/page") not in guarded.behind.asked[-1:], answer
        return
    # Go, in which Caddy is written, reads this much of a body of unknown length before it answers.
    first = b"10000\r\n" + b"x" * 65536 + b"\r\n" if guarded.kind == "caddy" else b""
    if first:
        record_property("cell", "256 KiB")
    for address in "/app/page", "/wiki/index.php", "/files/a.txt":
        for length in "Content-Length: 500000000", "Transfer-Encoding: chunked":
            head = f"POST {address} HTTP/1.1\r\nHost: localhost:{guarded.port}\r\nAccept: application/json\r\n{length}\r\n\r\n"
            with guarded.https.raw() as connection:
                connection.sendall(head.encode())
                if length == "Transfer-Encoding: chunked":
                    connection.sendall(5 * first)
                assert connection.recv(4096).startswith(b"HTTP/1.1 401 "), (address, length)


@check("the application learns the site's scheme and the client's address")
@pytest.mark.shows("G14")
def test_scheme_and_address_are_told(guarded):
    browser = guarded.signed_in()
    claims = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example")]
    answer = guarded.ask("GET", "/app/page", [("Cookie", browser.jar.header("/app/")), *claims])
    assert answer.status == 200 and b"192.0.2.1" not in answer.body and b"evil.example" not in answer.body, answer
    assert values(answer, "x-forwarded-proto") == ["https"], answer
    assert values(answer, "x-forwarded-for") in (["127.0.0.1"], ["::1"]), answer
    assert values(answer, "host") == [f"localhost:{guarded.port}"], answer


@check("PHP gets the path after a script, and a front controller")
def test_php_has_its_path(guarded):
    browser = guarded.signed_in()
    for address, script, path in (("/wiki/index.php/some/page?x=1", "/wiki/index.php", "/some/page"),
                                  ("/wiki/sub/page.php/a%20b", "/wiki/sub/page.php", "/a b"),
                                  ("/front/index.php/x", "/front/index.php", "/x"),
                                  ("/front/any/page?x=1", "/front/index.php", ""), ("/front/", "/front/index.php", "")):
        answer = browser.send("GET", address, headers=NAVIGATION)
        assert answer.status == 200, (address, answer)
        told = answer.json()["server"]
        assert told["SCRIPT_NAME"] == script and told.get("PATH_INFO", "") == path, (address, answer)
        assert told["REQUEST_URI"] == address and told.get("QUERY_STRING", "") == address.partition("?")[2], (address, answer)
        assert told["SCRIPT_FILENAME"] == guarded.behind.path(script.lstrip("/")), (address, answer)
    assert browser.send("GET", "/front/style.css", headers=NAVIGATION).body.startswith(b"what only those")
    for address in "/wiki/note.txt/x.php", "/wiki/nothing.php":
        assert browser.send("GET", address, headers=NAVIGATION).status in (403, 404), address
    for address in "/front/any/page", "/front", "/front/index.php/x":
        assert not came_through(guarded.ask("GET", address, PROGRAM)), address


@check("no cache keeps pages; pictures and styles stay in the person's own browser")
def test_what_caches_may_keep(guarded):
    browser = guarded.signed_in()

    def control(address, headers=None):
        answer = browser.send("GET", address, headers=headers or {**NAVIGATION, "Sec-Fetch-Mode": "no-cors"})
        assert answer.status == 200, answer
        return [word.strip() for word in ",".join(answer.all("Cache-Control")).split(",")]
    for page in "/app/page.html", "/app/page.html?age=600", "/files/index.html":
        assert "no-store" in control(page, NAVIGATION), page
    for part in "/app/style.css", "/app/picture.png", "/front/style.css":
        told = control(part)
        assert "no-store" not in told and "private" in told and "no-cache" in told, (part, told)
        # A file that is viewed as a page, at an address of its own, is one.
        looked_at = control(part, {**NAVIGATION, "Sec-Fetch-Dest": "document"})
        assert "no-store" in looked_at and "private" in looked_at, (part, looked_at)
    told = control("/app/style.css?age=600")
    assert "private" in told and "max-age=600" in told and not {"no-store", "no-cache"} & set(told), told


@check("exceptions apply by path, address, method and network, and nowhere else")
def test_exceptions_hold_and_not_beside(guarded):
    claims = {**PROGRAM, "X-Auth-User": "forged", "X-Forwarded-For": "192.0.2.1"}
    for method, address in (("GET", "/app/open/x"), ("DELETE", "/app/open/x"), ("POST", "/app/hook/x"), ("GET", "/app/page.json")):
        answer = guarded.ask(method, address, claims)
        assert answer.status == 200 and not [value for value in values(answer, "x-auth-user") if value], (address, answer)
    for method, address in (("GET", "/app/hook/x"), ("DELETE", "/app/hook/x"), ("GET", "/app/far/x"), ("GET", "/app/page.json/x"),
                            ("GET", "/app/page.jsonx"), ("GET", "/app/openx"), ("GET", "/app/hookx")):
        answer = guarded.ask(method, address, claims)
        assert answer.status == 401 and not came_through(answer), (address, answer)
    ada = guarded.signed_in()
    for address in "/app/open/x", "/app/hook/x", "/app/far/x":  # known users are known there too
        assert values(ada.send("GET", address, headers=NAVIGATION), "x-auth-user") == ["ada"], address
    # An address for programs never asks a person to sign in again.
    answer = ada.send("GET", "/app/api/x", headers=NAVIGATION)
    assert answer.status == 401 and answer.error() == "unauthorized", answer
    assert guarded.ask("GET", "/app/api/x", {**PROGRAM, **ada.bearer()}).status == 200


@check("preflights from listed origins are answered, and reach no application")
@pytest.mark.parametrize("address", ["/app/page", "/app/open/x", "/wiki/index.php", "/files/a.txt"])
def test_preflights_reach_no_application(guarded, address):
    guarded.behind.application.asked.clear()
    asks = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-mine"}
    answer = guarded.ask("OPTIONS", address, {**asks, "Origin": ALLOWED})
    assert answer.status in (200, 204) and not came_through(answer), answer
    assert answer.all("Access-Control-Allow-Origin") == [ALLOWED] and answer.header("Access-Control-Allow-Methods") == "PUT"
    for headers in {**asks, "Origin": "https://evil.example"}, {**asks, "Origin": "null"}, {"Origin": "https://evil.example"}:
        answer = guarded.ask("OPTIONS", address, headers)
        assert not answer.all("Access-Control-Allow-Origin"), answer
    if "open" not in address:  # there an OPTIONS request that is not a preflight passes
        assert not guarded.behind.application.asked


@check("an address that could be read as one in another place is refused")
@pytest.mark.parametrize("address", [
    "/app/staff;a=b/x", "/app/x/..;/staff/x", "/app/x/..;a=b/staff/x", "/app/staff%3Ba/x", "/app/%2573taff/x",
    "/app/x%5C..%5Cstaff/x", "/app/x/%252e%252e/staff/x", "/app/open/..;/staff/x", "/app/open/..;/page"])
def test_an_address_of_two_places_is_refused(guarded, address):
    bob = guarded.signed_in("bob")
    answer = bob.send("GET", address, headers=NAVIGATION)
    assert 400 <= answer.status < 500 and answer.status != 401 and not came_through(answer), answer
    assert not came_through(guarded.ask("GET", address, PROGRAM))


@check("parameters and queries within a place pass")
@pytest.mark.parametrize("address", ["/app/x;jsessionid=1", "/app/x;a=staff/y", "/app/page?a=/app/staff;/..%5C"])
def test_parameters_within_a_place_pass(guarded, address):
    answer = guarded.signed_in("bob").send("GET", address, headers=NAVIGATION)
    assert answer.status == 200 and answer.json()["target"] == address, answer


@check("a password manager finds the account page")
def test_a_password_manager_finds_the_account_page(guarded):
    answer = guarded.ask("GET", "/.well-known/change-password", {})
    assert answer.status in (302, 303) and answer.header("Location").endswith("/auth/account"), answer


@check("pintle does not explain what the server itself refuses")
def test_the_servers_own_refusals(guarded):
    page = guarded.signed_in().send("GET", "/files/without/", headers=NAVIGATION)
    assert page.status in (403, 404) and b"has no access to this page" not in page.body, page


@check("only WebSockets are upgraded")
def test_only_websockets_are_upgraded(guarded):
    browser = guarded.signed_in()
    answer = guarded.ask("GET", "/app/page", {"Cookie": browser.jar.header("/app/"), "Upgrade": "h2c",
                                              "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABkAAQAAP__"})
    assert answer.status == 200 and not values(answer, "upgrade"), answer


@check("event streams flow at once")
def test_event_streams_flow_at_once(guarded):
    browser = guarded.signed_in()
    guarded.behind.seen.clear()
    head = f"GET /app/stream HTTP/1.1\r\nHost: localhost:{guarded.port}\r\nCookie: {browser.jar.header('/app/')}\r\n\r\n"
    with guarded.https.raw() as connection:
        connection.sendall(head.encode())
        said = b""
        while b"data: one" not in said:
            said += connection.recv(4096)
        guarded.behind.seen.set()
        while b"data: two" not in said:
            said += connection.recv(4096)


# ---- the web server's own sign-on

def sign_on_of(guarded, people):
    """The printed text with the modules that Debian's `a2enmod` switched on, and these users."""
    users = os.path.join(os.path.dirname(guarded.printed), "people")
    between = " " if guarded.kind == "caddy" else ":"
    with open(users, "w", encoding="utf-8") as lines:
        lines.writelines(name + between + made_by_htpasswd(password) + "\n" for name, password in people.items())
    give(users)
    text = guarded.text.replace("/etc/pintle/htpasswd", users)
    if guarded.kind == "apache":
        text = "".join(f"LoadModule auth{m}_module ${{modules}}/mod_auth{m}.so\n" for m in ("_basic", "n_file")) + text
    return text


def made_by_htpasswd(password):
    done = subprocess.run(["htpasswd", "-nbB", "-C", "4", "x", password], capture_output=True, text=True, check=True)
    return done.stdout.strip().partition(":")[2]


class SignOn(Guarded):
    PEOPLE = {"ada": "one", "Zoë": "two", "日本": "three"}

    def serve(self, text):
        super().serve(sign_on_of(self, self.PEOPLE))


@pytest.mark.plain
@pytest.mark.parametrize("kind", ["nginx", "apache", "lighttpd", "caddy"])
def test_the_servers_own_sign_on_opens_sessions_of_whatever_name(kind, certificates, behind):
    house = SignOn(kind, certificates, behind, identity="remote_user", remote_user_create="yes")
    try:
        def sign_on(name, password):
            basic = base64.b64encode(f"{name}:{password}".encode()).decode()
            return house.ask("POST", "/auth/login", {"Authorization": "Basic " + basic})
        for name, password in house.PEOPLE.items():
            answer = sign_on(name, password)
            assert answer.status == 200, (name, answer)
            told = house.ask("GET", "/app/page", {"Authorization": "Bearer " + answer.json()["access_token"]})
            assert [value.encode("latin-1") for value in values(told, "x-auth-user")] == [name.lower().encode()]
        # One wrong answer from each server is enough: lighttpd takes a second for it.
        wrong = ("日本", "two") if kind == "nginx" else ("bob", PASSWORD)
        assert sign_on(*wrong).status == 401, "the sign-on knows no such password, whatever pintle knows"
        named = [user["name"] for user in house.site.json("user", "list")["users"]]
        assert sorted(named) == sorted(["ada", "bob", "zoë", "日本", BEYOND_ASCII])
        assert len(house.site.json("session", "list")["sessions"]) == len(house.PEOPLE)
    finally:
        house.close()


# ---- the table

# Programs that verify tokens instead of asking are tried in test_gateways.py and
# test_gateway_rules.py.
VERIFIERS = ("nginx-njs", "nginx-njs-script", "kong", "aws-api-gateway", "aws-api-gateway-rest", "aws-lambda", "cloudfront", "cloudflare",
             "express")
# Gateways that ask by HTTP: test_haproxy.py, test_gateway_hop.py. The two that are not in Debian
# are held to their documents.
ASKERS = ("haproxy", "gateway-hop", "traefik", "envoy")


def test_every_kind_that_is_printed_is_tried(site):
    said = site.command("config", "nothing-like-it").stderr
    kinds = said.strip().rpartition("there are ")[2].replace("; for gateways and services ", ", ").split(", ")
    assert sorted(kinds) == sorted([*KINDS, *VERIFIERS, *ASKERS])


@pytest.mark.plain
@pytest.mark.last
def test_the_readme_holds_the_table():
    table.hold("servers", table.markdown(list(KINDS)))
