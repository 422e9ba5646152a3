#!/bin/sh
# What is left of uploads that broke off: not shown, not counted, gone after an
# hour; and a check is clean all the while.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip talk.mp4 30
export V2M_MAX_USER_JOBS=2

records() {
	sql store "SELECT count(*) FROM record WHERE state = $JOB_NEW"
}

# slowly: the video, the last of it when the file `go` is there
slowly() {
	head -c 20000 talk.mp4
	while [ ! -e go ] && [ -e talk.mp4 ]; do
		sleep 0.1
	done
	tail -c +20001 talk.mp4
}

# --- one that lives is shown for as long as it takes ---
slowly | v2m-upload - > live 2> log &
live=$!
is_recorded() {
	[ "$(records)" = "$1" ]
}
eventually "an upload is under way" is_recorded 1
is_shown() {
	[ "$(v2m-status | cut -f 2)" = new ]
}
sleep 2.5
eventually "it is shown, long after the first lease" is_shown
status 0 "v2m-check" v2m-check
touch go
wait $live
is $? 0 "it is accepted"
is "$(state "$(cat live)")" queued "as a job"
v2m-remove "$(cat live)" > "$OUT"

# --- one that is killed ---
rm go
mkfifo pipe
slowly > pipe &
v2m-upload - < pipe > "$OUT" 2> log &
killed=$!
eventually "another is under way" is_recorded 1
kill -9 $killed
wait $killed
sleep 1.5
id=$(sql store "SELECT id FROM record WHERE state = $JOB_NEW")
is "$(records) $(v2m-status)" "1 " "killed, and no longer shown"
status 0 "v2m-check" v2m-check
is "$(cat "$OUT")" "" "says nothing of it"
status 0 "v2m-prune" v2m-prune
is "$(records)" 1 "leaves it for an hour"
sql store "UPDATE record SET until = until - 3600000 WHERE id = '$id'"
status 0 "v2m-prune" v2m-prune
is "$(records)" 0 "and then removes it"

# --- a gateway that is killed ---
gateway_start
token=$(v2m-user token ann@example.org)
begun() {
	slowly | curl -s -o body -T - -H "Authorization: Bearer $token" \
	    "$URL/upload/talk.mp4" &
	eventually "an upload at a gateway" is_recorded "$1"
}
begun 1
begun 2
gateway_stop KILL
touch go
sleep 1.5
is "$(records) $(v2m-status)" "2 " "the gateway is killed: nothing is shown"
gateway_start
http 200 "the list of the next one" -H "Authorization: Bearer $token" \
    "$URL/status"
is "$(cat "$BODY")" "" "has nothing of it"
http 200 "nor is it counted, so there is room for another" \
    -H "Authorization: Bearer $token" -F file=@talk.mp4 "$URL/upload"
sql store "UPDATE record SET until = until - 3600000 WHERE state = $JOB_NEW"
status 0 "v2m-prune" v2m-prune
is "$(records)" 0 "removes them after an hour"
status 0 "v2m-check" v2m-check
is "$(cat "$OUT")" "" "is clean"

# --- bytes that can be gone on with are another matter ---
length=$(wc -c < talk.mp4)
# creates CODE WHAT
creates() {
	http "$1" "$2" -X POST -H "Authorization: Bearer $token" \
	    -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $length" "$URL/files/"
}
creates 201 "a resumable one without a byte"
sleep 1.5
creates 429 "it keeps its place for longer than a lease"
sql store "UPDATE record SET until = until - 3600000 WHERE state = $JOB_NEW"
status 0 "v2m-prune" v2m-prune
is "$(records)" 0 "removes it after an hour"
creates 201 "then there is place for another"
path=$(field Location)
path=/files/${path##*/}
head -c 20000 talk.mp4 > first
http 204 "some bytes" -X PATCH -H "Authorization: Bearer $token" \
    -H 'Tus-Resumable: 1.0.0' -H 'Upload-Offset: 0' \
    -H 'Content-Type: application/offset+octet-stream' \
    --data-binary @first "$URL$path"
sleep 1.5
like "$(v2m-status)" "^${path##*/}	new	" "it is shown"
v2m-prune
is "$(records)" 1 "and kept"

# --- a video that would not go ---
id=$(v2m-upload talk.mp4)
cp "state/store/videos/$id" kept
row=$(sql store "SELECT length || ',''' || sha256 || ''',' || created_at
    FROM object WHERE id = '$id'")
v2m-remove "$id" > "$OUT"
cp kept "state/store/videos/$id"
sql store "INSERT INTO object (kind, id, length, sha256, created_at, name,
    owner, video, fence) SELECT 'video', '$id', $row, '', '', '', 0"
status 0 "v2m-check" v2m-check
is "$(cat "$OUT")" "" "says nothing for an hour"
status 0 "v2m-prune" v2m-prune
ok "removes it at once" [ ! -e "state/store/videos/$id" ]

done_testing
