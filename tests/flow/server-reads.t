#!/bin/sh
# Of a video in GridFS only those chunks come down that hold sound.
# slow: 60 s, starts a server, stores 190 MB
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/reads.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
mongodb_start
relay_start
V2M_STORE=$MONGODB
export V2M_STORE
setup

wide_clip wide.mp4 25 1
id=$(v2m-upload --quiet wide.mp4)
V2M_STORE=$RELAY
before=$(relay_down)
status 0 "a conversion" v2m-convert-worker --once
after=$(relay_down)
is "$(state "$id")" done "it is done"
at_most "comes down, of 25 Mbit/s with sound every second" \
    $((after - before)) "$(wc -c < wide.mp4)" 20
relay_stop

done_testing
