#!/bin/sh
# Holds DESIGN.md to the code, and the comments that point into it, links and pictures to what they name.
cd "${top_srcdir:-$(dirname "$0")/../..}/tests/texts" || exit 99
command -v python3 >/dev/null || { echo '1..0 # SKIP no python3'; exit 0; }
exec python3 design.py
