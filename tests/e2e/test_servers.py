"""One story behind every web server, each started from exactly what `pintle config` prints for it.

Each check is a row of the table in the README, which the last test here holds to what was found:
PINTLE_README=write writes it there instead.
"""

import base64
import os
import subprocess
import time

import pytest

from support import table
from support.behind import values
from support.guarded import BEYOND_ASCII, KINDS, NAVIGATION, PROGRAM, Guarded
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


@check("a navigation finds the login page in place")
@pytest.mark.parametrize("address", BEHIND)
def test_a_navigation_finds_the_login_page_in_place(guarded, address):
    answer = guarded.ask("GET", address, NAVIGATION)
    assert answer.status == 401 and b'id="password"' in answer.body, answer
    assert answer.header("Content-Type").startswith("text/html")
    assert "no-store" in ",".join(answer.all("Cache-Control"))
    assert not answer.all("Location") and not answer.all("Set-Cookie")
    assert b'data-in-place=""' not in answer.body


@check("signed in, the same address is the page, which no cache keeps")
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


@check("the application and PHP are told who asks")
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
            # What Python's server gives out as Latin-1 PHP can write as JSON if it is UTF-8, and not otherwise.
            coding = "latin-1" if address == "/app/page" else "utf-8"
            for name in names:
                told = [value.encode(coding) for value in values(answer, name)]
                assert told == [BEYOND_ASCII.encode()], (address, name, told)


@check("a group that is wanted is wanted of pages, programs and files")
@pytest.mark.parametrize("address", ["/app/staff/", "/wiki/", "/wiki/index.php", "/wiki/note.txt"])
def test_who_is_not_of_the_group_is_refused(guarded, address):
    bob = guarded.signed_in("bob")
    page = bob.send("GET", address, headers=NAVIGATION)
    assert page.status == 403 and b"bob" in page.body and b"may not see this page" in page.body, page
    by_cookie = bob.send("GET", address, headers=PROGRAM)
    by_bearer = guarded.ask("GET", address, {**PROGRAM, **bob.bearer()})
    for answer in by_cookie, by_bearer:
        assert answer.status == 403 and answer.error() == "insufficient_scope", answer
    assert bob.send("GET", "/app/page", headers=NAVIGATION).status == 200


@check("a changed group counts at once")
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


@check("a place may want a fresh login")
def test_a_login_that_is_too_old_is_asked_for_again(guarded):
    browser, since = guarded.long_ago
    time.sleep(max(0, since + 2.1 - time.monotonic()))
    assert guarded.signed_in().send("GET", "/app/fresh/", headers=NAVIGATION).status == 200
    page = browser.send("GET", "/app/fresh/", headers=NAVIGATION)
    assert page.status == 401 and b"fresh sign-in" in page.body and b'data-silent=""' in page.body, page
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


@check("methods, large and chunked bodies reach what is guarded")
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
    if guarded.kind == "caddy":  # gives PHP no end of such a body, so the configuration refuses it
        record_property("cell", "411")
        assert answer.status == 411, answer
    else:
        assert answer.status == 200 and answer.json()["body"] == 90_000, answer


@check("after logout the guarded page is refused at once")
@pytest.mark.parametrize("address", ["/app/page", "/wiki/index.php", "/files/a.txt"])
def test_logout_counts_at_once(guarded, address):
    browser = guarded.signed_in()
    cookies, token = browser.jar.header(address), browser.bearer()
    assert guarded.ask("GET", address, {**NAVIGATION, "Cookie": cookies}).status == 200
    assert guarded.ask("GET", address, {**PROGRAM, **token}).status == 200
    assert browser.logout().status == 204
    assert not browser.jar.value("gate")
    assert guarded.ask("GET", address, {**NAVIGATION, "Cookie": cookies}).status == 401
    assert guarded.ask("GET", address, {**PROGRAM, **token}).status == 401


@check("the key set and the health are there for everybody")
def test_what_is_public(guarded):
    for address in "/.well-known/jwks.json", "/auth/jwks.json":
        answer = guarded.ask("GET", address)
        assert answer.status == 200 and answer.json()["keys"], answer
        assert "max-age" in answer.header("Cache-Control")
    assert guarded.ask("GET", "/auth/health").json() == {"status": "ok"}


# ---- the web server's own sign-on

def sign_on_of(guarded, people):
    """What is printed for it, with the modules that Debian has switched on by `a2enmod`, and these people."""
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
        # Of each server one wrong answer is enough: lighttpd takes a second for it.
        wrong = ("日本", "two") if kind == "nginx" else ("bob", PASSWORD)
        assert sign_on(*wrong).status == 401, "the sign-on knows no such password, whatever pintle knows"
        named = [user["name"] for user in house.site.json("user", "list")["users"]]
        assert sorted(named) == sorted(["ada", "bob", "zoë", "日本", BEYOND_ASCII])
        assert len(house.site.json("session", "list")["sessions"]) == len(house.PEOPLE)
    finally:
        house.close()


# ---- the table

# What verifies tokens instead of asking is tried in test_gateways.py and test_gateway_rules.py.
VERIFIERS = ("nginx-njs", "nginx-njs-script", "kong", "aws-api-gateway", "aws-lambda", "cloudfront", "cloudflare",
             "express")


def test_every_kind_that_is_printed_is_tried(site):
    said = site.command("config", "nothing-like-it").stderr
    kinds = said.strip().rpartition("there are ")[2].replace("; for gateways and services ", ", ").split(", ")
    assert sorted(kinds) == sorted([*KINDS, *VERIFIERS])


@pytest.mark.plain
@pytest.mark.last
def test_the_readme_holds_the_table():
    table.hold("servers", table.markdown(list(KINDS)))
