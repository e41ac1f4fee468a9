#!/bin/sh
# Checks the model of the rotation rule in every configuration below: what is promised has to hold,
# and what is not promised has to fail, which shows that the model can fail. TAP on standard output.
# Needs spin and a C compiler. PINTLE_BUILD names a folder where `make check` was run: then the
# programs that compare model, C code and promises are run from there too, and report how much they
# compared.
set -u
top_srcdir=$(cd "$(dirname "$0")/../.." && pwd)
export top_srcdir
model=$top_srcdir/tests/model/model.pml
logins=$top_srcdir/tests/model/logins.pml
CC=${CC:-gcc}
work=$(mktemp -d "${TMPDIR:-/tmp}/pintle-spin-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 1

for tool in spin "$CC"; do
	command -v "$tool" >/dev/null && continue
	echo "1..0 # SKIP $tool is not installed"
	exit 0
done

count=0 failed=0 searches=0 sum=0

result() { # ok|not ok, name
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

# Searches everything that can happen; leaves what pan says in `found`. Every search is exhaustive:
# one that was cut short by depth or memory counts as none.
search() { # definitions...
	rm -f pan* ./*.trail found
	spin -a "$@" "$model" >found 2>&1 &&
		"$CC" "-O${PINTLE_MODEL_O:-0}" -w -DSAFETY -DMEMLIM=2048 -o pan pan.c >>found 2>&1 &&
		./pan -E -m1000000 -w22 >>found 2>&1 &&
		! grep -qE 'max search depth too small|search not completed|out of memory' found
}

states() {
	sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' found
}

holds() { # name, definitions...
	name=$1
	shift
	if search "$@" && grep -q 'errors: 0$' found; then
		searches=$((searches + 1)) sum=$((sum + $(states)))
		result ok "$name ($(states) states)"
	else
		sed 's/^/# /' found
		result 'not ok' "$name"
	fi
}

# The error that ends the run has to be exactly the expected one.
fails() { # name, assertion, definitions...
	name=$1 assertion=$2
	shift 2
	search "$@"
	if grep -F 'assertion violated' found | grep -qF "$assertion"; then
		result ok "$name"
	else
		sed 's/^/# /' found
		result 'not ok' "$name"
	fi
}
logout='!(ended)' stays_in='(row==6)'

# A browser at any pace, whose requests and answers are delayed, reordered and lost.
holds 'never logged out: 4 requests at once, D=1, A=1, Q=2' -DK=4 -DD=1 -DA=1 -DQ=2
holds 'never logged out: 3 requests at once, D=2, A=1, Q=4' -DK=3 -DD=2 -DA=1 -DQ=4
holds 'never logged out: 3 requests at once, D=1, A=2, Q=2' -DK=3 -DD=1 -DA=2 -DQ=2
# One request at a time, without limit; requests that were given up on are processed within D.
holds 'never logged out: one at a time, two ghosts, D=2, A=1, Q=4' -DK=1 -DGHOSTS=2 -DD=2 -DA=1 -DQ=4
holds 'never logged out: one at a time, two ghosts, D=Q=2, A=1' -DK=1 -DGHOSTS=2 -DD=2 -DA=1 -DQ=2
# The store loses its last moves, and assumes any age for the last one that remains.
holds 'never logged out: 2 requests at once, two crashes' -DK=2 -DD=1 -DA=1 -DQ=2 -DCRASHES=2
holds 'never logged out: one at a time, a ghost, a crash, D=Q=3' -DK=1 -DGHOSTS=1 -DD=3 -DA=1 -DQ=3 -DCRASHES=1
# A thief that knows every token that existed at the moment of its choice, and knows when to act.
holds 'thief out by the second refresh: A=1, Q=2' -DTHIEF=2 -DK=1 -DA=1 -DQ=2
holds 'thief out by the second refresh: A=2, Q=3' -DTHIEF=2 -DK=1 -DA=2 -DQ=3
holds 'thief out by the second refresh: A=1, Q=4' -DTHIEF=2 -DK=1 -DA=1 -DQ=4
holds 'thief out by the second new serial: victim with 2 requests at once' -DTHIEF=2 -DK=2 -DD=2 -DA=1 -DQ=4
holds 'thief out by the second new serial: victim with 3 requests at once' -DTHIEF=2 -DK=3 -DD=1 -DA=1 -DQ=2
holds 'thief out by the second refresh: victim with two ghosts' -DTHIEF=2 -DK=1 -DGHOSTS=2 -DD=2 -DA=1 -DQ=2

# What is not promised has to be found to fail, or the searches above would mean nothing.
fails 'found: logout where flights last longer than Q/2' "$logout" -DK=2 -DD=2 -DA=1 -DQ=3
fails 'found: logout where a ghost is processed later than Q' "$logout" -DK=1 -DGHOSTS=1 -DD=3 -DA=1 -DQ=2
fails 'found: logout by strict rotation' "$logout" -DRULE=STRICT -DK=2
fails 'found: logout by one successor for a grace period' "$logout" -DRULE=SUCCESSOR -DK=2 -DA=2
fails 'found: logout by parent-aware rotation' "$logout" -DRULE=PARENT -DK=2
fails 'found: thief still in after the first refresh' "$stays_in" -DTHIEF=1 -DK=1
fails 'found: thief still in by one successor for a grace period' "$stays_in" -DTHIEF=2 -DRULE=SUCCESSOR -DK=1
holds 'strict rotation has the thief out by the first refresh' -DTHIEF=1 -DRULE=STRICT -DK=1
holds 'parent-aware rotation has the thief out by the second refresh' -DTHIEF=2 -DRULE=PARENT -DK=1
for row in 1 2 3 4 5; do
	fails "found: row $row is used by an honest browser" "(row!=$row)" -DUNREACHED=$row -DK=2 -DCRASHES=1
done

# Logins in a browser that has a session: delivered, lost, late and repeated, any number of them.
# The bound on sessions never pushes out what the browser holds, if it leaves room for those under
# way.
model=$logins dead='(at!=9)'
holds 'logins, never logged out: 2 requests at once, D=1, A=1, Q=2' -DK=2 -DD=1 -DA=1 -DQ=2
holds 'logins, never logged out: 2 requests at once, D=2, A=1, Q=4' -DK=2 -DD=2 -DA=1 -DQ=4
holds 'logins, never logged out: 2 requests at once, D=1, A=2, Q=2' -DK=2 -DD=1 -DA=2 -DQ=2
holds 'logins, never logged out: 3 requests at once, D=1, A=1, Q=2, no gate cookie' -DK=3 -DD=1 -DA=1 -DQ=2 -DGATE=0
holds 'logins, never logged out: 2 requests at once, a crash' -DK=2 -DCRASHES=1
holds 'logins, never logged out: one at a time, two crashes' -DK=1 -DCRASHES=2
holds 'logins, never pushed out: one at a time, 2 sessions' -DK=1 -DCAP=2 -DPACE=0
holds 'logins, never pushed out: 2 requests at once, 4 sessions' -DK=2 -DCAP=4 -DPACE=0
holds 'logins, thief out by the second refresh: A=1, Q=2' -DTHIEF=2 -DK=1 -DA=1 -DQ=2
holds 'logins, thief out by the second refresh: A=2, Q=3' -DTHIEF=2 -DK=1 -DA=2 -DQ=3
holds 'logins, thief out by the second refresh: A=1, Q=4' -DTHIEF=2 -DK=1 -DA=1 -DQ=4
holds 'logins, thief with a lost answer out by the second refresh after the next login' -DTHIEF=2 -DLOOT=1 -DK=1
if [ -n "${PINTLE_MODEL_LONG-}" ]; then	# up to a minute each, optimized
	PINTLE_MODEL_O=1
	holds 'logins, never logged out: 3 requests at once, D=1, A=1, Q=2' -DK=3 -DD=1 -DA=1 -DQ=2
	holds 'logins, never logged out: 3 requests at once, D=2, A=1, Q=4' -DK=3 -DD=2 -DA=1 -DQ=4
	holds 'logins, never logged out: 2 requests at once, two crashes' -DK=2 -DCRASHES=2
	holds 'logins, never pushed out: each answer passed by another login' -DK=2 -DCAP=5 -DPACE=1
	PINTLE_MODEL_O=0
fi
fails 'found: logout where the older session ends at the first refresh' "$dead" -DLOGIN_RULE=AT_REFRESH -DK=2
fails 'found: logout where only the older session is given no cookie' "$dead" -DLOGIN_RULE=OLD_ALONE -DK=2
fails 'found: logout where an access token ends the older session' "$dead" -DLOGIN_RULE=BY_ACCESS -DK=2
fails 'found: logout where the first login alone begins the quiet period' "$dead" -DLOGIN_RULE=FROM_FIRST -DK=2
fails 'found: logout by logins where flights last longer than Q/2' "$dead" -DK=2 -DD=2 -DA=1 -DQ=3
fails 'found: pushed out where a login is no use of what it carries' '(jar_at!=9)' -DLOGIN_RULE=CARELESS -DK=1 -DCAP=2 \
	-DPACE=0
fails 'found: pushed out where too few sessions are kept' '(jar_at!=9)' -DK=2 -DCAP=3 -DPACE=0
fails 'found: thief still in after the first refresh, with logins' '(completed<1)' -DTHIEF=1 -DK=1
for row in 1 3 4; do
	fails "found: row S$row is used by an honest browser" "$row==$row" -DUNREACHED_LOGIN=$row -DK=2
done
fails 'found: the bound on sessions is met' '5==5' -DUNREACHED_LOGIN=5 -DK=1 -DCAP=2 -DPACE=0

echo "counts: model: $searches exhaustive searches, $sum states"
for program in model/agree unit/core/rotate_honest unit/core/rotate_thief; do
	[ -n "${PINTLE_BUILD-}" ] || break
	if "$PINTLE_BUILD/tests/$program" >found 2>&1; then
		result ok "tests/$program"
		sed -n 's/^# /counts: /p' found
	else
		sed 's/^/# /' found
		result 'not ok' "tests/$program"
	fi
done

echo "1..$count"
[ "$failed" = 0 ]
