#!/bin/sh
# The whole flow on servers: on MySQL, MongoDB, RabbitMQ and SMTP together, and
# on two sets that are mixed with embedded drivers.
# slow: 200 s, starts servers
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/servers.sh"
servers_start

# A test of the embedded set, unchanged; with url, through a gateway.
on() {
	use "$1"
	[ -z "${3:-}" ] || echo V2M_TEST_GATEWAY=yes >> "$TMP/set"
	env V2M_TEST_SET="$TMP/set" sh "$tap_root/tests/flow/$2.t" \
	    > "$TMP/test" 2>&1
	is "$? $(grep -c '^not ok' "$TMP/test")" "0 0" "$1: $2.t ${3:-}" &&
	    return
	grep -A 20 'not ok' "$TMP/test" | tap_show "$2.t" >&2
}

mails() {
	grep -lis "^message-id: <$1\." "$TMP/smtp/mails"/*.eml | wc -l
}

for set in full queue store; do
	use $set
	rm -rf out pipe
	echo 'correct horse' > pw
	chmod 600 pw
	V2M_FREE_RESERVE=0
	V2M_RETRY_PAUSE=100ms
	export V2M_FREE_RESERVE V2M_RETRY_PAUSE
	[ -e talk.mp4 ] || clip talk.mp4
	[ -e text.mp4 ] || echo 'dear diary' > text.mp4
	status 0 "$set: v2m-init" v2m-init --quiet
	status 0 "$set: twice" v2m-init --quiet
	for name in ann bob; do
		status 0 "$set: v2m-user add" v2m-user add --quiet \
		    --password-file pw $name@example.org
	done
	status 0 "$set: v2m-login" v2m-login --quiet --password-file pw \
	    ann@example.org
	status 0 "$set: v2m-upload" v2m-upload talk.mp4
	id=$(cat "$OUT")
	is "$(state "$id")" queued "$set: it is queued"
	status 0 "$set: v2m-convert-worker" v2m-convert-worker --once
	is "$(state "$id")" 'done' "$set: it is done"
	status 0 "$set: v2m-notify" v2m-notify --once
	is "$(mails "$id")" 1 "$set: a mail tells of it"
	status 0 "$set: v2m-fetch" v2m-fetch -o out/ "$id"
	v2m-convert --quiet --force talk.mp4 by-hand.mp3 > "$OUT"
	ok "$set: the MP3 is that of v2m-convert" cmp out/talk.mp3 by-hand.mp3
	is "$(as bob v2m-fetch "$id" 2>&1)" "v2m-fetch: $id: no such ID" \
	    "$set: nobody else's"
	status 0 "$set: the whole pipe" sh -c 'v2m-upload --no-queue talk.mp4 |
	    v2m-convert-worker - | v2m-notify - | v2m-fetch -o pipe/ -'
	is "$(cat "$OUT")" pipe/talk.mp3 "$set: ends in a file"
	status 0 "$set: a text" v2m-upload --no-check text.mp4
	bad=$(cat "$OUT")
	v2m-convert-worker --once 2>> log
	is "$(state "$bad")" failed "$set: fails"
	v2m-notify --once 2>> log
	is "$(mails "$bad")" 1 "$set: which a mail tells"
	status 0 "$set: v2m-requeue" v2m-requeue --all
	is "$(cat "$OUT")" "$bad" "$set: brings it back"
	v2m-convert-worker --once 2>> log
	v2m-notify --once 2>> log
	is "$(state "$bad") $(mails "$bad")" "failed 2" \
	    "$set: to fail again, and be told"
	status 0 "$set: v2m-remove" v2m-remove "$id" "$bad"
	status 66 "$set: it is fetched no more" v2m-fetch "$id"
	sleep 0.1
	status 0 "$set: v2m-prune" env V2M_KEEP_FETCHED=50ms \
	    V2M_KEEP_VIDEOS=50ms v2m-prune
	is "$(sql store "SELECT count(*) FROM object")" 0 \
	    "$set: leaves nothing of what was fetched"
	is "$(sql queue "SELECT count(*) FROM message")" 0 \
	    "$set: no message is left"
	unset V2M_FREE_RESERVE V2M_RETRY_PAUSE
done

on full job-typed
on full job-newer
on full status-jobs
on full status-jobs url
on full job-pipe
on full job-pipe url
on store worker-frozen
on full job-race
on queue worker-stop
on store notify-once
on store lease-ahead
on store gateway-tus

done_testing
