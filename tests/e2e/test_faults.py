"""Each write and each sync fails once: no 200 is lost, nothing granted, nothing crashes."""

import collections

import pytest

from support.browser import Browser
from support.faults import KILLED, Broken, Faults, OverCgi
from support.site import PASSWORD
from support.storm import show

MANNERS = ["EIO", "ENOSPC", "short", "kill", "EIO+", "ENOSPC+"]  # with a plus: and all that follow

pytestmark = pytest.mark.plain


class Ordeal:
    """One site, on which an action is repeated, each time with a different fault."""

    def __init__(self, site):
        self.site = site
        self.faults = Faults(site)
        self.counts = collections.Counter()

    def browser(self, signed_in=True):
        browser = Browser(OverCgi(self.faults))
        if signed_in:
            assert browser.login("ada", PASSWORD).status == 200
        return browser

    def refreshes(self, jar):
        browser = self.browser(signed_in=False)
        browser.jar = jar.copy()
        return browser.refresh().status

    def with_fault(self, browser, fault, act):
        """The answer, or None if there was none, and whether the fault was met."""
        browser.transport.fault = fault
        try:
            answer = act(browser)
        except Broken:
            answer = None
        run = browser.transport.run
        assert run.status >= 0, run  # no signal ended it
        assert run.status != KILLED or "kill" in fault, run
        self.counts[str(answer.status) if answer else "no answer"] += 1
        return answer, bool(run.done)


# ---- the actions: each prepares a browser, does it, and states what has to hold afterwards

def login(ordeal, fault):
    browser = ordeal.browser(signed_in=False)
    answer, met = ordeal.with_fault(browser, fault, lambda b: b.login("ada", PASSWORD))
    if answer and answer.status == 200:
        assert ordeal.refreshes(browser.jar) == 200, fault  # it was not lost
    elif answer:
        assert answer.status >= 500 and browser.refresh_token() is None, (fault, answer)
        assert b"access_token" not in answer.body, (fault, answer)
    return met


def refresh(ordeal, fault):
    browser = ordeal.browser()
    before = browser.jar.copy()
    answer, met = ordeal.with_fault(browser, fault, lambda b: b.refresh())
    if answer and answer.status != 200:
        assert answer.status >= 500 and not answer.all("Set-Cookie"), (fault, answer)
    # Whatever the result: a client that got the answer goes on, and so does one that lost it.
    for jar in (browser.jar, before):
        assert ordeal.refreshes(jar) == 200, (fault, answer)
    return met


def logout(ordeal, fault):
    browser = ordeal.browser()
    before = browser.jar.copy()
    answer, met = ordeal.with_fault(browser, fault, lambda b: b.logout())
    if answer and answer.status == 204:
        assert ordeal.refreshes(before) == 403, fault
    elif answer:
        assert answer.status >= 500 and not answer.all("Set-Cookie"), (fault, answer)
    return met


def verify(ordeal, fault):
    """For somebody who is signed in, and for somebody who is no longer signed in."""
    if not hasattr(ordeal, "good"):
        ordeal.good, ordeal.bad = ordeal.browser(), ordeal.browser()
        assert ordeal.bad.logout().status == 204
    good, met = ordeal.with_fault(ordeal.good, fault, lambda b: b.send("GET", "/auth/verify", headers=b.bearer()))
    bad, also = ordeal.with_fault(ordeal.bad, fault, lambda b: b.send("GET", "/auth/verify", headers=b.bearer()))
    assert good is None or good.status == 204 or good.status >= 500, (fault, good)
    assert bad is None or bad.status == 401 or bad.status >= 500, (fault, bad)
    return met or also


def each(ordeal, act, manner):
    """One fault after another until a run meets none; returns how many were met."""
    met = 0
    while act(ordeal, f"{met + 1} {manner}"):
        met += 1
    return met


@pytest.fixture
def ordeal(new_site):
    site = new_site(hand_out="1 min", quiet="2 min", sessions_per_user="10000")
    site.add_user("ada")
    return Ordeal(site)


@pytest.mark.parametrize("act", [login, refresh, logout, verify], ids=lambda act: act.__name__)
def test_each_write_and_sync_may_fail(ordeal, act):
    for manner in MANNERS:
        ordeal.counts[f"{manner} met"] += each(ordeal, act, manner)
    assert "every record and every index is consistent" in ordeal.site.run("check")
    assert "store_behind" not in ordeal.site.run("log", "--json")
    show(f"writes and syncs that fail, {act.__name__}", ordeal.counts)
    assert act is verify or ordeal.counts["EIO met"] > 2
