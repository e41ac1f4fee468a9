"""The account page and the second factor in a real Chromium, behind nginx as pintle configures it.

PINTLE_SCREENSHOTS=write leaves the screenshots in doc/screenshots.
"""

import json
import os
import subprocess

import pytest

from support.guarded import Guarded
from support.png import keep
from support.process import give
from support.site import PASSWORD

pytestmark = pytest.mark.plain

HERE = os.path.dirname(os.path.abspath(__file__))
SCREENSHOTS = ["account-light.png", "account-dark.png", "second-factor.png", "devices.png", "link.png"]


@pytest.fixture(scope="module")
def house(certificates, behind):
    house = Guarded("nginx", certificates, behind, otp_required="vault,staff")
    for name in "eva", "ivo", "paul", "rita", "sam":
        house.site.add_user(name)
    house.site.add_user("vera", groups="vault")
    yield house
    house.close()


@pytest.fixture(scope="module")
def seen(house):
    """What the scenarios of account.mjs saw, by their names."""
    home = house.site.path("home")
    os.makedirs(home, exist_ok=True)
    give(home)
    token = house.site.json("user", "invite", "gerda")["link"].partition("#")[2]
    done = subprocess.run(["node", os.path.join(HERE, "account.mjs"), house.origin, PASSWORD, home, token],
                          capture_output=True, text=True, timeout=180, env={**os.environ, "HOME": home})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def of(seen, scenario):
    assert "error" not in seen[scenario], seen[scenario]["error"]
    return seen[scenario]


def zbarimg(house, name):
    done = subprocess.run(["zbarimg", "--quiet", "--raw", house.site.path("home", name)], capture_output=True,
                          text=True, timeout=30)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout.strip()


def address(house, name, secret):
    site = house.origin.removeprefix("https://").replace(":", "%3A")
    return f"otpauth://totp/{site}:{name}?secret={secret}&issuer={site}"


def test_a_second_factor_from_the_first_code_to_its_end_without_a_script(seen, house):
    seen = of(seen, "life")
    assert zbarimg(house, "qr-eva.png") == address(house, "eva", seen["secret"])
    assert "That code is wrong" in seen["refused"] and seen["again"] == seen["secret"]
    assert len(set(seen["recovery"])) == 10 and "Recovery codes left: 10" in seen["on"]
    assert PASSWORD not in seen["asked"] and 'name="ticket"' in seen["asked"]
    assert "That code is wrong" in seen["wrong"]
    assert "All other devices were signed out." in seen["others"] and seen["gone"]
    assert "Two-step sign-in was turned off." in seen["removed"]
    kinds = [event["event"] for event in map(json.loads, house.site.run("log", "--json", "--user", "eva").splitlines())]
    assert "otp_enabled" in kinds and "recovery_code_used" not in kinds and kinds[-1] == "otp_disabled"


def test_in_place_the_code_is_asked_for_beside_the_password(seen):
    seen = of(seen, "in_place")
    assert seen["focus"] == "otp" and "That code is wrong" in seen["wrong"]
    assert seen["url"].endswith("/app/page.html?q=1") and '["X-Auth-User", "ivo"]' in seen["text"]


def test_who_must_have_one_is_led_into_it(seen, house):
    seen = of(seen, "required")
    assert zbarimg(house, "qr-vera.png") == address(house, "vera", seen["secret"])
    assert len(seen["recovery"]) == 10
    assert seen["url"].endswith("/app/page.html?q=1") and '["X-Auth-User", "vera"]' in seen["text"]
    assert "you can replace it, not remove it" in seen["account"] and "Turn off" not in seen["account"]


def test_the_password_is_changed_in_the_page(seen):
    seen = of(seen, "password")
    assert "password is wrong" in seen["refused"]
    assert "Your password was changed" in seen["done"] and seen["url"].endswith("/auth/account?done=password")


def test_a_device_is_renamed_in_the_page(seen, house):
    seen = of(seen, "rename")
    assert seen["before"] == "Chrome on Linux (this device)"
    assert "name of the device was saved" in seen["done"] and seen["url"].endswith("/auth/account?done=name")
    assert seen["after"] == "Küche <2> (this device)" and seen["again"] == "Küche <2>"
    assert [session["device"] for session in house.site.json("session", "list", "--user", "rita")["sessions"]] == ["Küche <2>"]


def test_a_one_time_link_sets_a_password_once(seen):
    seen = of(seen, "link")
    assert seen["address"].endswith("/auth/link") and not seen["asked"]
    assert seen["refused"] and "Your password was set" in seen["done"]
    assert seen["again"]


def test_the_pages_are_for_everybody(seen):
    """On a narrow screen, by ear and by password manager: every page that the scenarios saw."""
    assert seen["wrong"] == []


def test_the_doctor_looks_where_its_users_must_have_one(house, certificates):
    done = house.site.command("doctor", "--json", "--cacert", certificates + "/ca.pem")
    findings = json.loads(done.stdout)["checks"]
    assert [finding for finding in findings if finding["what"].startswith("login") and finding["state"] == "wrong"] == []
    assert "otp_" not in done.stdout and "cannot log in" not in done.stdout, done.stdout
    assert not any(name.startswith("pintle-doctor") for name in
                   (user["name"] for user in house.site.json("user", "list")["users"]))


def test_screenshots(seen, house):
    of(seen, "screenshots")
    for name in SCREENSHOTS:
        path = house.site.path("home", name)
        assert 2000 < os.path.getsize(path) < 150 * 1024
        keep(path)
