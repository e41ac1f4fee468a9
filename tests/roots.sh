# Roots of Debian's releases, for tests/package.sh, tests/builds.sh and tests/container.sh, which
# include this file. $top is the folder of the sources.

can_make_roots() {
	[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null && unshare -m true 2>/dev/null
}

# Makes a root from nothing, in which apt finds its packages and a package starts no daemon.
root_of_release() { # folder, suite, more arguments of debootstrap...
	made=$1 release=$2
	shift 2
	rm -rf "$made"
	debootstrap --variant=minbase "$@" "$release" "$made" || { rm -rf "$made"; return 1; }
	printf '#!/bin/sh\nexit 101\n' > "$made/usr/sbin/policy-rc.d" && chmod 0755 "$made/usr/sbin/policy-rc.d" &&
		cp /etc/hosts /etc/resolv.conf "$made/etc/" || return 1
	# Packages come from wherever this machine gets its own.
	for file in $(grep -ls Proxy /etc/apt/apt.conf.d/*); do cp "$file" "$made/etc/apt/apt.conf.d/" || return 1; done
	[ ! -e /etc/ssl/certs/ca-certificates.crt ] ||
		{ mkdir -p "$made/etc/ssl/certs" && cp /etc/ssl/certs/ca-certificates.crt "$made/etc/ssl/certs/"; }
}

# Runs a command inside a root that has /proc and /dev.
inside() { # root, command...
	root=$1
	shift
	unshare -m sh -c 'root=$1; shift
		mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 99
		exec chroot "$root" "$@"' sh "$root" "$@"
}

sources() { # folder: what git has, or all of a tarball
	mkdir -p "$1"
	if git -C "$top" rev-parse HEAD >/dev/null 2>&1; then
		git -C "$top" archive HEAD | tar -x -C "$1"
	else
		# Without what has been made in it: the roots themselves are there.
		tar -C "$top" --exclude=./build --exclude=node_modules -c . | tar -x -C "$1"
	fi
}
