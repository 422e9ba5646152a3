#!/bin/sh
# An end that was announced, and the message went with the broker: its owner is
# told, once, and nobody else is told again.
#
# slow: 25 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

wipe() {
	sql queue "DELETE FROM message"
}

depth() {
	sql queue "SELECT count(*) FROM message WHERE queue = '$1'"
}

# made: a finished job, announced, whose message is lost
made() {
	made_id=$(v2m-upload talk.mp4) && v2m-convert-worker --once 2>> log
	wipe
	sleep 1.1
	echo "$made_id"
}

# --- found ---
id=$(made)
status 1 "v2m-check" v2m-check
is "$(cat "$OUT")" "$id	its owner was not told: the message is lost	publish its message again" \
    "finds it"
status 0 "v2m-requeue --list --lost" v2m-requeue --list --lost
is "$(cut -f 1 "$OUT")" "$id" "as well"
is "$(depth mp3)" 0 "and nothing was changed"
status 0 "--repair" v2m-check --repair --yes
is "$(depth mp3) $(state "$id")" "1 done" "announces it"
status 0 "then all is well" v2m-check
wipe
sleep 1.1
status 0 "lost again, --lost" v2m-requeue --lost
is "$(cat "$OUT") $(depth mp3) $(state "$id")" "$id 1 done" "announces it anew"
v2m-notify --once
is "$(notices "$id")" 1 "its owner is told"

# --- a message that is only held ---
# Embedded, it comes back when the lease of who took it and died is over.
if [ -z "${V2M_QUEUE:-}" ]; then
	wipe
	held=$(v2m-upload talk.mp4)
	sql queue "UPDATE message SET holder = 'dead', claim = 1,
	    due_ms = (strftime('%s', 'now') + 30) * 1000"
	older() {
		sql store "UPDATE record SET queued_at = queued_at - $1 * 1000
		    WHERE id = '$held'"
	}
	older 90
	status 0 "taken 90 s ago, by who died: v2m-check" \
	    env V2M_LEASE=120s v2m-check
	V2M_LEASE=120s v2m-requeue --lost > "$OUT"
	is "$(cat "$OUT")" "" "does not call it lost"
	wipe
	older 40
	status 1 "after 130 s, and no message" \
	    env V2M_LEASE=120s v2m-check
	like "$(cat "$OUT")" "^$held	.*lost" "it does"
	v2m-remove --quiet "$held"
fi

# --- by itself ---
id=$(made)
v2m-notify --once
is "$(notices "$id")" 1 "a notifier that starts sees to it"
id=$(made)
v2m-convert-worker --once
is "$(depth mp3)" 1 "so does a worker, where there is a notifier of ours"
wipe
sleep 1.1
v2m-convert-worker --once
v2m-notify --once
is "$(depth mp3) $(notices "$id")" "0 0" "at most once for each generation"
status 1 "v2m-check" v2m-check
is "$(cut -f 1 "$OUT")" "$id" "finds it nevertheless"
status 0 "and mends it" v2m-check --repair --yes
v2m-notify --once
is "$(notices "$id")" 1 "so that its owner is told"
v2m-requeue --again "$id" > "$OUT"
v2m-convert-worker --once
wipe
sleep 1.1
v2m-notify --once
is "$(notices "$id")" 2 "a new generation has its own turn"
printf 'no video' > text.mp4
id=$(v2m-upload --no-check text.mp4)
v2m-convert-worker --once 2>> log
is "$(state "$id") $(depth v2m.notice)" "failed 1" "one that failed"
wipe
sleep 1.1
v2m-convert-worker --once 2>> log
is "$(depth v2m.notice)" 1 "is announced again"
v2m-notify --once
is "$(grep -c "^$id failed" notices) $(state "$id")" "1 failed" "as failed"

# --- a sweep that cannot publish has not had its turn ---
id=$(made)
status 0 "the queue is away when it is swept" \
    env V2M_FAULT=fail:queue-publish v2m-convert-worker --once
like "$(cat "$ERR")" 'event=sweep .*queue-publish' "which the log says"
is "$(depth mp3) $(column "$id" announced_again)" "0 0" "nothing is announced"
v2m-convert-worker --once
is "$(depth mp3)" 1 "by the next sweep it is"
v2m-notify --once
id=$(made)
V2M_FAULT=kill:queue-publish v2m-convert-worker --once 2>> log
is "$(depth mp3)" 0 "a sweeper dies just before"
sleep 1.1
v2m-convert-worker --once
is "$(depth mp3)" 1 "another sees to it"
v2m-notify --once
id=$(v2m-upload talk.mp4)
wipe
sleep 1.1
V2M_FAULT=fail:queue-publish v2m-convert-worker --once 2>> log
is "$(depth video) $(column "$id" requeued_at)" "0 0" \
    "a queued job whose message could not be published again"
v2m-convert-worker --once
is "$(state "$id")" 'done' "is found by the next sweep"
v2m-notify --once

# --- of several sweepers one publishes ---
# swept WHAT: while one is about to, another comes by
swept() {
	# Either lease outlasts a busy machine.
	background env V2M_LEASE=40s V2M_FAULT=stop:queue-publish \
	    v2m-convert-worker --once
	eventually "$1: a sweeper is about to announce it" \
	    is_held "$id"
	V2M_LEASE=40s v2m-convert-worker --once
	is "$(depth mp3)" 0 "another leaves it alone"
	status 0 "v2m-check as well" env V2M_LEASE=40s v2m-check
	kill -CONT "$tap_pid"
	wait "$tap_pid"
	V2M_LEASE=40s v2m-convert-worker --once
	is "$(depth mp3)" 1 "it is announced once"
	v2m-notify --once
	is "$(notices "$id")" 1 "and told once"
}

is_held() {
	[ "$(column "$1" until)" -gt 0 ]
}
id=$(v2m-upload talk.mp4)
V2M_FAULT=kill:end-publish v2m-convert-worker --once 2>> log
wipe
sql store "UPDATE record SET done_at = done_at - 60000 WHERE id = '$id'"
swept "an end that was never announced"
id=$(made)
sql store "UPDATE note SET text = 1 WHERE kind = 'since'"
sql store "UPDATE record SET done_at = done_at - 60000,
    announced = announced - 60000 WHERE id = '$id'"
swept "one whose message is lost"

# --- while the queue is full of others ---
id=$(v2m-upload talk.mp4)
v2m-convert-worker --once
wipe
old=$(column "$id" announced)
other=$(v2m-upload talk.mp4)
# No sweep of its own, however long it took.
V2M_LEASE=40s v2m-convert-worker --once
sql store "DELETE FROM note WHERE kind = 'taken' AND key = 'mp3'"
sql store "UPDATE record SET announced = announced - 7200000
    WHERE id = '$id'"
v2m-notify --once
is "$(notices "$id") $(notices "$other")" "0 1" \
    "another is told, which was announced later" ||
    sql store "SELECT * FROM note" | tap_show notes
sql queue "INSERT INTO message (queue, body, due_ms) VALUES ('mp3', 'x',
    99999999999999)"
V2M_LEASE=10s v2m-notify --once
is "$(notices "$id")" 1 "so the first one's message must be lost: it is told"
wipe

# --- and nobody else ---
is_untold() {
	v2m-convert-worker --once 2>> log
	v2m-notify --once 2>> log
	is "$(notices "$id") $(depth mp3)" "0 0" "$1"
}
id=$(made)
V2M_NOTIFIER=foreign
export V2M_NOTIFIER
is_untold "not where a foreign notifier tells"
status 0 "v2m-check" v2m-check
status 0 "and v2m-requeue --lost" v2m-requeue --lost
is "$(cat "$OUT")" "" "know nothing of it"
unset V2M_NOTIFIER
is_untold "nor later, when there is one of ours"
id=$(made)
sql store "UPDATE record SET done_at = done_at - 8 * 86400000
    WHERE id = '$id'"
is_untold "not what ended a week ago"
id=$(made)
status 0 "a copy was put back" v2m-init --quiet --restored
is_untold "not what ended before"
id=$(v2m-upload talk.mp4) && v2m-convert-worker --once
status 0 "another was put back, and the queue with it" \
    v2m-init --quiet --restored
v2m-notify --once
is "$(notices "$id") $(depth mp3) $(column "$id" told)" "0 0 sent?" \
    "its message does not tell anybody again"
status 1 "v2m-check" v2m-check
like "$(cat "$OUT")" "^$id	it is not known whether its notice was sent	" \
    "knows that one"
status 75 "--again, with nobody there" \
    v2m-notify --again --notify 'exec:exit 75' "$id"
sql store "UPDATE record SET told_due = 0 WHERE id = '$id'"
sql queue "UPDATE message SET due_ms = 0"
v2m-notify --once
is "$(notices "$id")" 1 "is the way to it"
id=$(v2m-upload talk.mp4) && v2m-convert-worker --once
v2m-notify --once
is "$(notices "$id")" 1 "what ends from now on is told"
id=$(made)
sql store "DELETE FROM note WHERE kind = 'since'"
status 0 "the store of an older v2m is upgraded" v2m-init --quiet
is_untold "not what ended before that"
status 0 "v2m-check says nothing of them" v2m-check
id=$(v2m-upload --no-queue talk.mp4)
v2m-convert-worker "$id" > "$OUT"
sleep 1.1
is_untold "not one of a pipe"

# A foreign notifier, and nobody who said so: ours was not there lately.
sql store "DELETE FROM note WHERE kind = 'taken'"
id=$(made)
v2m-convert-worker --once
is "$(depth mp3)" 0 "not what a foreign notifier may have told"

# --- one that waits is not lost ---
id=$(v2m-upload talk.mp4)
v2m-convert-worker --once
wait_for="exec:exit 75"
V2M_RETRY_PAUSE=1h v2m-notify --notify "$wait_for" --once 2>> log
is "$(depth mp3)" 1 "a notice pauses"
sleep 1.1
v2m-convert-worker --once
v2m-notify --once
is "$(depth mp3) $(notices "$id")" "1 0" "and is not announced again"
status 0 "v2m-check agrees" v2m-check

done_testing
