#!/bin/sh
# The public tus client, tus-js-client from npm: it uploads, is cut off, killed
# and left without a gateway, and goes on; one job each, equal bytes stored.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
. "$tap_root/tests/lib/tus-js.sh"

tus_js_start
setup
port=$(python3 "$tap_root/tests/lib/ports.py" 1)
gateway_start --listen "127.0.0.1:$port"
token=$(v2m-user token ann@example.org)
files=$URL/files/

# A video with this many bytes behind it that nobody looks at.
padded() {
	clip "$1"
	python3 -c 'import os, struct, sys
n = int(sys.argv[2])
with open(sys.argv[1], "ab") as f:
    f.write(struct.pack(">I4s", n + 8, b"free") + os.urandom(n))' "$1" "$2"
}

fact_of() {
	v2m-status --json "$1" | python3 -c 'import json, sys
print(json.load(sys.stdin)[sys.argv[1]])' "$2"
}

# one_job FILE WHAT: the client named one job, which is accepted, and what is
# stored is the file.
one_job() {
	oj_id=$(sed -n 's/^id //p' "$OUT" | sort -u)
	is "$(fact_of "$oj_id" state)" queued "$2: the job is accepted"
	is "$(fact_of "$oj_id" name)" "$1" "$2: under its name"
	oj_stored=$(find "$V2M_STATE/store" -type f -name "*$oj_id*" -size +0)
	ok "$2: equal bytes are stored" cmp "$1" "$oj_stored"
	is "$(v2m-status --json | grep -c "\"$1\"")" 1 "$2: as one job"
}

padded plain.mp4 5000000
status 0 "it uploads" tus_js "$token" "$files" plain.mp4
like "$(cat "$OUT")" '^done' "and says so"
one_job plain.mp4 plain

padded 'in pieces – 1.mp4' 5000000
status 0 "in pieces" tus_js "$token" --piece 1000000 "$files" \
    'in pieces – 1.mp4'
one_job 'in pieces – 1.mp4' pieces

# A network that breaks after 3 MB.
background python3 "$tap_root/tests/lib/relay.py" "${URL##*:}" 3000000 \
    > .relay
eventually "there is a network that breaks" test -s .relay
padded cut.mp4 8000000
status 0 "it is cut off and goes on" tus_js "$token" \
    "http://127.0.0.1:$(cat .relay)/files/" cut.mp4
like "$(cat "$OUT")" '^retry' "it was cut off"
like "$(cat "$OUT")" '^at [1-9]' "it did not begin anew"
one_job cut.mp4 cut

# The client dies, and another one goes on, a day later for all we know.
stopped() {
	grep -q '^stopped' client.out
}
padded killed.mp4 8000000
background env TUS_JS="$npm_to" TOKEN="$token" node \
    "$npm_from/upload.mjs" --kept kept.json --piece 1000000 \
    --stop-at 3000000 "$files" killed.mp4 > client.out 2>&1
eventually "a client in the middle of it" stopped
kill -9 "$tap_pid"
first=$(sed -n 's/^id //p' client.out)
status 0 "another one goes on" tus_js "$token" --kept kept.json \
    --piece 1000000 "$files" killed.mp4
like "$(cat "$OUT")" '^at 3000000$' "from where the first one was"
echo "id $first" >> "$OUT"
one_job killed.mp4 killed

# The gateway dies under it, and comes back.
padded orphan.mp4 8000000
background env TUS_JS="$npm_to" TOKEN="$token" node \
    "$npm_from/upload.mjs" --piece 1000000 \
    --stop-at 3000000 "$files" orphan.mp4 > client.out 2>&1
client=$tap_pid
eventually "again one in the middle of it" stopped
gateway_stop KILL
gateway_start --listen "127.0.0.1:$port"
kill -CONT "$client"
wait "$client"
is $? 0 "it goes on with another gateway"
cp client.out "$OUT"
like "$(cat "$OUT")" '^at [1-9]' "from where it was"
one_job orphan.mp4 orphan

# What it is told, it tells.
echo 'no video at all' > text.mp4
status 1 "what is no video is refused" tus_js "$token" "$files" text.mp4
like "$(cat "$OUT")" '^error 422 .*media' "with the reason"
unlike "$(v2m-status --json)" text.mp4 "and leaves nothing"
padded back.mp4 3000000
status 0 "an upload is taken back" tus_js "$token" --terminate \
    --piece 1000000 "$files" back.mp4
like "$(cat "$OUT")" '^gone' "when the client wants it"
unlike "$(v2m-status --json)" back.mp4 "and leaves nothing"
status 1 "without a good token nothing begins" tus_js wrong "$files" plain.mp4
like "$(cat "$OUT")" '^error 403' "and it hears why"

done_testing
