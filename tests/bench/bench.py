#!/usr/bin/python3
"""pintle's figures, each beside a bare libfcgi program in the same place, in alternating rounds.

The web server, the program that is measured and the load generator share one processor: a figure is
the number of requests a second of one core that does all the work, and the ratios within one run
are what counts. `sh tests/bench/run.sh` starts it, and says what it is for.

    PINTLE_BUILD=build/gcc /usr/bin/python3 tests/bench/bench.py [NAME ...]
"""

import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import machine
import picture
from machine import Meter, alternate, start, stop, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("PINTLE_BUILD", os.path.join(TOP, "build", "gcc")))
ROUNDS, SECONDS = int(os.environ.get("ROUNDS", "5")), int(os.environ.get("SECONDS", "2"))
SESSIONS = int(os.environ.get("SESSIONS", "10000"))
PROCESSOR = int(os.environ.get("PROCESSOR", str(max(os.sched_getaffinity(0)))))
OUT = os.environ.get("OUT", BUILD)
PORT, EXPRESS_PORT = (int(port) for port in os.environ.get("PORTS", "28080 28081").split())
URL = f"http://127.0.0.1:{PORT}"
PASSWORD = "correct horse battery staple"

PARAMS = {
    "QUERY_STRING": "$query_string", "REQUEST_METHOD": "$request_method", "CONTENT_TYPE": "$content_type",
    "CONTENT_LENGTH": "$content_length", "SCRIPT_NAME": "$fastcgi_script_name", "REQUEST_URI": "$request_uri",
    "DOCUMENT_URI": "$document_uri", "SERVER_PROTOCOL": "$server_protocol", "REQUEST_SCHEME": "$scheme",
    "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_SOFTWARE": "nginx", "REMOTE_ADDR": "$remote_addr",
    "REMOTE_PORT": "$remote_port", "SERVER_ADDR": "$server_addr", "SERVER_PORT": "$server_port",
    "SERVER_NAME": "$server_name",
}


class Place:
    """A folder, and nginx in front of whatever runs in it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pintle-bench-", dir=os.environ.get("SCRATCH"))
        os.chmod(self.folder, 0o755)
        with open(self.path("file.txt"), "w", encoding="ascii") as file:
            file.write("static\n")

    def path(self, *below):
        return os.path.join(self.folder, *below)

    def close(self):
        machine.stop_all()
        shutil.rmtree(self.folder)


class Site:
    """pintle's worker with a store of its own."""

    def __init__(self, place, name, sessions=0, users=None, **settings):
        self.folder = place.path(name)
        self.socket = os.path.join(self.folder, "pintle.sock")
        self.config = os.path.join(self.folder, "pintle.conf")
        self.tokens = os.path.join(self.folder, "tokens")
        # A login walks the sessions of its user, and rounds fill again and again: each session has a
        # user of its own, so that a round gives nobody more than one.
        self.users, self.sessions, self.process = users or sessions, sessions, None
        os.mkdir(self.folder)
        many = "1000000"
        settings = {"issuer": "http://localhost/auth", "state_folder": os.path.join(self.folder, "state"),
                    "socket": self.socket, "sessions_per_user": "10000", "account_tries": many,
                    "address_tries": many, "device_tries": many, **settings}
        with open(self.config, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())
        self.run("init")

    def run(self, *arguments, stdin="", may_fail=False):
        done = subprocess.run([os.path.join(BUILD, "pintle"), "--config", self.config, *arguments], input=stdin,
                              capture_output=True, text=True, check=False)
        if done.returncode and not may_fail:
            sys.exit(f"pintle {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def set(self, key, value):
        """Settings for the next start."""
        with open(self.config, encoding="utf-8") as file:
            lines = [line for line in file if not line.startswith(f"{key} =")]
        with open(self.config, "w", encoding="utf-8") as file:
            file.writelines([*lines, f"{key} = {value}\n"])

    def fill(self):
        """Makes new sessions, and a file with a line for each."""
        subprocess.run([os.path.join(BUILD, "tests/bench/fill"), self.config, str(self.users), str(self.sessions),
                        self.tokens], check=True)

    def line(self):
        """The refresh token, device, access token and gate cookie of one session."""
        with open(self.tokens, encoding="ascii") as file:
            return file.readline().split()

    def start(self, workers=1):
        began = time.monotonic()
        self.process = start([os.path.join(BUILD, "pintle.fcgi"), "--config", self.config, "--socket", self.socket,
                              "--workers", str(workers)], self.folder)
        while not os.path.exists(self.socket):
            time.sleep(0.001)
        return time.monotonic() - began

    def stop(self):
        stop(self.process)


def hello(place, threads=2):
    path = place.path("hello.sock")
    process = start([os.path.join(BUILD, "tests/bench/hello"), path, str(threads)], place.folder)
    return process, path


def nginx(place, processes=1, **sockets):
    """A place /NAME/ for each socket, and /NAME.txt, which it guards."""
    params = "".join(f"fastcgi_param {name} {value};\n" for name, value in PARAMS.items())
    folder = place.path("nginx")
    os.makedirs(folder, exist_ok=True)
    temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    servers = "".join(f"""
        location ^~ /{name}/ {{ {params} fastcgi_pass unix:{path}; }}
        location = /_{name} {{
            internal; {params}
            fastcgi_param PINTLE_MODE verify; fastcgi_pass_request_body off; fastcgi_param CONTENT_LENGTH "";
            fastcgi_pass unix:{path};
        }}
        location = /{name}.txt {{
            auth_request /_{name}; auth_request_set $user $upstream_http_x_auth_user; add_header X-User $user;
            alias {place.path("file.txt")};
        }}""" for name, path in sockets.items())
    with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as file:
        file.write(f"""
{"user root;" if os.geteuid() == 0 else ""}
daemon off; worker_processes {processes}; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; sendfile on; keepalive_requests 1000000000; {temporary}
    upstream express {{ server 127.0.0.1:{EXPRESS_PORT}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{PORT} backlog=1024; root {place.folder};
        location = /ready {{ return 200 "ok"; }}
        location /express/ {{
            proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://express/;
        }}
        location = /_express {{
            internal; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass_request_body off;
            proxy_set_header Content-Length ""; proxy_pass http://express/verify;
        }}
        location = /express.txt {{ auth_request /_express; alias {place.path("file.txt")}; }}
        {servers}
    }}
}}""")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            sys.exit(f"port {PORT} is taken: PORTS=\"PORT OTHER\" names others")
    process = start(["nginx", "-e", f"{folder}/error.log", "-p", folder, "-c", os.path.join(folder, "nginx.conf")],
                    place.folder)
    wait_for(URL + "/ready")
    return process


def script(name):
    return os.path.join(HERE, name)


def refreshing(site, clients):
    return Meter(f"refresh, {clients} clients", site.process, URL + "/auth/refresh", clients=clients,
                 before=site.fill, script=script("refresh.lua"), arguments=[site.tokens])


# Every refresh moves the rotation: the quiet period is short, and no token is handed out twice.
MOVING = {"hand_out": "1 ms", "quiet": "1 s", "gate_cookie": "no"}


def refresh(place):
    site = Site(place, "refresh", SESSIONS, **MOVING)
    idle, path = hello(place)
    site.fill()
    site.start()
    server = nginx(place, auth=site.socket, hello=path)
    try:
        memory = machine.anonymous_mb(site.process)
        results = alternate([Meter("hello", idle, URL + "/hello/x", headers=["Cookie: a=b"]),
                             *(refreshing(site, clients) for clients in (64, 256, 1))], ROUNDS, SECONDS)
        return [*results, {"name": "memory, idle", "anonymous_mb": memory}]
    finally:
        for process in server, idle, site.process:
            stop(process)


def verify(place):
    site = Site(place, "verify", 5000, verified_tokens="1000", gate_cookie="yes")
    idle, path = hello(place)
    site.fill()
    site.start()
    server = nginx(place, auth=site.socket, hello=path)
    _, _, access, gate = site.line()
    cookie, bearer = f"Cookie: pintle-gate={gate}", f"Authorization: Bearer {access}"
    try:
        return alternate([
            Meter("hello behind auth_request", idle, URL + "/hello.txt", headers=[cookie]),
            Meter("verify by gate cookie", site.process, URL + "/auth.txt", headers=[cookie]),
            Meter("verify by a token seen before", site.process, URL + "/auth.txt", headers=[bearer]),
            Meter("verify by a token not seen before", site.process, URL + "/auth.txt", script=script("unseen.lua"),
                  arguments=[site.tokens]),
        ], ROUNDS, SECONDS)
    finally:
        for process in server, idle, site.process:
            stop(process)


def devices(place):
    """The list of a user's 31 devices, and the answer of /me, by access token."""
    site = Site(place, "devices", 31, users=1, threads="8")
    idle, path = hello(place)
    site.fill()
    site.start()
    server = nginx(place, auth=site.socket, hello=path)
    bearer = f"Authorization: Bearer {site.line()[2]}"
    try:
        return alternate([
            Meter("hello", idle, URL + "/hello/x", headers=["Cookie: a=b"]),
            Meter("device list", site.process, URL + "/auth/sessions", headers=[bearer]),
            Meter("who am I", site.process, URL + "/auth/me", headers=[bearer]),
        ], ROUNDS, SECONDS)[1:]
    finally:
        for process in server, idle, site.process:
            stop(process)


class Alone(Meter):
    """argon2id by itself, with as many hashes at a time as pintle computes."""

    def round(self, seconds, warm=True):
        done = subprocess.run([os.path.join(BUILD, "tests/bench/argon2"), "4", str(seconds)], capture_output=True,
                              text=True, check=True)
        self.rounds.append({"rate": float(done.stdout), "p50_ms": 0, "p99_ms": 0, "cpu_us": 0, "anonymous_mb": 0,
                            "wrong": 0})


def login(place):
    site = Site(place, "login", hashing_memory="19 MiB", hashing_passes="2", hashing_slots="4")
    for user in range(8):
        site.run("user", "add", f"u{user}", stdin=PASSWORD + "\n")
    site.start()
    server = nginx(place, auth=site.socket)
    try:
        return alternate([
            Alone("argon2id alone", None, None),
            Meter("login", site.process, URL + "/auth/login", clients=16, script=script("login.lua"), arguments=["8"]),
        ], ROUNDS, max(SECONDS, 4))
    finally:
        for process in server, site.process:
            stop(process)


def cgi(place):
    """A process for each request: how long one takes from its start to its end."""
    site = Site(place, "cgi", 1, users=1)
    site.fill()
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/auth/me",
                   "HTTP_AUTHORIZATION": "Bearer " + site.line()[2], "REMOTE_ADDR": "127.0.0.1",
                   "PINTLE_CONFIG": site.config}
    times = []
    for _ in range(20 * ROUNDS):
        began = time.monotonic()
        done = subprocess.run([os.path.join(BUILD, "pintle.fcgi")], env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, check=True)
        times.append((time.monotonic() - began) * 1000)
        assert done.stdout.startswith(b"Status: 200"), done
    times.sort()
    result = {"name": "CGI: who am I", "p50_ms": times[len(times) // 2], "p99_ms": times[len(times) * 99 // 100]}
    print(json.dumps(result), flush=True)
    return [result]


def express(place):
    """The same work in Express: needs node, and better-sqlite3 in SQLITE (run.sh sets up both)."""
    if shutil.which("node") is None:
        print("express: node is not installed", file=sys.stderr)
        return []
    modes = [("stateless", "HS256, nothing stored", "keep")]
    if os.environ.get("SQLITE"):
        modes.append(("rotate", "ES256, SQLite FULL", "each once"))
    results = []
    for mode, name, use in modes:
        folder = place.path(mode)
        os.mkdir(folder)
        tokens = os.path.join(folder, "tokens")
        process = start(["node", os.path.join(HERE, "express.cjs"), mode, str(EXPRESS_PORT), folder], folder,
                        NODE_ENV="production")
        wait_for(f"http://127.0.0.1:{EXPRESS_PORT}/none")
        server = nginx(place)

        def fresh():
            before = os.stat(tokens).st_mtime_ns
            os.kill(process.pid, signal.SIGUSR2)
            while os.stat(tokens).st_mtime_ns == before:
                time.sleep(0.02)
        with open(os.path.join(folder, "access"), encoding="ascii") as file:
            bearer = "Authorization: Bearer " + file.read()
        try:
            results += alternate([
                Meter(f"Express: refresh, {name}", process, URL + "/express/refresh", script=script("express.lua"),
                      arguments=[tokens, use], before=fresh if mode == "rotate" else None),
                Meter(f"Express: verify, {name.split(',')[0]}", process, URL + "/express.txt", headers=[bearer]),
            ], ROUNDS, SECONDS)
        finally:
            stop(server)
            stop(process)
    return results


def told(name, **values):
    """A figure that is not a rate."""
    result = {"name": name, **values}
    print(json.dumps(result), flush=True)
    return result


def seconds_of(work):
    began = time.monotonic()
    work()
    return time.monotonic() - began


def asked(path, method="GET", **headers):
    """The milliseconds that one request takes through nginx, and the body of the answer."""
    request = urllib.request.Request(URL + path, method=method, headers=headers)
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
    return (time.monotonic() - began) * 1000, body


def once_each(site, count):
    """Single requests: ending all sessions of some users, and the status list that changes then."""
    with open(site.tokens, encoding="ascii") as file:
        bearers = [f"Bearer {line.split()[2]}" for _, line in zip(range(21), file)]
    first, _ = asked("/auth/status-list")
    ends = sorted(asked("/auth/sessions", "DELETE", Authorization=bearer)[0] for bearer in bearers[1:])
    time.sleep(1.1)  # the list is made at most once a second
    again, listed = asked("/auth/status-list")
    return [told(f"log out everywhere, {count:,} sessions", p50_ms=ends[len(ends) // 2], highest_ms=ends[-1]),
            told(f"status list, {count:,} sessions", first_ms=first, made_again_ms=again, kb=len(listed) / 1e3)]


def growth(place):
    """The same with more and more sessions (GROWTH says how many), a hundred for each user."""
    results = []
    for count in (int(each) for each in os.environ.get("GROWTH", "10000 100000 1000000").split()):
        # Cheap hashes, so that a login shows what the store does.
        site = Site(place, f"growth-{count}", count, users=max(64, count // 100), store_size="64 GiB",
                    hashing_memory="8 MiB", hashing_passes="1", **MOVING)
        for user in range(8):
            site.run("user", "add", f"u{user}", stdin=PASSWORD + "\n")
        filled = seconds_of(site.fill)
        started = site.start()
        server = nginx(place, auth=site.socket)
        size = os.stat(os.path.join(site.folder, "state", "db", "data.mdb")).st_blocks * 512 / 1e6
        bearer = f"Authorization: Bearer {site.line()[2]}"
        try:
            results.append(told(f"start, {count:,} sessions", ms=started * 1000, file_mb=size, filled_s=filled,
                                anonymous_mb=machine.anonymous_mb(site.process)))
            # One round without a warm-up: a second one would use tokens that are spent.
            results += alternate([
                Meter(f"refresh, {count:,} sessions", site.process, URL + "/auth/refresh",
                      script=script("refresh.lua"), arguments=[site.tokens]),
                Meter(f"verify, {count:,} sessions", site.process, URL + "/auth.txt", headers=[bearer]),
                Meter(f"device list, {count:,} sessions", site.process, URL + "/auth/sessions", headers=[bearer]),
                Meter(f"login, {count:,} sessions", site.process, URL + "/auth/login", clients=16,
                      script=script("login.lua"), arguments=["8"]),
            ], 1, SECONDS, warm=False)
            results += once_each(site, count)
            results.append(told(f"commands, {count:,} sessions", gc_s=seconds_of(lambda: site.run("gc")),
                                check_s=seconds_of(lambda: site.run("check", may_fail=True)),
                                backup_s=seconds_of(lambda: site.run("backup", os.path.join(site.folder, "backup")))))
        finally:
            stop(server)
            site.stop()
            shutil.rmtree(site.folder)
    return results


class Parts:
    """The tokens of a site in parts, so that no round gets a token that another has used."""

    def __init__(self, site, count):
        self.site, self.count, self.next = site, count, 0

    def refreshing(self, name):
        lines = self.site.sessions // self.count
        path = f"{self.site.tokens}-{self.next}"
        with open(self.site.tokens, encoding="ascii") as whole, open(path, "w", encoding="ascii") as part:
            part.writelines(itertools.islice(whole, self.next * lines, (self.next + 1) * lines))
        self.next += 1
        return Meter(name, self.site.process, URL + "/auth/refresh", script=script("refresh.lua"), arguments=[path])


def pages(site):
    """The bytes of the file that have ever been used, and those that hold something now."""
    used = json.loads(site.run("stats", "--json"))["bytes_used"]
    return os.stat(os.path.join(site.folder, "state", "db", "data.mdb")).st_size, used


def beside(site, meter, *command):
    """A round while a command runs, and how much the file has grown by its end."""
    before, _ = pages(site)
    began = time.monotonic()
    with subprocess.Popen([os.path.join(BUILD, "pintle"), "--config", site.config, *command],
                          stdout=subprocess.DEVNULL) as running:
        meter.round(SECONDS, warm=False)
        ended = running.poll() is not None
        running.wait()
    after, _ = pages(site)
    return told(**meter.summary(), command_s=time.monotonic() - began, ended_first=ended,
                file_grew_mb=(after - before) / 1e6)


def snapshots(place):
    """What a long look at the store costs concurrent writers, and what a nearly full file costs."""
    count = int(os.environ.get("SNAPSHOTS", "1000000"))
    site = Site(place, "snapshots", count, users=max(64, count // 100), store_size="64 GiB", **MOVING)
    site.fill()
    parts, results = Parts(site, 8), []
    site.start()
    server = nginx(place, auth=site.socket)
    try:
        for i in range(2):
            alone = parts.refreshing("refresh alone")
            alone.round(SECONDS, warm=False)
            results.append(told(**alone.summary()))
            results.append(beside(site, parts.refreshing("refresh beside backup"), "backup",
                                  os.path.join(site.folder, f"backup-{i}")))
            results.append(beside(site, parts.refreshing("refresh beside check"), "check"))
        site.stop()
        file, used = pages(site)
        limit = int(file * 1.02) >> 20
        site.set("store_size", f"{limit} MiB")
        site.start()
        full = parts.refreshing("refresh, file above 95 % of its map")
        full.round(SECONDS, warm=False)
        results.append(told(**full.summary(), file_mb=file / 1e6, used_mb=used / 1e6, map_mib=limit))
        return results
    finally:
        stop(server)
        site.stop()
        shutil.rmtree(site.folder)


def crowd(place):
    """One user with nearly as many sessions as a user may have, beside another with three."""
    results = []
    for count in 3, 9000:
        site = Site(place, f"crowd-{count}", count, users=1, hashing_memory="8 MiB", hashing_passes="1")
        site.run("user", "add", "u0", stdin=PASSWORD + "\n")
        site.fill()
        site.start()
        server = nginx(place, auth=site.socket)
        bearer = site.line()[2]
        try:
            # Before the logins, which end the oldest sessions once the limit is reached.
            listed, body = asked("/auth/sessions", Authorization="Bearer " + bearer)
            results += alternate([
                Meter(f"verify, user with {count:,} sessions", site.process, URL + "/auth.txt",
                      headers=[f"Authorization: Bearer {bearer}"]),
                Meter(f"login, user with {count:,} sessions", site.process, URL + "/auth/login", clients=4,
                      script=script("login.lua"), arguments=["1"])], 1, SECONDS, warm=False)
            ended, _ = asked("/auth/sessions", "DELETE", Authorization="Bearer " + bearer)
            results.append(told(f"one answer, user with {count:,} sessions", device_list_ms=listed, kb=len(body) / 1e3,
                                log_out_everywhere_ms=ended))
        finally:
            stop(server)
            site.stop()
    return results


def threads(place):
    """What the setting `threads` does: refresh and verify with each number in THREADS."""
    counts = os.environ.get("THREADS", "1 2 4 8 16 32").split()
    sites, results = [], []
    idle, path = hello(place)
    for count in counts:
        sites.append(Site(place, f"threads-{count}", SESSIONS, threads=count,
                          issuer=f"http://localhost/t{count}", **{**MOVING, "gate_cookie": "yes"}))
        sites[-1].fill()
        sites[-1].start()
    names = {f"t{count}": site.socket for count, site in zip(counts, sites)}
    server = nginx(place, hello=path, **names)
    try:
        meters = [Meter("hello", idle, URL + "/hello/x", headers=["Cookie: a=b"]),
                  Meter("hello behind auth_request", idle, URL + "/hello.txt", headers=["Cookie: a=b"])]
        for count, site in zip(counts, sites):
            meters += [Meter(f"refresh, {count} threads", site.process, f"{URL}/t{count}/refresh",
                             before=site.fill, script=script("refresh.lua"), arguments=[site.tokens]),
                       Meter(f"verify, {count} threads", site.process, f"{URL}/t{count}.txt",
                             headers=[f"Cookie: pintle-gate={site.line()[3]}"])]
        results = alternate(meters, ROUNDS, SECONDS)
        return results
    finally:
        for process in server, idle, *(site.process for site in sites):
            stop(process)


def cores(place):
    """One worker on one core, and two on two: nginx and the load use as many cores each time."""
    results = []
    every = sorted(os.sched_getaffinity(1) if os.geteuid() == 0 else range(os.cpu_count()))
    for count in 1, 2:
        machine.pin(set(every[-count:]))
        machine.wrk_threads = count
        site = Site(place, f"cores-{count}", SESSIONS, **{**MOVING, "gate_cookie": "yes"})
        site.fill()
        site.start(workers=count)
        server = nginx(place, processes=count, auth=site.socket)
        try:
            # wrk's threads keep separate states: two of them would use a refresh token twice, so it
            # has one.
            results += alternate([
                Meter(f"verify, {count} workers on {count} cores", site.process, URL + "/auth.txt",
                      headers=[f"Cookie: pintle-gate={site.line()[3]}"]),
                Meter(f"refresh, {count} workers on {count} cores", site.process, URL + "/auth/refresh",
                      before=site.fill, script=script("refresh.lua"), arguments=[site.tokens])], ROUNDS, SECONDS)
        finally:
            stop(server)
            site.stop()
    return results


MEASUREMENTS = {"refresh": refresh, "verify": verify, "devices": devices, "login": login, "cgi": cgi, "express": express,
                "growth": growth, "crowd": crowd, "snapshots": snapshots, "threads": threads, "cores": cores}
ASKED_FOR = ("growth", "crowd", "snapshots", "threads", "cores")
BY_DEFAULT = [name for name in MEASUREMENTS if name not in ASKED_FOR]


def main():
    names = sys.argv[1:] or BY_DEFAULT
    machine.pin({PROCESSOR})
    place = Place()
    try:
        results = {name: MEASUREMENTS[name](place) for name in names}
    finally:
        place.close()
    with open(os.path.join(OUT, "bench.json"), "w", encoding="utf-8") as file:
        json.dump({"rounds": ROUNDS, "seconds": SECONDS, "sessions": SESSIONS, "results": results}, file, indent=1)
    with open(os.path.join(OUT, "bench.md"), "w", encoding="utf-8") as file:
        file.write(picture.table(results))
    with open(os.path.join(OUT, "bench.svg"), "w", encoding="utf-8") as file:
        file.write(picture.chart(results))
    print(picture.table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
