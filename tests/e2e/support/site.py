"""A site of its own: configuration, state folder, users, workers."""

import atexit
import json
import os
import re
import shutil
import subprocess
import tempfile

from . import fcgi
from .browser import Browser, OverFastcgi
from .process import Process, children_of, end_all, give, unprivileged, wait_until

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
BUILD = os.path.abspath(os.environ.get("PINTLE_BUILD", os.path.join(TOP, "build", "gcc")))
PASSWORD = "correct horse battery staple"

# Cheap passwords: the time of a hash is not tested here. And as many wrong ones as a test likes.
DEFAULTS = {"account_tries": "100000", "device_tries": "100000", "address_tries": "100000",
            "hashing_memory": "64 KiB", "hashing_passes": "1", "hashing_slots": "8", "sessions_per_user": "1000"}

# What nobody may leave in the log, and what only a deliberately killed worker leaves there.
REPORTS = re.compile(r"Sanitizer|runtime error:")
DEATHS = re.compile(r'"event":"worker_died"')

open_sites = []  # those of the test that is running


def remove_all():
    """Ends everything, and removes the folders of sites that a failed set-up left open."""
    end_all()
    for site in open_sites:
        shutil.rmtree(site.folder, ignore_errors=True)


atexit.register(remove_all)


class Site:
    def __init__(self, settings=None, issuer="https://localhost/auth", places=None):
        self.folder = tempfile.mkdtemp(prefix="pintle-e2e-")
        give(self.folder)
        self.socket = self.path("pintle.sock")
        self.log = self.path("worker.log")
        self.workers = None
        self.may_die = False  # set by tests that kill workers
        self.settings = {"issuer": issuer, "state_folder": self.path("state"), "socket": self.socket,
                         **DEFAULTS, **(settings or {})}
        self.places = places or {}  # what is guarded: path, and the settings of its section
        open_sites.append(self)
        try:
            self.copy_programs()
            self.write_config()
            self.run("init")
        except BaseException:
            self.close()
            raise

    def path(self, *below):
        return os.path.join(self.folder, *below)

    def copy_programs(self):
        """Copies the programs, since the build may be where only its owner can look."""
        os.mkdir(self.path("bin"), 0o755)
        for program in "pintle", "pintle.fcgi":
            shutil.copy(os.path.join(BUILD, program), self.path("bin", program))

    def write_config(self):
        with open(self.path("pintle.conf"), "w", encoding="utf-8") as config:
            config.writelines(f"{name} = {value}\n" for name, value in self.settings.items())
            for path, place in self.places.items():
                config.write(f"[guard {path}]\n")
                config.writelines(f"{name} = {value}\n" for name, value in place.items())
        os.chmod(self.path("pintle.conf"), 0o644)

    # ---- the command

    def command(self, *arguments, stdin=""):
        return subprocess.run([self.path("bin", "pintle"), "--config", self.path("pintle.conf"), *arguments],
                              input=stdin, capture_output=True, text=True, timeout=60, **unprivileged())

    def run(self, *arguments, stdin=""):
        done = self.command(*arguments, stdin=stdin)
        assert done.returncode == 0, f"pintle {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))

    def keys(self, signs="access tokens"):
        return [key for key in self.json("key", "list")["keys"] if key["signs"] == signs]

    def add_user(self, name, password=PASSWORD, groups=""):
        self.run("user", "add", name, *(["--groups", groups] if groups else []), stdin=password + "\n")

    # ---- the worker

    def start(self, workers=1, wrapper=()):
        argv = [*wrapper, self.path("bin", "pintle.fcgi"), "--config", self.path("pintle.conf"),
                "--socket", self.socket, "--workers", str(workers)]
        self.workers = Process(argv, self.log)
        self.workers.wait_for("the worker answers", 30, self.healthy)

    def healthy(self):
        try:
            return fcgi.ask(self.socket, "GET", "/auth/health").status == 200
        except (OSError, fcgi.Broken):
            return False

    def worker_pids(self):
        return children_of(self.workers.child.pid)

    def stop(self):
        if self.workers:
            status, self.workers = self.workers.stop(), None
            assert status == 0, f"the worker ended with {status}\n{self.log_text()[-4000:]}"

    def log_text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8", errors="replace") as lines:
            return lines.read()

    def browser(self):
        return Browser(OverFastcgi(self.socket))

    def close(self):
        """Ends the worker, removes the folder, and complains about what is in the log."""
        try:
            self.stop()
            log = self.log_text()
            assert not REPORTS.search(log), log[-8000:]
            assert self.may_die or not DEATHS.search(log), log[-8000:]
        finally:
            open_sites.remove(self)
            shutil.rmtree(self.folder)

    def wait_for_log(self, pattern, seconds=5):
        wait_until(f"the log says {pattern}", seconds, lambda: re.search(pattern, self.log_text()))
