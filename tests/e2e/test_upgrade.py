"""A site left by an older version (tests/fixtures) continues under the programs of today."""

import base64
import fcntl
import gzip
import json
import os
import re
import shutil
import subprocess
import time

import pytest

from support import fcgi
from support.process import give
from support.site import TOP, Site
from test_otp import early_in_a_step, oathtool

FIXTURE = os.path.join(TOP, "tests", "fixtures", "store-1")


class OldSite(Site):
    """Laid out as the old programs left it; nothing of today has touched it yet."""

    def __init__(self):
        with open(os.path.join(FIXTURE, "facts.json"), encoding="utf-8") as text:
            self.facts = json.load(text)
        with open(os.path.join(FIXTURE, "pintle.conf"), encoding="utf-8") as text:
            settings = dict(line.strip().split(" = ") for line in text)
        super().__init__({**settings, "idle": "3650 d"}, issuer=self.facts["issuer"])
        shutil.rmtree(self.path("state"))
        for folder, _, names in os.walk(os.path.join(FIXTURE, "state")):
            there = self.path("state", os.path.relpath(folder, os.path.join(FIXTURE, "state")))
            os.mkdir(os.path.normpath(there), 0o700)
            for name in names:
                self.unpack(os.path.join(folder, name), os.path.join(there, name.removesuffix(".gz")))
        self.unpack(os.path.join(FIXTURE, "backup.gz"), self.path("old-backup"))
        for folder, _, names in os.walk(self.path("state")):
            give(folder)

    @staticmethod
    def unpack(name, to):
        with (gzip.open if name.endswith(".gz") else open)(name, "rb") as packed, open(to, "wb") as out:
            out.write(packed.read())
        os.chmod(to, 0o600)
        give(to)

    def browser_of(self, device):
        """The browser that held this session, with its cookies."""
        browser = self.browser()
        for name, value in self.facts["browsers"][device]["cookies"].items():
            browser.jar.cookies[name, "/auth" if name.endswith("refresh") else "/"] = value
        return browser


@pytest.fixture
def old_site():
    site = OldSite()
    yield site
    site.close()


@pytest.mark.shows("G11")
def test_an_old_site_goes_on(old_site):
    site, password = old_site, old_site.facts["password"]
    site.start(workers=2)
    # Both workers have it open; one of them upgraded it.
    assert site.log_text().count('"event":"store_upgraded"') == 1, site.log_text()
    assert site.log_text().count('"event":"store_backed_up"') == 1
    assert os.path.exists(site.path("state", "db", "schema-3.backup"))
    for device in "never refreshed", "refreshed once", "refreshed three times", "refreshed, with an answer that was lost", \
            "still here", "the one that replaced it", "superseding, first", "by the web server":
        assert site.browser_of(device).refresh().status == 200, device
    for device, reason in ("logged out elsewhere", "logout_elsewhere"), ("reused", "reused"), ("revoked by a service", "service"), \
            ("replaced", "replaced"), ("superseded, second", "replaced"), ("idle, recorded", "idle"), ("over the cap", "session_cap"):
        answer = site.browser_of(device).refresh()
        assert (answer.status, answer.json().get("reason")) == (403, reason), device
    # Passwords, hashes of another program, second factors with their recovery codes, services.
    assert site.browser().login("zoë", password).status == 200
    assert site.browser().login("old", password).status == 200
    assert site.browser().login("eve", password).status == 401
    codes = site.facts["second_factors"]["ada"]
    assert site.browser().login("ada", password).error() == "otp_required"
    assert site.browser().login("ada", password, otp=codes["used_recovery_codes"][0]).status == 401
    assert site.browser().login("ada", password, otp=codes["recovery_codes"][0]).status == 200
    browser = site.browser()
    assert browser.login("cy", password, otp=site.facts["second_factors"]["cy"]["recovery_codes"][1]).status == 200
    asked = fcgi.ask(site.socket, "POST", "/auth/introspect", {
        "Authorization": "Basic " + base64.b64encode(f"second:{site.facts['services']['second']}".encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded"}, f"token={browser.access}".encode())
    assert asked.status == 200 and asked.json()["active"] is True, asked
    # What the old programs said of the past, those of today say too.
    for name, command in ("services", ["service", "list"]), ("keys", ["key", "list"]):
        with open(os.path.join(FIXTURE, "expected", name + ".json"), encoding="utf-8") as text:
            old = json.load(text)[name]
        new = site.json(*command)[name]
        for entry in old:
            entry.pop("use", None)  # it depends on the day
            assert any(entry.items() <= other.items() for other in new), (name, entry, new)
    with open(os.path.join(FIXTURE, "expected", "log.jsonl"), encoding="utf-8") as text:
        old = text.read().splitlines()
    assert site.run("log", "--json").splitlines()[:len(old)] == old
    assert "problem" not in site.run("check")


@pytest.mark.shows("G11")
def test_who_is_told_what_about_another_version(old_site):
    site = old_site
    data = site.path("state", "db", "data.mdb")
    with open(site.path("state", "db", "use.lock"), "w", encoding="ascii") as held:
        give(held.name)
        fcntl.flock(held, fcntl.LOCK_SH)  # as a worker of the old version holds it
        with open(data, "rb") as file:
            before = file.read()
        began = time.monotonic()
        told = site.command("user", "list")
        assert told.returncode == 5, told
        assert "schema 3, and a worker of an older version still has it open" in told.stderr, told.stderr
        assert "start it again" in told.stderr and time.monotonic() - began < 30
        with open(data, "rb") as file:
            assert file.read() == before
    # The old worker is gone: the command upgrades it, and says so.
    told = site.command("user", "list", "--json")
    assert told.returncode == 0 and "was upgraded" in told.stderr, told
    assert len(json.loads(told.stdout)["users"]) == 16
    assert "was upgraded" not in site.command("user", "list").stderr
    # An older backup is restored; a newer store and a newer backup are refused, and the version
    # that wrote them is reported.
    told = site.command("restore", "--yes", site.path("old-backup"))
    assert told.returncode == 0 and "no checksum" in told.stderr, told
    assert {user["name"] for user in site.json("user", "list")["users"]} >= {"ada", "zoë"}
    # Ours has a checksum: it is restored without that note, and not at all when a single bit has
    # changed.
    site.run("backup", site.path("newer"))
    told = site.command("restore", "--yes", site.path("newer"))
    assert told.returncode == 0 and "checksum" not in told.stderr, told
    flip_bit(site.path("newer"), b"$argon2id$", site.path("changed"))
    told = site.command("restore", "--yes", site.path("changed"))
    assert told.returncode == 5 and "damaged" in told.stderr, told
    newer = {make_newer(path) for path in (site.path("newer"), data)}.pop()
    told = site.command("restore", "--yes", site.path("newer"))
    assert told.returncode == 5 and f"written by {newer} (schema 99), which is newer" in told.stderr, told
    told = site.command("user", "list")
    assert told.returncode == 5 and f"written by {newer} (schema 99), which is newer" in told.stderr, told
    assert f"install {newer} or newer" in told.stderr
    checked = json.loads(site.command("check", "--json").stdout)["checks"]
    assert any(newer in check["text"] and "install" in check["mend"] for check in checked if check["state"] == "wrong"), checked


def test_second_factors_under_another_master_key(old_site):
    site, factors = old_site, old_site.facts["second_factors"]
    site.run("restore", "--yes", site.path("old-backup"))
    assert "second factor" not in site.command("restore", "--yes", site.path("old-backup")).stderr
    keys = site.path("state", "keys")
    os.rename(os.path.join(keys, "master.key"), site.path("kept.key"))
    with open(os.path.join(keys, "master.key"), "wb") as key:
        key.write(os.urandom(32))
    os.chmod(key.name, 0o600)
    give(key.name)
    told = site.command("restore", "--yes", site.path("old-backup"))
    assert told.returncode == 0 and "2 of its 2 second factors do not open with the keys of this site" in told.stderr, told
    assert "master.old.key" in told.stderr and "pintle user otp NAME" in told.stderr
    found = [check for check in json.loads(site.command("check", "--json").stdout)["checks"] if check["what"] == "second factors"]
    assert found and found[0]["state"] == "wrong" and "master.old.key" in found[0]["mend"], found
    site.start()
    answer = site.browser().login("cy", site.facts["password"], otp="123456")
    assert answer.status == 401 and "Use a recovery code, or ask an administrator" in answer.json()["error_description"], answer
    assert '"event":"otp_secret_unreadable"' in site.log_text() and "another master key" in site.log_text()
    assert site.browser().login("cy", site.facts["password"], otp=factors["cy"]["recovery_codes"][3]).status == 200
    site.stop()
    # The advice helps.
    os.rename(site.path("kept.key"), os.path.join(keys, "master.old.key"))
    site.start()
    early_in_a_step()
    assert site.browser().login("cy", site.facts["password"], otp=oathtool(factors["cy"]["secret"])).status == 200
    assert "second factors" not in site.run("check")


def test_an_export_has_its_name_when_it_is_whole(old_site):
    site = old_site
    exported = site.path("exported")
    give(site.folder)
    # The master key opens no second factor: an export that ends in the middle leaves nothing under
    # its name.
    os.truncate(site.path("state", "keys", "master.key"), 0)
    with open(site.path("state", "keys", "master.key"), "wb") as key:
        key.write(os.urandom(32))
    told = site.command("user", "export", "--second-factors", exported)
    assert told.returncode == 4 and not os.path.exists(exported) and not os.path.exists(exported + ".part"), told
    # What a killed run left is taken over, and no existing file is overwritten.
    with open(exported + ".part", "w", encoding="ascii") as left:
        left.write("half of one")
    give(left.name)
    site.run("user", "export", exported)
    assert not os.path.exists(exported + ".part")
    with open(exported, encoding="utf-8") as users:
        assert len(users.read().splitlines()) == 16
    assert "File exists" in site.command("user", "export", exported).stderr
    # As root, into a folder where only root may write.
    if os.geteuid() == 0:
        os.mkdir(site.path("roots"), 0o700)
        done = subprocess.run([site.path("bin", "pintle"), "--config", site.path("pintle.conf"), "user", "export",
                               site.path("roots", "exported")], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 and os.path.exists(site.path("roots", "exported")), done


def test_a_store_with_damaged_pages_is_told_of_and_ends_nobody(old_site):
    site = old_site
    site.start()
    site.stop()
    site.run("check")
    data = site.path("state", "db", "data.mdb")
    with open(data, "rb") as file:
        whole = file.read()
    wrong = 0
    for number in range(2, min(len(whole) // 4096, 22)):
        # A page's head is unchanged, and its pointers lead out of bounds.
        page = number * 4096
        with open(data, "wb") as file:
            file.write(whole[:page + 16] + b"\xf0\xff" * 24 + whole[page + 64:])
        told = site.command("check", "--json")
        assert told.returncode in (0, 5), (number, told)
        found = [check for check in json.loads(told.stdout)["checks"] if check["what"] == "store"]
        assert found and (found[0]["state"] == "wrong") == (told.returncode == 5), found
        wrong += told.returncode == 5
    assert wrong > 8, wrong
    with open(data, "wb") as file:
        file.write(whole)
    site.run("check")


def flip_bit(path, where, changed):
    """A copy of the backup with one bit changed in a text, which stays valid text."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data[data.index(where) + len(where) + 20] ^= 1
    with open(changed, "wb") as file:
        file.write(data)


def make_newer(path):
    """As a later version would have written it: of the same length, and without a checksum."""
    with open(path, "rb") as file:
        data = file.read().partition(b"pintle backup, SHA-256:")[0]
    writer = re.search(rb"writer(pintle [0-9.]+)", data)[1]
    newer = b"pintle 99.".ljust(len(writer), b"1")
    data = re.sub(rb"schema\0{7}.", b"schema" + (99).to_bytes(8, "big"), data, flags=re.DOTALL).replace(
        b"writer" + writer, b"writer" + newer)
    with open(path, "wb") as file:
        file.write(data)
    return newer.decode()
