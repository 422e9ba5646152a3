#!/bin/sh
# The queue decides nothing: messages that are lost, doubled, late, or no
# messages at all.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

# put QUEUE BODY [N]: N messages
put() {
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20)
db.executemany("INSERT INTO message (queue, body) VALUES (?, ?)",
    [(sys.argv[2], sys.argv[3].replace("NUL", "\0").replace("BIG",
    "x" * 70000))] * int(sys.argv[4]))
db.commit()' "$V2M_STATE/v2m.db" "$1" "$2" "${3:-1}"
}

depth() {
	sql queue "SELECT count(*) FROM message WHERE queue = '$1'"
}

message() {
	echo "{\"video_fid\":\"$1\",\"mp3_fid\":null,\"username\":\"ann@example.org\"}"
}

# --- lost ---
one=$(v2m-upload talk.mp4)
two=$(v2m-upload talk.mp4)
held=$(v2m-upload --no-queue talk.mp4)
sql queue "DELETE FROM message"
ok "a worker finds an empty queue" \
    env V2M_LEASE=1min v2m-convert-worker --once
is "$(state "$one")" queued "and leaves a young job to its message"
sleep 1.1
ok "a worker comes later" v2m-convert-worker --once
is "$(state "$one") $(state "$two")" "done done" \
    "the queue was wiped: the sweeper brings the jobs back"
is "$(state "$held")" held "but none that is held for a pipe"
v2m-notify --once
is "$(notices "$one") $(notices "$two")" "1 1" "their owner is told"

one=$(v2m-upload talk.mp4)
V2M_FAULT=kill:end-publish v2m-convert-worker --once 2> "$ERR"
sql queue "DELETE FROM message"
sleep 1.1
ok "done, not announced, and no message" v2m-convert-worker --once
is "$(finish "$one") $(notices "$one")" "done 1" "is announced by the sweeper"

one=$(v2m-upload talk.mp4)
V2M_FAULT=kill:claimed v2m-convert-worker --once 2> "$ERR"
sql queue "DELETE FROM message"
sleep 1.1
is "$(finish "$one") $(notices "$one")" "done 1" "a dead worker, and no message"

# One job that pauses for days does not keep the sweeper from the others.
paused=$(v2m-upload talk.mp4)
lost=$(v2m-upload talk.mp4)
sql store "UPDATE record SET due = 99999999999999 WHERE id = '$paused'"
sql queue "UPDATE message SET due_ms = 99999999999999
    WHERE body LIKE '%$paused%'"
sql queue "DELETE FROM message WHERE body LIKE '%$lost%'"
sleep 1.1
v2m-convert-worker --once
is "$(state "$lost") $(state "$paused")" "done queued" \
    "a lost message is seen beside one that is put off"
v2m-remove "$paused" "$held" > "$OUT"
sql queue "DELETE FROM message"

# --- a foreign converter ---
theirs=$(v2m-upload talk.mp4)
ours=$(v2m-upload talk.mp4)
sql queue "DELETE FROM message"
sql store "UPDATE record SET fence = 1 WHERE id = '$ours'"
sleep 1.1
ok "what a foreign converter may have taken" \
    env V2M_CONVERTER=foreign v2m-convert-worker --once
is "$(state "$theirs") $(state "$ours")" "queued done" \
    "is left to it, but not what a worker of ours had"
v2m-convert-worker --once
is "$(state "$theirs")" 'done' "else it is ours"
v2m-notify --once

# --- many sweepers ---
many=$(v2m-upload --files-from - <<END2
talk.mp4
talk.mp4
talk.mp4
talk.mp4
END2
)
sql queue "DELETE FROM message"
sleep 1.1
for i in 1 2 3 4 5; do
	v2m-convert-worker --once 2>> log &
done
wait
v2m-convert-worker --once
v2m-notify --once
told=
for id in $many; do
	told="$told$(state "$id")$(notices "$id") "
done
is "$told" "done1 done1 done1 done1 " "five sweepers at once: each job once"

# --- doubled ---
before=$(mp3s)
one=$(v2m-upload talk.mp4)
put video "$(message "$one")" 5
for i in 1 2 3; do
	v2m-convert-worker --once 2>> log &
done
wait
no_video() {
	v2m-convert-worker --once
	[ "$(depth video)" = 0 ]
}
no_notice() {
	v2m-notify --once
	[ "$(depth mp3)" = 0 ]
}
eventually "none of six messages is left" no_video
is "$(state "$one") $(mp3s)" "done $((before + 1))" "they made one MP3"
put mp3 "$(sql queue "SELECT body FROM message WHERE queue = 'mp3'
    LIMIT 1")" 5
# One that stands still for longer than its lease may tell twice.
for i in 1 2 3; do
	V2M_LEASE=10s v2m-notify --once 2>> log &
done
wait
eventually "none of six announcements is left" no_notice
is "$(notices "$one")" 1 "they made one notice"
put video "$(message "$one")"
put mp3 "$(message "$one")"
ok "one for a job that is over" v2m-convert-worker --once
ok "as for one that was told" v2m-notify --once
is "$(notices "$one") $(depth video) $(depth mp3)" "1 0 0" "changes nothing"

# --- for jobs that are no more ---
gone=$(v2m-upload talk.mp4)
v2m-remove "$gone" > "$OUT"
put mp3 "$(message "$gone")"
status 0 "one for a removed job" v2m-convert-worker --once
is "$(cat "$ERR")" "" "is taken silently"
status 0 "by the notifier too" v2m-notify --once
is "$(cat "$ERR") $(depth video) $(depth mp3) $(notices "$gone")" " 0 0 0" \
    "and nobody is told"

# --- no jobs at all ---
good=$(v2m-upload talk.mp4)
put video 'no JSON'
put video ''
put video '[]'
put video 'null'
put video '{}'
put video '{"video_fid": 7, "mp3_fid": null, "username": "a@b"}'
put video "{\"video_fid\": \"$good\", \"mp3_fid\": null}"
put video "{\"video_fid\": \"$good\", \"mp3_fid\": null, \"username\": 1}"
put video "{\"video_fid\": \"$good\", \"mp3_fid\": {}, \"username\": \"a@b\"}"
put video '{"video_fid": "../../etc/passwd", "mp3_fid": null, "username": "a"}'
put video "{\"video_fid\": \"$good\", \"video_fid\": \"$good\", \"username\": \"a\"}"
put video "NUL{\"video_fid\": \"$good\", \"mp3_fid\": null, \"username\": \"a@b\"}"
put video "{\"video_fid\": \"$good\", \"mp3_fid\": null, \"username\": \"aNULb\"}"
put video "{\"video_fid\": \"BIG\"}"
put video "{\"video_fid\": \"$good\", \"options\": [], \"username\": \"a@b\"}"
last=$(v2m-upload talk.mp4)
ok "messages that are none" v2m-convert-worker --once
is "$(state "$good") $(state "$last")" "done done" "hold nobody up"
is "$(depth video) $(depth video.failed)" "0 15" "they go to video.failed"
is "$(sql queue "SELECT count(*) FROM message WHERE queue = 'video.failed' AND
    body IN ('no JSON', '[]', '{}')")" 3 "unchanged"
like "$(cat "$ERR")" 'event=buried .*reason="message: not a JSON object"' \
    "each with its reason in the log"
put mp3 'no JSON'
v2m-notify --once 2> "$ERR"
is "$(depth mp3) $(depth mp3.failed)" "0 1" "the notifier does the same"

# Deep enough to overflow a careless parser's stack
deep=$(python3 -c 'print("[" * 30000)')
put video "$deep"
ok "a message of thirty thousand brackets" v2m-convert-worker --once
is "$(depth video.failed)" 16 "is none"

# --- of an ID that the store does not know ---
put video "$(message 0123456789abcdef01234567)"
status 0 "an unknown ID, first look" v2m-convert-worker --once
is "$(cat "$ERR") $(depth video)" " 1" "may still be on its way"
for look in 2 3; do
	sql queue "UPDATE message SET due_ms = 0"
	v2m-convert-worker --once 2> "$ERR"
done
is "$(depth video) $(depth video.failed)" "0 17" "after three looks it is none"
like "$(cat "$ERR")" 'job=0123456789abcdef01234567 event=buried' "says the log"

# --- a message of another program's, with members of its own ---
one=$(v2m-upload talk.mp4)
sql queue "DELETE FROM message"
put video "{\"video_fid\":\"$one\",\"mp3_fid\":null,\"username\":\"ANN@example.org\",\"colour\":{\"red\":1}}"
v2m-convert-worker --once
like "$(sql queue "SELECT body FROM message WHERE queue = 'mp3'")" \
    '"colour":\{"red":1\}' "its members go on"
filler=$(python3 -c 'print("y" * 65400)')
two=$(v2m-upload talk.mp4)
sql queue "DELETE FROM message"
put video "{\"video_fid\":\"$two\",\"mp3_fid\":null,\"username\":\"a@b.c\",\"f\":\"$filler\"}"
ok "members that leave no room for an answer" v2m-convert-worker --once
is "$(sql queue "SELECT count(*) FROM message WHERE queue = 'mp3' AND
    body LIKE '%$two%'")" 1 "are left out of it"

# --- many jobs at a time want many files ---
background sh -c 'ulimit -S -n 200 && exec v2m-convert-worker -j 40' 2> many
eventually "a worker of 40 jobs" grep -q 'event=started jobs=40' many
ok "takes more files than its shell had" test \
    "$(sed -n 's/^Max open files *\([0-9]*\).*/\1/p' \
    "/proc/$tap_pid/limits")" -gt 1500
kill $tap_pid
wait $tap_pid
is $? 0 "and ends"

done_testing
