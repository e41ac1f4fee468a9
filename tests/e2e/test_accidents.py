"""A broken record, a disk that takes no writes, a log that nobody reads: the harm is limited."""

import datetime
import json
import os
import shutil
import signal
import subprocess
import time

import lmdb
import pytest

from support import fcgi
from support.clock import Clock
from support.marks import only_root_looks_inside
from support.process import wait_until
from support.site import PASSWORD

YEAR = 365 * 24 * 3600
WRITES = "pwrite64,pwritev,pwritev2,fdatasync,fsync,msync"


def ask(site, path, **headers):
    return fcgi.ask(site.socket, "GET", path, headers)


def damage(site, table, number):
    """Cuts the last byte of a record, as a bad disk may."""
    with lmdb.open(site.path("state", "db"), max_dbs=64, subdir=True) as env:
        with env.begin(write=True, db=env.open_db(table, create=False)) as txn:
            key = number.to_bytes(8, "big")
            txn.put(key, txn.get(key)[:-1])


@pytest.mark.shows("G10")
def test_a_broken_session_costs_itself_alone(new_site):
    site = new_site(hand_out="1 ms", quiet="1 s")
    for name in ("ada", "bob"):
        site.add_user(name)
    site.start()
    lost, left, other = (site.browser() for _ in range(3))
    for browser, name in ((lost, "ada"), (left, "ada"), (other, "bob")):
        assert browser.login(name, PASSWORD).status == 200
    site.stop()
    damage(site, b"sessions", 1)
    site.start()
    assert lost.refresh().status == 500
    assert left.refresh().status == 200
    assert site.browser().login("ada", PASSWORD).status == 200
    site.run("user", "disable", "ada")
    assert left.refresh().status == 403
    assert other.refresh().status == 200
    found = site.command("check")
    assert found.returncode == 5 and "session 1: the record does not decode" in found.stdout + found.stderr
    assert "gc --drop-broken" in found.stdout + found.stderr
    mended = site.run("gc", "--drop-broken")
    assert "sessions 1 was removed" in mended
    assert "every record and every index is consistent" in site.run("check")
    assert lost.refresh().status == 403
    assert other.refresh().status == 200
    assert '"event":"record_corrupt","table":"sessions","number":1' in site.log_text()


def test_a_broken_user_saves_no_key_that_leaked(new_site):
    """Also where the former key is still accepted, and what it sealed must be sealed anew first."""
    site = new_site()
    for name in ("ada", "bob"):
        site.add_user(name)
    site.start()
    browser = site.browser()
    assert browser.login("bob", PASSWORD).status == 200
    site.run("key", "master")
    with open(site.path("state", "keys", "master.key"), "rb") as file:
        leaked = file.read()
    damage(site, b"users", 1)
    site.run("key", "master", "--leaked", "--yes")
    assert "master.old" not in os.listdir(site.path("state", "keys"))
    with open(site.path("state", "keys", "master.key"), "rb") as file:
        assert file.read() != leaked
    assert browser.refresh().status in (401, 403)
    assert site.browser().login("bob", PASSWORD).status == 200
    assert "users" in site.command("check").stderr + site.command("check").stdout


class Broken:
    """A disk that answers EIO to every write to the database."""

    def __init__(self, site, log):
        attach = [option for pid in site.worker_pids() for option in ("-p", str(pid))]
        self.child = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-P", site.path("state", "db", "data.mdb"),
                                       "-e", "trace=" + WRITES, "-e", f"inject={WRITES}:error=EIO", *attach],
                                      stderr=subprocess.DEVNULL)
        self.pids = site.worker_pids()
        wait_until("strace is attached", 10, lambda: all(self.is_traced(pid) for pid in self.pids))

    @staticmethod
    def is_traced(pid):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as lines:
                if "TracerPid:\t0\n" in lines:
                    return False
        return True

    def mend(self):
        self.child.send_signal(signal.SIGINT)
        self.child.wait(10)


@only_root_looks_inside
def test_what_only_reads_goes_on_where_the_disk_takes_no_writes(new_site, tmp_path):
    site = new_site(threads=4)
    site.add_user("ada")
    site.start(workers=2)
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    bearer = {"Authorization": "Bearer " + browser.access}
    before = sorted(site.worker_pids())
    broken = Broken(site, str(tmp_path / "strace"))
    try:
        for _ in range(12):
            assert site.browser().login("ada", "not this password at all").status in (401, 429, 503)
            assert ask(site, "/auth/verify", **bearer).status == 204
        assert site.browser().login("ada", PASSWORD).status in (429, 503)
        assert sorted(site.worker_pids()) == before
        assert json.loads(ask(site, "/auth/health").body)["status"] == "ok"
        assert "store_lost" in site.log_text()
    finally:
        broken.mend()
    # Each failed worker makes way for another, and writing works again.
    site.run("user", "unlock", "ada")
    site.run("address", "unlock", "127.0.0.1")
    wait_until("all is well again", 30, lambda: not site.log_text().count("store_lost") > site.log_text().count("disk_writes_again"))
    wait_until("it takes logins", 20, lambda: site.browser().login("ada", PASSWORD).status == 200)


@pytest.mark.shows("G08")
def test_a_log_that_nobody_reads_stops_nothing(new_site):
    site = new_site(threads=4, log_level="debug")  # a line for each event, however frequent
    site.add_user("ada")
    pipe = site.path("log.pipe")
    os.mkfifo(pipe)
    os.chmod(pipe, 0o666)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    site.start(wrapper=("sh", "-c", 'exec "$@" 2>"$0"', pipe))
    for _ in range(700):  # a line each: more than the pipe holds
        assert ask(site, "/auth/verify", Authorization="Bearer no.token.ofours").status == 401
    assert ask(site, "/auth/health").status == 200
    assert site.browser().login("ada", PASSWORD).status == 200
    read = b""
    while chunk := os.read(reader, 1 << 20):
        read += chunk
        if len(chunk) < 1 << 16:
            break
    assert b"log_lines_lost" not in read
    assert ask(site, "/auth/verify", Authorization="Bearer no.token.ofours").status == 401
    told = [json.loads(line) for line in os.read(reader, 1 << 20).splitlines()]
    lost, = [line["lines"] for line in told if line["event"] == "log_lines_lost"]
    lines = len([line for line in read.splitlines() if b"access_token_refused" in line])
    assert lines < 700 <= lines + lost
    for _ in range(700):
        assert ask(site, "/auth/verify", Authorization="Bearer no.token.ofours").status == 401
    site.stop()  # with a full pipe
    os.close(reader)


def gate(site, browser):
    cookie = f"__Host-pintle-gate={browser.jar.value('gate')}"
    return ask(site, "/auth/verify", Cookie=cookie).status


@pytest.mark.plain
@pytest.mark.shows("G09")
@pytest.mark.parametrize("ahead", [600, 12 * YEAR])
def test_a_clock_that_was_ahead_and_is_set_right_signs_nobody_out(new_site, ahead):
    """Nothing that such a clock dated lives longer: no session, token, cookie or lock."""
    site = new_site(gate_cookie="yes", address_tries="1000", account_tries="5")
    clock = Clock(site)
    for name in ("ada", "bob"):
        site.add_user(name)
    clock.start(ahead)
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200 and gate(site, browser) == 204
    for _ in range(8):
        answer = site.browser().login("bob", "not this password at all")
    assert answer.status == 429
    clock.start(0)
    assert gate(site, browser) == 401
    assert ask(site, "/auth/verify", Authorization="Bearer " + browser.access).status == 401
    assert browser.refresh().status == 200
    assert gate(site, browser) == 204
    assert ask(site, "/auth/verify", Authorization="Bearer " + browser.access).status == 204
    session, = site.json("session", "list")["sessions"]
    ends = datetime.datetime.fromisoformat(session["expires_at"].replace("Z", "+00:00")).timestamp()
    assert ends - time.time() < 25 * 3600
    assert int(site.browser().login("bob", PASSWORD).header("Retry-After")) <= 60
    assert "Nothing is wrong." in site.run("check")


@pytest.mark.plain
def test_keys_made_by_a_clock_that_was_ahead_lock_nobody_out_for_good(new_site):
    site = new_site()
    clock = Clock(site)
    shutil.rmtree(site.path("state"))
    clock.run(12 * YEAR, "init")
    site.add_user("ada")
    clock.start(0)
    assert site.browser().login("ada", PASSWORD).status == 503
    assert json.loads(ask(site, "/auth/health").body) == {"status": "ok", "login": False, "clock": "behind"}
    site.wait_for_log('"clock_behind".*pintle key rotate --now')
    found = site.command("check")
    assert found.returncode == 4 and "pintle key rotate --now makes one" in found.stdout
    site.run("key", "rotate", "--now")
    wait_until("somebody can sign in", 5, lambda: site.browser().login("ada", PASSWORD).status == 200)
    assert "Nothing is wrong." in site.run("check")
