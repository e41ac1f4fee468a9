#!/bin/sh
# Holds the floors of the house: a file may include only from its own floor and
# from floors below it, and each library only where it lives. And nothing lies
# about in the tree that is nobody's to keep there.
set -u
cd "${top_srcdir:-$(dirname "$0")/../..}/src" || exit 99
floors='base crypto token core store web gate cmd'
count=0 failed=0

result() { # ok|not ok, name
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

allowed=
for floor in $floors; do
	allowed="$allowed $floor"
	pattern=$(echo "$allowed" | sed 's/^ //; s/ /|/g')
	wrong=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$floor"/*.[ch] /dev/null 2>/dev/null |
		grep -vE "\"($pattern)/|\"config\\.h\"")
	if [ -n "$wrong" ]; then
		echo "$wrong" | sed 's/^/# /'
		result 'not ok' "src/$floor includes only from its own floor and those below"
	else
		result ok "src/$floor includes only from its own floor and those below"
	fi
done

library() { # floor, what, header pattern
	wrong=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<($3)" --include='*.[ch]' . | grep -v "^./$1/")
	if [ -n "$wrong" ]; then
		echo "$wrong" | sed 's/^/# /'
		result 'not ok' "$2 only in src/$1"
	else
		result ok "$2 only in src/$1"
	fi
}
library gate 'libfcgi' 'fcgi'
library store 'LMDB' 'lmdb'
library crypto 'OpenSSL, argon2 and crypt(3)' 'openssl/|argon2|crypt\.h'
library token 'zlib' 'zlib'
library base 'cJSON and libqrencode' 'cjson/|cJSON|qrencode'
library base 'libunistring' 'uni(case|conv|ctype|gbrk|name|norm|str|types)\.h'
library cmd 'inih, seccomp and libcurl' 'ini\.h|seccomp|linux/seccomp|curl/'

clocks=$(grep -rnE '\b(clock_gettime|gettimeofday|time)\(' --include='*.c' . | grep -vE '^./base/clock\.c|pthread_cond|[a-z_]time\(')
if [ -n "$clocks" ]; then
	echo "$clocks" | sed 's/^/# /'
	result 'not ok' 'clocks are read in base/clock.c only'
else
	result ok 'clocks are read in base/clock.c only'
fi
# A library header may not look out of a header of ours: its types end at the floor.
leaks=$(grep -rnE 'MDB_val|cJSON \*|EVP_PKEY|FCGX_Request' --include='*.h' . | grep -vE '/[a-z_]*internal\.h')
if [ -n "$leaks" ]; then
	echo "$leaks" | sed 's/^/# /'
	result 'not ok' 'no public header shows a type of a library'
else
	result ok 'no public header shows a type of a library'
fi
# A key that lies in the tree is everybody's. Those that RFCs print as examples, and those of stores
# that were made to be carried over, are that on purpose.
cd .. || exit 99
strays=$(find . \( -name node_modules -o -name .git -o -name build \) -prune -o -type f \
	\( -name '-*' -print -o ! -path ./tests/support/rfc_keys.h ! -path ./tests/unit/crypto/signing.c ! -path './tests/fixtures/*' \
	-exec grep -lI -e '-----BEGIN [A-Z ]*PRIVATE KEY' {} + \))
if [ -n "$strays" ]; then
	echo "$strays" | sed 's/^/# /'
	result 'not ok' 'no private key lies in the tree, and no file whose name is an option'
else
	result ok 'no private key lies in the tree, and no file whose name is an option'
fi
echo "1..$count"
[ "$failed" = 0 ]
