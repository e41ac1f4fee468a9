"""Planted cookies and late answers: nobody becomes somebody else, and nothing is revoked."""

import time

import pytest

from support.site import PASSWORD

REFRESH, DEVICE = "__Secure-pintle-refresh", "__Host-pintle-device"


@pytest.fixture
def people(site):
    """The victim's browser and the attacker's, both logged in."""
    site.add_user("mallory")
    ada, mallory = site.browser(), site.browser()
    assert ada.login("ada", PASSWORD).status == 200
    assert mallory.login("mallory", PASSWORD).status == 200
    return site, ada, mallory


def cookies(*pairs):
    return "; ".join(f"{name}={value}" for name, value in pairs if value)


def who(answer):
    return answer.json()["user"]["name"] if answer.status == 200 else None


def both_live(ada, mallory):
    """Both sessions are alive, and each belongs to its own person."""
    return who(ada.refresh()) == "ada" and who(mallory.refresh()) == "mallory"


def test_a_planted_token_alone_is_foreign(people):
    _, ada, mallory = people
    planted = (REFRESH, mallory.refresh_token())
    own_device = (DEVICE, ada.jar.value("device"))
    for sent in cookies(planted), cookies(planted, own_device):
        answer = ada.refresh(cookies=sent)
        assert answer.status == 403 and not answer.all("Set-Cookie"), answer
        assert answer.json()["reason"] == "foreign_device"
        assert ada.send("GET", "/auth/me", cookies=sent).status == 401
        assert ada.send("DELETE", "/auth/sessions", cookies=sent).status == 401
    assert both_live(ada, mallory)


def test_a_planted_token_beside_one_s_own_changes_nothing(people):
    _, ada, mallory = people
    planted = (REFRESH, mallory.refresh_token())
    for order in (0, 1):
        own = (REFRESH, ada.refresh_token())
        device = (DEVICE, ada.jar.value("device"))
        pair = [planted, own] if order else [own, planted]
        assert who(ada.send("GET", "/auth/me", cookies=cookies(*pair, device))) == "ada"
        assert who(ada.refresh(cookies=cookies(*pair, device))) == "ada"
        assert len(ada.sessions()) == 1
    assert both_live(ada, mallory)


@pytest.mark.shows("B07")
def test_a_planted_pair_beside_one_s_own_makes_nobody_somebody_else(people):
    """If a browser sends two device cookies, the first names it, and only its session is used."""
    _, ada, mallory = people
    planted = [(REFRESH, mallory.refresh_token()), (DEVICE, mallory.jar.value("device"))]
    own = [(REFRESH, ada.refresh_token()), (DEVICE, ada.jar.value("device"))]
    assert who(ada.send("GET", "/auth/me", cookies=cookies(*own, *planted))) == "ada"
    assert who(ada.refresh(cookies=cookies(*own, *planted))) == "ada"
    # Alone and complete it is a copy of the attacker's jar, and so the attacker's session.
    assert who(ada.send("GET", "/auth/me", cookies=cookies(*planted))) == "mallory"
    assert both_live(ada, mallory)


@pytest.mark.shows("B07")
def test_a_spent_planted_token_raises_no_alarm(people):
    """The attacker plants a spent token: its reuse does not end the victim's session."""
    site, ada, mallory = people
    spent = mallory.refresh_token()
    assert mallory.refresh().status == 200
    sent = cookies((REFRESH, spent), (REFRESH, ada.refresh_token()), (DEVICE, ada.jar.value("device")))
    assert who(ada.refresh(cookies=sent)) == "ada"
    assert both_live(ada, mallory)


@pytest.mark.parametrize("with_device", [False, True], ids=["without its device", "with its device"])
def test_planted_before_a_login(people, with_device):
    """A login takes nothing that the browser brought, and ends no session of another device."""
    site, _, mallory = people
    planted = [(REFRESH, mallory.refresh_token())]
    if with_device:
        planted.append((DEVICE, mallory.jar.value("device")))
    fresh = site.browser()
    answer = fresh.send("POST", "/auth/login", {"username": "ada", "password": PASSWORD}, cookies=cookies(*planted))
    assert who(answer) == "ada"
    assert fresh.refresh_token() != mallory.refresh_token()
    assert who(mallory.send("GET", "/auth/me")) == "mallory"
    beside = cookies((REFRESH, fresh.refresh_token()), *planted, (DEVICE, fresh.jar.value("device")))
    assert who(fresh.refresh(cookies=beside)) == "ada"


def test_planted_after_a_login_logout_ends_only_one_s_own(people):
    site, ada, mallory = people
    sent = cookies((REFRESH, mallory.refresh_token()), (REFRESH, ada.refresh_token()),
                   (DEVICE, ada.jar.value("device")))
    assert ada.send("POST", "/auth/logout", cookies=sent).status == 204
    assert who(mallory.refresh()) == "mallory"
    assert ada.refresh().status == 401


def test_another_cookie_s_name_is_not_ours(people):
    _, ada, mallory = people
    for name in "pintle-refresh", "__secure-pintle-refresh", "x__Secure-pintle-refresh", "__Host-pintle-refresh":
        sent = cookies((name, ada.refresh_token()), (DEVICE, ada.jar.value("device")))
        assert ada.refresh(cookies=sent).status == 401
    assert both_live(ada, mallory)


def test_a_late_refusal_leaves_the_new_login_alone(site):
    """An old tab's refusal arrives after a new login in the same browser: it sets no cookie."""
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    old = browser.jar.header("/auth/refresh")
    site.run("session", "revoke", browser.sessions()[0]["id"])
    assert browser.login("ada", PASSWORD).status == 200
    refused = browser.refresh(cookies=old)
    assert refused.status == 403 and not refused.all("Set-Cookie")
    assert browser.refresh().status == 200


@pytest.mark.shows("G12")
def test_lost_and_repeated_logins_sign_nobody_out(new_site):
    """Logins whose answers are lost, in a browser with a session; and logins at the cap."""
    site = new_site(hand_out="500 ms", quiet="1 s", sessions_per_user=2)
    site.add_user("ada")
    site.start()
    phone, laptop, loser = site.browser(), site.browser(), site.browser()
    assert phone.login("ada", PASSWORD).status == 200
    assert loser.login("ada", PASSWORD).status == 200 and loser.refresh().all("Set-Cookie")
    # The third browser replaces the one used least recently; after that none replaces another.
    assert laptop.login("ada", PASSWORD).status == 200
    assert phone.refresh().json()["reason"] == "session_cap"
    held = loser.jar.copy()
    for _ in range(20):
        assert loser.login("ada", PASSWORD).status == 200
        loser.jar = held.copy()
        assert laptop.login("ada", PASSWORD).status == 200
    for answer in loser.refresh(), laptop.refresh():
        assert answer.status == 200 and answer.json()["expires_in"] >= 1 and not answer.all("Set-Cookie"), answer
    # A browser is one row, however many logins it has lost.
    assert [row["current"] for row in laptop.sessions()].count(True) == 1 and len(laptop.sessions()) == 2
    time.sleep(1.6)
    for browser in loser, laptop:
        assert browser.refresh().all("Set-Cookie") and len(browser.sessions()) == 2
    # Signing a row out leaves nothing of it.
    row = next(row["id"] for row in laptop.sessions() if not row["current"])
    assert laptop.send("DELETE", f"/auth/sessions/{row}").status == 204
    assert loser.refresh().json()["reason"] == "logout_elsewhere" and len(laptop.sessions()) == 1
    assert len(site.run("session", "list").splitlines()) == 2  # the heading, and the laptop's only session


def test_a_use_of_the_gate_cookie_at_verify_keeps_a_session(new_site):
    site = new_site(gate_cookie="yes", idle="2 s", hand_out="500 ms", quiet="1 s")
    site.add_user("ada")
    site.start()
    used, idle = site.browser(), site.browser()
    for browser in used, idle:
        assert browser.login("ada", PASSWORD).status == 200
    gate = cookies(("__Host-pintle-gate", used.jar.value("gate")))
    for _ in range(8):
        time.sleep(0.5)
        assert used.send("GET", "/auth/verify", cookies=gate).status == 204
    assert used.refresh().status == 200
    assert idle.refresh().json()["reason"] == "idle"


@pytest.mark.shows("D03")
def test_a_late_answer_for_the_old_session_does_not_undo_a_new_login(new_site):
    """Two tabs: one logs in again while the other refreshes the old session."""
    site = new_site(hand_out="500 ms", quiet="1 s")
    site.add_user("ada")
    site.start()
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    old = browser.jar.header("/auth/refresh")
    assert browser.login("ada", PASSWORD).status == 200
    # Both sessions still answer, but hand out no cookie that could replace the other's.
    for late in browser.refresh(cookies=old), browser.refresh():
        assert late.status == 200 and not late.all("Set-Cookie"), late
    time.sleep(1.1)
    assert browser.refresh().all("Set-Cookie")
    ended = browser.refresh(cookies=old)
    assert ended.status == 403 and ended.json()["reason"] == "replaced", ended
    assert browser.refresh().status == 200 and len(browser.sessions()) == 1
