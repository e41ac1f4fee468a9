#!/bin/sh
# Runs the long forms of tests that take seconds in the ordinary run, one after the other, and
# reports what they did:
#   sh tests/long.sh [HOURS]        one hour by default; fractions such as 0.1 are possible
# A third of the time goes to kill -9, a third to the storm and the thieves, a third to fuzzing,
# shared by all targets. One hour makes 751 kills; 2,000 need about 2.7 hours. The model with its
# largest searches, and faults of each write, sync and allocation, take some minutes in addition,
# and the other builds (tests/builds.sh) half an hour. It needs what sh tests/packages.sh tests
# installs. Logs are kept in build/long-logs.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
logs=$top/build/long-logs
hours=${1-1}
seconds=$(echo "$hours" | LC_ALL=C awk '/^[0-9]+(\.[0-9]+)?$/ && $1 > 0 { printf "%d", $1 * 3600 }')
if [ -z "$seconds" ]; then
	echo 'usage: long.sh [HOURS]' >&2
	exit 2
fi
part=$((seconds / 3 + 1))
failed=0
unset MAKEFLAGS MAKELEVEL
PYTHONDONTWRITEBYTECODE=1
CCACHE_DIR=$top/build/ccache CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
export PYTHONDONTWRITEBYTECODE CCACHE_DIR CCACHE_NOHASHDIR CCACHE_DEPEND
mkdir -p "$logs" "$top/build/gcc" "$top/build/fuzz" || exit 1

# Runs one, and shows what it counted and, if it failed, the end of its log.
step() { # name, command...
	name=$1
	shift
	began=$(date +%s)
	if "$@" >"$logs/$name.log" 2>&1 </dev/null; then said=ok; else said=FAILED failed=$((failed + 1)); fi
	printf '%-14s%-7s%6d s\n' "$name" "$said" $(($(date +%s) - began))
	sed -n 's/^\.*counts: /    /p' "$logs/$name.log"
	[ "$said" = ok ] || tail -n 40 "$logs/$name.log"
	[ "$said" = ok ]
}

configure_and_make() { # folder, target, arguments of configure...
	cd "$top/build/$1" || return 1
	target=$2
	shift 2
	[ -f Makefile ] || "$top/configure" "$@" || return 1
	make -j2 "$target"
}

end_to_end() { # arguments of pytest...
	cd "$top/tests/e2e" && PINTLE_BUILD=$top/build/gcc /usr/bin/python3 -m pytest -p no:cacheprovider -s -q "$@"
}

fuzz_one() { # target, seconds
	found=$top/build/fuzz/found/$1
	mkdir -p "$found" && cd "$top/build/fuzz" && make -j2 "tests/fuzz/$1_fuzz" || return 1
	"tests/fuzz/$1_fuzz" -max_total_time="$2" -max_len=8192 -close_fd_mask=2 -artifact_prefix="$found-" \
		"$found" "$top/tests/fuzz/corpus/$1"
	status=$?
	# Uses the same names as the others for what it counts.
	tail -n 60 "$logs/fuzz-$1.log" | sed -n "s/^#\([0-9]*\).*DONE *cov: \([0-9]*\).*corp: \([0-9]*\).*/counts: \1 inputs, \2 branches, \3 kept/p"
	return $status
}

[ -x "$top/configure" ] || (cd "$top" && autoreconf -i) || exit 1
step gcc configure_and_make gcc all --enable-werror CC='ccache gcc' || exit 1
step fuzzers configure_and_make fuzz libpintle.a --disable-hardening CC='ccache clang' \
	CFLAGS='-g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' || exit 1

# A kill, and the check of all answers, take about 1.6 seconds.
PINTLE_KILLS=$((part * 10 / 16 + 1)) PINTLE_STORM_SECONDS=$((part / 2))
export PINTLE_KILLS PINTLE_STORM_SECONDS
step kills end_to_end test_durability.py -k kill_9
step storm end_to_end test_storm.py
step thieves end_to_end test_thieves.py
step faults end_to_end test_faults.py
PINTLE_MODEL_LONG=1 step model sh "$top/tests/model/run.sh"
PINTLE_LONG=1 step allocations end_to_end test_allocations.py
step builds sh "$top/tests/builds.sh"
targets=$(cd "$top/tests/fuzz/corpus" && echo *)
# shellcheck disable=SC2086
set -- $targets
for target; do
	step "fuzz-$target" fuzz_one "$target" $((part / $# + 1))
done
[ "$failed" = 0 ] && echo "all passed" || echo "$failed failed; logs in $logs"
[ "$failed" = 0 ]
