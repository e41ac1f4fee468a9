#!/bin/sh
# In a root where the package has been installed: from `pintle init` to a guarded place of an
# existing site.
#   sh package_walk.sh nginx|apache
set -eu
server=$1 host=www.example.org began=$(date +%s)
fail() { echo "package_walk: $*"; exit 1; }
https() { curl -sS --cacert /root/site.pem "$@"; }
printf '127.0.0.1 localhost %s\n::1 localhost %s\n' "$host" "$host" > /etc/hosts

# ---- the existing site: a page at /, an application's folder at /app/, TLS on both families
mkdir -p /srv/www/app
echo 'the site that was there' > /srv/www/index.html
echo 'the application' > /srv/www/app/index.html
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$host" \
	-addext "subjectAltName=DNS:$host" -keyout /root/site.key -out /root/site.pem 2>/dev/null
rm -rf /etc/pintle /var/lib/pintle/* /etc/nginx/pintle /etc/apache2/pintle
case $server in
nginx)
	rm -f /etc/nginx/sites-enabled/default
	cat > /etc/nginx/conf.d/site.conf <<-END
	server {
		listen 443 ssl; listen [::]:443 ssl; server_name $host;
		ssl_certificate /root/site.pem; ssl_certificate_key /root/site.key;
		root /srv/www;
		location /app/ { }
	}
	END
	;;
apache)
	cat > /etc/apache2/sites-enabled/000-default.conf <<-END
	<VirtualHost *:443>
		ServerName $host
		DocumentRoot /srv/www
		SSLEngine on
		SSLCertificateFile /root/site.pem
		SSLCertificateKeyFile /root/site.key
		<Directory /srv/www>
			Require all granted
		</Directory>
	</VirtualHost>
	END
	a2enmod -q ssl proxy proxy_fcgi headers rewrite setenvif authnz_fcgi authn_core authz_user remoteip deflate expires \
		cgi proxy_http proxy_wstunnel > /dev/null
	;;
esac

# ---- what the README says
pintle init --issuer "https://$host/auth"
echo 'correct horse battery staple' | pintle user add ada --groups staff --password-stdin
printf '\n[guard /app/]\nfiles = /srv/www/app\ngroup = staff\n' >> /etc/pintle/pintle.conf
/usr/libexec/pintle.fcgi --socket & worker=$!
pid_of_server=/run/nginx.pid
[ "$server" = nginx ] || pid_of_server=/root/server.pid
trap '[ ! -s $pid_of_server ] || kill $(cat $pid_of_server); kill $worker 2>/dev/null; wait $worker' EXIT
case $server in
nginx)
	pintle config nginx --certificate /root/site.pem --key /root/site.key --out /etc/nginx/pintle
	echo 'include /etc/nginx/pintle/http.conf;' > /etc/nginx/conf.d/pintle-http.conf
	sed -i 's|root /srv/www;|root /srv/www; include /etc/nginx/pintle/server.conf;|
		s|location /app/ { }|location /app/ { include /etc/nginx/pintle/place-app.conf; }|' /etc/nginx/conf.d/site.conf
	nginx -t && nginx
	;;
apache)
	pintle config apache --certificate /root/site.pem --key /root/site.key --out /etc/apache2/pintle
	echo 'Include /etc/apache2/pintle/global.conf' > /etc/apache2/conf-enabled/pintle-global.conf
	sed -i 's|DocumentRoot /srv/www|DocumentRoot /srv/www\n\tInclude /etc/apache2/pintle/server.conf|' \
		/etc/apache2/sites-enabled/000-default.conf
	printf 'PidFile /root/server.pid\nServerName localhost\n' > /etc/apache2/conf-enabled/walk.conf
	apache2ctl configtest && apache2ctl start
	;;
esac
for try in 1 2 3 4 5 6 7 8 9 10; do https -o /dev/null "https://$host/" && break; sleep 1; done

# ---- and its result, over both families
for family in -4 -6; do
	case $(https $family "https://$host/") in *'was there'*) ;; *) fail "the site is gone ($family)" ;; esac
	status=$(https $family -o /root/page -w '%{http_code}' -H 'Accept: text/html' -H 'Sec-Fetch-Mode: navigate' "https://$host/app/")
	[ "$status" = 401 ] && grep -q 'action="/auth/login"' /root/page || fail "a stranger gets $status at /app/ ($family)"
done
rm -f /root/jar
https -c /root/jar -o /root/login -w '%{http_code}' -H 'Content-Type: application/json' \
	-d '{"username":"ada","password":"correct horse battery staple"}' "https://$host/auth/login" | grep -qx 200 ||
	fail "no login: $(cat /root/login)"
case $(https -b /root/jar "https://$host/app/") in *'the application'*) ;; *) fail 'who is signed in does not see the application' ;; esac
pintle check || fail 'check finds something wrong'
took=$(($(date +%s) - began))
echo "counts: from init to a guarded site with $server $took s"
[ "$took" -lt 300 ] || fail 'it took five minutes or more'
