#!/usr/bin/python3
"""A crowd at a site.

Each browser has a cookie jar of its own, refreshes, looks at a guarded page, and now and then logs
out and in again. Every answer must be the right one. It creates `going` in the folder once all are
logged in, ends when `stop` is there, and reports what it saw. The exit status is 1 if any answer
was not the right one.

    package_load.py https://www.example.org /root/site.pem USER:PASSWORD FOLDER [BROWSERS]
"""
import http.cookiejar
import json
import os
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request

SITE, CERTIFICATE, ACCOUNT, FOLDER = sys.argv[1:5]
BROWSERS = int(sys.argv[5]) if len(sys.argv) > 5 else 6
LOGIN_EVERY = 40  # rounds: a login computes for a while, as it should
PAUSE_S = 0.02


class Browser(threading.Thread):
    def __init__(self, number):
        super().__init__()
        self.number = number
        self.jar = http.cookiejar.CookieJar()
        context = ssl.create_default_context(cafile=CERTIFICATE)
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(self.jar))
        self.counts = {}
        self.wrong = []
        self.slowest = 0.0

    def ask(self, what, path, body=None, method=None, wanted=(200,)):
        request = urllib.request.Request(SITE + path, method=method, data=body,
                                         headers={"Content-Type": "application/json"} if body else {})
        began = time.monotonic()
        try:
            with self.opener.open(request, timeout=60) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        except OSError as error:
            status, text = 0, str(error).encode()
        took = time.monotonic() - began
        self.slowest = max(self.slowest, took)
        self.counts[what] = self.counts.get(what, 0) + 1
        if status not in wanted:
            self.wrong.append(f"browser {self.number}: {what} {status} after {took:.2f} s: {text[:200]!r}")
        return text

    def login(self):
        name, password = ACCOUNT.split(":", 1)
        self.ask("login", "/auth/login", json.dumps(
            {"username": name, "password": password, "device": f"browser {self.number}"}).encode())

    def round(self, number):
        self.ask("refresh", "/auth/refresh", b"", "POST")
        page = self.ask("verify", "/app/")
        if b"the application" not in page and not self.wrong:
            self.wrong.append(f"browser {self.number}: another page: {page[:200]!r}")
        if number % LOGIN_EVERY == LOGIN_EVERY - 1 - self.number:
            self.ask("logout", "/auth/logout", b"", "POST", (200, 204))
            self.login()

    def run(self):
        number = 0
        while not ended.is_set() and len(self.wrong) < 5:
            self.round(number)
            number += 1
            time.sleep(PAUSE_S)


ended = threading.Event()
browsers = [Browser(number) for number in range(BROWSERS)]
for browser in browsers:
    browser.login()
for browser in browsers:
    browser.start()
with open(os.path.join(FOLDER, "going"), "w", encoding="ascii"):
    pass
while not os.path.exists(os.path.join(FOLDER, "stop")) and any(browser.is_alive() for browser in browsers):
    time.sleep(0.1)
ended.set()
for browser in browsers:
    browser.join()
# Whoever was signed in still is: each jar is still good.
for browser in browsers:
    browser.round(0)
wrong = [line for browser in browsers for line in browser.wrong]
total = {}
for browser in browsers:
    for what, count in browser.counts.items():
        total[what] = total.get(what, 0) + count
print(f"counts: {BROWSERS} browsers,", ", ".join(f"{count} x {what}" for what, count in sorted(total.items())) +
      f", slowest {max(browser.slowest for browser in browsers):.2f} s, {len(wrong)} wrong")
print("\n".join(wrong[:20]))
sys.exit(1 if wrong else 0)
