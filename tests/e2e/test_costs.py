"""What a request costs, compared with tests/bench/costs.json (tests/bench/README.md)."""

import os
import subprocess

import pytest

from support.site import BUILD, TOP


@pytest.mark.timed
def test_a_request_costs_what_it_did():
    subprocess.run(["make", "-s", "-C", BUILD, "tests/bench/fill"], check=True)
    done = subprocess.run(["/usr/bin/python3", os.path.join(TOP, "tests", "bench", "costs.py")], capture_output=True,
                          text=True, check=False, env={**os.environ, "PINTLE_BUILD": BUILD})
    assert done.returncode == 0, done.stdout + done.stderr
