#!/bin/sh
# What a terminal shows while one waits: v2m-fetch --wait, a worker, a worker
# that was told to stop.
. "$(dirname "$0")/../lib/tap.sh"
command -v script > /dev/null || skip_all "no script(1)"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
long_clip 'a film.mp4'
id=$(v2m-upload --no-check 'a film.mp4')
TERM=xterm
export TERM

# shown FILE: what a terminal showed, a line each
shown() {
	tr '\r' '\n' < "$1"
}

# waiter ERE WHAT: what a terminal shows to who waits for it matches at last
waiter() {
	: > fetch.out
	background script -qefc "echo \$\$ > fetch.pid
	    exec v2m-fetch --wait=10min $id" fetch.out > /dev/null
	eventually "$2" shows "$1"
	kill -TERM "$(cat fetch.pid)"
	wait "$tap_pid"
}
shows() {
	shown fetch.out | grep -Eq "$1"
}

# --- waiting for a worker ---
waiter "$id  a film.mp4: queued" "it is queued"
# queued_ago MS
queued_ago() {
	sql store "UPDATE record SET queued_at = created_at + 420000 - $1
	    WHERE id = '$id'" > /dev/null
}
sql store "UPDATE record SET created_at = created_at - 420000 WHERE id='$id'" \
    > /dev/null
script -qec "v2m-fetch --wait=1s $id" fetch.out > /dev/null
unlike "$(shown fetch.out)" "no worker has taken it" \
    "one queued again just now says nothing of its upload"
queued_ago 420000
waiter "queued: no worker has taken it in 7 min" "and nobody takes it"

# A worker on an empty queue of another state, as if seven minutes ago.
told=$V2M_STATE
V2M_STATE=$TMP/other
v2m-init 2> "$ERR"
status 0 "a worker finds nothing to do" v2m-convert-worker --once
asked=$(sql store "SELECT text FROM note WHERE kind = 'taken' AND key = 'video'")
V2M_STATE=$told
like "$asked" '^0 0 [1-9][0-9]*$' "and leaves when it asked"
sql store "INSERT INTO note (kind, key, rev, until, text) VALUES ('taken',
    'video', 1, 0, '0 0 $((${asked##* } - 420000))')" > /dev/null
queued_ago 0
script -qec "v2m-fetch --wait=1s $id" fetch.out > /dev/null
unlike "$(shown fetch.out)" "no worker asked" \
    "which says nothing of what is old, but has just been queued again"
queued_ago 420000
waiter "queued: no worker asked for work in" \
    "which is told where it was long ago"
if [ -e "$V2M_BIN/../lib/v2m/gateway.so" ]; then
	gateway_start
	V2M_URL=$URL v2m-login --quiet --password-file pw ann@example.org
	V2M_URL=$URL
	export V2M_URL
	waiter "queued: no worker asked for work in 7 min" \
	    "and through a gateway as well"
	unset V2M_URL
	gateway_stop
else
	skip "through a gateway" "built without a gateway"
fi
is "$(v2m-fetch --wait=1s "$id" 2>&1)" \
    "v2m-fetch: $id: still not converted (queued)" \
    "without a terminal nothing is shown"
status 64 "a time in the place of an ID" v2m-fetch --wait 90s "$id"
is "$(cat "$ERR")" "v2m-fetch: '90s' is a time, not an ID: --wait=90s \
(see v2m-fetch --help)" "the right way is told"

# --- a worker ---
worker_shows() {
	grep -q "$1" worker.out
}
script -qefc 'echo $$ > pid; V2M_DRAIN_TIMEOUT=3s exec v2m-convert-worker' worker.out \
    < /dev/null > /dev/null &
tap_pids="$tap_pids $!"
eventually "a worker shows its job" \
    worker_shows '^a film.mp4  \[[#.]*\] *[0-9]*%'
kill -INT "$(cat pid)"
eventually "and, told to stop, what it waits for" \
    worker_shows 'stopping: waits at most 3 s for what runs'
eventually "then it ends" worker_shows event=stopped

done_testing
