"""Promises of a login service, seen from outside: the rows that no other test shows."""

import base64
import json
import os
import re
import subprocess
import time

import pytest

from support import fcgi
from support.process import wait_until
from support.site import PASSWORD

LONG = "Ünïcode \N{SNOWMAN} and blanks  , quotes \" ' and \\ backslash; " * 4


@pytest.fixture(scope="module")
def site(request):
    from support.site import Site
    site = Site({"gate_cookie": "yes"})
    site.add_user("ada")
    site.add_user("bob")
    site.start()
    yield site
    site.close()


def signed_in(site, name="ada", password=PASSWORD, **more):
    browser = site.browser()
    answer = browser.login(name, password, **more)
    assert answer.status == 200, answer
    return browser


def sets(site, name, password):
    """Whether the command accepts a password for a new user."""
    return site.command("user", "add", name, stdin=password + "\n").returncode == 0


# ---- passwords

@pytest.mark.shows("A01", "A02")
def test_a_password_is_taken_as_it_is_and_whole(site):
    assert len(LONG) > 200
    site.add_user("long", LONG)
    signed_in(site, "long", LONG)
    for other in LONG[:-1], LONG[:72], LONG.strip(), LONG.lower(), LONG.upper(), " " + LONG, LONG + " ", LONG + "\t":
        assert site.browser().login("long", other).status == 401, repr(other)
    # Nothing is cut at NUL: it is refused, in both forms.
    assert site.browser().login("long", LONG + "\0x").status == 400
    changed = signed_in(site, "long", LONG)
    assert changed.send("POST", "/auth/password", {"current": LONG, "new": LONG[:64]}).status == 204
    signed_in(site, "long", LONG[:64])


@pytest.mark.shows("A03", "A04")
def test_short_and_well_known_passwords_are_refused_with_the_reason(site):
    assert not sets(site, "short", "elevenchars") and sets(site, "twelve", "zwölf-zeich.")
    browser = signed_in(site)
    said = {}
    for password in "elevenchars", "password1234", "localhost-localhost", "ada-ada-ada-ada":
        answer = browser.send("POST", "/auth/password", {"current": PASSWORD, "new": password})
        assert answer.status == 400 and answer.error() == "invalid_password", (password, answer)
        said[password] = answer.json()["error_description"]
    assert "short" in said["elevenchars"] and len(set(said.values())) >= 3, said
    # There is no rule about which characters it needs.
    assert sets(site, "plain", "onlysmallletterswithoutanythingelse")


@pytest.mark.shows("A05")
def test_passwords_are_stored_as_argon2id_of_the_recommended_cost(new_site):
    site = new_site(hashing_memory="19 MiB", hashing_passes="2")
    for name in "ada", "eve":
        site.add_user(name)
    rows = [json.loads(line) for line in site.run("user", "export").splitlines()]
    hashes = [value for row in rows for value in row.values() if isinstance(value, str) and value.startswith("$")]
    forms = [re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$[A-Za-z0-9+/]+", one) for one in hashes]
    assert len(forms) == 2 and all(forms), hashes
    assert all(int(form[1]) >= 19456 and int(form[2]) >= 2 for form in forms)
    salts = [base64.b64decode(form[3] + "==") for form in forms]
    assert all(len(salt) >= 16 for salt in salts) and salts[0] != salts[1]


@pytest.mark.shows("A15", "B08")
def test_what_is_too_large_is_refused_before_anything_is_hashed(site):
    before = site.json("stats")["counted"]["hashing"]["done"]
    for size in 1100, 8000, 16000:
        assert site.browser().login("ada", "x" * size).status in (400, 401, 413)
    assert site.browser().login("ada", "x" * 20000).status == 413
    browser = signed_in(site)
    began = time.monotonic()
    for headers in ({"Cookie": "a=" + "b" * 30000}, {"Cookie": "; ".join(f"c{i}=v" for i in range(5000))},
                    {"Authorization": "Bearer " + "a" * 30000}, {"Sec-Fetch-Site": "y" * 30000}):
        assert 400 <= browser.send("GET", "/auth/me", headers=headers, cookies="").status < 500, list(headers)
    address = "/auth/sessions?" + "&".join(f"p{i}={i}" for i in range(1500))
    assert 400 <= browser.send("DELETE", address).status < 500
    assert time.monotonic() - began < 5
    assert site.json("stats")["counted"]["hashing"]["done"] <= before + 4


@pytest.mark.shows("A17")
def test_a_fresh_site_lets_nobody_in(new_site):
    site = new_site()
    site.start()
    for name in "admin", "root", "pintle", "user", "test", "":
        for password in "admin", "password", "pintle", "changeme", PASSWORD:
            assert site.browser().login(name, password).status in (400, 401)
    other = new_site()
    assert site.keys()[0]["kid"] != other.keys()[0]["kid"], "no two sites have one key"


@pytest.mark.shows("A18")
def test_a_change_of_password_asks_for_the_old_one(site):
    site.add_user("changing")
    here, other = signed_in(site, "changing"), signed_in(site, "changing")
    for current in "", "not the password", None:
        answer = here.send("POST", "/auth/password", {"current": current, "new": "quite another phrase"})
        assert answer.status in (400, 401, 403), answer
    assert other.refresh().status == 200
    assert here.send("POST", "/auth/password", {"current": PASSWORD, "new": "quite another phrase"}).status == 204
    assert other.refresh().status == 403 and here.refresh().status == 200


@pytest.mark.shows("A19")
def test_the_command_takes_no_password_where_others_could_read_it(site):
    secret = "an administrator's own choice"
    for arguments in (["user", "add", "x", "--password", secret], ["user", "passwd", "ada", secret]):
        assert site.command(*arguments).returncode == 2, arguments
    site.run("user", "add", "quiet", stdin=secret + "\n")
    with open(site.log, encoding="utf-8") as log:
        assert secret not in log.read()
    assert secret not in site.run("log", "--json") and secret not in site.run("user", "show", "quiet")


@pytest.mark.shows("A20", "B01")
def test_nothing_in_an_address_logs_in_or_changes_anything(site):
    browser = site.browser()
    credentials = f"username=ada&password={PASSWORD.replace(' ', '+')}"
    for method, address in ("GET", "/auth/login?" + credentials), ("HEAD", "/auth/login?" + credentials), (
            "POST", "/auth/login?" + credentials):
        assert not browser.send(method, address).all("Set-Cookie"), (method, address)
    signed = signed_in(site)
    for method in "GET", "HEAD", "OPTIONS":
        for path in "logout", "refresh", "password", "otp", "link", "sessions", "account/sign-out":
            signed.send(method, "/auth/" + path)
    assert signed.refresh().status == 200
    # A token in an address does not count.
    assert site.browser().send("GET", "/auth/me?access_token=" + signed.access).status == 401


# ---- requests

@pytest.mark.shows("B10")
def test_a_login_leads_nowhere_else(site):
    for target in "//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "/ok\r\nX: y", "\\\\evil":
        browser = site.browser()
        body = "&".join((f"username=ada&password={PASSWORD.replace(' ', '+')}", "return=" + "".join(
            f"%{byte:02x}" for byte in target.encode())))
        answer = browser.send("POST", "/auth/login", body=body.encode(),
                              headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 303 and answer.header("Location") == "/auth/", (target, answer)


@pytest.mark.shows("B12")
def test_head_is_get_without_a_body_and_other_methods_do_nothing(site):
    browser = signed_in(site)
    for path in "/auth/", "/auth/login", "/auth/jwks.json", "/auth/health", "/auth/me", "/auth/sessions":
        get, head = browser.send("GET", path), browser.send("HEAD", path)
        assert head.status == get.status and head.body == b"", path
        assert head.header("Content-Type") == get.header("Content-Type")
    for method in "TRACE", "OPTIONS", "PUT", "CONNECT", "PROPFIND":
        answer = browser.send(method, "/auth/me")
        assert answer.status in (204, 405) and b"Cookie" not in answer.body, (method, answer)


# ---- cookies and headers

@pytest.mark.shows("C04", "C05", "C06", "C07")
def test_answers_give_nothing_away(site):
    browser = site.browser()
    answers = [browser.login("ada", PASSWORD), browser.refresh(), browser.send("GET", "/auth/me"),
               browser.send("GET", "/auth/sessions"), browser.send("GET", "/auth/account"),
               browser.send("GET", "/auth/verify", headers=browser.bearer()), browser.send("GET", "/auth/nothing"),
               browser.send("POST", "/auth/login", body=b"x")]
    token = browser.refresh_token()
    for answer in answers:
        assert token.encode() not in answer.body
        assert not any(token in value for name, value in answer.headers if name != "Set-Cookie")
        assert "no-store" in answer.header("Cache-Control"), answer.headers
        assert answer.header("X-Content-Type-Options") == "nosniff"
        assert not answer.all("Server") and not answer.all("X-Powered-By")
        if answer.body:
            assert "charset" in answer.header("Content-Type").lower() or answer.header("Content-Type").startswith(
                "application/json")
        assert all(len(line) < 4096 for line in answer.all("Set-Cookie"))
    with open(site.log, encoding="utf-8") as log:
        assert token not in log.read()


@pytest.mark.shows("C02")
def test_a_cookie_s_age_shrinks_towards_the_end_of_its_session(new_site):
    site = new_site(absolute="20 s", idle="20 s", idle_remember="20 s", hand_out="1 s", quiet="1 s", access_ttl="3 s")
    site.add_user("ada")
    site.start()
    browser, ages = site.browser(), []

    def age(answer):
        line = next(line for line in answer.all("Set-Cookie") if "refresh" in line)
        return int(re.search(r"Max-Age=(\d+)", line)[1])
    ages.append(age(browser.login("ada", PASSWORD, remember=True)))
    for _ in range(2):
        time.sleep(2.2)
        ages.append(age(browser.refresh()))
    assert ages[0] <= 20 and ages[0] > ages[1] > ages[2] > 0, ages


@pytest.mark.shows("C03")
def test_logout_clears_and_nothing_else_does(site):
    browser = signed_in(site)
    spent = browser.jar.header("/auth/refresh")
    cleared = browser.logout().all("Set-Cookie")
    assert {line.partition("=")[0] for line in cleared} == {"__Secure-pintle-refresh", "__Host-pintle-gate"}
    assert all("Max-Age=0" in line for line in cleared)
    assert "Path=/auth;" in next(line for line in cleared if "refresh" in line) + ";"
    for refused in (browser.refresh(cookies=spent), browser.refresh(cookies="__Secure-pintle-refresh=nonsense"),
                    browser.send("GET", "/auth/me", cookies=spent), browser.login("ada", "wrong wrong wrong")):
        assert refused.status in (401, 403) and not any(
            "Max-Age=0" in line or "refresh" in line for line in refused.all("Set-Cookie")), refused


@pytest.mark.shows("C08")
def test_a_challenge_says_what_was_wrong_only_where_something_was_sent(site):
    nothing = site.browser().send("GET", "/auth/me").header("WWW-Authenticate")
    bad = site.browser().send("GET", "/auth/me", headers={"Authorization": "Bearer nonsense"}).header("WWW-Authenticate")
    assert nothing.startswith("Bearer") and "error" not in nothing
    assert 'error="invalid_token"' in bad
    browser = signed_in(site)
    denied = browser.send("GET", "/auth/verify?group=nobody-s", headers=browser.bearer())
    assert denied.status == 403 and denied.header("WWW-Authenticate") and (
        'error="insufficient_scope"' in denied.header("WWW-Authenticate"))


# ---- sessions

@pytest.mark.shows("D01", "D02")
def test_a_token_is_random_and_nothing_that_makes_one_is_at_rest(site):
    tokens = []
    for _ in range(20):
        browser = signed_in(site)
        tokens.append(browser.refresh_token())
    raw = [base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) for token in tokens]
    assert len(set(tokens)) == 20 and all(len(one) >= 33 for one in raw)
    # No 16 bytes of one token occur in another, or anywhere on disk.
    pieces = [one[at:at + 16] for one in raw for at in range(9, len(one) - 15)]
    assert len(set(pieces)) == len(pieces)
    for folder, _, names in os.walk(site.path("state")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                stored = file.read()
            assert not any(token.encode() in stored for token in tokens)
            # The session's secret: 16 bytes after version and number.
            assert not any(one[9:25] in stored for one in raw), name


@pytest.mark.shows("D10")
def test_a_session_ends_for_idleness_and_for_age(new_site):
    site = new_site(idle="3 s", idle_remember="3 s", absolute="6 s", hand_out="500 ms", quiet="500 ms", access_ttl="2 s")
    site.add_user("ada")
    site.start()
    idle, used = signed_in(site), signed_in(site)
    began = time.monotonic()
    while time.monotonic() - began < 4:
        time.sleep(1.2)
        assert used.refresh().status == 200
    refused = idle.refresh()
    assert refused.status == 403 and refused.error() == "session_expired", refused
    wait_until("the absolute end, which refreshing does not move", 6, lambda: used.refresh().error() == "session_expired")


@pytest.mark.shows("D13", "D14")
def test_nobody_sees_or_ends_another_s_session(site):
    ada, bob = signed_in(site, "ada"), signed_in(site, "bob")
    own = next(one["id"] for one in bob.sessions() if one["current"])
    assert own not in {one["id"] for one in ada.sessions()}
    for method, payload in ("DELETE", None), ("PATCH", {"device": "mine"}):
        theirs = ada.send(method, "/auth/sessions/" + own, payload)
        none = ada.send(method, "/auth/sessions/" + own[::-1], payload)
        assert (theirs.status, theirs.body) == (none.status, none.body) and theirs.status == 404
    assert bob.refresh().status == 200
    site.run("session", "revoke", own)
    assert bob.refresh().status == 403


@pytest.mark.shows("D17")
def test_a_user_has_no_more_sessions_than_the_cap(new_site):
    site = new_site(sessions_per_user="3")
    site.add_user("ada")
    site.start()
    browsers = [signed_in(site) for _ in range(6)]
    assert [browser.refresh().status for browser in browsers] == [403] * 3 + [200] * 3
    assert browsers[0].refresh().json()["reason"] == "session_cap"


# ---- tokens

@pytest.mark.shows("E06")
def test_access_tokens_live_for_minutes_and_say_what_they_are(site):
    head, claims, _ = signed_in(site).access.split(".")
    head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, claims))
    assert head["typ"] == "at+jwt" and head["kid"] and head["alg"] == "ES256"
    assert {"iss", "sub", "aud", "exp", "iat", "jti", "client_id"} <= set(claims)
    assert claims["exp"] - claims["iat"] <= 15 * 60


# ---- failure

@pytest.mark.shows("F03")
def test_errors_have_one_shape_and_no_insides(site):
    browser = signed_in(site)
    for answer in (browser.send("GET", "/auth/nothing"), browser.send("PUT", "/auth/me"), browser.login("ada", "wrong one"),
                   browser.send("POST", "/auth/login", body=b"{"), browser.send("DELETE", "/auth/sessions/none"),
                   site.browser().send("POST", "/auth/introspect", body=b"token=x")):
        assert set(answer.json()) <= {"error", "error_description", "reason"} and answer.error(), answer
        assert not re.search(rb"(?i)lmdb|errno|\.c:\d|/tmp|stack|openssl", answer.body), answer


@pytest.mark.shows("F04")
def test_without_its_store_or_its_keys_the_gate_is_shut(new_site):
    for missing in "db", "keys":
        site = new_site()
        site.may_die = True
        site.add_user("ada")
        site.start()
        bearer = signed_in(site).bearer()
        assert site.browser().send("GET", "/auth/verify", headers=bearer).status == 204
        site.stop()
        os.rename(site.path("state", missing), site.path("state", "away"))
        worker = subprocess.run([site.path("bin", "pintle.fcgi"), "--config", site.path("pintle.conf")], input=b"",
                                capture_output=True, timeout=30, check=False, env={
                                    **os.environ, "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                                    "SCRIPT_NAME": "", "PATH_INFO": "/auth/verify",
                                    "HTTP_AUTHORIZATION": bearer["Authorization"], "REMOTE_ADDR": "127.0.0.1"})
        said = worker.stdout + worker.stderr
        assert worker.returncode != 0 or b"Status: 5" in worker.stdout, said
        assert b"Status: 2" not in worker.stdout


@pytest.mark.shows("F06")
def test_logout_works_in_a_full_store(new_site):
    site = new_site(store_size="1 MiB", sessions_per_user="20")
    site.add_user("ada")
    site.start()
    first, others = signed_in(site), [signed_in(site) for _ in range(10)]
    lines = "".join(json.dumps({"name": f"user{i}", "groups": [f"group-{n}-of-many" for n in range(9)]}) + "\n"
                    for i in range(6000))
    assert "full" in site.command("user", "import", "-", stdin=lines).stderr
    for i in range(400):  # an import takes or leaves a hundred lines as one: these come singly
        if "full" in site.command("user", "import", "-", stdin=lines.splitlines()[-1 - i] + "\n").stderr:
            break
    assert site.browser().login("ada", PASSWORD).status == 503
    assert first.send("GET", "/auth/health").json().get("login") is False
    assert first.logout().status == 204 and first.refresh().status == 401
    assert others[0].send("DELETE", "/auth/sessions/" + others[1].sessions()[0]["id"]).status in (204, 401, 404)
    site.run("session", "revoke", "--user", "ada")
    assert site.json("session", "list")["sessions"] == []


@pytest.mark.shows("F08")
def test_health_tells_nothing_and_nobody_is_let_in_by_what_it_calls_itself(site):
    for agent in "kube-probe/1.29", "GoogleHC/1.0", "ELB-HealthChecker/2.0", "curl/8":
        browser = site.browser()
        browser.agent = agent
        assert browser.send("GET", "/auth/health").json() == {"status": "ok"}
        assert browser.send("GET", "/auth/verify").status == 401
        assert fcgi.ask(site.socket, "GET", "/auth/me", {"User-Agent": agent}).status == 401
