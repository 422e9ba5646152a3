#!/bin/sh
# What was kept long enough goes, in an order that leads nobody astray; what is
# of use stays.
# slow: many conversions
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
echo 'dear diary' > text.mp4

# age ID DAYS: what happened to this job happened so much earlier.
age() {
	sql store "UPDATE record SET created_at = created_at - $2 * 86400000,
	    queued_at = queued_at - $2 * 86400000,
	    done_at = CASE done_at WHEN 0 THEN 0
		ELSE done_at - $2 * 86400000 END,
	    fetched_at = CASE fetched_at WHEN 0 THEN 0
		ELSE fetched_at - $2 * 86400000 END,
	    video_gone = CASE video_gone WHEN 0 THEN 0
		ELSE video_gone - $2 * 86400000 END WHERE id = '$1'"
	sql store "UPDATE object SET created_at = created_at - $2 * 86400000
	    WHERE id = '$1' OR video = '$1'"
}

# kept ID: "video mp3 record", as far as they are there.
kept() {
	sql store "SELECT 'video' FROM object WHERE kind = 'video'
	    AND id = '$1' UNION ALL SELECT 'mp3' FROM object
	    WHERE kind = 'mp3' AND video = '$1' UNION ALL
	    SELECT 'record' FROM record WHERE id = '$1'" | paste -s -d ' '
}

files() {
	find state/store -type f -name '[0-9a-f]*' ! -name '*.db*' | wc -l
}

convert() {
	v2m-upload "$@" > made
	v2m-convert-worker --once 2>> log
	v2m-notify --once 2>> log
	cat made
}

quiet() {
	status 0 "$1" v2m-prune
	is "$(cat "$OUT")$(cat "$ERR")" "" "$1: not a word"
}

# --- nothing is asked for: nothing goes ---
fetched=$(convert talk.mp4)
unfetched=$(convert talk.mp4)
failed=$(convert --no-check text.mp4)
queued=$(v2m-upload talk.mp4)
held=$(v2m-upload --no-queue talk.mp4)
v2m-fetch --quiet -o here.mp3 "$fetched"
for id in $fetched $unfetched $failed $queued $held; do
	age "$id" 400
done
quiet "without the keys"
is "$(files)" 7 "all is kept"

# --- after the time of each ---
V2M_KEEP_FETCHED=500d V2M_KEEP_UNFETCHED=500d V2M_KEEP_FAILED=500d \
    V2M_KEEP_RECORDS=1d quiet "too young"
is "$(files)" 7 "all is kept"
V2M_KEEP_VIDEOS=399d
export V2M_KEEP_VIDEOS
status 0 "--dry-run" v2m-prune --dry-run
is "$(sort "$OUT")" "$(printf '%s\tvideo\tkeep_videos\n' "$fetched" \
    "$unfetched" | sort)" "shows what would go"
is "$(files)" 7 "and changes nothing"
quiet "keep_videos"
is "$(kept "$fetched"), $(kept "$unfetched"), $(kept "$failed"), $(kept \
    "$queued"), $(kept "$held")" \
    "mp3 record, mp3 record, video record, video record, video record" \
    "the videos of done jobs are gone"
status 66 "such a job cannot be done again" v2m-requeue --again "$fetched"
status 0 "its MP3 can be fetched" v2m-fetch -o more.mp3 "$fetched"
quiet "again"

V2M_KEEP_FETCHED=300d quiet "keep_fetched"
is "$(kept "$fetched"), $(kept "$unfetched")" "record, mp3 record" \
    "the MP3 that was fetched is gone"
is "$(state "$fetched")" expired "its job has expired"
status 66 "it cannot be fetched" v2m-fetch "$fetched"
like "$(cat "$ERR")" 'no longer kept' "and the message says why"
status 66 "nor by waiting" v2m-fetch --wait=5s "$fetched"
id=$(v2m-upload --skip-existing talk.mp4)
ok "--skip-existing does not rely on it" test "$id" != "$fetched"
# Which of the equal live jobs it names is chance: none of them may go.
case $id in
"$queued" | "$unfetched" | "$held") ;;
*) v2m-remove "$id" > /dev/null ;;
esac
V2M_KEEP_UNFETCHED=300d quiet "keep_unfetched"
is "$(kept "$unfetched")" record "the other one as well"
V2M_KEEP_FAILED=300d quiet "keep_failed"
is "$(kept "$failed")" record "the video of the failed one"
status 66 "which cannot be requeued" v2m-requeue "$failed"
V2M_KEEP_RECORDS=1d quiet "keep_records counts from the last thing"
is "$(kept "$failed")" record "the record stays"
age "$failed" 2
age "$fetched" 2
status 0 "keep_records, --dry-run --json" env V2M_KEEP_RECORDS=1d \
    v2m-prune -n --json
is "$(sort "$OUT")" "$(printf '{"id":"%s","what":"record","why":"%s",%s}\n' \
    "$failed" keep_records '"removed":false' "$fetched" keep_records \
    '"removed":false' | sort)" "shows objects"
V2M_KEEP_RECORDS=1d quiet "then"
is "$(kept "$failed")$(kept "$fetched"), $(kept "$unfetched")" ", record" \
    "the records of what is gone go"
is "$(kept "$queued") $(kept "$held")" "video record video record" \
    "what waits is never touched"
unset V2M_KEEP_VIDEOS

# --- a notice that is still on its way ---
untold=$(v2m-upload talk.mp4)
v2m-convert-worker --once 2>> log
age "$untold" 2
V2M_KEEP_UNFETCHED=1d quiet "keep_unfetched, and the owner is not told yet"
is "$(kept "$untold")" "video mp3 record" "it stays"
age "$untold" 6
V2M_KEEP_UNFETCHED=1d quiet "after give_up_after"
is "$(kept "$untold")" record "it goes"
status 0 "the notifier then" v2m-notify --once
is "$(notices "$untold")" 0 "has nothing to tell"

# --- killed between the steps ---
one=$(convert talk.mp4)
age "$one" 10
V2M_FAULT=kill:prune-recorded V2M_KEEP_UNFETCHED=1d v2m-prune 2> /dev/null
is "$(kept "$one")" "video mp3 record" "killed when the record let go"
is "$(state "$one")" expired "no reader is led astray"
V2M_KEEP_UNFETCHED=1d quiet "the next run"
is "$(kept "$one")" record "the next run finishes it"

# --- leftovers ---
dead=$(v2m-upload talk.mp4)
sql store "UPDATE record SET state = $JOB_NEW WHERE id = '$dead'"
young=$(v2m-upload talk.mp4)
sql store "UPDATE record SET state = $JOB_NEW WHERE id = '$young'"
orphan=$(v2m-upload talk.mp4)
sql store "DELETE FROM record WHERE id = '$orphan'"
foreign=$(v2m-upload talk.mp4)
sql store "DELETE FROM record WHERE id = '$foreign'"
sql store "UPDATE object SET sha256 = '', owner = '', name = ''
    WHERE id = '$foreign'"
sql queue "DELETE FROM message"
twice=$(convert talk.mp4)
v2m-requeue --again "$twice" > /dev/null
V2M_FAULT=kill:stored v2m-convert-worker --once 2> /dev/null
is "$(kept "$twice")" "video mp3 mp3 record" "a worker that died left an MP3"
sleep 1.2
v2m-convert-worker --once 2>> log
V2M_FAULT=kill:committed v2m-convert-worker --once 2> /dev/null
quiet "leftovers of today"
is "$(kept "$dead"), $(kept "$orphan"), $(kept "$foreign")" \
    "video record, video, video" "may belong to somebody who is still at it"
for id in $dead $orphan $foreign $twice; do
	age "$id" 2
done
mkdir -p state/store/videos
echo x > state/store/videos/.v2m-0123456789abcdef01234567.tmp
echo x > state/store/mp3s/0123456789abcdef01234567
echo x > state/store/videos/notes.txt
echo x > state/store/videos/.v2m-1123456789abcdef01234567.tmp
touch -d '2 days ago' state/store/videos/.v2m-0*.tmp \
    state/store/mp3s/0123456789abcdef01234567 state/store/videos/notes.txt
status 0 "leftovers, --dry-run" v2m-prune --dry-run
cp "$OUT" shown
is "$(grep -c '	file	' shown)" 2 "shows two files"
quiet "leftovers of days ago"
is "$(kept "$dead")$(kept "$orphan")" "" "are gone, with their record"
is "$(kept "$young")" "video record" "but not what is young"
is "$(kept "$foreign")" video "nor what is foreign"
is "$(kept "$twice")" "video mp3 record" "one MP3 is left, the right one"
status 0 "it can be fetched" v2m-fetch -o right.mp3 "$twice"
is "$(find state/store/videos -name '*.tmp' | wc -l)" 1 \
    "one temporary file is left"
ok "other people's files are left alone" test -e state/store/videos/notes.txt
not_ok "a file without a row is gone" \
    test -e state/store/mp3s/0123456789abcdef01234567
status 0 "--foreign, kept for ever" v2m-prune --foreign
is "$(kept "$foreign")" video "it stays"
V2M_KEEP_VIDEOS=1d status 0 "--foreign" v2m-prune --foreign
is "$(kept "$foreign")" "" "it goes"

# --- what an owner removed while a prune or a crash was in between ---
gone=$(v2m-upload talk.mp4)
V2M_FAULT=fail:store-removed v2m-remove "$gone" 2> /dev/null
sql store "UPDATE record SET state = $JOB_CANCELLED WHERE id = '$gone'"
quiet "removed, but not all of it"
is "$(kept "$gone")" record "is finished"

# --- two at once, and while a worker is at it ---
for name in a b c d e; do
	cp talk.mp4 $name.mp4
done
convert ?.mp4 > many
while read -r id; do
	age "$id" 10
done < many
export V2M_KEEP_UNFETCHED=1d
v2m-prune 2> one.err &
v2m-prune 2> two.err &
v2m-prune 2> three.err
wait
is "$(cat one.err two.err three.err)" "" "three at once"
is "$(while read -r id; do kept "$id"; done < many | sort -u)" record \
    "remove all, once"

# --- usage ---
status 64 "operands are refused" v2m-prune all
status 78 "a time that is none" env V2M_KEEP_VIDEOS=soon v2m-prune
chmod 500 state/store/videos
again=$(sql store "SELECT id FROM object WHERE kind = 'video' LIMIT 1")
if [ "$(id -u)" -ne 0 ] && [ -n "$again" ]; then
	sql store "UPDATE record SET state = $JOB_CANCELLED WHERE id = '$again'"
	status 77 "what cannot be removed" v2m-prune
else
	skip "what cannot be removed" "root may remove everything"
fi

# --- an upload that a full disk kept from taking all back ---
for state in "until = until - 7200000" "until = 0, lease_ms = 0"; do
	V2M_FAULT=kill:store-committed v2m-upload talk.mp4 > "$OUT" 2>&1
	id=$(sql store "SELECT id FROM record WHERE state = $JOB_NEW
	    ORDER BY created_at DESC LIMIT 1")
	rm "state/store/videos/$id"
	age "$id" 2
	sql store "UPDATE record SET $state WHERE id = '$id'"
	status 0 "a video without a file is pruned" v2m-prune
	is "$(kept "$id")" "" "and its record"
done
status 0 "v2m-check" v2m-check
is "$(cat "$OUT")" "" "is content"

done_testing
