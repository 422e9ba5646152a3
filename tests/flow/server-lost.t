#!/bin/sh
# What a lost message is known by, on RabbitMQ and MongoDB: one that was
# published later has been taken, unless the queue gives out by priority.
# slow: 70 s, starts servers
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
servers_start
use full
setup
clip talk.mp4

# again ARGUMENT=JSON...: the queue of videos anew, with these, and one job in it
# whose message is lost, behind which others come
again() {
	sleep 11	# what was taken is written down every ten seconds
	peer delete video
	peer declare video "$@"
	v2m-init --quiet
	lost=$(v2m-upload talk.mp4)
	peer get video > "$OUT"
	sleep 1.2
	later=$(v2m-upload talk.mp4)
	# No sweep of its own, however long it took.
	V2M_LEASE=1min v2m-convert-worker --once 2>> log
	stuck=$(v2m-upload talk.mp4)
	is "$(state "$lost") $(state "$later") $(peer count video)" \
	    "queued done 1" "a later one is done, $*"
}

for arguments in 'x-max-length=100000' \
    'x-queue-type="quorum" x-max-length=100000' \
    'x-message-ttl=86400000 x-overflow="reject-publish"'; do
	# shellcheck disable=SC2086 # several words
	again $arguments
	status 0 "v2m-requeue --lost" env V2M_LEASE=1s v2m-requeue --lost
	is "$(cat "$OUT")" "$lost" "finds the lost one"
	is "$(peer count video)" 2 "and publishes it"
	v2m-convert-worker --once 2>> log
	is "$(state "$lost") $(state "$stuck")" "done done" "both are done"
done

again x-max-priority=3 x-max-length=100000
status 0 "v2m-requeue --lost" env V2M_LEASE=1s v2m-requeue --lost
is "$(cat "$OUT") $(peer count video)" " 1" \
    "with priorities only an empty queue counts"
peer get video > "$OUT"
sleep 1.2
status 0 "which it is now" env V2M_LEASE=1s v2m-requeue --lost
is "$(sort "$OUT")" "$(printf '%s\n' "$lost" "$stuck" | sort)" "both are found"
v2m-convert-worker --once 2>> log

# --- a notice ---
peer get mp3 > "$OUT"
while [ "$(peer count mp3)" != 0 ]; do
	peer get mp3 > "$OUT"
done
sleep 1.2
status 1 "the broker lost the notices" v2m-check
like "$(cat "$OUT")" "^$lost	its owner was not told" "v2m-check finds it"
v2m-notify --once
is "$(notices "$lost") $(notices "$stuck")" "1 1" \
    "a notifier that starts sees to them"
v2m-convert-worker --once
v2m-notify --once
is "$(notices "$lost") $(notices "$stuck")" "1 1" "and tells nobody twice"

done_testing
