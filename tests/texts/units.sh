#!/bin/sh
# The units as they are built: what systemd itself says of how far they are locked in (1.5 of 10 or better), that it
# finds nothing wrong in them, and that they can write their state. That they do it in earnest is tried by tests/package_systemd.sh.
set -u
build=$(cd "${top_builddir:-.}" && pwd) || exit 99
units=$build/www-examples/systemd
count=0 failed=0
if ! command -v systemd-analyze >/dev/null || ! systemd-analyze security --help | grep -q -e --threshold; then
	echo '1..0 # SKIP no systemd-analyze of systemd 250 or later'
	exit 0
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/pintle-units.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

try() { # name, command...
	name=$1
	shift
	count=$((count + 1))
	if "$@" > "$work/said" 2>&1; then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		tail -n 20 "$work/said" | sed 's/^/# /'
		echo "not ok $count - $name"
	fi
}

is_locked_in() { # unit
	systemd-analyze security --no-pager --offline=yes --threshold=15 "$units/$1"
}

# With programs of this machine in the place of the worker, which is not installed yet. A word about a unit is a fault.
is_well_formed() { # unit without its kind
	for kind in service socket; do
		sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$units/$1.$kind" > "$work/$(echo "$1" | sed 's/@$/@site/').$kind"
	done
	systemd-analyze verify --man=no "$work/$(echo "$1" | sed 's/@$/@site/').service" > "$work/words" 2>&1
	! grep pintle "$work/words"
}

# All but the state is closed to it: where init puts the state by default, under any --prefix, is to be open.
opens_its_state() { # unit, the state folder's name
	grep -Fx -e "ReadWritePaths=-$state/$2" "$units/$1"
}

# The paths of this build, as its Makefile has them: ${prefix}/var.
# shellcheck disable=SC2034
prefix=$(sed -n 's/^prefix = //p' "$build/Makefile")
state=$(eval "echo \"$(sed -n 's/^localstatedir = //p' "$build/Makefile")\"")/lib
try 'pintle.service: the state of this build is open to it' opens_its_state pintle.service pintle
try 'pintle-authorizer.service: so it is' opens_its_state pintle-authorizer.service pintle
try 'pintle@.service: so is that of its site' opens_its_state pintle@.service pintle-%i
for unit in pintle pintle-authorizer pintle@; do
	try "$unit.service: 1.5 or better" is_locked_in "$unit.service"
	try "$unit: its units are valid" is_well_formed "$unit"
done
echo "1..$count"
[ "$failed" = 0 ]
