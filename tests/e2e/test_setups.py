"""The tests' own ground: a set-up that fails leaves no server, no worker and no folder."""

import json
import os
import subprocess
import sys

import pytest

# A set-up that fails after its first step, in a run of its own; it first reports what it has
# started.
SETUP = """
import json
import sys

import pytest
from conftest import *
from support.process import _running
from support.site import open_sites


@pytest.fixture
def half_made(new_site, certificates, behind, {how}):
    {steps}
    with open({out!r}, "w") as out:
        json.dump([[process.child.pid for process in _running], [site.folder for site in open_sites]], out)
    raise RuntimeError("the set-up fails here")


def test_nothing(half_made):
    pass
"""

HOW = {
    "a site of the fixture": ("monkeypatch", "new_site().start()"),
    "a site behind a server": ("mounted", "mounted('nginx')"),
    "what no fixture ends": ("monkeypatch", "from support.site import Site; Site().start()"),
}


@pytest.mark.plain
@pytest.mark.parametrize("how", HOW)
def test_a_setup_that_fails_leaves_nothing_behind(tmp_path, how):
    fixture, steps = HOW[how]
    said = tmp_path / "said"
    (tmp_path / "test_setup.py").write_text(SETUP.format(how=fixture, steps=steps, out=str(said)), encoding="utf-8")
    here = os.path.dirname(os.path.abspath(__file__))
    done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(tmp_path)], check=False,
                          capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": here})
    assert "the set-up fails here" in done.stdout and "1 error" in done.stdout, done.stdout
    pids, folders = json.loads(said.read_text(encoding="utf-8"))
    assert pids and folders
    assert [pid for pid in pids if os.path.exists(f"/proc/{pid}")] == []
    assert [folder for folder in folders if os.path.exists(folder)] == []
