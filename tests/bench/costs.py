#!/usr/bin/python3
"""What a request costs, in numbers that no other work on the machine changes.

They are compared with tests/bench/costs.json: instructions and allocations by callgrind, system
calls and bytes written to the store by strace, of a worker that gets one request after another.
Each request is sent a few times and then many times more; the difference is what the requests cost,
without the cost of a start. A number that moves by more than its tolerance fails the run; if the
change is intended, write the new numbers:

    PINTLE_BUILD=build/gcc /usr/bin/python3 tests/bench/costs.py [--write]
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.environ.get("PINTLE_BUILD", os.path.join(TOP, "build", "gcc")))
HELD = os.path.join(HERE, "costs.json")
sys.path.insert(0, os.path.join(TOP, "tests", "e2e"))

from support import fcgi  # noqa: E402

FEW, MANY = 20, 120
SESSIONS = MANY + 1
PARTS = {"instructions": 4, "allocations": 2, "system_calls": 6, "store_bytes": 10}  # per cent
# These depend on the clock, or on which thread sleeps; what remains depends on the requests alone.
BY_THE_CLOCK = {"poll", "ppoll", "futex", "restart_syscall", "clock_nanosleep", "rt_sigreturn"}
CONFIG = """
issuer = http://localhost/auth
state_folder = {folder}/state
hashing_memory = 64 KiB
hashing_passes = 1
hashing_queue = 4
threads = 4
sessions_per_user = 1000
hand_out = 1 ms
quiet = 1 min
gate_cookie = yes
verified_tokens = 1000
"""


def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    assert done.returncode == 0, (command, done.stdout, done.stderr)


class Worker:
    """One worker, unsupervised, under a tool; its standard input is its socket."""

    def __init__(self, folder, *tool):
        self.socket = os.path.join(folder, "socket")
        if os.path.exists(self.socket):
            os.unlink(self.socket)
        with socket.socket(socket.AF_UNIX) as listener, open(os.path.join(folder, "log"), "ab") as log:
            listener.bind(self.socket)
            listener.listen(64)
            self.process = subprocess.Popen(
                [*tool, os.path.join(BUILD, "pintle.fcgi"), "--config", os.path.join(folder, "pintle.conf"),
                 "--no-sandbox"], stdin=listener, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)))
        self.ask({"SCRIPT_NAME": "/auth/health"})

    def ask(self, params):
        with fcgi.connect(self.socket, 60) as connection:
            connection.sendall(fcgi.encode({"REQUEST_METHOD": "GET", "REMOTE_ADDR": "192.0.2.1",
                                            "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": "", **params}))
            return fcgi.decode(fcgi.read_all(connection))

    def stop(self):
        """The tools pass TERM on to the worker, or are the worker."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(60)


def refresh(line):
    token, device, _, _ = line
    return {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "/auth/refresh",
            "HTTP_COOKIE": f"pintle-refresh={token}; pintle-device={device}"}, 200


def verify_cookie(line):
    return {"SCRIPT_NAME": "/app/", "PINTLE_MODE": "verify", "HTTP_COOKIE": f"pintle-gate={line[3]}"}, 204


def verify_unseen(line):
    return {"SCRIPT_NAME": "/app/", "PINTLE_MODE": "verify", "HTTP_AUTHORIZATION": f"Bearer {line[2]}"}, 204


KINDS = {"refresh": refresh, "verify by gate cookie": verify_cookie, "verify by a token not seen before": verify_unseen}


def asked(worker, lines, question, count, again):
    for i in range(count):
        params, status = question(lines[0 if again else i])
        answer = worker.ask(params)
        assert answer.status == status, (params, answer)


def instructions(path):
    """Counts the calls of allocating functions as well."""
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    names = dict(re.findall(r"^c?fn=\((\d+)\) (\S+)", text, re.M))
    calls = re.findall(r"^cfn=\((\d+)\)[^\n]*\ncalls=(\d+)", text, re.M)
    return {"instructions": int(re.search(r"^(?:summary|totals): (\d+)", text, re.M).group(1)),
            "allocations": sum(int(count) for number, count in calls
                               if names.get(number) in ("malloc", "calloc", "realloc"))}


def system_calls(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    done = re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(?![^\n]*unfinished)[^\n]*?= +(-?\d+)", text, re.M)
    return {"system_calls": sum(name not in BY_THE_CLOCK for name, _ in done),
            "store_bytes": sum(int(result) for name, result in done if name in ("pwrite64", "pwritev", "writev"))}


def measure(folder, tool, out, read, lines, question, again):
    """The difference of two runs, for each request."""
    counts = []
    for count in FEW, MANY:
        for name in "state", "socket":
            path = os.path.join(folder, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
        shutil.copytree(os.path.join(folder, "fresh"), os.path.join(folder, "state"))
        worker = Worker(folder, *tool)
        try:
            asked(worker, lines, question, count, again)
        finally:
            worker.stop()
        counts.append(read(out))
        os.unlink(out)
    return {name: (counts[1][name] - counts[0][name]) / (MANY - FEW) for name in counts[0]}


def costs(folder):
    with open(os.path.join(folder, "pintle.conf"), "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=folder))
    config = os.path.join(folder, "pintle.conf")
    run(os.path.join(BUILD, "pintle"), "--config", config, "init")
    run(os.path.join(BUILD, "tests/bench/fill"), config, "1", str(SESSIONS), os.path.join(folder, "tokens"))
    os.rename(os.path.join(folder, "state"), os.path.join(folder, "fresh"))
    with open(os.path.join(folder, "tokens"), encoding="ascii") as file:
        lines = [line.split() for line in file]
    out = os.path.join(folder, "out")
    callgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"]
    strace = ["strace", "-f", "-o", out]
    found = {}
    for kind, question in KINDS.items():
        again = kind == "verify by gate cookie"
        found[kind] = {**measure(folder, callgrind, out, instructions, lines, question, again),
                       **measure(folder, strace, out, system_calls, lines, question, again)}
    return found


def surroundings():
    """What the numbers depend on besides this tree: where it differs, they are not compared."""
    with open("/etc/os-release", encoding="utf-8") as file:
        release = dict(line.strip().split("=", 1) for line in file if "=" in line)
    compiler = subprocess.run(["cc", "-dumpversion"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{release.get('VERSION_CODENAME', release['ID'])} {os.uname().machine} cc {compiler}"


def differences(found, held):
    for kind, numbers in found.items():
        for name, number in numbers.items():
            was = held.get(kind, {}).get(name)
            if was is None or abs(number - was) > max(was * PARTS[name] / 100, 0.5):
                yield f"{kind}: {number:.1f} {name} a request, held to {was}"


def main():
    for tool in "valgrind", "strace":
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed: sh tests/packages.sh tests")
    folder = tempfile.mkdtemp(prefix="pintle-costs-")
    # With one processor, and a worker that waits for its turn there, a request has arrived as a
    # whole when it is read.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    began = time.monotonic()
    try:
        found = costs(folder)
    finally:
        shutil.rmtree(folder)
    rounded = {kind: {name: round(number, 1) for name, number in numbers.items()} for kind, numbers in found.items()}
    print(json.dumps(rounded, indent=1))
    print(f"{time.monotonic() - began:.0f} s")
    with open(HELD, encoding="utf-8") as file:
        held = json.load(file)
    here = surroundings()
    if "--write" in sys.argv:
        with open(HELD, "w", encoding="utf-8") as file:
            json.dump({**held, here: rounded}, file, indent=1)
            file.write("\n")
        return 0
    if here not in held:
        print(f"no numbers are held for {here}: --write puts these")
        return 0
    wrong = list(differences(found, held[here]))
    for each in wrong:
        print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
