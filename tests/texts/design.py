#!/usr/bin/python3
"""Holds DESIGN.md and the code together: decisions name existing files, pointers name decisions.

A comment points to a decision as "DESIGN.md, Groups of refreshes": the words of the heading. In
addition, links in documents lead somewhere, a picture says what its source says, and HACKING.md
names every package.
"""
import html
import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True      # the folder of the sources may be another one's, or read only
import figures

TOP = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = ['README.md', 'DESIGN.md', 'HACKING.md', 'SECURITY.md', 'doc/rotation.md', 'tests/fuzz/README.md',
             'tests/bench/README.md', 'tests/fixtures/README.md']
POINTING = {'.c', '.h', '.py', '.sh', '.mjs', '.js', '.md', '.awk', '.conf', '.dot', '.pml', '.in'}
HEADING = re.compile(r'^(#+) (.*)$', re.M)
LINK = re.compile(r'\]\(([^)\s]+)\)')
PATH = re.compile(r'`((?:src|tests|doc|www-examples|debian)/[\w./-]*\w)[^`]*`')
LABEL = re.compile(r'label="([^"]*)"')
ARROW = re.compile(r'^\s*(\w+) -> (\w+)', re.M)


def without_code(text):
    """A document without its blocks of code, in which a # begins no heading."""
    return re.sub(r'^```.*?^```', '', text, flags=re.M | re.S)


def anchor(heading):
    """The anchor that a heading gets where Markdown is shown."""
    kept = re.sub(r'[^\w\- ]', '', re.sub(r'[`*]', '', heading).lower())
    return kept.replace(' ', '-')


def headings(text):
    return [title for _, title in HEADING.findall(without_code(text))]


def sections(text):
    """(title, text) of each decision."""
    parts = re.split(r'^#### (.*)$', without_code(text), flags=re.M)
    return [(parts[at], re.split(r'^#', parts[at + 1], flags=re.M)[0]) for at in range(1, len(parts), 2)]


def pointing_files():
    for folder, folders, names in os.walk(TOP):
        at = pathlib.Path(folder).relative_to(TOP)
        folders[:] = [name for name in folders
                      if name not in ('build', 'node_modules', '.git', 'autom4te.cache', 'corpus', '__pycache__')]
        for name in names:
            if pathlib.Path(name).suffix in POINTING and name not in ('DESIGN.md', 'design.py'):
                yield at / name


def pointers(text, titles):
    """(title, what follows) of each "DESIGN.md, " in a text, None for no title; comments are joined first."""
    joined = re.sub(r'\n\s*(?:\*(?!/)|#|//)?\s*', ' ', text)
    known = sorted(titles, key=len, reverse=True)
    for match in re.finditer(r'DESIGN\.md, (?=[A-Za-z$])', joined):
        rest = joined[match.end():match.end() + 80]
        yield next((title for title in known if rest.startswith(title) and
                    not rest[len(title):len(title) + 1].isalnum()), None), rest.split('.')[0]


def broken_links(name, anchors):
    text = without_code((TOP / name).read_text())
    for target in LINK.findall(text):
        path, _, place = target.partition('#')
        if re.match(r'[a-z]+:', target):
            continue
        at = (pathlib.Path(name).parent / path) if path else pathlib.Path(name)
        if not (TOP / at).exists():
            yield '%s: %s is not there' % (name, target)
        elif place and at.suffix == '.md' and place not in anchors(at):
            yield '%s: %s has no such heading' % (name, target)


def lost_paths(name):
    """Paths that a document names in backticks and that do not exist; FLOOR and NAME match any."""
    return ['%s: %s is not there' % (name, path) for path in PATH.findall((TOP / name).read_text())
            if not re.search(r'\b[A-Z]+\b', path) and not (TOP / path).exists() and not list(TOP.glob(path + '.*'))]


def lost_labels(source):
    drawn = re.findall(r'>([^<]+)</text>', source.with_suffix('.svg').read_text())
    shown = {' '.join(html.unescape(text).split()) for text in drawn}
    for label in LABEL.findall(source.read_text()):
        for line in label.split('\\n'):
            if line.strip() and ' '.join(line.split()) not in shown:
                yield '%s: "%s" is not in the picture; sh doc/pictures.sh makes it anew' % (source.name, line)
    titles = re.findall(r'<title>([^<]*)</title>', source.with_suffix('.svg').read_text())
    shown_arrows = {html.unescape(title) for title in titles}
    for arrow in ARROW.findall(source.read_text()):
        if '%s->%s' % arrow not in shown_arrows:
            yield '%s: %s -> %s is not in the picture; sh doc/pictures.sh makes it anew' % ((source.name,) + arrow)


def reached(arrows):
    """Every (from, to) that arrows lead from and to, one after the other."""
    ways = set(arrows)
    while True:
        longer = {(low, high) for low, middle in ways for begin, high in arrows if begin == middle}
        if longer <= ways:
            return ways
        ways |= longer


def included_floors():
    """(floor, floor that it includes from) of all files below src/."""
    pairs = {(module.split('/')[0], other.split('/')[0])
             for module, others in figures.House(TOP).includes.items() for other in others}
    return {(floor, other) for floor, other in pairs if floor != other}


def wrong_arrows(arrows, includes):
    """What is wrong with a picture of these includes: an arrow is one of them, and arrows lead to each."""
    ways = reached(arrows)
    return (['%s -> %s is drawn, and nothing includes so' % pair for pair in sorted(arrows - includes)] +
            ['no arrows lead from %s to %s' % pair for pair in sorted(includes - ways)] +
            ['%s -> %s is drawn, and other arrows lead there' % pair for pair in sorted(arrows)
             if pair in reached(arrows - {pair})])


def uncaught_arrows(arrows, includes):
    """Pictures that are wrong, and that wrong_arrows() finds no fault with."""
    trials = {'without ' + ' -> '.join(pair): arrows - {pair} for pair in sorted(arrows)}
    trials['turned around'] = {(high, low) for low, high in arrows}
    trials['empty'] = set()
    trials['with one too many'] = arrows | {('base', 'cmd')}
    return [name for name, trial in trials.items() if not wrong_arrows(trial, includes)]


def package_names():
    """What tests/packages.sh installs, and what the table in HACKING.md names."""
    script = (TOP / 'tests' / 'packages.sh').read_text()
    lists = re.findall(r"^(?:build|tests)='([^']*)'", script, re.M)
    added = re.findall(r'wanted="\$wanted (\w+)"', script)
    table = re.search(r'^## Packages\n(.*?)^## ', (TOP / 'HACKING.md').read_text(), re.M | re.S).group(1)
    rows = re.findall(r'^\| [^|]*[^-|] \| ([^|]*) \|$', table, re.M)
    named = {name for row in rows for name in row.split(', ')} - {'packages', 'libclang-rt-VERSION-dev'}
    return set(' '.join(lists).split()) | set(added), named


def main():
    tap = figures.Tap()
    design = (TOP / 'DESIGN.md').read_text()
    titles = headings(design)
    decisions = sections(design)

    tap.result('DESIGN.md has its decisions', [] if len(decisions) > 60 else ['only %d' % len(decisions)])
    tap.result('no two headings of DESIGN.md have one address',
               sorted({title for title in titles if [anchor(other) for other in titles].count(anchor(title)) > 1}))
    tap.result('each decision begins with the files that it explains',
               [title for title, text in decisions if not re.match(r'\s*\[`[^`]+`\]\((?:src|www-examples)/[^)]+\)', text)])
    found = [(name, title, rest) for name in sorted(pointing_files())
             for title, rest in pointers((TOP / name).read_text(errors='replace'), titles)]
    tap.result('each pointer to DESIGN.md names one of its headings',
               ['%s: "%s"' % (name, rest) for name, title, rest in found if title is None])
    tap.result('each decision is pointed to',
               [title for title, _ in decisions if title not in {pointed for _, pointed, _ in found}])
    tap.result('links in documents lead somewhere',
               [wrong for name in DOCUMENTS if (TOP / name).exists() for wrong in broken_links(
                   name, lambda at: {anchor(title) for title in headings((TOP / at).read_text())})])
    tap.result('paths that documents name are there',
               [wrong for name in DOCUMENTS if '/' not in name for wrong in lost_paths(name)])
    installed, named = package_names()
    tap.result('HACKING.md names the packages that tests/packages.sh installs',
               ['%s is not named' % name for name in sorted(installed - named)] +
               ['%s is not installed' % name for name in sorted(named - installed)])
    pictures = sorted((TOP / 'doc').glob('*.dot'))
    tap.result('each picture says what its source says',
               [wrong for source in pictures for wrong in lost_labels(source)] if pictures else ['no pictures'])
    drawn = set(ARROW.findall((TOP / 'doc' / 'house.dot').read_text()))
    includes = included_floors()
    tap.result('the arrows of doc/house.dot are the includes', wrong_arrows(drawn, includes))
    tap.result('a wrong arrow in it is found', uncaught_arrows(drawn, includes))
    print('1..%d' % tap.count)
    return 1 if tap.failed else 0


if __name__ == '__main__':
    sys.exit(main())
