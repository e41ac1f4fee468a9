#!/bin/sh
# Installs what pintle needs on Debian 12 or 13, and only what is missing:
#   sh tests/packages.sh build     to build it and to run www-examples/demo.sh
#   sh tests/packages.sh tests     the same, and what the test run needs
# As root or through sudo. It starts nothing: the tests and the demo run private web servers of
# their own.
set -eu

build='gcc libc6-dev make autoconf automake xz-utils
	libfcgi-dev liblmdb-dev libargon2-dev libcjson-dev libssl-dev libinih-dev libseccomp-dev
	libcurl4-openssl-dev zlib1g-dev libunistring-dev libqrencode-dev libcrypt-dev
	nginx curl openssl'
tests='clang ccache libcmocka-dev spin mandoc strace valgrind util-linux
	apache2-bin libapache2-mod-fcgid lighttpd lighttpd-mod-openssl lighttpd-modules-lua
	caddy haproxy chromium php-fpm spawn-fcgi multiwatch
	python3 python3-lmdb python3-pytest python3-yaml python3-jwt python3-authlib python3-cryptography jose
	debootstrap systemd podman crun libnginx-mod-http-js libluajit-5.1-2 apache2-utils whois argon2 oathtool zbar-tools fail2ban'

case ${1-} in
build) wanted=$build ;;
tests) wanted="$build $tests" ;;
*) echo 'usage: packages.sh build|tests' >&2; exit 2 ;;
esac
# Node.js may come from elsewhere, with its own npm, beside which Debian's cannot be installed.
if [ "$1" = tests ]; then
	command -v node >/dev/null || wanted="$wanted nodejs"
	command -v npm >/dev/null || wanted="$wanted npm"
fi

is_installed() { # package
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=
for package in $wanted; do
	is_installed "$package" || missing="$missing $package"
done
# The runtime of clang's sanitizers has clang's version in its package name. The package lists know
# the version, and clang's dependency says which of several is right.
clang_runtime() {
	version=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9][0-9]*\)$/\1/p' | head -n 1)
	[ -n "$version" ] && echo "libclang-rt-$version-dev"
}
runtime=
if [ "$1" = tests ]; then
	runtime=$(clang_runtime) || runtime=
	[ -n "$runtime" ] && is_installed "$runtime" || missing="$missing ${runtime:-clang-runtime}"
fi
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null; then
	as_root=sudo
else
	echo "packages.sh: neither root nor sudo here. As root: apt-get install$missing" >&2
	exit 1
fi

# Debian starts a daemon when its package is installed, unless policy-rc.d forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
	trap '$as_root rm -f "$policy"' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
	$as_root chmod 0755 "$policy"
fi

apt() {
	# shellcheck disable=SC2086
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -y "$@"
}
# The package lists may be old or, in an image, missing.
install() {
	case $missing in
	*clang-runtime*)
		apt update || return 1
		runtime=$(clang_runtime) || { echo 'packages.sh: the package lists name no clang'; return 1; }
		missing="${missing%clang-runtime}$runtime"
		;;
	esac
	# shellcheck disable=SC2086
	apt install --no-install-recommends $missing ||
		{ apt update && apt install --no-install-recommends $missing; }
}

echo "installing:$missing" >&2
if [ -t 2 ]; then
	install >&2
else
	said=$(install 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
fi
