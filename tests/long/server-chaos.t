#!/bin/bash
# Two minutes in which servers vanish, freeze, slow down and lose their
# connections at random, and the broker its messages, while workers are killed,
# one of them with a clock that is an hour ahead, people upload and fetch, and
# others remove, requeue and prune.  Then peace: all that was accepted is done
# once, and told once or twice where nobody knows.
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

# crew CMD...: a worker that is killed from time to time, and told to stop.  The
# file `deserters` has those that ended by themselves, `stayed` the others.
: > deserters
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
		[ -e over ] || [ $((RANDOM % 3)) = 0 ] || crew_signal=KILL
		kill -$crew_signal $crew_pid 2>> log
		crew_there=$?
		wait $crew_pid 2>> log
		crew_status=$?
		if [ $crew_there = 0 ]; then
			echo "$*" >> stayed
		else
			echo "$crew_status $*" >> deserters
		fi
	done
}

# meddle: with what nobody is at any more.
: > gone
: > again
meddle_one() {
	meddle_id=$(for f in ids.*; do head -n -1 "$f"; done 2> /dev/null |
	    grep -vxF -f gone -f again | shuf -n 1)
	[ -n "$meddle_id" ] || return 0
	case $((RANDOM % 4)) in
	0)
		echo "$meddle_id" >> gone
		V2M_TOKEN=$TOKEN timeout -s KILL 60 v2m-remove "$meddle_id" ;;
	1 | 2)
		echo "$meddle_id" >> again
		timeout -s KILL 60 v2m-requeue --again "$meddle_id" ;;
	3) timeout -s KILL 60 v2m-prune ;;
	esac >> log 2>&1
	echo "meddle $? 0" >> user.meddle
}

meddle() {
	while [ ! -e over ]; do
		meddle_one
		sleep 0.$((RANDOM % 9))
	done
}

# What is soon an hour ahead, as one that is so from the beginning does not
# start; nothing where there is no compiler.
ahead=
cc -shared -fPIC -o ahead.so "$tap_root/tests/chaos/ahead.c" -ldl 2>> log &&
    ahead="env LD_PRELOAD=$TMP/ahead.so AHEAD=3600 AHEAD_AFTER=3"

background crew v2m-convert-worker -j 2
crews=$tap_pid
# shellcheck disable=SC2086 # words
background crew $ahead v2m-convert-worker
crews="$crews $tap_pid"
background crew v2m-notify
crews="$crews $tap_pid"
traffic talk.mp4 other.mp4 longer.mp4
background meddle
meddler=$tap_pid
servers=(users store queue mail)
wiped=0
end=$(($(date +%s) + ${CHAOS_SECONDS:-120}))
while [ "$(date +%s)" -lt $end ]; do
	server=${servers[RANDOM % 4]}
	case $((RANDOM % 8)) in
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
	4 | 5)
		slow $server
		sleep $((RANDOM % 5))
		slow $server ;;
	*) cut_off $server ;;
	esac
	sleep 0.$((RANDOM % 9))
done
wipe
quiet
wait $meddler
grep -vxF -f gone ids > left
mv left ids
# By chance a job loses three workers, and has failed then.
end=$(($(date +%s) + 90))
until is_over || [ "$(date +%s)" -ge $end ]; do sleep 0.5; done
sql store "SELECT id FROM record
    WHERE reason = 'its worker died three times'" > unlucky
grep -vxF -f unlucky ids > left
mv left ids
echo "# removed $(wc -l < gone), requeued $(wc -l < again)," \
    "$(wc -l < unlucky) lost three workers"
peace sleep
echo "# wiped $((wiped + 1)) times"
no_wonder
touch home
# shellcheck disable=SC2086 # numbers
wait $crews
# By 78 and rightly so, where its clock was ahead when it could begin.
is "$(grep -v '^78 env ' deserters)" "" "no worker ended by itself"
[ -z "$ahead" ] || ok "not even with a clock that is ahead" grep -q '^env ' stayed
status 0 "all can be fetched" v2m-fetch --quiet -o out/ - < ids
is "$(sha256sum out/* | cut -d ' ' -f 1 | sort -u | wc -l)" 3 \
    "and are the three MP3s that they should be"

done_testing
