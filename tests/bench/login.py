#!/usr/bin/python3
"""What a login costs: beside argon2id alone with the same parameters, as many at a time.

Sixteen clients log in one after the other, each time as a new device; the site is as it is by default, with
limits out of the way. The workers, and argon2 alone, have one core, the clients the other.

    PINTLE_BUILD=build/gcc /usr/bin/python3 tests/bench/login.py [ROUNDS [SECONDS]]
"""

import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

from support.site import Site  # noqa: E402

SLOTS, CLIENTS = 4, 16
MANY = "1000000"


def number(core, *command):
    done = subprocess.run(["taskset", "-c", str(core), *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def main():
    rounds, seconds = (int(a) for a in (sys.argv[1:] + ["5", "8"][len(sys.argv) - 1:]))
    site = Site({"hashing_memory": "19 MiB", "hashing_passes": "2", "hashing_slots": str(SLOTS),
                 "account_tries": MANY, "address_tries": MANY, "device_tries": MANY}, issuer="http://localhost/auth")
    try:
        alone, load = site.path("bin", "argon2"), site.path("bin", "load")
        for program, source in (alone, "argon2.c"), (load, "load.c"):
            subprocess.run(["cc", "-O2", "-o", program, os.path.join(HERE, source), "-largon2", "-pthread"], check=True)
        for client in range(CLIENTS):
            site.add_user(f"user{client}")
        site.start(wrapper=["taskset", "-c", "0"])
        ratios = []
        for _ in range(rounds):
            logins = number(1, load, site.socket, "login", str(CLIENTS), str(seconds))
            hashes = number(0, alone, str(SLOTS), str(seconds))
            ratios.append(logins / hashes)
            print(f"  {logins:8.1f} logins beside {hashes:8.1f} hashes a second: {ratios[-1]:.3f}", flush=True)
        print(f"login: {statistics.median(ratios):.2f} of argon2id alone (median of {rounds}; goal: at least 0.9)")
    finally:
        site.close()


if __name__ == "__main__":
    sys.exit(main())
