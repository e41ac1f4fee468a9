#!/usr/bin/python3
"""What a guarded request costs: pintle's verify beside a bare libfcgi program in the same place.

Both answer nginx's auth_request over a Unix socket with the same number of
threads; nginx and whichever of them is asked share one core, the client has the
other. Rounds alternate, so that whatever else the machine does falls on both;
the figure is the median of each pair's ratio.

    PINTLE_BUILD=build/gcc /usr/bin/python3 tests/bench/verify.py [ROUNDS [SECONDS]]
"""

import json
import os
import re
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))

from support.process import Process, free_port, give, wait_until  # noqa: E402
from support.site import PASSWORD, Site  # noqa: E402

THREADS = 8
SERVER_CORE, CLIENT_CORE = "0", "1"

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body; fastcgi_temp_path {folder}/fastcgi; proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi; uwsgi_temp_path {folder}/uwsgi;
    upstream pintle {{ server unix:{socket}; }}
    upstream hello {{ server unix:{hello}; }}
    server {{
        listen 127.0.0.1:{port};
        location ^~ /auth/ {{ include /etc/nginx/fastcgi_params; fastcgi_pass pintle; }}
        location = /_pintle {{ internal; include /etc/nginx/fastcgi_params; fastcgi_pass_request_body off;
            fastcgi_param CONTENT_LENGTH ""; fastcgi_param PINTLE_MODE verify; fastcgi_pass pintle; }}
        location = /_hello {{ internal; include /etc/nginx/fastcgi_params; fastcgi_pass_request_body off;
            fastcgi_param CONTENT_LENGTH ""; fastcgi_pass hello; }}
        location = /guarded {{ auth_request /_pintle; empty_gif; }}
        location = /bare {{ auth_request /_hello; empty_gif; }}
    }}
}}
"""


def pinned(core, *argv):
    return ["taskset", "-c", core, *argv]


def ask(url, seconds, headers):
    """Requests a second, and how many did not get 200."""
    argv = pinned(CLIENT_CORE, "wrk", "-t1", "-c32", f"-d{seconds}s", *[a for h in headers for a in ("-H", h)], url)
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", said).group(1)), int(wrong.group(1)) if wrong else 0


def log_in(port):
    body = json.dumps({"username": "ada", "password": PASSWORD})
    done = subprocess.run(["curl", "-sS", "-i", "-H", "Content-Type: application/json", "-d", body,
                           f"http://localhost:{port}/auth/login"], capture_output=True, text=True, check=True).stdout
    head, answer = done.split("\n\n", 1)
    gate = re.search(r"Set-Cookie: (pintle-gate=[^;]+)", head).group(1)
    return gate, json.loads(answer)["access_token"]


def measure(name, port, headers, rounds, seconds):
    ratios = []
    for turn in range(rounds):
        pair = {}
        for path in ("bare", "guarded") if turn % 2 else ("guarded", "bare"):
            pair[path], wrong = ask(f"http://127.0.0.1:{port}/{path}", seconds, headers)
            assert wrong == 0, f"{path}: {wrong} requests did not get 200"
        ratios.append(pair["guarded"] / pair["bare"])
        print(f"  {name}: {pair['guarded']:8.0f} beside {pair['bare']:8.0f} a second: {ratios[-1]:.3f}", flush=True)
    median = statistics.median(ratios)
    print(f"{name}: {median:.2f} of a bare libfcgi program (median of {rounds}; goal: at least 0.85)", flush=True)
    return median


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    port = free_port()
    site = Site({"gate_cookie": "yes", "threads": str(THREADS), "access_ttl": "1 h"},
                issuer=f"http://localhost:{port}/auth")
    started = []
    try:
        hello, program = site.path("hello.sock"), site.path("bin", "hello")
        subprocess.run(["cc", "-O2", "-o", program, os.path.join(HERE, "hello.c"), "-lfcgi", "-pthread"], check=True)
        site.add_user("ada")
        site.start(wrapper=pinned(SERVER_CORE))
        started.append(Process(pinned(SERVER_CORE, program, hello, str(THREADS)), site.path("hello.log")))
        wait_until("the bare program listens", 5, lambda: os.path.exists(hello))
        folder = site.path("nginx")
        os.mkdir(folder)
        give(folder)
        with open(site.path("nginx.conf"), "w", encoding="utf-8") as config:
            config.write(NGINX.format(folder=folder, port=port, socket=site.socket, hello=hello))
        started.append(Process(pinned(SERVER_CORE, "/usr/sbin/nginx", "-c", site.path("nginx.conf")), site.path("nginx.log")))
        wait_until("nginx answers", 5, lambda: subprocess.run(
            ["curl", "-sf", f"http://127.0.0.1:{port}/auth/health"], capture_output=True, check=False).returncode == 0)
        gate, token = log_in(port)
        results = [measure("gate cookie", port, [f"Cookie: {gate}"], rounds, seconds),
                   measure("token seen before", port, [f"Authorization: Bearer {token}"], rounds, seconds)]
    finally:
        for process in reversed(started):
            process.kill()  # libfcgi's own accept heeds no TERM
        site.close()
    return 0 if min(results) >= 0.85 else 1


if __name__ == "__main__":
    sys.exit(main())
