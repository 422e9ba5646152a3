#!/bin/sh
# Several hosts in `queue`: a node that is away, that says nothing, or that
# dies under a worker costs a reconnect and nothing else.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/relay.sh"
. "$tap_root/tests/lib/server-rabbitmq.sh"
rabbit_start
V2M_QUEUE=$RABBIT
V2M_LEASE=3s
export V2M_QUEUE
setup
clip talk.mp4
long_clip long.mp4
: > log
live=localhost:$RABBIT_PORT
# shellcheck disable=SC2046 # two words
set -- $(rabbit_ports 2)
dead=127.0.0.1:$1 dead2=127.0.0.1:$2

# uploads N HOSTS: how many of N uploads, each a process, are queued
uploads() {
	uploads_left=$1 uploads_done=0
	while [ "$uploads_left" -gt 0 ]; do
		uploads_left=$((uploads_left - 1))
		V2M_QUEUE=amqp://$2 v2m-upload talk.mp4 > up 2>> log ||
		    continue
		uploads_done=$((uploads_done + 1))
	done
	echo $uploads_done
}

is_drained() {
	v2m-convert-worker --once 2>> log
	v2m-notify --once 2>> log
	is_quiet
}

# --- a node that is away ---

is "$(uploads 8 "$dead,$live")" 8 "a dead host in front is passed over"
is "$(uploads 4 "$dead,$dead2,$live")" 4 "two of them"
is "$(uploads 4 "$live,$dead")" 4 "one behind"
status 0 "v2m-init" env V2M_QUEUE="amqp://$dead,$live" v2m-init --quiet
status 75 "all are dead" env V2M_QUEUE="amqp://$dead,$dead2" \
    v2m-upload talk.mp4
like "$(cat "$ERR")" "on $dead: no server answers there" "one is named"
like "$(cat "$ERR")" "on $dead2: no server answers there" "and the other"
status 78 "a list with a gap" env V2M_QUEUE="amqp://$live,,$dead" v2m-check
# Whichever of the two is asked first.
for try in 1 2 3 4; do
	V2M_QUEUE=amqp://eve:wrong@$dead,$live v2m-upload talk.mp4 2>&1
done > refused
is "$(grep -c "on $live: .*ACCESS_REFUSED" refused)" 4 \
    "a refusal is said beside a dead host"
is "$(grep -c "on $dead: no server" refused)" 4 "and the dead host"

relay mute "$RABBIT_PORT"
mute=$tap_pid
kill -STOP "$mute"
now=$(date +%s)
is "$(uploads 4 "127.0.0.1:$(head -n 1 mute),$live")" 4 \
    "a host that takes connections and says nothing"
took=$(($(date +%s) - now))
ok "takes its share of the time ($took s for four)" test $took -le 60
kill -CONT "$mute"
eventually "all that was uploaded is done" is_drained

# --- a node that dies while it is told of an upload ---

# cut_after BYTES: an upload whose node dies when it has said so many, by the
# only way that both of its nodes have
cut_after() {
	: > cut
	background python3 "$tap_root/tests/lib/relay.py" "$RABBIT_PORT" 0 "$1" \
	    > cut
	cut_pid=$tap_pid
	eventually "there is a way that is cut after $1 bytes" test -s cut
	cut=$(head -n 1 cut)
	is "$(uploads 1 "127.0.0.1:$cut,localhost:$cut")" 1 "it is accepted"
}
cut_after 0
all=$(down cut "$cut_pid")
# The last but one is the confirmation.
for bytes in $((all / 2)) $((all - 33)) $((all - 20)); do
	cut_after $bytes
done
eventually "all these are done" is_drained

# --- a node that dies ---

relay one "$RABBIT_PORT"
one=$tap_pid
relay two "$RABBIT_PORT"
two=$tap_pid
both=127.0.0.1:$(head -n 1 one),127.0.0.1:$(head -n 1 two)
background env V2M_QUEUE="amqp://$both" v2m-convert-worker 2>> log
worker=$tap_pid
background v2m-notify 2>> log
long=$(v2m-upload long.mp4)
eventually "a worker has a long job" is_state converting "$long"
if [ "$(down one "$one")" -gt 0 ]; then
	used=$one other=two other_pid=$two
else
	used=$two other=one other_pid=$one
fi
kill -9 "$used"
wait "$used" 2> /dev/null
is "$(state "$long")" converting "its node dies meanwhile"
eventually "the job is done" is_state done "$long"
eventually "its owner is told" notices "$long"
id=$(v2m-upload talk.mp4)
eventually "the worker goes on" is_state done "$id"
eventually "that owner is told" notices "$id"
ok "it is the same worker" kill -0 "$worker"
ok "by the other node" test "$(down $other "$other_pid")" -gt 0
eventually "no message is left" is_quiet
is "$(notices "$long") $(sql store "SELECT count(*) FROM object
    WHERE kind = 'mp3' AND video = '$long'")" "1 1" "one notice, one MP3"
kill -TERM "$worker"
wait "$worker"
is $? 0 "and it ends in good order"

rabbit_stop
done_testing
