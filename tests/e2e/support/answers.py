"""The answers that pintle gave in this run, for what holds them to doc/openapi.yaml at its end."""

import json
import re

MOUNT = "/auth"
MOST = 40  # of one kind: storms ask the same again and again

_kept = {}


def keep(method, address, answer):
    """Of whatever is asked: an answer of pintle's own has a number of the request, at an address below the mount."""
    path = address.split("?")[0]
    if path.startswith(MOUNT + "/") and answer.header("X-Request-Id"):
        below = path[len(MOUNT):]
        kind = _kept.setdefault((method, re.sub(r"^/sessions/.*", "/sessions/{id}", below), answer.status), [])
        if len(kind) < MOST:
            kind.append({"method": method, "path": below, "status": answer.status,
                         "headers": {name.lower(): value for name, value in answer.headers},
                         "body": answer.body.decode("utf-8", "replace")})
    return answer


def write(path):
    """One a line; returns how many."""
    lines = [json.dumps(answer) for kind in _kept.values() for answer in kind]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines))
    return len(lines)
