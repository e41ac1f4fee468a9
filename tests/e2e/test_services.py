"""Services that ask instead of verifying: introspection and revocation, by curl, real servers."""

import json
import subprocess

import pytest

from support.site import PASSWORD

WORKERS = 3


class Service:
    """A program with credentials of its own, which asks by curl."""

    def __init__(self, house, name="billing"):
        self.house = house
        self.name = name
        self.secret = house.site.json("service", "add", name)["secret"]

    def ask(self, path, token, *arguments):
        """Status and body."""
        done = subprocess.run(
            ["curl", "-sS", "--cacert", self.house.ca, "-w", "\n%{http_code}", "--data-urlencode", f"token={token}",
             *arguments, f"https://localhost:{self.house.server.port}/auth/{path}"],
            capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def introspect(self, token):
        status, body = self.ask("introspect", token, "-u", f"{self.name}:{self.secret}")
        assert status == 200, body
        return json.loads(body)

    def revoke(self, token):
        return self.ask("revoke", token, "-u", f"{self.name}:{self.secret}")

    def expect_dead(self, token):
        """Asks often enough to have asked every worker."""
        for _ in range(2 * WORKERS):
            assert self.introspect(token) == {"active": False}


@pytest.fixture(params=["nginx", "apache-proxy", "apache-cgi", pytest.param("lighttpd-cgi", marks=pytest.mark.plain)])
def house(request, mounted):
    house = mounted(request.param, workers=WORKERS)
    house.site.add_user("ada")
    return house


def signed_in(house):
    browser = house.browser()
    assert browser.login("ada", PASSWORD).status == 200
    return browser


@pytest.mark.short
@pytest.mark.shows("D11", "D12")
def test_a_logout_is_seen_by_the_next_question(house):
    service, browser, other = Service(house), signed_in(house), signed_in(house)
    told = service.introspect(browser.access)
    assert told["active"] is True and told["username"] == "ada" and told["iss"] == house.origin + "/auth"
    assert service.introspect(other.access)["active"] is True
    assert browser.logout().status == 204
    service.expect_dead(browser.access)
    assert service.introspect(other.access)["active"] is True
    house.site.run("user", "disable", "ada")
    service.expect_dead(other.access)


@pytest.mark.shows("D11", "D16")
def test_a_service_ends_a_session_by_either_token(house):
    service = Service(house)
    for token_of in (lambda browser: browser.access), (lambda browser: browser.refresh_token()):
        browser = signed_in(house)
        token = token_of(browser)
        assert service.revoke(token) == (200, "")
        service.expect_dead(browser.access)
        refused = browser.refresh()
        assert refused.status == 403 and refused.json()["reason"] == "service", refused
        assert service.revoke(token) == (200, "")
    assert service.revoke("nothing") == (200, "")
    assert service.introspect(signed_in(house).refresh_token()) == {"active": False}


@pytest.mark.shows("E11")
def test_only_a_service_is_answered(house):
    service, browser = Service(house), signed_in(house)
    for path in "introspect", "revoke":
        for credentials in (), ("-u", f"billing:{service.secret}x"), ("-u", f"shop:{service.secret}"), (
                "-u", f"ada:{PASSWORD}"), ("-H", f"Authorization: Bearer {browser.access}"):
            status, body = service.ask(path, browser.access, *credentials)
            assert status == 401 and json.loads(body)["error"] == "invalid_client", body
    assert service.introspect(browser.access)["active"] is True
    assert service.secret not in house.site.log_text()
    house.site.run("service", "remove", "billing", "--yes")
    assert service.revoke(browser.access)[0] == 401
