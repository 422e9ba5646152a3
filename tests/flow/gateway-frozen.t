#!/bin/sh
# A MongoDB server that freezes under uploads and downloads: the gateway lives,
# and all of them end well when it is back.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/server-mongodb.sh"

mongodb_start
export V2M_STORE=$MONGODB
servers_python=$mongodb_python
setup
V2M_LEASE=60s
gateway_start
TOKEN=$(token ann)
export TOKEN

clip song.mp4 60
ID=$(v2m-upload --quiet --no-queue -b 320k song.mp4)
echo "$ID" | v2m-convert-worker --quiet - > /dev/null 2> worker.log
v2m-fetch --quiet -o wanted.mp3 "$ID" > /dev/null
clip video.mp4
python3 -c 'import os, struct
n = 6000000
with open("video.mp4", "ab") as f:
    f.write(struct.pack(">I4s", n + 8, b"free") + os.urandom(n))'
sum=$(sha256sum video.mp4 | cut -d ' ' -f 1)

pids=
for n in 1 2 3 4 5 6 7 8; do
	curl -sS --limit-rate 1500k -m 300 -o /dev/null -w '%{http_code}\n' \
	    -T video.mp4 -H "Authorization: Bearer $TOKEN" \
	    "$URL/upload/video-$n.mp4" > "upload-$n" &
	pids="$pids $!"
done
curl -sSf --limit-rate 500k -m 300 -o got.mp3 \
    -H "Authorization: Bearer $TOKEN" "$URL/download?fid=$ID" &
download=$!
has_begun() {
	[ -s got.mp3 ]
}
eventually "uploads and a download have begun" has_begun
mongodb_freeze
sleep 1
# Those that were through before are no matter.
for pid in $pids; do
	! kill -0 "$pid" 2> /dev/null || echo "$pid"
done > begun
ok "some have begun" [ -s begun ]
code=$(curl -sS -m 60 -o healthz -w '%{http_code}' "$URL/healthz")
is "$code $(cat healthz)" "200 ok" "with the store frozen the gateway lives"
curl -sS -m 60 -o /dev/null "$URL/app.js"
is $? 0 "and serves what needs no store"
sleep 2
while read -r pid; do
	kill -0 "$pid" || echo gone
done < begun > gone
is "$(cat gone)" "" "what has begun waits"
mongodb_thaw

wait $download
is $? 0 "when it is back the download goes on"
ok "to its end" cmp got.mp3 wanted.mp3
for pid in $pids; do
	wait "$pid"
done
is "$(sort upload-* | uniq -c | tr -s ' ' | sed 's/^ //')" "8 200" \
    "and so do all uploads"
is "$(v2m-status --json | grep -c "$sum")" 8 "every one is whole"
done_testing
