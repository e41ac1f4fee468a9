"""The second factor with real tools: oathtool makes the codes, zbarimg reads the QR codes."""

import base64
import datetime
import hashlib
import json
import os
import pty
import re
import shutil
import subprocess
import time

import pytest

from support.clock import Clock
from support.process import give, unprivileged
from support.site import PASSWORD

STEP = 30


def oathtool(secret, at=None):
    when = datetime.datetime.fromtimestamp(time.time() if at is None else at, datetime.timezone.utc)
    return subprocess.run(["oathtool", "--totp", "--base32", f"--now={when:%Y-%m-%d %H:%M:%S} UTC", secret],
                          capture_output=True, text=True, check=True, timeout=20).stdout.strip()


def early_in_a_step():
    """Waits, so that no time step ends between making a code and using it."""
    left = STEP - time.time() % STEP
    if left < 4:
        time.sleep(left + 0.1)
    return time.time()


def zbarimg(picture):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout.strip()


def login(site, code=None, browser=None, name="ada"):
    payload = {"username": name, "password": PASSWORD}
    if code:
        payload["otp"] = code
    return (browser or site.browser()).send("POST", "/auth/login", payload)


def enrol(site, at=None):
    """Enrols ada in one of her sessions: returns the secret and the recovery codes."""
    browser = site.browser()
    assert login(site, browser=browser).status == 200
    begun = browser.send("POST", "/auth/otp", {"current": PASSWORD})
    assert begun.status == 200, begun
    secret = begun.json()["secret"]
    done = browser.send("POST", "/auth/otp/confirm", {"code": oathtool(secret, at)})
    assert done.status == 200, done
    return secret, done.json()["recovery_codes"]


@pytest.mark.short
def test_codes_of_a_step_early_and_late_are_taken_once(site):
    now = early_in_a_step()
    secret, codes = enrol(site, now - STEP)
    assert login(site).error() == "otp_required"
    assert login(site, oathtool(secret, now - STEP)).status == 401, "it turned the second factor on"
    assert login(site, oathtool(secret, now - 2 * STEP)).status == 401
    assert login(site, oathtool(secret, now + 2 * STEP)).status == 401
    assert login(site, oathtool(secret, now)).status == 200
    assert login(site, oathtool(secret, now)).status == 401, "replayed"
    assert login(site, oathtool(secret, now + STEP)).status == 200
    assert login(site, oathtool(secret, now + STEP)).status == 401, "replayed"
    assert login(site, oathtool(secret, now)).status == 401, "a step back"
    assert login(site, codes[0]).status == 200
    assert login(site, codes[0]).status == 401
    events = [json.loads(line) for line in site.run("log", "--json", "--kind", "login_failed").splitlines()]
    times = {reason: sum(event.get("times", 1) for event in events if event.get("reason") == reason)
             for reason in ("otp_wrong", "otp_spent")}
    assert times == {"otp_wrong": 3, "otp_spent": 4}, events
    assert secret not in site.log_text() and codes[0] not in site.log_text()


def exported(site, *options):
    return {user["name"]: user for user in map(json.loads, site.run("user", "export", *options).splitlines())}


def hashed(code):
    """A recovery code as an export has it."""
    digest = hashlib.sha256(base64.b32decode(code.replace("-", "").upper())).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.plain
def test_a_second_factor_moves_to_another_site(new_site):
    old, new = new_site(), new_site()
    old.add_user("ada")
    old.add_user("bob")
    old.start()
    now = early_in_a_step()
    secret, codes = enrol(old, now - STEP)
    assert login(old, oathtool(secret, now)).status == 200
    assert login(old, codes[0]).status == 200

    done = old.command("user", "export")
    assert done.returncode == 0 and secret not in done.stdout and '"otp"' not in done.stdout
    assert "the second factors of 1 users are not in it" in done.stderr and "--second-factors" in done.stderr
    file = old.path("state", "all.json")
    assert "in clear" in old.run("user", "export", file, "--second-factors")
    assert os.stat(file).st_mode & 0o777 == 0o600
    users = exported(old, "--second-factors")
    assert "otp" not in users["bob"] and users["ada"]["otp"]["secret"] == secret
    assert users["ada"]["otp"]["last_step"] == now // STEP
    assert users["ada"]["otp"]["recovery_hashes"] == [hashed(code) for code in codes[1:]]
    assert old.command("user", "export", "--format", "htpasswd", "--second-factors").returncode == 2

    with open(file, encoding="utf-8") as lines:
        told = new.run("user", "import", "-", stdin=lines.read())
    assert "ada added (argon2id), with a second factor\n" in told and "bob added (argon2id)\n" in told, told
    new.start()
    assert login(new, name="bob").status == 200
    assert login(new).error() == "otp_required"
    for code in oathtool(secret, now - STEP), oathtool(secret, now), codes[0]:
        assert login(new, code).status == 401, "used before it moved"
    for code in oathtool(secret, now + STEP), codes[1]:
        assert login(new, code).status == 200
        assert login(new, code).status == 401

    # The same file once more: nothing that was spent since comes back.
    with open(file, encoding="utf-8") as lines:
        told = new.run("user", "import", "-", "--replace", stdin=lines.read())
    assert "0 added; 2 there already, the same" in told, told
    for code in oathtool(secret, now + STEP), codes[1]:
        assert login(new, code).status == 401
    # Back where it came from: what was used elsewhere stays used.
    old.run("user", "import", "-", "--replace", stdin=new.run("user", "export", "--second-factors"))
    assert login(old, codes[1]).status == 401 and login(old, codes[2]).status == 200
    # A different secret in its place ends no session, as with pintle user otp.
    users["ada"]["otp"]["secret"] = other = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    signed_in = new.json("session", "list", "--user", "ada")["sessions"]
    assert "1 replaced" in new.run("user", "import", "-", "--replace", stdin=json.dumps(users["ada"]))
    assert new.json("session", "list", "--user", "ada")["sessions"] == signed_in
    assert exported(new, "--second-factors")["ada"]["otp"]["secret"] == other

    users["ada"]["otp"]["secret"] = secret[1:]
    done = new.command("user", "import", "-", "--replace", stdin=json.dumps(users["ada"]))
    assert done.returncode == 1 and "line 1: ada not taken: its second factor has no" in done.stdout
    assert "pintle user otp NAME sets up another" in done.stdout and secret[1:] not in done.stdout + done.stderr
    # With other keys nothing opens: that is reported, and a part of it does not pass for the whole.
    new.stop()
    shutil.rmtree(new.path("state", "keys"))
    shutil.copytree(old.path("state", "keys"), new.path("state", "keys"))
    give_all(new.path("state", "keys"))
    done = new.command("user", "export", new.path("state", "half.json"), "--second-factors")
    assert done.returncode not in (0, 1) and "second factor of ada was not made with these keys" in done.stderr, done
    assert not os.path.exists(new.path("state", "half.json"))
    assert secret not in new.log_text() + old.log_text()


def give_all(folder):
    for where, _, files in os.walk(folder):
        give(where)
        for name in files:
            give(os.path.join(where, name))


@pytest.mark.plain
def test_a_clock_that_changes_makes_no_code_good_again(new_site):
    site = new_site()
    site.add_user("ada")
    clock = Clock(site)

    def worker_at(offset):
        clock.start(offset)
        return early_in_a_step() + offset

    now = worker_at(3600)
    secret, codes = enrol(site, now)
    assert login(site, oathtool(secret, now + STEP)).status == 200
    used = now + STEP
    # An hour back: no code is good, neither of then nor of now, but the recovery codes are.
    now = worker_at(0)
    for at in used, now, now + STEP:
        assert login(site, oathtool(secret, at)).error() == "otp_required"
    assert "the clock was ahead: no code is good before" in site.run("user", "show", "ada")
    assert login(site, codes[0]).status == 200
    # Forward to where it was, and on.
    now = worker_at(3600)
    assert login(site, oathtool(secret, used)).status == 401
    now = worker_at(2 * 3600)
    assert login(site, oathtool(secret, now)).status == 200
    # An administrator ends the waiting.
    now = worker_at(0)
    secret = site.json("user", "otp", "ada", "--yes")["secret"]
    assert login(site, oathtool(secret, now)).status == 200


def picture_of(shown, path):
    """A picture of what a terminal shows with half blocks, black on white."""
    rows = []
    for line in shown.splitlines():
        blocks = re.search(r"\033\[30;107m(.*?)\033\[0m", line)
        if not blocks:
            continue
        for half in 0, 1:
            dark = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}
            rows.append([dark[block][half] for block in blocks[1]])
    scale = 6
    wide = [[bit for bit in row for _ in range(scale)] for row in rows for _ in range(scale)]
    with open(path, "wb") as image:
        image.write(b"P5 %d %d 255\n" % (len(wide[0]), len(wide)))
        image.write(bytes(0 if bit else 255 for row in wide for bit in row))


@pytest.mark.plain
def test_the_qr_code_in_the_terminal_is_read_back(site):
    master, terminal = pty.openpty()
    command = subprocess.Popen([site.path("bin", "pintle"), "--config", site.path("pintle.conf"), "user", "otp", "ada"],
                               stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.PIPE, **unprivileged())
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(master, 4096):
            shown += chunk
    except OSError:
        pass
    os.close(master)
    assert command.wait(20) == 0, command.stderr.read()
    shown = shown.decode()
    picture_of(shown, site.path("qr.pgm"))
    address = zbarimg(site.path("qr.pgm"))
    secret = re.search(r"this key: ([A-Z2-7]{32})", shown)[1]
    assert address == f"otpauth://totp/localhost:ada?secret={secret}&issuer=localhost"
    assert login(site, oathtool(secret)).status == 200
