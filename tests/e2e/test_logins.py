"""What a stranger can learn from a refused login, and what any number of logins costs."""

import math
import os
import statistics
import tempfile
import threading
import time

import pytest

from support import fcgi
from support.marks import only_root_looks_inside
from support.site import PASSWORD

MIB = 1024 * 1024
NO_LIMITS = {"account_tries": 1000000, "address_tries": 1000000}


# ---- alike in bytes and in time

def mann_whitney(a, b):
    """The two-sided p of the U test, by the normal approximation with ties corrected."""
    ranked = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    rank_sum, ties, at = 0.0, 0, 0
    while at < len(ranked):
        end = at
        while end < len(ranked) and ranked[end][0] == ranked[at][0]:
            end += 1
        mean, same = (at + 1 + end) / 2, end - at
        rank_sum += mean * sum(which == 0 for _, which in ranked[at:end])
        ties += same ** 3 - same
        at = end
    n, m = len(a), len(b)
    u = rank_sum - n * (n + 1) / 2
    total = n + m
    variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
    return math.erfc(abs(u - n * m / 2) / math.sqrt(2 * variance))


def refuse(site, name, password):
    """One refused login: how long it took, and the parts of the answer that may not differ."""
    body = fcgi.json_bytes({"username": name, "password": password})
    begun = time.perf_counter_ns()
    answer = fcgi.ask(site.socket, "POST", "/auth/login", {"Content-Type": "application/json"}, body)
    took = time.perf_counter_ns() - begun
    headers = [(key, value) for key, value in answer.headers if key.lower() not in ("x-request-id", "date")]
    return took, (answer.status, headers, answer.body)


def refuse_all(site, cases, times):
    """Runs each case this many times, in turns: other work on the machine affects all alike."""
    took, answers = {name: [] for name in cases}, []
    for _ in range(times):
        for name, (user, password) in cases.items():
            one, answer = refuse(site, user, password)
            took[name].append(one)
            answers.append((name, answer))
    assert answers[0][1][0] == 401
    for name, answer in answers:
        assert answer == answers[0][1], name
    return took


@pytest.fixture
def in_memory(monkeypatch):
    """Without a disk, whose delays are longer than anything that is to be measured."""
    monkeypatch.setattr(tempfile, "tempdir", "/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


@pytest.mark.timed
@pytest.mark.shows("A07", "A08")
def test_whatever_is_wrong_is_the_same_in_bytes_and_in_time(in_memory, new_site):
    site = new_site(hashing_memory="256 KiB", hashing_slots=1, threads=2, **NO_LIMITS)
    for name in "ada", "eva", "ivy":
        site.add_user(name)
    site.run("user", "disable", "eva")
    site.run("user", "passwd", "ivy", "--no-password")
    site.start()
    cases = {
        "a wrong password": ("ada", "wrong" + PASSWORD),
        "an unknown user": ("nix", PASSWORD),
        "a disabled user, wrong": ("eva", "wrong" + PASSWORD),
        "a disabled user, right": ("eva", PASSWORD),
        "a user without password": ("ivy", PASSWORD),
    }
    refuse_all(site, cases, 20)
    took = refuse_all(site, cases, 400)
    first = took.pop("a wrong password")
    values = {name: mann_whitney(first, other) for name, other in took.items()}
    print({name: round(value, 4) for name, value in values.items()}, round(statistics.median(first) / 1e6, 3), "ms")
    # Four comparisons, and a run in ten thousand may fail by chance.
    assert min(values.values()) > 0.0001 / 4, values


@pytest.mark.timed
def test_half_of_the_hashing_would_be_told_apart(in_memory, new_site):
    """The same test with as many tries on a difference that exists: it can fail."""
    cases = {"wrong": ("ada", "wrong" + PASSWORD)}
    sites = [new_site(hashing_memory=memory, hashing_slots=1, threads=2, **NO_LIMITS)
             for memory in ("256 KiB", "512 KiB")]
    for site in sites:
        site.add_user("ada")
        site.start()
        refuse_all(site, cases, 20)
    took = [[], []]
    for _ in range(400):
        for which, site in enumerate(sites):
            took[which].append(refuse(site, *cases["wrong"])[0])
    assert mann_whitney(*took) < 0.0001 / 4


# ---- the memory ceiling

def pss(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as lines:
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


class Crowd:
    """Simultaneous logins, each on a connection of its own, and the answers that they got."""

    def __init__(self, site, many):
        self.answers = []
        self.threads = [threading.Thread(target=self.log_in, args=(site, number)) for number in range(many)]

    def log_in(self, site, number):
        if number % 2:
            kind, body = "application/json", fcgi.json_bytes({"username": "ada", "password": PASSWORD})
        else:
            kind, body = "application/x-www-form-urlencoded", f"username=ada&password={PASSWORD.replace(' ', '+')}".encode()
        answer = fcgi.ask(site.socket, "POST", "/auth/login", {"Content-Type": kind}, body, timeout=60)
        self.answers.append((kind, answer))

    def alive(self):
        return any(thread.is_alive() for thread in self.threads)


def one_round(browser):
    """A refresh, a request with the gate cookie and one with the token: how long they took."""
    begun = time.perf_counter()
    assert browser.refresh().status == 200
    bearer = {"Authorization": "Bearer " + browser.access}
    assert browser.send("GET", "/auth/verify").status == 204
    assert browser.send("GET", "/auth/verify", cookies="", headers=bearer).status == 204
    return time.perf_counter() - begun


@pytest.mark.timed
def test_sixty_logins_at_one_instant_all_get_in(new_site):
    """When the office opens: a worker with many hashes lets people wait, and refuses nobody."""
    site = new_site(hashing_memory="19 MiB", hashing_passes=2, hashing_slots=2, hashing_wait="20 s", **NO_LIMITS)
    site.add_user("ada")
    site.start(workers=4)
    crowd = Crowd(site, 60)
    for thread in crowd.threads:
        thread.start()
    for thread in crowd.threads:
        thread.join()
    assert sorted(answer.status for _, answer in crowd.answers) == [200] * 30 + [303] * 30


@pytest.mark.plain
@only_root_looks_inside
@pytest.mark.shows("A16")
def test_two_hundred_logins_at_once_stay_below_the_ceiling_while_verify_goes_on(new_site):
    slots, workers, cost = 3, 4, 19 * MIB
    site = new_site(hashing_memory="19 MiB", hashing_passes=2, hashing_slots=slots, hashing_wait="1 s",
                    gate_cookie="yes", **NO_LIMITS)
    site.add_user("ada")
    site.start(workers=workers)
    pids = site.worker_pids()
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    calm = statistics.median(one_round(browser) for _ in range(20))
    # Threads, and what a worker allocates once it has work to do, exist from the beginning.
    fixed = pss(pids) + workers * 4 * MIB
    crowd, peak, busy = Crowd(site, 200), 0, []
    for thread in crowd.threads:
        thread.start()
    while crowd.alive():
        peak = max(peak, pss(pids))
        busy.append(one_round(browser))
    peak = max(peak, pss(pids))
    for thread in crowd.threads:
        thread.join()

    statuses = [answer.status for _, answer in crowd.answers]
    print(f"peak {peak / MIB:.1f} MiB of {(slots * cost + fixed) / MIB:.1f}, fixed {fixed / MIB:.1f}; "
          f"{statuses.count(200) + statuses.count(303)} in, {statuses.count(503)} turned away; "
          f"{len(busy)} rounds, {statistics.median(busy) / calm:.1f} times as long")
    assert len(statuses) == 200 and set(statuses) == {200, 303, 503}, statuses
    turned_away = {kind: answer for kind, answer in crowd.answers if answer.status == 503}
    assert len(turned_away) == 2, "both JSON and forms"
    for kind, answer in crowd.answers:
        if answer.status == 503:
            assert int(answer.header("Retry-After")) >= 1, (kind, answer.headers)
    assert peak > cost, "nobody was seen hashing"
    assert peak <= slots * cost + fixed
    assert len(busy) >= 5
    # The memory of the hashes was given back.
    time.sleep(0.5)
    assert pss(pids) <= fixed
