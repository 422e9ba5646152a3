#!/bin/sh
# What is announced is not had: who announces much and sends nothing takes room
# from nobody, and what many uploads have begun makes the next no dearer.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip video.mp4
V='Tus-Resumable: 1.0.0'
T='Content-Type: application/offset+octet-stream'
V2M_MAX_UPLOAD=1000000G V2M_MAX_USER_BYTES=0
export V2M_MAX_UPLOAD V2M_MAX_USER_BYTES
gateway_start
ann=$(header_of ann) bob=$(header_of bob) root=$(header_of root)

free_kib() {
	df -P -k "$V2M_STATE" | awk 'NR == 2 { print $4 }'
}

# create SIZE [ARGUMENT ...]: begin an upload; its status in $code
create() {
	create_size=$1
	shift
	code=$(curl -sS -o "$BODY" -D "$HEAD" -w '%{http_code}' -X POST \
	    -H "$V" -H "Upload-Length: $create_size" "$@" "$URL/files/")
}

# --- ann announces the whole disk, and halves of it, and sends nothing ---
size=$(($(free_kib) * 1024))
n=0 requests=0
while [ "$size" -gt 1000 ] && [ $requests -lt 200 ]; do
	create "$size" -H "$ann"
	requests=$((requests + 1))
	if [ "$code" = 201 ]; then
		n=$((n + 1))
	else
		size=$((size / 2))
	fi
done
is "$n" 32 "one account has max_user_unfinished uploads"
is "$code" 429 "and no more while they are new"
like "$(cat "$BODY")" max_user_unfinished "it is told why"
ok "and when to come again" [ -n "$(field retry-after)" ]
http 200 "another's upload finds room" -T video.mp4 -H "$bob" \
    "$URL/upload/b.mp4"
create 1000 -H "$bob"
is "$code" 201 "another account begins one"

# --- many ---
costs=$(python3 "$tap_root/tests/lib/many-parts.py" "$PORT" "$root" \
    "$GATEWAY" 600)
ok "the 600th upload costs what the first did (ms of 40: $costs)" \
    [ "${costs#* }" -le $((${costs% *} * 2 + 50)) ]
case ${V2M_STORE:-} in mongodb:*) done_testing ;; esac

# --- the oldest to which nobody sends ---
# sent ID MINUTES: somebody sent to it so long ago
sent() {
	sql store "UPDATE note SET text = json_set(text, '\$.$1[2]',
	    (strftime('%s', 'now') - $2 * 60) * 1000)
	    WHERE kind = 'quota' AND key = 'ann@example.org'"
}
# there ID: the status of its HEAD
there() {
	curl -sS -o /dev/null -I -H "$V" -H "$ann" -w '%{http_code}' \
	    "$URL/files/$1"
}
sql store "SELECT id FROM record WHERE owner = 'ann@example.org' AND
    state = $JOB_NEW ORDER BY id LIMIT 3" > three
{ read -r a; read -r b; read -r c; } < three
sent "$a" 9
create 1000 -H "$ann"
is "$code" 429 "nine minutes are not long enough"
sent "$b" 20
sent "$c" 11
create 1000 -H "$ann"
is "$code $(there "$a") $(there "$b") $(there "$c")" "201 200 404 200" \
    "one more ends the oldest of those idle for ten"

# --- a disk that fills up under way ---
size=$(wc -c < video.mp4 | tr -d ' ')
head -c 600000 /dev/zero > more
create 900000 -H "$bob"
id=$(field location)
id=${id##*/}
http 204 "some bytes of an upload" -X PATCH -H "$V" -H "$T" -H "$bob" \
    -H 'Upload-Offset: 0' --data-binary @video.mp4 "$URL/files/$id"
gateway_stop
V2M_FREE_RESERVE=2000000G
export V2M_FREE_RESERVE
gateway_start
create 1000 -H "$bob"
is "$code" 507 "where there is no room no upload begins"
unlike "$(cat "$BODY")" '/|[0-9]' "whoever asks hears no path and no figure"
logged 'event=full .*not enough room in '
is $? 0 "the log has them"
http 507 "one under way is refused" -X PATCH -H "$V" -H "$T" -H "$bob" \
    -H "Upload-Offset: $size" --data-binary @more "$URL/files/$id"
gateway_stop
# Half of this is free, and the whole is not.
V2M_FREE_RESERVE=$(($(free_kib) * 1500))
gateway_start
http 200 "what was stored stays" -I -H "$V" -H "$bob" "$URL/files/$id"
at=$(field upload-offset)
ok "HEAD tells it ($at)" [ "$at" -ge "$size" ]
create 1000 -H "$bob"
is "$code" 507 "below free_reserve no upload begins"
http 204 "those under way go on into half of it" -X PATCH -H "$V" -H "$T" \
    -H "$bob" -H "Upload-Offset: $at" --data-binary @more "$URL/files/$id"
ends_well
done_testing
