#!/bin/sh
# Verify the nginx configuration as shipped, with a throw-away certificate. Needs nginx and openssl.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nginx=$(command -v nginx || echo /usr/sbin/nginx)
[ -x "$nginx" ] || { echo "nginx est introuvable : installez-le (apt install nginx) pour vérifier sa configuration." >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=palier.exemple.fr \
    -keyout "$work/privkey.pem" -out "$work/fullchain.pem" 2>/dev/null
sed -e "s#/etc/ssl/palier#$work#; s#/var/log/nginx#$work#" "$here/palier.conf" >"$work/palier.conf"
cat >"$work/nginx.conf" <<FIN
pid $work/nginx.pid;
error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path $work/body;
    proxy_temp_path $work/proxy;
    fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi;
    scgi_temp_path $work/scgi;
    include $work/palier.conf;
}
FIN
"$nginx" -t -q -c "$work/nginx.conf" -p "$work"
echo "deploy/nginx/palier.conf : la configuration est correcte."
