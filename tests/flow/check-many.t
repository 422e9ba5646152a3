#!/bin/sh
# Of many jobs v2m-check and v2m-prune read those that may need something; all
# of them with --full.
# slow: makes 2,500 jobs
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
command -v python3 > "$OUT" || skip_all "no python3"
setup
clip talk.mp4
first=$(v2m-upload --quiet talk.mp4)
is "$(finish "$first")" "done" "a job"
python3 "$tap_root/tests/lib/crowd.py" "$V2M_STATE" 2500 || exit 99

# the ID of the job in a place, by age
job() {
	sql store "SELECT id FROM record ORDER BY id LIMIT 1 OFFSET $1"
}

# quiet WHAT COMMAND ...
quiet() {
	status 0 "$@"
	is "$(cat "$OUT")$(cat "$ERR")" "" "$1: not a word"
}

quiet "all is well" v2m-check
quiet "with all of them" v2m-check --full
quiet "nothing to prune" v2m-prune
quiet "nor among all" v2m-prune --full
is "$(sql store "SELECT count(*) FROM object WHERE wanted = 0")" 0 \
    "every video and MP3 is known to be wanted"

# --- an MP3 of the oldest and of one of the newest ---
old=$(job 5) new=$(job 2400)
for id in $old $new; do
	mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$id'")
	mv "state/store/mp3s/$mp3" "$id.mp3"
done
status 1 "two MP3s are gone" v2m-check
is "$(cut -f 1 "$OUT")" "$new" "the newer job's is missed"
status 1 "two MP3s are gone, --full" v2m-check --full
is "$(cut -f 1 "$OUT")" "$old
$new" "both are missed"
for id in $old $new; do
	mv "$id.mp3" "state/store/mp3s/$(sql store \
	    "SELECT mp3 FROM record WHERE id = '$id'")"
done

# --- what an index tells of old ones ---
fault=$(job 10) notice=$(job 11) held=$(job 12) both=$(job 13)
sql store "UPDATE record SET state = $JOB_FAILED, failure = 70,
    reason = 'a fault'
    WHERE id = '$fault'"
sql store "UPDATE record SET told = 'sending', told_until = 9000000000000000
    WHERE id IN ('$notice', '$both')"
sql store "UPDATE record SET state = $JOB_HELD, mp3 = '' WHERE id IN ('$held',
    '$both')"
rm "state/store/videos/$held"
status 1 "old jobs in trouble" v2m-check
sort "$OUT" > quick
like "$(cat quick)" "^$fault	failed: a fault" "a fault of v2m's own is told"
like "$(cat quick)" "^$notice	its notifier's lease" "a lease that is wrong"
like "$(cat quick)" "^$held	its video is missing: it will fail" \
    "a video that is still needed"
is "$(grep -c "^$both	its notifier" quick)" 1 "and nothing twice"
status 1 "old jobs in trouble, --full" v2m-check --full
is "$(sort "$OUT" | sed 's/ends in [0-9]* h//')" \
    "$(sed 's/ends in [0-9]* h//' quick)" "--full tells the same"
sql store "UPDATE record SET owner = 'eve@example.org' WHERE id = '$(job 20)'"
sql store "UPDATE record SET owner = 'zed@example.org' WHERE id = '$(job 21)'"
status 1 "owners without an account" v2m-check
is "$(grep -c '@example.org	no such user, of 1 job	' "$OUT")" 2 \
    "each is told, with the number of jobs"

# --- what v2m-prune finds ---
gone=$(job 30) named=$(job 31) loose=$(job 32)
sql store "DELETE FROM record WHERE id = '$gone'"
sql store "UPDATE record SET video_gone = 5 WHERE id = '$named'"
sql store "UPDATE record SET mp3 = '' WHERE id = '$loose'"
sql store "UPDATE object SET created_at = 1000 WHERE id = '$gone' OR
    video IN ('$gone', '$loose')"
status 0 "what no record wants" v2m-prune --dry-run
cut -f 1,2 "$OUT" | sort > found
mp3_of() {
	sql store "SELECT id FROM object WHERE video = '$1'"
}
is "$(cat found)" "$({ printf '%s\tvideo\n' "$gone" "$named" "$loose"
    printf '%s\tmp3\n' "$(mp3_of "$gone")" "$(mp3_of "$loose")"; } |
    sort)" "is found among all"
status 0 "what no record wants, --full" v2m-prune --dry-run --full
is "$(cut -f 1,2 "$OUT" | sort)" "$(cat found)" "--full finds the same"

# --- what is old ---
export V2M_KEEP_VIDEOS=100d V2M_KEEP_UNFETCHED=200d V2M_KEEP_RECORDS=300d
sql store "UPDATE record SET done_at = done_at - 86400000 * 150
    WHERE id = '$(job 40)'"
sql store "UPDATE record SET done_at = done_at - 86400000 * 250
    WHERE id = '$(job 41)'"
sql store "UPDATE record SET done_at = 1, queued_at = 1, video_gone = 1,
    mp3 = '' WHERE id = '$(job 42)'"
sql store "DELETE FROM object WHERE id = '$(job 42)' OR
    video = '$(job 42)'"
status 0 "what was kept long enough" v2m-prune --dry-run
cut -f 1-3 "$OUT" | sort > found
is "$(grep keep_ found)" "$(printf '%s\t%s\t%s\n' \
    "$(job 40)" video keep_videos "$(job 41)" video keep_videos \
    "$(mp3_of "$(job 41)")" mp3 keep_unfetched \
    "$(job 42)" record keep_records | sort)" "is found by its age"
status 0 "what was kept long enough, --full" v2m-prune --dry-run --full
is "$(cut -f 1-3 "$OUT" | grep -v '	file	' | sort)" \
    "$(grep -v '	file	' found)" "--full finds the same"
done_testing
