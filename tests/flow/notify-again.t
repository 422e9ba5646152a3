#!/bin/sh
# v2m-notify --again: what failed, or may not have arrived, once more.
#
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
good=$V2M_NOTIFY

# refused [OWNER]: a job whose notice was refused for good
refused() {
	ref_id=$(as "${1:-ann}" v2m-upload talk.mp4) || exit 99
	v2m-convert-worker --once
	V2M_NOTIFY='exec:echo "550 our fault" >&2; exit 69'
	export V2M_NOTIFY
	sql store "UPDATE record SET told_refusals = 4 WHERE id = '$ref_id'"
	v2m-notify --once 2>> log
	V2M_NOTIFY=$good
	[ "$(column "$ref_id" told)" = failed ] || tap_show log < log
	echo "$ref_id"
}

id=$(refused)
is "$(column "$id" told)" failed "a notice failed"
status 1 "v2m-check" v2m-check
like "$(cat "$OUT")" "^$id	its notice failed: .*550 our fault	v2m-notify --again" \
    "tells of it"
like "$(v2m-status "$id")" "its notice could not be delivered" "v2m-status too"
status 69 "v2m-notify with its ID" v2m-notify "$id"
is "$(notices "$id")" 0 "does not send it"
status 0 "with --again" v2m-notify --again "$id"
is "$(cat "$OUT") $(notices "$id") $(column "$id" told)" "$id 1 sent" "it is sent"
status 1 "once more: it was sent" v2m-notify --again "$id"
like "$(cat "$ERR")" "$id: it was sent .--force" "so --force is wanted"
status 0 "--force" v2m-notify --again --force "$id"
is "$(notices "$id")" 2 "sends it again"
is "$(grep -c '^Message-ID' mails) $(grep '^Message-ID' mails | sort -u |
    wc -l)" "2 1" "with the same Message-ID"
status 0 "and the queue" v2m-notify --once
is "$(notices "$id") $(sql queue "SELECT count(*) FROM message")" "2 0" \
    "has nothing more to tell"
status 0 "v2m-check" v2m-check

# --- what may not have arrived ---
id=$(v2m-upload talk.mp4)
v2m-convert-worker --once
for turn in 1 2; do
	v2m-notify --notify 'exec:kill -9 $$' --once 2>> log
	sleep 1.1
done
is "$(column "$id" told)" "sent?" "one of unknown fate"
status 1 "v2m-check" v2m-check
like "$(cat "$OUT")" "^$id	it is not known whether its notice was sent	" "tells of it"
status 0 "--again" v2m-notify --again "$id"
is "$(notices "$id") $(column "$id" told)" "1 sent" "sends it"

# --- one that cannot be sent now is sent later, whoever asked is gone ---
id=$(refused)
status 75 "the hook still fails" v2m-notify --notify 'exec:exit 1' --again "$id"
is "$(column "$id" told)" "" "it waits again"
status 0 "--again" v2m-notify --again "$id"
like "$(cat "$ERR")" "$id: it still waits" "and is left alone"
is "$(notices "$id")" 0 "it is not hurried"
sql store "UPDATE record SET told_due = 0"
v2m-notify --once
is "$(notices "$id")" 1 "but sent by the next notifier"

# --- all of them ---
a=$(refused)
b=$(refused)
wrong=$(refused)
sql store "UPDATE record SET told_failure = 65 WHERE id = '$wrong'"
gone=$(refused)
mp3=$(column "$gone" mp3)
rm "state/store/mp3s/$mp3"
left=$(refused bob)
v2m-user --quiet remove --jobs=keep bob@example.org
status 64 "nobody can be asked" v2m-notify --again --failed
status 0 "-n" v2m-notify --again --failed -n
is "$(cut -f 1 "$OUT" | sort)" "$(printf '%s\n' "$a" "$b" | sort)" "lists two"
like "$(cat "$OUT")" "^$a	ann@example.org	.*550 our fault" "with addresses and reasons"
like "$(cat "$ERR")" "$wrong: left out, .*no such address" "a wrong address,"
like "$(cat "$ERR")" "$gone: left out, .*MP3 is gone" "an MP3 that is gone,"
like "$(cat "$ERR")" "$left: left out, .*no such account" "and an account"
like "$(cat "$ERR")" "3 left out" "are left out"
status 0 "-n --json" v2m-notify --again --failed -n --json
like "$(grep "$a" "$OUT")" \
    '"owner":"ann@example.org","reason":"[^"]*550 our fault","again":true' \
    "says whose it is, and why"
like "$(grep "$gone" "$OUT")" '"again":false,"left_out":"its MP3 is gone"' \
    "and what is against it"
status 0 "--since 0" v2m-notify --again --failed -n --since 0
is "$(cat "$OUT")" "" "lists none"
status 0 "another reason" v2m-notify --again --failed -n --reason moon
is "$(cat "$OUT")" "" "lists none"
sql store "UPDATE record SET told_since = told_since - 7200000 WHERE id = '$b'"
status 0 "--since" v2m-notify --again --failed -n --since 1h --reason OUR
is "$(cut -f 1 "$OUT")" "$a" "lists the younger one"
is "$(notices "$a")$(notices "$b")" 00 "nothing was sent"
echo n | script -qec 'v2m-notify --again --failed' /dev/null > asked
like "$(cat asked)" 'send 2 again\? \[y/N\]' "at a terminal it asks"
is "$(notices "$a")$(notices "$b")" 00 "who says no"
status 0 "--yes" v2m-notify --again --failed --yes
is "$(sort "$OUT")" "$(printf '%s\n' "$a" "$b" | sort)" "sends both"
is "$(notices "$a")$(notices "$b")$(notices "$wrong")$(notices "$gone")" 1100 \
    "and no other"
status 0 "once more" v2m-notify --again --failed --yes
is "$(cat "$OUT")" "" "sends none"

# --- wrong usage ---
status 64 "--again alone" v2m-notify --again
status 64 "--failed alone" v2m-notify --failed
status 64 "--failed with an ID" v2m-notify --again --failed "$a"
status 64 "--force alone" v2m-notify --force "$a"
status 64 "--since with an ID" v2m-notify --again --since 1h "$a"
status 64 "--since 0 with an ID" v2m-notify --again --since 0 "$a"

done_testing
