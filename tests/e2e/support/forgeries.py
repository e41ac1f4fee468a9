"""Every known attack on a verifier of tokens: a sentence, the verdict for the log, and its maker.

A row's maker takes the Forger of support/forger.py, with a few additions from test_forgeries.py.
"""

import json
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .forger import decode, der_of, encode, signature_of, written

N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # the order of P-256
L = 2**252 + 27742317777372353535851937790883648493  # the order of Ed25519


def number(value, size=32):
    return value.to_bytes(size, "big")


# ---- headers, most of them correctly signed with our own ES256 key

def header(**changes):
    return lambda forger: forger.make(forger.header_of(**changes))


def header_text(change):
    """Changes the text of the header itself."""
    return lambda forger: forger.make(change(written(forger.header), forger))


def hmac(form, alg="HS256", **more):
    return lambda forger: forger.by_hmac(forger.public(form), alg, **more)


def own_key(name, value):
    """Signed by a stranger's key, which the header contains or points to."""
    def make(forger):
        point = forger.stranger.public_key().public_numbers()
        jwk = {"kty": "EC", "crv": "P-256", "x": encode(number(point.x)), "y": encode(number(point.y))}
        brought = jwk if value is None else value.format(port=forger.port) if isinstance(value, str) else value
        return forger.make(forger.header_of(**{name: brought}), key=forger.stranger)
    return make


ALGORITHMS = [
    *((f"algorithm {alg!r}, and no signature", "malformed", lambda f, alg=alg: f.make(
        f.header_of(alg=alg), sign=lambda *_: b"")) for alg in ("none", "None")),
    *((f"algorithm {alg!r}", "wrong_alg", header(alg=alg)) for alg in (
        "none", "None", "NONE", "nOnE", " none", "", "es256", "ES256 ", "ES384", "ES512", "ES256K", "PS256", "RS384",
        "Ed25519", "RSA-OAEP", "dir", "A128KW", "HS256")),
    ("algorithm none spelt with an escape", "wrong_alg", header_text(
        lambda text, _: text.replace('"ES256"', r'"\u006eone"'))),
    ("algorithm none of the type of an access token, and without a key", "bad_header", header(alg="none", kid=None)),
    *((f"no text as algorithm: {alg!r}", "bad_header", header(alg=alg)) for alg in (0, ["ES256"], {}, True)),
    ("no algorithm", "bad_header", header(alg=None)),
    *((f"{alg} with the public key as {form}", "wrong_alg", hmac(form, alg))
      for alg in ("HS256", "HS384", "HS512") for form in ("pem", "der", "jwk", "raw")),
    ("HS256 with the whole key set", "wrong_alg", lambda f: f.by_hmac(f.key_set)),
    ("HS256 with the PEM without its last line feed", "wrong_alg", lambda f: f.by_hmac(f.public("pem").rstrip())),
    ("HS256 with the RSA key's PEM", "wrong_alg", lambda f: f.by_hmac(f.public("pem", "RS256"), kid=f.kid("RS256"))),
    ("HS256 with the key's id", "wrong_alg", lambda f: f.by_hmac(f.kid().encode())),
    ("HS256 with nothing", "wrong_alg", lambda f: f.by_hmac(b"", kid="../../../../dev/null")),
    ("an HMAC with the public key where ES256 is named", "bad_signature", hmac("pem", "ES256")),
    *((f"{alg} with the {of} key", "wrong_alg", lambda f, alg=alg, of=of: f.make(
        f.header_of(alg, kid=f.kid(of)), key=f.key(of)))
      for alg in ("ES256", "EdDSA", "RS256") for of in ("ES256", "EdDSA", "RS256") if alg != of),
    *((f"{alg} and its key, signed by the {by} key", "bad_signature", lambda f, alg=alg, by=by: f.make(
        f.header_of(alg), key=f.key(by)))
      for alg in ("ES256", "EdDSA", "RS256") for by in ("ES256", "EdDSA", "RS256") if alg != by),
]

KEYS = [
    ("another key's id of the same kind", "bad_signature", lambda f: f.make(f.header_of(kid=f.kids["ES256"][1]))),
    *((f"the key {kid!r}", "unknown_key", header(kid=kid)) for kid in (
        "", "0", "../../../../dev/null", "/proc/self/environ", "' UNION SELECT 'key' --", "1 OR 1=1", "|sleep 10",
        "$(id)", "https://evil.example/jwks.json", "%00", "x" * 300)),
    ("a key's name as a path", "unknown_key", lambda f: f.make(f.header_of(kid="./" + f.kid()))),
    ("a key's name with its file's ending", "unknown_key", lambda f: f.make(f.header_of(kid=f.kid() + ".pem"))),
    ("a key's name with a blank", "unknown_key", lambda f: f.make(f.header_of(kid=f.kid() + " "))),
    ("a key's name cut off", "unknown_key", lambda f: f.make(f.header_of(kid=f.kid()[:-1]))),
    ("a key's name in capitals", "unknown_key", lambda f: f.make(f.header_of(kid=f.kid().upper()))),
    ("a key's name and NUL", "bad_header", header_text(lambda text, f: text.replace(f.kid(), f.kid() + r"\u0000x"))),
    ("NUL for a key's name", "bad_header", header_text(lambda text, f: text.replace(f.kid(), r"\u0000"))),
    ("a very long key's name", "malformed", header(kid="k" * 5000)),
    ("no key named", "bad_header", header(kid=None)),
    *((f"no text as a key: {kid!r}", "bad_header", header(kid=kid)) for kid in (0, ["k"], {"kid": "k"}, False)),
    ("a key of its own (jwk)", "bad_header", own_key("jwk", None)),
    ("an address of keys (jku)", "bad_header", own_key("jku", "http://127.0.0.1:{port}/jwks.json")),
    ("an address of a certificate (x5u)", "bad_header", own_key("x5u", "http://127.0.0.1:{port}/x.pem")),
    ("a file as address (x5u)", "bad_header", own_key("x5u", "file:///dev/null")),
    ("a certificate (x5c)", "bad_header", own_key("x5c", ["MIIB"])),
    ("a certificate's thumbprint (x5t)", "bad_header", own_key("x5t", "AAAA")),
    ("a certificate's thumbprint (x5t#S256)", "bad_header", own_key("x5t#S256", "AAAA")),
    ("a jwk beside a good signature", "bad_header", header(jwk={})),
    ("a stranger's signature", "bad_signature", lambda f: f.make(key=f.stranger)),
]

HEADERS = [
    ("an extension that must be understood", "bad_header", header(crit=["exp"], exp=1)),
    ("an empty list of extensions", "bad_header", header(crit=[])),
    ("extensions that are no list", "bad_header", header(crit="exp")),
    ("a payload that is not encoded", "bad_header", header(b64=False, crit=["b64"])),
    ("b64 that nobody has to understand", "bad_header", header(b64=False)),
    ("a payload that is compressed", "bad_header", header(zip="DEF")),
    ("a payload that is encrypted", "bad_header", header(enc="A128GCM")),
    *((f"the type {typ!r}", "wrong_type", header(typ=typ)) for typ in (
        "JWT", "jwt", "statuslist+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "id+jwt", "text/at+jwt", "at+jwt ",
        "at+jwt;x", "", 1, ["at+jwt"])),
    ("no type", "wrong_type", header(typ=None)),
    *((f"two members {name!r}", "bad_header", header_text(
        lambda text, _, more=more: "{" + more + "," + text[1:])) for name, more in (
            ("alg", '"alg":"none"'), ("alg, the same", '"alg":"ES256"'), ("alg, one escaped", r'"\u0061lg":"none"'),
            ("kid", '"kid":"x"'), ("typ", '"typ":"JWT"'), ("typ, one escaped", r'"t\u0079p":"JWT"'))),
    ("a member that a cut at NUL would make another", "bad_header", header_text(
        lambda text, _: r'{"crit\u0000":[],' + text[1:])),
    ("names in capitals", "bad_header", header_text(lambda text, _: text.replace('"alg"', '"ALG"'))),
    ("a list", "bad_header", header_text(lambda text, _: "[" + text + "]")),
    ("bytes behind it", "bad_header", header_text(lambda text, _: text + "{}")),
    ("NUL behind it", "bad_header", header_text(lambda text, _: text + "\0")),
    ("a byte-order mark", "bad_header", header_text(lambda text, _: "\ufeff" + text)),
    ("no UTF-8", "bad_header", header_text(lambda text, _: text[:-1].encode() + b',"x":"\xe9"}')),
    ("comments", "bad_header", header_text(lambda text, _: "/**/" + text)),
    ("nine lists in each other", "bad_header", header_text(
        lambda text, _: text[:-1] + ',"x":' + "[" * 9 + "]" * 9 + "}")),
    ("a header of nothing", "bad_header", header_text(lambda *_: "{}")),
]


# ---- signatures

def signed(change, alg="ES256"):
    """Correctly signed, with the signature changed afterwards."""
    return lambda f: f.of(alg, lambda key, data: change(signature_of(key, data)))


def halves(change):
    def both(signature):
        r, s = change(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        return number(r) + number(s)
    return signed(both)


def small_s(key, data):
    """An RSA signature to which the modulus can be added without making it longer, or nothing."""
    value, modulus = int.from_bytes(signature_of(key, data), "big"), key.public_key().public_numbers().n
    return number(value + modulus, 256) if value + modulus < 2**2048 else None


def rsa_with_modulus_added(f):
    for i in range(100):
        data = f.of("RS256", jti=f"try {i}").rpartition(".")[0]
        made = small_s(f.key("RS256"), data.encode())
        if made:
            return data + "." + encode(made)
    raise AssertionError("no signature of a hundred was small")


def ed25519_with_order_added(signature):
    s = int.from_bytes(signature[32:], "little") + L
    return signature[:32] + s.to_bytes(32, "little")


SIGNATURES = [
    ("ES256: nothing but zeros", "bad_signature", signed(lambda _: bytes(64))),
    *((f"ES256: r is {name}", "bad_signature", halves(lambda r, s, to=to: (to, s))) for name, to in (
        ("0", 0), ("1", 1), ("n", N), ("n + 1", N + 1), ("all ones", 2**256 - 1))),
    *((f"ES256: s is {name}", "bad_signature", halves(lambda r, s, to=to: (r, to))) for name, to in (
        ("0", 0), ("1", 1), ("n", N), ("n + 1", N + 1), ("all ones", 2**256 - 1))),
    ("ES256: both are 1", "bad_signature", halves(lambda r, s: (1, 1))),
    ("ES256: r is n - r", "bad_signature", halves(lambda r, s: (N - r, s))),
    ("ES256: r is minus r", "bad_signature", halves(lambda r, s: (2**256 - r, s))),
    ("ES256: r and s in each other's place", "bad_signature", halves(lambda r, s: (s, r))),
    ("ES256: in the form of DER", "bad_signature", signed(der_of)),
    ("ES256: one byte less", "bad_signature", signed(lambda s: s[:-1])),
    ("ES256: one byte more", "bad_signature", signed(lambda s: s + b"\0")),
    ("ES256: a zero before each half", "bad_signature", signed(lambda s: b"\0" + s[:32] + b"\0" + s[32:])),
    ("ES256: r alone", "bad_signature", signed(lambda s: s[:32])),
    ("ES256: twice", "bad_signature", signed(lambda s: s + s)),
    ("ES256: in hexadecimal digits", "bad_signature", signed(lambda s: s.hex().encode())),
    ("ES256: of another digest", "bad_signature", lambda f: f.of(
        "ES256", lambda key, data: signature_of(key, data, hashes.SHA384()))),
    ("ES256: of other bytes", "bad_signature", lambda f: f.of(
        "ES256", lambda key, data: signature_of(key, data + b"."))),
    ("EdDSA: nothing but zeros", "bad_signature", signed(lambda _: bytes(64), "EdDSA")),
    ("EdDSA: the neutral point and zero", "bad_signature", signed(lambda _: b"\1" + bytes(63), "EdDSA")),
    ("EdDSA: s and the order", "bad_signature", signed(ed25519_with_order_added, "EdDSA")),
    ("EdDSA: s is the order", "bad_signature", signed(lambda s: s[:32] + L.to_bytes(32, "little"), "EdDSA")),
    ("EdDSA: one byte less", "bad_signature", signed(lambda s: s[:-1], "EdDSA")),
    ("EdDSA: one byte more", "bad_signature", signed(lambda s: s + b"\0", "EdDSA")),
    ("RS256: nothing but zeros", "bad_signature", signed(lambda s: bytes(256), "RS256")),
    ("RS256: 1", "bad_signature", signed(lambda s: number(1, 256), "RS256")),
    ("RS256: the modulus", "bad_signature", lambda f: f.of("RS256", lambda key, _: number(
        key.public_key().public_numbers().n, 256))),
    ("RS256: the signature and the modulus", "bad_signature", rsa_with_modulus_added),
    ("RS256: one byte less", "bad_signature", signed(lambda s: s[:-1], "RS256")),
    ("RS256: a zero before it", "bad_signature", signed(lambda s: b"\0" + s, "RS256")),
    ("RS256: of SHA-1", "bad_signature", lambda f: f.of("RS256", lambda k, data: signature_of(k, data, hashes.SHA1()))),
    ("RS256: of SHA-512", "bad_signature", lambda f: f.of(
        "RS256", lambda key, data: signature_of(key, data, hashes.SHA512()))),
    ("RS256: by PSS", "bad_signature", lambda f: f.of("RS256", lambda key, data: key.sign(
        data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()))),
]


# ---- claims, correctly signed

def claims(**changes):
    return lambda f: f.make(claims=f.claims_of(**changes))


def claims_text(change):
    return lambda f: f.make(claims=change(written(f.claims)))


def claim_in_text(name, value):
    """A value in a form that Python would not write."""
    return claims_text(lambda text: re.sub(f'"{name}":[0-9]+', f'"{name}":{value}', text))


def changed(name, change):
    return lambda f: f.make(claims=f.claims_of(**{name: change(f.claims[name])}))


CLAIMS = [
    *((f"iss {name}", verdict, changed("iss", change)) for name, verdict, change in (
        ("with a slash behind it", "wrong_issuer", lambda iss: iss + "/"),
        ("cut off", "wrong_issuer", lambda iss: iss[:-1]),
        ("in capitals", "wrong_issuer", str.upper),
        ("by http", "wrong_issuer", lambda iss: iss.replace("https", "http")),
        ("with the port written", "wrong_issuer", lambda iss: iss.replace("localhost", "localhost:443")),
        ("of another", "wrong_issuer", lambda iss: "https://evil.example/auth"),
        ("in a list", "bad_claims", lambda iss: [iss]),
        ("as a number", "bad_claims", lambda iss: 1),
        ("of nothing", "bad_claims", lambda iss: ""))),
    *((f"aud {name}", verdict, changed("aud", change)) for name, verdict, change in (
        ("with a slash behind it", "wrong_audience", lambda aud: aud + "/"),
        ("cut off", "wrong_audience", lambda aud: aud[:-1]),
        ("that begins as ours", "wrong_audience", lambda aud: aud + ".evil.example"),
        ("in capitals", "wrong_audience", str.upper),
        ("that is the issuer", "wrong_audience", lambda aud: aud + "/auth"),
        ("that is a star", "wrong_audience", lambda aud: "*"),
        ("in a list", "bad_claims", lambda aud: [aud]),
        ("in a list with another", "bad_claims", lambda aud: ["https://evil.example", aud]),
        ("in an empty list", "bad_claims", lambda aud: []),
        ("that is null", "bad_claims", lambda aud: {"aud": aud}))),
    *((f"no {name}", "bad_claims", claims(**{name: None})) for name in (
        "iss", "aud", "sub", "sid", "client_id", "jti", "iat", "exp", "auth_time", "amr", "groups",
        "preferred_username")),
    *((f"{name} as a text", "bad_claims", changed(name, str)) for name in ("exp", "iat", "auth_time")),
    *((f"{name} with a fraction", "bad_claims", changed(name, lambda time: time + 0.5))
      for name in ("exp", "iat", "auth_time")),
    *((f"exp as {value}", "bad_claims", claim_in_text("exp", value)) for value in (
        "1e400", "1e308", "1e30", "18446744073709551616", "9223372036854775808", "9223372036854775807",
        "9007199254740993", "Infinity", "NaN", "null", "true", "[1]", "{}", "0x7fffffff", "+1", "01", "1_0", "",
        "4102444800.0", "4.1024448e9", "41024448E2", "-1e9")),
    ("exp in milliseconds", "bad_claims", changed("exp", lambda exp: exp * 1000)),
    ("exp more than a day away", "bad_claims", changed("exp", lambda exp: exp + 86400)),
    ("exp that wraps 32 bits", "bad_claims", changed("exp", lambda exp: exp + 2**32)),
    ("exp that has come", "expired", lambda f: f.make(claims=f.claims_of(exp=f.claims["iat"]))),
    *((f"exp as {value}", "expired", claim_in_text("exp", value)) for value in ("0", "-0", "-1")),
    ("exp as the least of 64 bits", "bad_claims", claim_in_text("exp", "-9223372036854775808")),
    ("iat in two hours", "not_yet", lambda f: f.make(claims=f.claims_of(
        iat=f.claims["iat"] + 7200, exp=f.claims["exp"] + 7200))),
    ("iat before all time", "bad_claims", claims(iat=-9223372036854775807)),
    ("iat long ago", "bad_claims", claims(iat=1)),
    ("nbf in two hours", "not_yet", lambda f: f.make(claims=f.claims_of(nbf=f.claims["iat"] + 7200))),
    *((f"nbf as {value!r}", "bad_claims", claims(nbf=value)) for value in ("0", 0.5, [0], True)),
    *((f"two claims {name}", "bad_claims", claims_text(lambda text, more=more: "{" + more + "," + text[1:]))
      for name, more in (
          ("sub", '"sub":"admin"'), ("exp", '"exp":9999999999'), ("iss", '"iss":"https://evil.example"'),
          ("sub, one escaped", r'"s\u0075b":"admin"'), ("exp, one escaped", r'"\u0065xp":9999999999'))),
    ("two claims sub, the other way round", "bad_claims", claims_text(lambda text: text[:-1] + ',"sub":"admin"}')),
    ("SUB for sub", "bad_claims", claims_text(lambda text: text.replace('"sub"', '"SUB"'))),
    ("a name with NUL behind it", "bad_claims", claims_text(lambda text: r'{"sub\u0000":"admin",' + text[1:])),
    ("half an astral character", "bad_claims", claims_text(lambda text: text.replace('"ada"', r'"\ud83d"'))),
    ("no UTF-8", "bad_claims", claims_text(lambda text: text.encode().replace(b'"ada"', b'"ad\xe9"'))),
    ("groups as a text", "bad_claims", claims(groups="staff")),
    ("a group that is two", "bad_claims", claims(groups=["staff,wheel"])),
    ("a list of claims", "bad_claims", claims_text(lambda text: f"[{text}]")),
    ("bytes behind them", "bad_claims", claims_text(lambda text: text + "x")),
    ("a token in a token", "bad_claims", lambda f: f.make(f.header_of(cty="JWT"), f.token)),
    ("a token in a token, as text", "bad_claims", lambda f: f.make(f.header_of(cty="at+jwt"), json.dumps(f.token))),
    ("nothing for claims", "bad_claims", lambda f: f.make(claims="{}")),
    # Nobody but us could sign these; they are refused because the session is checked.
    ("a session that never was", "unknown_session", claims(sid="A" * 22)),
    ("a session's id with more behind it", "unknown_session", changed("sid", lambda sid: sid + "x")),
    ("a session's id with NUL behind it", "bad_claims", claims_text(
        lambda text: text.replace('","client', r'\u0000","client'))),
    ("another user's session", "bad_token", lambda f: f.make(claims=f.claims_of(sub=f.other["sub"]))),
    ("a user's id with more behind it", "bad_token", changed("sub", lambda sub: sub + "x")),
]


# ---- the form, and other tokens

def form(change):
    return lambda f: change(*f.token.split("."))


FORMS = [
    ("no signature", "malformed", form(lambda h, p, s: f"{h}.{p}.")),
    ("two parts", "malformed", form(lambda h, p, s: f"{h}.{p}")),
    ("four parts", "malformed", form(lambda h, p, s: f"{h}.{p}.{s}.{s}")),
    ("five parts, as if it were encrypted", "malformed", form(lambda h, p, s: f"{h}.{p}.{s}.{p}.{s}")),
    ("five parts, of direct encryption", "malformed", form(
        lambda h, p, s: f"{encode('{}')}..{encode(b'1' * 12)}.{p}.{encode(b'2' * 16)}")),
    ("a payload that stands elsewhere", "malformed", form(lambda h, p, s: f"{h}..{s}")),
    ("the JSON form", "malformed", form(lambda h, p, s: f'{{"payload":"{p}","protected":"{h}","signature":"{s}"}}')),
    ("the JSON form with dots", "bad_header", form(lambda h, p, s: f'{{"signature":"{h[:8]}.{p}.{s}"}}')),
    ("padding behind the header", "bad_header", form(lambda h, p, s: f"{h}=.{p}.{s}")),
    ("padding behind the payload", "bad_signature", form(lambda h, p, s: f"{h}.{p}=.{s}")),
    ("padding behind the signature", "bad_signature", form(lambda h, p, s: f"{h}.{p}.{s}==")),
    ("a blank in the header", "bad_header", form(lambda h, p, s: f"{h[:4]} {h[4:]}.{p}.{s}")),
    ("a blank in the signature", "bad_signature", form(lambda h, p, s: f"{h}.{p}.{s[:4]} {s[4:]}")),
    ("a tabulator in the payload", "bad_signature", form(lambda h, p, s: f"{h}.{p[:4]}\t{p[4:]}.{s}")),
    ("the other alphabet", "bad_signature", form(lambda h, p, s: f"{h}.{p}.+/{s[2:]}")),
    ("bits that mean nothing", "bad_signature", form(lambda h, p, s: f"{h}.{p}.{s[:-1]}{chr(ord(s[-1]) + 1)}")),
    ("encoded twice", "malformed", form(lambda h, p, s: encode(f"{h}.{p}.{s}"))),
    ("other claims under the old signature", "bad_signature", form(
        lambda h, p, s: f"{h}.{encode(decode(p).replace(b'ada', b'bob'))}.{s}")),
    ("claims with a blank more under the old signature", "bad_signature", form(
        lambda h, p, s: f"{h}.{encode(decode(p) + b' ')}.{s}")),
    ("a header with a blank more under the old signature", "bad_signature", form(
        lambda h, p, s: f"{encode(decode(h) + b' ')}.{p}.{s}")),
    ("nine thousand characters", "malformed", claims(x="x" * 6500)),
    ("the status list", "wrong_type", lambda f: f.status_list),
    ("the status list, called an access token", "unknown_key", lambda f: ".".join((
        encode(decode(f.status_list.split(".")[0]).replace(b"statuslist+jwt", b"at+jwt")),
        *f.status_list.split(".")[1:]))),
    ("a token of another type, as one that the same key signs would be", "wrong_type", header(typ="statuslist+jwt")),
    ("a gate cookie", "malformed", lambda f: f.browser.jar.value("gate")),
    ("the word null", "malformed", lambda f: "null"),
]

FORGERIES = [*ALGORITHMS, *KEYS, *HEADERS, *SIGNATURES, *CLAIMS, *FORMS]

# These only look like attacks: they are here so that nobody takes them for attacks later.
GOOD = [
    ("as it was given", lambda f: f.token),
    *((f"signed by the {alg} key, which waits", lambda f, alg=alg: f.of(alg)) for alg in ("EdDSA", "RS256")),
    ("ES256: n - s, which signs the same", halves(lambda r, s: (r, N - s))),
    ("the type in capitals", header(typ="AT+JWT")),
    ("the type in full", header(typ="application/at+jwt")),
    ("alg written with an escape", header_text(lambda text, _: text.replace('"alg"', r'"al\u0067"'))),
    ("a member that means nothing", header(x=1)),
    ("a claim that means nothing", claims(scope="admin", nbf=0)),
]
