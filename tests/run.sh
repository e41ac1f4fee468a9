#!/bin/sh
# Installs what is missing, builds with gcc and with clang, and runs everything:
# unit tests (from the tarball as it is released, with gcc's ASan and UBSan, with
# clang's TSan), floors, manual, the model, the story over real servers, storms,
# thieves, kill -9, and the demonstration. The last line is "N passed, N failed"; the exit status
# says the same.
#   sh tests/run.sh
# Lanes of stages run side by side, because a lane that waits for servers leaves a core to another:
# the programs as they are built; the same under the sanitizers; and the Debian package in fresh
# roots of Debian 12 and 13 (tests/package.sh, which needs root and mounts; PINTLE_SUITES names
# other releases). Stages that need the machine's full speed run last, alone.
# tests/packages.sh lists the Debian packages that are installed where they are missing: gcc, clang,
# ccache, autotools and the libraries; nginx, Apache, lighttpd, Caddy, HAProxy, PHP, spawn-fcgi and
# multiwatch; Chromium, Node.js, Python with pytest and libraries for JWT, jose; SPIN, mandoc,
# strace and valgrind; debootstrap, systemd, podman, crun and fail2ban; curl, openssl, LuaJIT, and
# programs for password hashes, one-time codes and QR codes: about 410 MB to fetch, about 1.7 GB
# installed (to build alone about 75 MB and 300 MB). tests/e2e/package.json lists npm's: about 160
# with what they need, about 250 MB, mostly workerd, below tests/e2e/node_modules. As root, roots of
# Debian 12 and 13 for the package take about 4 GB below build/roots. Nothing is installed
# elsewhere, and no service is started.
# PINTLE_KILLS=2000 and PINTLE_STORM_SECONDS=3600 select the long forms of those two.
# Builds are kept in build/, logs in build/test-logs.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 1
build=$top/build
logs=$build/test-logs
counts=$logs/counts
times=$logs/times
began=$(date +%s)
unset MAKEFLAGS MAKELEVEL
PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED
mkdir -p "$logs" && : >"$counts" && : >"$times" || exit 1

# ---- counting: each reads a stage's log and prints "passed failed skipped"

count_step() { # the stage itself is what passed
	echo 1 0 0
}

count_make() { # automake's summaries: "# PASS:  12"
	awk '/^# (PASS|XFAIL):/ { p += $3 } /^# (FAIL|XPASS|ERROR):/ { f += $3 } /^# SKIP:/ { s += $3 }
		END { print p + 0, f + 0, s + 0 }' "$1"
}

count_tap() { # "ok 1 - what", "not ok 2 - what", "ok 3 # SKIP why"
	awk '/^ok .*# SKIP/ { s++; next } /^ok / { p++ } /^not ok / { f++ } END { print p + 0, f + 0, s + 0 }' "$1"
}

count_pytest() { # "3 failed, 41 passed, 2 skipped, 1 error in 30.12s"
	awk '/(passed|failed|errors?|skipped).* in [0-9.]+s/ {
		for (i = 2; i <= NF; i++) {
			if ($i ~ /^passed/) p = $(i - 1)
			if ($i ~ /^(failed|errors?)/) f += $(i - 1)
			if ($i ~ /^skipped/) s = $(i - 1)
		}
	} END { print p + 0, f + 0, s + 0 }' "$1"
}

# ---- stages

# Runs one stage, records its counts, and shows the end of its log if it failed. It prints
# everything at once when it has ended, because other lanes print too.
stage() { # name, how it is counted, command...
	name=$1 how=$2
	shift 2
	log=$logs/$name.log
	[ ! -t 2 ] || echo "$name ..." >&2
	start=$(date +%s)
	if "$@" >"$log" 2>&1 </dev/null; then status=0; else status=$?; fi
	# shellcheck disable=SC2046
	set -- $("count_$how" "$log")
	# A stage that failed without a failed test, or ran no test, counts as failed.
	if [ "$status" != 0 ] && [ "$2" = 0 ]; then
		[ "$how" = step ] && set -- 0 1 0 || set -- "$1" 1 "$3"
	elif [ $(($1 + $2 + $3)) = 0 ]; then
		set -- 0 1 0
	fi
	echo "$@" >>"$counts"
	said=$(
		printf '%-14s%5d passed %3d failed %3d skipped %5d s\n' "$name" "$1" "$2" "$3" $(($(date +%s) - start)) | tee -a "$times"
		sed -n -e 's/^counts: /    /p' -e 's/^table: //p' "$log"
		[ "$2" != 0 ] || exit 0
		echo "---- of $log:"
		failures "$log"
		echo '---- its end:'
		tail -n 60 "$log"
		echo '----'
	)
	printf '%s\n' "$said"
	[ "$2" = 0 ]
}

# The lines that name what failed, which may be far from the end of the log.
failures() { # log
	grep -nE '^(FAIL|ERROR|XPASS)[: ]|^not ok |^FAILED |: (error|Error|fatal error):' "$1" | head -n 20
}

# A stage whose prerequisite failed counts as one failure, so that nothing is left out silently.
without() { # names
	for name; do
		printf '%-14s%s\n' "$name" '  not run: its prerequisite failed'
		echo 0 1 0 >>"$counts"
	done
}

configure_and_make() { # folder, arguments of configure...
	folder=$build/$1
	shift
	mkdir -p "$folder" && cd "$folder" && "$top/configure" --enable-werror "$@" && make -j2 && make -j2 check TESTS=
}

# Texts are checked once, since they are the same under a sanitizer.
unit_tests() { # folder
	cd "$build/$1" && make -j2 check check_texts=
}

# The commands, the long runs of the rule and the replays of corpora have one thread.
threaded_tests() { # folder
	cd "$build/$1" && make -j2 check TESTS="$(make -s list-units)"
}

# Real servers and workers. PINTLE_BUILD names the programs' build folder.
end_to_end() { # folder, arguments of pytest...
	PINTLE_BUILD=$build/$1
	export PINTLE_BUILD
	shift
	cd "$top/tests/e2e" && /usr/bin/python3 -m pytest -p no:cacheprovider -s -q -ra "$@"
}

node_packages() {
	cd "$top/tests/e2e" && npm ci --no-audit --no-fund
}

autotools() {
	cd "$top" && autoreconf -i
}

the_model() {
	PINTLE_BUILD=$build/gcc sh "$top/tests/model/run.sh"
}

# The release tarball builds and passes all unit tests with read-only sources; then it is installed
# and uninstalled. It contains all of git's files, except those that only git and Debian's builders
# read.
tarball_is_whole() {
	folder=$(make -s distdir >&2 && ls -d pintle-*/ | head -n 1) || return 1
	missing=$(git -C "$top" ls-files | grep -v '^debian/\|^\.gitignore$' | while read -r file; do
		[ -e "$folder$file" ] || echo "$file"
	done)
	rm -rf "$folder"
	[ -z "$missing" ] || { printf 'not in the tarball:\n%s\n' "$missing"; return 1; }
}

tarball() {
	cd "$build/gcc" && { ! git -C "$top" rev-parse HEAD >/dev/null 2>&1 || tarball_is_whole; } && make -j2 distcheck DISTCHECK_CONFIGURE_FLAGS="--enable-werror CC='ccache gcc'"
}

the_demonstration() {
	PINTLE_BUILD=$build/gcc sh "$top/www-examples/demo.sh" --once
}

san='-g1 -O1 -fno-omit-frame-pointer'
ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
TSAN_OPTIONS=halt_on_error=0:exitcode=66
export ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
# The tarball has the files that gcc has compiled before, and is built at the same depth, so that
# ccache finds them.
CCACHE_DIR=$build/ccache CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
export CCACHE_DIR CCACHE_NOHASHDIR CCACHE_DEPEND

if ! stage packages step sh "$top/tests/packages.sh" tests; then
	echo 'The packages that the tests need could not be installed: nothing was built and nothing was tried.'
	echo '0 passed, 1 failed'
	exit 1
fi
case $(curl-config --version) in
*' 8.14.'*) # its own leak, named there
	LSAN_OPTIONS=suppressions=$top/tests/lsan.supp:print_suppressions=0
	export LSAN_OPTIONS
	;;
esac
stage npm step node_packages
stage autotools step autotools

as_it_is_built() {
	if stage gcc step configure_and_make gcc CC='ccache gcc'; then
		stage model tap the_model
		stage e2e pytest end_to_end gcc -m 'not timed and not sanitized'
		stage demo step the_demonstration
		stage tarball make tarball
	else
		without model e2e demo tarball
	fi
}

# Each lane computes while the other one waits for servers.
as_sanitizers_see_it() {
	asan=no tsan=no
	if stage asan step configure_and_make asan --disable-hardening CC=gcc "CFLAGS=$san -fsanitize=address,undefined"; then
		asan=yes
		stage asan-unit make unit_tests asan
	fi
	if stage tsan step configure_and_make tsan --disable-hardening CC=clang "CFLAGS=$san -fsanitize=thread"; then
		tsan=yes
		stage tsan-unit make threaded_tests tsan
	fi
	if [ $asan = yes ]; then
		stage asan-e2e pytest end_to_end asan -m 'not timed and not plain'
	else
		without asan-unit asan-e2e
	fi
	if [ $tsan = yes ]; then
		stage tsan-e2e pytest end_to_end tsan -m 'short and not plain'
	else
		without tsan-unit tsan-e2e
	fi
}

# In separate roots, which mostly need the machine's disk.
in_roots_of_releases() {
	stage package tap sh "$top/tests/package.sh" ${PINTLE_SUITES-}
	stage container tap sh "$top/tests/container.sh"
}
in_roots_of_releases &
as_it_is_built &
as_sanitizers_see_it &
wait
if [ -x "$build/gcc/pintle" ]; then
	stage timed pytest end_to_end gcc -m timed
else
	without timed
fi

# Each was shown as it ended; here all are repeated, the longest first.
echo 'each stage:'
sort -k8,8nr "$times" | awk '{ printf "    %-14s%5d s\n", $1, $8 }'
seconds=$(($(date +%s) - began))
echo "all stages: $((seconds / 60)) min $((seconds % 60)) s"
# shellcheck disable=SC2046
set -- $(awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$counts")
passed=$1 failed=$2 skipped=$3
[ "$skipped" = 0 ] && echo "$passed passed, $failed failed" || echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
