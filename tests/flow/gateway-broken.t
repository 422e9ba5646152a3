#!/bin/sh
# Uploads that come to no end: refused before a byte, too large, malformed, cut
# off, too slow.  Each leaves nothing behind.
#
# slow: 30 s, pauses
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip video.mp4
head -c 900000 /dev/zero | tr '\0' x > long
V2M_MAX_UPLOAD=1M
export V2M_MAX_UPLOAD

# What a store holds of uploads: records, videos, notes, and pieces of files.
stored() {
	case ${V2M_STORE:-} in
	mongodb:*) stored_pieces='SELECT count(*) FROM chunk' ;;
	*) stored_pieces="SELECT $(find "$V2M_STATE/store" -type f \
	    ! -name 'index.db*' | wc -l)" ;;
	esac
	sql store "SELECT (SELECT count(*) FROM record),
	    (SELECT count(*) FROM object),
	    (SELECT count(*) FROM note WHERE kind <> 'quota'),
	    ($stored_pieces)"
}
is_clean() {
	[ "$(stored)" = "$clean" ]
}
# raw WANTED WHAT STEP ...: what comes back, then that nothing is left.
raw() {
	raw_wanted=$1 raw_what=$2
	shift 2
	is "$(python3 "$tap_root/tests/lib/raw.py" -t 60 "${URL##*:}" "$@")" \
	    "$raw_wanted" "$raw_what"
	eventually "$raw_what: nothing is left" is_clean
}

gateway_start
ann=$(header_of ann)
H="Host: x\r\nConnection: close\r\n$ann\r\n"
FORM="POST /upload HTTP/1.1\r\n${H}Content-Type: multipart/form-data; boundary=x\r\n"
PART='--x\r\nContent-Disposition: form-data; name=a; filename=b.mp4\r\n\r\n'
PUT="PUT /upload/b.mp4 HTTP/1.1\r\n$H"
CHUNKED='Transfer-Encoding: chunked\r\n\r\n'
clean=$(stored)

# --- before the first byte ---
raw "413 closed" "too large, with Expect" \
    "${PUT}Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
raw "413 closed" "too large a form, with Expect" \
    "${FORM}Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"
raw "401 closed" "nobody's, with Expect" 'PUT /upload/b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n'
raw "400 closed" "of another type, with Expect" "POST /upload HTTP/1.1\r\n${H}Content-Type: video/mp4\r\nExpect: 100-continue\r\nContent-Length: 20\r\n\r\n"
raw "400 closed" "with wrong options" "PUT /upload/b?options=x HTTP/1.1\r\n${H}Expect: 100-continue\r\nContent-Length: 20\r\n\r\n"
raw "413 closed" "too large, without Expect" \
    "${PUT}Content-Length: 2000000\r\n\r\n" 'repeat:2000000:x'
raw "100 422 closed" "a good one is asked for its bytes" \
    "${PUT}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n" answer hello

# --- on the way ---
raw "413 closed" "too many chunks" "$PUT$CHUNKED" \
    "repeat:200:2000\r\n$(head -c 8192 long)\r\n"
raw "closed" "closed in the middle" "${PUT}Content-Length: 500000\r\n\r\n" \
    'repeat:300000:x' shut
raw "closed" "closed in the middle of a form" \
    "${FORM}Content-Length: 500000\r\n\r\n$PART" 'repeat:300000:x' shut
raw "closed" "closed in the middle of chunks" "$PUT$CHUNKED" \
    '10000\r\n' 'repeat:65530:x' shut
raw "closed" "closed before the first byte" \
    "${PUT}Content-Length: 500000\r\n\r\n" shut
raw "400 closed" "a second file" "${FORM}Content-Length: 900000\r\n\r\n$PART" \
    'repeat:300000:x' "\r\n$PART"
raw "400 closed" "too much of another field" \
    "${FORM}Content-Length: 900000\r\n\r\n" \
    '--x\r\nContent-Disposition: form-data; name=a\r\n\r\n' 'repeat:300000:x'
raw "400 closed" "a boundary that goes on" \
    "${FORM}Content-Length: 900000\r\n\r\n$PART" 'hello\r\n--xx\r\n'
raw "400 closed" "a form that ends early" \
    "${FORM}$CHUNKED" \
    "$(printf %b "$PART" | wc -c | xargs printf %x)\r\n$PART\r\n0\r\n\r\n"
raw "422 closed" "no media" "${PUT}Content-Length: 300000\r\n\r\n" \
    'repeat:300000:x'

# --- cut off by the client's program ---
background curl -sS --limit-rate 20k -F 'file=@long' -H "$ann" \
    "$URL/upload" > curl.out 2> curl.err
is_under_way() {
	! is_clean
}
eventually "a slow client is under way" is_under_way
sleep 1
kill -9 "$tap_pid"
wait "$tap_pid" 2> "$ERR"
eventually "a client that was killed: nothing is left" is_clean
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"
V2M_RATE_TIME=2s gateway_start
raw "closed" "too slow" "${PUT}Content-Length: 500000\r\n\r\n" \
    'drip:200:xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
gateway_stop

# --- quotas and room ---
V2M_MAX_USER_JOBS=1
V2M_MAX_USER_BYTES=100k
export V2M_MAX_USER_JOBS V2M_MAX_USER_BYTES
gateway_start
raw "413 closed" "more bytes than a user may have" \
    "${PUT}Expect: 100-continue\r\nContent-Length: 200000\r\n\r\n"
unset V2M_MAX_USER_BYTES
gateway_stop
gateway_start
http 200 "the one job that is allowed" -T video.mp4 -H "$ann" "$URL/upload/"
clean=$(stored)
raw "429 closed" "one more" \
    "${PUT}Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n"
raw "429 closed" "by form" \
    "${FORM}Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n"
http 429 "one more, by curl" -T video.mp4 -H "$ann" "$URL/upload/"
like "$(field retry-after)" '^[0-9]+$' "and when to come back"
http 200 "somebody else's" -T video.mp4 -H "$(header_of bob)" "$URL/upload/"
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"
unlike "$(cat "$TMP"/gateway-*.log)" 'event=failed' "nothing went wrong inside"

# Nobody can ask a MongoDB server how much room it has.
case ${V2M_STORE:-} in mongodb:*) done_testing ;; esac
clean=$(stored)
unset V2M_MAX_USER_JOBS
V2M_FREE_RESERVE=1000000G
export V2M_FREE_RESERVE
gateway_start
raw "507 closed" "no room" \
    "${PUT}Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n"
http 507 "no room for a form" -F 'file=@video.mp4' -H "$ann" "$URL/upload"
is "$(cat "$BODY")" "the service has no room for it now: try again later" \
    "and no word of folders, and of what is free"
ok "that is in the log" logged 'event=full.*not enough room in .* are free'
eventually "nothing is left" is_clean
gateway_stop
is "$GATEWAY_STATUS" 0 "it ends well"
unlike "$(cat "$TMP"/gateway-*.log)" 'event=failed' "nothing went wrong inside"

done_testing
