#!/bin/sh
# Measures and shows: builds what is missing, starts everything itself, and leaves bench.json,
# bench.md and bench.svg in the build folder. Arguments name measurements (default: all); README.md
# in this folder describes them.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${PINTLE_BUILD:-$top/build/gcc}

if [ ! -f "$build/Makefile" ]; then
	[ -f "$top/configure" ] || (cd "$top" && autoreconf -i)
	mkdir -p "$build"
	(cd "$build" && "$top/configure" --enable-werror)
fi
make -C "$build" -s all tests/bench/argon2 tests/bench/fill tests/bench/hello
for tool in wrk nginx; do
	command -v "$tool" >/dev/null || { echo "$0: $tool is not installed: sh tests/packages.sh tests" >&2; exit 1; }
done
# The stack that Express is measured with; without node, or without the network, less is measured.
if command -v npm >/dev/null; then
	[ -d "$top/tests/e2e/node_modules/express" ] ||
		(cd "$top/tests/e2e" && npm ci --no-audit --no-fund --silent) || echo "$0: no Express" >&2
	[ -d "$build/bench-npm/node_modules/better-sqlite3" ] ||
		(mkdir -p "$build/bench-npm" && cd "$build/bench-npm" &&
		npm install --no-audit --no-fund --silent better-sqlite3@12) || echo "$0: no better-sqlite3" >&2
	[ ! -d "$build/bench-npm/node_modules/better-sqlite3" ] ||
		export SQLITE="$build/bench-npm/node_modules/better-sqlite3"
fi
PINTLE_BUILD=$build exec /usr/bin/python3 "$top/tests/bench/bench.py" "$@"
