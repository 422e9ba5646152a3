#!/bin/sh
# The sample for nginx, under the real one: the three lines of the old manual
# through TLS, the client's address, large and broken uploads, downloads.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"

command -v nginx > /dev/null || skip_all "no nginx"
sample=$tap_root/scripts/nginx/v2m.conf
setup
export V2M_TRUSTED_PROXIES=127.0.0.1
gateway_start

# shellcheck disable=SC2046 # four words
set -- $(python3 "$tap_root/tests/lib/ports.py" 4)
port=$1 plain=$2 small=$3 tiny=$4
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=v2m.example.org \
    -addext subjectAltName=DNS:v2m.example.org -keyout key.pem -out cert.pem \
    2> .openssl || exit 99

# The sample as it is, but for ports, folders and the certificate; nginx of
# Debian 13 wants another word for HTTP/2, so the version's own is left out.
sed -e "s/127.0.0.1:8080/127.0.0.1:${URL##*:}/; /listen \[::\]/d
    s/listen 443 ssl http2/listen 127.0.0.1:$port ssl/
    s/listen 80/listen 127.0.0.1:$plain/; s,/var/log/nginx,$TMP,
    s,/etc/ssl/certs/v2m.example.org.pem,$TMP/cert.pem,
    s,/etc/ssl/private/v2m.example.org.key,$TMP/key.pem," \
    "$sample" > v2m.conf
mkdir temp
cat > nginx.conf <<END
daemon off;
worker_processes 2;
pid $TMP/nginx.pid;
error_log $TMP/nginx.error;
events { }
http {
	client_body_temp_path $TMP/temp/body;
	proxy_temp_path $TMP/temp/proxy;
	fastcgi_temp_path $TMP/temp/fastcgi;
	uwsgi_temp_path $TMP/temp/uwsgi;
	scgi_temp_path $TMP/temp/scgi;
	include $TMP/v2m.conf;
	proxy_http_version 1.1;
	proxy_request_buffering off;
	server {
		listen 127.0.0.1:$small;
		client_max_body_size 1m;
		location /below/ {
			proxy_pass http://v2m/;
			proxy_set_header X-Forwarded-For \$remote_addr;
			proxy_set_header X-Forwarded-Prefix /below;
		}
	}
	server {
		listen 127.0.0.1:$tiny;
		client_max_body_size 200k;
		location / { proxy_pass http://v2m; }
	}
}
END
ok "nginx takes the sample" nginx -t -q -e nginx.error -c "$TMP/nginx.conf"
trap 'kill "$nginx_pid" 2> /dev/null; wait "$nginx_pid" 2> /dev/null
    tap_end' EXIT
nginx -e nginx.error -c "$TMP/nginx.conf" > nginx.out 2>&1 &
nginx_pid=$!

https() {
	curl -sS --cacert cert.pem --resolve "v2m.example.org:$port:127.0.0.1" \
	    "$@"
}
site=https://v2m.example.org:$port
eventually "it is there" https -f -o out "$site/healthz"
is "$(cat out)" ok "and leads to the gateway"
is "$(curl -sS -o /dev/null -w '%{http_code} %{redirect_url}' \
    -H 'Host: v2m.example.org' "http://127.0.0.1:$plain/x?y=1")" \
    "301 https://v2m.example.org/x?y=1" "plain HTTP is led to TLS"

# The three lines.
clip video.mp4
echo 'correct horse' | sed 's/.*/user = "ann@example.org:&"/' > login.conf
TOKEN=$(https -X POST "$site/login" -K login.conf)
like "$TOKEN" '^eyJ' "a token through TLS"
is "$(https -D head -X POST -F 'file=@./video.mp4' \
    -H "Authorization: Bearer $TOKEN" "$site/upload")" 'success!' "an upload"
ID=$(tr -d '\r' < head | sed -n 's/^[Ll]ocation: .*fid=//p')
is "$(finish "$ID")" done "is converted"
v2m-fetch --quiet -o local.mp3 "$ID" > /dev/null
ok "the download" https -f --output talk.mp3 -X GET \
    -H "Authorization: Bearer $TOKEN" "$site/download?fid=$ID"
ok "has the same bytes" cmp talk.mp3 local.mp3
is "$(https -o part -r 100-199 -w '%{http_code} %{size_download}' \
    -H "Authorization: Bearer $TOKEN" "$site/download?fid=$ID")" "206 100" \
    "parts of it come through"

# Who asks is heard from nginx, and from nobody else.
https -o /dev/null --interface 127.0.0.2 -H 'X-Forwarded-For: 192.0.2.7' \
    "$site/nothing-1"
curl -sS -o /dev/null --interface 127.0.0.3 \
    -H 'X-Forwarded-For: 192.0.2.8' "$URL/nothing-2"
access() {
	grep "path=\"*$1" "$GATEWAY_LOG"
}
eventually "the requests are logged" access /nothing-2
unlike "$(access /nothing-1)" '192\.0\.2\.7' \
    "what a client says of himself does not count"
like "$(access /nothing-1)" 'address=127\.0\.0\.2' "what nginx says does"
like "$(access /nothing-2)" 'address=127\.0\.0\.3' \
    "nobody else is believed"
https -o /dev/null -H 'X-Request-ID: mine-1' "$site/nothing-3"
eventually "one with a name of its own is logged" access /nothing-3
unlike "$(access /nothing-3)" 'id=mine-1' "nginx names it, not the client"
like "$(cat v2m.log)" "$(access /nothing-3 |
    sed 's/.* id=\([^ ]*\) .*/\1/')" "by the same name in both logs"
unlike "$(cat v2m.log)" "$ID" "nginx does not log what may be a ticket"

# A large one streams through: it is at the gateway before all of it was sent.
clip large.mp4
python3 -c 'import os, struct
n = 40000000
with open("large.mp4", "ab") as f:
    f.write(struct.pack(">I4s", n + 8, b"free"))
    for _ in range(40):
        f.write(os.urandom(1000000))'
slow_upload() {
	https --limit-rate 8M -T large.mp4 -H "Authorization: Bearer $TOKEN" \
	    "$site/upload/" > slow.out
}
slow_upload &
slow=$!
arriving() {
	kill -0 "$slow" && find "$V2M_STATE/store" -type f -size +4096k |
	    grep .
}
eventually "a large upload arrives while it is sent" arriving
is "$(find temp -type f | wc -l | tr -d ' ')" 0 "and is not kept by nginx"
wait "$slow"
is "$(cat slow.out)" 'success!' "it ends well"

# What the gateway refuses before the body is refused through nginx, too.
is "$(https -o refused -w '%{http_code}' -T large.mp4 \
    -H "Authorization: Bearer wrong" "$site/upload/")" 403 \
    "a refusal reaches who is still sending"
is "$(cat refused)" 'not authorized' "with its words"

# tus, with a break in the middle.
tus() {
	https -o tus.out -D tus.head -w '%{http_code}' \
	    -H "Authorization: Bearer $TOKEN" -H 'Tus-Resumable: 1.0.0' "$@"
}
tus_field() {
	tr -d '\r' < tus.head | sed -n "s/^$1: //Ip"
}
size=$(wc -c < large.mp4)
is "$(tus -X POST -H "Upload-Length: $size" -H "Upload-Metadata: filename \
$(printf tus.mp4 | base64)" "$site/files/")" 201 "a tus upload begins"
at=$(tus_field Location)
at=$site/files/$at
like "$at" "^$site/files/[0-9a-f]{24}$" "at an address of the site"
begins() {
	tus --limit-rate 8M -m 2 -X PATCH -H 'Upload-Offset: 0' -T large.mp4 \
	    -H 'Content-Type: application/offset+octet-stream' "$at" \
	    > begins.out 2>&1
}
taken_up() {
	[ "$(tus -I -X HEAD "$at")" = 200 ] && [ "$(tus_field Upload-Offset)" -gt 0 ]
}
# Where the two seconds were over before a byte came, it begins anew.
has_a_part() {
	taken_up && return
	[ "$(tus_field Upload-Offset)" != 0 ] || begins
	return 1
}
begins
eventually "it breaks, and the gateway has a part" has_a_part
# What nginx had read of the broken one may still come: then the offset is
# another by now, and is asked for again.
rest_follows() {
	taken_up || return 1
	offset=$(tus_field Upload-Offset)
	tail -c "+$((offset + 1))" large.mp4 > rest
	[ "$(tus -X PATCH -H "Upload-Offset: $offset" \
	    -H 'Content-Type: application/offset+octet-stream' -T rest \
	    "$at")" = 204 ]
}
eventually "the rest follows" rest_follows
like "$(v2m-status "${at##*/}")" 'queued|done' "and the job is there"

# A proxy that somebody set up without a look at large bodies, below a path.
below=http://127.0.0.1:$small/below
V2M_TOKEN=$TOKEN V2M_URL=$below v2m-upload --quiet large.mp4 > id 2> "$ERR"
is "$?" 0 "client_max_body_size 1m: it goes in smaller pieces"
like "$(v2m-status "$(cat id)")" 'queued' "and is a job"
V2M_TOKEN=$TOKEN V2M_URL=http://127.0.0.1:$tiny \
    v2m-upload --quiet large.mp4 > id 2> words
ok "200k are too few" [ $? -ne 0 ]
like "$(cat words)" client_max_body_size "whose setting it is, is said"
curl -sS -D head -o out -T video.mp4 -H "Authorization: Bearer $TOKEN" \
    "$below/upload/v.mp4"
like "$(tr -d '\r' < head)" 'Location: /below/download.fid=[0-9a-f]{24}' \
    "Location has the path in front"
curl -sS -D head -o out -X POST -H 'Tus-Resumable: 1.0.0' \
    -H 'Upload-Length: 9' -H "Authorization: Bearer $TOKEN" "$below/files/"
like "$(tr -d '\r' < head)" 'Location: [0-9a-f]{24}' \
    "that of a tus upload is relative"

unlike "$(cat nginx.error)" '\[(crit|alert|emerg|error)\].*upstream (sent|timed)' \
    "nginx finds nothing wrong in what the gateway says"
done_testing
