"""What `pintle config` prints for gateways and services: in workerd, node, njs and Express.

Each is shown every forgery of support/forgeries.py, and lets good tokens through, whatever the
algorithm. Kong and Amazon's API Gateway cannot be run here: test_gateway_rules.py holds what is
printed for them to their rules.
"""

import concurrent.futures
import http.server
import json
import os
import threading
import time
import zlib

import jwt
import pytest

from support import forgeries
from support.forger import encode, signature_of
from support.gateways import ALLOWED, Express, House, Lambda, Njs, Workers, authorizer_event, preflight, viewer_event
from support.process import wait_until
from support.site import PASSWORD
from test_forgeries import Attacker

pytestmark = pytest.mark.plain

# Only the site could sign these, and it does not. JavaScript's own parser keeps the last of two
# members, which RFC 7519, section 4, allows; and only the site knows whose session it is.
SIGNED_BY_THE_SITE_ALONE = (
    "two members", "two claims", "a member that a cut", "a name with NUL", "half an astral", "nine lists",
    "a session's id with NUL")
JOSE_READS = "a byte-order mark", "no UTF-8"  # the same for npm's jose
FORGERIES = [("a refresh token", lambda attacker: attacker.browser.refresh_token())]
FORGERIES += [(sentence, make) for sentence, verdict, make in forgeries.FORGERIES
              if verdict not in ("unknown_session", "bad_token") and not sentence.startswith(SIGNED_BY_THE_SITE_ALONE)]
ALGS = "ES256", "EdDSA", "RS256"
FORGED_NAMES = [(name, "root") for name in ("X-Auth-User", "X-Auth-Groups", "x_auth_user", "X-Auth_Session")]


def bearer(token):
    return [("Authorization", "Bearer " + token)]


class Fetched:
    """What programs fetch: serves one text to all, and counts requests. None is answered by 500."""

    def __init__(self, text, name):
        outer = self

        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.count += 1
                time.sleep(outer.pause)
                self.send_response(200 if outer.text is not None else 500)
                self.send_header("Content-Length", str(len(outer.text or b"")))
                self.end_headers()
                try:
                    self.wfile.write(outer.text or b"")
                except ConnectionError:
                    pass  # the client has seen enough

            def log_message(self, *_):
                pass
        self.count, self.pause, self.text = 0, 0, text
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/{name}"
        self.constant = f'"{self.url}"'

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def house(certificates, behind):
    house = House(certificates, behind)
    yield house
    house.close()


@pytest.fixture(scope="module")
def attacker(house):
    attacker = Attacker(house.site)
    attacker.port = 9
    yield attacker
    attacker.log.close()


@pytest.fixture(scope="module")
def key_set(attacker):
    key_set = Fetched(attacker.key_set, "jwks.json")
    yield key_set
    key_set.close()


@pytest.fixture(scope="module")
def listed():
    listed = Fetched(None, "status-list")
    yield listed
    listed.close()


@pytest.fixture(scope="module")
def metadata(house):
    """The metadata of a site whose list has no key of its own: they name no place of such keys."""
    metadata = Fetched(json.dumps({"issuer": house.issuer}).encode(), ".well-known/openid-configuration")
    yield metadata
    metadata.close()


def stopped_at_the_end(made):
    yield made
    made.stop()


NOWHERE = '"https://localhost:9/auth/nothing"'


@pytest.fixture(scope="module")
def workers(house, attacker, key_set):
    yield from stopped_at_the_end(Workers(
        house, gate=(), cold=(("KEYS_URL", key_set.constant), ("CHECK_STATUS", "false")), without_list=(("CHECK_STATUS", "false"),), lost=(("KEYS_URL", NOWHERE),),
        list_lost=(("STATUS_URL", NOWHERE),), list_may_fail=(("STATUS_URL", NOWHERE), ("STATUS_MAY_FAIL", "true"))))


@pytest.fixture(scope="module")
def authorizer(house, attacker):
    yield from stopped_at_the_end(Lambda(house, "aws-lambda"))


@pytest.fixture(scope="module")
def edge(house, attacker):
    yield from stopped_at_the_end(Lambda(house, "cloudfront"))


@pytest.fixture(scope="module")
def njs(house, attacker):
    yield from stopped_at_the_end(Njs(house))


@pytest.fixture(scope="module")
def express(house, attacker):
    yield from stopped_at_the_end(Express(house))


def signed_in(house, name="ada"):
    browser = house.site.browser()
    assert browser.login(name, PASSWORD).status == 200
    return browser


@pytest.fixture(scope="module")
def forged(attacker):
    """Every forgery that a header can hold at all."""
    made = [(sentence, make(attacker)) for sentence, make in FORGERIES]
    made = [(sentence, token) for sentence, token in made if token.isascii() and token.isprintable()]
    assert len(made) > 200
    return made


def expect_refused(forged, answers, statuses):
    """Every answer to the forgeries, in their order, is one of these."""
    taken = [f"{sentence}: {answer}" for (sentence, _), answer in zip(forged, answers, strict=True)
             if answer not in statuses]
    assert taken == [], "\n".join(taken)


def test_a_name_beyond_ascii_travels_in_utf_8(workers, njs, attacker):
    for name in "zoë", "日本":
        token = bearer(attacker.of("ES256", preferred_username=name))
        for answer in workers.ask(token), njs.ask(token):
            told = {key.lower(): value for key, value in answer.json()["headers"]}
            assert told["x-auth-user"].encode("latin-1").decode() == name


# ---- the Worker, in workerd

def test_the_worker_lets_a_good_token_through(workers, attacker):
    for alg in ALGS:
        answer = workers.ask([*bearer(attacker.of(alg)), *FORGED_NAMES])
        assert answer.status == 200 and answer.json()["target"] == "/orders", answer
        told = {name.lower(): value for name, value in answer.json()["headers"]}
        assert told["x-auth-user"] == "ada" and told["x-auth-groups"] == "staff"
        assert told["x-auth-session"] == attacker.claims["sid"] and "root" not in told.values(), told


def test_the_worker_lets_nobody_else_through(workers, attacker, forged):
    answer = workers.ask(FORGED_NAMES)
    assert answer.status == 401 and answer.header("WWW-Authenticate") == "Bearer", answer
    answer = workers.ask(bearer("x.y.z"))
    assert answer.status == 401 and answer.header("WWW-Authenticate") == 'Bearer error="invalid_token"'
    assert answer.error() == "invalid_token" and answer.header("Cache-Control") == "no-store"
    assert workers.ask(bearer(attacker.token) * 2).status == 401, "two tokens are none"
    expect_refused(forged, [workers.ask(bearer(token)).status for _, token in forged], [401])


def test_the_worker_answers_503_where_nobody_can_tell(workers, attacker):
    assert workers.ask(bearer(attacker.token), "lost").status == 503
    assert workers.ask(bearer(attacker.token), "list_lost").status == 503
    assert workers.ask(bearer(attacker.token), "list_may_fail").status == 200
    assert workers.ask(bearer("x.y.z"), "list_may_fail").status == 401


# ---- Lambda authorizer, Lambda@Edge

def authorized(authorizer, token, **more):
    return authorizer.one(authorizer_event("Bearer " + token, **more))


def test_the_lambda_authorizer_says_who_asks(authorizer, attacker):
    for alg in ALGS:
        said = authorized(authorizer, attacker.of(alg))
        assert said == {"returned": {"isAuthorized": True, "context": {
            "user": "ada", "groups": "staff", "session": attacker.claims["sid"], "sub": attacker.claims["sub"]}}}, said


def test_the_lambda_authorizer_refuses_everything_else(authorizer, attacker, forged):
    no = {"returned": {"isAuthorized": False}}
    for event in (authorizer_event(), {}, {"headers": None}, {"headers": {"authorization": ["Bearer " + attacker.token]}},
                  None, 1, "event", authorizer_event("Basic YTpi"), authorizer_event(attacker.token)):
        assert authorizer.one(event) == no, event
    expect_refused(forged, authorizer.all([authorizer_event("Bearer " + token) for _, token in forged]), [no])


def test_the_edge_function_lets_a_good_token_through(edge, attacker):
    for alg in ALGS:
        request = edge.one(viewer_event("Bearer " + attacker.of(alg), **{
            "x-auth-user": "root", "x_auth_groups": "wheel"}))["returned"]
        assert request["uri"] == "/page" and request["headers"]["host"]
        assert request["headers"]["x-auth-user"] == [{"key": "X-Auth-User", "value": "ada"}]
        assert request["headers"]["x-auth-groups"] == [{"key": "X-Auth-Groups", "value": "staff"}]
        assert "x_auth_groups" not in request["headers"]


def test_the_edge_function_answers_everybody_else(edge, attacker, forged):
    answer = edge.one(viewer_event())["returned"]
    assert answer["status"] == "401" and answer["headers"]["www-authenticate"][0]["value"] == "Bearer"
    assert edge.one(viewer_event("Bearer " + attacker.token, "Bearer " + attacker.token))["returned"]["status"] == "401"
    for event in {}, {"Records": []}, None:
        assert "thrown" in edge.one(event), "CloudFront answers 5xx"
    answers = edge.all([viewer_event("Bearer " + token) for _, token in forged])
    expect_refused(forged, [said["returned"].get("status") for said in answers], ["401"])


def test_where_nobody_can_tell_lambda_lets_nobody_through(house, attacker):
    lost, far = Lambda(house, "aws-lambda", ("KEYS_URL", NOWHERE)), Lambda(house, "cloudfront", ("STATUS_URL", NOWHERE))
    try:
        assert "thrown" in authorized(lost, attacker.token), "API Gateway answers 500"
        assert far.one(viewer_event("Bearer " + attacker.token))["returned"]["status"] == "503"
    finally:
        lost.stop()
        far.stop()


def test_keys_are_fetched_once_for_many(house, attacker, key_set):
    kept = Lambda(house, "aws-lambda", ("KEYS_URL", key_set.constant), ("CHECK_STATUS", "false"), ("KEYS_FRESH", "1"))
    key_set.pause = 0.2  # so that all of them have come before it answers
    try:
        good = authorizer_event("Bearer " + attacker.token)
        assert all(said["returned"]["isAuthorized"] for said in kept.all([good] * 50))
        assert key_set.count == 1, "with nothing to go on with, one fetched it, and the others waited"
        time.sleep(1.1)
        assert all(said["returned"]["isAuthorized"] for said in kept.all([good] * 50))
        assert key_set.count == 2, "one renewed it, the others went on with what was there"
        stranger = authorizer_event("Bearer " + attacker.make(attacker.header_of(kid="nobody-s")))
        assert not any(said["returned"]["isAuthorized"] for said in kept.all([stranger] * 50))
        assert key_set.count <= 3, "strangers' keys cause no fetches of their own"
        key_set.text, key_set.count = None, 0
        assert all("thrown" in said for said in kept.cold([good] * 50)) and key_set.count == 1, "nor does a site that is down"
    finally:
        kept.stop()
        key_set.text, key_set.pause = attacker.key_set, 0


def list_of(attacker, listed, header=None, key=None, sign=None, drop=None, **changes):
    """A status list of the site in which index 1 has ended, in a wrong form."""
    inner = {"bits": 1, "lst": encode(zlib.compress(b"\x02" + bytes(7))), **changes.pop("status_list", {})}
    claims = {"sub": listed.url, "iat": int(time.time()), "exp": int(time.time()) + 300, "ttl": 10,
              "status_list": inner, **changes}
    claims.pop(drop, None)
    return attacker.make({**attacker.header_of(typ="statuslist+jwt"), **(header or {})}, claims, key,
                         sign or signature_of).encode()


def test_no_list_but_the_site_s_own_lets_anybody_through(house, attacker, key_set, listed, metadata):
    """Each row is a fetched list; where it says nothing reliable, nobody is let through."""
    def made(**changes):
        return list_of(attacker, listed, **changes)
    now = int(time.time())
    unusable = {
        "of another type": made(header={"typ": "at+jwt"}), "of no type": made(header={"typ": "JWT"}),
        "of another place": made(sub=listed.url + "/"), "of no place": made(drop="sub"),
        "expired": made(exp=now - 1), "of no end": made(drop="exp"), "of an end as text": made(exp=str(now + 300)),
        "of no ttl": made(drop="ttl"), "of a ttl of nothing": made(ttl=0), "of a ttl as text": made(ttl="10"),
        "of three bits": made(status_list={"bits": 3}), "of bits as text": made(status_list={"bits": "1"}),
        "without a list": made(status_list={"lst": None}), "with no base64url": made(status_list={"lst": "=="}),
        "not compressed": made(status_list={"lst": encode(bytes(8))}),
        "cut off": made(status_list={"lst": encode(zlib.compress(bytes(1000))[:-4])}),
        "too long once it is inflated": made(status_list={"lst": encode(zlib.compress(bytes(16 * 1024 * 1024 + 1)))}),
        "too long as it stands": b"x" * (16 * 1024 * 1024 + 1),
        "signed by a stranger": made(key=attacker.stranger), "not signed": made(header={"alg": "none"}, sign=lambda *_: b""),
        "of a key that nobody has": made(header={"kid": "nobody-s"}),
        "an access token": attacker.token.encode(), "a page": b"<html>", "nothing": b"", "not to be had": None,
    }
    changes = (("STATUS_URL", listed.constant), ("KEYS_URL", key_set.constant),
               ("METADATA_URL", metadata.constant))
    programs = Lambda(house, "aws-lambda", *changes), Express(house, *changes)

    def of(index, uri=listed.url):
        return attacker.of("ES256", status={"status_list": {"idx": index, "uri": uri}})

    def ask(*tokens):
        answers = programs[0].cold([authorizer_event("Bearer " + token) for token in tokens])
        said = ["thrown" if "thrown" in answer else answer["returned"]["isAuthorized"] for answer in answers]
        statuses = [programs[1].ask(bearer(token), "/cold").status for token in tokens]
        return list(zip(said, statuses))
    good, refused, unknown = (True, 200), (False, 403), ("thrown", 503)
    try:
        listed.text = list_of(attacker, listed)
        assert ask(of(0), of(1), of(2)) == [good, refused, good]
        assert ask(of(63), of(64), of(-1), of(0.5), of("0"), of(0, listed.url + "/")) == [good] + [refused] * 5
        assert ask(attacker.of("ES256", status=None), attacker.of("ES256", status={}), attacker.token) == [refused] * 3
        listed.text = list_of(attacker, listed, status_list={"bits": 2, "lst": encode(zlib.compress(b"\x24"))})
        assert ask(of(0), of(1), of(2), of(3), of(4)) == [good, refused, refused, good, refused]
        wrong = []
        for name, text in unusable.items():
            listed.text = text
            if ask(of(0)) != [unknown]:
                wrong.append(f"{name}: {ask(of(0))}")
        assert wrong == [], "\n".join(wrong)
        # Nor are metadata accepted that are not the site's or that name another site's keys; nor
        # the keys of its tokens once the list has its own.
        listed.text, good_metadata = list_of(attacker, listed), metadata.text
        for text in (
                {"issuer": house.issuer + "/x"}, {}, {"issuer": house.issuer, "status_list_jwks_uri": key_set.url},
                {"issuer": house.issuer, "status_list_jwks_uri": 1},
                {"issuer": house.issuer, "status_list_jwks_uri": house.issuer + "/status-jwks.json"}):
            metadata.text = json.dumps(text).encode()
            assert ask(of(0)) == [unknown], text
        metadata.text = good_metadata
        assert ask(of(0)) == [good]
    finally:
        for program in programs:
            program.stop()


# ---- nginx with njs

def test_njs_lets_a_good_token_through(njs, attacker):
    for alg in "ES256", "RS256":
        answer = njs.ask([*bearer(attacker.of(alg)), *FORGED_NAMES], "/app/staff/")
        assert answer.status == 200, (alg, answer)
        told = [(name.lower().replace("_", "-"), value) for name, value in answer.json()["headers"]]
        assert [value for name, value in told if name == "x-auth-user"] == ["ada"], told
        assert ("x-auth-session", attacker.claims["sid"]) in told and ("x-auth-groups", "staff") in told
        assert "authorization" not in dict(told) and "root" not in dict(told).values()
    answer = njs.ask(bearer(attacker.token), "/wiki/")
    assert answer.status == 200 and answer.json()["server"]["REMOTE_USER"] == "ada"
    assert njs.ask(bearer(attacker.token), "/files/a.txt").status == 200


def test_njs_lets_nobody_else_through(njs, attacker, forged):
    answer = njs.ask(FORGED_NAMES)
    assert answer.status == 401 and answer.header("WWW-Authenticate") == "Bearer", answer
    answer = njs.ask(bearer("x.y.z"))
    assert answer.status == 401 and answer.header("WWW-Authenticate") == 'Bearer error="invalid_token"'
    assert njs.ask(bearer(attacker.of("EdDSA"))).status == 401, "this WebCrypto has no Ed25519"
    asked = len(njs.house.behind.asked)
    # nginx itself answers 400 to a header beyond its limits.
    expect_refused(forged, [njs.ask(bearer(token)).status for _, token in forged], [401, 400])
    assert len(njs.house.behind.asked) == asked
    for path in "/_pintle_verify/app/", "/_pintle_verify/app/staff/":
        assert njs.ask(bearer(attacker.token), path).status == 404, "only nginx itself asks there"


def test_njs_holds_what_a_place_demands(njs, attacker, house):
    other = attacker.make(claims=attacker.claims_of(groups=["staffed", "aff"]))
    assert njs.ask(bearer(other), "/app/").status == 200
    assert njs.ask(bearer(other), "/app/staff/").status == 403
    assert njs.ask(bearer(signed_in(house, "bob").access), "/wiki/").status == 403
    fresh = attacker.make(claims=attacker.claims_of(auth_time=int(time.time())))
    stale = attacker.make(claims=attacker.claims_of(auth_time=int(time.time()) - 10))
    assert njs.ask(bearer(fresh), "/app/fresh/").status == 200
    answer = njs.ask(bearer(stale), "/app/fresh/")
    assert answer.status == 401 and "insufficient_user_authentication" in answer.header("WWW-Authenticate")


def test_a_key_set_that_nobody_keeps_fresh_opens_nothing(njs, attacker):
    token = bearer(attacker.token)
    hour_ago = time.time() - 3700
    os.utime(njs.keys, (hour_ago, hour_ago))
    assert njs.ask(token).status == 500
    os.rename(njs.keys, njs.keys + ".gone")
    assert njs.ask(token).status == 500
    njs.fetch_keys()
    assert njs.ask(token).status == 200


# ---- Express

def test_express_answers_as_the_seed_does(express, attacker, forged):
    for alg in ALGS:
        answer = express.ask(bearer(attacker.of(alg)))
        assert answer.status == 200 and answer.json()["preferred_username"] == "ada", (alg, answer)
    answer = express.ask()
    assert answer.status == 401 and answer.header("WWW-Authenticate") == "Bearer"
    assert express.ask(bearer(attacker.of("ES256", exp=attacker.claims["iat"]))).status == 403
    forged = [(sentence, token) for sentence, token in forged if sentence not in JOSE_READS]
    expect_refused(forged, [express.ask(bearer(token)).status for _, token in forged], [403, 401])


def test_express_answers_503_where_nobody_can_tell(house, attacker):
    for change in ("KEYS_URL", NOWHERE), ("STATUS_URL", NOWHERE):
        lost = Express(house, change)
        try:
            assert lost.ask(bearer(attacker.token)).status == 503
        finally:
            lost.stop()


# ---- what changes on the site is noticed

def places(workers, authorizer, edge, express):
    """Each as a question: whether this token is let through."""
    return {
        "Worker": lambda token: workers.ask(bearer(token)).status == 200,
        "Lambda": lambda token: authorized(authorizer, token)["returned"]["isAuthorized"],
        "Lambda@Edge": lambda token: edge.one(viewer_event("Bearer " + token))["returned"].get("uri") == "/page",
        "Express": lambda token: express.ask(bearer(token)).status == 200,
    }


def test_preflights_of_named_origins_are_answered_and_of_no_others(workers, njs, express, edge, house):
    def at_the_edge(method, headers):
        event = viewer_event(**{name.lower(): value for name, value in headers})
        event["Records"][0]["cf"]["request"]["method"] = method
        return event

    house.behind.application.asked.clear()
    for origin in ALLOWED.split():
        wanted = {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Methods": "PUT",
                  "Access-Control-Allow-Headers": "x-mine", "Access-Control-Allow-Credentials": "true"}
        for ask in workers.ask, njs.ask, lambda headers, method: express.ask(headers, "/all", method):
            answer = ask(preflight(origin), method="OPTIONS")
            assert answer.status == 204 and not answer.body, answer
            assert {name: answer.header(name) for name in wanted} == wanted
        answer = edge.one(at_the_edge("OPTIONS", preflight(origin)))["returned"]
        assert answer["status"] == "204"
        assert {name: answer["headers"][name.lower()][0]["value"] for name in wanted} == wanted
    # Neither a stranger's nor a request that only looks like a preflight.
    for method, headers in (("OPTIONS", preflight("https://evil.example")), ("OPTIONS", preflight("null")),
                            ("OPTIONS", preflight("https://appxexample.org")), ("OPTIONS", preflight(ALLOWED)[:1]),
                            ("POST", preflight(ALLOWED.split()[0]))):
        for ask in workers.ask, njs.ask, lambda headers, method: express.ask(headers, "/all", method):
            answer = ask(headers, method=method)
            assert answer.status == 401 and "evil" not in "".join(answer.all("Access-Control-Allow-Origin")), (headers, answer)
        assert edge.one(at_the_edge(method, headers))["returned"]["status"] == "401"
    assert not house.behind.application.asked
    # A page that may read the answer may read the refusal.
    first = ALLOWED.split()[0]
    assert workers.ask([("Origin", first)]).header("Access-Control-Allow-Origin") == first


def test_a_logout_counts_within_the_list_s_ttl(house, workers, authorizer, edge, express):
    browser, other = signed_in(house), signed_in(house)
    asks = places(workers, authorizer, edge, express)
    assert all(ask(browser.access) and ask(other.access) for ask in asks.values())
    ttl = house.status_ttl
    began = time.monotonic()
    assert browser.logout().status == 204
    seen = {}
    while len(seen) < len(asks):
        assert time.monotonic() - began < ttl + 2, f"after {ttl + 2} s only {seen} had noticed"
        for name, ask in asks.items():
            if name not in seen and not ask(browser.access):
                seen[name] = round(time.monotonic() - began, 1)
        time.sleep(0.05)
    print(f"\ncounts: seconds from logout to refusal, ttl {ttl} s: {seen}")
    assert all(ask(other.access) for ask in asks.values())
    assert workers.ask(bearer(browser.access), "without_list").status == 200, "it learns at the token's end"


def test_the_status_list_is_no_access_token(house, workers, authorizer, edge, express, njs):
    text = house.site.browser().send("GET", "/auth/status-list").body.decode()
    assert text.count(".") == 2
    assert not any(ask(text) for ask in places(workers, authorizer, edge, express).values())
    assert njs.ask(bearer(text)).status == 401


def test_keys_that_come_and_go_are_noticed(house, attacker, workers, authorizer, edge, express, njs):
    """No later test may use the attacker's ES256 key, which this one ends."""
    asks = places(workers, authorizer, edge, express)
    asks["njs"] = lambda token: njs.fetch_keys() or njs.ask(bearer(token)).status == 200
    house.site.run("key", "rotate", "--alg", "RS256", "--now")
    wait_until("the worker has read the keys", 5, lambda: jwt.get_unverified_header(
        signed_in(house).access)["alg"] == "RS256")
    token = signed_in(house).access
    for name, ask in asks.items():
        wait_until(f"{name} knows the new key", 15, lambda ask=ask: ask(token))
    old = attacker.of("ES256")
    assert all(ask(old) for ask in asks.values())
    house.site.run("key", "revoke", attacker.kid("ES256"))
    for name, ask in asks.items():
        wait_until(f"{name} knows that the key is gone", 5, lambda ask=ask: not ask(old))
    assert [name for name, ask in asks.items() if not ask(token)] == []


def test_many_at_once(house, workers):
    """Requests that come together in one isolate do not wait for what another began."""
    token = signed_in(house).access
    time.sleep(1.1)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: workers.ask(bearer(token)).status, range(60)))
    assert answers == [200] * 60


def test_many_at_once_where_nothing_is_there_yet(attacker, workers, key_set):
    key_set.count, key_set.pause = 0, 0.2
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: workers.ask(bearer(attacker.of("RS256")), "cold").status, range(20)))
    assert answers == [200] * 20 and key_set.count == 1
