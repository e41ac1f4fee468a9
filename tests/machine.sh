#!/bin/sh
# Starts systemd in a folder that holds a Debian root, as process 1 of namespaces of its own
# (mounts, processes, network, names, control groups), runs a command there, and ends all of it. The
# exit status is the command's.
#   sh tests/machine.sh ROOT COMMAND...      as root; 77 where this machine cannot do that
# It needs no systemd outside, nor control groups of version 2 alone: a hierarchy of version 2
# without controllers is enough, and is mounted for it. The network is a loopback of its own.
set -u
root=$(cd "$1" && pwd -P) || exit 99
shift
[ "$(id -u)" = 0 ] && [ -x "$root/lib/systemd/systemd" ] || exit 77

# Version 2 of the control groups, wherever it is mounted; otherwise in a place of our own.
hierarchy=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
own_mount=
if [ -z "$hierarchy" ]; then
	hierarchy=$(mktemp -d) && own_mount=$hierarchy
	mount -t cgroup2 cgroup2 "$hierarchy" || { rmdir "$hierarchy"; exit 77; }
fi
group=$hierarchy/pintle-test.$$
mkdir "$group" || exit 77

end() {
	# The death of the first process is that of the whole namespace.
	[ -z "${first-}" ] || kill -KILL "$first" 2>/dev/null
	[ -z "${outer-}" ] || wait "$outer" 2>/dev/null
	for try in 1 2 3 4 5 6 7 8 9 10; do
		find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
		sleep 0.2
	done
	[ -z "$own_mount" ] || { umount "$own_mount" && rmdir "$own_mount"; }
}
trap end EXIT
trap 'exit 99' HUP INT TERM

# What the first process finds: of this machine it can write nothing but its own files.
# shellcheck disable=SC2016
setup='
root=$1
mount --make-rprivate / && mount --bind "$root" "$root" && cd "$root" || exit 77
mount -t proc proc proc && mount --bind proc/sys proc/sys && mount -o remount,bind,ro proc/sys || exit 77
mount -t sysfs -o ro sysfs sys && mount -t cgroup2 cgroup2 sys/fs/cgroup || exit 77
mount -t tmpfs -o mode=0755 tmpfs dev && mount -t tmpfs -o mode=0755 tmpfs run && mount -t tmpfs tmpfs tmp || exit 77
for device in null zero full random urandom tty; do
	: > "dev/$device" && mount --bind "/dev/$device" "dev/$device" || exit 77
done
mkdir dev/pts dev/shm && mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts || exit 77
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
ip link set lo up
# systemd does not run in a root that is only a chroot(2).
pivot_root . mnt && umount -l mnt || exit 77
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --log-target=journal'

inside() { # command...
	nsenter -t "$first" -m -p -n -u -i -C -r -w env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		DEBIAN_FRONTEND=noninteractive "$@"
}

sh -c 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"' sh "$group" \
	unshare --mount --pid --fork --kill-child --cgroup --net --uts --ipc sh -c "$setup" sh "$root" \
	>/dev/null 2>&1 </dev/null &
outer=$!
first= state=
for try in $(seq 300); do
	kill -0 "$outer" 2>/dev/null || break
	first=$(ps -o pid= --ppid "$outer" | tr -d ' ')
	[ -z "$first" ] || state=$(inside systemctl is-system-running 2>/dev/null)
	case $state in running | degraded) break ;; esac
	sleep 0.2
done
case $state in
running | degraded) ;;
*)
	echo "machine.sh: systemd does not come up here (${state:-it ended})" >&2
	exit 77
	;;
esac
inside "$@"
