"""What the tests share: one certification authority a run, and sites that are checked after."""

import contextlib
import os
import signal
import tempfile
import time

import pytest

from support import certificates as authority
from support import table
from support.behind import Behind
from support.browser import Browser, OverHttps
from support.guarded import KINDS, Guarded
from support.process import give
from support.servers import Server, needs_worker
from support.site import Site, open_sites


def pytest_configure(config):
    config.addinivalue_line("markers", "short: runs under the thread sanitizer as well")
    config.addinivalue_line("markers", "timed: asks for the real speed, so runs under no sanitizer")
    config.addinivalue_line("markers", "plain: a sanitizer would see nothing new, so runs under none")
    config.addinivalue_line("markers", "sanitized: the ordinary run has it under the address sanitizer alone")
    config.addinivalue_line("markers", "check(sentence): a row of the table of servers")
    config.addinivalue_line("markers", "shows(*rows): rows of tests/texts/requirements.txt that it shows")
    config.addinivalue_line("markers", "last: looks back at all others")
    # When TERM ends it, the run also ends what it started and removes what it made.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def certificates():
    with tempfile.TemporaryDirectory(prefix="pintle-ca-") as folder:
        authority.make(folder)
        give(folder)
        for name in os.listdir(folder):
            give(os.path.join(folder, name))
        yield folder


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Adds below a failed test what the workers had to say."""
    outcome = yield
    report = outcome.get_result()
    check = item.get_closest_marker("check")
    if check and (report.when == "call" or report.failed):
        table.add(check.args[0], item.callspec.params["guarded"], report.outcome, dict(item.user_properties).get("cell"))
    if report.when != "call" or not report.failed:
        return
    for site in list(open_sites):
        report.sections.append((f"the end of {site.log}", site.log_text()[-6000:]))


@pytest.fixture
def new_site():
    """Makes sites; after the test each is closed, and its log checked."""
    with contextlib.ExitStack() as sites:
        yield lambda **settings: sites.enter_context(contextlib.closing(Site(settings)))


@pytest.fixture
def site(new_site):
    """A site with one worker and the user ada, asked straight over FastCGI."""
    site = new_site()
    site.add_user("ada")
    site.start()
    return site


class Mounted:
    """A site behind a real web server."""

    def __init__(self, kind, certificates, inside="", **settings):
        self.certificates = certificates
        self.ca = os.path.join(certificates, "ca.pem")
        self.server = Server(kind, inside)
        self.origin = self.server.origin
        self.site = Site(settings, issuer=self.origin + "/auth")

    def start(self, workers=1):
        if needs_worker(self.server.kind):
            self.site.start(workers)
        self.server.start(self.site, self.certificates)

    def browser(self, agent="Mozilla/5.0 (X11; Linux x86_64) test"):
        return Browser(OverHttps(self.server.port, self.ca), agent)

    def close(self):
        try:
            self.server.stop()
        finally:
            self.site.close()


def mounts(certificates):
    """Makes sites behind a real web server; each is closed in the end."""
    with contextlib.ExitStack() as made:
        def make(kind, workers=1, **more):
            site = made.enter_context(contextlib.closing(Mounted(kind, certificates, **more)))
            site.start(workers)
            return site
        yield make


mounted = pytest.fixture(mounts)
mounted_once = pytest.fixture(mounts, scope="module")


@pytest.fixture(scope="session")
def behind():
    with contextlib.closing(Behind()) as behind:
        yield behind


@pytest.fixture(scope="session", params=[
    pytest.param(kind, marks=[] if kind == "nginx" else [pytest.mark.plain]) for kind in KINDS])
def guarded(request, certificates, behind):
    """A guarded site behind each kind of server, one after the other."""
    with contextlib.closing(Guarded(request.param, certificates, behind)) as site:
        site.long_ago = site.signed_in(), time.monotonic()
        yield site
