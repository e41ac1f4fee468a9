"""Workers that a web server starts itself, and workers that reload or stop under load."""

import os
import signal
import threading
import time

import pytest

from support import fcgi
from support.guarded import Guarded
from support.process import children_of, wait_until
from support.site import PASSWORD


def workers_of_the_server(house):
    """The process IDs of this site's copy of the worker, except those that the test started."""
    ours = {process.child.pid for process in [*house.beside, house.site.workers]
            if process and process.argv[0].endswith("pintle.fcgi")}
    return set(running(house.site)) - ours - {child for pid in ours for child in children_of(pid)}


def running(site):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as words:
                if words.read().startswith(site.path("bin", "pintle.fcgi").encode()):
                    found.append(int(pid))
        except OSError:
            pass  # it has ended meanwhile
    return found


@pytest.mark.plain
@pytest.mark.parametrize("kind", ["apache-fcgid", "lighttpd-spawn"])
def test_a_server_that_starts_the_worker_starts_it_anew_and_takes_it_along(kind, certificates, behind):
    house = Guarded(kind, certificates, behind)
    house.site.may_die = True
    try:
        assert house.ask("GET", "/auth/health").status == 200
        started = workers_of_the_server(house)
        assert started
        for pid in started:
            os.kill(pid, signal.SIGKILL)
        wait_until("another worker answers", 10, lambda: house.ask("GET", "/auth/health").status == 200)
        assert not started & workers_of_the_server(house)
        house.signed_in()
        house.beside[-1].child.terminate()  # the server alone
        wait_until("its workers leave with it", 15, lambda: not workers_of_the_server(house))
    finally:
        house.close()


def test_reload_under_load_loses_no_request(mounted):
    house = mounted("nginx", workers=2)
    house.site.add_user("ada")
    stop, answers = threading.Event(), []

    def visitor():
        browser = house.browser()
        answers.append(browser.login("ada", PASSWORD).status)
        while not stop.is_set():
            answers.append(browser.send("GET", "/auth/me").status)

    visitors = [threading.Thread(target=visitor) for _ in range(6)]
    for thread in visitors:
        thread.start()
    first = set(house.site.worker_pids())
    for _ in range(4):
        before = set(house.site.worker_pids())
        os.kill(house.site.workers.child.pid, signal.SIGHUP)
        wait_until("new workers", 20, lambda: not before & set(house.site.worker_pids())
                   and len(house.site.worker_pids()) == 2)
        asked = len(answers)
        wait_until("visitors go on", 20, lambda: len(answers) >= asked + 20)
    stop.set()
    for thread in visitors:
        thread.join()
    assert not first & set(house.site.worker_pids())
    assert set(answers) == {200}


def test_stop_answers_what_is_under_way(new_site):
    site = new_site(threads=8)
    site.add_user("ada")
    site.start()
    body = fcgi.json_bytes({"username": "ada", "password": PASSWORD})
    whole = fcgi.encode(fcgi.params("POST", "/auth/login", {"Content-Type": "application/json"}, body), body)
    under_way = [fcgi.connect(site.socket) for _ in range(4)]
    for connection in under_way:
        connection.sendall(whole[:-20])
    time.sleep(0.5)  # they are accepted, and wait for the rest
    site.workers.child.terminate()
    time.sleep(0.5)
    for connection in under_way:
        connection.sendall(whole[-20:])
    assert [fcgi.decode(fcgi.read_all(connection)).status for connection in under_way] == [200] * 4
    for connection in under_way:
        connection.close()
    site.stop()
