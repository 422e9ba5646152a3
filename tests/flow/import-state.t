#!/bin/sh
# v2m-init --import: all that one v2m has goes to another, while it runs, with
# kills in between; who works there, or writes there, afterwards.
# slow: 18 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
token=$(v2m-user token ann@example.org)
new() {
	V2M_TOKEN=$token V2M_STATE=$TMP/new "$@"
}
# of FOLDER SQL
of() (
	V2M_STATE=$TMP/$1
	sql store "$2"
)
stopped() {
	grep -q '^State:.T' "/proc/$1/status"
}
# What a state says of jobs; times change when one is published anew.
records() {
	of "$1" "SELECT id, owner, name, length, sha256, state, mp3,
	    mp3_sha256, told, fetched_at, generation, attempts
	    FROM record WHERE sha256 <> '' AND state <> $JOB_NEW ORDER BY id"
}
files() {
	(cd "$1/store" && find videos mp3s -type f ! -name '*.*' -exec \
	    sha256sum {} + | sort)
}

# --- what there is ---
done=$(v2m-upload talk.mp4)
finish "$done" > "$OUT"
v2m-fetch -o there.mp3 "$done" > "$OUT"
gone=$(v2m-upload talk.mp4)
v2m-remove "$gone" > "$OUT"
held=$(v2m-upload --no-queue talk.mp4)
waits=$(v2m-upload talk.mp4)
untold=$(v2m-upload talk.mp4)
v2m-convert-worker "$untold" > "$OUT" 2>> log
is "$(state "$untold")" "done" "one is done, and its owner waits for a word"
V2M_FAULT=kill:record-written v2m-upload talk.mp4 > "$OUT" 2>&1
v2m-user quota bob@example.org none 2> log

# --- refused ---
status 64 "--final alone" v2m-init --final
status 64 "--restored with it" v2m-init --restored --import state
status 78 "from nowhere" new v2m-init --import no-such
status 78 "from itself" v2m-init --import "$V2M_STATE"
like "$(cat "$ERR")" "both have the same store" "it says so"

# --- the first pass, killed here and there ---
for at in import-copied@1 record-written@2 record-put@3; do
	new env V2M_FAULT=kill:$at v2m-init --import state > "$OUT" 2>&1
	is $? 137 "killed at $at"
done
status 0 "a first pass goes on" new v2m-init --import state
like "$(cat "$ERR")" "until --final is given" "it says that it is not all"
is "$(records new)" "$(records state)" "all records are there, in all they say"
status 75 "an account there" new v2m-user add --password-file pw eve@example.org
like "$(cat "$ERR")" "not in use yet: its jobs are on the way from dir:" \
    "has to wait"
new v2m-convert-worker --once > "$OUT" 2>> log
is "$(records new)" "$(records state)" "a worker there finds nothing to do"
status 0 "the two are compared" new v2m-check --against state
is "$(cat "$OUT")" "" "all that was copied is there"
status 0 "it all runs on" v2m-fetch -o again.mp3 "$done"
late=$(v2m-upload talk.mp4)
rm again.mp3
status 1 "what is new there" new v2m-check --against state
like "$(cat "$OUT")" "^$late	it is in the other store only	v2m-init" "is told"
status 0 "once more" new v2m-init --import state
like "$(cat "$ERR")" "new: 1 job, 1 video or MP3 \\(" \
    "only what is new is copied"

# --- damaged there ---
cp state/store/videos/"$held" kept
dd if=/dev/zero of=state/store/videos/"$held" bs=1 count=9 seek=99 \
    conv=notrunc 2> "$OUT"
rm new/store/videos/"$held"
sqlite3 new/store/index.db "DELETE FROM object WHERE id = '$held'"
status 1 "a video that is not there" new v2m-check --against state
like "$(cat "$OUT")" "^$held	its video is in the other store only" "is told"
status 74 "a video that is damaged" new v2m-init --import state
like "$(cat "$ERR")" "$held: it is damaged: not the SHA-256" "is told of"
cp kept state/store/videos/"$held"

# --- the final one: a worker holds a job, a kill ---
background env V2M_LEASE=1min V2M_FAULT=stop:encoded v2m-convert-worker \
    "$waits" > "$OUT" 2> worker
worker=$tap_pid
eventually "a worker holds a job" stopped $worker
background env V2M_STATE="$TMP/new" v2m-init --import state --final 2> first
first=$tap_pid
eventually "the final run waits for it" grep -q "waiting for 1 job" first
kill -INT "$first"
wait "$first"
is "$?" 130 "that run ends"
like "$(cat first)" "accepts nothing new now.*--cancel" "and says what to do"
status 0 "it can be cancelled" new v2m-init --import state --cancel
status 0 "and an upload is accepted again" v2m-upload talk.mp4
background new env V2M_FAULT=kill:import-published v2m-init --import state \
    --final 2> final
final=$tap_pid
eventually "the final run waits for it" grep -q "waiting for 1 job" final
status 75 "an upload meanwhile" v2m-upload talk.mp4
like "$(cat "$ERR")" "is being moved to dir:.*/new/store: try again later" \
    "is told where"
status 75 "so is a worker" v2m-convert-worker "$late"
like "$(cat "$ERR")" "is being moved to dir:.*/new/store" \
    "that asks for a job"
kill -CONT $worker
wait $worker
is "$?" 0 "the one that has a job ends it"
wait $final
is "$?" 137 "the run is killed when it has published"
status 75 "there is no going back" v2m-remove "$late"
status 0 "reads go on" v2m-fetch --force -o again.mp3 "$done"
ok "with all bytes" cmp there.mp3 again.mp3
for cmd in "quota ann@example.org none" "admin ann@example.org" \
    "passwd --password-file pw ann@example.org"; do
	# shellcheck disable=SC2086
	status 75 "v2m-user ${cmd%% *}" v2m-user $cmd
	like "$(cat "$ERR")" "moved to" "changes nothing"
done
status 0 "it goes on" new v2m-init --import state --final
like "$(cat "$ERR")" "1 upload that is not complete stays behind" \
    "what does not go along is counted"
sqlite3 state/store/index.db "UPDATE note SET
    text = replace(text, 'away', 'closed') WHERE kind = 'moved'"
status 0 "as if killed before its last step" new v2m-init --import state --final
like "$(cat "$ERR")" "moved here before" "there is nothing left to do"
is "$(of state "SELECT text LIKE 'away %' FROM note WHERE kind = 'moved'")" 1 \
    "but that"

# --- what came of it ---
is "$(records new)" "$(records state)" "all records are there"
is "$(files new)" "$(files state)" "all bytes are there"
is "$(of new "SELECT count(*) FROM record WHERE state = $JOB_NEW")" 0 \
    "what is not complete stays"
status 0 "an account is known" new v2m-login --password-file pw bob@example.org
is "$(new v2m-status "$done" | cut -f 2)" "done" "a token stays good"
is "$(of new "SELECT text FROM note WHERE kind = 'limits' AND
    key LIKE 'bob@%'")" none "so does what he may have"
before=$(wc -l < notices)
for n in 1 2 3; do
	new v2m-convert-worker --once >> log 2>&1
	new v2m-notify --once >> log 2>&1
done
is "$(of new "SELECT state FROM record WHERE id IN ('$waits', '$late')" |
    sort | uniq)" $JOB_DONE "what waited is converted"
is "$(notices "$done") $(notices "$waits") $(notices "$late")
$(notices "$untold")" "1 1 1
1" "who was told is not told again, who was not is"
is "$(wc -l < notices)" $((before + 4)) "and nobody else"
status 0 "a new upload" new v2m-upload talk.mp4
status 0 "the two are compared" new v2m-check --bytes --against state
is "$(cat "$OUT")" "" "nothing is missing, though jobs went on"
new v2m-user remove --quiet --jobs=keep bob@example.org
status 1 "an account that is not there" new v2m-check --against state
like "$(cat "$OUT")" "^bob@example.org	this account" "is told"
status 0 "all is well" new v2m-check --bytes
is "$(cat "$OUT")" "" "without a finding"
status 78 "another move from there" env V2M_STATE="$TMP/third" \
    v2m-init --import state
like "$(cat "$ERR")" "go to dir:.*/new/store" "is refused"
status 0 "with nothing left" new v2m-init --import state --final
status 78 "no way back" new v2m-init --import state --cancel
like "$(cat "$ERR")" "the move is complete" "it says so"

# --- a second move, from there: what comes while it copies ---
# FAULT CMD...: the one it goes to, its process ID in $tap_pid.
begin_third() {
	fault=$1
	shift
	background env V2M_STATE="$TMP/third" V2M_FAULT="$fault" \
	    v2m-init --import new "$@" 2> third.log
	third=$tap_pid
}
third() {
	V2M_TOKEN=$token V2M_STATE=$TMP/third "$@"
}
for at in store-linked store-written; do
	third env V2M_FAULT=kill:$at v2m-init --import new > "$OUT" 2>&1
	is $? 137 "killed at $at"
done
break_video() {
	dd if=/dev/zero of="new/store/videos/$1" bs=1 count=9 seek=99 \
	    conv=notrunc 2> "$OUT"
}
break_video "$held"
status 74 "a video that is damaged" third v2m-init --import new --final
is "$(grep -c "$held" "$ERR")" 1 "is told of once, and nothing else"
like "$(cat "$ERR")" "not moved: 1 of the videos and MP3s" \
    "and nothing is moved"
status 0 "all goes on there" new v2m-upload talk.mp4
begin_third stop:import-copied@1 --final --leave-failed
eventually "it copies" stopped "$third"
late=$(new v2m-upload talk.mp4)
new v2m-convert-worker "$late" > "$OUT" 2>> log
kill -CONT "$third"
wait "$third"
is "$?" 74 "it moves without that one"
# As a foreign one is there: not known by a SHA-256.
of new "UPDATE object SET sha256 = '' WHERE id = '$done'"
third v2m-check --against new > "$OUT" 2>> log
is "$(cut -f 1,2 "$OUT")" "$held	its video is in the other store only" \
    "a job that was new meanwhile is there"
is "$(third v2m-status "$late" | cut -f 2)" "done" "with its end"
status 0 "and its MP3" third v2m-fetch -o late.mp3 "$late"

# --- an upload here, when the move begins ---
fourth() {
	V2M_STATE=$TMP/fourth "$@"
}
fourth v2m-init --quiet
fourth v2m-user add --quiet --password-file pw ann@example.org
token=$(fourth v2m-user token ann@example.org)
background env V2M_TOKEN="$token" V2M_STATE="$TMP/fourth" \
    V2M_FAULT=stop:record-put v2m-upload talk.mp4 > "$OUT" 2>> log
upload=$tap_pid
eventually "an upload knows of no move" stopped "$upload"
background env V2M_STATE="$TMP/fourth" V2M_FAULT=stop:import-begun \
    v2m-init --import third 2> fourth.log
import=$tap_pid
eventually "a move begins" stopped "$import"
kill -CONT "$upload"
wait "$upload"
kill -CONT "$import"
wait "$import"
is "$?" 78 "it ends"
like "$(cat fourth.log)" "the store here has jobs of its own" "with the reason"
V2M_TOKEN=$token status 0 "and all goes on here" fourth v2m-upload talk.mp4

# --- a run that another one overtakes ---
fifth() {
	V2M_TOKEN=$token V2M_STATE=$TMP/fifth "$@"
}
background env V2M_STATE="$TMP/fifth" V2M_FAULT=stop:import-copied \
    v2m-init --import third 2> slow.log
slow=$tap_pid
eventually "a slow run copies" stopped "$slow"
status 0 "another one moves" fifth v2m-init --import third --final
token=$(fifth v2m-user token ann@example.org)
upload=$(fifth v2m-upload talk.mp4)
kill -CONT "$slow"
wait "$slow"
is "$?" 75 "the slow one ends"
like "$(cat slow.log)" "another v2m-init --import is at work" "and says why"
is "$(fifth v2m-status "$upload" | cut -f 2)" queued \
    "what was uploaded meanwhile stays"
done_testing
