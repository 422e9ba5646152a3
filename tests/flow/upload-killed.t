#!/bin/sh
# An upload that dies or fails between two steps: what was not accepted leaves
# nothing that could be used or is completed; what was accepted is never lost.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

videos() {
	sql store "SELECT count(*) FROM object WHERE kind = 'video'"
}

files() {
	find "$V2M_STATE/store/$1" -type f | wc -l
}

# Without a message out there: no job ever, though workers look for it.
for point in store-written store-linked store-committed publish \
    queue-publish; do
	status 137 "killed at $point" env V2M_FAULT="kill:$point" \
	    v2m-upload talk.mp4
	is "$(cat "$OUT")" "" "$point: no ID was printed"
	sleep 1.1
	ok "$point: a worker finds nothing" v2m-convert-worker --once
	is "$(mp3s)" 0 "$point: and makes nothing"
	is "$(sql store "SELECT count(*) FROM record
	    WHERE state = $JOB_NEW")" 1 \
	    "$point: the record is new, for pruning"
	ok "$point: a watch does not wait for it" \
	    timeout 60 v2m-status --watch
	sql store "SELECT id FROM record" | v2m-remove - > "$OUT"
	is "$(videos)" 0 "$point: the owner can remove it"
	sql store "DELETE FROM record"
	find "$V2M_STATE/store/videos" -type f -delete
done

# With one: it is completed.
for point in queue-published published; do
	status 137 "killed at $point" env V2M_FAULT="kill:$point" \
	    v2m-upload talk.mp4
	id=$(v2m-status | cut -f 1)
	is "$(finish "$id")" done "$point: the job is done all the same"
	is "$(notices "$id")" 1 "$point: and its owner told"
	v2m-remove "$id" > "$OUT"
	sql store "DELETE FROM record"
done

# Steps that fail instead: the error comes back, and nothing stays.
for point in store-written store-linked store-committed publish \
    queue-publish queue-published published; do
	status 75 "failing at $point" env V2M_FAULT="fail:$point" \
	    v2m-upload talk.mp4
	is "$(cat "$OUT")" "" "$point: no ID"
	like "$(cat "$ERR")" "^v2m-upload: talk.mp4: ordered to fail" \
	    "$point: the reason, with the file's name"
	is "$(videos) $(files videos)" "0 0" "$point: no video is left"
	is "$(v2m-status)" "" "$point: nor a job in the list"
	v2m-convert-worker --once 2> "$ERR"
	is "$(cat "$ERR")" "" "$point: a message for it is taken silently"
	is "$(sql queue "SELECT count(*) FROM message")" 0 \
	    "$point: and gone"
done

# A worker was faster than the failing upload: then it is accepted.
background env V2M_FAULT=stop:published v2m-upload talk.mp4 > out
up=$tap_pid
message_is_out() {
	[ "$(sql queue "SELECT count(*) FROM message")" = 1 ]
}
eventually "the message is out" message_is_out
eventually "the upload stands still behind it" stands "$up"
v2m-convert-worker --once
kill -CONT "$up"
wait "$up"
is "$?" 0 "a worker was faster than the upload: accepted"
is "$(state "$(cat out)")" done "and done"

# One of several fails, the others go on.
cp talk.mp4 b.mp4
cp talk.mp4 c.mp4
status 75 "the second of three fails" env V2M_FAULT=fail:publish@2 \
    v2m-upload talk.mp4 b.mp4 c.mp4
is "$(wc -l < "$OUT")" 2 "the others are uploaded"
like "$(cat "$ERR")" '^v2m-upload: b.mp4: ' "and it is named"

# Ctrl-C in the midst of a pipe.
n=$(files videos)
mkfifo pipe
v2m-upload - < pipe > out 2> err &
up=$!
exec 3> pipe
head -c 10000 talk.mp4 >&3
eventually "an upload is under way" catches $up
sleep 0.2
kill -TERM $up
sleep 0.3
exec 3>&-
wait $up
is "$?" 143 "a signal ends an upload by that signal"
is "$(cat out)" "" "which prints no ID"
is "$(files videos)" "$n" "and leaves no file"
is "$(v2m-status | grep -c new)" 0 "and no record"

# --- an equal job that is removed while it is accepted for another upload ---
clip other.mp4 2
status 137 "an upload dies before its message" \
    env V2M_FAULT=kill:publish v2m-upload other.mp4
gone=$(sql store "SELECT id FROM record WHERE state = $JOB_NEW")
env V2M_FAULT=stop:publish v2m-upload --skip-existing other.mp4 > again &
again=$!
eventually "the same video finds it" stands $again
ok "which is removed now" v2m-remove "$gone"
kill -CONT $again
wait $again
is $? 0 "the upload ends well"
unlike "$(cat again)" "$gone" "with an ID of its own"
is "$(state "$(cat again)")" queued "whose job is queued"

done_testing
