#!/bin/sh
# A record that a newer v2m has written: what this one does not know stays.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

id=$(v2m-upload talk.mp4) || exit 99
status 0 "a job is done" v2m-convert-worker --once
long=$(printf '%0300d' 0)
sql store "UPDATE record SET via = 'pigeon', told = 'postponed',
    told_reason = '$long' WHERE id = '$id'"
status 0 "its MP3 is fetched, which is written down" v2m-fetch "$id"
is "$(sql store "SELECT fetched_at > 0 FROM record WHERE id = '$id'")" 1 \
    "in its record"
is "$(sql store "SELECT via || ' ' || told FROM record WHERE id = '$id'")" \
    "pigeon postponed" "words of a newer v2m stay"
is "$(sql store "SELECT told_reason FROM record WHERE id = '$id'")" "$long" \
    "and a text that is longer than one here"

done_testing
