# servers-faults.sh - let the servers of servers.sh fail.  Source it after that.
#
#	faults_setup		setup, with the full set of servers behind
#				relays, and short timeouts
#	ways			a relay in front of each server; the
#				configuration names these
#	away SERVER, back SERVER
#				end users, store, queue or mail; start it again
#	freeze SERVER, thaw SERVER
#	cut_off SERVER		all its connections, at once
#	slow SERVER		all its connections, until it is called again
#	wipe			remove every message from the broker
#	mails ID		how many mails were sent for the job
#	traffic FILE...		for each, upload it and fetch the MP3 with
#				$TOKEN, again and again
#	quiet			end that; the IDs are in the file ids then
#	no_wonder		check that each of these commands ended with 0
#				or 75, in time
#	peace [CMD...]		wait, 90 s at most, until all accepted jobs in
#				the file ids are done; then check that each was
#				done once and notified once; those in the file
#				`again`, if there is one, may be more often

faults_setup() {
	servers_start
	use full
	setup
	V2M_LEASE=8s
	V2M_NOTIFY_TIMEOUT=4s
	V2M_USERS_TIMEOUT=3s
	V2M_SWEEP_INTERVAL=2s
	. "$TMP/set"
	export V2M_LEASE V2M_NOTIFY_TIMEOUT V2M_USERS_TIMEOUT \
	    V2M_SWEEP_INTERVAL
	ways
}

relay_to() {
	background "$servers_python" "$tap_root/tests/lib/relay.py" "$2" \
	    > "$TMP/way.$1"
	eval "way_$1=$tap_pid"
	while [ ! -s "$TMP/way.$1" ]; do sleep 0.05; done
}

ways() {
	relay_to users "$MARIADB_PORT"
	relay_to store "$MONGODB_PORT"
	relay_to queue "$RABBIT_PORT"
	relay_to mail "$SMTP_STARTTLS"
	V2M_USERS=mysql://v2m@127.0.0.1:$(cat "$TMP/way.users")/v2m
	V2M_STORE=mongodb://127.0.0.1:$(cat "$TMP/way.store")/
	V2M_QUEUE=amqp://localhost:$(cat "$TMP/way.queue")
	V2M_NOTIFY=smtp://localhost:$(cat "$TMP/way.mail")
	export V2M_USERS V2M_STORE V2M_QUEUE V2M_NOTIFY
}

away() {
	case $1 in
	users) mariadb_kill ;;
	store) mongodb_stop ;;
	queue) rabbit_crash ;;
	mail) smtp_stop ;;
	esac
}

back() {
	case $1 in
	users) mariadb_start ;;
	store) mongodb_start ;;
	queue) rabbit_start ;;
	mail) smtp_start ;;
	esac
}

freeze() {
	case $1 in
	users) mariadb_freeze ;;
	store) mongodb_freeze ;;
	queue) rabbit_freeze ;;
	mail) smtp_freeze ;;
	esac
}

thaw() {
	case $1 in
	users) mariadb_thaw ;;
	store) mongodb_thaw ;;
	queue) rabbit_thaw ;;
	mail) smtp_thaw ;;
	esac
}

cut_off() {
	eval "kill -USR1 \$way_$1"
}

slow() {
	eval "kill -HUP \$way_$1"
}

wipe() {
	for wipe_queue in video mp3 v2m.notice; do
		rabbit_ctl purge_queue $wipe_queue
	done >> log 2>&1
}

mails() {
	grep -lis "^message-id: <$1\." "$TMP/smtp/mails"/*.eml | wc -l
}

# The accepted IDs as a list for SQL.
accepted() {
	sed "s/.*/'&'/" ids | paste -s -d , -
}

is_over() {
	[ "$(sql store "SELECT count(*) FROM record WHERE id IN ($(accepted))
	    AND told IN ('sent', 'sent?')")" = "$(wc -l < ids)" ]
}

is_empty() {
	[ "$(sql queue "SELECT count(*) FROM message")" = 0 ]
}

traffic_one() {
	while [ ! -e over ]; do
		traffic_from=$(date +%s)
		V2M_TOKEN=$TOKEN timeout -s KILL 60 v2m-upload "$1" \
		    > "id.$1" 2>> log
		echo "upload $? $(($(date +%s) - traffic_from))" >> "user.$1"
		cat "id.$1" >> "ids.$1"
		[ -s "id.$1" ] || { sleep 0.3; continue; }
		traffic_from=$(date +%s)
		V2M_TOKEN=$TOKEN timeout -s KILL 90 v2m-fetch --wait=45s \
		    --force -o "$1.mp3" "$(cat "id.$1")" > "path.$1" 2>> log
		echo "fetch $? $(($(date +%s) - traffic_from))" >> "user.$1"
	done
}

traffic() {
	rm -f over
	traffic_pids=
	for traffic_file; do
		: > "user.$traffic_file"
		background traffic_one "$traffic_file"
		traffic_pids="$traffic_pids $tap_pid"
	done
}

quiet() {
	touch over
	# shellcheck disable=SC2086 # numbers
	wait $traffic_pids
	cat ids.* >> ids
}

no_wonder() {
	is "$(awk '$2 != 0 && $2 != 75' user.*)" "" \
	    "every upload and fetch ended with 0 or 75"
	is "$(awk '$3 > 75' user.*)" "" "in time"
	ok "some came through" grep -q 'fetch 0' user.*
	echo "# $(cut -d ' ' -f 1,2 user.* | sort | uniq -c |
	    paste -s -d , -)"
}

# peace [CMD...]: CMD is what works while it waits
peace() {
	peace_end=$(($(date +%s) + 90))
	until is_over && is_empty; do
		[ "$(date +%s)" -lt $peace_end ] || break
		"${@:-sleep}" 0.5
	done 2>> log
	ok "all that was accepted is over" is_over
	ok "and no message is left" is_empty
	is "$(sql store "SELECT id, state, reason FROM record
	    WHERE id IN ($(accepted)) AND state <> $JOB_DONE")" "" "all is done"
	is "$(sql store "SELECT id FROM record WHERE id IN ($(accepted)) AND
	    (SELECT count(*) FROM object WHERE kind = 'mp3' AND
	    object.video = record.id) <> 1")" "" "with one MP3 each"
	is "$(sql store "SELECT id FROM object WHERE kind = 'mp3' AND
	    id NOT IN (SELECT mp3 FROM record)")" "" "and no MP3 is nobody's"
	is "$(sql store "SELECT id FROM record WHERE state IN ($JOB_QUEUED,
	    $JOB_RUNNING)")" "" \
	    "no job is left"
	is "$(sql store "SELECT id FROM object WHERE kind = 'video' AND
	    id NOT IN (SELECT id FROM record)")" "" "no video is nobody's"
	sql store "SELECT id || ' ' || (CASE WHEN told_tries > 1 THEN 2 ELSE 1
	    END) FROM record WHERE id IN ($(accepted))" > told
	while read -r peace_id peace_most; do
		! grep -qsx "$peace_id" again || peace_most=9
		peace_n=$(mails "$peace_id")
		[ "$peace_n" -ge 1 ] && [ "$peace_n" -le "$peace_most" ] ||
		    echo "$peace_id: $peace_n mails"
	done < told > untold
	is "$(cat untold)" "" "each was told once, or twice where nobody knows"
}
