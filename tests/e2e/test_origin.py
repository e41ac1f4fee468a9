"""Requests from other sites' pages, and CORS for the few that are listed."""

import pytest

from support.site import PASSWORD

FRIEND = "https://app.example.org"
UNSAFE = [("POST", "/auth/login"), ("POST", "/auth/refresh"), ("POST", "/auth/logout"),
          ("DELETE", "/auth/sessions"), ("POST", "/auth/password")]


@pytest.fixture
def site(new_site):
    site = new_site(allowed_origins=FRIEND)
    site.add_user("ada")
    site.start()
    return site


@pytest.fixture
def browser(site):
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    return browser


STRANGERS = {
    "a cross-site page": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "a sibling subdomain": {"Sec-Fetch-Site": "same-site", "Origin": "https://other.localhost"},
    "an old browser of another origin": {"Sec-Fetch-Site": None, "Origin": "https://evil.example"},
    "a sandboxed frame": {"Sec-Fetch-Site": None, "Origin": "null"},
    "an origin that ends like ours": {"Sec-Fetch-Site": None, "Origin": "https://evillocalhost"},
    "an origin that begins like ours": {"Sec-Fetch-Site": None, "Origin": "https://localhost.evil.example"},
    "our host by another scheme": {"Sec-Fetch-Site": None, "Origin": "http://localhost"},
    "a lookalike of a listed origin": {"Sec-Fetch-Site": "cross-site", "Origin": FRIEND + ".evil.example"},
}


@pytest.mark.parametrize("headers", STRANGERS.values(), ids=STRANGERS.keys())
@pytest.mark.shows("B02")
def test_a_stranger_s_page_changes_nothing(browser, headers):
    before = browser.refresh_token()
    for method, address in UNSAFE:
        payload = {"username": "ada", "password": PASSWORD} if address.endswith("login") else None
        answer = browser.send(method, address, payload, headers=headers)
        assert answer.status == 403 and answer.error() == "cross_origin", (address, answer)
        assert not answer.all("Set-Cookie") and answer.header("Access-Control-Allow-Origin") is None
    assert browser.refresh_token() == before
    assert len(browser.sessions()) == 1


@pytest.mark.parametrize("headers", [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": None, "Origin": "https://localhost"},
    {"Sec-Fetch-Site": None},
], ids=["our page", "typed into the address bar", "our page in an old browser", "no browser at all"])
def test_our_own_pages_and_programs_pass(browser, headers):
    assert browser.refresh(headers=headers).status == 200


@pytest.mark.shows("B03")
def test_a_listed_origin_gets_cors_headers_on_refusals_too(site, browser):
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": FRIEND}
    granted, refused = browser.refresh(headers=headers), browser.refresh(headers=headers, cookies="")
    assert (granted.status, refused.status) == (200, 401)
    for answer in granted, refused, browser.send("GET", "/auth/nowhere", headers=headers):
        assert answer.header("Access-Control-Allow-Origin") == FRIEND
        assert answer.header("Access-Control-Allow-Credentials") == "true"
        assert "Origin" in answer.header("Vary")
    exposed = refused.header("Access-Control-Expose-Headers")
    assert "Retry-After" in exposed and "WWW-Authenticate" in exposed


def test_a_preflight(browser):
    ask = {"Sec-Fetch-Site": "cross-site", "Access-Control-Request-Method": "DELETE",
           "Access-Control-Request-Headers": "authorization"}
    listed = browser.send("OPTIONS", "/auth/sessions", headers={**ask, "Origin": FRIEND})
    assert listed.status == 204
    assert "DELETE" in listed.header("Access-Control-Allow-Methods")
    assert "authorization" in listed.header("Access-Control-Allow-Headers").lower()
    other = browser.send("OPTIONS", "/auth/sessions", headers={**ask, "Origin": "https://evil.example"})
    assert other.header("Access-Control-Allow-Origin") is None
    assert other.header("Access-Control-Allow-Methods") is None
