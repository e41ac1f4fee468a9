"""Tables of the run's results, as the README shows them: servers by checks, and others."""

import os
import re

import pytest

from .site import BUILD, TOP

README = os.path.join(TOP, "README.md")
checks = []  # the rows, in the order of the tests
results = {}  # (check, kind): what the cell says


def check(sentence):
    """Marks a test of the fixture guarded as a row of the table."""
    checks.append(sentence)
    return pytest.mark.check(sentence)


def add(row, kind, outcome, cell=None):
    """Records the end of a test of that row; cell replaces yes. A failed test decides."""
    if outcome != "passed":
        results[row, kind] = "**no**"
    elif results.get((row, kind)) != "**no**":
        results[row, kind] = cell or "yes"


def lines(head, rows):
    """As Markdown."""
    def line(cells):
        return "| " + " | ".join(cells) + " |\n"
    return line(head) + "|---" * len(head) + "|\n" + "".join(line(row) for row in rows)


def markdown(kinds):
    return lines(["", *kinds], [[row, *(results.get((row, kind), "?") for kind in kinds)] for row in checks])


def place(name):
    """Where a table is in the README."""
    return re.compile(f"(<!-- {name}:begin -->\n)(.*?)(<!-- {name}:end -->)", re.S)


def hold(name, text):
    """
    Shows a table in the output of the run, which tests/run.sh repeats, and writes it beside the
    build's logs; the README has to say the same, and PINTLE_README=write rewrites it.
    """
    with open(os.path.join(BUILD, name + ".md"), "w", encoding="utf-8") as out:
        out.write(text)
    print("\n" + "".join(f"table: {line}\n" for line in text.splitlines()), flush=True)
    with open(README, encoding="utf-8") as readme:
        old = readme.read()
    if os.environ.get("PINTLE_README") == "write":
        old = place(name).sub(lambda match: match.group(1) + text + match.group(3), old)
        with open(README, "w", encoding="utf-8") as readme:
            readme.write(old)
    assert "?" not in text, "some of it did not run"
    assert place(name).search(old).group(2) == text
