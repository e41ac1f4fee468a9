"""The three services of www-examples/services in a row behind nginx, as a site would copy them.

One verifies by itself, one checks the status list as well, one asks; /verify stands for the
gateway.
"""

import concurrent.futures
import os
import re
import shutil
import threading
import time

import jwt
import pytest

from support.forger import Forger
from support.process import Process, free_port, listens, wait_until
from support.site import PASSWORD, TOP

pytestmark = pytest.mark.plain

EXAMPLES = os.path.join(TOP, "www-examples", "services")
NODE_MODULES = os.path.join(TOP, "tests", "e2e", "node_modules")
WORKERS = 3
STATUS_TTL, ACCESS_TTL = 2, 4  # seconds
SETTINGS = {"jwks_max_age": "1 s", "key_prepublish": "2 s", "access_ttl": f"{ACCESS_TTL} s", "hand_out": "2 s",
            "quiet": "1 s", "status_ttl": f"{STATUS_TTL} s"}
SERVICES = {"offline": "/orders", "current": "/stock", "asking": "/bills"}
PLACES = {**SERVICES, "/verify": "/auth/verify"}
GOOD = (200, 204)


class Services:
    """Each is a process of node, run from a copy of the examples."""

    def __init__(self, mount):
        self.ports = {str(port): str(free_port()) for port in (3001, 3002, 3003)}
        self.house = mount("nginx", WORKERS, inside=self.changed("nginx.conf"), **SETTINGS)
        self.site = self.house.site
        self.site.add_user("ada")
        self.site.add_user("bob")
        self.secret = self.site.json("service", "add", "billing")["secret"]
        self.folder = self.site.path("services")
        self.processes = []
        os.mkdir(self.folder)
        os.symlink(NODE_MODULES, os.path.join(self.folder, "node_modules"))
        shutil.copy(os.path.join(EXAMPLES, "package.json"), self.folder)
        self.write("secret", self.secret + "\n")
        self.write("pintle.mjs", self.site.run("config", "express"))
        for name in SERVICES:
            # As long as the site says, which here is less than usual.
            self.write(name + ".mjs", self.changed(name + ".mjs").replace("300_000", "1_000"))

    def changed(self, name):
        """An example with the ports of this run."""
        with open(os.path.join(EXAMPLES, name), encoding="utf-8") as example:
            return re.sub("300[123]", lambda port: self.ports[port.group()], example.read())

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
            out.write(text)

    def start(self):
        for name, port in zip(SERVICES, self.ports.values()):
            self.processes.append(Process(
                ["node", os.path.join(self.folder, name + ".mjs")], os.path.join(self.folder, name + ".log"), {
                    "ISSUER": self.house.origin + "/auth", "AUDIENCE": self.house.origin, "PORT": port,
                    "SERVICE": "billing", "SECRET_FILE": os.path.join(self.folder, "secret"),
                    "NODE_EXTRA_CA_CERTS": self.house.ca, "NODE_OPTIONS": "--dns-result-order=ipv4first"},
                account={}))  # the libraries may be where only their owner can look
        for process, port in zip(self.processes, self.ports.values()):
            process.wait_for(f"{process.argv[1]} listens", 30, lambda port=port: listens(int(port)))

    def stop(self):
        for process in self.processes:
            process.kill()

    def signed_in(self, name="ada"):
        browser = self.house.browser()
        assert browser.login(name, PASSWORD).status == 200
        return browser

    def ask(self, place, token):
        headers = {"Authorization": "Bearer " + token} if token else {}
        return self.house.browser().send("GET", PLACES[place], headers=headers)


@pytest.fixture(scope="module")
def services(mounted_once):
    services = Services(mounted_once)
    try:
        services.start()
        yield services
    finally:
        services.stop()


def test_each_takes_what_is_good_and_nothing_else(services):
    token = services.signed_in().access
    forger = Forger(services.site, token)
    bad = {
        "no token at all": "x",
        "expired": forger.of("ES256", iat=1, exp=2),
        "of another audience": forger.of("ES256", aud="https://other.example"),
        "of another issuer": forger.of("ES256", iss="https://other.example/auth"),
        "changed": token[:-8] + "AAAAAAAA",
        "of algorithm none": forger.make(forger.header_of(alg="none"), sign=lambda *_: b""),
        "by HMAC with the public key": forger.by_hmac(forger.public("pem")),
        "of another type": forger.make(forger.header_of(typ="JWT")),
        "a status list": services.house.browser().send("GET", "/auth/status-list").body.decode(),
        "a refresh token": services.signed_in().refresh_token(),
    }
    for name in SERVICES:
        answer = services.ask(name, token)
        assert answer.status == 200 and answer.json() == {"service": name, "user": "ada"}, (name, answer)
        answer = services.ask(name, "")
        assert answer.status == 401 and answer.header("WWW-Authenticate") == "Bearer", (name, answer)
        for what, one in bad.items():
            assert services.ask(name, one).status == 403, (name, what)
    log = services.site.log_text()
    assert services.secret not in log and token.split(".")[2] not in log


class Watched:
    """Presents a token to a place again and again, from a logout until it is refused there."""

    def __init__(self, services, place, token):
        self.services, self.place, self.token = services, place, token

    def refused(self):
        answer = self.services.ask(self.place, self.token)
        assert answer.status in (*GOOD, 401, 403), (self.place, answer)
        return answer.status not in GOOD

    def seconds(self, began, at_most):
        """Returns how long it took; after that every worker has to refuse it."""
        while not self.refused():
            assert time.monotonic() < began + at_most, f"{self.place}: not within {at_most} s"
            time.sleep(0.02)
        seconds = time.monotonic() - began
        assert all(self.refused() for _ in range(10 * WORKERS)), self.place
        return seconds


@pytest.mark.timed
def test_a_logout_reaches_each_as_soon_as_it_is_said(services):
    browser, other = services.signed_in(), services.signed_in("bob")
    watched = {name: Watched(services, name, browser.access) for name in PLACES}
    for name in PLACES:
        assert not watched[name].refused() and services.ask(name, other.access).status in GOOD
    end = jwt.decode(browser.access, options={"verify_signature": False})["exp"]
    began, left = time.monotonic(), end - time.time()
    assert browser.logout().status == 204
    # Nothing is forgiven here: the very next question has to be refused.
    assert watched["/verify"].refused() and watched["asking"].refused()
    found = {name: watched[name].seconds(time.monotonic(), 0) for name in ("/verify", "asking")}
    with concurrent.futures.ThreadPoolExecutor() as pool:
        within = {"current": STATUS_TTL + 1, "offline": left + 1}  # a second for the question itself
        slow = {name: pool.submit(watched[name].seconds, began, most) for name, most in within.items()}
        found.update({name: seconds.result() for name, seconds in slow.items()})
    assert found["offline"] > left - 0.1, "by itself it could not have known"
    assert services.ask("current", services.signed_in().access).status == 200
    print("\ncounts: from logout to refusal: /verify {/verify:.3f} s, introspection {asking:.3f} s, with the status "
          "list (ttl {} s) {current:.1f} s, without it (tokens of {} s) {offline:.1f} s".format(
              STATUS_TTL, ACCESS_TTL, **found))


class Tab(threading.Thread):
    """Refreshes, and presents the new token at every place, until it is told to stop."""

    def __init__(self, services, stop):
        super().__init__()
        self.services, self.stop = services, stop
        self.browser = services.signed_in()
        self.kids, self.refused, self.shown = [], [], 0

    def once(self):
        answer = self.browser.refresh()
        kid = jwt.get_unverified_header(self.browser.access)["kid"]
        if self.kids[-1:] != [kid]:
            self.kids.append(kid)
        answers = [answer, *(self.services.ask(place, self.browser.access) for place in PLACES)]
        self.shown += len(answers)
        self.refused += [answer for answer in answers if answer.status not in GOOD]

    def run(self):
        try:
            while not self.stop.is_set():
                self.once()
        except Exception as error:  # reported by the test, which looks at refused
            self.refused.append(repr(error))


def test_keys_follow_one_another_and_no_service_refuses(services):
    """Each keeps the key set for exactly its max-age; a token of an unknown key is refused."""
    stop = threading.Event()
    tabs = [Tab(services, stop) for _ in range(3)]
    for tab in tabs:
        tab.start()
    try:
        services.site.run("key", "rotate", "--alg", "EdDSA")
        wait_until("all tabs have a token of the new key", 20,
                   lambda: all(len(tab.kids) == 2 or tab.refused for tab in tabs))
        time.sleep(1)
    finally:
        stop.set()
        for tab in tabs:
            tab.join()
    assert [tab.refused for tab in tabs] == [[]] * 3
    shown = sum(tab.shown for tab in tabs)
    print(f"\ncounts: a key followed another: {shown} requests to four verifiers, none refused")
