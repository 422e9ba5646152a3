#!/bin/sh
# Many at once: uploaders, workers, notifiers, and some that are killed.  Each
# job is done once and told once.
# slow: many processes, and a lease that runs out
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
# Two processors under twelve processes: be patient, as a real lease is.
V2M_LEASE=2min
V2M_NOTIFY_TIMEOUT=100s
export V2M_LEASE V2M_NOTIFY_TIMEOUT
clip talk.mp4

for i in 1 2 3; do
	background v2m-convert-worker
	background v2m-notify
done 2> log
background v2m-convert-worker -j 4 2>> log
workers=$tap_pids

for i in 1 2 3 4 5 6; do
	v2m-upload talk.mp4 talk.mp4 talk.mp4 talk.mp4 talk.mp4 > ids.$i &
	uploaders="$uploaders $!"
done
# One more worker dies with a job in its hands, which a lease of its own frees.
V2M_LEASE=4s V2M_FAULT=kill:encoded@2 v2m-convert-worker 2> killed &
killed=$!
# shellcheck disable=SC2086
wait $uploaders
is "$(sort -u ids.* | wc -l)" 30 "six uploaders: thirty IDs"
told() {
	[ "$(sql store "SELECT count(*) FROM record WHERE told = 'sent'")" = 30 ]
}
eventually "all are told" told
wait $killed 2> "$ERR"
is "$(sql store "SELECT count(*) FROM record WHERE state = $JOB_DONE")" 30 \
    "all are done"
is "$(mp3s)" 30 "thirty MP3s"
is "$(sql store "SELECT count(DISTINCT mp3) FROM record, object
    WHERE object.id = record.mp3")" 30 "one for each job"
is "$(wc -l < notices)" 30 "thirty notices"
is "$(cut -d ' ' -f 1 notices | sort -u | wc -l)" 30 "one for each job"
is "$(cut -d ' ' -f 1 notices | sort)" "$(sort ids.*)" "of these IDs"
# shellcheck disable=SC2086
kill -TERM $workers
good=0
for pid in $workers; do
	wait "$pid" && good=$((good + 1))
done
is $good 7 "all workers and notifiers end well"
unlike "$(cat log)" 'tempfail|permfail' "and had nothing to complain about"
mkdir out
status 0 "all are fetched" sh -c 'sort ids.* | v2m-fetch -o out/ -'
is "$(find out -type f | wc -l)" 30 "into a file each"

done_testing
