#!/bin/sh
# A lease that no clock in order can have written, because that of who took it
# was ahead, holds nobody up.
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

# set_record ID COLUMN=VALUE,...
set_record() {
	sql store "UPDATE record SET $2 WHERE id = '$1'"
}

# from_now SECONDS: that time, in ms
from_now() {
	echo $((($(date +%s) + $1) * 1000))
}

# left: a job whose worker was killed, its message is there
left() {
	left_id=$(v2m-upload talk.mp4) || exit 99
	V2M_FAULT=kill:claimed v2m-convert-worker --once 2> /dev/null
	sleep 1.1
	echo "$left_id"
}

# ends ID: it is converted by the next worker
ends() {
	v2m-convert-worker --once 2>> log
	is_state 'done' "$1"
}

# later SECONDS: the time in what waits for a job to be tried again is as much
# later, as a clock writes it that is ahead
later() {
	sql queue "UPDATE message SET due_ms = due_ms + $1 * 1000
	    WHERE due_ms > 0"
}

# --- a worker's ---
id=$(left)
is "$(column "$id" lease_ms)" 1000 "the record keeps the lease's length"
set_record "$id" "until = $(from_now 31536000)"
status 1 "v2m-check" v2m-check
like "$(cat "$OUT")" \
    "^$id	its worker's lease ends in 87[56][0-9] h: a clock was ahead" \
    "tells of a lease of a year"
is "$(grep -c "^$id" "$OUT")" 1 "tells of it once"
eventually "the next worker takes the job" ends "$id"
is "$(column "$id" lost)" 0 "which does not count as lost"
is "$(column "$id" lease_ms)" 0 "no length is left when it is over"
status 0 "v2m-check" v2m-check
is "$(cat "$OUT")" "" "has nothing more to say"

# --- what can be right ---
id=$(left)
set_record "$id" "until = $(from_now 5400), lease_ms = 3600000"
v2m-convert-worker --once 2>> log
is "$(state "$id")" converting "one and a half times the length: it lives"
status 0 "v2m-check" v2m-check
is "$(cat "$OUT")" "" "finds nothing in that"
set_record "$id" "until = $(from_now 7500)"
status 0 "more than twice" v2m-requeue "$id"
eventually "it is taken" ends "$id"

# --- an older v2m's, which noted no length ---
id=$(left)
set_record "$id" "until = $(from_now 3300), lease_ms = 0"
v2m-convert-worker --once 2>> log
is "$(state "$id")" converting "no length, less than an hour: it lives"
set_record "$id" "until = $(from_now 3900)"
status 0 "no length, more than an hour" v2m-requeue "$id"
eventually "it is taken" ends "$id"

# --- its message is lost as well: the sweep ---
id=$(left)
set_record "$id" "until = $(from_now 31536000), queued_at = 1"
sql queue "DELETE FROM message WHERE queue = 'video'"
eventually "a sweep finds it" ends "$id"
is "$(column "$id" lost)" 0 "and counts nothing"

# --- a notifier's ---
eventually "all are told" drained
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
V2M_FAULT=kill:notice-claimed v2m-notify --once 2> /dev/null
is "$(column "$id" told_lease_ms)" 1000 "the notifier's length is kept, too"
set_record "$id" "told_until = $(from_now 31536000)"
status 1 "v2m-check" v2m-check
like "$(cat "$OUT")" \
    "^$id	its notifier's lease ends in 87[56][0-9] h: a clock was ahead" \
    "tells of it"
told() {
	v2m-notify --once 2>> log
	[ "$(column "$id" told)" = sent ]
}
eventually "the next notifier tells" told
is "$(notices "$id")" 1 "the owner is told once"

# --- a pause ---
id=$(v2m-upload talk.mp4) || exit 99
V2M_RETRY_PAUSE=1min V2M_FAULT=fail:encoded v2m-convert-worker --once 2>> log
is "$(state "$id")" queued "a job whose run failed waits"
later 3600
set_record "$id" "due = due + 3600000, queued_at = queued_at + 3600000"
eventually "one that waits an hour too long is taken" ends "$id"

# --- a notice's ---
eventually "its owner is told" drained
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once
V2M_RETRY_PAUSE=1min V2M_NOTIFY=exec:false v2m-notify --once 2>> log
is "$(column "$id" 'told_due > 0')" 1 "a notice that is refused waits"
later 31536000
set_record "$id" "told_due = told_due + 31536000000"
eventually "one that waits for a year is sent" told
is "$(notices "$id")" 1 "the owner is told once, after a pause of a year"

done_testing
