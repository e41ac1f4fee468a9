#!/bin/sh
# Builds the release as others build it, and runs `make check` each time. Writes TAP.
#   sh tests/builds.sh [NAME...]      by default all: lto o3 o0 fortify fortify-late clang no-spin no-pkg-config
#                                     paths musl i386 armhf, half an hour on two quiet cores
# It needs what sh tests/packages.sh tests installs; in addition i386 needs root, debootstrap and
# mounts, armhf needs qemu-user-static in a root of its own, and musl needs musl-tools; it says so
# when they are missing. All are built from the tarball, in folders beside its sources, which are
# read-only. Roots and folders are kept in build/builds.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 99
. "$top/tests/roots.sh"
work=${PINTLE_BUILDS:-$top/build/builds}
every='lto o3 o0 fortify fortify-late clang no-spin no-pkg-config paths musl i386 armhf'
count=0 failed=0
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- $every
unset MAKEFLAGS MAKELEVEL
PYTHONDONTWRITEBYTECODE=1
CCACHE_DIR=${CCACHE_DIR:-$top/build/ccache} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
export PYTHONDONTWRITEBYTECODE CCACHE_DIR CCACHE_NOHASHDIR CCACHE_DEPEND
mkdir -p "$work" && rm -f "$work"/*.log || exit 99

result() { # ok|not ok, sentence
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

try() { # name, sentence, command...
	name=$1 sentence=$2
	shift 2
	if "$@" >"$work/$name.log" 2>&1 </dev/null; then
		result ok "$name: $sentence"
	elif [ $? = 77 ]; then
		result ok "$name: $sentence # SKIP $(tail -n 1 "$work/$name.log")"
	else
		grep -nE '^(FAIL|ERROR|XPASS)[: ]|^not ok |(warning|[Ee]rror):' "$work/$name.log" | head -n 20 | sed 's/^/# /'
		tail -n 20 "$work/$name.log" | sed 's/^/# /'
		result 'not ok' "$name: $sentence"
		return 1
	fi
}

skip() { # reason
	echo "$1"
	exit 77
}

tarball() { # leaves the sources in $work/src, where nobody may write
	mkdir -p "$work/dist" && cd "$work/dist" && rm -f pintle-*.tar.xz || return 1
	[ -x "$top/configure" ] || (cd "$top" && autoreconf -i) || return 1
	[ -f Makefile ] || "$top/configure" CC='ccache gcc' || return 1
	make dist || return 1
	[ ! -d "$work/src" ] || chmod -R u+w "$work/src"
	rm -rf "$work/src" && mkdir "$work/src" && tar -xf pintle-*.tar.xz -C "$work/src" --strip-components=1 &&
		chmod -R a-w "$work/src"
}

fresh() { # name: makes an empty folder, and enters it
	rm -rf "${work:?}/$1" && mkdir "$work/$1" && cd "$work/$1"
}

# Programs with other flags need not check texts, nor the commands of servers: flags change neither.
checked() { # name, arguments of configure...
	fresh "$1" && shift && "$work/src/configure" "$@" && make -j2 && make -j2 check check_texts=
}

# --enable-werror holds: our own code has to be clean when it is optimized as a whole. In the tests
# the compiler cannot know that a failed assertion does not return.
with_lto() {
	fresh lto && "$work/src/configure" --enable-werror CC='ccache gcc' CFLAGS='-O2 -flto=auto' && make -j2 &&
		make -j2 check check_texts= check_commands= WARN_CFLAGS=-std=c11
}

# A level that is passed to make, after configure has chosen none.
with_late_level() {
	fresh fortify-late && "$work/src/configure" --enable-werror CC='ccache gcc' &&
		make -j2 CFLAGS='-O2 -D_FORTIFY_SOURCE=3' all && make -j2 CFLAGS='-O2 -D_FORTIFY_SOURCE=3' check check_texts= check_commands=
}

# All programs but spin.
without_spin() {
	fresh no-spin && mkdir bin || return 1
	for folder in /usr/sbin /usr/bin /sbin /bin; do
		ln -s "$folder"/* bin 2>/dev/null
	done
	rm -f bin/spin
	(PATH=$work/no-spin/bin && export PATH && ! command -v spin &&
		"$work/src/configure" --enable-werror CC='ccache gcc' && make -j2 && make -j2 check)
}

# A path of the source folder that autoconf cannot handle is reported first; prefix, DESTDIR and
# TMPDIR may have spaces. Paths in a web server's configuration may not: the commands refuse them
# with a sentence.
with_spaces() {
	fresh paths && mkdir 'a b' 'tmp dir' && cp -r "$work/src" 'a b/src' && chmod -R u+w 'a b' || return 1
	if (cd 'a b/src' && ./configure >../said 2>&1); then
		echo 'a source folder with a space in its path was configured'
		return 1
	fi
	grep 'autoconf takes no folder with a space' 'a b/said' || return 1
	rm -rf 'a b/src' && mkdir build && cd build && TMPDIR="$work/paths/tmp dir" && export TMPDIR || return 1
	"$work/src/configure" --enable-werror CC='ccache gcc' --prefix="$work/paths/a b/usr" && make -j2 &&
		make install DESTDIR="$work/paths/dest dir" && make -j2 check check_texts= check_commands= || return 1
	there="$work/paths/dest dir$work/paths/a b/usr"
	[ -x "$there/bin/pintle" ] && [ -x "$there/libexec/pintle.fcgi" ] && [ -r "$there/share/man/man1/pintle.1" ] || return 1
	make uninstall DESTDIR="$work/paths/dest dir" && ! find "$work/paths/dest dir" -type f | grep .
}

# Debian has the C library, but none of our libraries for it: everything is compiled against their
# headers, and nothing is linked.
with_musl() {
	command -v musl-gcc >/dev/null || skip 'musl-tools is not installed'
	fresh musl && mkdir -p include/sys && "$work/src/configure" --enable-werror || return 1
	triplet=$(gcc -print-multiarch)
	for header in fcgiapp.h lmdb.h argon2.h crypt.h cjson openssl qrencode.h zlib.h zconf.h ini.h seccomp.h \
		seccomp-syscalls.h curl unicase.h unictype.h unigbrk.h uninorm.h unistr.h unitypes.h uniwidth.h unistring \
		linux asm asm-generic; do
		for folder in /usr/include "/usr/include/$triplet"; do
			[ ! -d "$folder/$header" ] || { mkdir -p "include/$header" && ln -sf "$folder/$header"/* "include/$header/"; }
			[ ! -f "$folder/$header" ] || ln -sf "$folder/$header" include/
		done
	done
	printf '#define __BEGIN_DECLS\n#define __END_DECLS\n#define __THROW\n' >include/sys/cdefs.h
	make -j2 libpintle.a src/cmd/pintle.o CURL_CFLAGS= CC="musl-gcc -idirafter $work/musl/include"
}

# ---- other machines, in roots made from nothing

may_make_roots() {
	can_make_roots || skip 'a root wants root, debootstrap and mounts'
}

libraries='libfcgi-dev liblmdb-dev libargon2-dev libcjson-dev libssl-dev libinih-dev libseccomp-dev libcurl4-openssl-dev
	zlib1g-dev libunistring-dev libqrencode-dev libcrypt-dev libcmocka-dev'

new_root() { # name, packages, arguments of debootstrap...
	root=$work/$1-root packages=$2
	shift 2
	[ ! -e "$root/ready" ] || return 0
	root_of_release "$root" "${PINTLE_SUITE:-bookworm}" "$@" || return 1
	inside "$root" sh -ec "export DEBIAN_FRONTEND=noninteractive; $packages" && touch "$root/ready"
}

# qemu runs programs for ARM as if they were the machine's own, which a user namespace may set up
# for itself.
inside_with_qemu() { # root, command...
	root=$1
	shift
	unshare -m -U --map-root-user sh -c 'root=$1; shift
		mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" &&
			mount -t binfmt_misc none "$root/proc/sys/fs/binfmt_misc" || exit 77
		printf "%s" ":arm:M::\\x7fELF\\x01\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x28\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:$root/usr/bin/qemu-arm-static:F" \
			>"$root/proc/sys/fs/binfmt_misc/register" || exit 77
		exec chroot "$root" "$@"' sh "$root" "$@"
}

put_sources() { # root
	[ ! -d "$1/src" ] || chmod -R u+w "$1/src"
	rm -rf "$1/src" "$1/build" && cp -r "$work/src" "$1/src" && mkdir "$1/build"
}

on_i386() {
	may_make_roots
	new_root i386 "apt-get update -q; apt-get install -qy --no-install-recommends gcc libc6-dev make pkgconf openssl \
		python3 $(echo $libraries)" --arch=i386 && put_sources "$work/i386-root" || return 1
	inside "$work/i386-root" sh -ec 'cd /build; ../src/configure --enable-werror; make -j2; make -j2 check check_texts='
}

# qemu has no filter of system calls and cannot keep memory out of dumps, and the namespace has one
# user: tests that need these are left out, and so is what takes a quarter of an hour.
on_armhf() {
	may_make_roots
	arm=$(for library in $libraries; do echo "$library:armhf"; done)
	new_root armhf "dpkg --add-architecture armhf; apt-get update -q; apt-get install -qy --no-install-recommends \
		gcc-arm-linux-gnueabihf libc6-dev-armhf-cross make qemu-user-static $(echo $arm)" &&
		put_sources "$work/armhf-root" || return 1
	inside_with_qemu "$work/armhf-root" sh -ec 'cd /build
		../src/configure --host=arm-linux-gnueabihf --enable-werror PKG_CONFIG=false; make -j2
		make -j2 check TESTS="$(make -s list-units | tr " " "\n" | grep -vE "/(sandbox|secret|file|listen|listener|supervise)$" | tr "\n" " ")"'
}

try tarball 'what is released' tarball || { echo "1..$count"; exit 1; }
for build; do
	case $build in
	lto) try lto 'optimized whole (-O2 -flto), with the unit tests' with_lto ;;
	o3) try o3 '-O3' checked o3 --enable-werror CC='ccache gcc' CFLAGS=-O3 ;;
	o0) try o0 '-O0, hardening and all' checked o0 --enable-werror CC='ccache gcc' CFLAGS='-g -O0' ;;
	fortify) try fortify '-D_FORTIFY_SOURCE=3 given in CPPFLAGS' \
		checked fortify --enable-werror CC='ccache gcc' CPPFLAGS=-D_FORTIFY_SOURCE=3 ;;
	fortify-late) try fortify-late '-D_FORTIFY_SOURCE=3 given to make, in CFLAGS' with_late_level ;;
	clang) try clang 'clang' checked clang --enable-werror CC='ccache clang' ;;
	no-spin) try no-spin 'make check where SPIN is not installed' without_spin ;;
	no-pkg-config) try no-pkg-config 'no pkg-config' checked no-pkg-config --enable-werror CC='ccache gcc' PKG_CONFIG=false ;;
	paths) try paths 'spaces in paths' with_spaces ;;
	musl) try musl 'compiled with the headers of musl' with_musl ;;
	i386) try i386 'on i386' on_i386 ;;
	armhf) try armhf 'for armhf, by qemu' on_armhf ;;
	*) echo "builds.sh: there is no build \"$build\"; there are: $every" >&2; exit 2 ;;
	esac
done
echo "1..$count"
[ "$failed" = 0 ]
