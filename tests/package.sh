#!/bin/sh
# Builds the Debian package in a root of a release made from nothing, installs it in another, and
# walks from `apt install` to a guarded site: beside an existing site, with nginx and with Apache.
# Writes TAP.
# The unit tests run as the package is built; in a release other than this machine's the
# demonstration runs as well.
# Then the package of an old version is upgraded while a crowd uses the site, where systemd is
# process 1 of its own namespaces (tests/machine.sh), and the units are tested for what they
# promise.
#   sh tests/package.sh [bookworm] [trixie]      as root, with debootstrap; by default both
# Roots are kept in build/roots, and made anew when they are missing.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 99
. "$top/tests/roots.sh"
roots=${PINTLE_ROOTS:-$top/build/roots}
log=$roots/log
count=0 failed=0
own=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
[ $# -gt 0 ] || set -- bookworm trixie
if ! can_make_roots; then
	echo '1..0 # SKIP this needs root, debootstrap and mounts'
	exit 0
fi
if [ ! -d "$top/debian" ]; then
	echo 'ok 1 - the package # SKIP a tarball has no debian/: git has'
	echo 1..1
	exit 0
fi
mkdir -p "$roots" && : > "$log" || exit 99

result() { # ok|not ok, sentence
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

try() { # sentence, command...: shows its output only if it fails, except figures
	sentence=$1
	shift
	if "$@" >"$roots/said" 2>&1; then
		grep '^counts:' "$roots/said"
		result ok "$sentence"
	else
		tail -n 40 "$roots/said" | sed 's/^/# /'
		result 'not ok' "$sentence"
		return 1
	fi
}

# As inside(), with no network but its own loopback.
alone() { # root, command...
	root=$1
	shift
	unshare -m -n sh -c 'root=$1; shift
		ip link set lo up && mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 99
		exec chroot "$root" "$@"' sh "$root" "$@"
}

base_root() { # suite
	[ -e "$roots/$1-base/etc/debian_version" ] || root_of_release "$roots/$1-base" "$1"
}

package() { # suite
	build=$roots/$1-build
	rm -rf "$build" && cp -a "$roots/$1-base" "$build" && sources "$build/src/pintle" &&
		cp -r "$build/src/pintle" "$build/src/kept" || return 1
	inside "$build" sh -ec 'export DEBIAN_FRONTEND=noninteractive
		apt-get update -q && apt-get install -qy --no-install-recommends build-essential debhelper devscripts equivs fakeroot
		cd /src/pintle && mk-build-deps -i -r -t "apt-get -qy --no-install-recommends" debian/control
		DEB_BUILD_OPTIONS="parallel=2" dpkg-buildpackage -us -uc -b' || return 1
	cp "$build"/src/pintle_*.deb "$roots/$1.deb"
}

is_lintian_content() { # suite
	inside "$roots/$1-build" sh -ec 'export DEBIAN_FRONTEND=noninteractive; apt-get install -qy --no-install-recommends lintian
		cd /src && lintian --fail-on error,warning pintle_*.changes'
}

# As the release's own parser reads it: includes and rules differ between releases. What the profile permits is not
# tried: that needs a kernel with AppArmor.
has_a_valid_profile() { # suite
	inside "$roots/$1-build" sh -ec 'export DEBIAN_FRONTEND=noninteractive; apt-get install -qy --no-install-recommends apparmor
		apparmor_parser -Q -K -S /src/kept/debian/apparmor > /src/profile && [ -s /src/profile ]'
}

plays_the_story() { # suite
	inside "$roots/$1-build" sh -ec 'export DEBIAN_FRONTEND=noninteractive; rm -rf /src/demo; mkdir /src/demo; cp -r /src/kept/. /src/demo
		cd /src/demo && sh tests/packages.sh build && sh www-examples/demo.sh --once'
}

fresh() { # suite
	walk=$roots/$1-walk
	rm -rf "$walk" && cp -a "$roots/$1-base" "$walk" && cp "$roots/$1.deb" "$walk/root/pintle.deb" &&
		cp "$top/tests/package_walk.sh" "$walk/root/"
}

installs() { # suite
	inside "$roots/$1-walk" sh -ec 'export DEBIAN_FRONTEND=noninteractive; find / -xdev \( -path /proc -o -path /dev -o -path /tmp \) \
			-prune -o -print | sort > /root/before
		apt-get update -q && apt-get install -qy --no-install-recommends /root/pintle.deb'
}

has_servers() { # suite
	inside "$roots/$1-walk" sh -ec 'export DEBIAN_FRONTEND=noninteractive
		apt-get install -qy --no-install-recommends nginx-light apache2 curl openssl iproute2 procps'
}

walks() { # suite, nginx|apache
	alone "$roots/$1-walk" sh /root/package_walk.sh "$2"
}

# ---- with systemd, from a version long ago

# The last commit whose store has the oldest schema that is carried over.
before=35ab64128b16e5fc3978fb0c0082295ebdf75e56

# That commit had units and no debian/: it is given today's, without the parts that it did not have.
package_before() { # suite
	[ ! -e "$roots/$1-before.deb" ] || return 0
	folder=$roots/$1-build/src/before
	rm -rf "$folder" && mkdir "$folder" && git -C "$top" archive "$before" | tar -x -C "$folder" &&
		cp -r "$top/debian" "$folder/" && cp "$folder"/www-examples/systemd/pintle.s* "$folder/debian/" &&
		sed -i '1s/(.*)/(0.0.1)/' "$folder/debian/changelog" || return 1
	printf '#!/usr/bin/make -f\n%%:\n\tdh $@\n\noverride_dh_installsystemd:\n\tdh_installsystemd --no-enable --no-start\n' \
		> "$folder/debian/rules"
	inside "$roots/$1-build" sh -ec 'cd /src/before && DEB_BUILD_OPTIONS="nocheck parallel=2" dpkg-buildpackage -us -uc -b' &&
		cp "$roots/$1-build"/src/pintle_0.0.1_*.deb "$roots/$1-before.deb"
}

# All that the two packages need is installed or fetched here: under systemd there is no network.
root_with_systemd() { # suite
	machine=$roots/$1-systemd
	rm -rf "$machine" && cp -a "$roots/$1-base" "$machine" && cp "$roots/$1.deb" "$machine/root/pintle.deb" &&
		cp "$roots/$1-before.deb" "$machine/root/before.deb" && cp "$top"/tests/package_systemd.sh "$top"/tests/package_load.py "$machine/root/" || return 1
	inside "$machine" sh -ec 'export DEBIAN_FRONTEND=noninteractive
		apt-get update -q && apt-get install -qy --no-install-recommends systemd dbus nginx-light curl openssl iproute2 \
			procps python3-minimal libpython3-stdlib adduser
		for file in before pintle; do apt-get install -qy --no-install-recommends --download-only "/root/$file.deb"; done
		rm /usr/sbin/policy-rc.d'
}

# What package_systemd.sh reports of a part, with the release in front.
under_systemd() { # suite, part
	sh "$top/tests/machine.sh" "$roots/$1-systemd" sh /root/package_systemd.sh "$2" > "$roots/told" 2>&1
	status=$?
	while read -r line; do
		case $line in
		'ok - '*) result ok "$1: ${line#ok - }" ;;
		'not ok - '*) result 'not ok' "$1: ${line#not ok - }" ;;
		counts:*) echo "$line ($1)" ;;
		*) echo "# $line" ;;
		esac
	done < "$roots/told"
	# No result is no success.
	[ "$status" != 77 ] || result ok "$1: $2 # SKIP systemd does not come up here"
	[ "$status" = 77 ] || grep -q '^\(not \)\{0,1\}ok - ' "$roots/told" || result 'not ok' "$1: $2 (status $status)"
}

with_systemd() { # suite
	git -C "$top" cat-file -e "$before" 2>/dev/null ||
		{ result ok "$1: with systemd # SKIP no sources of the old version"; return; }
	try "$1: the package of an old version" package_before "$1" &&
		try "$1: a root with systemd" root_with_systemd "$1" || return
	for part in upgrade units reboot purge; do under_systemd "$1" "$part"; done
}

purges() { # suite
	inside "$roots/$1-walk" sh -ec 'export DEBIAN_FRONTEND=noninteractive; apt-get purge -qy pintle
		left=$(find /etc /usr /var /run -xdev -path "*pintle*" | grep -v "^/etc/pintle\|^/var/lib/pintle\|/var/log\|/etc/nginx/\|/etc/apache2/" || true)
		[ -z "$left" ] || { echo "$left"; exit 1; }'
}

for suite; do
	try "$suite: a root is created from nothing" base_root "$suite" || continue
	try "$suite: the package is built" package "$suite" || continue
	try "$suite: lintian finds nothing" is_lintian_content "$suite"
	try "$suite: the profile for AppArmor is valid" has_a_valid_profile "$suite"
	[ "$suite" = "$own" ] || try "$suite: the demonstration" plays_the_story "$suite"
	try "$suite: a fresh root for it" fresh "$suite" || continue
	try "$suite: apt install" installs "$suite" || continue
	try "$suite: nginx and Apache are installed" has_servers "$suite" || continue
	try "$suite: from init to a guarded site beside an existing one, with nginx" walks "$suite" nginx
	try "$suite: the same with Apache" walks "$suite" apache
	try "$suite: purge leaves what the administrator made, and nothing else" purges "$suite"
	with_systemd "$suite"
done
echo "1..$count"
[ "$failed" = 0 ]
