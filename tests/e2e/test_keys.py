"""Signing keys succeed one another under load, and every worker refuses a leaked one."""

import base64
import re
import threading
import time

import jwt
import pytest

from support.process import wait_until
from support.site import PASSWORD

WORKERS = 3
MAX_AGE = 1  # of the key set, seconds
SHORT = {"jwks_max_age": f"{MAX_AGE} s", "key_prepublish": "3 s", "access_ttl": "6 s", "hand_out": "3 s",
         "quiet": "2 s"}


def start(new_site, **settings):
    site = new_site(**settings)
    site.add_user("ada")
    site.start(WORKERS)
    return site


def signed_in(site):
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    return browser


class Service:
    """Verifies for itself; fetches the key set again when max-age has passed, and never before."""

    def __init__(self, site):
        self.site = site
        self.keys = {}
        self.good_until = 0.0

    def fetch(self):
        answer = self.site.browser().send("GET", "/auth/jwks.json")
        assert answer.status == 200, answer
        max_age = int(re.search(r"max-age=(\d+)", answer.header("Cache-Control")).group(1))
        assert max_age == MAX_AGE
        self.good_until = time.monotonic() + max_age
        self.keys = {key["kid"]: (jwt.PyJWK.from_dict(key).key, key["alg"]) for key in answer.json()["keys"]}

    def verify(self, token):
        """The key that the token names; raises if it is not known, or the token is not good."""
        if time.monotonic() >= self.good_until:
            self.fetch()
        kid = jwt.get_unverified_header(token)["kid"]
        key, alg = self.keys[kid]
        jwt.decode(token, key, algorithms=[alg], issuer="https://localhost/auth",
                   audience="https://localhost")
        return kid


class Tab(threading.Thread):
    """Refreshes, and shows the new token to a service and to the guard, until it is stopped."""

    def __init__(self, site, stop):
        super().__init__()
        self.browser = signed_in(site)
        self.service = Service(site)
        self.stop = stop
        self.kids = []
        self.refused = []

    def run(self):
        try:
            while not self.stop.is_set():
                self.once()
        except Exception as error:  # reported by the test, which looks at refused
            self.refused.append(repr(error))

    def once(self):
        answer = self.browser.refresh()
        if answer.status != 200:
            self.refused.append(answer)
        kid = self.service.verify(self.browser.access)
        if kid not in self.kids:
            self.kids.append(kid)
        answer = self.browser.send("GET", "/auth/verify", headers=self.browser.bearer())
        if answer.status != 204:
            self.refused.append(answer)
        time.sleep(0.01)


def key_in_use(site, use):
    return next((key for key in site.keys() if key["use"] == use), None)


@pytest.mark.short
@pytest.mark.shows("E08")
def test_keys_follow_one_another_and_nobody_is_refused(new_site):
    site = start(new_site, **SHORT)
    stop = threading.Event()
    tabs = [Tab(site, stop) for _ in range(4)]
    expected = [key_in_use(site, "signs")["kid"]]
    for tab in tabs:
        tab.start()
    try:
        for alg in "EdDSA", "ES256":
            site.run("key", "rotate", "--alg", alg)
            expected.append(key_in_use(site, "waits")["kid"])
            wait_until("all tabs have a token of the new key", 20,
                       lambda: all(tab.kids[-1:] == expected[-1:] or tab.refused for tab in tabs))
    finally:
        stop.set()
        for tab in tabs:
            tab.join()
    for tab in tabs:
        assert tab.refused == []
        assert tab.kids == expected


def is_active(site, secret, token):
    asking = "Basic " + base64.b64encode(f"billing:{secret}".encode()).decode()
    answers = {site.browser().send("POST", "/auth/introspect", body=f"token={token}".encode(), headers={
        "Authorization": asking, "Content-Type": "application/x-www-form-urlencoded"}).json()["active"] for _ in range(5 * WORKERS)}
    assert len(answers) == 1
    return answers.pop()


def verdicts(site, browser):
    """The answers to several times as many questions as there are workers."""
    return {browser.send("GET", "/auth/verify", headers=browser.bearer()).status for _ in range(20 * WORKERS)}


@pytest.mark.short
@pytest.mark.shows("E09")
def test_a_revoked_key_is_refused_by_every_worker(new_site):
    site = start(new_site)
    browser = signed_in(site)
    secret = site.json("service", "add", "billing")["secret"]
    assert verdicts(site, browser) == {204}
    assert is_active(site, secret, browser.access) is True
    old = key_in_use(site, "signs")["kid"]
    site.run("key", "revoke", old, "--now")
    assert verdicts(site, browser) == {401}
    assert is_active(site, secret, browser.access) is False
    assert f'"kid":"{old}"' in site.run("log", "--kind", "key_revoked", "--json")
    # The session goes on, with a token of the new key.
    assert browser.refresh().status == 200
    assert jwt.get_unverified_header(browser.access)["kid"] == key_in_use(site, "signs")["kid"] != old
    assert verdicts(site, browser) == {204}
    assert "keys_not_read" not in site.log_text()


@pytest.mark.shows("E10")
def test_the_metadata_lead_to_the_keys(new_site):
    site = start(new_site)
    root, mount = (site.browser().send("GET", path) for path in (
        "/.well-known/oauth-authorization-server/auth", "/auth/.well-known/openid-configuration"))
    assert root.status == mount.status == 200 and root.body == mount.body
    metadata = root.json()
    assert metadata["issuer"] == "https://localhost/auth"
    assert all(value for value in metadata.values())
    assert "token_endpoint" not in metadata
    keys = site.browser().send("GET", metadata["jwks_uri"].removeprefix("https://localhost"))
    assert [key["kid"] for key in keys.json()["keys"]] == [key_in_use(site, "signs")["kid"]]
