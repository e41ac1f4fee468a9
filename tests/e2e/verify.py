"""The same as verify.mjs, with Debian's libraries for Python and its command jose.

python3 verify.py FOLDER < {"issuer", "audience", "tokens": {NAME: TOKEN}}
"""

import json
import subprocess
import sys
import urllib.request

import jwt
from authlib.jose import JsonWebKey, JsonWebToken

ALGORITHMS = ["ES256", "EdDSA", "RS256"]


class PyJwt:
    def __init__(self, issuer, audience):
        self.client = jwt.PyJWKClient(issuer + "/jwks.json")
        self.expected = {"issuer": issuer, "audience": audience, "algorithms": ALGORITHMS,
                         "options": {"require": ["exp", "iat", "sub", "jti"]}}

    def __call__(self, token):
        return jwt.decode(token, self.client.get_signing_key_from_jwt(token).key, **self.expected)


class Authlib:
    def __init__(self, issuer, audience):
        with urllib.request.urlopen(issuer + "/jwks.json") as answer:
            self.keys = JsonWebKey.import_key_set(json.load(answer))
        self.jwt = JsonWebToken(ALGORITHMS)
        self.expected = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": audience},
                         "exp": {"essential": True}}

    def __call__(self, token):
        claims = self.jwt.decode(token, self.keys, claims_options=self.expected)
        claims.validate()
        return claims


class Jose:
    """The command checks the signature alone; its caller has to check the claims."""

    def __init__(self, issuer, _):
        self.file = sys.argv[1] + "/keys.json"
        urllib.request.urlretrieve(issuer + "/jwks.json", self.file)

    def __call__(self, token):
        done = subprocess.run(["jose", "jws", "ver", "-i", "-", "-k", self.file, "-O", "-"],
                              input=token, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode:
            raise ValueError(done.stderr.strip())
        return json.loads(done.stdout)


def outcome(verify, token):
    try:
        return {"taken": verify(token)["preferred_username"]}
    except Exception as error:  # each library has its own
        return {"refused": type(error).__name__, "text": str(error)}


def main():
    told = json.load(sys.stdin)
    libraries = {"PyJWT": PyJwt, "Authlib": Authlib, "jose (command)": Jose}
    found = {}
    for library, make in libraries.items():
        verify = make(told["issuer"], told["audience"])
        found[library] = {name: outcome(verify, token) for name, token in told["tokens"].items()}
    print(json.dumps(found))


main()
