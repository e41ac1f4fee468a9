"""Past every server's default of 60 s: a silent WebSocket, and an answer that takes its time."""

import threading
import time

import pytest

from support.guarded import Guarded

pytestmark = pytest.mark.plain

KINDS = ["nginx", "apache", "lighttpd", "caddy"]
SILENT = 70


def websocket(house, cookies):
    """A WebSocket that is opened, silent, and then answers."""
    head = "\r\n".join(["GET /app/idle HTTP/1.1", f"Host: localhost:{house.port}", f"Origin: {house.origin}", f"Cookie: {cookies}",
                        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""])
    with house.https.raw() as connection:
        connection.settimeout(SILENT + 30)
        connection.sendall(head.encode())
        assert b" 101 " in connection.recv(4096).splitlines()[0]
        time.sleep(SILENT)
        connection.sendall(b"!")
        assert connection.recv(1) == b"!"


def slow(house, cookies, address):
    with house.https.raw() as connection:
        connection.settimeout(SILENT + 30)
        connection.sendall(f"GET {address}?wait={SILENT} HTTP/1.1\r\nHost: localhost:{house.port}\r\nCookie: {cookies}\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_silence_and_patience(certificates, behind):
    """All servers at once: it only waits."""
    houses, threads, outcomes = [], [], {}

    def watch(name, look, *arguments):
        def run():
            try:
                look(*arguments)
                outcomes[name] = "good"
            except Exception as error:
                outcomes[name] = repr(error)
        threads.append(threading.Thread(target=run))
        threads[-1].start()
    try:
        for kind in KINDS:
            houses.append(Guarded(kind, certificates, behind))
            cookies = houses[-1].signed_in().jar.header("/app/")
            watch((kind, "a silent WebSocket"), websocket, houses[-1], cookies)
            watch((kind, "a slow answer"), slow, houses[-1], cookies, "/app/page")
            watch((kind, "a slow script"), slow, houses[-1], cookies, "/front/index.php")
        for thread in threads:
            thread.join()
    finally:
        for house in houses:
            house.close()
    assert len(outcomes) == 3 * len(KINDS)
    assert not {name: outcome for name, outcome in outcomes.items() if outcome != "good"}
