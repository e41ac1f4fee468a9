#!/bin/sh
# Checks that the programs accept what README.md tells newcomers to type: each command with its options, and the
# configuration; and that make install puts the worker where the unit starts it.
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd) || exit 99
build=$(cd "${top_builddir:-.}" && pwd) || exit 99
readme=$top/README.md
work=$(mktemp -d "${TMPDIR:-/tmp}/pintle-readme.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
count=0 failed=0

try() { # name, command...: its success is the result
	name=$1
	shift
	count=$((count + 1))
	if "$@" > "$work/said" 2>&1; then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		sed 's/^/# /' "$work/said"
		echo "not ok $count - $name"
	fi
}

# The lines of the code blocks in that language.
block() { # language
	awk -v fence="\`\`\`$1" '/^```/ { inside = $0 == fence; next } inside' "$readme"
}

# With --help nothing is done, but command and options are checked. A placeholder passes as a word.
takes() { # words of a command
	"$build/pintle" "$@" --help
}

{
	block sh | sed -n 's/^pintle /&/p' | sed 's/ *#.*//; s/ >.*//'
	# Commands in sentences and tables, unless they are abbreviated.
	grep -o '`pintle [a-z][^`]*`' "$readme" | tr -d '`'
} | sed 's/^pintle //' | sort -u > "$work/commands"
try 'README.md has commands' [ "$(grep -c . "$work/commands")" -gt 15 ]
while read -r words; do
	case $words in
	'config KIND') words='config nginx' ;;
	esac
	# shellcheck disable=SC2086
	try "pintle $words" takes $words
done < "$work/commands"

# The configuration in README.md.
{
	printf 'issuer = https://www.example.org/auth\nstate_folder = %s/state\n' "$work"
	block ini
} > "$work/pintle.conf"
accepted() {
	"$build/pintle" --config "$work/pintle.conf" init &&
		"$build/pintle" --config "$work/pintle.conf" config nginx --server > "$work/nginx.conf" || return 1
	sed -n 's/^\[guard \(.*\)\]$/\1/p' "$work/pintle.conf" > "$work/guards"
	[ -s "$work/guards" ] && while read -r path; do
		grep -F "# ---- guarded: $path" "$work/nginx.conf" || return 1
	done < "$work/guards"
}
try 'the configuration of README.md guards each of its places' accepted

# The unit that make fills in starts the worker from where make install puts it.
starts_what_is_installed() {
	folder=$(printf 'include Makefile\nsay:\n\t@echo $(libexecdir)\n' | env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s --no-print-directory -C "$build" -f - say)
	[ -n "$folder" ] && grep -Fx "ExecStart=$folder/pintle.fcgi" "$build/www-examples/systemd/pintle.service"
}
# Only the name of the site differs, and nothing of the sandbox.
is_the_template() { # service|socket
	template=$top/www-examples/systemd/pintle@.$1.in
	sed 's/ of %i$//; s/@%i//; s/-%i//g; s| --config @sysconfdir@/pintle/%i.conf||; /^#/d' "$template" > "$work/one.$1"
	sed '/^#/d' "$top/www-examples/systemd/pintle.$1.in" | diff - "$work/one.$1" || return 1
	grep -q '%i' "$template"
}
try 'the service of one of several sites equals that of a single site' is_the_template service
try 'and so does its socket' is_the_template socket
try 'systemd starts the worker where make install puts it' starts_what_is_installed

# Everything that SECURITY.md points to exists.
points_at_what_is_there() {
	grep -oE '(tests|doc)/[A-Za-z0-9_/.-]*[A-Za-z0-9/]' "$top/SECURITY.md" | sort -u > "$work/named"
	[ -s "$work/named" ] && while read -r path; do
		[ -e "$top/$path" ] || { echo "$path"; return 1; }
	done < "$work/named"
}
try 'SECURITY.md names existing tests and files' points_at_what_is_there
echo "1..$count"
[ "$failed" = 0 ]
