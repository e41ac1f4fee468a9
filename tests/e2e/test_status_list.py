"""The status list: PyJWT verifies it, zlib reads it, and every worker shows logouts in it."""

import base64
import json
import re
import signal
import time
import zlib

import jwt
import pytest

from support.site import PASSWORD

WORKERS = 3
TTL = 2  # seconds
LIST = "https://localhost/auth/status-list"
PATH = "/auth/status-list"
MADE_ANEW = 1.1  # seconds: a worker makes the list no more often than once in one


@pytest.fixture
def site(new_site):
    site = new_site(status_ttl=f"{TTL} s", hand_out="1 s", quiet="1 s", access_ttl="10 s")
    site.add_user("ada")
    site.start(WORKERS)
    return site


def signed_in(site):
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    return browser


def claims_of(site, token, typ, keys="jwks_uri", **expected):
    metadata = site.browser().send("GET", "/auth/.well-known/openid-configuration").json()
    path = metadata[keys].removeprefix("https://localhost")
    keys = {key["kid"]: key for key in site.browser().send("GET", path).json()["keys"]}
    header = jwt.get_unverified_header(token)
    assert header["typ"] == typ
    key = keys[header["kid"]]
    return jwt.decode(token, jwt.PyJWK.from_dict(key).key, algorithms=[key["alg"]], **expected)


def fetch(site):
    """The bits, as a relying party finds them."""
    answer = site.browser().send("GET", PATH)
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/statuslist+jwt"
    claims = claims_of(site, answer.body.decode(), "statuslist+jwt", "status_list_jwks_uri", options={"require": ["exp", "iat", "sub"]})
    assert claims["sub"] == LIST and claims["ttl"] == TTL and claims["exp"] >= time.time() + TTL
    assert claims["status_list"]["bits"] == 1
    text = claims["status_list"]["lst"]
    return zlib.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def place(site, browser):
    claims = claims_of(site, browser.access, "at+jwt", audience="https://localhost")
    status = claims["status"]["status_list"]
    assert status["uri"] == LIST
    return status["idx"]


def is_set(bits, index):
    assert index < 8 * len(bits)
    return bits[index // 8] >> index % 8 & 1


@pytest.mark.short
def test_a_logout_is_in_the_list_within_a_second(site):
    gone, other = signed_in(site), signed_in(site)
    places = [place(site, browser) for browser in (gone, other)]
    assert [is_set(fetch(site), index) for index in places] == [0, 0]
    assert gone.send("POST", "/auth/logout").status == 204
    time.sleep(MADE_ANEW)
    # Whichever worker is asked.
    for _ in range(5 * WORKERS):
        assert [is_set(fetch(site), index) for index in places] == [1, 0]


def test_a_session_that_another_login_replaced_is_in_the_list_when_that_is_used(site):
    browser = signed_in(site)
    old = place(site, browser)
    assert browser.login("ada", PASSWORD).status == 200
    new = place(site, browser)
    assert old != new
    time.sleep(1.2)  # the quiet period
    # The new login may have been lost: nothing ends until it is used.
    assert [is_set(fetch(site), index) for index in (old, new)] == [0, 0]
    assert browser.refresh().status == 200
    time.sleep(MADE_ANEW)
    assert [is_set(fetch(site), index) for index in (old, new)] == [1, 0]


def test_a_setting_that_asks_for_more_is_in_the_list_once_a_worker_has_it(site):
    browser = signed_in(site)
    index = place(site, browser)
    site.settings["otp_required"] = "all"
    site.write_config()
    assert not is_set(fetch(site), index)
    site.workers.child.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 8  # the token lives for ten
    while not is_set(fetch(site), index):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert browser.refresh().status == 403
    ended = [json.loads(line) for line in site.run("log", "--json", "--kind", "session_ended").splitlines()]
    assert [event["reason"] for event in ended] == ["otp_required"]


def test_all_workers_have_one_tag_and_say_when_nothing_has_changed(site):
    browser = signed_in(site)
    before = {(answer.header("ETag"), answer.header("Cache-Control"))
              for answer in (site.browser().send("GET", PATH) for _ in range(10 * WORKERS))}
    assert len(before) == 1
    (tag, caching), = before
    assert re.fullmatch(r'W/"[A-Za-z0-9_-]{43}"', tag) and re.fullmatch(r"public, max-age=\d+", caching)
    asking = {"If-None-Match": tag}
    for _ in range(5 * WORKERS):
        answer = site.browser().send("GET", PATH, headers=asking)
        assert answer.status == 304 and not answer.body and answer.header("ETag") == tag
    head = site.browser().send("HEAD", PATH)
    assert head.status == 200 and head.header("ETag") == tag and not head.body
    assert browser.send("POST", "/auth/logout").status == 204
    time.sleep(MADE_ANEW)
    for _ in range(5 * WORKERS):
        answer = site.browser().send("GET", PATH, headers=asking)
        assert answer.status == 200 and answer.header("ETag") != tag


def test_introspection_says_where_the_token_stands(site):
    browser = signed_in(site)
    secret = site.json("service", "add", "billing")["secret"]
    asking = "Basic " + base64.b64encode(f"billing:{secret}".encode()).decode()
    told = site.browser().send("POST", "/auth/introspect", body=f"token={browser.access}".encode(), headers={
        "Authorization": asking, "Content-Type": "application/x-www-form-urlencoded"}).json()
    assert told["status"] == {"status_list": {"idx": place(site, browser), "uri": LIST}}


def test_an_older_list_is_not_to_be_had(site):
    answer = site.browser().send("GET", PATH + "?time=1686925000")
    assert answer.status == 501
