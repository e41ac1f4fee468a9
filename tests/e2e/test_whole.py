"""A site that is guarded as a whole, with a group's place, open places, and one address in it."""

import pytest

from support.behind import came_through, values
from support.existing import NGINX_WHOLE, Existing
from support.guarded import NAVIGATION, PROGRAM, Guarded

pytestmark = pytest.mark.plain

KINDS = ["nginx", "apache", "lighttpd", "caddy"]


class Whole:
    """One application, except for the open places."""

    def __init__(self, behind):
        self.behind, self.application = behind, behind.application
        self.folder, self.write = behind.folder, behind.write

    def places(self):
        application = "http://127.0.0.1:%d" % self.application.server_port
        files = self.behind.path("files")
        return {"/": {"proxy": application}, "/staff/": {"proxy": application, "group": "staff"},
                "/files/": {"files": files}, "/pub/": {"files": files, "open": "yes"},
                "/favicon.ico": {"files": files + "/a.txt", "open": "yes"}}


@pytest.fixture(scope="module", params=KINDS)
def whole(request, certificates, behind):
    house = Guarded(request.param, certificates, Whole(behind))
    yield house
    house.close()


def test_all_is_guarded_but_what_has_to_be_open(whole):
    browser = whole.signed_in()
    own = ("Cookie", "a=1; " + browser.jar.header("/auth/"))
    for address in "/", "/page", "/a/page", "/staff/", "/files/a.txt":
        assert whole.ask("GET", address, NAVIGATION).status == 401, address
        answer = whole.ask("GET", address, [own])
        assert answer.status == 200 and came_through(answer), (address, answer)
        assert not [value for value in browser.jar.cookies.values() if value.encode() in answer.body], answer
    for address in "/pub/a.txt", "/favicon.ico", "/.well-known/acme-challenge/x":
        assert came_through(whole.ask("GET", address)), address
    for address in "/auth/health", "/auth/jwks.json", "/.well-known/jwks.json", "/auth/login":
        assert whole.ask("GET", address).status == 200, address
    moved = whole.ask("GET", "/.well-known/change-password")
    assert moved.status in (302, 303) and moved.header("Location").endswith("/auth/account"), moved


# Up and down again: to an application that does not resolve it they are in /staff/.
UP = "/staff/../page /staff/%2e%2e/page /staff/..%2fpage /staff/..%2Fpage /staff/x/%2E./../page /staff/./../page"


def test_no_address_means_one_place_here_and_another_behind(whole):
    bob = whole.signed_in("bob")
    cookie = ("Cookie", bob.jar.header("/"))
    assert whole.ask("GET", "/page", [cookie]).status == 200
    for address in """/staff /staff/ /x/../staff/y /x/%2e%2e/staff/y /staff%2fx //staff/x /.//staff/x /x/..;/staff/y /staff;a=b/x
                      /%73taff/x /staff\\x /x/..%2fstaff/y""".split():
        before = len(whole.behind.application.asked)
        answer = whole.ask("GET", address, [cookie, *PROGRAM.items()])
        assert answer.status in (301, 308, 400, 403, 404), (address, answer)
        assert whole.behind.application.asked[before:] == [], address
    if whole.kind not in ("apache", "lighttpd"):
        return
    for address in UP.split():
        before = len(whole.behind.application.asked)
        answer = whole.ask("GET", address, [cookie, *PROGRAM.items()])
        assert answer.status in (200, 400), (address, answer)
        assert all(target == "/page" for _, target in whole.behind.application.asked[before:]), (address, answer)


class ExistingWhole(Existing):
    """An existing site whose locations say nothing about the gate."""

    def frame(self):
        return NGINX_WHOLE


def test_no_location_of_the_sites_own_is_left_open(certificates, behind):
    house = ExistingWhole("nginx", certificates, Whole(behind))
    try:
        browser = house.signed_in()
        token = browser.bearer()
        for address in "/", "/page", "/blog/post", "/index.php", "/a.txt", "/nothing.txt", "/staff/x", "/files/a.txt":
            page = house.ask("GET", address, NAVIGATION)
            assert page.status == 401 and b'id="password"' in page.body, (address, page)
            assert house.ask("GET", address, PROGRAM).error() == "unauthorized", address
            for answer in browser.send("GET", address, headers=NAVIGATION), house.ask("GET", address, token):
                assert answer.status == (404 if "nothing" in address else 200), (address, answer)
                assert browser.access.encode() not in answer.body, (address, answer)
                if answer.body.startswith(b"{"):
                    assert values(answer, "x-auth-user") == ["ada"], (address, answer)
        for address in "/pub/a.txt", "/favicon.ico":
            assert came_through(house.ask("GET", address)), address
        assert house.signed_in("bob").send("GET", "/staff/x.txt", headers=NAVIGATION).status == 403
    finally:
        house.close()
