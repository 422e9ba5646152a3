#!/bin/sh
# v2m-init --import: what a move keeps of objects that no record knows, and
# writers that were at work on the old v2m when it moved.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
new() {
	V2M_TOKEN=$token V2M_STATE=$TMP/new "$@"
}
# of FOLDER SQL
of() (
	V2M_STATE=$TMP/$1
	sql store "$2"
)
sqlite3 state/v2m.db "UPDATE user SET tokens_valid_from = 0"
token=$(v2m-user token ann@example.org)
OBJECTS="SELECT id, length, sha256, owner, name, created_at FROM object
    ORDER BY id"

done=$(v2m-upload talk.mp4)
v2m-convert-worker "$done" > "$OUT" 2>> log
again=$(v2m-upload talk.mp4)
v2m-convert-worker "$again" > "$OUT" 2>> log

# --- what no record knows ---
foreign=$(v2m-upload --no-queue talk.mp4)
sql store "DELETE FROM record WHERE id = '$foreign';
    UPDATE object SET sha256 = '', created_at = created_at - 3000000000
    WHERE id = '$foreign'"
status 0 "a first pass" new v2m-init --import state
is "$(of new "$OBJECTS")" "$(of state "$OBJECTS")" \
    "objects keep their time, and foreign ones are without a SHA-256"

# --- who is stopped in the middle of a write ---
background env V2M_FAULT=stop:record-put v2m-requeue --again "$again" \
    > "$OUT" 2> requeue
requeue=$tap_pid
background env V2M_FAULT=stop:document-put v2m-user quota ann@example.org \
    none > "$OUT" 2> quota
quota=$tap_pid
background env V2M_FAULT=stop:record-put v2m-notify "$done" > "$OUT" 2> notify
notify=$tap_pid
# COMMAND NAME: with a password that comes late.
asked() {
	(until [ -e typed ]; do
		sleep 0.1
	done && echo 'another horse') | v2m-user "$1" --password-file - "$2@example.org" \
	    > "$OUT" 2> "user-$1"
}
background asked add eve
adds=$tap_pid
background asked passwd ann
changes=$tap_pid
for pid in $requeue $quota $notify; do
	eventually "it is stopped" stands "$pid"
done
status 0 "the move" new v2m-init --import state --final
kill -CONT $requeue $quota $notify
wait $requeue
is "$?" 75 "a job is converted again, too late"
like "$(cat requeue)" "moved to dir:.*/new/store" "and it says so"
wait $quota
is "$?" 75 "so are limits"
like "$(cat quota)" "moved to" "and it says so"
touch typed
for pid in $adds $changes; do
	wait "$pid"
	is "$?" 75 "so is an account"
done
like "$(cat user-add user-passwd)" "moved to.*
.*moved to" "and they say so"
is "$(v2m-user list | grep -c eve)" 0 "there is no new one"
wait $notify
is "$?" 75 "so is a notice"
is "$(notices "$done")" 0 "and it is not sent"
new v2m-notify "$done" > "$OUT" 2>> log
is "$(notices "$done")" 1 "but by the new one"

is "$(new v2m-status "$done" | cut -f 2)" "done" "a token stays good"

# --- both have the same queue: one that works on for the old one ---
queue=sqlite:$TMP/state/v2m.db
other=$(new env V2M_QUEUE="$queue" v2m-upload talk.mp4)
sql queue "UPDATE message SET deliveries = 9"
v2m-convert-worker --once > "$OUT" 2> old-worker
like "$(cat old-worker)" "moved to" "it does not know the job, nor buries it"
sleep 0.2
new env V2M_QUEUE="$queue" v2m-convert-worker --once > "$OUT" 2>> log
is "$(new v2m-status "$other" | cut -f 2)" "done" "the right one converts it"
sql queue "UPDATE message SET deliveries = 9"
v2m-notify --once > "$OUT" 2> old-notifier
like "$(cat old-notifier)" "moved to" "so it is with notices"
sleep 0.2
new env V2M_QUEUE="$queue" v2m-notify --once > "$OUT" 2>> log
is "$(notices "$other")" 1 "the right one sends it"

status 0 "v2m-prune" new v2m-prune
ok "leaves a foreign video" test -f new/store/videos/"$foreign"
done_testing
