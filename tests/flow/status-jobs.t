#!/bin/sh
# v2m-status and v2m-remove: what they show and take away, and of whose.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
long_clip long.mp4
echo 'dear diary' > text.mp4

status 0 "no jobs" v2m-status
is "$(cat "$OUT")" "" "no lines"

queued=$(v2m-upload talk.mp4)
held=$(v2m-upload --no-queue --name held.mp4 - < talk.mp4)
failed=$(here v2m-upload --no-queue --no-check text.mp4)
v2m-convert-worker "$failed" > "$OUT" 2> "$ERR"
over=$(v2m-upload --no-queue --name 'a name with blanks.mp4' -q V5 - < talk.mp4)
v2m-convert-worker "$over" > "$OUT"
his=$(as bob v2m-upload talk.mp4)

# --- tabs ---
v2m-status > list
is "$(cut -f 1,2,4 list | sort)" "$(printf '%s\t%s\t%s\n' \
    "$queued" queued talk.mp4 "$held" held held.mp4 \
    "$failed" failed text.mp4 "$over" 'done' 'a name with blanks.mp4' | sort)" \
    "ID, state and name of one's own"
is "$(awk -F '\t' 'NF != 9' list | wc -l)" 0 "nine fields, tab-separated"
is "$(v2m-status "$over" | cut -f 3,5)" "$(printf '100\t%s' \
    "$(wc -c < talk.mp4)")" "percent and size"
is "$(v2m-status "$over" | cut -f 6)" \
    "$(v2m-fetch -o - "$over" | wc -c)" "size of the MP3"
like "$(v2m-status "$over" | cut -f 7)" '^1[01][0-9]{2}$' \
    "milliseconds of sound"
like "$(v2m-status "$over" | cut -f 8)" '^[0-9]+$' "seconds since the upload"
is "$(v2m-status "$queued" | cut -f 3,6,7,9)" "$(printf -- '-\t-\t-\t-')" \
    "what is not known is -"
like "$(v2m-status "$failed" | cut -f 9)" '.' "the reason of a failure"

# --- JSON ---
v2m-status --json > json
python3 - "$over" "$failed" <<'END2' 2> "$ERR"
import json, sys
jobs = {o['id']: o for o in map(json.loads, open('json'))}
assert len(jobs) == 4, jobs
o = jobs[sys.argv[1]]
assert o['state'] == 'done' and o['name'] == 'a name with blanks.mp4', o
assert o['options'] == {'quality': 5} and o['owner'] == 'ann@example.org', o
assert len(o['mp3']) == 24 and o['mp3_length'] > 1000, o
assert 1.0 <= o['duration_s'] < 1.2 and len(o['sha256']) == 64, o
assert o['created'].endswith('Z') and o['finished'].endswith('Z'), o
f = jobs[sys.argv[2]]
assert f['state'] == 'failed' and f['reason'] and 'mp3' not in f, f
END2
is "$? $(cat "$ERR")" "0 " "--json: an object a line"
token=$(v2m-login --print --password-file pw ann@example.org)
status 0 "with a token of --print" env V2M_TOKEN="$token" v2m-status --json
is "$(wc -l < "$OUT")" 4 "the same"

# --- IDs ---
status 0 "IDs, in their order" v2m-status "$over" "$queued"
is "$(cut -f 1 "$OUT")" "$over
$queued" "as they were given"
status 0 "from stdin, with fields behind them" v2m-status - < list
is "$(wc -l < "$OUT")" 4 "all of them"
mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$over'")
is "$(v2m-status "$mp3" | cut -f 1)" "$over" "by the MP3's ID: the job"
status 66 "one that is not known" v2m-status 0123456789abcdef01234567 "$over"
is "$(cut -f 1 "$OUT")" "$over" "the others are shown"
status 66 "another user's" v2m-status "$his"
is "$(cat "$ERR")" "v2m-status: $his: no such ID" "is none"
status 66 "none at all" v2m-status nonsense
status 66 "--json tells it as well" v2m-status --json "$his"
like "$(cat "$OUT")" '"status": ?66' "in an object"
status 77 "--all of a user" v2m-status --all
status 0 "--all of an administrator" as root v2m-status --all
is "$(wc -l < "$OUT")" 5 "an administrator sees everybody's jobs"
status 0 "an administrator by ID" as root v2m-status "$his"
status 64 "--all and IDs" v2m-status --all "$over"

# --- some of them ---
status 0 "by state" v2m-status --state failed
is "$(cut -f 1 "$OUT")" "$failed" "those of that state"
status 0 "of several" v2m-status --state queued,failed
is "$(cut -f 2 "$OUT" | sort -u | xargs)" "failed queued" "all of these"
status 0 "by name" v2m-status --name NO-SUCH-NAME
is "$(cat "$OUT")" "" "none has it"
name=$(v2m-status "$over" | cut -f 4 | tr a-z A-Z)
status 0 "in capitals" v2m-status --name "$name" --state done
is "$(cut -f 1 "$OUT")" "$over" "is found"
status 64 "another word" v2m-status --state failde
like "$(cat "$ERR")" "unknown state 'failde'" "is told"
status 64 "--state and IDs" v2m-status --state failed "$over"
status 77 "without a login" env XDG_STATE_HOME="$TMP/x" v2m-status

# --- watching ---
v2m-remove "$queued" > "$OUT"
as bob v2m-remove "$his" > "$OUT"
long=$(v2m-upload long.mp4)
background v2m-convert-worker 2> log
worker=$tap_pid
status 0 "--watch by ID" timeout 600 v2m-status --watch "$long"
like "$(cut -f 2,3 "$OUT")" "^converting	[1-9][0-9]?$" \
    "shows the percentage while it converts"
is "$(tail -n 1 "$OUT" | cut -f 2,3)" "$(printf 'done\t100')" \
    "and ends when it is done"
progress=$(cut -f 3 "$OUT" | grep -v -e - | tr '\n' ' ')
is "$progress" "$(echo "$progress" | tr ' ' '\n' | sort -n | tr '\n' ' ' |
    sed 's/^ //')" "which never goes back"
status 0 "--watch of all" timeout 600 v2m-status --watch
status 0 "--watch of IDs by stdin" sh -c "echo $over | timeout 600 \
    v2m-status --watch -"
is "$(cut -f 1 "$OUT")" "$over" "is of these"
status 0 "--watch of no IDs" sh -c \
    'timeout 600 v2m-status --watch - < /dev/null'
is "$(cat "$OUT")" "" "is of none"
kill $worker
wait $worker

# --- a terminal ---
for width in 60 80 112 140; do
	script -qec "stty cols $width; v2m-status" /dev/null > wide
	is "$(tr -d '\r' < wide | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' |
	    awk -v most=$width 'length > most')" "" \
	    "no line is wider than $width columns"
done
status 0 "on a terminal" script -qec 'stty cols 120; v2m-status' /dev/null
tr -d '\r' < "$OUT" > term
like "$(head -n 1 term)" '^ID +STATE +VIDEO +MP3 +LENGTH +AGE +NAME$' \
    "there is a heading"
like "$(cat term)" "^$over  done .* a name with blanks.mp4" "and columns"
like "$(cat term)" "$(printf '\033\\[31m')failed" "a failure is red"
status 0 "v2m-status with NO_COLOR" script -qec 'NO_COLOR=1 v2m-status' /dev/null
unlike "$(cat "$OUT")" "$(printf '\033\\[3')" "is heard"

# --- v2m-remove ---
videos() {
	sql store "SELECT count(*) FROM object"
}
n=$(videos)
status 66 "another user's" as bob v2m-remove "$over"
is "$(cat "$ERR")" "v2m-remove: $over: no such ID" "is none"
is "$(videos)" "$n" "and stays"
typo=
printf '%s\n' "$over" "$held" "$failed" | while read -r id; do
	# shellcheck disable=SC2086 # no word at all
	v2m-remove $typo 2> "$ERR"
	echo "$? $id"
done > loop
is "$(cat loop)" "64 $over
64 $held
64 $failed" "a loop with an unset variable: no operand is wrong usage"
like "$(cat "$ERR")" '^v2m-remove: no ID given' "says what is wanted"
is "$(videos)" "$n" "and the loop's list is not removed"
status 66 "an empty operand" v2m-remove ""
status 0 "a done one" v2m-remove "$over"
is "$(cat "$OUT")" "$over" "prints its ID"
is "$(videos)" $((n - 2)) "video and MP3 are gone"
status 66 "a removed job is removed again" v2m-remove "$over"
status 66 "is fetched no more" v2m-fetch "$over"
is "$(v2m-status "$over" | cut -f 2)" removed "its record says what became of it"
unlike "$(v2m-status)" "$over" "but the list is silent"
status 66 "several, one of them unknown" v2m-remove "$held" nonsense "$failed"
is "$(cat "$OUT")" "$held
$failed" "the others go"
status 0 "an administrator removes anybody's" as root v2m-remove "$long"
status 0 "none left" v2m-remove - < /dev/null
is "$(videos)" 0 "of anything"
queued=$(v2m-upload talk.mp4)
status 137 "killed on the way" here \
    env V2M_FAULT=kill:store-removed v2m-remove "$queued"
is "$(v2m-status "$queued" | cut -f 2)" removed "it is removed"
v2m-convert-worker --once
is "$(mp3s) $(sql queue "SELECT count(*) FROM message
    WHERE queue = 'video'")" "0 0" "and not converted"
v2m-remove "$queued" 2> "$ERR"
is "$(videos)" 0 "removed again, what was left goes"
ok "--json" v2m-upload --json talk.mp4
id=$(grep -o '[0-9a-f]\{24\}' "$OUT")
is "$(v2m-remove --json "$id")" "{\"id\":\"$id\",\"removed\":true}" "--json"

done_testing
