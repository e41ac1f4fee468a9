"""The access token, verified with the published keys by libraries that nobody here wrote."""

import base64
import hashlib
import json
import os
import re
import subprocess
import time
import urllib.parse

import jwt
import pytest

from support import table
from support.forger import Forger
from support.process import wait_until
from support.site import PASSWORD

HERE = os.path.dirname(os.path.abspath(__file__))
ALGORITHMS = ("ES256", "EdDSA", "RS256")
WITH = {("jwks-rsa", "EdDSA"): "with jose"}  # it only fetches keys; jsonwebtoken has no EdDSA
LACKS = {("jsonwebtoken", "EdDSA"), ("jose (command)", "EdDSA")}
CODES = {"jsonwebtoken": {403}, "express-oauth2-jwt-bearer": {401}}  # their services' answers
SIGNATURE_ALONE = "jose (command)"
ABOUT_CLAIMS = ("expired", "of another audience", "of another issuer")


@pytest.fixture(scope="module")
def house(mounted_once):
    house = mounted_once("nginx")
    house.site.add_user("ada")
    return house


def signed_in(house):
    browser = house.browser()
    assert browser.login("ada", PASSWORD).status == 200
    return browser.access


@pytest.fixture(scope="module")
def given(house):
    """A token of each algorithm, as the site gives it; the key set holds all three keys."""
    given = {"ES256": signed_in(house)}

    def signs(alg):
        given[alg] = signed_in(house)
        return jwt.get_unverified_header(given[alg])["alg"] == alg
    for alg in ALGORITHMS[1:]:
        house.site.run("key", "rotate", "--alg", alg, "--now")
        wait_until(f"{alg} signs", 5, lambda alg=alg: signs(alg))
    return given


def bad_ones(site, alg, good):
    """Each has one thing wrong, and a good signature unless that is what is wrong."""
    forger, now = Forger(site, good), int(time.time())
    head, claims, signature = good.split(".")
    return {
        "expired": forger.of(alg, iat=now - 600, exp=now - 300),
        "of another audience": forger.of(alg, aud="https://other.example"),
        "of another issuer": forger.of(alg, iss="https://other.example/auth"),
        "with a bad signature": ".".join((head, claims, "A" * 8 + signature[8:])),
        "signed for other claims": ".".join((forger.of(alg, sub="somebody-else").rpartition(".")[0], signature)),
        "of algorithm none": forger.make(forger.header_of(alg, alg="none"), sign=lambda *_: b""),
        "by HMAC with the public key": forger.by_hmac(forger.public("pem", alg), kid=forger.kid(alg)),
    }


def told_by(argv, house, tokens):
    told = {"issuer": house.origin + "/auth", "audience": house.origin, "tokens": tokens}
    done = subprocess.run(argv, input=json.dumps(told), capture_output=True, text=True, timeout=60, cwd=HERE, env={
        **os.environ, "NODE_EXTRA_CA_CERTS": house.ca, "SSL_CERT_FILE": house.ca,
        # Where localhost is also ::1, Node 18 tries nothing else.
        "NODE_OPTIONS": "--dns-result-order=ipv4first"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def found(house, given, tmp_path_factory):
    """What libraries made of tokens: {library: {"ES256 good": {"taken": NAME}, ...}}."""
    tokens = {"none": ""}
    for alg in ALGORITHMS:
        tokens[alg + " good"] = given[alg]
        tokens.update({f"{alg} {what}": bad for what, bad in bad_ones(house.site, alg, given[alg]).items()})
    folder = str(tmp_path_factory.mktemp("keys"))
    return {**told_by(["node", "verify.mjs"], house, tokens),
            **told_by(["/usr/bin/python3", "verify.py", folder], house, tokens)}


def faults(library, outcomes):
    """What a library did with the tokens that it should not have accepted."""
    wrong = []
    for name, outcome in outcomes.items():
        alg, _, what = name.partition(" ")
        expected = what == "good" and (library, alg) not in LACKS
        if library == SIGNATURE_ALONE and what in ABOUT_CLAIMS:
            expected = (library, alg) not in LACKS
        codes = CODES.get(library, {outcome.get("refused")}) if alg != "none" else {outcome.get("refused")}
        if (outcome.get("taken") == "ada") != expected or (not expected and outcome["refused"] not in codes):
            wrong.append(f"{library}, {name}: {outcome}")
    return wrong


@pytest.mark.plain
def test_each_library_takes_what_is_good_and_refuses_what_is_not(found):
    assert [fault for library, outcomes in found.items() for fault in faults(library, outcomes)] == []
    assert found["jsonwebtoken"]["none"]["refused"] == 401, "the seed's middleware asks for a token"
    # Refused for the actual fault, as far as a library says it.
    for alg in ALGORITHMS:
        assert found["jose"][alg + " expired"]["refused"] == "ERR_JWT_EXPIRED"
        assert found["jose"][alg + " with a bad signature"]["refused"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
        assert found["jose"][alg + " of another audience"]["refused"] == "ERR_JWT_CLAIM_VALIDATION_FAILED"
        assert found["PyJWT"][alg + " expired"]["refused"] == "ExpiredSignatureError"
        assert found["PyJWT"][alg + " of another issuer"]["refused"] == "InvalidIssuerError"
        assert found["PyJWT"][alg + " signed for other claims"]["refused"] == "InvalidSignatureError"


def cell(library, alg):
    if (library, alg) in LACKS:
        return "has none"
    return "signature alone" if library == SIGNATURE_ALONE else WITH.get((library, alg), "yes")


@pytest.mark.plain
def test_the_readme_holds_the_table_of_libraries(found):
    rows = [[library, *(cell(library, alg) for alg in ALGORITHMS)] for library in found]
    table.hold("libraries", table.lines(["", *ALGORITHMS], rows))


def looked_at_lazily(house, tokens):
    """What libraries do with tokens if the service asks for no more than a good signature."""
    found = told_by(["node", "lazy.mjs"], house, tokens)
    keys = jwt.PyJWKSet.from_dict(house.browser().send("GET", "/auth/jwks.json").json()).keys

    def by_pyjwt_alone(token):
        try:
            jwt.decode(token, keys[0].key, algorithms=["ES256"], options={"verify_aud": False})
        except jwt.exceptions.PyJWTError:
            return "refused"
        return "taken"
    return {**found, "PyJWT": {name: by_pyjwt_alone(token) for name, token in tokens.items()}}


def signed_for_other_purposes(house):
    """Everything that a stranger or a person gets from us and that could be taken for a token."""
    browser = house.browser()
    page = browser.login("ada", PASSWORD)
    assert page.status == 200
    link = house.site.run("user", "reset", "ada").split("#")[-1].split()[0]
    # A user who must show a code gets a page with a ticket that stands for the password.
    house.site.add_user("eve")
    house.site.json("user", "otp", "eve")
    body = urllib.parse.urlencode({"username": "eve", "password": PASSWORD}).encode()
    asked = house.browser().send("POST", "/auth/login", body=body, headers={
        "Content-Type": "application/x-www-form-urlencoded"})
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.body.decode())[1]
    return {
        "an access token": browser.access,
        "the status list": house.browser().send("GET", "/auth/status-list").body.decode(),
        "a refresh token": browser.refresh_token(),
        "a gate cookie": browser.jar.value("gate"),
        "a one-time link": link,
        "a login ticket": ticket,
    }


@pytest.mark.plain
@pytest.mark.shows("G04")
def test_nothing_else_that_we_sign_passes_even_where_only_the_signature_is_looked_at(mounted):
    house = mounted("nginx", gate_cookie="yes")
    house.site.add_user("ada")
    found = looked_at_lazily(house, signed_for_other_purposes(house))
    assert len(found) == 6
    for library, outcomes in found.items():
        assert {name for name, outcome in outcomes.items() if outcome == "taken"} == {"an access token"}, library


@pytest.mark.plain
def test_a_list_that_shares_the_key_of_tokens_passes_for_one(mounted):
    """What `check` warns of, and why the list has its own key: a shared one allows this."""
    house = mounted("nginx", gate_cookie="yes", status_list_key="shared")
    house.site.add_user("ada")
    said = house.site.command("check").stdout
    assert "it is signed with the key of access tokens" in said
    found = looked_at_lazily(house, signed_for_other_purposes(house))
    assert {outcomes["the status list"] for outcomes in found.values()} == {"taken"}
    metadata = house.browser().send("GET", "/auth/.well-known/openid-configuration").json()
    assert "status_list_jwks_uri" not in metadata


def by_pyjwt(house, token):
    keys = jwt.PyJWKSet.from_dict(house.browser().send("GET", "/auth/jwks.json").json())
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys.keys if key.key_id == kid)
    return jwt.decode(token, key.key, algorithms=["ES256"], issuer=house.origin + "/auth", audience=house.origin,
                      options={"require": ["exp", "iat", "sub", "jti"]})


@pytest.mark.short
def test_it_says_what_the_contract_has(mounted):
    house = mounted("nginx")
    house.site.add_user("ada")
    token = signed_in(house)
    claims = by_pyjwt(house, token)
    assert claims["exp"] - claims["iat"] == 600
    # RFC 9068, 2.2, and what the contract adds
    assert {"iss", "aud", "sub", "sid", "client_id", "jti", "iat", "exp", "auth_time", "amr", "groups",
            "preferred_username"} <= set(claims)
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    key = house.browser().send("GET", "/auth/jwks.json").json()["keys"][0]
    members = {name: key[name] for name in ("crv", "kty", "x", "y")}  # RFC 7638, 3.2
    text = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
    assert key["kid"] == thumbprint == jwt.get_unverified_header(token)["kid"]
