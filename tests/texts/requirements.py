#!/usr/bin/python3
"""Which test shows which promise. Writes TAP; with --write it makes tests/texts/requirements.md
anew.

A row of tests/texts/requirements.txt fails if no test shows it and it says neither what it waits
for nor why it cannot be seen; so does a test that shows a row that does not exist.
"""

import ast
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
ROW = re.compile(r"([A-Z]\d\d) \| (must|best) \| (.+) \| (.+)")
EXCUSE = re.compile(r"([A-Z]\d\d) (planned|not): (.+)")
SHOWS = re.compile(r"Shows ((?:[A-Z]\d\d(?:, )?)+)\.")


def read(folder, *path):
    with open(os.path.join(folder, *path), encoding="utf-8") as file:
        return file.read()


def rows_and_excuses():
    """{section: title}, {id: (level, text, source)}, {id: (kind, reason)}; exits at a bad line."""
    sections, rows, excuses = {}, {}, {}
    for line in read(HERE, "requirements.txt").splitlines():
        if not line or line.startswith("#"):
            continue
        if section := re.fullmatch(r"\[([A-Z])\] (.+)", line):
            sections[section[1]] = section[2]
        elif row := ROW.fullmatch(line):
            assert row[1] not in rows, line
            rows[row[1]] = row.groups()[1:]
        elif excuse := EXCUSE.fullmatch(line):
            excuses[excuse[1]] = excuse.groups()[1:]
        else:
            sys.exit(f"requirements.txt: {line}")
    return sections, rows, excuses


def by_markers(name):
    """(id, test) for each marker in tests/e2e; that of a whole file counts for its first test."""
    tree = ast.parse(read(TESTS, "e2e", name))
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.shows":
                for argument in decorator.args:
                    yield argument.value, f"tests/e2e/{name}: {node.name}"


def by_comments(path, function):
    """(id, test) for each comment right above a function."""
    text = read(TESTS, path)
    for shown in SHOWS.finditer(text):
        name = re.search(function, text[shown.end():], re.M)
        for row in shown[1].split(", "):
            yield row, f"tests/{path}: {name[1]}"


def shown():
    found = {}
    for name in sorted(os.listdir(os.path.join(TESTS, "e2e"))):
        if name.startswith("test_") and name.endswith(".py"):
            for row, test in by_markers(name):
                found.setdefault(row, []).append(test)
    units = sorted(glob.glob("unit/*/*.c", root_dir=TESTS))
    for path, function in [("cmd.py", r"^def (\w+)")] + [(unit, r"^(\w+)\(void \*\*state\)") for unit in units]:
        for row, test in by_comments(path, function):
            found.setdefault(row, []).append(test)
    return found


def page(sections, rows, excuses, found):
    out = ["# What is promised, and which test shows it", "",
           "Made by `tests/texts/requirements.py --write` from `tests/texts/requirements.txt` and from the tests themselves."]
    for section, title in sections.items():
        out += ["", f"## {section}. {title}", "", "| id | level | promise | source | shown by |", "|---|---|---|---|---|"]
        for row, (level, text, source) in rows.items():
            if row[0] != section:
                continue
            tests = "<br>".join(f"`{test}`" for test in found.get(row, []))
            if not tests:
                kind, reason = excuses.get(row, ("", ""))
                tests = f"planned: {reason}" if kind == "planned" else f"not by a test: {reason}"
            out.append(f"| {row} | {level} | {text} | {source} | {tests} |")
    return "\n".join(out) + "\n"


def main():
    sections, rows, excuses = rows_and_excuses()
    found = shown()
    text = page(sections, rows, excuses, found)
    if sys.argv[1:] == ["--write"]:
        with open(os.path.join(HERE, "requirements.md"), "w", encoding="utf-8") as file:
            file.write(text)
        return
    results = []
    for row in rows:
        results.append((row in found or row in excuses, f"{row} is shown, or said why not"))
    for row in sorted(set(found) | set(excuses)):
        results.append((row in rows, f"{row} is a row"))
    results.append((not set(found) & set(excuses), "no row is shown and excused at once"))
    there = os.path.exists(os.path.join(HERE, "requirements.md"))
    results.append((there and read(HERE, "requirements.md") == text, "requirements.md is as it is made (--write)"))
    for number, (good, sentence) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {sentence}")
    print(f"1..{len(results)}")


main()
