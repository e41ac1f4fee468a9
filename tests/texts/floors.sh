#!/bin/sh
# Checks the floors of the house and their rooms: a file may include only from its own folder and from those
# listed before it, and each library is used in one place only. Also checks that the tree has no stray keys or files.
set -u
cd "${top_srcdir:-$(dirname "$0")/../..}/src" || exit 99
# Floors and rooms, the lowest first. A folder that is not listed counts as its parent, so that a new room is
# held like its floor until it is listed here. figures.py reads this line too.
floors='base crypto core store/limits token conf store/lmdb store/rows store store/care web/http web/who web/pages web/guard web/endpoint web gate worker cmd/term cmd/site cmd/print cmd/move cmd/check cmd/doctor cmd'
# Lower folders that must not be included all the same: FOLDER:LOWER, each including its subfolders.
apart='core:crypto store/limits:crypto cmd:gate'
# Headers that only declare, and that the rooms of their floor below them may include: they implement them.
faces='store/store.h store/txn.h'
count=0 failed=0

result() { # ok|not ok, name
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

# Prints each wrong include as "FILE:LINE: #include ...", after the floor or room of the file.
wrong_includes() {
	find . -name '*.[ch]' -exec grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' /dev/null {} + |
		sed 's|^\./||' | awk -v floors="$floors" -v apart="$apart" -v faces="$faces" '
		# The longest folder listed that holds a path.
		function room_of(path) {
			while (sub(/\/[^\/]*$/, "", path))
				if (path in place)
					return path
			return "nowhere"
		}
		function within(room, folder) { return room == folder || index(room, folder "/") == 1 }
		BEGIN {
			for (i = split(floors, list, " "); i > 0; i--)
				place[list[i]] = i
			pairs = split(apart, list, " ")
			for (i = 1; i <= pairs; i++)
				split(list[i], pair, ":") && (who[i] = pair[1]) && (what[i] = pair[2])
		}
		{
			file = other = $0
			sub(/:.*/, "", file)
			sub(/^[^"]*"/, "", other)
			sub(/".*/, "", other)
			if (other == "config.h")
				next
			room = room_of(file)
			target = room_of(other)
			bad = !(room in place) || !(target in place) ||
			    (place[target] > place[room] && !(within(room, target) && (" " faces " ") ~ (" " other " ")))
			for (i = 1; i <= pairs; i++)
				if (within(room, who[i]) && within(target, what[i]))
					bad = 1
			if (bad)
				print room, $0
		}'
}

# Each of these files includes what it must not, or lies nowhere; only the last is good.
trial=$(mktemp -d "${TMPDIR:-/tmp}/pintle-floors.XXXXXX") || exit 99
try_include() { # file, header
	mkdir -p "$trial/$(dirname "$1")" && echo "#include \"$2\"" > "$trial/$1"
}
try_include base/deep/below.c store/store.h
try_include cmd/check/new/room.c cmd/doctor/doctor.h
try_include cmd/direct.c gate/gate.h
try_include core/rule.c crypto/digest.h
try_include lost/file.c base/slice.h
try_include cmd/check/good.c base/slice.h
caught=$(cd "$trial" && wrong_includes | wc -l)
rm -rf "$trial"
if [ "$caught" -eq 5 ]; then
	result ok 'a wrong include is found, in a subfolder too'
else
	echo "# found $caught of 5"
	result 'not ok' 'a wrong include is found, in a subfolder too'
fi

wrong=$(wrong_includes)
for floor in $floors nowhere; do
	name="src/$floor includes only from itself and from what is listed before it"
	[ "$floor" != nowhere ] || name='every file lies on a floor'
	if here=$(printf '%s\n' "$wrong" | grep "^$floor "); then
		echo "$here" | sed 's/^[^ ]* /# /'
		result 'not ok' "$name"
	else
		result ok "$name"
	fi
done

# The store's operations see rows and transactions: no table, no key and no record's bytes.
below=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"store/(lmdb/|rows/(record|record_field|row_entry|event_entry|counters)\.h)' \
	store/*.[ch])
below="$below$(grep -nE '\b(entry_(get|put|del|ceil|each|next|prev|count|pages)|key_[a-z]+|TABLE_[A-Z_]+)\b' store/*.[ch])"
if [ -n "$below" ]; then
	echo "$below" | sed 's/^/# /'
	result 'not ok' 'no operation of the store sees a table, a key or a record'
else
	result ok 'no operation of the store sees a table, a key or a record'
fi

library() { # floor, what, header pattern
	wrong=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<($3)" --include='*.[ch]' . | grep -vE "^\./($1)/")
	if [ -n "$wrong" ]; then
		echo "$wrong" | sed 's/^/# /'
		result 'not ok' "only src/$1 uses $2"
	else
		result ok "only src/$1 uses $2"
	fi
}
library gate 'libfcgi' 'fcgi'
library "store/(lmdb|limits)" 'LMDB' 'lmdb'
library crypto 'OpenSSL, argon2 and crypt(3)' 'openssl/|argon2|crypt\.h'
library token 'zlib' 'zlib'
library base 'cJSON and libqrencode' 'cjson/|cJSON|qrencode'
library base 'libunistring' 'uni(case|conv|ctype|gbrk|name|norm|str|types)\.h'
library conf 'inih' 'ini\.h'
library worker 'libseccomp and Landlock' 'seccomp|linux/seccomp|linux/landlock'
library cmd 'libcurl' 'curl/'

clocks=$(grep -rnE '\b(clock_gettime|gettimeofday|time)\(' --include='*.c' . | grep -vE '^./base/clock\.c|pthread_cond|[a-z_]time\(')
if [ -n "$clocks" ]; then
	echo "$clocks" | sed 's/^/# /'
	result 'not ok' 'only base/clock.c reads clocks'
else
	result ok 'only base/clock.c reads clocks'
fi
# Our headers show no type of a library: those end at the floor that uses it.
leaks=$(grep -rnE 'MDB_val|cJSON \*|EVP_PKEY|FCGX_Request' --include='*.h' . | grep -vE '/[a-z_]*internal\.h')
if [ -n "$leaks" ]; then
	echo "$leaks" | sed 's/^/# /'
	result 'not ok' 'no public header uses a type of a library'
else
	result ok 'no public header uses a type of a library'
fi
# A private key in the tree is public. That is intended only for the examples of RFCs, and for the sample stores
# of the upgrade tests.
cd .. || exit 99
strays=$(find . \( -name node_modules -o -name .git -o -name build \) -prune -o -type f \
	\( -name '-*' -print -o ! -path ./tests/support/rfc_keys.h ! -path ./tests/unit/crypto/signing.c ! -path './tests/fixtures/*' \
	-exec grep -lI -e '-----BEGIN [A-Z ]*PRIVATE KEY' {} + \))
if [ -n "$strays" ]; then
	echo "$strays" | sed 's/^/# /'
	result 'not ok' 'the tree has no private key, and no file whose name looks like an option'
else
	result ok 'the tree has no private key, and no file whose name looks like an option'
fi
echo "1..$count"
[ "$failed" = 0 ]
