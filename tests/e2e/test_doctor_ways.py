"""pintle doctor tries every way to the site: all addresses, port 80, a CDN, an old certificate."""

import datetime
import os

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from support.house import House, found, shown
from support.process import free_port, give

pytestmark = pytest.mark.plain

BOTH = ["--at", "127.0.0.1,::1"]


@pytest.fixture(scope="module")
def house(certificates, behind):
    house = House("nginx", certificates, behind)
    yield house
    house.close()


def of_one_family(house, address):
    """The printed text, listening at one address alone."""
    text = house.text.replace(f"listen [::]:{house.port} ssl;", "")
    return text.replace(f"listen {house.port} ssl;", f"listen {address}:{house.port} ssl;")


def another_block(house, certificates, address, *lines):
    return f"""
server {{
    listen {address}:{house.port} ssl;
    server_name localhost;
    ssl_certificate {certificates}/site.pem;
    ssl_certificate_key {certificates}/site.key;
    {" ".join(lines)}
}}
"""


def told(findings, what, state="wrong"):
    return [finding for finding in findings if finding["what"] == what and finding["state"] == state]


@pytest.mark.shows("G02")
def test_the_site_that_was_there_answers_by_the_other_family(house, certificates):
    there = another_block(house, certificates, "[::1]", "location / { return 200 'Welcome to nginx!'; }")
    with house.serving(of_one_family(house, "127.0.0.1") + there):
        findings = house.doctor(*BOTH)
    (finding,) = told(findings, "addresses")
    assert "at ::1 a server block that is not pintle's answers" in finding["text"] and "listen [::]:443 ssl;" in finding["mend"]
    open_there = told(findings, "guard-addresses")
    assert {finding["text"].partition(":")[0] for finding in open_there} == set(house.behind.places()), shown(findings)
    assert all("a stranger at ::1 is let in" in finding["text"] for finding in open_there)


@pytest.mark.parametrize("address, option, other", [("[::1]", "::1", "127.0.0.1"), ("127.0.0.1", "127.0.0.1", "[::1]")])
def test_a_host_of_one_family_is_fine(house, certificates, address, option, other):
    """Another host then answers over the other family: the name does not lead there."""
    there = another_block(house, certificates, other, "location / { return 200 welcome; }")
    with house.serving(of_one_family(house, address) + there):
        findings = house.doctor("--at", option)
    assert not found(findings), shown(findings)
    assert told(findings, "addresses", "ok") and len(told(findings, "guard-addresses", "ok")) == len(house.behind.places())


def test_an_address_that_is_none_is_refused(house):
    done = house.site.command("doctor", "--at", "nobody.invalid")
    assert done.returncode == 2 and "has no address" in done.stderr


REDIRECT = "return 301 https://$host$request_uri;"


@pytest.mark.parametrize("lines, wrong", [
    ((REDIRECT, REDIRECT), None),
    ((REDIRECT, "return 200 welcome;"), "(at ::1) is answered (status 200)"),
    ((REDIRECT, "location /app/ { return 200 open; } location / { " + REDIRECT + " }"), "/app/ (at ::1) is answered"),
])
@pytest.mark.shows("G02")
def test_port_80_is_looked_at_by_both_families_and_at_guarded_places(house, lines, wrong):
    port = free_port()
    plain = "".join(f"server {{ listen {address}:{port}; {line} }}\n" for address, line in zip(
        ("127.0.0.1", "[::1]"), lines))
    text = house.text
    if f"listen [::]:{house.port} ssl;" not in text:
        text = text.replace(f"listen {house.port} ssl;", f"listen {house.port} ssl;\n\tlisten [::1]:{house.port} ssl;", 1)
    with house.serving(text + plain):
        findings = house.doctor("--plain", f"http://localhost:{port}", *BOTH)
    if wrong:
        assert wrong in told(findings, "plain-http")[0]["text"], shown(findings)
    else:
        assert not found(findings) and told(findings, "plain-http", "ok"), shown(findings)


def test_what_answers_in_front_is_named(house):
    with house.serving(house.text.replace("underscores_in_headers off;",
                                          "underscores_in_headers off;\n\tadd_header CF-Ray 8a-FRA always;")):
        findings = house.doctor()
    (finding,) = told(findings, "front", "hint")
    assert "Cloudflare" in finding["text"] and "--at ADDRESS" in finding["mend"] and "proxies" in finding["mend"]


def test_a_place_without_an_index_is_no_refusal(house):
    assert "index index.html;" in house.text
    with house.serving(house.text.replace("index index.html;", "index nothing-of-that-name.html;")):
        findings = house.doctor()
    (finding,) = told(findings, "guard-login", "hint")
    assert finding["text"].startswith("/files/: people who have logged in are let in, but there is no index page"), shown(findings)
    assert "index FILE;" in finding["mend"]


# ---- a certificate that expires

def certificate(house, certificates, begin, end):
    """A certificate from the tests' authority; valid from and until so many days from now."""
    with open(os.path.join(certificates, "ca.key"), "rb") as key, open(os.path.join(certificates, "ca.pem"), "rb") as pem:
        ca_key, ca = serialization.load_pem_private_key(key.read(), None), x509.load_pem_x509_certificate(pem.read())
    with open(os.path.join(certificates, "site.key"), "rb") as key:
        public = serialization.load_pem_private_key(key.read(), None).public_key()
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder(
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]), issuer_name=ca.subject,
        public_key=public, serial_number=x509.random_serial_number(), not_valid_before=now + datetime.timedelta(days=begin),
        not_valid_after=now + datetime.timedelta(days=end)).add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(ca_key, hashes.SHA256())
    path = house.site.path(f"ends-{end}.pem")
    with open(path, "wb") as out:
        out.write(made.public_bytes(serialization.Encoding.PEM))
    give(path)
    return house.text.replace(f"ssl_certificate {certificates}/site.pem;", f"ssl_certificate {path};")


def test_an_expired_certificate_wants_to_be_renewed(house, certificates):
    with house.serving(certificate(house, certificates, -90, -1)):
        findings = house.doctor()
    (finding,) = told(findings, "https")
    assert "expired" in finding["text"] and "renew it" in finding["mend"], shown(findings)


@pytest.mark.parametrize("begin, end, soon", [(-85, 5, True), (-80, 60, False), (-1, 3, False)])
def test_a_certificate_that_is_about_to_expire_is_told_of(house, certificates, begin, end, soon):
    with house.serving(certificate(house, certificates, begin, end)):
        findings = house.doctor()
    assert bool(told(findings, "https", "hint")) == soon, shown(findings)
    assert found(findings) == ({"https"} if soon else set()), shown(findings)
