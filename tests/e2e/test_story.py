"""The whole story over real servers with TLS: by FastCGI and, with the same program, as CGI."""

import pytest

from support.site import PASSWORD

LAPTOP = "Mozilla/5.0 (X11; Linux x86_64) laptop"
PHONE = "Mozilla/5.0 (Linux; Android 14) phone"


@pytest.fixture(params=["nginx", "apache-cgi", "apache-proxy", pytest.param("lighttpd-cgi", marks=pytest.mark.plain)])
def house(request, mounted):
    house = mounted(request.param)
    house.site.add_user("ada")
    return house


def named(sessions, device):
    return next(session for session in sessions if session["device"] == device)


@pytest.mark.short
@pytest.mark.shows("D13")
def test_two_devices_one_of_which_is_logged_out(house):
    laptop, phone = house.browser(LAPTOP), house.browser(PHONE)
    for browser, device in (laptop, "laptop"), (phone, "phone"):
        answer = browser.login("ada", PASSWORD, device=device)
        assert answer.status == 200, answer
        assert answer.json()["token_type"] == "Bearer" and answer.json()["expires_in"] == 600
        assert answer.header("Cache-Control") == "no-store"
        assert answer.header("Content-Type").startswith("application/json")
        # The refresh token is in the cookie and nowhere else.
        assert browser.refresh_token().encode() not in answer.body

    for browser in laptop, phone:
        before = browser.refresh_token()
        answer = browser.refresh()
        assert answer.status == 200, answer
        assert browser.refresh_token() != before

    sessions = laptop.sessions()
    assert {session["device"] for session in sessions} == {"laptop", "phone"}
    assert named(sessions, "laptop")["current"] and not named(sessions, "phone")["current"]
    assert named(sessions, "phone")["user_agent"] == PHONE
    assert named(sessions, "phone")["ip"] == "127.0.0.1"
    by_bearer = phone.send("GET", "/auth/sessions", cookies="",
                           headers={"Authorization": "Bearer " + phone.access})
    assert by_bearer.status == 200, by_bearer
    assert named(by_bearer.json()["sessions"], "phone")["current"]

    lost = named(sessions, "phone")["id"]
    assert laptop.send("DELETE", "/auth/sessions/" + lost).status == 204
    refused = phone.refresh()
    assert refused.status == 403 and refused.error() == "session_revoked", refused
    assert refused.json()["reason"] == "logout_elsewhere"
    assert not refused.all("Set-Cookie")
    assert phone.send("GET", "/auth/me", cookies="",
                      headers={"Authorization": "Bearer " + phone.access}).status == 401
    assert laptop.refresh().status == 200
    assert [session["device"] for session in laptop.sessions()] == ["laptop"]


def test_log_out_here_and_everywhere(house):
    browsers = [house.browser() for _ in range(4)]
    for browser in browsers:
        assert browser.login("ada", PASSWORD).status == 200
    here, *others = browsers
    spent = here.jar.header("/auth/refresh")
    answer = here.logout()
    assert answer.status == 204
    assert here.refresh_token() is None
    assert here.jar.value("device") is not None
    assert here.refresh().status == 401 and here.refresh().error() == "unauthorized"
    assert here.refresh(cookies=spent).error() == "session_revoked"
    assert here.logout().status == 204  # nobody is logged in any more
    assert all(browser.refresh().status == 200 for browser in others)

    assert others[0].send("DELETE", "/auth/sessions?keep=current").status == 204
    assert others[0].refresh().status == 200
    assert [browser.refresh().status for browser in others[1:]] == [403, 403]
    assert others[0].send("DELETE", "/auth/sessions").status == 204
    assert others[0].refresh().status == 403


def test_name_a_device_and_change_the_password(house):
    here, other = house.browser(), house.browser()
    for browser in here, other:
        assert browser.login("ada", PASSWORD).status == 200
    own = next(session for session in here.sessions() if session["current"])
    renamed = here.send("PATCH", "/auth/sessions/" + own["id"], {"device": "Küche"})
    assert renamed.status == 200 and renamed.json()["device"] == "Küche"
    assert named(other.sessions(), "Küche")["id"] == own["id"]

    changed = here.send("POST", "/auth/password", {"current": PASSWORD, "new": "a better long passphrase"})
    assert changed.status == 204, changed
    assert other.refresh().status == 403 and other.refresh().json()["reason"] == "password_changed"
    assert here.refresh().status == 200
    assert house.browser().login("ada", PASSWORD).status == 401
    assert house.browser().login("ada", "a better long passphrase").status == 200


def test_what_the_answer_to_a_stranger_is(house):
    stranger = house.browser()
    wrong, unknown = stranger.login("ada", "not the password"), stranger.login("nobody", "not the password")
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body) == (401, wrong.body)
    assert wrong.error() == "invalid_credentials"
    assert stranger.refresh().status == 401
    assert stranger.refresh(cookies="__Secure-pintle-refresh=nonsense").status == 403
    for method, address in ("GET", "/auth/me"), ("GET", "/auth/sessions"), ("DELETE", "/auth/sessions"):
        answer = stranger.send(method, address)
        assert answer.status == 401 and answer.header("WWW-Authenticate").startswith("Bearer"), answer
    assert stranger.send("GET", "/auth/health").json() == {"status": "ok"}


@pytest.mark.shows("C01")
def test_the_cookies_are_what_the_contract_says(house):
    browser = house.browser()
    lines = {line.partition("=")[0]: line for line in browser.login("ada", PASSWORD).all("Set-Cookie")}
    assert set(lines) == {"__Secure-pintle-refresh", "__Host-pintle-device"}
    refresh, device = lines["__Secure-pintle-refresh"], lines["__Host-pintle-device"]
    for line in refresh, device:
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"secure", "httponly", "samesite=strict"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)
    assert "Path=/auth;" in refresh + ";" and "Max-Age" not in refresh
    assert "Path=/;" in device + ";" and "Max-Age=34560000" in device
    remembered = house.browser().login("ada", PASSWORD, remember=True)
    line = next(line for line in remembered.all("Set-Cookie") if "refresh" in line)
    age = int(line.partition("Max-Age=")[2].partition(";")[0])
    assert 13 * 86400 < age <= 14 * 86400


@pytest.mark.shows("E07")
def test_the_key_set_is_public_and_cacheable(house):
    anybody = house.browser()
    at_mount, at_root = anybody.send("GET", "/auth/jwks.json"), anybody.send("GET", "/.well-known/jwks.json")
    assert at_mount.status == at_root.status == 200
    assert at_mount.body == at_root.body
    assert "max-age=300" in at_mount.header("Cache-Control")
    etag = at_mount.header("ETag")
    unchanged = anybody.send("GET", "/auth/jwks.json", headers={"If-None-Match": etag})
    assert unchanged.status == 304 and not unchanged.body
    for key in at_mount.json()["keys"]:
        assert {"kid", "use", "alg", "kty"} <= set(key) and not {"d", "p", "q"} & set(key)


@pytest.mark.parametrize("query", ["--version", "--no-sandbox", "--config+/dev/null", "--socket+/tmp/nobodys.sock",
                                   "--listen+127.0.0.1:1", "what"])
def test_a_query_is_no_command_line(house, query):
    """CGI passes a query without "=" to the program as its arguments (RFC 3875, 4.4)."""
    answer = house.browser(LAPTOP).send("GET", "/auth/health?" + query)
    assert answer.status == 200 and answer.json() == {"status": "ok"}, answer
