"""The answers that pintle gave in this run, which are held to doc/openapi.yaml at its end."""

import json
import re
import urllib.parse

MOUNT = "/auth"
MOST = 40  # of one kind: storms ask the same thing again and again

_kept = {}


def keep(method, address, answer):
    """Keeps an answer of pintle's own: it has the number of its request, and its address stays below the mount."""
    path = address.split("?")[0]
    leaves = ".." in urllib.parse.unquote(path).split("/")
    if path.startswith(MOUNT + "/") and not leaves and answer.header("X-Request-Id"):
        below = path[len(MOUNT):]
        kind = _kept.setdefault((method, re.sub(r"^/sessions/.*", "/sessions/{id}", below), answer.status), [])
        if len(kind) < MOST:
            kind.append({"method": method, "path": below, "status": answer.status,
                         "headers": {name.lower(): value for name, value in answer.headers},
                         "body": answer.body.decode("utf-8", "replace")})
    return answer


def write(path):
    """Writes one a line; returns how many."""
    lines = [json.dumps(answer) for kind in _kept.values() for answer in kind]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines))
    return len(lines)
