#!/bin/sh
# Runs a test program. For a skipped test cmocka 1.1.5 writes "not ok 1 # SKIP what", which TAP
# counts as a failure: this turns it into "ok".
out=$(mktemp) || exit 99
trap 'rm -f "$out"' EXIT
"$@" >"$out"
status=$?
sed 's/^not ok \([0-9]* # SKIP\)/ok \1/' "$out"
exit $status
