"""The gate behind HAProxy, which asks pintle by its own request: the printed text, really run."""

import pytest

from support.behind import came_through, told, values
from support.guarded import NAVIGATION, PROGRAM, Guarded

pytestmark = pytest.mark.sanitized

ALLOWED = "https://app.example.org"


class Gateway(Guarded):
    def serve(self, text):
        super().serve(text.replace("# The rest of the site: default_backend ...", "default_backend rest"))


@pytest.fixture(scope="module")
def gateway(certificates, behind):
    gateway = Gateway("haproxy", certificates, behind, allowed_origins=ALLOWED)
    yield gateway
    gateway.close()


@pytest.fixture
def ada(gateway):
    return gateway.signed_in()


def test_strangers_get_the_page_or_json_and_nothing_else(gateway):
    page = gateway.ask("GET", "/app/page?q=1", NAVIGATION)
    assert page.status == 401 and b'id="password"' in page.body and page.header("Content-Type").startswith("text/html")
    assert b'data-return="/app/page?q=1"' in page.body
    assert "no-store" in page.header("Cache-Control") and page.header("Content-Security-Policy")
    answer = gateway.ask("POST", "/app/page", PROGRAM, b"x" * 100000)
    assert answer.status == 401 and answer.error() == "unauthorized" and answer.all("WWW-Authenticate") == ["Bearer"]
    assert not came_through(page) and not came_through(answer)


def test_who_is_signed_in_is_told_to_the_application(gateway, ada):
    answer = ada.send("GET", "/app/staff/x?y=%2F", headers=NAVIGATION)
    assert answer.status == 200 and answer.json()["target"] == "/app/staff/x?y=%2F", answer
    assert values(answer, "x-auth-user") == ["ada"] and values(answer, "x-auth-groups") == ["staff"]
    assert values(answer, "x-auth-session") == [ada.sessions()[0]["id"]]
    assert "private" in answer.header("Cache-Control")
    body = ada.send("POST", "/app/page", body=b"y" * 100000, headers={"Sec-Fetch-Site": "same-origin"})
    assert body.status == 200 and body.json()["body"] == 100000
    bob = gateway.signed_in("bob").send("GET", "/app/staff/x", headers=NAVIGATION)
    assert bob.status == 403 and b"has no access to this page" in bob.body


def test_what_a_client_claims_reaches_nobody(gateway, ada):
    forged = {name: "forged" for name in ("X-Auth-User", "X_Auth_User", "x-auth.groups", "X-Auth_Session", "X-Auth-By",
                                          "X-Forwarded-User", "X-Original-Url", "Forwarded")}
    for address in "/app/page", "/app/open/x", "/elsewhere":
        answer = ada.send("GET", address, headers={**PROGRAM, **forged})
        assert answer.status == 200 and "forged" not in [value for _, value in told(answer)], answer
    # Nor does it change the question.
    headers = {**NAVIGATION, "X-Forwarded-Uri": "/app/open/x", "X-Forwarded-Method": "GET", "X-Original-Url": "/app/open/x"}
    assert gateway.ask("GET", "/app/page", headers).status == 401


def test_our_cookies_and_tokens_stop_there(gateway, ada):
    ours = ada.jar.header("/app/page")
    assert "pintle-gate" in ours and "pintle-device" in ours
    for address in "/app/page", "/app/open/x", "/elsewhere":
        # Odd spacing, twice, joined by a comma: every other cookie arrives as it came.
        answer = gateway.ask("GET", address, {**PROGRAM, "Cookie": f"a=1;{ours};  b = 2; a=3, __Host-pintle-gate=x;c"})
        assert values(answer, "cookie") == ["a=1;  b = 2; a=3;c"], answer
        assert gateway.ask("GET", address, {**PROGRAM, "Cookie": "only=1,2; d"}).status in (200, 401)
    bearer = gateway.ask("GET", "/app/page", {**PROGRAM, **ada.bearer()})
    assert values(bearer, "x-auth-user") == ["ada"] and not values(bearer, "authorization")
    own = {**PROGRAM, "Authorization": "Bearer of.its.own"}
    assert values(ada.send("GET", "/app/page", headers=own), "authorization") == ["Bearer of.its.own"]
    assert not values(ada.send("GET", "/app/drop/x", headers=own), "authorization")


def test_what_is_looked_at_as_a_page_is_kept_by_no_cache(ada):
    for fetched, kept in ({"Sec-Fetch-Dest": "document"}, "no-store"), ({"Sec-Fetch-Dest": "empty"}, "no-cache"):
        answer = ada.send("GET", "/app/page", headers={**PROGRAM, **fetched})
        assert answer.status == 200 and answer.header("Cache-Control") == "private, " + kept, answer.headers


def test_the_original_method_counts(gateway, ada):
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert ada.send("POST", "/app/page", headers=elsewhere, body=b"x").status == 403
    assert ada.send("GET", "/app/page", headers=elsewhere).status == 200
    socket = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
              "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-Fetch-Site": "cross-site"}
    assert ada.send("GET", "/app/page", headers=socket).status == 403
    assert ada.send("GET", "/app/page", headers={**socket, "Sec-Fetch-Site": "same-origin"}).status == 101


def test_preflights_are_answered_to_named_origins(gateway):
    asks = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-mine"}
    answer = gateway.ask("OPTIONS", "/app/page", {**asks, "Origin": ALLOWED})
    assert answer.status == 204 and answer.header("Access-Control-Allow-Origin") == ALLOWED
    assert answer.header("Access-Control-Allow-Methods") == "PUT" and not came_through(answer)
    answer = gateway.ask("OPTIONS", "/app/page", {**asks, "Origin": "https://evil.example"})
    assert not answer.all("Access-Control-Allow-Origin") and not came_through(answer)


def test_an_address_means_one_place(gateway, ada):
    bob = gateway.signed_in("bob")
    for address in ("/app/staff;a=b/x", "/app/x/..;/staff/x", "/app/%2573taff/x", "/app/x%5c..%5cstaff/x",
                    "/app/open/..;/staff/x", "/elsewhere/..;/app/page"):
        assert bob.send("GET", address, headers=PROGRAM).status == 400, address
        assert not came_through(gateway.ask("GET", address, PROGRAM)), address
    for address in "/%61pp/page", "//app/page", "/elsewhere/../app/page", "/./app/page":
        assert gateway.ask("GET", address, PROGRAM).status == 401, address
    for address in "/app/x;jsessionid=1", "/app/a%2Fb%7E", "/app/page?a=/app/staff;/":
        assert ada.send("GET", address, headers=PROGRAM).json()["target"] == address
    for address in "/app/open/x", "/elsewhere", "/else%20where;x=1", "/.well-known/acme-challenge/x":
        answer = gateway.ask("GET", address, PROGRAM)
        assert answer.status == 200 and answer.json()["target"] == address and not values(answer, "x-auth-user")


def test_a_logout_counts_at_once_and_nobody_passes_without_pintle(gateway):
    browser = gateway.signed_in()
    cookies = browser.jar.header("/app/page")
    assert browser.logout().status == 204
    assert gateway.ask("GET", "/app/page", {**PROGRAM, "Cookie": cookies}).status == 401
    gateway.site.stop()
    try:
        answer = gateway.ask("GET", "/app/page", {**PROGRAM, "Cookie": cookies})
        assert answer.status == 503 and not came_through(answer)
    finally:
        gateway.site.start()
