#!/bin/sh
# SIGTERM and SIGINT: what can be finished is, the rest is handed back at once,
# and the exit status is 0.
#
# slow: 12 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
V2M_LEASE=1min
V2M_DRAIN_TIMEOUT=1s
export V2M_LEASE V2M_DRAIN_TIMEOUT
clip talk.mp4
long_clip long.mp4

ms() {
	date +%s%3N
}

# signals NAME...: to the worker; its status, and the time that it took
end_worker() {
	end_from=$(ms)
	for end_signal; do
		kill -"$end_signal" "$worker"
		sleep 0.1
	done
	wait "$worker"
	end_status=$?
	end_took=$(($(ms) - end_from))
}

start_worker() {
	# A shell without job control starts it with SIGINT ignored.
	background python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@" 2> log
	worker=$tap_pid
}

# at_once: what can end at once does not wait for drain_timeout, an hour here
at_once() {
	ok "at once ($end_took ms)" test "$end_took" -lt 60000
}

for signal in TERM INT HUP; do
	start_worker env V2M_DRAIN_TIMEOUT=1h v2m-convert-worker
	eventually "a worker is idle" grep -q event=started log
	end_worker $signal
	is $end_status 0 "SIG$signal while idle: 0"
	at_once
done

# A job that ends in time is finished.
id=$(v2m-upload talk.mp4)
start_worker env V2M_FAULT=stop:claimed v2m-convert-worker
eventually "a short job is running" stands "$worker"
is "$(state "$id")" converting "as its state says"
kill -TERM $worker
kill -CONT $worker
wait $worker
is $? 0 "SIGTERM in a short job: 0"
is "$(state "$id")" 'done' "it is finished"
like "$(cat log)" 'event=stopped' "and the log says so"
like "$(cat log)" "job=$id event=draining wait_ms=[0-9]+" \
    "a percentage that is not known yet is left out"

# A long one is handed back.
id=$(v2m-upload long.mp4)
next=$(v2m-upload talk.mp4)
start_worker v2m-convert-worker
eventually "a long job is running" is_state converting "$id"
end_worker TERM
is $end_status 0 "SIGTERM in a long job: 0"
ok "after drain_timeout ($end_took ms)" test $end_took -gt 900
ok "and not much later" test $end_took -lt 3000
is "$(state "$id")" queued "it is queued again"
like "$(cat log)" "job=$id event=draining (percent=[0-9]+ )?wait_ms=1000" \
    "the log says what it waited for"
is "$(state "$next")" queued "the next was not begun"
is "$(sql store "SELECT attempts || lost || tries || due || holder FROM record
    WHERE id = '$id'")" 0000 "nothing is counted, and nobody holds it"
like "$(cat log)" "job=$id event=handed-back" "the log says so"
unlike "$(cat log)" 'tempfail' "and calls it no failure"
start_worker env V2M_DRAIN_TIMEOUT=1h v2m-convert-worker
eventually "another worker has it at once" is_state converting "$id"
end_worker TERM TERM
is $end_status 0 "a second SIGTERM: 0"
at_once
is "$(state "$id")" queued "handed back"
start_worker env V2M_DRAIN_TIMEOUT=1h v2m-convert-worker --drain-timeout 0
eventually "with no time to drain" is_state converting "$id"
end_worker INT
is $end_status 0 "SIGINT: 0"
at_once
is "$(state "$id")" queued "handed back"

# --once is stopped like any other.
start_worker v2m-convert-worker --once
eventually "--once at work" is_state converting "$id"
end_worker TERM TERM
is $end_status 0 "SIGTERM with --once: 0"
is "$(cat log)" "" "and not a word to cron"

# By name: what was not done is said.
held=$(v2m-upload --no-queue long.mp4)
start_worker v2m-convert-worker "$held"
eventually "a named job is running" is_state converting "$held"
end_worker TERM TERM
is $end_status 75 "SIGTERM with a named job: 75"
like "$(cat log)" "^v2m-convert-worker: $held: interrupted" "in words"
is "$(state "$held")" held "and it is held again"
mkfifo ids
start_worker sh -c 'exec env V2M_DRAIN_TIMEOUT=1h v2m-convert-worker - < ids'
exec 3> ids
eventually "a worker waits for IDs" catches "$worker"
end_worker TERM
exec 3>&-
is $end_status 0 "SIGTERM while waiting for IDs: 0"
at_once

# The notifier
start_worker env V2M_DRAIN_TIMEOUT=1h v2m-notify
eventually "a notifier is idle" grep -q event=started log
end_worker TERM
is $end_status 0 "a notifier: 0"
at_once

# Two at a time, one of them can be finished.
v2m-remove "$id" "$next" "$held" > "$OUT"
V2M_DRAIN_TIMEOUT=2s
slow=$(v2m-upload long.mp4)
start_worker v2m-convert-worker -j 2
eventually "one of two threads is busy" is_state converting "$slow"
id=$(v2m-upload talk.mp4)
eventually "the other does a short one" is_state 'done' "$id"
end_worker TERM
is $end_status 0 "SIGTERM with -j 2: 0"
is "$(state "$slow")" queued "the long one is handed back"

done_testing
