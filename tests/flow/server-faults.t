#!/bin/bash
# Each server away, frozen, and cut off, under each command and under workers
# that run: an end with status 75 in time, or a wait; nothing is lost, doubled
# or left half.
# slow: 140 s, starts servers
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
. "$tap_root/tests/lib/servers-faults.sh"
faults_setup
clip talk.mp4
long_clip longer.mp4
: > ids
: > log
TOKEN=$(v2m-user token ann@example.org)

# --- one command each, while a server is not there ---

# one NAME CMD...: at once with the others; its status and seconds in NAME.is
one() {
	one_name=$1
	shift
	{
		one_from=$(date +%s)
		V2M_TOKEN=$TOKEN timeout -s KILL 60 "$@" > "$one_name.out" \
		    2> "$one_name.err"
		echo "$? $(($(date +%s) - one_from))" > "$one_name.is"
	} &
	ones="$ones $!"
}

# A job for each to work on: one to fetch, one to tell of, one to convert.
prepare() {
	fetch=$(v2m-upload --no-queue talk.mp4) || exit 99
	v2m-convert-worker "$fetch" > "$OUT"
	v2m-upload talk.mp4 >> ids || exit 99
	v2m-convert-worker --once
	v2m-upload talk.mp4 >> ids || exit 99
	rm -f ./*.is
	ones=
}

all() {
	one login v2m-login --print --password-file pw ann@example.org
	one upload v2m-upload talk.mp4
	one worker v2m-convert-worker --once
	one notify v2m-notify --once
	one fetch v2m-fetch --force -o fetched.mp3 "$fetch"
	one status v2m-status "$fetch"
	# shellcheck disable=SC2086
	wait $ones
	cat upload.out >> ids
}

# expect WHAT SECONDS FAILING...: these with 75, the others with 0
expect() {
	expect_what=$1 expect_most=$2
	shift 2
	for name in login upload worker notify fetch status; do
		expect_status=0
		for failing; do
			[ "$failing" != $name ] || expect_status=75
		done
		read -r got took < $name.is
		is "$got" $expect_status "$expect_what: $name" ||
		    tap_show "$name" < $name.err
		[ "$took" -le "$expect_most" ]
		is $? 0 "$expect_what: $name within $expect_most s ($took)"
		[ "$got" = 0 ] ||
		    unlike "$(cat $name.err)" 'sesam' "with no secret"
	done
}

failing() {
	case $1 in
	users) echo login upload fetch status ;;
	store) echo upload worker notify fetch status ;;
	queue) echo upload worker notify ;;
	mail) echo notify ;;
	esac
}

for server in users store queue mail; do
	prepare
	away $server
	all
	# shellcheck disable=SC2046
	expect "$server away" 40 $(failing $server)
	back $server > "$OUT"
	prepare
	freeze $server
	all
	thaw $server
	# shellcheck disable=SC2046
	expect "$server frozen" 55 $(failing $server)
done
work() {
	v2m-convert-worker --once
	v2m-notify --once
	sleep "$1"
}
peace work

# --- workers and users, while servers come and go ---

v2m-convert-worker -j 2 2>> log &
worker=$!
v2m-notify 2>> log &
notifier=$!
tap_pids="$tap_pids $worker $notifier"

traffic talk.mp4 longer.mp4
for server in users store queue mail; do
	sleep 2
	cut_off $server
	sleep 1
	cut_off $server
	sleep 1
	freeze $server
	sleep 3
	thaw $server
	sleep 1
	away $server
	sleep 1
	back $server > "$OUT"
done
sleep 2
quiet
peace sleep
no_wonder
kill -TERM $worker $notifier
wait $worker
is $? 0 "the worker ends well"
wait $notifier
is $? 0 "and the notifier"
status 0 "all can be fetched" v2m-fetch --quiet -o out/ - < ids
is "$(sha256sum out/* | cut -d ' ' -f 1 | sort -u | wc -l)" 2 \
    "and are the two MP3s that they should be"

done_testing
