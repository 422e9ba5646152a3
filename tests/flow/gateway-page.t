#!/bin/sh
# The web page, in headless Chromium: logging in and out, uploads that are
# converted by a real worker, refused ones, a connection that breaks, keyboard
# and screen reader, the policy that the browser keeps.
#
# slow: 75 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/browser.sh"
chromium_needed
setup
axe_get
V2M_MAX_UPLOAD=100M gateway_start
background v2m-convert-worker --quiet 2> worker.log

mkdir files
clip files/clip.mp4
clip "files/<img src=x onerror=\"document.title='ouch'\">.mp4"
ffmpeg -v error -nostdin -f lavfi -i "testsrc=s=64x48:r=5:d=1" -c:v mpeg4 \
    files/silent.mp4
film files/film.mkv
truncate -s 101M files/huge.mp4
for name in large again; do
	clip "files/$name.mp4"
	python3 -c 'import os, struct, sys
n = 20000000
with open(sys.argv[1], "ab") as f:
    f.write(struct.pack(">I4s", n + 8, b"free") + os.urandom(n))' \
	    "files/$name.mp4"
done
v2m-convert --quiet files/clip.mp4 files/clip.mp3 > /dev/null

# All of it goes through a network that breaks once, during the large one.
background python3 "$tap_root/tests/lib/relay.py" "${URL##*:}" 12000000 \
    > .relay
eventually "there is a network" test -s .relay
site=http://127.0.0.1:$(cat .relay)/

# What a browser is told about each file of the page.
for path in "$tap_root"/lib/gateway/page/*; do
	file=${path##*/}
	case $file in
	admin.html) file="admin" ;;
	index.html) file= ;;
	esac
	curl -sS -D head -o body "$site$file"
	tr -d '\r' < head > fields
	like "$(cat fields)" '^HTTP/1.1 200' "/$file is there"
	ok "/$file as it is in the sources" cmp body "$path"
	is "$(sed -n 's/^Content-Security-Policy: //Ip' fields)" \
	    "default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self'; connect-src 'self'; media-src 'self'; base-uri 'none'; \
form-action 'none'; frame-ancestors 'none'" "/$file with the policy"
	like "$(cat fields)" '^[Xx]-[Cc]ontent-[Tt]ype-[Oo]ptions: nosniff' \
	    "/$file with its type taken seriously"
	tag=$(sed -n 's/^ETag: //Ip' fields)
	is "$(curl -sS -o /dev/null -w '%{http_code} %{size_download}' \
	    -H "If-None-Match: W/$tag" "$site$file")" '304 0' \
	    "/$file is not sent to who has it"
done
like "$(curl -sSI "${site}words.js")" \
    '^[Cc]ontent-[Tt]ype: text/javascript' "scripts are such"
is "$(curl -sS -o /dev/null -w '%{http_code}' "${site}page.c")" 404 \
    "and nothing else is there"

browse page "$site" "$TMP/files" "$axe"
[ ! -f files/page.png ] || [ -z "${KEEP:-}" ] || cp files/page.png "$KEEP"
like "$(cat "$GATEWAY_LOG")" 'method=PATCH .*result=aborted' \
    "a piece of an upload was cut off"
is "$(grep -c eyJ "$GATEWAY_LOG")" 0 "no token is in the gateway's log"
unlike "$(cat "$GATEWAY_LOG")" 'ticket=[A-Za-z0-9_-]{16}' "and no ticket"

done_testing
