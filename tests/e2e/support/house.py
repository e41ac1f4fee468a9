"""A guarded site for `pintle doctor`, whose server runs the printed text or something worse."""

import contextlib
import json
import shutil

from .guarded import Guarded

CACHE = "fastcgi_cache_path {folder} keys_zone=kept:1m;\n"  # for a cache where none may be


class Lasting:
    """The site behind the gate, without a demand that a look may be too slow for."""

    def __init__(self, behind):
        self.behind, self.application = behind, behind.application

    def places(self):
        places = self.behind.places()
        return {path: {name: "10 min" if name == "max_age" else value for name, value in places[path].items()}
                for path in ("/app/", "/app/staff/", "/app/fresh/", "/wiki/", "/files/")}


class House(Guarded):
    def __init__(self, kind, certificates, behind, **settings):
        self.trust = ["--cacert", certificates + "/ca.pem"]
        super().__init__(kind, certificates, Lasting(behind), **settings)
        self.beside.pop().stop()
        self.there = self.names()

    @contextlib.contextmanager
    def serving(self, text=None):
        """Makes the server run what is printed, or something else."""
        text = text or self.text
        if self.kind == "nginx":
            shutil.rmtree(self.site.path("cache"), ignore_errors=True)
            text = CACHE.format(folder=self.site.path("cache")) + text
        self.serve(text)
        try:
            yield
        finally:
            self.beside.pop().stop()

    def doctor(self, *options, trust=None):
        """The findings: state, look, sentence and remedy. Whatever the result, no user is left."""
        done = self.site.command("doctor", "--json", *options, *(self.trust if trust is None else trust))
        findings = json.loads(done.stdout)["checks"]
        wrong = [finding for finding in findings if finding["state"] == "wrong"]
        assert done.returncode == (1 if wrong else 0), (done.stderr, findings)
        assert "Sanitizer" not in done.stderr, done.stderr
        assert all(finding["mend"] for finding in wrong), wrong
        assert self.made() == [], "the users that it made are gone"
        return findings

    def made(self):
        """The users that doctor made."""
        return [name for name in self.names() if name not in self.there]

    def names(self):
        return [user["name"] for user in self.site.json("user", "list")["users"]]


def found(findings):
    """The looks that found something wrong or worth knowing."""
    return {finding["what"] for finding in findings if finding["state"] in ("wrong", "hint")}


def shown(findings):
    return "\n".join(f"{f['state']} {f['what']}: {f['text']} [{f.get('mend')}]" for f in findings if f["state"] != "ok")
