"""A real Chromium at the guarded pages, behind nginx as `pintle config nginx` prints it.

PINTLE_SCREENSHOTS=write leaves the screenshots in doc/screenshots.
"""

import json
import os
import shutil
import subprocess

import pytest

from support.guarded import Guarded
from support.png import keep
from support.process import give
from support.site import PASSWORD, TOP

pytestmark = pytest.mark.plain

HERE = os.path.dirname(os.path.abspath(__file__))
SCREENSHOTS = ["login-light.png", "login-dark.png", "denied.png"]


@pytest.fixture(scope="module")
def house(certificates, behind):
    house = Guarded("nginx", certificates, behind, account_tries="3")
    yield house
    house.close()


@pytest.fixture
def browse(house):
    """Plays a scenario of browse.mjs and returns what was seen."""
    def play(scenario):
        home = house.site.path("home")
        os.makedirs(home, exist_ok=True)
        give(home)
        house.behind.asked.clear()
        done = subprocess.run(["node", os.path.join(HERE, "browse.mjs"), scenario, house.origin, PASSWORD, home],
                              capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": home})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return play


def methods_asked(house, path):
    return [method for method, target in house.behind.asked if target.startswith(path)]


def test_login_in_place_keeps_query_and_fragment(browse, house):
    seen = browse("login_in_place")
    assert seen["status"] == 401
    assert seen["asked"] == seen["url"] == house.origin + "/app/page.html?q=1&x=a%20b#part"
    assert '["X-Auth-User", "ada"]' in seen["text"]
    assert house.behind.asked == [("GET", "/app/page.html?q=1&x=a%20b")]


def test_a_wrong_password_is_told_and_can_be_mended(browse, house):
    seen = browse("wrong_password")
    assert "password" in seen["message"].lower()
    assert seen["url"].endswith("#part") and seen["left"] == "" and seen["focus"] == "password"
    assert '["X-Auth-User", "ada"]' in seen["text"]


def test_a_page_whose_gate_cookie_is_gone_refreshes_in_silence(browse, house):
    seen = browse("silent_refresh")
    assert seen["status"] == 401  # which nobody saw for long
    assert seen["gate"] and seen["url"] == house.origin + "/app/silent.html?q=2#part2"
    assert '["X-Auth-User", "ada"]' in seen["text"]


def test_many_tabs_refresh_at_once_and_stay_signed_in(browse, house):
    seen = browse("tabs")
    assert all('["X-Auth-User", "ada"]' in text for text in seen["texts"])
    assert len(seen["texts"]) == 6
    assert seen["after"] == [401] * 6  # after one of them has logged out


def test_a_strangers_post_is_not_sent_again_after_login(browse, house):
    seen = browse("post_of_a_stranger")
    assert "form was not sent" in seen["before"]
    assert "You are signed in" in seen["after"]
    assert seen["url"] == house.origin + "/app/pay.html" and '"method": "GET"' in seen["text"]
    assert methods_asked(house, "/app/pay.html") == ["GET"]


def test_a_strangers_post_is_not_sent_again_after_a_silent_refresh(browse, house):
    seen = browse("post_of_a_stranger_signed_in")
    assert "form was not sent" in seen["after"] and "You are signed in" in seen["after"]
    assert methods_asked(house, "/app/pay.html") == []


def test_who_may_not_see_it_is_told_so_and_can_change_account(browse, house):
    seen = browse("denied")
    assert "bob" in seen["text"] and seen["url"] == house.origin + "/wiki/index.php"
    assert seen["after"] == house.origin + "/wiki/index.php" and '"REMOTE_USER":"ada"' in seen["allowed"]


def test_logout_by_the_page(browse, house):
    seen = browse("logout")
    assert "ada" in seen["who"] and seen["status"] == 401
    assert seen["cookies"] == ["__Host-pintle-device"]


@pytest.mark.shows("G05")
def test_back_after_logout_shows_nothing(browse, house):
    """Before that the page is kept like any other; otherwise there would be nothing to see."""
    seen = browse("back_after_logout")
    assert seen["kept"] == "persisted true", seen
    pages = [step for step in seen["steps"] if step["url"].startswith(house.origin + "/app/")]
    assert pages and not any('"behind"' in step["text"] for step in pages), seen
    assert seen["other"]["url"].startswith(house.origin + "/app/") and '"behind"' not in seen["other"]["text"], seen


def test_back_after_logout_shows_no_picture_and_no_data_either(browse, house):
    house.behind.write("files/picture.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>secret</text></svg>')
    house.behind.write("files/data.json", '{"secret": 1}')
    shutil.copy(os.path.join(TOP, "doc", "screenshots", SCREENSHOTS[0]), house.behind.path("files", "picture.png"))
    seen = browse("back_to_a_part")
    for name, one in seen.items():
        assert one == {"status": 200, "url": f"{house.origin}/files/{name}", "shown": False}, seen


def test_too_many_tries_are_called_so(browse):
    assert "Too many wrong tries. Try again in" in browse("too_many")["message"]


def test_without_javascript_a_form_works(browse, house):
    seen = browse("without_javascript")
    assert "password" in seen["refused"].lower()
    assert seen["url"] == house.origin + "/app/page.html?q=1"
    assert '["X-Auth-User", "ada"]' in seen["text"]


def test_screenshots(browse, house):
    browse("screenshots")
    for name in SCREENSHOTS:
        path = house.site.path("home", name)
        assert 2000 < os.path.getsize(path) < 60 * 1024
        keep(path)
