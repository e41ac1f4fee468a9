"""Guessing: at one instant, from many addresses, at many accounts; over workers and CGI runs."""

import asyncio
import itertools
import json
import re
import subprocess
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import fcgi
from support.process import unprivileged
from support.site import PASSWORD

LIMITS = {"account_tries": "10", "device_tries": "30", "address_tries": "30"}
WRONG = "this is not the password"


@pytest.fixture
def limited(new_site):
    site = new_site(proxies="127.0.0.1", usernames="unicode", **LIMITS)
    site.add_user("ada")
    site.add_user("zoë")
    site.start(workers=3)
    return site


def login(password, name="ada", address="198.51.100.1", cookie=""):
    """Headers and body of a try from an address, which the proxy in front reports."""
    headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
    if cookie:
        headers["Cookie"] = cookie
    return headers, fcgi.json_bytes({"username": name, "password": password})


def try_once(site, *arguments, **more):
    headers, body = login(*arguments, **more)
    return fcgi.ask(site.socket, "POST", "/auth/login", headers, body, timeout=30)


def all_at_once(site, tries):
    """Statuses of simultaneous tries: every connection is open before the first byte is sent."""
    async def one(gate, headers, body):
        reader, writer = await asyncio.open_unix_connection(site.socket)
        await gate.wait()
        writer.write(fcgi.encode(fcgi.params("POST", "/auth/login", headers, body), body))
        answer = fcgi.decode(await reader.read())
        writer.close()
        return answer

    async def run():
        gate = asyncio.Event()
        tasks = [asyncio.create_task(one(gate, *a_try)) for a_try in tries]
        await asyncio.sleep(0.2)
        gate.set()
        return await asyncio.gather(*tasks)
    return asyncio.run(run())


def statuses(answers):
    counted = {}
    for answer in answers:
        counted[answer.status] = counted.get(answer.status, 0) + 1
    return counted


def known_device(site, name="ada"):
    browser = site.browser()
    assert browser.login(name, PASSWORD).status == 200
    browser.logout()
    return browser.jar.header("/auth/login")


def logged(site, event):
    return len(re.findall(f'"event":"{event}"', site.log_text()))


@pytest.mark.short
@pytest.mark.shows("A12")
def test_a_hundred_wrong_and_twenty_right_at_one_instant(limited):
    cookie = known_device(limited)
    wrong = [login(WRONG, address=f"198.51.100.{n}") for n in range(100)]
    right = [login(PASSWORD, address=f"203.0.113.{n}", cookie=cookie) for n in range(20)]
    mixed = [a_try for six in zip(*[iter(wrong)] * 5, right) for a_try in six]
    answers = all_at_once(limited, mixed)
    # Every sixth one was right, on the device that had signed in before: none of them was turned
    # away.
    assert statuses(answers[5::6]) == {200: 20}
    others = [answer for n, answer in enumerate(answers) if n % 6 != 5]
    assert statuses(others) == {401: 10, 429: 90}
    # Each processed try leaves a line that says how it ended: no more than the limit was hashed.
    assert logged(limited, "login_failed") == 10
    # Those that are not processed leave none of their own: each limit that is met has a line a
    # minute, which counts them.
    assert 1 <= logged(limited, "login_limited") <= 2
    # The right password from anywhere else is not processed, and waits as long as it is told to.
    answer = try_once(limited, PASSWORD, address="192.0.2.9")
    assert answer.status == 429 and answer.json()["error"] == "too_many_requests"
    assert 55 <= int(answer.header("Retry-After")) <= 60


@pytest.mark.plain
@pytest.mark.shows("A09")
def test_two_hundred_addresses_at_one_account(limited):
    answers = [try_once(limited, WRONG, address=f"198.51.{n // 100}.{n % 100}") for n in range(200)]
    assert statuses(answers) == {401: 10, 429: 190}
    events = limited.run("log", "--json", "--kind", "login_limited").splitlines()
    assert 1 <= len(events) <= 2, "a flood is told of once a minute"


@pytest.mark.plain
@pytest.mark.shows("G06")
def test_made_up_tickets_write_nothing(limited):
    """They count for the address, and then are not processed; there is no event for each."""
    def events():
        return [json.loads(line) for line in limited.run("log", "--json").splitlines()]
    before = events()
    lines = limited.log_text().count("\n")

    def try_ticket(n):
        headers, body = login(WRONG)[0], fcgi.json_bytes({"ticket": f"{n:06}" * 25, "otp": "123456"})
        return fcgi.ask(limited.socket, "POST", "/auth/login", headers, body, timeout=30)
    assert statuses([try_ticket(n) for n in range(300)]) == {401: 30, 429: 270}
    after = events()[len(before):]
    assert [event["event"] for event in after] == ["login_limited"], after
    assert limited.log_text().count("\n") - lines <= 32


@pytest.mark.plain
@pytest.mark.shows("A10")
def test_one_address_at_five_hundred_accounts(limited):
    answers = [try_once(limited, WRONG, name=f"user{n}") for n in range(500)]
    assert statuses(answers) == {401: 30, 429: 470}
    assert try_once(limited, PASSWORD, address="192.0.2.9").status == 200


def try_by_form(site, name, address, escape=urllib.parse.quote):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": address}
    body = f"username={escape(name)}&password={urllib.parse.quote_plus(WRONG)}&return=%2F"
    return fcgi.ask(site.socket, "POST", "/auth/login", headers, body.encode(), timeout=30)


def try_in_utf_8(site, name, address):
    headers, _ = login(WRONG, address=address)
    body = json.dumps({"username": name, "password": WRONG}, ensure_ascii=False)
    return fcgi.ask(site.socket, "POST", "/auth/login", headers, body.encode(), timeout=30)


@pytest.mark.plain
@pytest.mark.shows("A11")
def test_all_spellings_are_one_and_nobody_is_like_somebody(limited):
    spellings = ["ada", "Ada", "ADA", "aDa"]
    for n in range(10):
        assert try_once(limited, WRONG, name=spellings[n % 4], address=f"198.51.100.{n}").status == 401
    page = try_by_form(limited, "ada", "192.0.2.1", lambda name: "%41" + name[1:])
    assert page.status == 429 and "Try again in" in page.body.decode() and page.header("Retry-After")
    # Composed, decomposed, in capitals, full width, bold; with and without escapes, as JSON and as
    # a form.
    spellings = ["zoë", "zoe\u0308", "ZOË", "Zoe\u0308", "ｚｏë", "ＺＯＥ\u0308", "𝐳𝐨ë"]
    ways = [lambda name, address: try_once(limited, WRONG, name=name, address=address),
            lambda name, address: try_in_utf_8(limited, name, address),
            lambda name, address: try_by_form(limited, name, address)]
    for n in range(10):
        assert ways[n % 3](spellings[n % 7], f"198.51.102.{n}").status == 401
    for n, spelling in enumerate(spellings):
        assert {way(spelling, f"198.51.103.{n}").status for way in ways} == {429}, spelling
    assert try_once(limited, PASSWORD, name="ZOE\u0308", address="192.0.2.4").status == 429
    assert try_once(limited, WRONG, name="zoe", address="192.0.2.4").status == 401, "she is somebody else"
    names = {event["user"] for event in map(json.loads, limited.run("log", "--json").splitlines())}
    assert {name for name in names if not name.startswith("?")} == {"ada", "zoë"} and len(names) == 3, names
    for n in range(10):
        assert try_once(limited, WRONG, name="nobody", address=f"198.51.101.{n}").status == 401
    some, none = (try_once(limited, WRONG, name=name, address="192.0.2.3") for name in ("ada", "nobody"))
    assert some.status == none.status == 429
    assert some.json()["error_description"].startswith("Too many wrong tries")
    assert {name for name, _ in some.headers} == {name for name, _ in none.headers}


def run_as_cgi(site, headers, body):
    environment = {**fcgi.params("POST", "/auth/login", headers, body), "PINTLE_CONFIG": site.path("pintle.conf")}
    done = subprocess.run([site.path("bin", "pintle.fcgi")], input=body, env=environment, capture_output=True,
                          timeout=30, **unprivileged())
    return int(re.search(rb"^Status: (\d+)", done.stdout).group(1))


@pytest.mark.plain
@pytest.mark.shows("A14")
def test_restarts_and_cgi_runs_share_the_counts(limited):
    for n in range(4):
        assert try_once(limited, WRONG, address=f"198.51.100.{n}").status == 401
    limited.stop()
    limited.start(workers=2)
    for n in range(3):
        assert run_as_cgi(limited, *login(WRONG, address=f"198.51.101.{n}")) == 401
    # Killed in the middle of a storm: the next worker continues where the last one stopped.
    limited.may_die = True
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(try_or_none, limited, f"198.51.102.{n}") for n in range(60)]
        time.sleep(0.05)
        for pid in limited.worker_pids():
            subprocess.run(["kill", "-9", str(pid)], check=False)
        seen = [a_try.result() for a_try in tries]
    assert seen.count(401) <= 3
    limited.workers.wait_for("the worker answers", 30, limited.healthy)
    assert try_once(limited, PASSWORD, address="192.0.2.9").status == 429
    assert run_as_cgi(limited, *login(PASSWORD, address="192.0.2.9")) == 429


def try_or_none(site, address):
    try:
        return try_once(site, WRONG, address=address).status
    except (OSError, fcgi.Broken):
        return None


@pytest.mark.plain
def test_waiting_as_long_as_told_lets_one_in(new_site):
    site = new_site(proxies="127.0.0.1", account_tries="3", account_wait="1 s", account_forget="1 min")
    site.add_user("ada")
    site.start()
    for n in range(3):
        assert try_once(site, WRONG, address=f"198.51.100.{n}").status == 401
    answer = try_once(site, PASSWORD)
    assert answer.status == 429 and answer.header("Retry-After") == "1"
    time.sleep(1.05)
    assert try_once(site, PASSWORD).status == 200


@pytest.mark.plain
def test_an_administrator_lifts_a_limit(limited):
    for n in range(10):
        try_once(limited, WRONG, address="198.51.100.1")
    assert try_once(limited, PASSWORD, address="192.0.2.9").status == 429
    assert "10 wrong tries were forgotten" in limited.run("user", "unlock", "Ada")
    assert try_once(limited, PASSWORD, address="192.0.2.9").status == 200
    for n in range(30):
        try_once(limited, WRONG, name=f"user{n}", address="198.51.100.1")
    assert try_once(limited, PASSWORD, address="198.51.100.1").status == 429
    assert "wrong tries were forgotten" in limited.run("address", "unlock", "198.51.100.1")
    assert try_once(limited, PASSWORD, address="198.51.100.1").status == 200
    assert limited.command("address", "unlock", "nowhere").returncode == 2
    assert "0 wrong tries" in limited.run("user", "unlock", "ada")


def from_there(browser, what, payload):
    """The status for a browser that asks from the address from which others guess too."""
    return browser.send("POST", "/auth/" + what, payload, {"X-Forwarded-For": "192.0.2.9"}).status


@pytest.mark.plain
@pytest.mark.shows("A13", "G13")
def test_the_owner_gets_in_by_a_link_while_somebody_keeps_guessing(limited):
    """The way that README.md names, on a device that has never signed in."""
    over = threading.Event()
    seen = []

    def guess_on():
        for n in itertools.count():
            if over.wait(0.02):
                return
            # From ever new addresses, and from the owner's own.
            address = "192.0.2.9" if n % 2 else f"198.51.{n // 200 % 200}.{n % 200}"
            seen.append(try_once(limited, WRONG, address=address).status)
    guesser = threading.Thread(target=guess_on)
    guesser.start()
    try:
        limited.workers.wait_for("nobody is looked at", 20, lambda: seen[-20:].count(429) == 20)
        owner = limited.browser()
        assert from_there(owner, "login", {"username": "ada", "password": PASSWORD}) == 429
        token = limited.json("user", "reset", "ada")["link"].partition("#")[2]
        new = "set while others guess"
        assert from_there(owner, "link", {"token": token, "new": new}) == 204
        for _ in range(3):
            assert from_there(owner, "login", {"username": "ada", "password": new}) == 200
            assert owner.logout().status == 204
        assert try_once(limited, new, address="192.0.2.9").status == 429, "on no other device"
    finally:
        over.set()
        guesser.join()
    assert 429 in seen[-5:] and 200 not in seen


@pytest.mark.plain
def test_limits_that_are_damaged_are_made_anew_and_let_nobody_through_meanwhile(limited):
    for n in range(10):
        try_once(limited, WRONG, address=f"198.51.100.{n}")
    limited.may_die = True
    time.sleep(1.1)  # a worker that dies within a second counts as not started
    with open(limited.path("state", "limits", "mark"), "r+b") as mark:
        mark.write(b"damaged by a test"[:16])
    answers = [try_or_none(limited, f"198.51.101.{n}") for n in range(3)]
    assert not {200, 401} & set(answers[:1])
    limited.wait_for_log('"event":"limits_made_anew"', 10)
    limited.workers.wait_for("the worker answers", 30, limited.healthy)

    def lets_in():
        try:
            return try_once(limited, PASSWORD, address="192.0.2.9").status == 200
        except (OSError, fcgi.Broken):
            return False
    limited.workers.wait_for("somebody gets in", 20, lets_in)
