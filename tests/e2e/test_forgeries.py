"""Every known attack on a verifier, made with the site's own keys, at every place with a token.

Each row of support/forgeries.py gives the verdict that the log has to show: a token that is refused
for another reason was refused by accident.
"""

import base64
import json
import socket
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from support.forger import Forger
from support.forgeries import FORGERIES, GOOD
from support.site import PASSWORD, Site

PLACES = 4  # the places that get each token: /verify, /me, /introspect, /revoke


class Attacker(Forger):
    """Shows each forgery at every place, and reads what the log says of it."""

    def __init__(self, site):
        for alg in "EdDSA", "RS256", "ES256":
            site.run("key", "rotate", "--alg", alg)
        self.browser = site.browser()
        assert self.browser.login("ada", PASSWORD).status == 200
        super().__init__(site, self.browser.access)
        self.stranger = ec.generate_private_key(ec.SECP256R1())
        self.key_set = self.browser.send("GET", "/auth/jwks.json").body
        self.status_list = self.browser.send("GET", "/auth/status-list").body.decode()
        other = site.browser()
        assert other.login("bob", PASSWORD).status == 200
        self.other = Forger(site, other.access).claims
        credentials = "billing:" + site.json("service", "add", "billing")["secret"]
        self.basic = {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode(),
                      "Content-Type": "application/x-www-form-urlencoded"}
        self.log = open(site.log, encoding="utf-8")
        self.port = None

    def show(self, token, revoke=True):
        """What /verify, /me, /introspect and /revoke do with it: True for each that accepts it."""
        bare = self.site.browser()
        bearer = {"Authorization": "Bearer " + token}
        verify, me = (bare.send("GET", path, headers=bearer).status for path in ("/auth/verify", "/auth/me"))
        asked = bare.send("POST", "/auth/introspect", headers=self.basic, body=b"token=" + quote(token, "").encode())
        assert (verify, me) in ((204, 200), (401, 401)) and asked.status == 200, (verify, me, asked)
        assert asked.json()["active"] or asked.json() == {"active": False}
        taken = [verify == 204, me == 200, asked.json()["active"]]
        # A caller of /revoke learns nothing (RFC 7009, 2.2): a refusal shows in that the session
        # still lives.
        if revoke and not any(taken):
            answer = bare.send("POST", "/auth/revoke", headers=self.basic, body=b"token=" + quote(token, "").encode())
            assert answer.status == 200 and answer.body == b"", answer
        return taken

    def said(self):
        """What the log has said of refused tokens since the last question."""
        events = [json.loads(line) for line in self.log.readlines()]
        return [event.get("verdict") or event.get("reason") for event in events
                if event["event"] == "access_token_refused"]


@pytest.fixture(scope="module")
def attacker():
    site = Site({"gate_cookie": "yes", "log_level": "debug"})  # a line for each, however frequent
    try:
        site.add_user("ada")
        site.add_user("bob")
        site.start()
        attacker = Attacker(site)
        yield attacker
        attacker.log.close()
    finally:
        site.close()


@pytest.fixture
def bait(attacker):
    """An address that a header points to; the list shows who came to fetch from it."""
    came = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        attacker.port = listener.getsockname()[1]
        yield came
        try:
            while True:
                listener.accept()[0].close()
                came.append("somebody")
        except TimeoutError:
            pass
        assert came == []


@pytest.mark.shows("E01", "E02", "E03", "E04", "E05")
def test_every_forgery_is_refused_and_the_log_says_why(attacker, bait):
    wrong, shown = [], []
    for sentence, verdict, make in FORGERIES:
        token = make(attacker)
        shown.append(token)
        attacker.said()
        taken, said = attacker.show(token), attacker.said()
        if any(taken) or said != [verdict] * PLACES:
            wrong.append(f"{sentence}: {verdict} expected, taken {taken}, said {said}")
    assert wrong == [], "\n".join(wrong)
    assert all(attacker.show(attacker.token)), "nothing of it ended the session"
    print(f"\ncounts: {len(shown)} forged access tokens, each at {PLACES} places: all refused, each for its own reason")
    log = attacker.site.log_text()
    for token in shown:
        assert not any(len(part) >= 20 and part in log for part in token.split("."))


def test_what_is_no_forgery_is_taken(attacker):
    refused = [sentence for sentence, make in GOOD if not all(attacker.show(make(attacker)))]
    assert refused == []


@pytest.mark.shows("E12")
def test_no_token_stands_in_for_another_kind(attacker):
    browser, site = attacker.browser, attacker.site
    attacker.said()
    assert not any(attacker.show(browser.jar.value("refresh"), revoke=False))
    assert attacker.said() == ["malformed"] * 3
    refresh = next(name for name, _ in browser.jar.cookies if name.endswith("refresh"))
    gate = next(name for name, _ in browser.jar.cookies if name.endswith("gate"))
    device = next(f"{name}={value}" for (name, _), value in browser.jar.cookies.items() if name.endswith("device"))
    access, bare = browser.access, site.browser()
    for stranger in access, browser.jar.value("gate"), access.split(".")[2]:
        answer = bare.send("POST", "/auth/refresh", cookies=f"{device}; {refresh}={stranger}")
        assert answer.status == 403 and answer.error() == "invalid_refresh_token", answer
        assert answer.json()["reason"] == "bad_token" and not answer.all("Set-Cookie")
    for stranger in access, browser.refresh_token():
        answer = bare.send("GET", "/auth/verify", cookies=f"{gate}={stranger}")
        assert answer.status == 401 and answer.header("X-Auth-Reason") == "signed_out", answer
    assert site.log_text().count('"event":"refresh_refused"') == 3
    assert browser.refresh().status == 200, "none of it ended the session"
