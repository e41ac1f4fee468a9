"""What a measurement needs: processes to start and end, a processor for them, wrk, and costs."""

import atexit
import json
import os
import re
import signal
import statistics
import subprocess
import time
import urllib.error
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
started = []
wrk_threads = 1


def pin(processors):
    """This process, and all that it starts from now on, may use these processors."""
    os.sched_setaffinity(0, processors)


def start(command, folder, **environment):
    with open(os.path.join(folder, "servers.log"), "ab") as log:
        process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                                   stdout=log, stderr=log, start_new_session=True)
    started.append(process)
    return process


def stop(process):
    """Ends a process and its whole group."""
    if process in started:
        started.remove(process)
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def stop_all():
    for process in list(started):
        stop(process)


atexit.register(stop_all)
signal.signal(signal.SIGTERM, signal.default_int_handler)


def family(root):
    """A process and its costs."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="latin-1") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(name))
    found, left = [], [root.pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def cpu_seconds(root):
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def anonymous_mb(root):
    """The processes' own memory: what they share with no file."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as rollup:
                total += int(re.search(r"^Pss_Anon:\s+(\d+)", rollup.read(), re.M).group(1))
        except (OSError, AttributeError):
            continue
    return round(total / 1024, 1)


def wait_for(url, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.01)
    raise TimeoutError(url)


def ms(text):
    found = re.match(r"([\d.]+)(us|ms|s|m)$", text)
    if found is None:
        return float("nan")  # wrk has seen no answer
    number, unit = found.groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3, "m": 6e4}[unit]


def wrk(url, seconds, clients, headers=(), script=None, arguments=()):
    # A script of ours keeps what it sends in one state, so it has one thread.
    threads = 1 if script else min(wrk_threads, clients)
    command = ["wrk", f"-t{threads}", f"-c{clients}", "--latency", "--timeout", "8s", "-d", f"{seconds}s"]
    for header in headers:
        command += ["-H", header]
    if script:
        command += ["-s", script]
    out = subprocess.run([*command, url, *arguments], capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: (.*)", out)
    return {
        "requests": int(re.search(r"(\d+) requests in", out).group(1)),
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
        "p50_ms": ms(re.search(r"50%\s+(\S+)", out).group(1)),
        "p99_ms": ms(re.search(r"99%\s+(\S+)", out).group(1)),
        "wrong": (int(wrong.group(1)) if wrong else 0) +
                 (sum(map(int, re.findall(r"\d+", errors.group(1)))) if errors else 0),
    }


class Meter:
    """Rounds of one measurement, and their result."""

    def __init__(self, name, backend, url, clients=64, before=None, **more):
        self.name, self.backend, self.url, self.clients = name, backend, url, clients
        self.before, self.more, self.rounds = before, more, []

    def round(self, seconds, warm=True):
        if self.before:
            self.before()
        if warm and not self.rounds:
            wrk(self.url, 1, self.clients, **self.more)
            if self.before:
                self.before()
        used = cpu_seconds(self.backend)
        result = wrk(self.url, seconds, self.clients, **self.more)
        result["cpu_us"] = (cpu_seconds(self.backend) - used) / max(result["requests"], 1) * 1e6
        result["anonymous_mb"] = anonymous_mb(self.backend)
        self.rounds.append(result)
        return result

    def summary(self):
        rates = [each["rate"] for each in self.rounds]
        middle = {key: statistics.median(each[key] for each in self.rounds)
                  for key in ("rate", "p50_ms", "p99_ms", "cpu_us", "anonymous_mb")}
        return {"name": self.name, "clients": self.clients, **middle, "lowest": min(rates), "highest": max(rates),
                "wrong": sum(each["wrong"] for each in self.rounds)}


def alternate(meters, rounds, seconds, warm=True):
    """Runs each in turn, round after round: other work on the machine then affects all of them."""
    for _ in range(rounds):
        for meter in meters:
            meter.round(seconds, warm)
    summaries = [meter.summary() for meter in meters]
    for each in summaries:
        print(json.dumps(each), flush=True)
    return summaries
