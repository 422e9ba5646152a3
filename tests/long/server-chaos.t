#!/bin/bash
# Two minutes in which servers vanish, freeze, and lose their connections at
# random, and the broker its messages, while workers are killed and people upload
# and fetch.  Then peace: all
# that was accepted is done once, and told once or twice where nobody knows.
#
#	CHAOS_SECONDS	120
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
. "$tap_root/tests/lib/servers-faults.sh"
faults_setup
clip talk.mp4
clip other.mp4 2
clip longer.mp4 120
: > ids
: > log
TOKEN=$(v2m-user token ann@example.org)

# crew CMD...: a worker that is killed from time to time, and told to stop.
crew() {
	while [ ! -e home ]; do
		"$@" 2>> log &
		crew_pid=$!
		crew_left=$((RANDOM % 100 + 20))
		while [ $crew_left -gt 0 ] && [ ! -e home ]; do
			sleep 0.1
			crew_left=$((crew_left - 1))
		done
		crew_signal=TERM
		[ -e home ] || [ $((RANDOM % 3)) = 0 ] || crew_signal=KILL
		kill -$crew_signal $crew_pid
		wait $crew_pid 2>> log
	done
}

background crew v2m-convert-worker -j 2
crews=$tap_pid
background crew v2m-convert-worker
crews="$crews $tap_pid"
background crew v2m-notify
crews="$crews $tap_pid"
traffic talk.mp4 other.mp4 longer.mp4
servers=(users store queue mail)
wiped=0
end=$(($(date +%s) + ${CHAOS_SECONDS:-120}))
while [ "$(date +%s)" -lt $end ]; do
	server=${servers[RANDOM % 4]}
	case $((RANDOM % 6)) in
	0)
		away $server
		sleep $((RANDOM % 4))
		back $server > "$OUT" ;;
	1 | 2)
		freeze $server
		sleep $((RANDOM % 8))
		thaw $server ;;
	3)
		wipe
		wiped=$((wiped + 1)) ;;
	*) cut_off $server ;;
	esac
	sleep 0.$((RANDOM % 9))
done
wipe
quiet
peace sleep
echo "# wiped $((wiped + 1)) times"
no_wonder
touch home
# shellcheck disable=SC2086 # numbers
wait $crews
status 0 "all can be fetched" v2m-fetch --quiet -o out/ - < ids
is "$(sha256sum out/* | cut -d ' ' -f 1 | sort -u | wc -l)" 3 \
    "and are the three MP3s that they should be"

done_testing
