#!/bin/sh
# An upload whose message is out, and which can neither be recorded as accepted
# nor called back: nobody knows, and everybody is told which job it may be.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
clip talk.mp4

messages() {
	sql queue "SELECT count(*) FROM message WHERE queue = 'video'"
}

# The store takes no change of what is stored already, as on a full disk.
full() {
	sql store "CREATE TRIGGER full BEFORE UPDATE ON record
	    WHEN OLD.sha256 <> '' BEGIN SELECT RAISE(ABORT, 'full'); END"
}

room() {
	sql store "DROP TRIGGER full"
}

full
status 75 "nobody knows" v2m-upload talk.mp4
is "$(cat "$OUT")" "" "no ID is printed as accepted"
id=$(sql store "SELECT id FROM record")
like "$(cat "$ERR")" "it may have been accepted as $id: v2m-status $id" \
    "but the one that it may be is named"
is "$(state "$id") $(messages)" "new 1" "it may be"
status 75 "nobody knows, for a script" v2m-upload --json talk.mp4
like "$(cat "$OUT")" '"status": ?75, ?"maybe": ?"[0-9a-f]{24}"' "as an object"
other=$(sed 's/.*"maybe": *"\([0-9a-f]*\)".*/\1/' "$OUT")
is "$(state "$other")" new "with the ID"
room

# --- the documented retry ---
sql queue "DELETE FROM message"
status 0 "--skip-existing" v2m-upload --skip-existing talk.mp4
again=$(cat "$OUT")
like "$id $other" "$again" "finds one of them"
is "$(state "$again") $(messages)" "queued 1" "which is accepted now"
status 0 "once more" v2m-upload --skip-existing talk.mp4
is "$(cat "$OUT") $(messages)" "$again 1" "finds the same"
is "$(finish "$again")" 'done' "and it is done"
v2m-status | v2m-remove - > "$OUT"

# --- a worker is faster ---
full
v2m-upload talk.mp4 2> "$ERR"
id=$(sed -n 's/.*accepted as \([0-9a-f]*\):.*/\1/p' "$ERR")
room
v2m-convert-worker --once
is "$(state "$id")" 'done' "a worker makes a job of it"
v2m-status | v2m-remove - > "$OUT"

# --- over HTTP ---
gateway_start
token=$(v2m-user token ann@example.org)
full
curl -s -D head -o body -H "Authorization: Bearer $token" \
    -F file=@talk.mp4 "$URL/upload"
like "$(head -n 1 head)" ' 503 ' "the gateway does not know either"
id=$(sed -n 's|^Location: /download?fid=\([0-9a-f]*\).*|\1|p' head)
like "$id" '^[0-9a-f]{24}$' "and names it in Location"
like "$(tr -d '\r' < head)" '^V2M-State: maybe$' "with V2M-State"
like "$(cat body)" "may have been accepted as $id" "and in words"
unlike "$(cat body)" 'full' "but not what concerns the administrator"
is "$(state "$id")" new "it may be"
room

# Our client asks, and does not send twice.
sql queue "DELETE FROM message"
before=$(sql store "SELECT count(*) FROM record")
full
(sleep 2; room) &
status 0 "v2m-upload through the gateway" env V2M_TOKEN="$token" \
    V2M_URL="$URL" V2M_URL_TIMEOUT=30s v2m-upload talk.mp4
wait $!
is "$(state "$(cat "$OUT")") $(sql store "SELECT count(*) FROM record")" \
    "queued $((before + 1))" "asks until it is accepted, as one job"
status 0 "--skip-existing through the gateway" env V2M_TOKEN="$token" \
    V2M_URL="$URL" v2m-upload --skip-existing talk.mp4
is "$(sql store "SELECT count(*) FROM record")" $((before + 1)) \
    "makes no other job"

# --- the drop folder ---
mkdir drop
clip drop/film.mp4 2
touch -d '2 minutes ago' drop/film.mp4
full
status 75 "the drop folder" "$tap_root/scripts/cron/v2m-drop-folder" -n -q 0 drop
like "$(cat drop/done/IDS)" '^[0-9a-f]{24}	film.mp4	maybe$' "notes the ID as maybe"
id=$(cut -f 1 drop/done/IDS)
room
status 0 "its next run" "$tap_root/scripts/cron/v2m-drop-folder" -n -q 0 drop
is "$(tail -n 1 drop/done/IDS)" "$id	film.mp4" "finds it by its bytes"
is "$(state "$id")" queued "and it is accepted"

done_testing
