"""A new master key: it signs nobody out, unless the old one leaked."""

import json
import os

from support import fcgi
from test_otp import early_in_a_step, enrol, login, oathtool, STEP


def files(site):
    return sorted(name for name in os.listdir(site.path("state", "keys")) if name.startswith("master"))


def gate(browser, site):
    """What the gate answers to a navigation with the gate cookie alone."""
    value = browser.jar.value("gate")
    return fcgi.ask(site.socket, "GET", "/auth/verify", {"Cookie": f"__Host-pintle-gate={value}"}).status


def test_tokens_of_the_old_key_are_taken_until_their_sessions_end(new_site):
    site = new_site(gate_cookie="yes", hand_out="100 ms", quiet="100 ms")
    site.add_user("ada")
    site.add_user("eve")
    site.start(workers=2)
    now = early_in_a_step()
    secret, codes = enrol(site, now - STEP)
    browser, idle = site.browser(), site.browser()
    assert browser.login("eve", "correct horse battery staple").status == 200
    assert idle.login("eve", "correct horse battery staple").status == 200
    assert gate(browser, site) == 204
    kept = browser.jar.value("gate")

    told = site.run("key", "master")
    assert "a new master key" in told and "1 second factor was sealed again" in told, told
    assert files(site) == ["master.key", "master.old.key"]
    assert [event["event"] for event in events(site)][-1] == "master_key_made"
    # Gate cookie and refresh token of the old key, and those of the new one that the refresh
    # brings.
    assert gate(browser, site) == 204
    old = browser.refresh_token()
    assert browser.refresh().status == 200 and browser.refresh_token() != old
    assert browser.jar.value("gate") != kept and gate(browser, site) == 204
    assert login(site, oathtool(secret, now)).status == 200
    # No third key is made while the old one is accepted, and it is not forgotten while one of its
    # sessions lives.
    told = site.command("key", "master")
    assert told.returncode == 1 and "still accepted" in told.stderr, told
    assert "forgotten" not in site.run("gc")
    # The sessions that began before it end: now nothing of it can be presented any more.
    site.run("session", "revoke", "--all")
    assert "forgotten" in site.run("gc")
    assert files(site) == ["master.key"]
    assert login(site, codes[0]).status == 200
    assert login(site, oathtool(secret, now + STEP)).status == 200, "sealed anew, the old key is not wanted"
    assert "second factors" not in site.run("check")
    site.run("key", "master")


def events(site):
    return [json.loads(line) for line in site.run("log", "--json").splitlines()]


def test_a_key_that_leaked_ends_everything_at_once(new_site):
    site = new_site(gate_cookie="yes")
    site.add_user("ada")
    site.start(workers=2)
    now = early_in_a_step()
    secret, _ = enrol(site, now - STEP)
    browser = site.browser()
    assert login(site, oathtool(secret, now), browser).status == 200
    browser.access = browser.refresh().json()["access_token"]
    # Even where another had just been made in the ordinary way.
    site.run("key", "master")
    told = site.run("key", "master", "--leaked", "--yes")
    assert "2 sessions were ended" in told and "sealed again" in told, told
    assert files(site) == ["master.key"]
    assert gate(browser, site) == 401
    assert fcgi.ask(site.socket, "GET", "/auth/verify", browser.bearer()).status == 401
    assert browser.refresh().status in (401, 403)
    assert login(site, oathtool(secret, now + STEP)).status == 200
