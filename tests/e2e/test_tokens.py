"""The access token, verified with the published keys by libraries that nobody here wrote."""

import base64
import hashlib
import json
import os
import subprocess

import jwt
import pytest

from support.site import PASSWORD

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture
def house(mounted):
    house = mounted("nginx")
    house.site.add_user("ada")
    return house


@pytest.fixture
def token(house):
    browser = house.browser()
    assert browser.login("ada", PASSWORD).status == 200
    assert browser.refresh().status == 200
    return browser.access


def forged(token):
    """The same token with another subject, and the old signature."""
    head, claims, signature = token.split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "=="))
    changed["sub"] = "somebody-else"
    claims = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
    return ".".join((head, claims, signature))


def by_node(house, token, audience=None):
    # By address: where localhost is ::1 too, Node 18 tries nothing else.
    keys = f"https://127.0.0.1:{house.server.port}/.well-known/jwks.json"
    done = subprocess.run(
        ["node", "verify.mjs", keys, house.origin + "/auth", audience or house.origin],
        input=token, capture_output=True, text=True, timeout=30, cwd=HERE,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": house.ca})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_npm_jose_verifies_it(house, token):
    verified = by_node(house, token)
    assert verified["payload"]["preferred_username"] == "ada"
    assert verified["protectedHeader"]["typ"] == "at+jwt"
    assert by_node(house, forged(token))["refused"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    assert by_node(house, token, "https://other.example")["refused"] == "ERR_JWT_CLAIM_VALIDATION_FAILED"


def by_pyjwt(house, token, audience=None):
    keys = jwt.PyJWKSet.from_dict(house.browser().send("GET", "/auth/jwks.json").json())
    kid = jwt.get_unverified_header(token)["kid"]
    key = next(key for key in keys.keys if key.key_id == kid)
    return jwt.decode(token, key.key, algorithms=["ES256"], issuer=house.origin + "/auth",
                      audience=audience or house.origin, options={"require": ["exp", "iat", "sub", "jti"]})


@pytest.mark.short
def test_pyjwt_verifies_it(house, token):
    claims = by_pyjwt(house, token)
    assert claims["exp"] - claims["iat"] == 600
    # RFC 9068, 2.2, and what the contract adds
    assert {"iss", "aud", "sub", "sid", "client_id", "jti", "iat", "exp", "auth_time", "amr", "groups",
            "preferred_username"} <= set(claims)
    with pytest.raises(jwt.InvalidSignatureError):
        by_pyjwt(house, forged(token))
    with pytest.raises(jwt.InvalidAudienceError):
        by_pyjwt(house, token, "https://other.example")


def test_the_jose_command_verifies_it(house, token, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_bytes(house.browser().send("GET", "/auth/jwks.json").body)

    def verify(token):
        return subprocess.run(["jose", "jws", "ver", "-i", "-", "-k", str(keys), "-O", "-"],
                              input=token, capture_output=True, text=True, timeout=30)
    assert json.loads(verify(token).stdout)["preferred_username"] == "ada"
    assert verify(forged(token)).returncode != 0


def test_the_kid_is_the_key_s_thumbprint(house, token):
    key = house.browser().send("GET", "/auth/jwks.json").json()["keys"][0]
    members = {name: key[name] for name in ("crv", "kty", "x", "y")}  # RFC 7638, 3.2
    text = json.dumps(members, separators=(",", ":"), sort_keys=True).encode()
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
    assert key["kid"] == thumbprint == jwt.get_unverified_header(token)["kid"]
