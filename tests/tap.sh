#!/bin/sh
# Runs a test program. cmocka 1.1.5 writes "not ok 1 # SKIP what" of a test that was skipped, which TAP counts as a
# failure: here it becomes "ok".
out=$(mktemp) || exit 99
trap 'rm -f "$out"' EXIT
"$@" >"$out"
status=$?
sed 's/^not ok \([0-9]* # SKIP\)/ok \1/' "$out"
exit $status
