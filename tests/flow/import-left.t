#!/bin/sh
# After a move with one queue for both: what the old one's daemons do, and what
# v2m-check and the gateway say of either.
# slow: 12 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
# shellcheck source=tests/lib/gateway.sh
. "$tap_root/tests/lib/gateway.sh"
setup
clip talk.mp4
token=$(v2m-user token ann@example.org)
export V2M_QUEUE="sqlite:$TMP/queue.db"
new() {
	V2M_TOKEN=$token V2M_STATE=$TMP/new "$@"
}
stopped() {
	grep -q '^State:.T' "/proc/$1/status"
}
v2m-init --quiet
sql users "INSERT INTO user (email, password) VALUES
    ('old@example.org', 'Admin123'), ('up@example.org', 'Admin456')"
new v2m-init --quiet --import state
waits=$(v2m-upload talk.mp4)

# --- before it is complete ---
status 1 "v2m-check of the new one" new v2m-check
like "$(cat "$OUT")" \
    "^store	it is not in use yet: jobs are on the way from dir:.*	with the new \
configuration, .*--final" \
    "tells of it, and what to do"
is "$(wc -l < "$OUT")" 1 "and of nothing else"
state=$V2M_STATE
V2M_STATE=$TMP/new
gateway_start
V2M_STATE=$state
http 503 "its gateway is not ready" "$URL/readyz"
is "$(cat "$BODY")" "jobs are still on their way to this store" "it says why"
status 75 "its worker" new v2m-convert-worker --once
like "$(cat "$ERR")" "not in use yet: its jobs are on the way" "says so"

# --- afterwards ---
background env V2M_RETRY_PAUSE=1s v2m-convert-worker 2> old
worker=$tap_pid
eventually "a worker of the old one" grep -q event=started old
eventually "has done what waits" is_state "done" "$waits"
background env V2M_FAULT=stop:account-change v2m-user admin bob@example.org \
    2> role
role=$tap_pid
eventually "a new role is on its way" stopped "$role"
status 0 "the move is complete" new v2m-init --import state --final
kill -CONT "$role"
wait "$role"
is "$?" 75 "that role comes too late"
like "$(cat role)" "has moved to dir:" "and says so"
http 200 "the new gateway is ready" "$URL/readyz"
is "$(cat "$BODY")" ready "for all"
gateway_stop
late=$(new v2m-upload talk.mp4)
eventually "the old worker has seen it" grep -q "has moved to" old
sql store "UPDATE record SET state = $JOB_RUNNING, until = 1
    WHERE id = '$waits'"
status 0 "it leaves the message" new v2m-convert-worker --once
is "$(new v2m-status "$late" | cut -f 2)" "done" "to the new one"
sleep 2
is "$(grep -c "$late" old)" 0 "and says nothing of the job"
is "$(grep -c event=sweep old)" 0 "nor of jobs that nobody comes to"
like "$(cat old)" 'event=waiting.*this v2m has moved to' "but why it waits"
kill "$worker"
wait "$worker"
is "$?" 0 "it ends as ever"
status 75 "one that starts now" v2m-convert-worker --once
like "$(cat "$ERR")" "has moved to dir:.*: use its configuration" "says so"
status 1 "v2m-check of the old one" v2m-check
like "$(cat "$OUT")" "^store	all jobs have moved to dir:.*use the other" \
    "tells of it"
is "$(wc -l < "$OUT")" 1 "and of nothing else"
gateway_start
http 200 "the old gateway is ready" "$URL/readyz"
like "$(cat "$BODY")" "for reading only" "it says for what"
gateway_stop

# --- what v2m-check --against tells apart ---
against() {
	new v2m-check --against state > "$OUT" 2>> log
	cut -f 1,2 "$OUT"
}
is "$(against)" \
    "bob@example.org	an administrator in the other v2m, but not here" \
    "that role"
new v2m-user admin --quiet bob@example.org
is "$(against)" "" "the same role in both"
hash="(SELECT password FROM user WHERE email = 'ann@example.org')"
V2M_STATE=$TMP/new sql users "UPDATE user SET password = $hash
    WHERE email = 'bob@example.org'"
is "$(against)" \
    "bob@example.org	its password is another one than in the other v2m" \
    "another password"
new v2m-user passwd --quiet --password-file pw bob@example.org
is "$(against)" "" "one that was set there since is none"
(umask 077; echo Admin456 > plain)
up() {
	new env V2M_LEGACY_PASSWORDS=upgrade v2m-login --print --quiet \
	    --password-file plain up@example.org
}
status 0 "a login replaces plain text" up
is "$(against)" "" "by its hash, which is none"
sql users "UPDATE user SET password = 'Admin789'
    WHERE email = 'up@example.org'"
is "$(against)" \
    "up@example.org	its password is another one than in the other v2m" \
    "the hash of another one"
sql users "UPDATE user SET password = 'Admin456'
    WHERE email = 'up@example.org'"
V2M_STATE=$TMP/new sql store "DELETE FROM record WHERE id = '$waits'"
is "$(against)" "$waits	it is in the other store only" "a job that is lost"
like "$(cut -f 3 "$OUT")" "the move is complete.*upload the video again" \
    "and what to do"

# --- what v2m-prune here may have removed ---
lost="$waits	it is in the other store only"
kept() {
	(for key in RECORDS "$@"; do
		export "V2M_KEEP_$key=1s"
	done
	V2M_GIVE_UP_AFTER=1s against)
}
old_record() {
	sql store "UPDATE record SET $1 WHERE id = '$waits'"
}
for state in $JOB_HELD $JOB_QUEUED $JOB_RUNNING; do
	old_record "state = $state"
	is "$(kept VIDEOS UNFETCHED FAILED)" "$lost" "nothing in state $state"
done
old_record "state = $JOB_DONE"
is "$(kept)" "$lost" "no job with video and MP3"
is "$(kept VIDEOS)" "$lost" "nor one with an MP3"
is "$(kept VIDEOS UNFETCHED)" "" "but one that keeps neither"
is "$(kept UNFETCHED)" "" "a video goes with its MP3"
is "$(V2M_KEEP_VIDEOS=1h kept UNFETCHED)" "" "before its own time, too"
old_record "done_at = done_at - 3600000, queued_at = 1"
aged() {
	V2M_GIVE_UP_AFTER=1s V2M_KEEP_RECORDS=30m V2M_KEEP_VIDEOS=$1 \
	    V2M_KEEP_UNFETCHED=55m against
}
is "$(aged 50m)" "$lost" "none whose video went too late for that"
is "$(aged 20m)" "" "but one whose video went long ago"
old_record "state = $JOB_FAILED, mp3 = ''"
is "$(kept VIDEOS UNFETCHED)" "$lost" "none that failed, with its video"
is "$(kept FAILED)" "" "but one without"
done_testing
