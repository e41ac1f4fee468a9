#!/bin/sh
# Compares tests/texts/requirements.md with requirements.txt and with the tests: every promise names the test that
# shows it.
cd "${top_srcdir:-$(dirname "$0")/../..}/tests/texts" || exit 99
command -v python3 >/dev/null || { echo '1..0 # SKIP no python3'; exit 0; }
exec python3 requirements.py
