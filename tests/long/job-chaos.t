#!/bin/sh
# Half a minute of workers and notifiers that are killed and frozen at random,
# while jobs are uploaded and messages vanish.  Then peace: every job is done
# once or failed for the one reason that there is, and everybody was told.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
V2M_LEASE=2s
V2M_NOTIFY_TIMEOUT=1500ms
export V2M_LEASE V2M_NOTIFY_TIMEOUT
clip talk.mp4
clip longer.mp4 120

random() {
	od -An -N2 -tu2 /dev/urandom | awk -v n="$1" '{ print $1 % n }'
}

# Somebody who works until he is told that it is over, under whatever name.
crew() {
	while [ ! -e over ]; do
		"$@" 2>> log &
		crew_pid=$!
		sleep 0.$((1 + $(random 9)))
		case $(random 4) in
		0 | 1) kill -9 $crew_pid ;;
		2)
			kill -STOP $crew_pid
			sleep $((1 + $(random 3)))
			kill -CONT $crew_pid
			sleep 0.5
			kill -TERM $crew_pid ;;
		3) kill -TERM $crew_pid ;;
		esac 2> /dev/null
		wait $crew_pid 2> /dev/null
	done
}

crew v2m-convert-worker -j 2 &
one=$!
crew v2m-convert-worker &
two=$!
crew v2m-notify &
three=$!
crew v2m-notify &
four=$!
: > ids
end=$(($(date +%s) + 30))
while [ "$(date +%s)" -lt $end ]; do
	v2m-upload talk.mp4 longer.mp4 >> ids
	[ "$(random 4)" != 0 ] ||
	    sql queue "DELETE FROM message WHERE queue = 'video'"
	sleep 0.7
done
touch over
wait $one $two $three $four
sleep 2.1

n=$(wc -l < ids)
over() {
	v2m-convert-worker --once 2>> log
	v2m-notify --once 2>> log
	[ "$(sql store "SELECT count(*) FROM record WHERE told IN ('sent',
	    'sent?')")" = "$n" ]
}
eventually "all of $n jobs come to an end" over
is "$(sql store "SELECT count(*) FROM record")" "$n" "there are no others"
is "$(sql store "SELECT DISTINCT reason FROM record WHERE state = 5")" \
    "$(sql store "SELECT 'its worker died three times' WHERE EXISTS
    (SELECT 1 FROM record WHERE state = 5)")" \
    "a job that failed had its worker killed three times"
is "$(sql store "SELECT count(*) FROM record WHERE state NOT IN (4, 5)")" 0 \
    "all others are done"
is "$(sql store "SELECT count(*) FROM object WHERE kind = 'mp3' AND id NOT IN
    (SELECT mp3 FROM record)")" 0 "no MP3 is nobody's"
is "$(sql store "SELECT count(*) FROM record WHERE state = 4 AND mp3 NOT IN
    (SELECT id FROM object)")" 0 "nobody's is missing"
is "$(sort notices | uniq -c | awk '$1 > 2' | wc -l)" 0 \
    "nobody was told more than twice"
sort notices | uniq -d | cut -d ' ' -f 1 > twice
is "$(while read -r id; do
	sql store "SELECT id FROM record WHERE id = '$id' AND told_tries < 2"
done < twice)" "" "and twice only where a notifier died telling"
mkdir out
sql store "SELECT id FROM record WHERE state = 4" > good
status 0 "all are whole" v2m-fetch -o out/ - < good
echo "# $n jobs, $(wc -l < good) done, $(wc -l < twice) told twice"

done_testing
