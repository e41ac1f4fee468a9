"""pintle doctor: where and by whom it is run, what is around the server, and how it ends."""

import json
import os
import signal
import stat
import subprocess

import pytest

from support.house import House, found, shown
from support.process import free_port, unprivileged, wait_until
from support.site import PASSWORD, Site

pytestmark = pytest.mark.sanitized


@pytest.fixture(scope="module")
def house(certificates, behind):
    house = House("nginx", certificates, behind)
    yield house
    house.close()


@pytest.fixture
def served(house):
    with house.serving():
        yield house


def only(findings, what, state="wrong"):
    """The one finding of a look; all the others found nothing wrong."""
    assert found(findings) <= {what}, shown(findings)
    (finding,) = [f for f in findings if f["what"] == what and f["state"] == state]
    return finding


def first_wrong(findings):
    return next(f for f in findings if f["state"] == "wrong")


# ---- the address and its certificate

def test_the_certificate_is_of_an_unknown_authority(served):
    findings = served.doctor("--cacert", "/etc/ssl/certs/ca-certificates.crt", trust=[])
    assert first_wrong(findings)["what"] == "https" and "--cacert" in first_wrong(findings)["mend"], shown(findings)


def test_no_certificate_is_looked_at(served):
    findings = served.doctor("--insecure", trust=[])
    assert not found(findings), shown(findings)
    assert [f["state"] for f in findings if f["what"] == "https"] == ["skip"]


def test_nobody_answers(house):
    findings = house.doctor()
    assert "start the web server" in only(findings, "reachable")["mend"], shown(findings)
    findings = house.doctor("https://nobody.invalid/auth")
    assert "DNS" in only(findings, "reachable")["mend"], shown(findings)


def test_the_issuer_is_another(served):
    findings = served.doctor(f"https://127.0.0.1:{served.port}/auth/")
    finding = only(findings, "issuer")
    assert f"issuer = https://127.0.0.1:{served.port}/auth in pintle.conf" in finding["mend"]
    assert served.site.settings["issuer"] in finding["text"]


@pytest.mark.parametrize("answer, state", [
    ("return 301 https://localhost$request_uri;", "ok"),
    ("return 302 http://localhost/other;", "wrong"),
    ("return 200 welcome;", "wrong"),
    ("return 404;", "hint"),
    (None, "skip"),
])
def test_plain_http(house, answer, state):
    port = free_port()
    plain = f"server {{ listen 127.0.0.1:{port}; {answer} }}\n" if answer else ""
    with house.serving(house.text + plain):
        findings = house.doctor("--plain", f"http://localhost:{port}")
    if state in ("ok", "skip"):
        assert not found(findings) and [state] == [f["state"] for f in findings if f["what"] == "plain-http"]
    else:
        assert "return 301 https://$host$request_uri;" in only(findings, "plain-http", state)["mend"]


def test_the_address_is_without_tls(house):
    """This address leads to the loopback, but nobody can know that."""
    port = free_port()
    plain = house.text.replace(f"listen {house.port} ssl;", f"listen {port};\n\tlisten {house.port} ssl;")
    with house.serving(plain):
        findings = house.doctor(f"http://0.0.0.0:{port}/auth")
    assert {"https", "issuer"} <= found(findings), shown(findings)
    assert "clear text" in next(f for f in findings if f["what"] == "https")["mend"]


# ---- a proxy in front

def behind_a_proxy(house, *lines):
    """nginx in front of the printed one, which serves without TLS; it connects from 127.0.0.2."""
    inner = free_port()
    text = house.text
    tls = text[text.index("\tssl_certificate "):text.index("\tunderscores_in_headers off;")]
    text = text.replace(tls, "").replace(f"listen [::]:{house.port} ssl;", "")
    text = text.replace(f"listen {house.port} ssl;", f"listen 127.0.0.1:{inner};")
    return text + f"""
server {{
    listen {house.port} ssl;
    {tls}
    location / {{
        proxy_bind 127.0.0.2;
        proxy_set_header Host $http_host;
        {" ".join(lines)}
        proxy_pass http://127.0.0.1:{inner};
    }}
}}
"""


TELL_ADDRESS = "proxy_set_header X-Forwarded-For $remote_addr;"
APPEND_ADDRESS = "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"


@pytest.fixture(scope="module")
def proxied(certificates, behind):
    house = House("nginx", certificates, behind, proxies="127.0.0.2")
    yield house
    house.close()


@pytest.mark.parametrize("how", [TELL_ADDRESS, APPEND_ADDRESS])
def test_a_proxy_that_is_known_is_fine(proxied, how):
    with proxied.serving(behind_a_proxy(proxied, how)):
        findings = proxied.doctor()
    assert not found(findings), shown(findings)


def test_a_proxy_that_is_not_known(house):
    with house.serving(behind_a_proxy(house, TELL_ADDRESS)):
        findings = house.doctor()
    assert "proxies = 127.0.0.2 in pintle.conf" in only(findings, "address")["mend"]


def test_every_client_is_taken_for_a_proxy(certificates, behind):
    house = House("nginx", certificates, behind, proxies="0.0.0.0/0")
    try:
        with house.serving(behind_a_proxy(house, APPEND_ADDRESS)):
            findings = house.doctor()
    finally:
        house.close()
    finding = only(findings, "address")
    assert "claims in X-Forwarded-For" in finding["text"] and "$remote_addr" in finding["mend"]


@pytest.mark.parametrize("line, look, fault", [
    ("proxy_cookie_path /auth /;", "cookies", "the Path that"),
    ("proxy_cookie_path /auth '/auth; Domain=localhost';", "cookies", "has a Domain"),
    ("proxy_cookie_flags __Secure-pintle-refresh nosecure;", "cookies", "lost Secure"),
    ("proxy_cookie_flags __Host-pintle-device nohttponly;", "cookies", "lost HttpOnly"),
    ("proxy_cookie_flags __Secure-pintle-refresh samesite=none;", "cookies", "the SameSite that"),
    ("proxy_cookie_flags __Host-pintle-gate samesite=strict;", "gate-cookie", "the SameSite that"),
])
def test_cookies_are_rewritten_on_the_way(proxied, line, look, fault):
    with proxied.serving(behind_a_proxy(proxied, TELL_ADDRESS, line)):
        findings = proxied.doctor()
    finding = only(findings, look)
    assert fault in finding["text"] and "no proxy_cookie_path" in finding["mend"]


# ---- what is not guarded, and what is not set

def test_a_page_that_is_not_guarded_is_handed_pintles_own_cookie(house):
    with house.serving(house.text.replace("root /var/www/html;", "default_type text/plain;\n\t\treturn 200 $http_cookie;")):
        findings = house.doctor()
    assert "cookies.conf" in only(findings, "forged", "wrong")["mend"], findings
    with house.serving(house.text.replace("root /var/www/html;", "default_type text/plain;\n\t\treturn 200 $pintle_cookies;")):
        assert not [found for found in house.doctor() if found["what"] == "forged" and found["state"] != "ok"]


def test_a_page_that_is_not_guarded_shows_forged_headers(house):
    root = "location = / { proxy_set_header Host localhost; proxy_pass " + house.site.places["/app/"]["proxy"] + "; }\n\t# To many applications a header X_Auth_User"
    with house.serving(house.text.replace("# To many applications a header X_Auth_User", root)):
        findings = house.doctor()
    assert "must not believe it" in only(findings, "forged", "hint")["text"]


def test_no_gate_cookie_is_set(certificates, behind):
    house = House("nginx", certificates, behind)
    try:
        house.site.settings["gate_cookie"] = "no"  # pintle config would not print it
        house.site.write_config()
        house.site.stop()
        house.site.start()
        with house.serving():
            findings = house.doctor()
    finally:
        house.close()
    # Programs with a token get in all the same.
    assert "gate_cookie = yes" in only(findings, "gate-cookie", "hint")["mend"]
    assert {f["state"] for f in findings if f["what"] == "guard-login"} == {"ok"}


def test_a_place_by_hand(served):
    findings = served.doctor("--guarded", "/nothing,app/")
    assert "location ^~ /nothing/ {" in only(findings, "guard")["mend"]


# ---- who runs it, and from where

def from_elsewhere(house, *options, stdin=""):
    """As on a machine that has no configuration."""
    done = subprocess.run([house.site.path("bin", "pintle"), "doctor", "--json", house.site.settings["issuer"],
                           *house.trust, *options], input=stdin, capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PINTLE_CONFIG": house.site.path("no.conf")}, **unprivileged())
    return done.returncode, json.loads(done.stdout)["checks"]


def test_another_machine_sees_what_a_stranger_sees(served):
    status, findings = from_elsewhere(served, "--guarded", "/app/")
    assert status == 0 and not found(findings), shown(findings)
    skipped = {f["what"] for f in findings if f["state"] == "skip"}
    assert {"socket", "login", "cookies", "guard-login", "logout", "guard-logout"} <= skipped
    assert any("--user NAME" in f["text"] for f in findings if f["what"] == "login")


def test_another_machine_logs_in_as_somebody(served):
    status, findings = from_elsewhere(served, "--guarded", "/files/,/wiki/", "--user", "bob", stdin=PASSWORD + "\n")
    assert status == 0 and not found(findings), shown(findings)
    states = {(f["what"], f["text"].partition(":")[0]): f["state"] for f in findings}
    assert states["guard-login", "/files/"] == states["guard-logout", "/files/"] == "ok"
    assert states["guard-login", "/wiki/"] == "skip"  # the user is in no group


def test_a_password_that_is_wrong(served):
    status, findings = from_elsewhere(served, "--user", "bob", stdin="no password of his\n")
    assert status == 1 and "invalid_credentials" in only(findings, "login")["text"]


def test_the_store_is_not_the_worker_s(served):
    other = Site(issuer=served.site.settings["issuer"])
    try:
        done = other.command("doctor", "--json", *served.trust)
        findings = json.loads(done.stdout)["checks"]
        assert other.json("user", "list")["users"] == []
    finally:
        other.close()
    assert done.returncode == 1 and {"jwks", "login"} <= found(findings), shown(findings)
    assert "on the worker's machine" in next(f for f in findings if f["what"] == "login")["mend"]


# ---- the machine

@pytest.fixture
def socket_mode(served):
    path = served.site.socket
    mode = stat.S_IMODE(os.stat(path).st_mode)
    yield lambda new: os.chmod(path, new)
    os.chmod(path, mode)


def test_everybody_can_connect_to_the_socket(served, socket_mode):
    socket_mode(0o666)
    assert "socket_mode = 0660" in only(served.doctor(), "socket")["mend"]


def test_the_web_server_cannot_connect_to_the_socket(served, socket_mode):
    socket_mode(0)
    findings = served.doctor()
    assert found(findings) == {"reachable", "socket"}, shown(findings)
    assert "start the worker" in first_wrong(findings)["mend"], shown(findings)
    assert "socket_group = www-data" in next(f for f in findings if f["what"] == "socket")["mend"], shown(findings)


# ---- leaving

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_users_are_gone_however_it_ends(served, behind, number):
    behind.application.delay = 0.5
    try:
        doctor = subprocess.Popen([served.site.path("bin", "pintle"), "--config", served.site.path("pintle.conf"),
                                   "doctor", *served.trust], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                  **unprivileged())
        wait_until("it has made its users", 10, lambda: len(served.made()) == 2)
        doctor.send_signal(number)
        _, said = doctor.communicate(timeout=10)
    finally:
        behind.application.delay = 0
    assert doctor.returncode == 1 and "stopped" in said and served.made() == []


def test_the_users_are_gone_when_nobody_reads(served):
    """The reader of its output leaves at once, as head does."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([served.site.path("bin", "pintle"), "--config", served.site.path("pintle.conf"), "doctor",
                           *served.trust], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=30, **unprivileged())
    os.close(writing)
    assert done.returncode == 1 and "cannot write to standard output" in done.stderr and served.made() == []


@pytest.mark.parametrize("words, says", [
    (["ftp://localhost/auth"], "does not begin with https://"),
    (["https://local host/auth"], "has a character that no host may have"),
    (["--plain", "https://localhost"], "is not an address with http://"),
    (["--cacert", "/nothing"], "/nothing: No such file"),
])
def test_what_makes_no_sense_is_said(house, words, says):
    done = house.site.command("doctor", *words)
    assert done.returncode == 2 and says in done.stderr and done.stdout == "", done
