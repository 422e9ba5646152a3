#!/bin/sh
# Uploads that do not come to their end: whatever the reason, nothing of them
# remains, in the store or in the owner's account of it.
#
# slow: 30 s, slow clients
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
V2M_LEASE=1min		# what is being uploaded is shown for as long
clip video.mp4

raw=$tap_root/tests/lib/raw.py
big=$(head -c 9000 /dev/zero | tr '\0' a)
# One job at a time: what were not given back would be in the way of the next.
V2M_MAX_USER_JOBS=1 V2M_MAX_UPLOAD=3M V2M_RATE_TIME=1h V2M_DRAIN_TIMEOUT=1s
export V2M_MAX_USER_JOBS V2M_MAX_UPLOAD V2M_RATE_TIME V2M_DRAIN_TIMEOUT
gateway_start
auth="Host: x\\r\\n$(header_of ann)\\r\\n"
put="PUT /upload/x.mp4 HTTP/1.1\\r\\n$auth"
chunked="${put}Transfer-Encoding: chunked\\r\\n\\r\\n"
form="POST /upload HTTP/1.1\\r\\n${auth}\
Content-Type: multipart/form-data; boundary=b\\r\\n"
file='--b\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n'

# Bytes of uploads: neither a database nor the room kept for a full disk.
files() {
	find "$V2M_STATE/store" -type f ! -name '*.db*' ! -name '.*' \
	    ! -path "$V2M_STATE/store/reserve"
}
nothing_left() {
	[ "$(sql store 'SELECT count(*) FROM record')" = 0 ] &&
	    [ "$(sql store 'SELECT count(*) FROM object')" = 0 ] &&
	    [ -z "$(files)" ]
}
# gone WANTED WHAT STEP ...
gone() {
	wanted=$1 what=$2
	shift 2
	patience=60
	[ "${wanted#*open}" = "$wanted" ] || patience=0.5
	is "$(python3 "$raw" -t $patience "$PORT" "$@")" "$wanted" "$what"
	eventually "nothing is left" nothing_left || {
		sql store 'SELECT id, state FROM record' | tap_show record
		files | tap_show file
	}
}

gone "broken" "reset in the middle" \
    "${put}Content-Length: 2000000\\r\\n\\r\\n" "repeat:100:$big" reset
gone "closed" "closed in the middle" \
    "${put}Content-Length: 2000000\\r\\n\\r\\n" "repeat:100:$big" shut
gone "closed" "closed before the first byte" \
    "${put}Content-Length: 2000000\\r\\n\\r\\n" shut
gone "closed" "closed one byte before the end" \
    "${put}Content-Length: 9001\\r\\n\\r\\n" "$big" shut
gone "closed" "closed between two chunks" \
    "$chunked" "repeat:100:2328\\r\\n$big\\r\\n" shut
gone "400 closed" "a chunk that is none" \
    "$chunked" "repeat:100:2328\\r\\n$big\\r\\n" 'zz\r\n'
gone "413 closed" "more than max_upload" \
    "$chunked" "repeat:500:2328\\r\\n$big\\r\\n"
gone "413 closed" "so much announced" \
    "${put}Content-Length: 9000000\\r\\n\\r\\n"
gone "closed" "a form, closed in its file" \
    "${form}Content-Length: 2000000\\r\\n\\r\\n" "$file" "repeat:100:$big" shut
gone "400 open" "a form that does not end" \
    "${form}Content-Length: $((${#file} - 2 * 4 + 90000))\\r\\n\\r\\n" \
    "$file" "repeat:10:$big"
gone "400 closed" "a second file behind the first" \
    "${form}Content-Length: 2000000\\r\\n\\r\\n" "$file" \
    "repeat:10:$big" "\\r\\n$file" "repeat:10:$big"
gone "422 open" "what is no video" \
    "${put}Content-Length: 9000\\r\\n\\r\\n" "$big"

gateway_stop
V2M_RATE_TIME=5s gateway_start
gone "closed" "too slow" "${put}Content-Length: 2000000\\r\\n\\r\\n" \
    "repeat:10:$big" "drip:20:$(echo "$big" | cut -c 1-900)"
ok "as the log says" logged 'path=/upload/x.mp4 .* result=cut'

# --- while another one runs ---

gateway_stop
gateway_start

python3 "$raw" -t 60 "$PORT" "${put}Content-Length: 2000000\\r\\n\\r\\n" \
    "repeat:10:$big" touch:begun await:go > /dev/null &
other=$!
begun() {
	[ -e begun ] &&
	    [ "$(sql store 'SELECT count(*) FROM record')" = 1 ]
}
eventually "one is being uploaded" begun
is "$(python3 "$raw" -t 60 "$PORT" "${put}Content-Length: 5000\\r\\n" \
    'Expect: 100-continue\r\n\r\n')" "429 closed" \
    "a second one is not even asked for"
is "$(v2m-status | cut -f 2)" new "it is shown as what it is"
kill "$GATEWAY"
wait "$GATEWAY"
is $? 0 "the gateway stops meanwhile"
: > go
wait $other
ok "nothing is left" nothing_left

gateway_start
http 200 "after all that one is accepted" -T video.mp4 -H "$(header_of ann)" \
    "$URL/upload/"
is "$(sql store 'SELECT count(*) FROM record')" 1 "there is one record"
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends"

# --- who is slow? ---

V2M_RATE_TIME=1s V2M_HEADER_TIMEOUT=1s V2M_MAX_USER_JOBS=9
export V2M_HEADER_TIMEOUT
gateway_start
auth_ann=$(header_of ann)
mkfifo hold
python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open("locked", "w").close()
sys.stdin.read()' "$V2M_STATE/store/index.db" < hold &
locker=$!
exec 3> hold
eventually "the store hangs" [ -e locked ]
curl -sS -v -m 120 -o "$BODY" -w '%{http_code}' -T video.mp4 -H "$auth_ann" \
    "$URL/upload/" > code 2> sent 3>&- &
sender=$!
eventually "an upload is on its way" grep -q '^> PUT' sent
sleep 4
exec 3>&-
wait $sender
is "$(cat code)" 200 "who uploads meanwhile is not cut off"
wait $locker
ok "though it took longer than a client may" logged \
    'path=/upload/video.mp4 status=200 .* ms=([2-9]|[0-9]{2})[0-9]{3}$'
unlike "$(cat "$GATEWAY_LOG")" 'event=cut .*slow' "it was not the client"
gateway_stop

done_testing
