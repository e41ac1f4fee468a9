"""Nothing gets through: forged identity, tricks with paths, methods, headers; all servers."""

import contextlib
import re

import pytest

from support.behind import came_through, values
from support.browser import Kept
from support.guarded import NAVIGATION, PROGRAM
from support.site import PASSWORD
from support.table import check

# What a client may claim to be.
FORGED = [(spelling, value)
          for name, value in (("user", "root"), ("groups", "admins"), ("session", "forged"))
          for spelling in (f"X-Auth-{name.title()}", f"x-auth-{name}", f"X-AUTH-{name.upper()}", f"X_Auth_{name}",
                           f"X_AUTH_{name.upper()}", f"X-Auth_{name}", f"X_Auth-{name}")]
OTHERS = [("Remote-User", "root"), ("Remote_User", "root"), ("Auth-User", "root"), ("X.Auth.User", "root"),
          ("Variable-REMOTE_USER", "root"), ("Redirect-Remote-User", "root")]


def holds(answer):
    """The backend is told what is true, once each, and nothing of what was claimed."""
    assert values(answer, "x-auth-user") == ["ada"], answer
    assert values(answer, "x-auth-groups") == ["staff"], answer
    session, = values(answer, "x-auth-session")
    assert session != "forged", answer
    if answer.json()["behind"] == "php":
        assert answer.json()["server"]["REMOTE_USER"] == "ada", answer


@check("a forged identity reaches nobody, in any spelling, once or twice")
@pytest.mark.parametrize("address", ["/app/page", "/wiki/index.php"])
def test_forged_identity(guarded, address):
    browser = guarded.signed_in()
    own = [*NAVIGATION.items(), ("Cookie", browser.jar.header(address))]
    tries = [[claim] for claim in FORGED + OTHERS]
    tries += [[claim, claim] for claim in FORGED]
    tries += [FORGED + OTHERS]
    # Over one connection: what came with one request may not be in the next one either.
    with contextlib.closing(Kept(guarded.https)) as kept:
        for claims in tries:
            for headers in (own + claims, claims + own):
                answer = kept.get(address, headers)
                # A server may also refuse the whole request.
                assert answer.status in (200, 400), (claims, answer)
                if answer.status == 200:
                    holds(answer)
        for claims in tries:
            assert kept.get(address, claims).status in (400, 401), claims


# Ways to guarded addresses that look unguarded, and to unguarded ones that look guarded.
PATHS = """
/files/a.txt?/auth/login /files/a.txt#/auth/ /files/a.txt?x=/auth/health /files/a.txt;/auth/ /files/a.txt;.css
/files;/a.txt /files/;/a.txt /files/..;/files/a.txt /files/./a.txt /files/%2e/a.txt /files//a.txt //files/a.txt
///files///a.txt /%66iles/a.txt /%66%69les/%61.txt /files%2fa.txt /files%2Fa.txt /files/%61.txt /files/a%2etxt
/x/../files/a.txt /x/%2e%2e/files/a.txt /x/%2E%2E/files/a.txt /x/.%2e/files/a.txt /x/..%2ffiles/a.txt
/auth/../files/a.txt /auth/%2e%2e/files/a.txt /auth/..%2ffiles/a.txt /auth/..;/files/a.txt /auth//../files/a.txt
/auth/jwks.json/../../files/a.txt /auth/health/../../files/a.txt /.well-known/../files/a.txt
/.well-known/jwks.json/../../files/a.txt /.well-known/jwks.json%2f../../files/a.txt
/files/%zz /files/a.txt%zz /files/%zz/../a.txt /files/a.txt%00 /files/a.txt%20 /files/a.txt%0a /files/a.txt/
/files/a.txt/x /FILES/a.txt /Files/a.txt /files/\\a.txt /\\files/a.txt /files/..\\files/a.txt
/wiki/index.php/x /wiki/index.php/auth/login /wiki//index.php /wiki/./sub/page.php /wiki/sub/page.php%00.txt
/wiki/sub/../index.php /wiki/%69ndex.php /wiki/index%2ephp /wiki/index.php;x /wiki/index.PHP /wiki/index.php. /wiki/note.txt/x.php
/app/..%2fapp/page /%61pp/page //app/page /app//page /app/./page /app/%2e/page /app;x/page /app/%2e%2e/app/page
/app/staff/../page /_pintle_verify/app/ /_pintle_verify/files/ /files /wiki /app
""".split()


@check("no path leads around the gate: %2e%2e, //, ;, %zz, fragment, query")
def test_tricks_with_paths(guarded):
    for address in PATHS:
        for headers in NAVIGATION, PROGRAM:
            answer = guarded.ask("GET", address, headers)
            assert answer.status != 200 and not came_through(answer), (address, answer)


@check("no path leads around a demand for a group")
def test_tricks_with_paths_against_a_group(guarded):
    bob = guarded.signed_in("bob")
    own = {**NAVIGATION, "Cookie": bob.jar.header("/app/")}
    for address in """
        /app/%73taff/ /app//staff/ /app/./staff/ /app/x/../staff/ /app/x/%2e%2e/staff/ /app/x/..%2fstaff/
        //app/staff/ /app/staff /app/staff%2f /app/staff;x/ /app/;/staff/ /APP/staff/ /app/STAFF/ /app/%2fstaff/
        /wiki/%6eote.txt /wiki//note.txt //wiki/note.txt /wiki/./note.txt /app/../wiki/note.txt
        /app/%2e%2e/wiki/note.txt /app/..%2fwiki/note.txt /files/../wiki/note.txt /files/..%2fwiki/note.txt
        /app/..;/wiki/note.txt /files/%2e%2e/wiki/index.php /wiki/sub/%2e%2e/index.php
        /app/staff/../page /app/staff/%2e%2e/page /app/staff/..%2fpage /app//staff/../page
        """.split():
        before = len(guarded.behind.asked)
        answer = guarded.ask("GET", address, own)
        assert b"what only those may read" not in answer.body and b'"php"' not in answer.body, (address, answer)
        # The application gets the address that was judged: never the place that demands more.
        for _, target in guarded.behind.asked[before:]:
            assert not leads_to_staff(target), (address, target)


def leads_to_staff(target):
    """Whether an application that resolves the path by RFC 3986, or not, sees /app/staff/."""
    from posixpath import normpath
    from urllib.parse import unquote

    path = normpath(unquote(target.partition("?")[0])).replace("//", "/")
    return path == "/app/staff" or path.startswith("/app/staff/") or \
        re.sub("/+", "/", unquote(target)).startswith("/app/staff/")


@check("no method leads around the gate")
def test_methods(guarded):
    for address in "/app/page", "/wiki/index.php", "/files/a.txt":
        before = len(guarded.behind.asked)
        for method in "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get", "LOGIN":
            answer = guarded.ask(method, address, PROGRAM)
            assert answer.status in (400, 401, 403, 405, 501) and not came_through(answer), (method, answer)
        assert guarded.behind.asked[before:] == []


@check("another site's pages cannot use the gate cookie for unsafe requests, nor for a WebSocket")
def test_what_another_site_sends(guarded):
    browser = guarded.signed_in()
    cookie = {"Cookie": browser.jar.header("/app/")}
    stranger = {**cookie, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    old_stranger = {**cookie, "Origin": "https://evil.example"}
    before = len(guarded.behind.asked)
    for headers in stranger, old_stranger:
        for method in "POST", "PUT", "PATCH", "DELETE":
            for address in "/app/page", "/wiki/index.php":
                answer = guarded.ask(method, address, headers, b"x=1")
                assert answer.status == 403 and not came_through(answer), (method, answer)
        for method in "X-HTTP-Method-Override", "X-Method-Override":
            assert guarded.ask("POST", "/app/page", {**headers, method: "GET"}).status == 403
    assert guarded.behind.asked[before:] == []
    websocket = {**cookie, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for upgrade in "websocket", "WebSocket":
        for origin in ({"Origin": "https://evil.example"}, {"Origin": "null"},
                       {"Sec-Fetch-Site": "cross-site", "Origin": guarded.origin}):
            answer = guarded.ask("GET", "/app/socket", {**websocket, "Upgrade": upgrade, **origin})
            assert answer.status == 403, (upgrade, origin, answer)
    own = guarded.ask("GET", "/app/socket", {**websocket, "Origin": guarded.origin})
    assert own.status == 101, own
    link = guarded.ask("GET", "/app/page", {**stranger, **NAVIGATION, "Sec-Fetch-Site": "cross-site"})
    assert link.status == 200, link


def in_two_lines(name, *values):
    return [[(name, value) for value in order] for order in (values, values[::-1])]


@check("the order of repeated headers decides nothing: Sec-Fetch-Site, Origin, Cookie")
@pytest.mark.shows("B06")
def test_headers_in_two_lines(guarded):
    browser = guarded.signed_in()
    own = browser.jar.header("/auth/me").split("; ")
    whole = ("Cookie", "; ".join(own))
    for lines in in_two_lines("Sec-Fetch-Site", "same-origin", "cross-site") + \
            in_two_lines("Origin", guarded.origin, "https://evil.example"):
        answer = guarded.ask("DELETE", "/auth/sessions", [whole, *lines])
        assert answer.status in (400, 403), (lines, answer)
        answer = guarded.ask("POST", "/app/page", [whole, *lines], b"x=1")
        assert answer.status in (400, 401, 403) and not came_through(answer), (lines, answer)
    # Either all of them are seen, or none is believed, and the reason is logged.
    for lines in in_two_lines("Cookie", own[0], "; ".join(own[1:])) + in_two_lines("Cookie", "a=1", whole[1]):
        me, page = (guarded.ask("GET", address, lines) for address in ("/auth/me", "/app/page"))
        assert (me.status, page.status) in ((200, 200), (400, 401), (400, 400)), (lines, me, page)
        assert me.json()["user"]["name"] == "ada" if me.status == 200 else "Cookie" in me.json()["error_description"]
    # What another site of the domain wrote into a cookie of its own is not ours.
    planted = ("Cookie", f"a=x, __Host-pintle-device={'A' * 22}; {whole[1]}")
    assert guarded.ask("GET", "/auth/me", [planted]).json()["user"]["name"] == "ada"


@check("no client header opens or demands anything: User-Agent, PINTLE-MODE, forwarding")
@pytest.mark.shows("B11")
def test_headers_that_open_nothing(guarded):
    claims = [("User-Agent", agent) for agent in ("Googlebot/2.1", "kube-probe/1.29", "ELB-HealthChecker/2.0", "pintle")]
    claims += [(name, value) for name, value in (
        ("PINTLE-MODE", "deny"), ("PINTLE_MODE", "verify"), ("Pintle-Group", "staff"), ("PINTLE_GROUP", ""),
        ("PINTLE-MAX-AGE", "9999"), ("Pintle-Method", "GET"), ("Pintle-Uri", "/auth/login"),
        ("FCGI-ROLE", "RESPONDER"), ("Auth-Type", "Basic"), ("Authorization", "Basic cm9vdDpyb290"),
        ("X-Original-URL", "/auth/login"), ("X-Rewrite-URL", "/auth/login"), ("X-Forwarded-Uri", "/auth/login"),
        ("X-Forwarded-Method", "OPTIONS"), ("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"),
        ("X-Forwarded-User", "ada"), ("Proxy-Authorization", "Basic cm9vdDpyb290"), ("Content-Length", "0"),
        ("Connection", "close, X-Auth-User"), ("Connection", "close, Cookie"), ("Referer", guarded.origin + "/auth/"))]
    bob = guarded.signed_in("bob")
    own = [*PROGRAM.items(), ("Cookie", bob.jar.header("/app/"))]
    for claim in claims:
        for address in "/app/page", "/wiki/index.php", "/files/a.txt":
            answer = guarded.ask("GET", address, [claim, *PROGRAM.items()])
            assert answer.status in (400, 401) and not came_through(answer), (claim, answer)
        if claim[0] != "Authorization":
            answer = guarded.ask("GET", "/wiki/note.txt", [claim, *own])
            assert answer.status in (400, 401, 403) and not came_through(answer), (claim, answer)
    ada = guarded.signed_in()
    answer = guarded.ask("GET", "/app/page", [*PROGRAM.items(), ("Cookie", ada.jar.header("/app/")),
                                              ("Connection", "close, X-Auth-User, X-Auth-Groups, X-Auth-Session")])
    assert answer.status in (200, 400), answer
    if answer.status == 200:
        holds(answer)


@check("demands in the query mean nothing")
def test_demands_in_the_query(guarded):
    bob, ada = guarded.signed_in("bob"), guarded.signed_in()
    for query in ("group=", "group=staff", "group=nobody", "max_age=0", "max_age=99999", "PINTLE_GROUP=",
                  "PINTLE_MODE=deny", "PINTLE_MODE=verify&PINTLE_GROUP=", "group=staff&group=", "return=/auth/"):
        assert guarded.ask("GET", "/app/page?" + query, PROGRAM).status == 401
        refused = guarded.ask("GET", "/wiki/note.txt?" + query, {**PROGRAM, **bob.bearer()})
        assert refused.status == 403 and not came_through(refused), (query, refused)
        passed = ada.send("GET", "/wiki/note.txt?" + query, headers=NAVIGATION)
        assert passed.status == 200, (query, passed)


@check("the login page never repeats the address as markup")
def test_hostile_addresses_in_the_page(guarded):
    for address in ("/app/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", '/app/"><script>alert(1)</script>',
                    "/app/?x='\"><img/src=x>", "/app/?return=//evil.example", "/app/?a&amp;b"):
        answer = guarded.ask("GET", address, NAVIGATION)
        assert answer.status in (400, 401), answer
        assert b"<script>alert" not in answer.body and b"<img" not in answer.body
        if answer.status == 401:
            policy = answer.header("Content-Security-Policy")
            assert "frame-ancestors 'none'" in policy and "unsafe-inline" not in policy
    for target in "//evil.example/app/", "/\\evil.example", "https://evil.example/":
        form = ("username=ada&password=%s&return=%s" % (PASSWORD, target)).replace(" ", "+").encode()
        answer = guarded.ask("POST", "/auth/login", {"Content-Type": "application/x-www-form-urlencoded"}, form)
        assert answer.status == 303 and "evil" not in answer.header("Location"), answer
