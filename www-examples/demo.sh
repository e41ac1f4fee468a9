#!/bin/sh
# Shows pintle at work: builds it, starts a private nginx with TLS on loopback in front of the
# worker, makes a user, and plays the story step by step with curl.
#   sh www-examples/demo.sh          then runs until Ctrl-C, for you to try it
#   sh www-examples/demo.sh --once   ends after the story
# PINTLE_BUILD names a folder where it is built already, PORT another port.
# It writes only to one temporary folder, and ends everything that it starts.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
port=${PORT-8443}
mount=https://localhost:$port/auth
user=ada
once=no
case ${1-} in
'') ;;
--once) once=yes ;;
*) echo 'usage: demo.sh [--once]' >&2; exit 2 ;;
esac

if [ -t 1 ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m') red=$(printf '\033[31m') off=$(printf '\033[0m')
else
	bold= dim= green= red= off=
fi

# ---- starting and ending

folder=
nginx=
worker=
finish() {
	status=$?
	trap - EXIT HUP INT TERM
	for pid in $nginx $worker; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || :
	done
	if [ "$status" != 0 ] && [ "$status" -lt 128 ] && [ -n "$folder" ]; then
		for log in build worker start nginx; do
			[ -s "$folder/$log.log" ] && { echo "---- $log.log"; tail -n 20 "$folder/$log.log"; } >&2
		done
	fi
	[ -z "$folder" ] || rm -rf "$folder"
	exit "$status"
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# Started by root, the servers run as an unprivileged user. These are words in front of a command
# and no function, so that $! is the server itself.
unprivileged=
[ "$(id -u)" != 0 ] || unprivileged='setpriv --reuid=www-data --regid=www-data --clear-groups --'

die() {
	echo "${red}demo.sh: $*$off" >&2
	exit 1
}

# ---- the steps

step_number=0
step() { # what is done and why
	step_number=$((step_number + 1))
	printf '\n%s%d. %s%s\n' "$bold" "$step_number" "$1" "$off"
}

# Sends a request, shows it and the answer in short, and checks that the answer has the status that the story
# needs. The status, the head and the body are left in $folder/status, head and body.
ask() { # browser, status wanted, method, path, further arguments of curl...
	browser=$1 wanted=$2 method=$3 path=$4
	shift 4
	printf '   %s%s: %s %s%s\n' "$dim" "$browser" "$method" "$path" "$off"
	curl -sS --cacert "$folder/ca.pem" -A "$browser" -b "$folder/$browser.jar" -c "$folder/$browser.jar" \
		-D "$folder/head" -o "$folder/body" -w '%{http_code}' -X "$method" "$@" \
		"https://localhost:$port$path" >"$folder/status"
	status=$(cat "$folder/status")
	[ "$status" = "$wanted" ] && colour=$green || colour=$red
	printf '   %s-> %s%s\n' "$colour" "$status" "$off"
	in_short
	[ "$status" = "$wanted" ] || die "the story expected $wanted here"
}

# Shows the last answer's cookies and body, with tokens cut.
in_short() {
	tr -d '\r' <"$folder/head" | sed -n 's/^Set-Cookie: \([^=]*=\)[^;]*\([^;]\{8\}\);/Set-Cookie: \1...\2;/
		s/^Set-Cookie:/   Set-Cookie:/p'
	[ -s "$folder/body" ] || return 0
	sed 's/"access_token":"[^"]*"/"access_token":"eyJ..."/; s/\[{/[\n      {/g; s/},{/},\n      {/g; s/^/   /' "$folder/body"
	echo
}

# curl reads the password from a file, so that no process list shows it.
log_in() { # browser, device
	printf '{"username":"%s","password":"%s","device":"%s"}' "$user" "$password" "$2" >"$folder/login.json"
	printf '   %s{"username":"%s","password":"...","device":"%s"}%s\n' "$dim" "$user" "$2" "$off"
	ask "$1" 200 POST /auth/login -H 'Content-Type: application/json' --data-binary "@$folder/login.json"
	rm -f "$folder/login.json"
}

member() { # the first string member of this name in the last body
	sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$folder/body"
}

session_of() { # device: the id of its session, from the list in the last body
	tr '{' '\n' <"$folder/body" | sed -n "/\"device\":\"$1\"/s/.*\"id\":\"\\([^\"]*\\)\".*/\\1/p"
}

# ---- built, configured, started

build_it() {
	[ -x "$top/configure" ] || (cd "$top" && autoreconf -i) || return
	mkdir -p "$top/build/demo" && cd "$top/build/demo" || return
	[ -f Makefile ] || "$top/configure" || return
	make -j2
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/pintle-demo-XXXXXX")
built=${PINTLE_BUILD-}
if [ -z "$built" ]; then
	sh "$top/tests/packages.sh" build
	built=$top/build/demo
	echo "building in $built"
	(build_it) >"$folder/build.log" 2>&1 || die 'the build failed'
fi
mkdir "$folder/bin"
cp "$built/pintle" "$built/pintle.fcgi" "$folder/bin/"

certificate() { # name, further arguments of openssl req...
	name=$1
	shift
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-keyout "$folder/$name.key" -out "$folder/$name.pem" "$@" 2>>"$folder/build.log"
}
certificate ca -subj '/CN=pintle demonstration CA'
certificate site -subj '/CN=localhost' -CA "$folder/ca.pem" -CAkey "$folder/ca.key" \
	-addext 'subjectAltName=DNS:localhost' -addext 'basicConstraints=critical,CA:FALSE'
cat >"$folder/pintle.conf" <<END
issuer = $mount
state_folder = $folder/state
socket = $folder/pintle.sock
END
sed "s|@FOLDER@|$folder|g; s|@PORT@|$port|g" "$top/www-examples/demo/nginx.conf.in" >"$folder/nginx.conf"
[ "$(id -u)" != 0 ] || chown -R www-data:www-data "$folder"

pintle() {
	$unprivileged "$folder/bin/pintle" --config "$folder/pintle.conf" "$@"
}
password=$(openssl rand -base64 18)

wait_for_health() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		curl -sf --cacert "$folder/ca.pem" "$mount/health" >/dev/null 2>&1 && return
		kill -0 "$worker" 2>/dev/null && kill -0 "$nginx" 2>/dev/null || break
		sleep 0.25
	done
	die 'the servers did not start'
}

pintle init
printf '%s\n' "$password" | pintle user add "$user"
$unprivileged "$folder/bin/pintle.fcgi" --config "$folder/pintle.conf" --socket "$folder/pintle.sock" --workers 2 \
	2>"$folder/worker.log" &
worker=$!
$unprivileged nginx -e "$folder/nginx.log" -c "$folder/nginx.conf" 2>"$folder/start.log" &
nginx=$!
wait_for_health

# ---- the story

step 'Two devices log in. Each gets an access token, and its own refresh cookie, which no script can read.'
log_in laptop 'the laptop'
log_in phone 'the phone'

step 'Both refresh: a new access token, and the refresh token is replaced each time.'
ask laptop 200 POST /auth/refresh
access=$(member access_token)
ask phone 200 POST /auth/refresh

step 'The list of devices shows both; the asking one is marked as current.'
ask laptop 200 GET /auth/sessions
phone=$(session_of 'the phone')

step 'The laptop logs out the phone, and nothing else.'
ask laptop 204 DELETE "/auth/sessions/$phone"

step 'The phone is refused at its next refresh, and learns why.'
ask phone 403 POST /auth/refresh

step 'The laptop is still signed in.'
ask laptop 200 GET /auth/sessions

step 'Any service can verify the access token with the published key, without asking pintle.'
ask laptop 200 GET /.well-known/jwks.json
part() { # number: a part of the token, as JSON
	text=$(printf '%s' "$access" | cut -d. -f"$1" | tr '_-' '/+')
	while [ $((${#text} % 4)) != 0 ]; do text=$text=; done
	printf '%s' "$text" | openssl base64 -d -A
}
printf '   the token says: %s\n                   %s\n' "$(part 1)" "$(part 2)"

step 'A page of another site cannot log anybody out.'
ask laptop 403 POST /auth/logout -H 'Origin: https://evil.example' -H 'Sec-Fetch-Site: cross-site'

step 'The laptop logs out. Without a cookie a refresh is answered with 401; nobody is logged in any more.'
ask laptop 204 POST /auth/logout
ask laptop 401 POST /auth/refresh

step 'The administrator sees why the phone was logged out.'
pintle session why "$phone" | sed 's/^/   /'

printf '\n%sThe story went as planned.%s\n' "$green" "$off"
[ "$once" = no ] || exit 0

cat <<END

${bold}Try it yourself${off}
   page         $mount/login   (the browser will warn about the certificate; its CA is $folder/ca.pem)
   user         $user
   password     $password
   command      ${dim}$folder/bin/pintle --config $folder/pintle.conf session list$off
   log          $folder/worker.log
   settings     $folder/pintle.conf and $folder/nginx.conf
Ctrl-C ends the demo and removes the folder.
END
trap 'exit 0' INT
wait "$nginx" || die 'nginx ended'
