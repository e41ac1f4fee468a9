"""Makes access tokens with the site's own private keys, good ones and every kind of bad one."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

HMACS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def encode(data):
    """base64url without padding, of text or bytes."""
    data = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def written(value):
    """A dictionary as JSON; text and bytes as they are."""
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict) else value


def signature_of(key, data, digest=None):
    """A signature in JOSE's form (RFC 7518, 3.4)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest or hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if hasattr(key, "private_numbers"):
        return key.sign(data, padding.PKCS1v15(), digest or hashes.SHA256())
    return key.sign(data)


def der_of(signature):
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


class Forger:
    """Begins with a good token of the site, and has all of the site's signing keys."""

    def __init__(self, site, token):
        self.site = site
        self.token = token
        head, claims, _ = token.split(".")
        self.header, self.claims = json.loads(decode(head)), json.loads(decode(claims))
        self.keys = {}  # kid: private key
        self.kids = {}  # algorithm: the kids of its keys, oldest first
        for entry in site.keys("access tokens"):
            with open(site.path("state", "keys", "signing", entry["kid"] + ".pem"), "rb") as pem:
                self.keys[entry["kid"]] = serialization.load_pem_private_key(pem.read(), None)
            self.kids.setdefault(entry["alg"], []).append(entry["kid"])

    def kid(self, alg="ES256"):
        return self.kids[alg][0]

    def key(self, alg="ES256"):
        return self.keys[self.kid(alg)]

    def header_of(self, of="ES256", **changes):
        """The good header for the key of that algorithm, changed; None removes a member."""
        header = {**self.header, "alg": of, "kid": self.kid(of), **changes}
        return {name: value for name, value in header.items() if value is not None}

    def claims_of(self, **changes):
        claims = {**self.claims, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def make(self, header=None, claims=None, key=None, sign=signature_of):
        """Signed by key (default: the first ES256 key) unless sign(key, bytes) does it."""
        header, claims = header or self.header_of(), self.claims if claims is None else claims
        text = encode(written(header)) + "." + encode(written(claims))
        return text + "." + encode(sign(key or self.key(), text.encode()))

    def of(self, alg, sign=signature_of, **changes):
        """A token of that algorithm's first key, with changed claims."""
        return self.make(self.header_of(alg), self.claims_of(**changes), self.key(alg), sign)

    def public(self, form, alg="ES256"):
        """The public half in one form, as bytes."""
        if form == "jwk":
            return self.site.run("key", "export", self.kid(alg), "--jwk").strip().encode()
        if form == "raw":
            return self.key(alg).public_key().public_bytes(serialization.Encoding.X962,
                                                           serialization.PublicFormat.UncompressedPoint)
        pem = self.site.run("key", "export", self.kid(alg), "--pem").encode()
        return base64.b64decode(b"".join(pem.splitlines()[1:-1])) if form == "der" else pem

    def by_hmac(self, secret, alg="HS256", **more):
        """The classic attack: HMAC, with public data as its secret."""
        return self.make(self.header_of(**{"alg": alg, "kid": self.kid(), **more}),
                         sign=lambda _, data: hmac.new(secret, data, HMACS.get(alg, hashlib.sha256)).digest())
