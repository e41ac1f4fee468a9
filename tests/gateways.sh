#!/bin/sh
# Checks what `pintle config` prints for gateways and services: it equals www-examples, is
# well-formed, contains every value unchanged, and reports algorithms that a kind cannot verify. To
# print the examples anew after an intended change:
# tests/gateways.sh --write
set -u
top=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd) || exit 99
build=$(cd "${top_builddir:-.}" && pwd) || exit 99
examples=$top/www-examples
work=$(mktemp -d "${TMPDIR:-/tmp}/pintle-gateways.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
count=0 failed=0

result() { # ok|not ok, name
	count=$((count + 1))
	[ "$1" = ok ] || failed=$((failed + 1))
	echo "$1 $count - $2"
}

# Runs a command, whose success is the result.
try() { # name, command...
	name=$1
	shift
	if "$@" > "$work/said" 2>&1; then
		result ok "$name"
	else
		sed 's/^/# /' "$work/said"
		result 'not ok' "$name"
	fi
}

example() { # kind: the file of www-examples that shows it
	case $1 in
	kong) echo "$examples/kong/kong.yaml" ;;
	aws-api-gateway) echo "$examples/aws-api-gateway/api.yaml" ;;
	aws-api-gateway-rest) echo "$examples/aws-api-gateway/rest.yaml" ;;
	cloudflare) echo "$examples/cloudflare/index.js" ;;
	express) echo "$examples/express/pintle.mjs" ;;
	nginx-njs-script) echo "$examples/nginx-njs/pintle.js" ;;
	*) echo "$examples/$1/index.mjs" ;;
	esac
}

pintle() { # site, arguments...
	site=$1
	shift
	"$build/pintle" "$@" --config "$work/$site.conf"
}

make_site() { # name, algorithm, more lines of its configuration...
	{
		printf 'issuer = https://www.example.org/auth\n[store]\nstate_folder = %s\n[tokens]\nsigning_alg = %s\n' "$work/$1" "$2"
	} > "$work/$1.conf"
	if [ $# -gt 2 ]; then printf '%s\n' "$3" >> "$work/$1.conf"; fi
	pintle "$1" init > "$work/said" 2>&1 || { sed 's/^/# /' "$work/said"; exit 99; }
}

# Each site has a different key: the example shows only where it goes.
print_example() { # kind
	pintle RS256 config "$1" | awk '
		/- key:/ { print "      - key: \"THE-KEY-S-ID\""; next }
		/ secret: / { print "        secret: \"unused-THE-KEY-S-ID\""; next }
		/BEGIN PUBLIC KEY/ { print; print "          ..."; inside = 1; next }
		/END PUBLIC KEY/ { inside = 0 }
		!inside'
}

holds_example() { # kind
	print_example "$1" > "$work/printed" && diff -u "$(example "$1")" "$work/printed"
}

# Checked by the real parsers of JavaScript or YAML.
well_formed() { # site, kind
	case $2 in
	kong | aws-api-gateway | aws-api-gateway-rest)
		pintle "$1" config "$2" > "$work/printed.yaml"
		/usr/bin/python3 -c 'import sys, yaml; [print(token) for token in yaml.scan(open(sys.argv[1]))]' "$work/printed.yaml"
		;;
	*)
		pintle "$1" config "$2" > "$work/printed.mjs"
		node --check "$work/printed.mjs"
		;;
	esac
}

holds_audience() { # site, kind: the audience that is read from it is the one that was set
	well_formed "$1" "$2" || return 1
	set -- "$2" "$(sed -n 's/^audience = //p' "$work/$1.conf")"
	case $1 in
	kong) # inside a long string of Lua's, which it does not end
		/usr/bin/python3 - "$work/printed.yaml" "$2" <<-'END'
			import json, re, sys, yaml
			texts = [token.value for token in yaml.scan(open(sys.argv[1])) if isinstance(token, yaml.ScalarToken)]
			code, = [text for text in texts if "local token" in text]
			(_, aud), = re.findall(r'\[(=*)\["aud":(.*?)\]\1\]', code)
			assert json.loads(aud) == sys.argv[2], aud
		END
		;;
	aws-api-gateway | aws-api-gateway-rest)
		/usr/bin/python3 - "$work/printed.yaml" "$2" <<-'END'
			import sys, yaml
			values = [token.value for token in yaml.scan(open(sys.argv[1])) if isinstance(token, yaml.ScalarToken)]
			assert sys.argv[2] in values, values
		END
		;;
	*)
		{ grep '^const AUDIENCE = ' "$work/printed.mjs"; echo 'process.exit(AUDIENCE === process.argv[2] ? 0 : 1);'; } > "$work/only.mjs"
		node "$work/only.mjs" "$2"
		;;
	esac
}

refuses_alg() { # site, kind, what it says
	pintle "$1" config "$2" > "$work/printed" 2>"$work/why"
	status=$?
	cat "$work/why"
	[ "$status" = 1 ] && [ -s "$work/printed" ] && tr '\n' ' ' < "$work/why" | grep -q "$3"
}

make_site RS256 RS256
kinds=$(pintle RS256 config nothing-of-that-name 2>&1 | sed -n 's/.*for gateways and services //p' | tr -d ,)
[ -n "$kinds" ] || { echo 'Bail out! pintle config names no kinds'; exit 99; }

if [ "${1-}" = --write ]; then
	for kind in $kinds; do
		mkdir -p "$(dirname "$(example "$kind")")" && print_example "$kind" > "$(example "$kind")" || exit 1
	done
	exit 0
fi

make_site ES256 ES256
make_site EdDSA EdDSA
make_site strange RS256 'audience = it'"'"'s "one" \ of ${many} {{names}} ]] */ é'
can_read=yes
{ command -v node && /usr/bin/python3 -c 'import yaml'; } >/dev/null 2>&1 || can_read=
for kind in $kinds; do
	try "$kind: www-examples has what is printed (tests/gateways.sh --write)" holds_example "$kind"
	if [ "$can_read" ]; then
		try "$kind: an unusual audience is written unchanged" holds_audience strange "$kind"
	else
		result ok "$kind: an unusual audience is written unchanged # SKIP no Node.js or python3-yaml"
	fi
	case $kind in
	aws-api-gateway)
		for alg in ES256 EdDSA; do
			try "$kind: says that it cannot verify $alg, and how to fix it" refuses_alg "$alg" "$kind" \
				"verifies RS256 alone, and this site signs with $alg.*pintle key rotate --alg RS256"
		done
		;;
	nginx-njs-script | aws-api-gateway-rest)
		try "$kind: accepts ES256" pintle ES256 config "$kind"
		try "$kind: says that it cannot verify EdDSA, and how to fix it" refuses_alg EdDSA "$kind" \
			'verifies ES256 and RS256, and this site signs with EdDSA.*pintle key rotate --alg ES256'
		;;
	*)
		for alg in ES256 EdDSA; do
			try "$kind: accepts $alg" pintle "$alg" config "$kind"
		done
		;;
	esac
done
pintle ES256 key rotate --alg RS256 > /dev/null
try 'aws-api-gateway: says from when on a waiting key can be used' refuses_alg ES256 aws-api-gateway 'would be refused until 20'
try 'kong: names the waiting key too' sh -c "[ \"\$('$build/pintle' config kong --config '$work/ES256.conf' | grep -c 'rsa_public_key: |')\" = 2 ]"
pintle ES256 key rotate --alg RS256 --now > /dev/null
try 'aws-api-gateway: accepts the site once an RSA key signs' pintle ES256 config aws-api-gateway
echo "1..$count"
[ "$failed" = 0 ]
