#!/bin/sh
# Checks that what `pintle config` prints for the sample site equals www-examples, and that the
# installed servers accept it. To print the examples anew after an intended change:
# tests/web_servers.sh --write
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd) || exit 99
build=$(cd "${top_builddir:-.}" && pwd) || exit 99
examples=$top/www-examples
work=$(mktemp -d "${TMPDIR:-/tmp}/pintle-servers.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
count=0 failed=0
PATH=$PATH:/usr/sbin

result() { # ok|not ok, name
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

example() { # kind: the file of www-examples that shows it
	case $1 in
	caddy) echo "$examples/caddy/Caddyfile" ;;
	haproxy) echo "$examples/haproxy/haproxy.cfg" ;;
	traefik) echo "$examples/traefik/pintle.yaml" ;;
	envoy) echo "$examples/envoy/envoy.yaml" ;;
	*) echo "$examples/$1/pintle.conf" ;;
	esac
}

script() { # kind, where lighttpd's is
	case $1 in
	nginx-njs) echo /etc/nginx/pintle.js ;;
	haproxy) echo /usr/share/pintle/haproxy.lua ;;
	*) echo "$2" ;;
	esac
}

# Prints the sample as for its usual place.
print_example() { # kind
	"$build/pintle" config "$1" --server --config "$work/pintle.conf" --worker /usr/bin/pintle.fcgi \
		--script "$(script "$1" /usr/share/pintle/pintle.lua)" | sed "s|$work/pintle.conf|/etc/pintle/pintle.conf|"
}

usual() { # kind: where its pieces usually are
	case $1 in
	apache*) echo /etc/apache2/pintle ;;
	*) echo "/etc/${1%%-*}/pintle" ;;
	esac
}

# The same in pieces, as for their usual place.
print_pieces() { # kind, folder
	rm -rf "$2" && "$build/pintle" config "$1" --out "$2" --config "$work/pintle.conf" --worker /usr/bin/pintle.fcgi \
		--script "$(script "$1" /usr/share/pintle/pintle.lua)" > "$work/pasted" || return 1
	sed "s|$2|$(usual "$1")|" "$work/pasted" > "$2/paste.txt"
	sed -i "s|$work/pintle.conf|/etc/pintle/pintle.conf|" "$2"/*
}

has_pieces() { # kind
	"$build/pintle" config "$1" --config "$work/pintle.conf" | grep -q '^# ==== '
}

# A site that a server can check: with a certificate, and on an unprivileged port.
print_trial() { # kind, site
	"$build/pintle" config "$1" --server --config "$work/$2.conf" --worker "$build/pintle.fcgi" \
		--script "$examples/lighttpd/pintle.lua" --certificate "$work/certificate.pem" --key "$work/key.pem" |
		sed "s|/etc/pintle/htpasswd|$work/htpasswd|; s|$examples/lighttpd/pintle.lua;|$examples/nginx-njs/pintle.js;|"
}

# ---- each server's own check of $work/site.conf; 77: not installed

check_nginx() { # lines that stand first
	command -v nginx >/dev/null || return 77
	cp /etc/nginx/fastcgi_params "$work/" || return 1
	cat > "$work/main.conf" <<-END
		$1
		pid $work/nginx.pid;
		events { }
		http { access_log off; include $work/site.conf; }
	END
	nginx -t -e stderr -c "$work/main.conf"
}

check_njs() {
	module=/usr/lib/nginx/modules/ngx_http_js_module.so
	[ -e "$module" ] || return 77
	check_nginx "load_module $module;"
}

check_apache() { # kind
	command -v apache2 >/dev/null || return 77
	modules=/usr/lib/apache2/modules
	wanted='mpm_event authn_core authz_core authz_user authn_file auth_basic alias dir mime env setenvif headers ssl proxy proxy_http
		proxy_fcgi authnz_fcgi remoteip'
	case $1 in
	apache-fcgid) wanted="$wanted fcgid" ;;
	apache-cgi) wanted="$wanted cgid" ;;
	esac
	{
		printf 'ServerName localhost\nServerRoot "%s"\nPidFile "%s/apache.pid"\nErrorLog /dev/stderr\n' "$work" "$work"
		for module in $wanted; do
			[ -e "$modules/mod_$module.so" ] || return 77
			echo "LoadModule ${module}_module $modules/mod_$module.so"
		done
		echo 'TypesConfig /dev/null'
		[ "$1" != apache-authorizer ] || echo 'Listen 44300'
		echo "Include $work/site.conf"
	} > "$work/main.conf"
	apache2 -t -f "$work/main.conf"
}

check_lighttpd() {
	command -v lighttpd >/dev/null || return 77
	[ -e /usr/lib/lighttpd/mod_magnet.so ] && [ -e /usr/lib/lighttpd/mod_openssl.so ] || return 77
	cat > "$work/main.conf" <<-END
		server.document-root = "$work"
		server.port = 44301
		server.bind = "127.0.0.1"
		include "$work/site.conf"
	END
	lighttpd -tt -f "$work/main.conf"
}

check_haproxy() {
	command -v haproxy >/dev/null || return 77
	cat "$work/certificate.pem" "$work/key.pem" > "$work/both.pem"
	sed "s|ssl crt [^ ]*|ssl crt $work/both.pem|; s|lua-load .*|lua-load $examples/haproxy/haproxy.lua|" "$work/site.conf" > "$work/haproxy.cfg"
	haproxy -c -f "$work/haproxy.cfg"
}

# Neither is in Debian, so the check is that the file is YAML without duplicate keys.
check_yaml() {
	python3 -c 'import yaml' 2>/dev/null || return 77
	python3 - "$work/site.conf" <<-'END'
		import sys, yaml

		class Strict(yaml.SafeLoader):
		    def construct_mapping(self, node, deep=False):
		        keys = [self.construct_object(key) for key, _ in node.value]
		        assert len(keys) == len(set(keys)), f"said twice: {keys}"
		        return super().construct_mapping(node, deep)

		assert yaml.load(open(sys.argv[1]), Strict)
	END
}

check_caddy() {
	command -v caddy >/dev/null || return 77
	XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work caddy validate --adapter caddyfile --config "$work/site.conf"
}

check_server() { # kind
	case $1 in
	nginx) check_nginx '' ;;
	nginx-njs) check_njs ;;
	apache*) check_apache "$1" ;;
	lighttpd*) check_lighttpd ;;
	caddy) check_caddy ;;
	haproxy) check_haproxy ;;
	traefik | envoy) check_yaml ;;
	gateway-hop) check_nginx '' ;;
	*) echo "no check for $1"; return 1 ;;
	esac
}

# ----

cp "$examples/guarded.conf" "$work/pintle.conf" || exit 99
kinds=$("$build/pintle" config nothing-of-that-name --config "$work/pintle.conf" 2>&1 | sed -n 's/.*there are //p' | sed 's/;.*//; s/,//g')
[ -n "$kinds" ] || { echo 'Bail out! pintle config names no kinds'; exit 99; }

if [ "${1-}" = --write ]; then
	for kind in $kinds; do
		mkdir -p "$(dirname "$(example "$kind")")" && print_example "$kind" > "$(example "$kind")" || exit 1
		! has_pieces "$kind" || print_pieces "$kind" "$examples/$kind/pieces" || exit 1
	done
	exit 0
fi

sed "s|^issuer = .*|issuer = https://localhost:44300/auth|" "$work/pintle.conf" > "$work/guarded.conf"
sed "s|^issuer = .*|issuer = http://localhost:44300/auth|" "$work/pintle.conf" > "$work/without-tls.conf"
echo 'issuer = https://localhost:44300/auth' > "$work/unguarded.conf"
printf 'issuer = https://localhost:44300/auth\n[guard /]\nphp = /srv/all\nfpm = 127.0.0.1:9000\n' > "$work/all-guarded.conf"
# A user for the servers' own sign-on, in bcrypt, which all of them accept.
echo 'alice $2a$14$ZLSDmoN2G7kTQsaZt5wdu.IcGivAUo/EVOsU.GmMjclg52wacoyGK' > "$work/htpasswd"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$work/key.pem" \
	-out "$work/certificate.pem" 2>/dev/null || exit 99
sed "s|^\[worker\]|[identity]\nidentity = remote_user\n&|" "$work/guarded.conf" > "$work/signed-on.conf"
for kind in $kinds; do
	if print_example "$kind" > "$work/printed" 2>"$work/said" &&
		diff -u "$(example "$kind")" "$work/printed" >> "$work/said" 2>&1; then
		result ok "$kind: www-examples has what is printed"
	else
		sed 's/^/# /' "$work/said"
		result 'not ok' "$kind: www-examples has what is printed (tests/web_servers.sh --write)"
	fi
	if has_pieces "$kind"; then
		if print_pieces "$kind" "$work/pieces" && diff -ru "$examples/$kind/pieces" "$work/pieces" > "$work/said" 2>&1; then
			result ok "$kind: www-examples has the pieces"
		else
			sed 's/^/# /' "$work/said"
			result 'not ok' "$kind: www-examples has the pieces (tests/web_servers.sh --write)"
		fi
	fi
	for site in guarded all-guarded unguarded without-tls signed-on; do
		print_trial "$kind" "$site" > "$work/site.conf" && [ -s "$work/site.conf" ] && check_server "$kind" > "$work/said" 2>&1
		case $? in
		0) result ok "$kind: the server accepts what is printed for a site that is $site" ;;
		77) result ok "$kind: the server accepts what is printed for a site that is $site # SKIP not installed" ;;
		*)
			sed 's/^/# /' "$work/said"
			result 'not ok' "$kind: the server accepts what is printed for a site that is $site"
			;;
		esac
	done
done
sed 's|:44300/|:44302/|' "$work/guarded.conf" > "$work/other.conf"
{ print_trial nginx guarded && print_trial nginx other; } > "$work/site.conf" && check_nginx '' > "$work/said" 2>&1
case $? in
0) result ok 'nginx: one server accepts what is printed for two sites' ;;
77) result ok 'nginx: one server accepts what is printed for two sites # SKIP not installed' ;;
*)
	sed 's/^/# /' "$work/said"
	result 'not ok' 'nginx: one server accepts what is printed for two sites'
	;;
esac
echo "1..$count"
[ "$failed" = 0 ]
