"""Each allocation of a request fails once: nothing is granted, no answer lost, all goes on."""

import collections
import os
import re
import time

import pytest

from support import fcgi
from support.allocations import Allocations
from support.process import wait_until
from support.site import PASSWORD
from support.storm import show

LONG = bool(os.environ.get("PINTLE_LONG"))
STEP = 1 if LONG else 7  # the ordinary run looks at every seventh
LIBFCGI = re.compile(r"fcgiapp\.c:\d+: Malloc: Assertion|fcgiapp\.c:\d+: .*: Assertion `.*!= \(\(void \*\)0\)' failed")

pytestmark = pytest.mark.plain


class Ordeal:
    """One worker that gets a request again and again, each time with another failing allocation."""

    def __init__(self, site):
        self.site = site
        self.worker = Allocations(site)
        self.worker.start()
        self.counts = collections.Counter()
        self.logged = 0

    def browser(self):
        browser = self.site.browser()
        assert browser.login("ada", PASSWORD).status == 200
        return browser

    def refreshes(self, jar):
        browser = self.site.browser()
        browser.jar = jar.copy()
        return browser.refresh().status

    def ask(self, browser, number, act):
        """The answer, or None if there was none; checks that only libfcgi has ended the worker."""
        answer = self.worker.ask(browser, number, act)
        if not self.worker.failed:
            return answer
        self.counts[str(answer.status) if answer else "no answer"] += 1
        if answer is None:
            wait_until("the worker answers", 30, self.site.healthy)
            self.look_at_the_end(number)
        return answer

    def look_at_the_end(self, number):
        """
        libfcgi asserts that memory is there while it reads a request, before any of it is
        processed: the worker ends, and another starts at once. That is the only end by a signal
        that is tolerated.
        """
        text = self.site.log_text()[self.logged:]
        self.logged += len(text)
        if "worker_died" in text:
            assert LIBFCGI.search(text) and '"signal":6' in text, (number, text[-6000:])
            self.counts["aborted by libfcgi"] += 1
            time.sleep(1.1)  # it lived long enough that the next one starts at once


# ---- the requests: each states what has to hold afterwards

def login(ordeal, number):
    browser = ordeal.site.browser()
    answer = ordeal.ask(browser, number, lambda b: b.login("ada", PASSWORD))
    if answer and answer.status == 200:
        assert ordeal.refreshes(browser.jar) == 200, number
    elif answer:
        assert answer.status >= 500 and browser.refresh_token() is None, (number, answer)
        assert b"access_token" not in answer.body, (number, answer)


def refresh(ordeal, number):
    browser = ordeal.browser()
    before = browser.jar.copy()
    answer = ordeal.ask(browser, number, lambda b: b.refresh())
    if answer and answer.status != 200:
        assert answer.status >= 500 and not answer.all("Set-Cookie"), (number, answer)
    # Whatever the result: a client that got the answer goes on, and so does one that lost it.
    for jar in (browser.jar, before):
        assert ordeal.refreshes(jar) == 200, (number, answer)


def logout(ordeal, number):
    browser = ordeal.browser()
    before = browser.jar.copy()
    answer = ordeal.ask(browser, number, lambda b: b.logout())
    if answer and answer.status == 204:
        assert ordeal.refreshes(before) == 403, number
    elif answer:
        assert answer.status >= 500 and not answer.all("Set-Cookie"), (number, answer)


def verify(ordeal, number):
    """With a token that was not seen before."""
    browser = ordeal.browser()
    answer = ordeal.ask(browser, number, lambda b: b.send("GET", "/auth/verify", headers=b.bearer()))
    assert answer is None or answer.status == 204 or answer.status >= 500, (number, answer)
    assert browser.send("GET", "/auth/verify", headers=browser.bearer()).status == 204, number


def verify_by_cookie(ordeal, number):
    browser = ordeal.browser()
    answer = ordeal.ask(browser, number, lambda b: b.send("GET", "/auth/verify"))
    assert answer is None or answer.status == 204 or answer.status >= 500, (number, answer)
    assert browser.send("GET", "/auth/verify").status == 204, number


def refused(ordeal, number):
    """Somebody who is signed out, at the gate: whatever fails, it does not open."""
    if not hasattr(ordeal, "out"):
        ordeal.out = ordeal.browser()
        ordeal.cookie = ordeal.out.jar.header("/auth/verify")
        assert ordeal.out.logout().status == 204
    answer = ordeal.ask(ordeal.out, number, lambda b: b.send("GET", "/auth/verify", headers=b.bearer(),
                                                             cookies=ordeal.cookie))
    assert answer is None or answer.status == 401 or answer.status >= 500, (number, answer)


def authorized(ordeal, number):
    """A stranger, asked about by a server with an authorizer: an empty answer would mean yes."""
    def ask(_):
        with fcgi.connect(ordeal.site.socket) as connection:
            connection.sendall(fcgi.encode(fcgi.params("GET", "/private/", {}, b""), role=fcgi.AUTHORIZER))
            return fcgi.decode(fcgi.read_all(connection))
    answer = ordeal.ask(None, number, ask)
    assert answer is None or answer.status in (401, 303) or answer.status >= 500, (number, answer)


ACTS = [login, refresh, verify, verify_by_cookie, refused, authorized, logout]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_each_allocation_may_fail(new_site, act):
    site = new_site(gate_cookie="yes", hand_out="1 min", quiet="2 min", sessions_per_user="20", threads="2")
    site.may_die = True  # see look_at_the_end
    site.add_user("ada")
    ordeal = Ordeal(site)
    act(ordeal, 0)
    last = ordeal.worker.counted
    for number in sorted({*range(1, last, STEP), *range(last - 3, last + 1)}):
        if LONG or number > 34 or not ordeal.counts["aborted by libfcgi"]:  # one is enough, each costs a second
            act(ordeal, number)
    while ordeal.worker.failed:
        number += 1
        act(ordeal, number)
    assert ordeal.worker.counted >= 30, "hardly anything was asked for"
    assert not LONG or sum(count for answer, count in ordeal.counts.items() if answer.startswith("50")) > 0
    assert "every record and every index is consistent" in site.run("check")
    assert "store_behind" not in site.run("log", "--json")
    show(f"allocations that fail, {act.__name__}", {"allocations": ordeal.worker.counted, **ordeal.counts})
