#!/usr/bin/python3
"""Figures of the house: how long its functions are, who calls whom, and what is held.

    figures.py [--top DIR] [FLOOR...]      prints the figures, of all floors or of those named
    figures.py [--top DIR] dot [FLOOR]     prints the graph of calls as Graphviz text: the floors, or the modules of one
    figures.py [--top DIR] hold            checks what is held, as a test (TAP)

A module is a .c file with the headers of the same name (foo.h, foo_internal.h). One module depends
on another if it includes its header or mentions a function that it defines. Lines are measured with
tabs of eight columns.
"""
import argparse
import collections
import pathlib
import re
import statistics
import sys

WIDTH = 100
SHORT = 8               # a function used once that is no longer than this may have been cut only to be short
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
HEAD = re.compile(r'(\w+)\s*\(')
WORD = re.compile(r'[A-Za-z_]\w*')
TAG = re.compile(r'\b(?:struct|enum|union)\s+(\w+)\s*\{')


def blank(match):
    """The text of a match as spaces, so that places and lines stay where they are."""
    return re.sub(r'[^\n]', ' ', match.group())


def unquoted(match):
    """As blank(), but a string keeps its quotes: an expression stays one."""
    text = match.group()
    return text[0] + ' ' * (len(text) - 2) + text[-1] if text[0] in '"\'' else blank(match)


def module_of(path):
    """foo.c, foo.h and foo_internal.h are one module."""
    return re.sub(r'_internal$', '', str(pathlib.PurePath(path).with_suffix('')))


class Function:
    def __init__(self, name, module, parameters, lines, static, body):
        self.name, self.module, self.parameters = name, module, parameters
        self.lines, self.static, self.body = lines, static, body


class File:
    """One source file: its text, its code without comments, and the functions that it defines."""

    def __init__(self, root, path):
        self.path = path.relative_to(root)
        self.module = module_of(self.path)
        self.folder = str(self.path.parent)
        self.text = path.read_text()
        self.includes = INCLUDE.findall(self.text)
        self.code = DIRECTIVE.sub(blank, TOKEN.sub(unquoted, self.text))
        self.functions, self.outside = definitions(self)

    def lines(self):
        return self.text.splitlines()

    def comment_lines(self):
        """Numbers of the lines that hold a comment."""
        found = set()
        for match in TOKEN.finditer(self.text):
            if match.group().startswith(('/*', '//')):
                first = self.text.count('\n', 0, match.start())
                found.update(range(first, first + match.group().count('\n') + 1))
        return found


def closing(code, start):
    """Where the brace that opens at start is closed."""
    depth = 0
    for place in range(start, len(code)):
        depth += {'{': 1, '}': -1}.get(code[place], 0)
        if depth == 0:
            return place
    return len(code)


def parameters_of(text):
    """The parameters between the first parenthesis and the one that closes it."""
    depth, parts, begin = 0, [], 0
    for place, char in enumerate(text):
        if char == '(':
            depth += 1
            if depth == 1:
                begin = place + 1
        elif char == ')':
            depth -= 1
            if depth == 0:
                parts.append(text[begin:place])
                break
        elif char == ',' and depth == 1:
            parts.append(text[begin:place])
            begin = place + 1
    parts = [' '.join(part.split()) for part in parts]
    return [] if parts == ['void'] or parts == [''] else parts


def definitions(file):
    """The functions that a file defines, and the code outside them."""
    code, found, outside, place, begin = file.code, [], [], 0, 0
    while True:
        match = re.compile(r'[;{]').search(code, place)
        if not match:
            break
        head = code[begin:match.start()]
        if match.group() == ';':
            outside.append(head)
            place = begin = match.end()
            continue
        end = closing(code, match.start())
        plain = re.sub(r'__attribute__\s*\(\(.*?\)\)', ' ', head, flags=re.S)
        named = HEAD.search(plain)
        if named and '=' not in plain and plain.rstrip().endswith(')'):
            body = code[match.start() + 1:end]
            found.append(Function(named.group(1), file.module, parameters_of(plain[named.start():]),
                                  max(body.count('\n') - 1, 0), bool(re.search(r'\bstatic\b', plain)), body))
            outside.append(plain[named.end():])
            begin = end + 1
        else:
            # A table or a type: what it mentions counts, and it ends at its semicolon.
            outside.append(code[begin:end + 1])
            begin = end + 1
        place = begin
    return found, '\n'.join(outside)


def mentions(code):
    """Names that code calls or passes on: followed by a parenthesis, or used as a value."""
    for match in WORD.finditer(code):
        before = code[:match.start()].rstrip()[-2:] if match.start() else ''
        if before.endswith('.') or before == '->':
            continue
        after = code[match.end():match.end() + 2].lstrip()[:1]
        if after == '(' or ('_' in match.group() and after in (',', ')', ';', '}', '')):
            yield match.group()


def nested_ternaries(code):
    """Lines on which a ternary is nested in another one."""
    found, frames, line = [], [0], 1
    before = ''
    for match in re.finditer(r'\n|[A-Za-z_]\w*|[?(){}\[\],;]', code):
        token = match.group()
        if token == '\n':
            line += 1
            continue
        if token in '([{':
            frames.append(0 if token == '(' and not WORD.fullmatch(before) else None)
            frames.append(0)
        elif token in ')]}' and len(frames) >= 3:
            inner, kind = frames.pop(), frames.pop()
            if kind == 0 and inner:         # grouping parentheses belong to what is around them
                frames[-1] += inner
                if frames[-1] > 1 and inner < frames[-1]:
                    found.append(line)
        elif token in ',;':
            frames[-1] = 0
        elif token == '?':
            frames[-1] += 1
            if frames[-1] > 1:
                found.append(line)
        before = token
    return found


def circles(edges):
    """Groups of nodes that reach one another (Tarjan), each sorted."""
    order, low, stack, found = {}, {}, [], []
    sys.setrecursionlimit(10000)

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in order:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], order[other])
        if low[node] == order[node]:
            group = []
            while not group or group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(edges):
        if node not in order:
            visit(node)
    return sorted(found)


def is_made(path):
    return path.read_bytes().startswith(b'/* Made by ')


class House:
    """All files below src/, the graph of their modules, and the order of floors in floors.sh."""

    def __init__(self, top):
        root = top / 'src'
        # Files that a build in the source folder has made are nobody's writing.
        self.files = [File(root, path) for path in sorted(root.rglob('*.[ch]')) if not is_made(path)]
        self.folders = sorted({file.folder for file in self.files})
        self.order = self.floors(top)
        self.faces = {module_of(face) for face in self.named(top, 'faces')}
        self.functions = [function for file in self.files for function in file.functions]
        self.includes = self.include_edges()
        self.calls, self.uses = self.call_edges()

    @classmethod
    def floors(cls, top):
        return cls.named(top, 'floors')

    @staticmethod
    def named(top, name):
        """A list that floors.sh has under this name; none if it has none."""
        places = [top / 'tests' / 'texts' / 'floors.sh', top / 'tests' / 'floors.sh']
        text = next(place.read_text() for place in places if place.exists())
        found = re.search(r"^%s='([^']*)'" % name, text, re.M)
        return found.group(1).split() if found else []

    def include_edges(self):
        modules = {file.module for file in self.files}
        edges = collections.defaultdict(set)
        for file in self.files:
            for include in file.includes:
                other = module_of(include)
                if other in modules and other != file.module:
                    edges[file.module].add(other)
        return edges

    def call_edges(self):
        owner, edges, uses = {}, collections.defaultdict(collections.Counter), collections.Counter()
        for function in self.functions:
            if not function.static:
                owner[function.name] = function.module
        for file in self.files:
            if file.path.suffix == '.h' and not file.functions:
                continue
            own = {function.name for function in file.functions}
            for code in [function.body for function in file.functions] + [file.outside]:
                for name in mentions(code):
                    if name in own:
                        uses[(file.module, name)] += 1
                    elif name in owner:
                        uses[(owner[name], name)] += 1
                        edges[file.module][owner[name]] += 1
        # A static function that is declared before it is defined was counted once too often.
        for file in self.files:
            for function in file.functions:
                declared = re.findall(r'^static[^;{}()=]*?\b%s\s*\([^;{}]*\)\s*;' % function.name, file.code, re.M)
                uses[(file.module, function.name)] -= len(declared)
        return edges, uses

    def floor(self, module):
        """The position in the stated order of the floor that holds the module, or -1."""
        folder = str(pathlib.PurePath(module).parent)
        names = [name for name in self.order if folder == name or folder.startswith(name + '/')]
        return self.order.index(max(names, key=len)) if names else -1

    def upwards(self, edges):
        return sorted('%s -> %s' % (low, high) for low, others in edges.items() for high in others
                      if self.floor(high) > self.floor(low) and not self.is_face(low, high))

    def is_face(self, low, high):
        """A header that only declares, in the folder of the lower module, which implements it."""
        return high in self.faces and low.startswith(high.rpartition('/')[0] + '/')

    def wide(self, files):
        """(file, line number, whether it is a comment) of each line wider than WIDTH."""
        found = []
        for file in files:
            comments = file.comment_lines()
            for number, line in enumerate(file.lines()):
                if len(line.expandtabs(8)) > WIDTH:
                    found.append((file, number + 1, number in comments))
        return found

    def twice(self, files):
        """Names of functions and of types that are defined in more than one file."""
        where = collections.defaultdict(set)
        for file in files:
            for function in file.functions:
                if function.name != 'main':
                    where[function.name + '()'].add(file.module)
            for tag in TAG.findall(file.code):
                where['struct/enum ' + tag].add(file.module)
        return {name: sorted(modules) for name, modules in sorted(where.items()) if len(modules) > 1}


def share(part, whole):
    return '%d of %d (%.1f %%)' % (part, whole, 100 * part / whole if whole else 0)


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def print_figures(house, name, files):
    functions = [function for file in files for function in file.functions]
    lines = [line for file in files for line in file.lines()]
    wide = house.wide(files)
    print('== %s: %d files, %d lines' % (name, len(files), len(lines)))
    if functions:
        lengths = [function.lines for function in functions]
        counts = [len(function.parameters) for function in functions]
        longest = max(functions, key=lambda function: function.lines)
        most = max(functions, key=lambda function: len(function.parameters))
        small = [function for function in functions
                 if function.lines <= SHORT and house.uses[(function.module, function.name)] == 1]
        print('functions                      %d' % len(functions))
        print('  lines                        median %g, p90 %d, longest %d (%s)'
              % (statistics.median(lengths), percentile(lengths, 0.9), longest.lines, longest.name))
        print('  parameters                   mean %.2f, p90 %d, most %d (%s)'
              % (statistics.mean(counts), percentile(counts, 0.9), len(most.parameters), most.name))
        print('  used once, %d lines or fewer  %s' % (SHORT, share(len(small), len(functions))))
    print('bool * parameters              %d' % sum(1 for function in functions for parameter in function.parameters
                                                    if re.match(r'(const )?bool \*', parameter)))
    print('lines if (err ...)             %d'
          % sum(len(re.findall(r'^.*\bif \(err\b.*$', file.code, re.M)) for file in files))
    print('nested ternaries               %d' % sum(len(nested_ternaries(file.code)) for file in files))
    print('comments                       %s lines'
          % share(sum(len(file.comment_lines()) for file in files), len(lines)))
    print('lines over %d columns         %d, of them comments %d'
          % (WIDTH, len(wide), sum(is_comment for _, _, is_comment in wide)))
    twice = house.twice(files)
    print('names used twice               %d%s' % (len(twice), ''.join(
        '\n    %s: %s' % (name, ', '.join(modules)) for name, modules in twice.items())))
    modules = {file.module for file in files}
    for kind, edges in (('includes', house.includes), ('calls', house.calls)):
        inner = {low: {high for high in others if high in modules} for low, others in edges.items() if low in modules}
        found = circles(inner)
        print('circles by %-19s %d%s' % (kind, len(found), ''.join('\n    ' + ', '.join(group) for group in found)))
    if 'store/internal' in modules:
        print('functions of store/internal.h  %d' % len(re.findall(r'^\w[^;{}()=]*\([^;{}]*\)\s*(?:__attribute__[^;]*)?;',
              next(file for file in files if str(file.path) == 'store/internal.h').code, re.M)))
    print()


def print_house(house):
    print('== the graph of the house')
    floors = collections.Counter()
    for low, others in house.calls.items():
        for high, count in others.items():
            floors[(str(pathlib.PurePath(low).parent), str(pathlib.PurePath(high).parent))] += count
    for low in house.folders:
        parts = ['%s %d' % (high, floors[(low, high)]) for high in house.folders if floors[(low, high)]]
        if parts:
            print('%-14s calls  %s' % (low, ', '.join(parts)))
    folders = collections.defaultdict(set)
    for low, high in floors:
        if low != high:
            folders[low].add(high)
    print('circles of folders by calls    %s' % (circles(folders) or 'none'))
    for kind, edges in (('includes', house.includes), ('calls', house.calls)):
        print('arrows upwards by %-12s %s' % (kind, house.upwards(edges) or 'none'))


def print_dot(house, floor):
    """The graph of calls; labels of arrows say how many, and what belongs to a circle is red."""
    print('digraph "%s" {\n\trankdir=TB\n\tnode [fontname="Helvetica", fontsize=11, shape=box]' % (floor or 'house'))
    edges = collections.Counter()
    for low, others in house.calls.items():
        for high, count in others.items():
            if floor is None:
                low_name, high_name = str(pathlib.PurePath(low).parent), str(pathlib.PurePath(high).parent)
                if low_name != high_name:
                    edges[(low_name, high_name)] += count
            elif low.startswith(floor + '/') and high.startswith(floor + '/'):
                edges[(low[len(floor) + 1:], high[len(floor) + 1:])] += count
    graph = collections.defaultdict(set)
    for low, high in edges:
        graph[low].add(high)
    red = [set(group) for group in circles(graph)]
    for (low, high), count in sorted(edges.items()):
        circle = any(low in group and high in group for group in red)
        print('\t"%s" -> "%s" [label=%d%s]' % (low, high, count, ', color=red' if circle else ''))
    print('}')


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def result(self, name, wrong):
        self.count += 1
        for line in wrong[:40]:
            print('# ' + line)
        if wrong:
            self.failed += 1
        print('%sok %d - %s' % ('not ' if wrong else '', self.count, name))


def hold(house):
    tap = Tap()
    tap.result('no module includes or calls upwards', house.upwards(house.includes) + house.upwards(house.calls))
    tap.result('no circle of modules',
               ['; '.join(group) for edges in (house.includes, house.calls) for group in circles(edges)])
    tap.result('no line over %d columns' % WIDTH,
               ['src/%s:%d' % (file.path, number) for file, number, _ in house.wide(house.files)])
    tap.result('no ternary within another',
               ['src/%s:%d' % (file.path, line) for file in house.files for line in nested_ternaries(file.code)])
    print('1..%d' % tap.count)
    return tap.failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--top', type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    parser.add_argument('words', nargs='*')
    options = parser.parse_args()
    house = House(options.top)
    if options.words[:1] == ['hold']:
        return 1 if hold(house) else 0
    if options.words[:1] == ['dot']:
        print_dot(house, options.words[1] if options.words[1:] else None)
        return 0
    print_figures(house, 'the house', house.files)
    for floor in options.words or [name for name in house.order if (options.top / 'src' / name).is_dir()]:
        print_figures(house, 'src/' + floor, [file for file in house.files
                                              if file.folder == floor or file.folder.startswith(floor + '/')])
    print_house(house)
    return 0


if __name__ == '__main__':
    sys.exit(main())
