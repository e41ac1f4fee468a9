#!/bin/sh
# Checks the manual pages by mandoc's rules. tests/unit/cmd/manual compares their settings, commands, reasons and
# exit statuses with the program's tables.
set -u
cd "${top_srcdir:-$(dirname "$0")/../..}/doc" || exit 99
command -v mandoc >/dev/null || { echo '1..0 # SKIP no mandoc'; exit 0; }
count=0 failed=0
for page in *.[1-8]; do
	count=$((count + 1))
	if said=$(mandoc -T lint -W warning "$page"); then
		echo "ok $count - $page is valid mdoc"
	else
		failed=$((failed + 1))
		echo "$said" | sed 's/^/# /'
		echo "not ok $count - $page is valid mdoc"
	fi
done
echo "1..$count"
[ "$failed" = 0 ]
