"""Processes that the tests start: without privileges, in their own group, and ended for sure."""

import atexit
import os
import pwd
import signal
import socket
import subprocess
import time

ACCOUNT = "www-data"  # the account that root runs servers and workers as; every Debian has it


def unprivileged():
    """For subprocess: root drops to an account without rights; anybody else stays the same."""
    return {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}


def give(path):
    """Gives a folder to the account that the servers run as."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(ACCOUNT)
        os.chown(path, account.pw_uid, account.pw_gid)


def wait_until(what, seconds, condition):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError(f"{what}: not within {seconds} s")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def children_of(pid):
    """The process IDs of a process's children, as the kernel lists them."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listing:
            return [int(number) for number in listing.read().split()]
    except FileNotFoundError:
        return []


_running = set()


def end_all():
    """Kills what is still running: after a failed set-up nobody else may know of it."""
    for process in list(_running):
        process.kill()


atexit.register(end_all)


class Process:
    """A daemon kept in the foreground; its standard error goes to a file."""

    def __init__(self, argv, log, env=None, account=None):
        """account: the account for subprocess to run it as; by default one without privileges."""
        self.argv = argv
        self.log = log
        with open(log, "ab") as errors:
            self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                                          env={**os.environ, **(env or {})}, start_new_session=True,
                                          **(unprivileged() if account is None else account))
        _running.add(self)

    def wait_for(self, what, seconds, condition):
        def ready():
            assert self.child.poll() is None, f"{self.argv[0]} ended with {self.child.returncode}:\n{self.tail()}"
            return condition()
        wait_until(what, seconds, ready)

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as lines:
            return "".join(lines.readlines()[-20:])

    def kill(self):
        """Sends kill -9 to it and whatever it started."""
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.child.wait()
        _running.discard(self)

    def stop(self, seconds=20):
        """Sends TERM, returns the exit status, and kills whatever is left."""
        try:
            if self.child.poll() is None:
                self.child.terminate()
            return self.child.wait(seconds)
        finally:
            self.kill()
