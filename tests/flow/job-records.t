#!/bin/sh
# Each write of a job's record, before and behind which somebody dies or is
# told that it failed: behind it, nobody knows whether it was written.
# slow: leases run out at each write
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
V2M_LEASE=600ms
export V2M_LEASE
clip talk.mp4

# check WHAT ID: it is done once and told, at most once too often
check() {
	is "$(finish "$2")" done "$1: done in the end"
	eventually "$1: no message is left" drained
	is "$(mp3s) $(sql store "SELECT count(*) FROM object, record WHERE
	    object.id = record.mp3 AND record.id = '$2'")" "1 1" \
	    "$1: there is one MP3, which the record names"
	is "$(notices "$2") $(sql store "SELECT attempts FROM record
	    WHERE id = '$2'")" "1 0" "$1: told once, no attempt counted"
	v2m-remove "$2" > "$OUT"
	is "$(mp3s)" 0 "$1: removed, it leaves nothing"
}

# The worker writes three times: claimed, done, announced.
for fault in kill:record-put kill:record-written fail:record-put \
    fail:record-written; do
	for n in 1 2 3; do
		id=$(v2m-upload talk.mp4) || exit 99
		V2M_FAULT=$fault@$n v2m-convert-worker --once 2> "$ERR"
		check "worker, $fault@$n" "$id"
	done
done

# The notifier three times: claimed, still ours, told.
for fault in kill:record-put@1 kill:record-written@1 kill:record-put@2 \
    kill:record-written@2 fail:record-put@1 fail:record-written@1 \
    fail:record-put@2 fail:record-written@2 fail:record-put@3 \
    fail:record-written@3 kill:record-written@3; do
	id=$(v2m-upload talk.mp4) || exit 99
	v2m-convert-worker --once
	V2M_FAULT=$fault v2m-notify --once 2> "$ERR"
	check "notifier, $fault" "$id"
done

# A claim that may still be written must not be: it would hold the job for a
# lease that nobody has.  So the revision that it was meant for goes.
# late WHAT HOLDER SET CMD...: the claim of CMD is late, and comes as SET
late() {
	late_what=$1 late_holder=$2 late_set=$3
	shift 3
	rev=$(sql store "SELECT rev FROM record WHERE id = '$id'")
	V2M_FAULT=fail:record-put "$@" 2> "$ERR"
	sql store "UPDATE record SET $late_set, rev = rev + 1
	    WHERE id = '$id' AND rev = $rev"
	is "$(sql store "SELECT $late_holder FROM record WHERE id = '$id'")" "" \
	    "$late_what: a claim that comes late holds nothing"
	check "$late_what, claimed late" "$id"
}
id=$(v2m-upload talk.mp4)
late worker holder "holder = 'nobody', state = $JOB_RUNNING,
    until = 9999999999999" v2m-convert-worker --once
id=$(v2m-upload talk.mp4)
v2m-convert-worker --once
late notifier told_holder "told_holder = 'nobody', told = 'sending',
    told_until = 9999999999999" v2m-notify --once

# The upload three times: new, described, accepted.  A short lease would have it
# written once more where an upload takes long.
V2M_LEASE=1min
for fault in fail:record-put@1 fail:record-written@1 fail:record-put@2 \
    fail:record-written@2; do
	status 75 "upload, $fault" env V2M_FAULT=$fault v2m-upload talk.mp4
	is "$(sql store "SELECT count(*) FROM object")" 0 \
	    "upload, $fault: nothing is left"
done
sql queue "DELETE FROM message"
status 75 "upload, not accepted" \
    env V2M_FAULT=fail:record-put@3 v2m-upload talk.mp4
is "$(v2m-status)" "" "it is cancelled"
is "$(sql store "SELECT count(*) FROM object")" 0 "nothing is left"
status 0 "upload, accepted, and nobody knows" \
    env V2M_FAULT=fail:record-written@3 v2m-upload talk.mp4
is "$(finish "$(cat "$OUT")")" 'done' "it is found out"
for n in 1 2 3; do
	status 137 "upload, killed at write $n" \
	    env V2M_FAULT=kill:record-written@$n v2m-upload talk.mp4
done
id=$(v2m-status | grep queued | cut -f 1)
is "$(finish "$id")" 'done' "accepted and not printed: it is done"

done_testing
