#!/bin/sh
# The administrator brings jobs back: failed, lost, held and finished ones.
# slow: waits for leases to run out
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
echo 'dear diary' > text.mp4

messages() {
	sql queue "SELECT count(*) FROM message"
}

wipe_queue() {
	sql queue "DELETE FROM message"
}

status 0 "nothing to list" v2m-requeue --list
is "$(cat "$OUT")$(cat "$ERR")" "" "is silence in a pipe"
status 0 "nothing to requeue" v2m-requeue --all

# --- what failed ---
bad=$(v2m-upload --no-check text.mp4)
good=$(v2m-upload talk.mp4)
V2M_FAULT=fail:encoded V2M_MAX_ATTEMPTS=1 v2m-convert-worker --once 2> /dev/null
sql store "UPDATE record SET state = $JOB_FAILED,
    reason = 'No space on the Ötscher',
    failure = 75, done_at = 1, announced = 1, attempts = 3, lost = 2
    WHERE id = '$good'"
wipe_queue
v2m-notify --once 2> /dev/null
v2m-notify "$good" "$bad" > /dev/null 2>&1
is "$(grep -c failed notices)" 2 "two failed, and their owner knows"
status 0 "--list" v2m-requeue --list
is "$(cut -f 1,2 "$OUT" | sort)" "$(printf '%s\tfailed\n' "$bad" "$good" |
    sort)" "shows both"
status 0 "--list --reason" v2m-requeue --list --reason 'no SPACE on the ötsch'
is "$(cut -f 1 "$OUT")" "$good" "shows one"
status 0 "--list --json" v2m-requeue --list --json
is "$(grep -c '"state":"failed"' "$OUT")" 2 "shows objects"
status 0 "--show" v2m-requeue --show "$good"
like "$(cat "$OUT")" '"lost": 2' "shows what v2m-status does not"

status 64 "an empty reason is none" v2m-requeue --drop --reason ""
status 0 "--reason" v2m-requeue --reason 'no space'
is "$(cat "$OUT")" "$good" "brings back the one"
is "$(state "$good") $(state "$bad")" "queued failed" "and not the other"
is "$(column "$good" 'attempts || lost || reason')" 00 "with a clean slate"
is "$(messages)" 1 "and a message"
status 0 "again, by its ID" v2m-requeue "$good"
is "$(messages)" 2 "it has another message"
is "$(finish "$good")" done "it is done"
is "$(mp3s)" 1 "there is one MP3"
is "$(grep -c "$good done" notices)" 1 "its owner is told once"
sql store "UPDATE record SET duration_ms = 1100 WHERE id = '$good'"
status 0 "--show --json" v2m-requeue --show --json "$good"
like "$(cat "$OUT")" '"duration_s":1[.]1,' "seconds have no digits of rounding"
like "$(cat mails)" "^Message-ID: <$good.1.done@" "in a new generation"
status 1 "a third time: it is done" v2m-requeue "$good"
like "$(cat "$ERR")" "$good: it is done \(--again" "and how to have it anew"

status 0 "--all" v2m-requeue --all
is "$(cat "$OUT")" "$bad" "brings back the other"
is "$(finish "$bad")" failed "which fails again"
is "$(grep -c "$bad failed" notices)" 2 "and its owner is told again"

# --- done ones, once more ---
mp3=$(column "$good" mp3)
v2m-fetch --quiet -o before.mp3 "$good"
status 0 "--again" v2m-requeue --again "$good"
status 0 "--again for a second time" v2m-requeue --again "$good"
is "$(column "$good" generation)" 2 "is one generation"
is "$(column "$good" mp3)" "$mp3" "the MP3 stays meanwhile"
is "$(finish "$good")" done "it is done"
is "$(mp3s)" 1 "there is one MP3"
ok "another one" test "$(column "$good" mp3)" != "$mp3"
is "$(column "$good" fetched_at)" 0 "which was not fetched"
status 0 "it can be" v2m-fetch -o after.mp3 "$good"
is "$(grep -c "$good done" notices)" 2 "the owner is told of it"
status 0 "by the MP3's ID" v2m-requeue --again "$(column "$good" mp3)"
finish "$good" > /dev/null

# A worker that dies between commit and the removal of the old one.
v2m-requeue --again "$good" > /dev/null
V2M_FAULT=kill:committed v2m-convert-worker --once 2> /dev/null
is "$(mp3s)" 2 "a worker died and left the old MP3"
is "$(finish "$good")" done "the next one finishes"
is "$(mp3s)" 1 "and removes it"

# --- lost ones ---
a=$(v2m-upload talk.mp4)
b=$(v2m-upload talk.mp4)
wipe_queue
status 0 "--lost, at once" env V2M_LEASE=1min v2m-requeue --lost
is "$(cat "$OUT")" "" "a message may still be on its way"
sql store "UPDATE record SET queued_at = 1 WHERE id IN ('$a', '$b')"
status 0 "--list --lost" v2m-requeue --list --lost
is "$(cut -f 1 "$OUT" | sort)" "$(printf '%s\n' "$a" "$b" | sort)" \
    "after a minute: both"
is "$(messages)" 0 "nothing was changed"
status 0 "--lost" v2m-requeue --lost
is "$(messages)" 2 "publishes both"
status 0 "--lost once more" v2m-requeue --lost
is "$(messages)" 2 "publishes none"
is "$(finish "$a") $(finish "$b")" "done done" "both are done"
c=$(v2m-upload talk.mp4)
V2M_FAULT=kill:encoded v2m-convert-worker --once 2> /dev/null
wipe_queue
status 0 "one that a worker has" v2m-requeue "$c"
is "$(messages)" 0 "is left to it"
sleep 1.2
sql store "UPDATE record SET queued_at = 1 WHERE id = '$c'"
status 0 "one whose worker died" v2m-requeue --lost
is "$(cat "$OUT")" "$c" "is found"
is "$(finish "$c")" done "and done"
d=$(v2m-upload talk.mp4)
V2M_FAULT=kill:committed v2m-convert-worker --once 2> /dev/null
wipe_queue
status 0 "an end that nobody announced" v2m-requeue "$d"
is "$(messages)" 1 "is announced"
v2m-notify --once
is "$(notices "$d")" 1 "and told"

# --- held ones ---
e=$(v2m-upload --no-queue talk.mp4)
v2m-requeue --all > /dev/null
is "$(state "$e")" held "--all leaves held ones alone"
status 0 "a held one by its ID" v2m-requeue "$e"
is "$(finish "$e")" done "needs no naming any more"

# --- giving up ---
status 1 "--drop of a done one" v2m-requeue --drop "$e"
like "$(cat "$ERR")" 'v2m-remove' "is for v2m-remove"
status 0 "--drop --all" v2m-requeue --drop --all
is "$(cat "$OUT")" "$bad" "drops what failed"
is "$(state "$bad")" removed "for good"
is "$(sql store "SELECT count(*) FROM object WHERE id = '$bad'")" 0 \
    "with its video"
status 66 "then it cannot come back" v2m-requeue "$bad"
like "$(cat "$ERR")" "$bad: it was removed" "and the message says so"

# --- operands, and what is wrong with them ---
stuck=$(v2m-upload --no-queue talk.mp4)
sql store "UPDATE record SET state = $JOB_FAILED WHERE id = '$stuck'"
empty=
for args in --drop --again --show ""; do
	echo "$stuck" > ids
	# shellcheck disable=SC2086 # words, or none
	status 64 "a loop with an unset variable: $args" \
	    v2m-requeue $args $empty < ids
	like "$(cat "$ERR")" '^v2m-requeue: no ID given' "says what is wanted"
	is "$(state "$stuck")" failed "and leaves the loop's list alone"
done
status 66 "no ID" v2m-requeue nonsense
status 66 "an unknown ID" v2m-requeue 000000000000000000000000
status 66 "of several one is unknown" v2m-requeue "$e" --again \
    000000000000000000000000
is "$(cat "$OUT")" "$e" "the others are requeued"
finish "$e" > /dev/null
printf '%s\textra\n' "$e" > ids
status 0 "IDs by stdin" sh -c 'v2m-requeue --again --json - < ids'
is "$(cat "$OUT")" "{\"id\":\"$e\",\"requeued\":true}" "--json"
sql store "UPDATE record SET video_gone = 7 WHERE id = '$good'"
status 66 "one whose video is gone" v2m-requeue --again "$good"
like "$(cat "$ERR")" 'its video is no longer kept' "says so"
for args in "--list --show" "--all --lost" "--all $e" "--show --all" \
    "--drop --lost" "--again --all" "--drop --again $e" "--reason"; do
	# shellcheck disable=SC2086 # words
	status 64 "usage: $args" v2m-requeue $args
done

done_testing
