#!/bin/sh
# The package under systemd, run where systemd is process 1 (tests/machine.sh) of a root of its own:
#   sh package_systemd.sh upgrade     /root/before.deb with a crowd, then /root/pintle.deb
#   sh package_systemd.sh units       what the units promise, on that site
#   sh package_systemd.sh reboot      the same site after the machine was started again
#   sh package_systemd.sh purge       what is left
# Each line that begins with "ok - " or "not ok - " is one result; the others say more about it.
set -u
host=www.example.org
failed=0

try() { # sentence, command...: shows its output only if it fails, except figures
	sentence=$1
	shift
	# Not as a condition of "if", where "set -e" means nothing.
	( set -e; "$@" ) >/root/said 2>&1
	if [ $? = 0 ]; then
		grep '^counts:' /root/said
		echo "ok - $sentence"
	else
		failed=1
		tail -n 30 /root/said
		echo "not ok - $sentence"
	fi
}

https() { curl -sS --cacert /root/site.pem --max-time 30 "$@"; }
status() { https -o /root/page -w '%{http_code}\n' "$@"; }
same() { [ "$1" = "$2" ] || { echo "$3: $1, not $2"; return 1; }; }
pid_of() { systemctl show -p MainPID --value "$1"; }

login() { # jar, host
	rm -f "$1"
	same "$(status -c "$1" -H 'Content-Type: application/json' \
		-d '{"username":"ada","password":"correct horse battery staple"}' "https://${2-$host}/auth/login")" 200 'the login'
}

# Waits until it is so, for ten seconds at most.
soon() { # command...
	for try in $(seq 100); do
		if "$@"; then return 0; fi
		sleep 0.1
	done
	echo "not in ten seconds: $*"
	return 1
}

# ---- upgrade

install_it() { # file
	apt-get install -qy --no-install-recommends "$1"
}

the_site() {
	printf '127.0.0.1 localhost %s wiki.example.org\n::1 localhost\n' "$host" > /etc/hosts
	mkdir -p /srv/www/app && echo 'the application' > /srv/www/app/index.html
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$host" \
		-addext "subjectAltName=DNS:$host,DNS:wiki.example.org" -keyout /root/site.key -out /root/site.pem
	rm -f /etc/nginx/sites-enabled/default
}

starts_nothing() {
	same "$(systemctl is-active pintle.socket)" inactive pintle.socket
	same "$(systemctl is-active pintle.service)" inactive pintle.service
	[ ! -e /etc/pintle/pintle.conf ]
}

# As its README said.
set_up_before() {
	pintle init --issuer "https://$host/auth" --owner pintle
	echo 'correct horse battery staple' | pintle user add ada --groups staff --password-stdin
	printf '\n[cookies]\ngate_cookie = yes\n[guard /app/]\nfiles = /srv/www/app\n' >> /etc/pintle/pintle.conf
	systemctl enable --now pintle.socket
	pintle config nginx --certificate /root/site.pem --key /root/site.key > /etc/nginx/conf.d/pintle.conf
	nginx -t
	systemctl restart nginx
	login /root/jar
	case $(https -b /root/jar "https://$host/app/") in *'the application'*) ;; *) return 1 ;; esac
}

crowd_begins() {
	rm -rf /root/load && mkdir /root/load
	python3 /root/package_load.py "https://$host" /root/site.pem 'ada:correct horse battery staple' /root/load \
		> /root/load/said 2>&1 &
	echo $! > /root/load/pid
	soon test -e /root/load/going || { cat /root/load/said; return 1; }
	sleep 2
}

crowd_is_content() {
	sleep 2
	touch /root/load/stop
	soon sh -c '! kill -0 "$(cat /root/load/pid)" 2>/dev/null'
	cat /root/load/said
	grep -q '^counts:.* 0 wrong$' /root/load/said
}

takes_the_new_program() {
	old=$(pid_of pintle.service)
	install_it /root/pintle.deb
	new=$(pid_of pintle.service)
	[ "$old" != 0 ] && [ "$new" != 0 ] && [ "$old" != "$new" ] || { echo "the worker: $old, then $new"; return 1; }
	same "$(readlink "/proc/$new/exe")" /usr/libexec/pintle.fcgi 'the program'
	ls /var/lib/pintle/db/schema-3.backup
}

who_was_signed_in_is() {
	same "$(status -b /root/jar "https://$host/app/")" 200 'a guarded page'
	same "$(status -b /root/jar -c /root/jar -X POST "https://$host/auth/refresh")" 200 'a refresh'
	pintle check
}

upgrade() {
	the_site >/dev/null 2>&1
	try 'the package of the version before is installed' install_it /root/before.deb
	try 'a package starts nothing' starts_nothing
	try 'its README leads to a guarded site under systemd' set_up_before
	try 'a crowd is there' crowd_begins
	try 'apt install of the new version: the worker is the new program' takes_the_new_program
	try 'meanwhile nobody was logged out, and no request was lost' crowd_is_content
	try 'who had been signed in before still is' who_was_signed_in_is
}

# ---- units

starts_with_the_first_request() {
	systemctl stop pintle.service
	same "$(systemctl is-active pintle.socket)" active 'the socket'
	same "$(systemctl is-active pintle.service)" inactive 'the worker'
	same "$(status "https://$host/auth/health")" 200 'the first request'
	same "$(systemctl is-active pintle.service)" active 'the worker'
}

# A field of the worker's /proc/PID/status.
of_worker() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$(pid_of pintle.service)/status"; }

is_locked_in() {
	worker=$(pid_of pintle.service)
	same "$(of_worker Uid | cut -f 1)" "$(id -u pintle)" 'its user'
	same "$(of_worker CapBnd)" 0000000000000000 'its capabilities'
	same "$(of_worker NoNewPrivs)" 1 'no new privileges'
	same "$(of_worker Seccomp)" 2 'its filter'
	[ "$(readlink "/proc/$worker/ns/net")" != "$(readlink /proc/1/ns/net)" ] || { echo 'the network is open'; return 1; }
	[ "$(readlink "/proc/$worker/ns/user")" != "$(readlink /proc/1/ns/user)" ] || { echo 'users are the machine'\''s'; return 1; }
	same "$(awk '$5 == "/" { print substr($6, 1, 3) }' "/proc/$worker/mountinfo")" ro, 'the root for it'
	for unit in pintle.service pintle-authorizer.service pintle@wiki.service; do
		systemd-analyze verify --man=no "$unit"
	done
}

millis() { date +%s%3N; }

# A killed worker is back within a second, ten times in a row, and no limit of systemd ends that.
comes_back() {
	longest=0
	for time in 1 2 3 4 5 6 7 8 9 10; do
		worker=$(pid_of pintle.service)
		kill -KILL "$worker"
		began=$(millis)
		same "$(status "https://$host/auth/health")" 200 "after kill -9 no. $time"
		took=$(($(millis) - began))
		[ "$took" -le "$longest" ] || longest=$took
		[ "$(pid_of pintle.service)" != "$worker" ]
	done
	echo "counts: 10 x kill -9, the longest wait of the next request $longest ms"
	[ "$longest" -lt 1500 ]
}

# `systemctl restart` reports a wrong configuration; requests wait, and are answered once it is
# right.
says_that_it_fails() {
	cp -p /etc/pintle/pintle.conf /root/kept.conf
	echo 'nonsense = yes' >> /etc/pintle/pintle.conf
	! systemctl restart pintle.service || { echo 'a wrong configuration was taken for a start'; cp -p /root/kept.conf /etc/pintle/pintle.conf; return 1; }
	status "https://$host/auth/health" > /root/waited & waiting=$!
	sleep 5
	starts=$(systemctl show -p NRestarts --value pintle.service)
	cp -p /root/kept.conf /etc/pintle/pintle.conf
	wait "$waiting"
	same "$(cat /root/waited)" 200 'the request that waited'
	same "$(systemctl is-active pintle.socket)" active 'the socket'
	[ "$starts" -lt 30 ] || { echo "$starts starts in five seconds"; return 1; }
}

reloads_by_restart_without_loss() {
	crowd_begins
	for time in 1 2 3 4 5; do
		systemctl restart pintle.service
		sleep 0.3
	done
	crowd_is_content
}

# Answered by nginx's new workers: the old ones know only one site.
wiki_is_asked() {
	status https://wiki.example.org/auth/health
	systemctl is-active -q pintle@wiki.service
}

# As the comment in the unit says.
second_site() {
	adduser --system --group --quiet --home /var/lib/pintle-wiki --no-create-home pintle-wiki
	pintle --config /etc/pintle/wiki.conf init --issuer https://wiki.example.org/auth \
		--state-folder /var/lib/pintle-wiki --owner pintle-wiki
	sed -i 's|^#*[[:space:]]*socket = .*|socket = /run/pintle-wiki/pintle.sock|' /etc/pintle/wiki.conf
	grep -q '^socket = /run/pintle-wiki' /etc/pintle/wiki.conf || { grep -n socket /etc/pintle/wiki.conf; return 1; }
	echo 'correct horse battery staple' | pintle --config /etc/pintle/wiki.conf user add ada --password-stdin
	systemctl enable --now pintle@wiki.socket
	pintle --config /etc/pintle/wiki.conf config nginx --server --certificate /root/site.pem --key /root/site.key \
		> /etc/nginx/conf.d/wiki.conf
	nginx -t
	systemctl reload nginx
	soon wiki_is_asked
	login /root/wiki-jar wiki.example.org
	same "$(pintle --config /etc/pintle/wiki.conf session list --user ada | grep -c curl)" 1 'its sessions'
	same "$(of_worker Uid | cut -f 1)" "$(id -u pintle)" 'the user of the first'
	same "$(stat -c '%U %G %a' /run/pintle-wiki/pintle.sock)" 'pintle-wiki www-data 660' 'its socket'
	pintle --config /etc/pintle/wiki.conf check
}

# The socket for an Apache that cannot ask at the Unix socket.
authorizer() {
	systemctl enable --now pintle-authorizer.socket
	# Before any section.
	sed -i '1i authorizer = 127.0.0.1:931' /etc/pintle/pintle.conf
	python3 - <<-'END'
	import socket, struct
	def record(kind, body):
	    return struct.pack("!BBHHBB", 1, kind, 1, len(body), 0, 0) + body
	def pair(name, value):
	    return struct.pack("!BB", len(name), len(value)) + name + value
	def ask(role):
	    with socket.create_connection(("127.0.0.1", 931), 10) as gate:
	        gate.sendall(record(1, struct.pack("!HB5x", role, 0)) + record(4, pair(b"REQUEST_METHOD", b"GET") +
	            pair(b"REQUEST_URI", b"/app/") + pair(b"HTTP_HOST", b"www.example.org")) + record(4, b"") +
	            (record(5, b"") if role == 1 else b""))
	        said = b""
	        while piece := gate.recv(65536):
	            said += piece
	        return said
	assert b"Status: 401" in ask(2), ask(2)
	assert b"Status: 200" not in ask(1), ask(1)
	END
	same "$(systemctl is-active pintle-authorizer.service)" active 'its worker'
	pintle check
}

# An upgrade restarts the workers of every site; here the version stays the same.
all_take_the_new_program() {
	status "https://$host/auth/health"
	status https://wiki.example.org/auth/health
	before=$(for unit in pintle pintle@wiki pintle-authorizer; do pid_of $unit.service; done)
	! echo "$before" | grep -qx 0 || { echo "not all run: $before"; return 1; }
	crowd_begins
	apt-get install -qy --reinstall /root/pintle.deb
	for unit in pintle pintle@wiki pintle-authorizer; do
		worker=$(pid_of $unit.service)
		[ "$worker" != 0 ] && ! echo "$before" | grep -qx "$worker" || { echo "$unit: $worker"; return 1; }
	done
	crowd_is_content
}

without_the_package() {
	systemctl stop pintle.socket pintle.service
	rm -rf /run/pintle
	systemd-tmpfiles --create pintle.conf
	same "$(stat -c '%U %G %a' /run/pintle)" 'pintle pintle 755' 'the folder of the socket'
	mkdir -p /root/empty/etc /root/empty/usr/lib/sysusers.d && cp /usr/lib/sysusers.d/pintle.conf /root/empty/usr/lib/sysusers.d/
	systemd-sysusers --root=/root/empty
	same "$(sed -n 's/^pintle:.*:\(.*\):.*/\1/p' /root/empty/etc/passwd)" /var/lib/pintle 'its home'
	rm -rf /root/empty
	systemctl start pintle.socket
}

units() {
	try 'the socket starts the worker with the first request' starts_with_the_first_request
	try 'the worker is locked in, and systemd finds nothing wrong in the units' is_locked_in
	try 'a worker that is killed is back, however often' comes_back
	try 'a wrong configuration fails the start aloud, and what waits is answered once it is mended' says_that_it_fails
	try 'a crowd does not notice five restarts' reloads_by_restart_without_loss
	try 'a second site by the template' second_site
	try 'the authorizer at its TCP socket' authorizer
	try 'apt install restarts the workers of all sites, and a crowd does not notice' all_take_the_new_program
	try 'tmpfiles and sysusers make the folder and the user by themselves' without_the_package
}

# ---- reboot

is_there_again() {
	same "$(systemctl is-active pintle.socket)" active 'the socket'
	same "$(systemctl is-active pintle@wiki.socket)" active 'the socket of the second site'
	soon sh -c 'systemctl is-active -q nginx'
	same "$(status -b /root/jar "https://$host/app/")" 200 'a guarded page'
	same "$(status -b /root/jar -c /root/jar -X POST "https://$host/auth/refresh")" 200 'a refresh'
}

reboot() {
	try 'after a start of the machine the site is there, and who was signed in is' is_there_again
}

# ---- purge

removes_what_runs() {
	apt-get remove -qy pintle
	! pgrep -x pintle.fcgi || { ps axf; return 1; }
	same "$(systemctl list-units --plain --no-legend 'pintle*' | wc -l)" 0 'units that are left'
	[ -e /etc/pintle/pintle.conf ] && [ -d /var/lib/pintle/db ]
}

leaves_what_a_person_made() {
	apt-get purge -qy pintle
	[ -e /etc/pintle/pintle.conf ] && [ -d /var/lib/pintle/db ]
	getent passwd pintle
	find / -xdev -path '*pintle*' ! -path '/root/*' ! -path '/proc/*' ! -path '/tmp/*' ! -path '/etc/pintle*' \
		! -path '/var/lib/pintle*' ! -path '/etc/nginx/*' ! -path '/var/log/*' \
		! -path '/var/tmp/systemd-private-*' > /root/left
	[ ! -s /root/left ] || { cat /root/left; return 1; }
}

leaves_nothing_of_its_own() {
	rm -rf /etc/pintle* /var/lib/pintle*
	install_it /root/pintle.deb
	apt-get purge -qy pintle
	! getent passwd pintle || { echo 'its user is left'; return 1; }
	[ ! -e /etc/pintle ] && [ ! -e /var/lib/pintle ] && [ ! -e /run/pintle ]
}

purge() {
	try 'apt remove ends sockets and workers, and keeps the site' removes_what_runs
	try 'purge leaves what the person made, and nothing else' leaves_what_a_person_made
	try 'where the person made nothing, nothing is left' leaves_nothing_of_its_own
}

case ${1-} in
upgrade | units | reboot | purge) "$1" ;;
*) echo 'usage: package_systemd.sh upgrade|units|reboot|purge' >&2; exit 2 ;;
esac
exit $failed
