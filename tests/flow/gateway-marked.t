#!/bin/sh
# Two gateways on one store: an upload of which one makes a job is left to it by
# the other, whatever its client asks there.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
gateway_needed
setup
python3 "$tap_root/tests/lib/slow-aac.py" slow.aac 4
size=$(wc -c < slow.aac | tr -d ' ')
V='Tus-Resumable: 1.0.0'
T='Content-Type: application/offset+octet-stream'
gateway_start
first=$URL first_log=$GATEWAY_LOG first_gateway=$GATEWAY
gateway_start
ann=$(header_of ann)

marks() {
	sql store "SELECT count(*) FROM note WHERE kind = 'finish'"
}
# And the look at it stands still: on a busy machine it would be over before the
# other is asked.
is_marked() {
	[ "$(marks)" = 1 ] && pkill -STOP -P "$first_gateway"
}
go_on() {
	pkill -CONT -P "$first_gateway"
}

# begins WHAT: an upload, all of whose bytes are sent to the first gateway, by
# $pid in the background; the answer to that is in the file patch.
begins() {
	http 201 "$1" -H "$ann" -H "$V" -X POST -H "Upload-Length: $size" \
	    "$first/files/"
	id=$(field location)
	curl -sS -m 300 -o /dev/null -w '%{http_code}\n' -H "$ann" -H "$V" \
	    -X PATCH -H "$T" -H 'Upload-Offset: 0' --data-binary @slow.aac \
	    "$first/files/$id" > patch 2> patch.err &
	pid=$!
}

begins "an upload begins"
eventually "all bytes are there, and one gateway is at it" is_marked
http 423 "the other's HEAD has to wait" -I -H "$ann" -H "$V" "$URL/files/$id"
is "$(field retry-after)" 2 "and is told how long"
http 423 "as has a PATCH of the rest" -H "$ann" -H "$V" -X PATCH -H "$T" \
    -H "Upload-Offset: $size" --data-binary '' "$URL/files/$id"
go_on
wait "$pid"
is "$(cat patch)" 204 "the first makes a job of it"
is "$(marks)" 0 "no mark stays"
http 200 "the other's HEAD says so" -I -H "$ann" -H "$V" "$URL/files/$id"
is "$(field upload-offset)" "$size" "all of it is there"
is "$(cat "$first_log" "$GATEWAY_LOG" | grep -c "job=$id event=unchecked")" \
    1 "it was looked at once"

# --- one that is removed while a job is made of it ---
begins "a second upload begins"
eventually "its bytes are there" is_marked
http 204 "DELETE at the other" -X DELETE -H "$ann" -H "$V" "$URL/files/$id"
go_on
wait "$pid"
like "$(cat patch)" '^(404|409)$' "the PATCH is told that it is gone"
http 404 "as is a HEAD" -I -H "$ann" -H "$V" "$URL/files/$id"
is "$(marks)" 0 "no mark stays"

# --- a gateway that dies at it ---
begins "a third upload begins"
eventually "its bytes are there" is_marked
go_on
kill -KILL "$first_gateway"
wait "$pid"
wait "$first_gateway" 2> /dev/null
http 423 "its mark holds for a while" -I -H "$ann" -H "$V" "$URL/files/$id"
sql store "UPDATE note SET until = until - 30000 WHERE kind = 'finish'"
http 200 "and then the other makes a job of it" -I -H "$ann" -H "$V" \
    "$URL/files/$id"
is "$(as ann v2m-status "$id" | cut -f 2)" queued "it is one"
is "$(marks)" 0 "and no mark stays"
ends_well
done_testing
