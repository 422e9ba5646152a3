#!/bin/sh
# Three nodes of RabbitMQ with quorum queues, under load: each is killed, and
# back before the next.  Who is connected to it connects to another, and that is
# all: nobody's upload fails, nothing is lost, nothing is done or told twice.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-rabbitmq.sh"
rabbit_cluster 3
V2M_QUEUE=$RABBITS
V2M_QUEUE_TYPE=quorum
export V2M_QUEUE V2M_QUEUE_TYPE
setup
# No job of those that a busy machine takes long for is taken over.
V2M_LEASE=20s
clip talk.mp4

: > ids
: > log
# In any order.
members() {
	rabbit_ctl list_queues name type members |
	    sed -n 's/^video	quorum	\[\(.*\)\]$/\1/p' | tr -d ' ' |
	    tr , '\n' | sort
}
# shellcheck disable=SC2154 # set for each node by server-rabbitmq.sh
is "$(members)" "$(printf '%s\n' "$rabbit_node_1" "$rabbit_node_2" \
    "$rabbit_node_3" | sort)" "the queue of videos is on three nodes"

# One who uploads again and again: status and seconds of each.
uploader() {
	while [ ! -e over ]; do
		up_from=$(date +%s%N)
		v2m-upload talk.mp4 > "up.$1" 2>> log
		echo "$? $((($(date +%s%N) - up_from) / 1000000))" >> "ups.$1"
		cat "up.$1" >> "ids.$1"
	done
}

daemons=
for command in "v2m-convert-worker -j 2" v2m-convert-worker v2m-notify \
    v2m-notify; do
	# shellcheck disable=SC2086 # words
	background $command 2>> daemons.log
	daemons="$daemons $tap_pid"
done
uploaders=
for i in 1 2 3; do
	background uploader $i
	uploaders="$uploaders $tap_pid"
done

n_ids() {
	cat ids.? 2>> log | wc -l
}
more_than() {
	[ "$(n_ids)" -gt "$1" ]
}
all_there() {
	rabbit_ctl await_online_nodes --timeout 30 3 > online 2>&1
}
for node in 1 2 3; do
	ok "uploads go on" soon more_than "$(n_ids)"
	rabbit_pick $node
	rabbit_crash
	before=$(n_ids)
	ok "node $node is killed: uploads go on" soon \
	    more_than $((before + 5))
	rabbit_start
	rabbit_keep $node
	ok "it is back" soon all_there
done
ok "uploads go on" soon more_than "$(n_ids)"
: > over
# shellcheck disable=SC2086 # numbers
wait $uploaders
cat ids.? > ids
is "$(cat ups.? | grep -cv '^0 ')" 0 "no upload failed" ||
    tap_show log < log
is "$(sort ids | uniq -d)" "" "each has its own ID"

is_over() {
	[ "$(sql store "SELECT count(*) FROM record WHERE told = 'sent'")" = \
	    "$(wc -l < ids)" ]
}
ok "all are done and told" soon is_over
is "$(sql store "SELECT count(*) FROM record WHERE
    state <> $JOB_DONE")" 0 "all are done"
is "$(mp3s)" "$(wc -l < ids)" "one MP3 each"
is "$(cut -d ' ' -f 1 notices | sort)" "$(sort ids)" "one notice each"
gone() {
	[ "$(peer count video) $(peer count mp3) $(peer count v2m.notice)" = \
	    "0 0 0" ]
}
ok "no message is left" soon gone
good=0
for pid in $daemons; do
	kill -TERM "$pid" && wait "$pid" && good=$((good + 1))
done
is "$good" 4 "workers and notifiers are those that began, and end well"
cat ups.? | cut -d ' ' -f 2 | sort -n | awk '{ t[NR] = $1 } END {
    printf "# %d uploads; ms: median %d, 99 %% %d, longest %d\n", NR,
    t[int((NR + 1) / 2)], t[int(NR * 0.99) + (NR < 100)], t[NR] }'
grep -c event=waiting daemons.log | sed 's/^/# waits in the log: /'
for node in 3 2 1; do
	rabbit_pick $node
	rabbit_crash
done

done_testing
