"""What is behind the gate and knows nothing of pintle: an application, PHP and a folder."""

import base64
import glob
import hashlib
import http.server
import json
import os
import shutil
import tempfile
import threading
import time

from .process import Process, give

# Shows what it was asked; REQUEST_URI and the like are what the server in front made of it.
PHP = """<?php
header('Content-Type: application/json');
sleep((int) ($_GET['wait'] ?? 0));
echo json_encode(['behind' => 'php', 'server' => $_SERVER, 'body' => strlen(file_get_contents('php://input'))]);
"""
FPM = """
[global]
error_log = {folder}/fpm.log
daemonize = no
[site]
listen = {folder}/fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 8
"""
STATIC = "what only those may read who are signed in\n"


def told(answer):
    """What PHP or the application was told, as pairs: headers and variables in one spelling."""
    said = answer.json()
    if said["behind"] == "application":
        return [(name.lower().replace("_", "-"), value) for name, value in said["headers"]]
    return [(name.removeprefix("HTTP_").lower().replace("_", "-"), value) for name, value in said["server"].items()]


def values(answer, name):
    return [value for key, value in told(answer) if key == name]


def came_through(answer):
    """Whether the answer holds anything from behind the gate."""
    return STATIC.strip().encode() in answer.body or b'"behind"' in answer.body


class Asked(http.server.BaseHTTPRequestHandler):
    """Answers with the request: method, target, headers as they came, length of the body."""

    protocol_version = "HTTP/1.1"
    # Head and body are written separately: on a connection that is kept the body would wait for the
    # peer's delayed acknowledgement of the head, 40 ms for every request.
    disable_nagle_algorithm = True

    def body_length(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        total = 0
        while size := int(self.rfile.readline().split(b";")[0], 16):
            total += len(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return total

    def upgrade(self):
        """A WebSocket that is silent until a byte comes, which it sends back."""
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        key = self.headers.get("Sec-WebSocket-Key")
        if key:  # RFC 6455, 4.2.2: some servers in front check it
            accept = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
        self.end_headers()
        self.close_connection = True
        if "idle" in self.path:
            self.wfile.write(self.rfile.read(1))

    def stream(self):
        """Sends two events, the second once the test has seen the first."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        self.wfile.write(b"data: one\n\n")
        self.server.seen.wait(20)
        self.wfile.write(b"data: two\n\n")

    def kind(self):
        ending = self.path.partition("?")[0].rpartition(".")[2]
        return {"html": "text/html; charset=utf-8", "css": "text/css", "png": "image/png"}.get(ending, "application/json")

    def answer(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.upgrade()
            return
        if self.path.startswith("/app/stream"):
            self.stream()
            return
        said = json.dumps({"behind": "application", "method": self.command, "target": self.path,
                           "headers": self.headers.items(), "body": self.body_length()}).encode()
        self.server.asked.append((self.command, self.path))
        time.sleep(self.server.delay)
        if "?wait=" in self.path:
            time.sleep(float(self.path.partition("?wait=")[2]))
        self.send_response(200)
        self.send_header("Content-Type", self.kind())
        if "?age=" in self.path:
            self.send_header("Cache-Control", "max-age=" + self.path.partition("?age=")[2])
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def log_message(self, *_):
        pass


class Behind:
    """All three, on loopback and in one folder."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pintle-behind-")
        give(self.folder)
        self.application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        self.application.daemon_threads = True
        self.application.delay = 0  # seconds, before each answer
        self.application.seen = self.seen = threading.Event()  # a stream's first event arrived
        self.application.asked = self.asked = []  # method and target of all that came through
        threading.Thread(target=self.application.serve_forever, daemon=True).start()
        self.write("wiki/index.php", PHP)
        self.write("wiki/sub/page.php", PHP)
        self.write("wiki/note.txt", STATIC)
        self.write("files/a.txt", STATIC)
        self.write("files/index.html", STATIC)
        self.write("files/without/b.txt", STATIC)  # and no index
        self.write("front/index.php", PHP)
        self.write("front/style.css", STATIC)
        self.write("fpm.conf", FPM.format(folder=self.folder))
        self.fpm = Process([glob.glob("/usr/sbin/php-fpm*")[0], "-F", "-y", self.path("fpm.conf")],
                           self.path("fpm.start.log"))
        self.fpm.wait_for("php-fpm listens", 15, lambda: os.path.exists(self.path("fpm.sock")))

    def path(self, *below):
        return os.path.join(self.folder, *below)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), mode=0o755, exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as out:
            out.write(text)

    def places(self):
        """The sections of the configuration that guard them."""
        application = "http://127.0.0.1:%d" % self.application.server_port
        php = {"php": self.path("wiki"), "fpm": "unix:" + self.path("fpm.sock")}
        return {
            "/app/": {"proxy": application},
            "/app/staff/": {"proxy": application, "group": "staff,admins"},
            "/app/fresh/": {"proxy": application, "max_age": "2 s"},
            "/app/open/": {"open": "yes"},
            "/app/hook/": {"open": "yes", "methods": "POST PUT", "from": "127.0.0.0/8 ::1"},
            "/app/far/": {"open": "yes", "from": "192.0.2.0/24"},
            "/app/page.json": {"open": "yes"},
            "/app/api/": {"credentials": "bearer"},
            "/app/small/": {"body": "2 KiB"},
            "/app/drop/": {"authorization": "drop"},
            "/wiki/": {**php, "group": "staff"},
            "/front/": {**php, "php": self.path("front"), "front": "index.php"},
            "/files/": {"files": self.path("files")},
        }

    def close(self):
        self.application.shutdown()
        self.application.server_close()
        try:
            self.fpm.stop()
        finally:
            shutil.rmtree(self.folder)
