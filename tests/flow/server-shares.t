#!/bin/sh
# Jobs are shared out by owner at RabbitMQ as they are in a file: one owner's
# many do not keep another's one from its turn.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/shares.sh"
. "$tap_root/tests/lib/server-rabbitmq.sh"
rabbit_start
V2M_QUEUE=$RABBIT
export V2M_QUEUE
setup
clip talk.mp4
long_clip long.mp4

all_done() {
	[ "$(whose | wc -c)" = "$1" ]
}

forget() {
	sql store "DELETE FROM record"
}

upload ann 8 > ann.ids
upload bob 1 > bob.ids
ok "one worker takes what is there" v2m-convert-worker --once
like "$(whose)" '^ab?ab?aaaaaaa?$' "bob's one runs after at most two of ann's"
all_done 9
is $? 0 "all are converted"
is "$(peer count video)" 0 "no message is left over"
v2m-notify --once
is "$(sort "$TMP/notices" | uniq -c | awk '$1 != 1' | wc -l) $(
    wc -l < "$TMP/notices")" "0 9" "each owner is told once of each"

# --- daemons, which have messages on hand before bob comes ---
forget
upload ann 12 > ann.ids
V2M_SWEEP_INTERVAL=500ms
export V2M_SWEEP_INTERVAL
background v2m-convert-worker 2> one.log
one=$tap_pid
background v2m-convert-worker 2> two.log
two=$tap_pid
one_is_done() {
	[ -n "$(whose)" ]
}
eventually "two daemons are at ann's" one_is_done
upload bob 1 > bob.ids
eventually "all are converted" all_done 13
# A worker may have it before the upload has noted that it is queued.
after=$(sql store "SELECT count(*) FROM record a, record b
    WHERE a.owner = 'ann@example.org' AND b.owner = 'bob@example.org' AND
    b.queued_at > 0 AND a.done_at > b.queued_at AND a.done_at < b.done_at")
# Two run when it comes, and each may be followed by one.
ok "bob's one waits for few of ann's ($after)" [ "$after" -le 4 ]
kill "$one" "$two"
wait "$one" "$two"

# --- two at a time, and two long ones in front ---
forget
as ann v2m-upload long.mp4 long.mp4 > long.ids
upload ann 4 > ann.ids
upload bob 2 > bob.ids
ok "two at a time, and two long ones in front" v2m-convert-worker --once -j 2
like "$(whose)" '^bb' "bob has one of two slots"
eventually "all are converted" all_done 8
is "$(peer count video)" 0 "no message is left over"
done_testing
