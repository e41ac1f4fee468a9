"""The table of servers by checks: what the run found, as the README shows it."""

import os
import re

import pytest

from .site import BUILD, TOP

README = os.path.join(TOP, "README.md")
BETWEEN = re.compile(r"(<!-- servers:begin -->\n).*?(<!-- servers:end -->)", re.S)
checks = []  # the rows, in the order of the tests
results = {}  # (check, kind): what the cell says


def check(sentence):
    """Marks a test of the fixture guarded as a row of the table."""
    checks.append(sentence)
    return pytest.mark.check(sentence)


def add(row, kind, outcome, cell=None):
    """A test of that row has ended; cell is what it wants said in place of yes. One that failed decides."""
    if outcome != "passed":
        results[row, kind] = "**no**"
    elif results.get((row, kind)) != "**no**":
        results[row, kind] = cell or "yes"


def markdown(kinds):
    def line(cells):
        return "| " + " | ".join(cells) + " |\n"
    lines = [line(["", *kinds]), "|---" * (len(kinds) + 1) + "|\n"]
    for row in checks:
        lines.append(line([row, *(results.get((row, kind), "?") for kind in kinds)]))
    return "".join(lines)


def save(text):
    """Beside the build's logs, and into the output of the run, which tests/run.sh repeats."""
    with open(os.path.join(BUILD, "servers.md"), "w", encoding="utf-8") as out:
        out.write(text)
    print("\n" + "".join(f"table: {line}\n" for line in text.splitlines()), flush=True)


def of_readme():
    with open(README, encoding="utf-8") as readme:
        found = BETWEEN.search(readme.read())
    return found.group(0).partition("\n")[2].removesuffix("<!-- servers:end -->")


def into_readme(text):
    with open(README, encoding="utf-8") as readme:
        old = readme.read()
    with open(README, "w", encoding="utf-8") as readme:
        readme.write(BETWEEN.sub(lambda match: match.group(1) + text + match.group(2), old))
