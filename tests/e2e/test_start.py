"""The ways in which a worker is started, and how it ends."""

import ctypes
import errno
import contextlib
import json
import os
import signal
import socket
import stat
import subprocess

import pytest

from support import fcgi
from support.marks import only_root_looks_inside
from support.process import Process, children_of, free_port, give, unprivileged, wait_until
from support.site import PASSWORD

OK, USAGE, CONFIG, KEYS, STORE, SOCKET = 0, 2, 3, 4, 5, 6  # src/worker/exit.h


@pytest.fixture
def site(new_site):
    site = new_site(request_timeout="2 s")
    site.add_user("ada")
    return site


def program(site, *options):
    return [site.path("bin", "pintle.fcgi"), "--config", site.path("pintle.conf"), *options]


def run(site, *options, **more):
    """Runs the worker's program to its end."""
    environment = {name: value for name, value in os.environ.items() if name != "GATEWAY_INTERFACE"}
    more.setdefault("stdin", subprocess.DEVNULL)
    more.setdefault("env", environment)
    return subprocess.run(program(site, *options), capture_output=True, timeout=30, **unprivileged(), **more)


def answers(path):
    try:
        return fcgi.ask(path, "GET", "/auth/health").status == 200
    except (OSError, fcgi.Broken):
        return False


def ask_tcp(port, role, address, headers=None):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(fcgi.encode(fcgi.params("GET", address, headers or {}, b""), b"", role))
        return fcgi.decode(fcgi.read_all(connection))


def login(path):
    body = json.dumps({"username": "ada", "password": PASSWORD}).encode()
    return fcgi.ask(path, "POST", "/auth/login", {"Content-Type": "application/json"}, body).status


class Handed:
    """A worker that gets a listening socket as descriptor 0, as from spawn-fcgi and systemd."""

    def __init__(self, site, listening, *options, closed=()):
        with open(site.log, "ab") as errors:
            self.child = subprocess.Popen(program(site, *options), stdin=listening.fileno(), stderr=errors,
                                          preexec_fn=lambda: [os.close(fd) for fd in closed], **unprivileged())

    def end(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        return self.child.wait(10)


@pytest.fixture
def hand():
    """Makes such workers; none outlives its test."""
    made = []

    def make(*arguments, **more):
        made.append(Handed(*arguments, **more))
        return made[-1]
    yield make
    for worker in made:
        if worker.child.poll() is None:
            worker.child.kill()
            worker.child.wait()


@pytest.fixture
def listening(site):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(site.socket)
        give(site.socket)
        made.listen(64)
        yield made


# ---- what it is started with

def test_started_by_hand_without_anything_it_explains_itself(site):
    done = run(site)
    assert done.returncode == USAGE and b"Usage:" in done.stderr


def test_every_failure_to_start_has_its_own_status(site):
    assert run(site, "--workers", "none").returncode == USAGE
    assert run(site, "--help").returncode == OK
    assert run(site, "--socket", site.path("no", "such", "folder")).returncode == SOCKET
    assert run(site, "--listen", "0.0.0.0:%d" % free_port()).returncode == SOCKET
    os.chmod(site.path("state", "keys", "master.key"), 0o644)
    assert run(site, "--socket").returncode == KEYS
    os.chmod(site.path("state", "keys", "master.key"), 0o600)
    os.rename(site.path("state", "db"), site.path("state", "gone"))
    assert run(site, "--socket").returncode == STORE
    os.rename(site.path("state", "gone"), site.path("state", "db"))
    site.settings["unheard_of"] = "yes"
    site.write_config()
    assert run(site, "--socket").returncode == CONFIG


def test_the_configuration_is_found_by_the_environment(site):
    environment = {"PINTLE_CONFIG": site.path("pintle.conf"), "GATEWAY_INTERFACE": "CGI/1.1",
                   **fcgi.params("GET", "/auth/health", {}, b"")}
    done = subprocess.run([site.path("bin", "pintle.fcgi")], env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=30, **unprivileged())
    assert done.returncode == OK and done.stdout.startswith(b"Status: 200 OK\r\n")


def test_a_cgi_run_logs_in(site):
    body = fcgi.json_bytes({"username": "ada", "password": PASSWORD})
    environment = {**fcgi.params("POST", "/auth/login", {"Content-Type": "application/json"}, body),
                   "PINTLE_CONFIG": site.path("pintle.conf")}
    done = run(site, env=environment, stdin=None, input=body)
    assert done.returncode == OK and done.stdout.startswith(b"Status: 200 OK\r\n")
    short = run(site, env=environment, stdin=None, input=body[:-1])
    assert short.stdout.startswith(b"Status: 400 ")


@pytest.mark.parametrize("umask", [0o077, 0o022, 0o000])
def test_the_socket_has_its_mode_whatever_the_umask(site, umask):
    before = os.umask(umask)
    try:
        site.start()
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(site.socket).st_mode) == 0o660
    site.stop()


@pytest.mark.shows("G03")
def test_a_folder_that_others_can_write_to_holds_no_socket(site):
    """The worker refuses it, and check reports it: otherwise anybody could answer in its place."""
    folder = site.path("run")
    os.mkdir(folder)
    give(folder)
    site.settings["socket"] = site.path("run", "pintle.sock")
    site.write_config()
    for mode, good in ((0o777, False), (0o770, False), (0o1777, False), (0o755, True)):
        os.chmod(folder, mode)
        findings = [found for found in json.loads(site.command("check", "--json").stdout)["checks"]
                    if found["what"] == "socket"]
        if good:
            assert [found["state"] for found in findings] == ["hint"], findings
            continue
        assert run(site, "--socket").returncode == SOCKET
        assert not os.path.exists(site.settings["socket"])
        assert findings[0]["state"] == "wrong" and "chmod go-w " + folder in findings[0]["mend"], findings


def test_a_socket_in_use_is_not_taken_and_a_dead_one_is(site):
    site.start()
    assert run(site, "--socket").returncode == SOCKET
    assert answers(site.socket)
    site.workers.kill()
    site.workers = None
    wait_until("nobody answers any more", 5, lambda: not answers(site.socket))
    assert os.path.exists(site.socket)
    site.start()
    site.stop()


@pytest.mark.shows("G03")
def test_a_port_that_anybody_can_hold_is_no_place_to_ask_at(site):
    """Apache believes whoever listens on `authorizer`, where it asks instead of at the socket."""
    site.settings["authorizer"] = "127.0.0.1:%d" % free_port()
    site.write_config()
    said, = [found for found in json.loads(site.command("check", "--json").stdout)["checks"]
             if found["what"] == "authorizer"]
    assert said["state"] == "wrong" and "can take port" in said["text"] and "Unix socket" in said["mend"], said
    # Apache asked there before: a listener that is still there is worth a note.
    del site.settings["authorizer"]
    site.write_config()
    with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", 9311)):
        said, = [found for found in json.loads(site.command("check", "--json").stdout)["checks"]
                 if found["what"] == "authorizer"]
        assert said["state"] == "hint" and "127.0.0.1:9311" in said["text"], said
    site.settings["authorizer"] = "10.0.0.1:931"
    site.write_config()
    assert run(site, "--socket").returncode == CONFIG


# ---- descriptor 0

@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP])
def test_a_socket_that_is_handed_over_is_served_until_a_signal(site, listening, hand, how):
    worker = hand(site, listening)
    assert login(site.socket) == 200
    assert worker.end(how) == OK


@only_root_looks_inside
def test_closed_descriptors_do_not_become_the_database(site, listening, hand):
    worker = hand(site, listening, closed=(1, 2))
    assert login(site.socket) == 200
    assert os.readlink(f"/proc/{worker.child.pid}/fd/2") == "/dev/null"
    assert worker.end() == OK


def test_a_handed_over_socket_can_be_shared_by_workers(site, listening, hand):
    worker = hand(site, listening, "--workers", "3")
    wait_until("three workers", 10, lambda: len(children_of(worker.child.pid)) == 3)
    assert login(site.socket) == 200
    assert worker.end() == OK


def test_tcp_on_loopback_answers_authorizers_alone(site, hand):
    site.start()
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(8)
        port = listening.getsockname()[1]
        worker = hand(site, listening)
        assert ask_tcp(port, fcgi.RESPONDER, "/auth/health").status == 403
        assert ask_tcp(port, fcgi.AUTHORIZER, "/app/").status == 401
        known = ask_tcp(port, fcgi.AUTHORIZER, "/app/", {"Authorization": "Bearer " + browser.access})
        assert known.status == 200 and known.header("Variable-REMOTE_USER") == "ada"
        assert worker.end() == OK
    site.stop()


def test_tcp_that_others_reach_is_refused(site, hand):
    with socket.socket() as listening:
        listening.bind(("0.0.0.0", 0))
        listening.listen(8)
        assert hand(site, listening).child.wait(10) == SOCKET


@pytest.mark.parametrize("launcher", [
    ["spawn-fcgi", "-n", "-M", "0660", "-s", "SOCKET", "--"],
    ["spawn-fcgi", "-n", "-M", "0660", "-s", "SOCKET", "--", "/usr/bin/multiwatch", "-f", "3", "--"],
])
def test_the_usual_launchers_work(site, launcher):
    argv = [site.socket if word == "SOCKET" else word for word in launcher] + program(site)
    launched = Process(argv, site.log)
    launched.wait_for("the worker answers", 20, lambda: answers(site.socket))
    assert login(site.socket) == 200
    assert launched.stop() == OK


# ---- workers that die, and new ones

@pytest.mark.timed
def test_a_killed_worker_is_replaced_within_a_second(site):
    site.may_die = True
    site.start(workers=2)
    for _ in range(3):
        victim = site.worker_pids()[0]
        os.kill(victim, signal.SIGKILL)
        wait_until("a new worker", 1, lambda: victim not in site.worker_pids() and len(site.worker_pids()) == 2)
        assert login(site.socket) == 200
    site.stop()


def test_hangup_takes_the_new_configuration_and_loses_no_request(site):
    site.start(workers=2)
    before = site.worker_pids()
    site.settings["threads"] = "3"
    site.write_config()
    os.kill(site.workers.child.pid, signal.SIGHUP)
    assert all(answers(site.socket) for _ in range(100))
    wait_until("new workers", 5, lambda: not set(before) & set(site.worker_pids()))
    site.wait_for_log(r'"event":"worker_started".*"threads":3')
    site.stop()


def test_hangup_keeps_the_old_configuration_where_the_new_one_is_wrong(site):
    site.start()
    site.settings["unheard_of"] = "yes"
    site.write_config()
    os.kill(site.workers.child.pid, signal.SIGHUP)
    site.wait_for_log(r'"event":"configuration_kept"')
    assert answers(site.socket)
    site.stop()


def test_workers_leave_when_their_parent_is_killed(site):
    site.start(workers=2)
    orphans = site.worker_pids()
    site.workers.child.kill()
    site.workers.child.wait()
    site.workers = None

    def gone(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat_file:
                return stat_file.read().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True
    wait_until("the orphans leave", 5, lambda: all(gone(pid) for pid in orphans))


@pytest.mark.shows("F09", "E14")
def test_workers_are_locked_in(site):
    site.start()
    for pid in site.worker_pids():
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            facts = dict(line.split(":\t", 1) for line in status.read().splitlines() if ":\t" in line)
        if "sandbox_off" in site.log_text():
            pytest.skip("a build without hardening")
        assert facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2"
    site.stop()


# ---- peers that behave badly

@pytest.mark.timed
def test_stalled_peers_keep_nobody_out(new_site):
    site = new_site(threads=4, request_timeout="10 s")
    site.start()
    stalled = [fcgi.connect(site.socket) for _ in range(4)]
    for connection in stalled:
        connection.sendall(b"\x01\x01\x00\x01\x00\x08\x00\x00")
    assert fcgi.ask(site.socket, "GET", "/auth/health", timeout=6).status == 200
    for connection in stalled:
        connection.close()
    site.stop()


def test_a_body_is_never_read_as_another_request(site):
    site.start()
    forged = fcgi.encode({**fcgi.params("GET", "/auth/health", {}, b""), "REMOTE_USER": "ada"})
    body = forged * (13000 // len(forged) + 1)
    with fcgi.connect(site.socket) as connection:
        begin = fcgi.record(fcgi.BEGIN_REQUEST, b"\x00\x01\x01\x00\x00\x00\x00\x00")  # keep the connection
        pairs = b"".join(fcgi.name_value(*pair) for pair in fcgi.params("POST", "/auth/nothing", {}, body).items())
        connection.sendall(begin + fcgi.stream(fcgi.PARAMS, pairs) + fcgi.stream(fcgi.STDIN, body) + forged)
        data = fcgi.read_all(connection)
    assert fcgi.decode(data).status == 404
    assert data.count(b"Status: ") == 1
    site.stop()


def without_filters():
    """Hides filters of system calls from what this process runs, as a kernel without them would."""
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    allow, absent = 0x7fff0000, 0x00050000 | errno.EINVAL
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(allow)))
    number = seccomp.seccomp_syscall_resolve_name(b"seccomp")
    assert seccomp.seccomp_rule_add(context, ctypes.c_uint32(absent), number, ctypes.c_uint(0)) == 0
    assert seccomp.seccomp_load(context) == 0


@pytest.mark.plain
@pytest.mark.parametrize("sandbox, status", [("required", 7), ("available", 0), ("off", 0)])
def test_cgi_on_a_kernel_without_filters_is_a_setting(new_site, sandbox, status):
    site = new_site(sandbox=sandbox)
    environment = {**fcgi.params("GET", "/auth/health", {}, b""), "PINTLE_CONFIG": site.path("pintle.conf")}
    done = subprocess.run([site.path("bin", "pintle.fcgi")], env=environment, capture_output=True, timeout=30,
                          preexec_fn=without_filters, **unprivileged())
    assert done.returncode == status, done
    assert done.stdout.startswith(b"Status: 200") == (status == 0), done
    assert {"required": b"sandbox = available", "available": b"runs without one", "off": b"sandbox_off"}[sandbox] in done.stderr
