#!/bin/sh
# RabbitMQ away, frozen, short of memory, cut off, its queues deleted: what is
# said within which time, and that nothing is lost, doubled or left half.
# slow: 100 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-rabbitmq.sh"
rabbit_start
V2M_QUEUE=$RABBIT
V2M_LEASE=3s
export V2M_QUEUE
setup
clip talk.mp4
long_clip long.mp4
: > log

videos() {
	sql store "SELECT count(*) FROM object WHERE kind = 'video'"
}

# within SECONDS WHAT: since `now=$(date +%s)`
within() {
	took=$(($(date +%s) - now))
	test $took -le "$1"
	is $? 0 "$2 within $1 s ($took)"
}

worker() {
	background v2m-convert-worker 2>> log
	worker=$tap_pid
}

notifier() {
	background v2m-notify 2>> log
	notifier=$tap_pid
}

# end PID WHAT: by SIGTERM, with status 0
end() {
	kill -TERM "$1"
	wait "$1"
	is $? 0 "$2"
}

is_drained() {
	v2m-convert-worker --once
	v2m-notify --once
	is_quiet
}

# --- uploads ---

first=$(v2m-upload talk.mp4)
stored=$(videos)
rabbit_stop
now=$(date +%s)
status 75 "the broker is away" v2m-upload talk.mp4
within 40 "that is said"
is "$(videos)" "$stored" "and nothing is stored"
status 75 "for a worker" v2m-convert-worker --once
rabbit_start
is "$(peer count video)" 1 "a restart forgets nothing"

rabbit_freeze
now=$(date +%s)
status 75 "the broker is frozen" v2m-upload talk.mp4
within 45 "that is said"
like "$(cat "$ERR")" "localhost:$RABBIT_PORT: no answer in time" "with words"
is "$(videos)" "$stored" "and nothing is stored"
rabbit_thaw
is "$(peer count video)" 1 "or queued"

ok "the broker is short of memory" rabbit_ctl set_vm_memory_high_watermark 0
now=$(date +%s)
status 75 "it takes no uploads" v2m-upload talk.mp4
within 45 "that is said"
like "$(cat "$ERR")" "takes no messages now .*memory" "with the reason"
is "$(videos)" "$stored" "and nothing is stored"
status 75 "a worker cannot announce what it made" v2m-convert-worker --once
is "$(state "$first")" done "though it made it"
is "$(notices "$first")" 0 "and nobody is told"
ok "there is memory again" rabbit_ctl set_vm_memory_high_watermark 0.4
is "$(finish "$first")" done "it is taken up again"
is "$(notices "$first") $(mp3s)" "1 1" \
    "announced once, and made once"
eventually "and the message of no upload is passed over" is_drained

# --- workers ---

worker
notifier
id=$(v2m-upload talk.mp4)
eventually "a worker that waits is woken" is_state done "$id"
rabbit_crash
status 75 "the broker dies" v2m-upload talk.mp4
rabbit_start
id=$(v2m-upload talk.mp4)
eventually "workers come back to it by themselves" is_state done "$id"
eventually "and notifiers" notices "$id"

long=$(v2m-upload long.mp4)
eventually "a long job is begun" is_state converting "$long"
rabbit_crash
rabbit_start
eventually "it outlives a broker" is_state done "$long"
eventually "its owner is told" notices "$long"

long2=$(v2m-upload long.mp4)
eventually "another is begun" is_state converting "$long2"
rabbit_freeze
sleep 3
rabbit_thaw
eventually "it outlives a freeze" is_state done "$long2"
eventually "its owner is told" notices "$long2"

long3=$(v2m-upload long.mp4)
eventually "a third is begun" is_state converting "$long3"
ok "its connections are closed" rabbit_ctl close_all_connections "a test"
eventually "it is finished" is_state done "$long3"
eventually "its owner is told" notices "$long3"
eventually "and no message is left" is_quiet
for each in "$long" "$long2" "$long3"; do
	is "$(notices "$each") $(sql store "SELECT count(*) FROM object
	    WHERE kind = 'mp3' AND video = '$each'")" "1 1" \
	    "one notice, one MP3"
done

peer delete video
eventually "a queue that is deleted is missed" \
    grep -q "no queue 'video' in vhost" log
status 0 "v2m-init makes it again" v2m-init --quiet
id=$(v2m-upload talk.mp4)
eventually "and the worker finds it" is_state done "$id"

rabbit_freeze
now=$(date +%s)
end "$worker" "a worker ends while the broker is frozen"
end "$notifier" "and a notifier"
within 50 "both do"
rabbit_thaw

worker
long=$(v2m-upload long.mp4)
eventually "a job is begun" is_state converting "$long"
kill -9 "$worker"
wait "$worker" 2> /dev/null
is_back() {
	[ "$(peer count video)" = 1 ]
}
eventually "its worker is killed: the message comes back" is_back
worker
eventually "another goes on" is_state converting "$long"
V2M_DRAIN_TIMEOUT=0
export V2M_DRAIN_TIMEOUT
worker2=$worker
kill -TERM "$worker2"
kill -TERM "$worker2"
wait "$worker2"
is $? 0 "it is told to hand back"
is "$(peer count video)" 1 "and does"
is "$(finish "$long")" done "for the next"
is "$(notices "$long")" 1 "who ends it, once"

# --- cut off ---

: > cut
# A login is about 600 bytes one way, a whole upload about 1200.
for bytes in 8 300 600 640 660 700 750 800 900 1000 1100; do
	: > relay
	background python3 "$tap_root/tests/lib/relay.py" "$RABBIT_PORT" \
	    $bytes > relay
	while [ ! -s relay ]; do sleep 0.05; done
	V2M_QUEUE=amqp://localhost:$(cat relay) v2m-upload talk.mp4 \
	    >> cut 2>> log
	case $? in
	0 | 75) ;;
	*) echo "status $? at $bytes" >> strange ;;
	esac
done
ok "a cut anywhere in an upload is an upload or status 75" \
    test ! -e strange
ok "some were uploads" test -s cut
uploaded=$(wc -l < cut)
is "$(sql store "SELECT count(*) FROM record WHERE state = $JOB_QUEUED")" \
    "$uploaded" \
    "what was said to be queued is"
while read -r id; do
	finish "$id"
done < cut | sort -u > states
is "$(cat states)" done "and done"
for id in $(cat cut); do
	notices "$id"
done | sort -u > counts
is "$(cat counts)" 1 "each owner is told once"
eventually "the rest left nothing" is_drained

# --- a place for what is no job that nobody needed yet ---
peer delete video.failed
peer delete mp3.failed
status 0 "v2m-check does not miss it" v2m-check

rabbit_stop
done_testing
