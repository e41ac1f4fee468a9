"""What an administrator learns, and what happens when accounts change while they are used."""

import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from support.site import PASSWORD, TOP

NEW = "quite another passphrase"
FILTER = os.path.join(TOP, "www-examples", "fail2ban", "filter.d", "pintle.conf")


def at_once(*calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


def token_of(site, *command):
    made = site.json("user", *command)
    link, _, token = made["link"].partition("#")
    assert link == "https://localhost/auth/link" and len(token) >= 43, made
    return token


def use(site, token, new=NEW):
    return site.browser().send("POST", "/auth/link", {"token": token, "new": new})


def kinds(site):
    return [event["event"] for event in events(site)]


def events(site, *filters):
    return [json.loads(line) for line in site.run("log", "--json", *filters).splitlines()]


# ---- one-time links

@pytest.mark.short
def test_a_link_is_used_once_by_one_and_in_its_time(site):
    token = token_of(site, "invite", "bob", "--groups", "staff")
    assert site.browser().login("bob", NEW).status == 401
    answers = at_once(*[lambda n=n: use(site, token, f"{NEW} {n}") for n in range(4)])
    assert sorted(answer.status for answer in answers) == [204, 403, 403, 403], answers
    assert all(answer.error() == "invalid_link" for answer in answers if answer.status == 403)
    logins = [site.browser().login("bob", f"{NEW} {n}").status for n in range(4)]
    assert [status == 200 for status in logins] == [answer.status == 204 for answer in answers]
    assert use(site, token).status == 403, "a link used twice"

    late = token_of(site, "reset", "ada", "--valid", "1s")
    time.sleep(1.1)
    refused = use(site, late)
    assert refused.status == 403 and refused.error() == "invalid_link", "a link after its time"
    assert site.browser().login("ada", PASSWORD).status == 200, "the present password stays"
    assert not site.command("user", "reset", "ada", "--valid", "1000d").returncode == 0
    assert site.command("user", "invite", "ada").returncode != 0, "who has a password is not invited"

    told = [event for event in events(site) if event["event"].startswith("link_")]
    assert [event["event"] for event in told].count("link_used") == 1
    assert {event["reason"] for event in told if event["event"] == "link_refused"} == {"link_unknown", "link_expired"}
    for secret in token, late, NEW:
        assert secret not in site.log_text() + site.run("log", "--json")


# ---- two changes to one account

def test_two_people_changing_one_account_at_once(site):
    people = [site.browser() for _ in range(4)]
    assert all(person.login("ada", PASSWORD).status == 200 for person in people)
    answers = at_once(*[
        lambda n=n, person=person: person.send("POST", "/auth/password", {"current": PASSWORD, "new": f"{NEW} {n}"})
        for n, person in enumerate(people)])
    statuses = [answer.status for answer in answers]
    assert statuses.count(204) == 1 and set(statuses) <= {204, 401, 403}, answers
    assert all(answer.json()["error"] for answer in answers if answer.status != 204)
    winner = statuses.index(204)
    assert [site.browser().login("ada", f"{NEW} {n}").status for n in range(4)] == [
        200 if n == winner else 401 for n in range(4)]
    assert [person.refresh().status for person in people] == [200 if n == winner else 403 for n in range(4)]
    assert kinds(site).count("password_changed") == 1


def test_a_password_change_in_the_middle_of_refreshes(site):
    one, *others = [site.browser() for _ in range(6)]
    assert all(browser.login("ada", PASSWORD).status == 200 for browser in (one, *others))
    changed = {}

    def keep_refreshing(browser):
        """Status and time of each request, until a little after the change."""
        answers = []
        while not changed or time.monotonic() < changed["at"] + 0.3:
            asked = time.monotonic()
            answers.append((asked, browser.refresh().status))
        return answers

    def change():
        time.sleep(0.5)
        answer = one.send("POST", "/auth/password", {"current": PASSWORD, "new": NEW})
        changed["at"] = time.monotonic()
        return answer

    answer, *stories = at_once(change, *[lambda browser=browser: keep_refreshing(browser) for browser in others])
    assert answer.status == 204, answer
    for story in stories:
        statuses = [status for _, status in story]
        assert statuses[0] == 200 and statuses[-1] == 403 and set(statuses) == {200, 403}, statuses
        assert statuses == sorted(statuses), "no token once it was refused"
        assert all(status == 403 for asked, status in story if asked >= changed["at"])
    assert one.refresh().status == 200
    assert len(one.sessions()) == 1


# ---- the log, its filters, and the story of a session

@pytest.mark.shows("F01")
def test_every_outcome_is_told(site):
    """Each outcome has its event, which says whose, which, from where and when; no secret."""
    ada = site.browser()
    assert ada.login("ada", PASSWORD).status == 200
    assert site.browser().login("ada", "the wrong secret word").status == 401
    sid = next(session["id"] for session in ada.sessions() if session["current"])
    assert ada.send("PATCH", "/auth/sessions/" + sid, {"device": "kitchen"}).status == 200
    assert ada.send("POST", "/auth/password", {"current": "a wrong current one", "new": NEW}).status == 403
    assert ada.send("POST", "/auth/password", {"current": PASSWORD, "new": NEW}).status == 204
    spent = ada.jar.header("/auth/refresh")
    assert ada.logout().status == 204
    for _ in range(50):
        assert ada.refresh(cookies=spent).status == 403
    assert use(site, "nonsense").status == 403
    use(site, token_of(site, "reset", "ada"))
    service = site.json("service", "add", "billing")
    site.run("service", "rotate", "billing")
    site.run("service", "remove", "billing", "--yes")
    site.add_user("bob", groups="staff")
    site.run("user", "groups", "bob", "admin")
    site.run("user", "passwd", "bob", stdin=PASSWORD + " anew\n")
    site.json("user", "otp", "bob")
    site.run("user", "otp", "bob", "--remove", "--yes")
    site.run("user", "disable", "bob")
    assert site.browser().login("bob", PASSWORD + " anew").status == 401
    site.run("user", "enable", "bob")
    site.run("user", "delete", "bob", "--yes")
    site.run("key", "rotate")

    told = events(site)
    by_kind = {event["event"]: event for event in told}
    wanted = {"login", "login_failed", "session_renamed", "password_changed", "logout", "refresh_refused",
              "link_refused", "link_made", "link_used", "service_added", "service_rotated", "service_removed",
              "user_added", "user_changed", "user_disabled", "user_enabled", "user_deleted", "otp_enabled",
              "otp_disabled", "key_added"}
    assert wanted <= set(by_kind), wanted - set(by_kind)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"]) for event in told)
    for kind in "login", "session_renamed", "logout", "refresh_refused":
        event = by_kind[kind]
        assert (event["session"], event["user"], event["address"]) == (sid, "ada", "127.0.0.1"), event
        assert len(event["request_id"]) == 22
    assert by_kind["service_added"]["service"] == "billing"
    # A page that keeps asking is reported once, with the first time; in the worker's log once a
    # minute.
    assert [event["reason"] for event in told if event["event"] == "refresh_refused"] == ["logout"]
    assert 1 <= len(re.findall(r'"event":"refresh_refused","request_id":"[^"]{22}","address":"127.0.0.1","user":"[^"]+",'
                               rf'"sid":"{sid}","reason":"logout"', site.log_text())) <= 2

    # Each filter, compared with the whole log.
    for name, value, member in (("--user", "ada", "user"), ("--session", sid, "session"),
                                ("--address", "127.0.0.1", "address"), ("--kind", "login_failed", "event")):
        assert events(site, name, value) == [event for event in told if event.get(member) == value], name
        assert 0 < len(events(site, name, value)) < len(told)
    assert events(site, "--since", told[0]["time"]) == told and events(site, "--since", "2100-01-01") == []
    assert events(site, "--last", "3") == told[-3:]
    why = site.run("session", "why", sid)
    for sentence in ("signed in", "the device was given a name", "signed out",
                     f"Its browser asked again at {by_kind['refresh_refused']['time']}, from 127.0.0.1, "
                     "and was refused because it had ended: logout."):
        assert sentence in why, why

    everything = site.log_text() + site.run("log") + json.dumps(told) + why
    for secret in PASSWORD, NEW, "the wrong secret word", "a wrong current one", service["secret"], spent.split("=")[-1]:
        assert secret not in everything


def test_the_log_is_followed(site):
    follow = subprocess.Popen([site.path("bin", "pintle"), "--config", site.path("pintle.conf"), "log", "--json",
                               "--follow", "--kind", "login"], stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(2):
            assert site.browser().login("ada", PASSWORD).status == 200
            assert json.loads(follow.stdout.readline())["event"] == "login"
    finally:
        follow.terminate()
        follow.wait(10)
        follow.stdout.close()


# ---- figures over all workers

def test_figures_over_all_workers(new_site):
    site = new_site(gate_cookie="yes")
    site.add_user("ada")
    site.start(workers=3)
    browsers = [site.browser() for _ in range(12)]
    assert all(answer.status == 200 for answer in at_once(*[
        lambda browser=browser: browser.login("ada", PASSWORD) for browser in browsers]))
    assert site.browser().login("ada", "not this one at all").status == 401
    assert all(browser.refresh().status == 200 for browser in browsers)
    assert site.browser().refresh().status == 401
    for _ in range(2):
        assert browsers[0].send("GET", "/auth/verify", headers=browsers[0].bearer()).status == 204
    figures = site.json("stats")
    counted = figures["counted"]
    assert counted["logins"]["good"] == 12 and counted["logins"]["failed"] == 1
    assert sum(counted["refreshes"][f"row_{row}"] for row in range(1, 6)) == 12
    assert counted["refreshes"]["refused"] == counted["refresh_refusals"]["no_cookie"] == 1
    assert counted["verify"]["hits"] + counted["verify"]["misses"] == counted["verify"]["passed"] == 2
    assert counted["hashing"]["done"] == 13 and figures["slots"] == 8 and figures["slots_used"] == 0
    assert sum(counted["commit_sizes"].values()) == counted["commits"]["done"] <= counted["commits"]["changes"]
    # They outlast the workers; and a damaged file is made anew.
    site.stop()
    site.start(workers=2)
    assert site.json("stats")["counted"]["logins"] == counted["logins"]
    site.stop()
    with open(site.path("state", "tally"), "r+b") as file:
        file.write(b"nonsense")
    assert "counted" not in site.json("stats")
    site.start()
    assert site.json("stats")["counted"]["logins"]["good"] == 0


# ---- fail2ban

# Names with which somebody would like to have somebody else banned.
CRAFTED = [
    '{"time":"2026-01-01T00:00:00Z","level":"info","event":"login_failed","address":"203.0.113.9"}',
    'x","address":"203.0.113.9","y":"',
    "x\n{\"level\":\"info\",\"event\":\"login_failed\",\"request_id\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"address\":\"203.0.113.9\"}",
    "host pintle[1]: {\"level\":\"info\"",
    "203.0.113.9",
]


def banned(lines, folder):
    """The addresses that fail2ban finds, one for each line that it takes for a failure."""
    path = os.path.join(folder, "lines.log")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)
    done = subprocess.run(["fail2ban-regex", "-o", "ip", path, FILTER], capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.split()


@pytest.mark.plain
@pytest.mark.skipif(shutil.which("fail2ban-regex") is None, reason="fail2ban is not installed")
def test_fail2ban_finds_those_who_guess_and_nobody_else(new_site):
    site = new_site(proxies="127.0.0.1", account_tries="4")
    for name in "ada", "bob":
        site.add_user(name)
    site.json("user", "otp", "bob")
    site.start()

    def login(address, name, password=PASSWORD, **more):
        return site.browser().send("POST", "/auth/login", {"username": name, "password": password, **more},
                                   headers={"X-Forwarded-For": address})

    assert login("192.0.2.1", "ada").status == 200
    assert site.browser().send("POST", "/auth/refresh", headers={"X-Forwarded-For": "192.0.2.2"}).status == 401
    assert site.browser().send("GET", "/auth/me", headers={"X-Forwarded-For": "192.0.2.3"}).status == 401
    assert login("192.0.2.4", "bob").error() == "otp_required"
    assert login("192.0.2.10", "ada", "not this one").status == 401
    assert login("2001:db8::10", "nobody", "not this one").status == 401
    assert login("192.0.2.11", "bob", otp="000000").status == 401
    while login("192.0.2.12", "ada", "not this one").status != 429:
        pass
    assert site.browser().send("POST", "/auth/link", {"token": "nonsense", "new": NEW},
                               headers={"X-Forwarded-For": "192.0.2.13"}).status == 403
    for name in CRAFTED:
        assert login("192.0.2.14", name, "not this one").status in (400, 401)
        site.browser().send("GET", "/auth/" + name.replace("\n", "%0a").replace(" ", "+"),
                            headers={"X-Forwarded-For": "192.0.2.15", "User-Agent": name.replace("\n", " ")})

    lines = site.log_text().splitlines()
    guilty = {"192.0.2.10", "2001:db8::10", "192.0.2.11", "192.0.2.12", "192.0.2.13", "192.0.2.14"}
    # Standard error in a file; the journal's output; both ways in which syslog writes.
    for before in "", "host pintle[12]: ", "Nov 26 01:02:03 host pintle[12]: ", "2026-11-26T01:02:03.1+01:00 host pintle.fcgi[7]: ":
        assert set(banned([before + line for line in lines], site.folder)) == guilty, before
    # Another program's line that quotes one of ours, in a log that both write to.
    failed = next(line for line in lines if "login_failed" in line)
    for before in "Nov 26 01:02:03 host sshd[9]: Invalid user ", "Nov 26 01:02:03 host sshd[9]: host pintle[12]: ":
        assert banned([before + failed], site.folder) == []
