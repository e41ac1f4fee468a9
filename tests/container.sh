#!/bin/sh
# Builds the image of the Containerfile with podman, and runs it as its README says: not as root,
# without network or capabilities, with the image read-only. Writes TAP.
#   sh tests/container.sh [SUITE]      as root; the base image is made from
#                                      build/roots/SUITE-base, which tests/package.sh
#                                      leaves; no registry is asked
# Podman's store is below build/, and is removed at the end.
set -u
top=$(cd "$(dirname "$0")/.." && pwd) || exit 99
. "$top/tests/roots.sh"
suite=${1:-trixie}
roots=${PINTLE_ROOTS:-$top/build/roots}
store=$top/build/podman
count=0 failed=0
image=localhost/pintle:$suite

skip() { # why
	echo "ok 1 - the image # SKIP $1"
	echo 1..1
	exit 0
}

# crun does not accept a hybrid of the two versions of control groups, so podman gets version 2
# alone, in mounts of its own. Limits stay as they are: in many containers even root may not raise
# them.
pod() { # arguments of podman...
	unshare -m --propagation private sh -c '
		{ grep -q " /sys/fs/cgroup cgroup2 " /proc/mounts || { umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup; }; } &&
			exec podman "$@"' sh --root "$store/root" --runroot "$store/run" --storage-driver "$driver" "$@"
}

# As README.md says, with what a test needs in addition.
run() { # arguments of podman run...
	pod run --cgroups=disabled --ulimit "nofile=$(ulimit -n):$(ulimit -n)" --ulimit "nproc=4096:4096" \
		--network none --read-only --cap-drop all --security-opt no-new-privileges --user "${user-931:33}" \
		-v pintle-etc:/etc/pintle -v pintle-state:/var/lib/pintle -v pintle-run:/run/pintle "$@"
}

try() { # sentence, command...
	sentence=$1
	shift
	count=$((count + 1))
	( set -e; "$@" ) >"$store/said" 2>&1
	if [ $? = 0 ]; then
		echo "ok $count - $sentence"
	else
		failed=$((failed + 1))
		tail -n 40 "$store/said" | sed 's/^/# /'
		echo "not ok $count - $sentence"
	fi
}

[ "$(id -u)" = 0 ] || skip 'building an image wants root here'
command -v podman >/dev/null || skip 'podman is not here'
[ -d "$top/debian" ] || skip 'a tarball has no debian/: git has'
[ -e "$roots/$suite-base/etc/debian_version" ] || skip "tests/package.sh has made no root of $suite"
rm -rf "$store" && mkdir -p "$store/context" || exit 99
export DISABLE_HC_SYSTEMD=true
# Overlaid layers where the file system supports them; otherwise a full copy for each.
for driver in overlay vfs; do
	pod info >"$store/said" 2>&1 && break
	rm -rf "$store/root" "$store/run"
done
pod info >"$store/said" 2>&1 || { sed 's/^/# /' "$store/said"; skip 'podman does not run here'; }

end() {
	pod rm -f -a -t 5 >/dev/null 2>&1
	umount -R "$store/root/overlay" "$store/root" 2>/dev/null
	rm -rf "$store"
}
trap end EXIT
trap 'exit 99' HUP INT TERM

base() {
	tar -C "$roots/$suite-base" --exclude=./var/cache/apt/archives/\*.deb -c . | pod import - localhost/base:"$suite"
	sources "$store/context"
}

builds() {
	pod build --format docker --isolation chroot --network host --build-arg BASE=localhost/base:"$suite" -t "$image" "$store/context"
}

is_not_root() {
	[ "$(pod inspect --type image --format '{{.Config.User}}' "$image")" = 931:931 ]
	pod inspect --type image --format '{{.Config.Volumes}}' "$image" | grep /var/lib/pintle
	pod inspect --type image "$image" | grep -i healthcheck
}

inits() {
	run --rm "$image" pintle init --issuer https://www.example.org/auth
	echo 'correct horse battery staple' | run --rm -i "$image" pintle user add ada --password-stdin
}

starts() {
	run -d --name site "$image"
	for try in $(seq 50); do
		if pod exec site /usr/libexec/pintle-health 2>/dev/null; then break; fi
		sleep 0.2
	done
	pod healthcheck run site
	[ "$(pod exec site id -u)" = 931 ]
	! pod exec site touch /usr/x || { echo 'the image can be written'; return 1; }
	pod exec site pintle check
	socket=$(pod volume inspect --format '{{.Mountpoint}}' pintle-run)/pintle.sock
	[ "$(stat -c '%u %g %a' "$socket")" = '931 33 660' ] || { stat "$socket"; return 1; }
	pod logs site 2>&1 | grep worker_started
	! pod logs site 2>&1 | grep sandbox_not_entered
}

# A login through the socket, from a container that has nothing else of the site, as the web
# server's user there.
serves() {
	# shellcheck disable=SC2016
	user=33:33 run --rm "$image" sh -c '
		body="{\"username\":\"ada\",\"password\":\"correct horse battery staple\"}"
		export GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD=POST SCRIPT_NAME=/auth/login
		export CONTENT_TYPE=application/json CONTENT_LENGTH=${#body} REMOTE_ADDR=192.0.2.7
		printf %s "$body" | cgi-fcgi -bind -connect /run/pintle/pintle.sock' > "$store/answer"
	grep -q '^Status: 200' "$store/answer" || { cat "$store/answer"; return 1; }
	grep -q access_token "$store/answer"
}

# A new container of a new image, with the volumes of the old one.
goes_on() {
	pod stop -t 20 site
	[ "$(pod inspect --format '{{.State.ExitCode}}' site)" = 0 ]
	pod rm site
	starts
	pod exec site pintle session list --user ada | grep ada
	serves
}

is_seen_to_be_ill() {
	pod exec site sh -c 'mv /var/lib/pintle/keys /var/lib/pintle/away'
	pod stop -t 20 site
	pod rm site
	run -d --name site "$image"
	sleep 1
	! pod exec site /usr/libexec/pintle-health
}

try "$suite: a base image from a root made from nothing" base
try "$suite: the image is built" builds
if [ "$failed" = 0 ]; then
	try "$suite: it names a user that is not root, its volumes and its health check" is_not_root
	try "$suite: init and a user, by containers of one command" inits
	try "$suite: it serves, read-only and locked in, and its health check says so" starts
	try "$suite: somebody logs in at the socket, as the web server does" serves
	try "$suite: another container goes on with the volumes" goes_on
	try "$suite: without keys it is no longer healthy" is_seen_to_be_ill
fi
echo "1..$count"
[ "$failed" = 0 ]
