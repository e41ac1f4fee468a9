"""doc/openapi.yaml: a linter finds nothing, it has all codes, and this run's answers fit it."""

import os
import re
import subprocess

import pytest
import yaml

from support import answers
from support.site import TOP

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(TOP, "doc", "openapi.yaml")
ROUTE = re.compile(r'\{ METHOD_(\w+), ROUTE_(\w+), "([^"]+)"')


def read(*below):
    with open(os.path.join(TOP, *below), encoding="utf-8") as source:
        return source.read()


def sources(folder):
    for parent, _, names in os.walk(os.path.join(TOP, "src", folder)):
        for name in names:
            if name.endswith((".c", ".h")):
                yield read(parent, name)


def held(what, *more):
    done = subprocess.run(["node", os.path.join(HERE, "openapi.mjs"), PAGE, what, *more], capture_output=True, text=True,
                          timeout=300, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def page():
    return yaml.safe_load(read(PAGE))


@pytest.mark.plain
def test_a_linter_finds_nothing():
    held("lint")


@pytest.mark.plain
def test_it_has_every_route_and_no_other(page):
    routes = {(path, method.lower()) for method, place, path in ROUTE.findall(read("src", "web", "route.c"))
              if place == "BELOW_MOUNT"}
    assert routes
    assert routes == {(path, method) for path, item in page["paths"].items() for method in item}


@pytest.mark.plain
def test_it_has_every_code_and_reason_and_no_other(page):
    reasons = re.findall(r'\[REASON_\w+\] =\s*\{\s*"(\w+)",\s*"(\w+)"', read("src", "core", "reason.c"))
    said = re.findall(r"\.error = ([^,;]*)", "".join([*sources("web"), *sources("core")]))
    codes = {code for value in said for code in re.findall(r'"(\w+)"', value)}  # one, or one of two
    error = page["components"]["schemas"]["Error"]["properties"]
    assert reasons and codes
    assert set(error["error"]["enum"]) == codes | {code for _, code in reasons}
    assert set(error["reason"]["enum"]) == {name for name, _ in reasons} | {"unknown"}


@pytest.mark.last
@pytest.mark.plain
def test_every_answer_of_this_run_is_as_it_says(site, tmp_path):
    browser = site.browser()  # a few at least, when this file is run alone
    for method, path in ("GET", "/me"), ("POST", "/refresh"), ("GET", "/jwks.json"), ("GET", "/health"), ("GET", "/nothing"):
        browser.send(method, "/auth" + path)
    browser.login("ada", "wrong")
    browser.login("ada", "correct horse battery staple")
    for method, path in ("GET", "/me"), ("GET", "/sessions"), ("POST", "/refresh"), ("POST", "/logout"):
        browser.send(method, "/auth" + path)
    assert answers.write(tmp_path / "answers") > 10
    held("answers", str(tmp_path / "answers"))
