"""The passwords that everybody tries, by zxcvbn's counts from leaks: nearly all are refused."""

import json
import os
import subprocess

import pytest

from support import fcgi
from support.site import PASSWORD
from support.storm import show

HERE = os.path.dirname(os.path.abspath(__file__))
LIST = "process.stdout.write(JSON.stringify(require('zxcvbn/lib/frequency_lists').passwords))"
LEAST = 0.95


def ranked():
    """The list, the commonest first."""
    done = subprocess.run(["node", "-e", LIST], cwd=HERE, check=True, capture_output=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.plain
def test_the_commonest_passwords_are_refused(new_site):
    site = new_site(password_min="8", address_tries="1000000", device_tries="1000000")
    site.add_user("ada")
    site.start()
    browser = site.browser()
    assert browser.login("ada", PASSWORD).status == 200
    headers = {"Content-Type": "application/json", "Cookie": browser.jar.header("/auth/password")}

    def refused(password):
        # The new one is judged first; a text longer than any password is not hashed, and is not the
        # current one.
        body = fcgi.json_bytes({"current": "x" * 4097, "new": password})
        answer = fcgi.ask(site.socket, "POST", "/auth/password", headers, body)
        error = answer.json()["error"]
        assert (answer.status, error) in ((400, "invalid_password"), (403, "invalid_credentials")), answer
        return answer.status == 400

    # That list has Latin letters; keyboards and words of other scripts are tried too.
    others = ["йцукенгшщз12", "пароль123456", "привет2024", "Пароль!!!", "contraseña123", "mot2passe2025", "senha12345"]
    assert [password for password in others if not refused(password)] == []
    passwords = ranked()
    # OWASP ASVS 6.2.4: of the three thousand most common those that are long enough.
    eight = [password for password in passwords[:3000] if len(password) >= 8]
    twelve = [password for password in passwords if len(password) >= 12]
    assert len(eight) > 800 and len(twelve) > 200
    missed = {password for password in {*eight, *twelve} if not refused(password)}
    shares = {name: 1 - len(missed.intersection(which)) / len(which)
              for name, which in (("eight characters", eight), ("twelve characters", twelve))}
    show("well-known passwords refused", {name: f"{share:.1%}" for name, share in shares.items()})
    assert min(shares.values()) >= LEAST, f"{shares}: {' '.join(sorted(missed))}"
