"""pintle.js in pages of a site, in a real Chromium, behind nginx as pintle configures it."""

import contextlib
import gzip
import json
import os
import shutil
import subprocess

import pytest

from support.guarded import Guarded
from support.process import give
from support.site import PASSWORD, TOP

pytestmark = pytest.mark.plain

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = os.path.join(TOP, "www-examples", "client")
PROGRAMS = os.path.join(HERE, "node_modules", ".bin")
MOST = 3000  # bytes, minified and compressed


@pytest.fixture(scope="module")
def house(certificates, behind):
    with contextlib.closing(Guarded("nginx", certificates, behind, access_ttl="12 s", otp_required="careful", hand_out="1 s", quiet="2 s")) as house:
        yield house


@pytest.fixture
def play(house):
    """Plays a scenario of client.mjs and returns what was seen."""
    def play(scenario, *more):
        home = house.site.path("home")
        os.makedirs(home, exist_ok=True)
        give(home)
        house.behind.asked.clear()
        done = subprocess.run(["node", os.path.join(HERE, "client.mjs"), scenario, house.origin, PASSWORD, *more],
                              capture_output=True, text=True, timeout=120, env={**os.environ, "HOME": home}, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return play


def test_a_stranger_is_told_without_a_word_in_red(play):
    seen = play("stranger")
    assert seen["first"] == {"state": "out"}
    assert seen["token"] is None
    assert seen["red"] == []
    assert seen["head"]["cache-control"] == "public, no-cache"
    assert seen["head"]["cross-origin-resource-policy"] == "same-origin"
    assert seen["head"]["content-type"] == "text/javascript; charset=utf-8"


def test_who_has_the_client_is_not_sent_it_again(house):
    first = house.ask("GET", "/auth/client.js")
    with open(os.path.join(CLIENT, "pintle.js"), encoding="utf-8") as source:
        assert first.body.decode() == source.read()
    again = house.ask("GET", "/auth/client.js", {"If-None-Match": dict(first.headers)["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_one_refresh_serves_all_tabs_and_so_does_one_sign_out(play):
    seen = play("one_for_all")
    assert seen["wrong"]["state"] == "refused" and seen["wrong"]["error"] == "invalid_credentials"
    assert seen["good"] == {"state": "in", "user": "ada"}
    assert [(tab["state"], tab["user"]) for tab in seen["states"]] == [("in", "ada")] * 3
    assert (seen["early"], seen["once"], seen["same"]) == (0, 1, 1)
    assert (seen["joined"]["state"], seen["joined"]["user"]) == ("in", "ada")
    assert seen["after"] == seen["once"], "a new tab has the token of another"
    assert not seen["held"], "no token in storage, address or document"
    assert seen["out"]["state"] == "out"
    assert [tab["state"] for tab in seen["ends"]] == ["out"] * 4
    assert [line for line in seen["red"] if "401" not in line] == []  # from the wrong password


def test_a_network_that_fails_signs_nobody_out(play):
    seen = play("network")
    for how in "away", "broken", "foreign":
        assert seen[how] == ["unreachable", "in"], how
    assert seen["offline"] == [None, "in"]
    assert seen["back"] == [True, "in"]
    assert seen["asked"]


def test_a_request_is_repeated_once_after_a_refusal_of_ours_alone(play):
    seen = play("repeated")
    assert seen["first"]["status"] == 200 and json.loads(seen["first"]["text"])["body"] == len("the body")
    assert seen["again"]["status"] == 200 and json.loads(seen["again"]["text"])["body"] == len("the body")
    assert seen["spoilt"] == [["POST", "the body"]] * 2
    assert seen["foreign"]["status"] == 401
    assert seen["others"] == ["Bearer "], "asked once"
    assert seen["strangers"] == [None] and seen["elsewhere"] == 1, "no token for another origin"


def test_a_second_factor_is_a_state_and_no_dead_end(house, play):
    house.site.add_user("otto")
    house.site.add_user("erna", groups="careful")
    browser = house.signed_in("otto")
    secret = browser.send("POST", "/auth/otp", {"current": PASSWORD}).json()["secret"]
    code = subprocess.run(["oathtool", "--totp", "-b", secret], capture_output=True, text=True, check=True).stdout.strip()
    assert browser.send("POST", "/auth/otp/confirm", {"current": PASSWORD, "code": code}).status == 200
    later = subprocess.run(["oathtool", "--totp", "-b", "-N", "now + 30 seconds", secret], capture_output=True, text=True,
                           check=True).stdout.strip()
    seen = play("second_factor", later)
    assert seen["asked"] == {"state": "otp", "error": "otp_required"}
    assert seen["wrong"]["state"] == "otp" and "code" in seen["wrong"]["text"], "asked again, with the reason"
    assert seen["good"] == {"state": "in", "user": "otto"}
    assert seen["enrol"] == "enrol"
    assert seen["url"] == house.origin + "/auth/login"
    assert "authenticator" in seen["page"].lower(), seen["page"]


def test_a_session_that_was_ended_is_told_with_its_reason_in_all_tabs(play):
    seen = play("ended")
    assert seen["gone"]["state"] == "out"
    assert seen["gone"]["reason"] == seen["other"]["reason"] == "logout_all"
    assert seen["other"]["state"] == "out" and seen["other"]["text"]


# ---- the package

def test_it_is_small_has_no_dependency_and_its_types_are_right(tmp_path):
    small = subprocess.run([os.path.join(PROGRAMS, "esbuild"), "--minify", "--format=esm", os.path.join(CLIENT, "pintle.js")],
                           capture_output=True, check=True).stdout
    size = len(gzip.compress(small, 9, mtime=0))
    print(f"counts: pintle.js: {len(small)} bytes minified, {size} compressed")
    assert size <= MOST
    packed = shutil.copytree(CLIENT, tmp_path / "client")
    said = subprocess.run(["npm", "pack", "--json"], cwd=packed, capture_output=True, text=True, check=True,
                          env={**os.environ, "HOME": str(tmp_path)})
    about = json.loads(said.stdout)[0]
    assert sorted(entry["path"] for entry in about["files"]) == ["README.md", "package.json", "pintle.d.ts", "pintle.js"]
    with open(packed / "package.json", encoding="utf-8") as source:
        assert "dependencies" not in json.load(source)
    (tmp_path / "node_modules").mkdir()
    shutil.move(packed, tmp_path / "node_modules" / "pintle-client")
    (tmp_path / "use.ts").write_text("""
import pintle, { Pintle, type SignedIn } from "pintle-client";
const mine: Pintle = new Pintle({ mount: "/login", origins: ["https://api.example.org"] });
export const go = async (): Promise<string> => {
  const answer: SignedIn = await mine.signIn({ username: "ada", password: "x", remember: true });
  switch (answer.state) {
    case "in": return answer.user.name;
    case "otp": return (await answer.proceed("123456")).state;
    case "enrol": answer.proceed(); return "";
    case "refused": case "unreachable": case "out": case "unknown": return answer.text ?? "";
  }
};
export const status: Promise<number> = pintle.fetch("/api", { method: "POST" }).then((answer) => answer.status);
// @ts-expect-error: there is no user where nobody is known to be signed in
export const name: string = pintle.user.name;
""", encoding="utf-8")
    subprocess.run([os.path.join(PROGRAMS, "tsc"), "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext",
                    "--moduleResolution", "nodenext", str(tmp_path / "use.ts")], check=True, cwd=tmp_path)
