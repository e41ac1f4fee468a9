"""Several workers on one store, and the command beside them."""

import json
import threading
import time

import pytest

from support.site import PASSWORD

WORKERS = 4


@pytest.fixture
def site(new_site):
    site = new_site(threads=2, hand_out="1 ms", quiet="2 s")
    site.add_user("ada")
    site.start(workers=WORKERS)
    return site


@pytest.mark.short
@pytest.mark.shows("D12")
def test_a_disabled_user_is_out_on_every_worker_and_stays_out(site):
    browsers = [site.browser() for _ in range(10)]
    for browser in browsers:
        assert browser.login("ada", PASSWORD).status == 200
    site.run("user", "disable", "ada")
    # Each asks more often than there are workers and threads; none of them may still believe that
    # the user exists.
    for browser in browsers:
        for _ in range(WORKERS):
            refused = browser.refresh()
            assert refused.status == 403 and refused.error() == "user_disabled", refused
            assert browser.send("GET", "/auth/me").status == 401
            assert browser.send("GET", "/auth/me", cookies="",
                                headers={"Authorization": "Bearer " + browser.access}).status == 401
    wrong, unknown = browsers[0].login("ada", PASSWORD), browsers[0].login("nobody", PASSWORD)
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body) == (401, wrong.body)

    site.run("user", "enable", "ada")
    assert [browser.refresh().status for browser in browsers] == [403] * len(browsers)
    assert site.browser().login("ada", PASSWORD).status == 200


def log_in_patiently(browser, **more):
    """A worker with too many passwords to hash says to come back soon, and a page does so."""
    answer = browser.login("ada", PASSWORD, **more)
    while answer.status == 503:
        assert answer.header("Retry-After") == "1", answer
        time.sleep(0.1)
        answer = browser.login("ada", PASSWORD, **more)
    return answer


@pytest.mark.short
def test_four_workers_and_the_command_at_once(site):
    """Logins, refreshes and logouts of many threads, while the command changes the store."""
    wrong = []

    def one_browser(number):
        try:
            for _ in range(3):
                browser = site.browser()
                assert log_in_patiently(browser, device=f"browser {number}").status == 200
                for _ in range(3):
                    assert browser.refresh().status == 200
                    assert any(session["current"] for session in browser.sessions())
                assert browser.logout().status == 204
                assert browser.refresh().status == 401
        except AssertionError as error:
            wrong.append(error)

    def the_command():
        try:
            for number in range(5):
                site.add_user(f"user{number}")
                site.json("session", "list")
                site.run("gc")
                site.json("stats")
                site.run("user", "delete", "--yes", f"user{number}")
        except AssertionError as error:
            wrong.append(error)

    threads = [threading.Thread(target=one_browser, args=(number,)) for number in range(12)]
    threads.append(threading.Thread(target=the_command))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong, wrong[0]
    assert len(site.worker_pids()) == WORKERS
    assert site.healthy()


def test_a_session_that_the_command_ends_is_explained(site):
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    sid = browser.sessions()[0]["id"]
    assert [session["id"] for session in site.json("session", "list")["sessions"]] == [sid]
    site.run("session", "revoke", sid)
    refused = browser.refresh()
    assert refused.error() == "session_revoked" and refused.json()["reason"] == "admin"
    assert "admin" in site.run("session", "why", sid)


@pytest.mark.shows("F02")
def test_the_log_keeps_no_secret(site):
    browser = site.browser()
    assert browser.login("ada", "not the right password").status == 401
    assert browser.login("ada", PASSWORD).status == 200
    first = browser.refresh_token()
    assert browser.refresh().status == 200
    browser.logout()
    said = site.log_text() + site.run("log", "--json")
    for line in site.log_text().splitlines():
        json.loads(line)
    for secret in PASSWORD, "not the right password", first, browser.access, browser.jar.value("device"), "$argon2":
        assert secret not in said


@pytest.mark.shows("F10")
def test_term_finishes_what_is_under_way(new_site):
    """TERM while logins are being hashed: they are answered, and the worker exits cleanly."""
    site = new_site(hashing_memory="19 MiB", hashing_passes="4", hashing_slots="2", threads=8)
    site.add_user("ada")
    site.start()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(site.browser().login("ada", PASSWORD).status))
               for _ in range(6)]
    for thread in threads:
        thread.start()
    site.wait_for_log('"event":"login"', 20)
    site.stop()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
