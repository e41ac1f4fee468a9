#!/bin/sh
# Runs the real `pintle` and, as CGI, the real `pintle.fcgi`, in a private folder.
command -v python3 >/dev/null || { echo '1..0 # SKIP no python3'; exit 0; }
exec python3 "${top_srcdir:-$(dirname "$0")/..}/tests/cmd.py" "${top_builddir:-.}"
