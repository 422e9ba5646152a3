#!/bin/sh
# Workers and notifiers frozen past their lease, or killed while they convert:
# whoever took over wins, and the frozen one leaves no trace.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
long_clip long.mp4

for point in claimed encoded stored committed; do
	id=$(v2m-upload talk.mp4) || exit 99
	background env V2M_FAULT=stop:$point v2m-convert-worker --once 2> log
	frozen=$tap_pid
	eventually "frozen at $point" stands $frozen
	sleep 1.1
	is "$(finish "$id")" done "$point: another takes over"
	kill -CONT $frozen
	wait $frozen
	is "$?" 0 "$point: the frozen one ends well"
	is "$(mp3s)" 1 "$point: there is one MP3"
	ok "$point: it is the one that the record names" v2m-fetch -o - "$id"
	eventually "$point: no message is left" drained
	is "$(notices "$id")" 1 "$point: told once"
	v2m-remove "$id" > "$OUT"
	is "$(mp3s)" 0 "$point: removed"
done

id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
background env V2M_LEASE=1min V2M_FAULT=stop:notice-claimed v2m-notify --once \
    2> log
frozen=$tap_pid
eventually "a notifier frozen with its claim" stands $frozen
sql queue "UPDATE message SET due_ms = 0"
v2m-notify --once
is "$(notices "$id")" 0 "nobody else may tell yet"
sql store "UPDATE record SET told_until = 1 WHERE id = '$id'"
sql queue "UPDATE message SET due_ms = 0"
v2m-notify --once
is "$(notices "$id")" 1 "until its lease is over"
kill -CONT $frozen
wait $frozen
is "$?" 0 "the frozen one ends well"
is "$(notices "$id")" 1 "and does not tell"
eventually "no message is left" drained
is "$(notices "$id")" 1 "nor does anybody"
v2m-remove "$id" > "$OUT"

# kill -9 in the midst, the decoder dies with its worker
id=$(v2m-upload long.mp4) || exit 99
background v2m-convert-worker 2> log
worker=$tap_pid
eventually "a long job is converting" is_state converting "$id"
percent() {
	[ "$(v2m-status "$1" | cut -f 3)" -gt 0 ]
}
eventually "its progress is shown" percent "$id" 2> "$ERR"
kill -9 $worker
wait $worker 2> "$ERR"
is "$(state "$id")" converting "killed: the record knows nothing of it"
ok "another worker waits for the lease" v2m-convert-worker --once
is "$(finish "$id")" done "and takes over"
is "$(mp3s)" 1 "one MP3"
is "$(notices "$id")" 1 "one notice"
like "$(sql store "SELECT lost FROM record WHERE id = '$id'")" '^1$' \
    "one lease was lost"

# A worker whose job is removed stops converting it.
id=$(v2m-upload long.mp4) || exit 99
background v2m-convert-worker 2> log
worker=$tap_pid
eventually "a long job again" is_state converting "$id"
ok "its owner removes it" v2m-remove "$id"
other=$(v2m-upload talk.mp4)
eventually "the worker goes on with the next" is_state 'done' "$other"
kill -TERM $worker
wait $worker
is "$?" 0 "and ends well"
is "$(mp3s)" 2 "nothing is left of the removed one"
is "$(sql queue "SELECT count(*) FROM message WHERE queue = 'video'")" 0 \
    "nor its message"

done_testing
