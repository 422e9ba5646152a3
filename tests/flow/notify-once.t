#!/bin/sh
# v2m-notify: one notice for each end of a job, whatever the hook does.
#
# slow: 12 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
echo 'dear diary' > text.mp4

told() {
	sql store "SELECT told FROM record WHERE id = '$1'"
}

failure() {
	sql store "SELECT told_failure FROM record WHERE id = '$1'"
}

tried() {
	grep -c "^$1" tried
}

# ends ID: a job that is done
ends() {
	end_id=$(v2m-upload talk.mp4) || exit 99
	v2m-convert-worker --once
	echo "$end_id"
}

# hook COMMAND: what exec: runs, each time noting that it did
hook() {
	V2M_NOTIFY="exec:echo \"\$V2M_ID\" >> '$TMP/tried'; $1"
	export V2M_NOTIFY
}

# due: what waits has waited long enough
due() {
	sql queue "UPDATE message SET due_ms = 0"
	sql store "UPDATE record SET told_due = 0"
}

: > tried
id=$(ends)
status 0 "a notice" v2m-notify --once
is "$(cat "$OUT")$(cat "$ERR")" "" "not a word to cron"
is "$(notices "$id") $(told "$id")" "1 sent" "is delivered and recorded"
like "$(cat mails)" "^mp3 file_id: [0-9a-f]{24} is now ready!" \
    "in the words that scripts know"
status 0 "nothing to tell" v2m-notify --once
is "$(notices "$id")" 1 "nothing is told twice"
status 64 "-j is not for notices" v2m-notify -j 2
status 78 "a scheme that is not known" v2m-notify --notify carrier-pigeon: --once

# --- the hook says: later ---
hook 'exit 75'
id=$(ends)
for turn in 1 2 3 4; do
	status 75 "it is to be tried later" v2m-notify --once
	like "$(cat "$ERR")" 'event=postponed .*result=tempfail' "in the log"
	due
done
is "$(tried "$id") $(told "$id")" "4 " "four tries, and it is not given up"
hook 'true'
status 0 "it is sent now" v2m-notify --once
is "$(tried "$id") $(told "$id")" "5 sent" "it is told"

hook 'echo broken >&2; exit 1'
id=$(ends)
for turn in 1 2 3 4; do
	status 75 "an ordinary status" v2m-notify --once
	due
done
is "$(tried "$id") $(told "$id")" "4 " "spends no notice"
is "$(failure "$id")" 75 "and is recorded as one for now"
status 0 "but not for ever" v2m-notify --once
is "$(tried "$id") $(told "$id")" "5 failed" "after five tries it failed"
is "$(failure "$id")" 69 "recorded as what it is: it cannot be reached"
id=$(ends)
sql store "UPDATE record SET told_pauses = 7 WHERE id = '$id'"
for turn in 1 2 3 4; do
	status 75 "what waited for other reasons" v2m-notify --once
	due
done
status 0 "has five tries, too" v2m-notify --once
is "$(told "$id")" failed "and then it failed"

# --- a mail program: what it cannot do is not what it refuses ---
printf '#!/bin/sh\necho "$(cat say)" >> said; exit "$(cat say)"\n' > mailer
chmod +x mailer
V2M_NOTIFY="sendmail:$TMP/mailer"
id=$(ends)
for say in 1 69 70 73; do
	echo $say > say
	status 75 "a mail program ends with $say" v2m-notify --once
	due
done
echo 75 > say
status 75 "and with 75" v2m-notify --once
due
is "$(told "$id")" "" "nothing is spent"
echo 76 > say
status 0 "the fifth of the odd ones" v2m-notify --once
is "$(told "$id")" failed "is the last"
echo 67 > say
id=$(ends)
v2m-notify --once 2>> log
is "$(told "$id")" failed "67 is for good"
is "$(failure "$id")" 69 "with the status of what cannot be reached"

# --- the hook says: never ---
hook 'echo no such mailbox >&2; exit 67'
id=$(ends)
status 0 "refused for good" v2m-notify --once
like "$(cat "$ERR")" 'event=not-told .*no such mailbox' "is logged with its words"
is "$(told "$id")" failed "and recorded"
v2m-notify --once
is "$(tried "$id")" 1 "and not tried again"
is "$(state "$id")" 'done' "the MP3 is there all the same"
status 69 "by name" v2m-notify "$id"
like "$(cat "$ERR")" "^v2m-notify: $id: .*no such mailbox" "it says why"

# --- nobody knows ---
hook 'kill -9 $$'
id=$(ends)
status 75 "a hook that dies" v2m-notify --once
is "$(told "$id")" sending "may have delivered"
sleep 1.1
status 0 "once more" v2m-notify --once
is "$(tried "$id") $(told "$id")" "2 sent?" "then it is listed as such"
sleep 1.1
v2m-notify --once
is "$(tried "$id")" 2 "and never tried again"
status 1 "by name" v2m-notify "$id"
like "$(cat "$ERR")" "$id: it is not known whether it was sent" "it says so"
like "$(v2m-status --json "$id")" '"told": ?"sent\?"' "where v2m-status shows it"
hook 'sleep 30'
id=$(ends)
status 75 "a hook that hangs" env V2M_NOTIFY_TIMEOUT=800ms v2m-notify --once
is "$(told "$id")" sending "may have delivered, too"

# --- give_up_after ---
hook 'exit 75'
V2M_GIVE_UP_AFTER=500ms
export V2M_GIVE_UP_AFTER
id=$(ends)
sleep 0.6
status 75 "the first try, how late ever" v2m-notify --once
sleep 0.6
due
status 0 "later for too long" v2m-notify --once
is "$(told "$id")" failed "is never"
V2M_GIVE_UP_AFTER=never
id=$(ends)
status 75 "unless that is never" v2m-notify --once
unset V2M_GIVE_UP_AFTER
v2m-status | v2m-remove - > "$OUT"
sql queue "DELETE FROM message"

# --- what became of the job meanwhile ---
hook 'true'
id=$(ends)
v2m-remove "$id" > "$OUT"
status 66 "one that was removed" v2m-notify "$id"
like "$(cat "$ERR")" "$id: it was removed" "by name"
status 66 "and with --again" v2m-notify --again "$id"
status 0 "its message" v2m-notify --once
is "$(tried "$id") $(sql queue "SELECT count(*) FROM message")" "0 0" \
    "is not told, and its message goes"
id=$(ends)
sql store "UPDATE record SET mp3 = '' WHERE id = '$id'"
status 66 "one whose MP3 was pruned" v2m-notify "$id"
v2m-notify --once
is "$(tried "$id") $(sql queue "SELECT count(*) FROM message")" "0 0" \
    "is not told either"
sql store "UPDATE record SET told = 'sending' WHERE id = '$id'"
status 66 "one whose MP3 went while it was told" v2m-notify "$id"
id=$(ends)
background env V2M_FAULT=stop:notice-claimed v2m-notify --once
eventually "a notifier stands still with its claim" stands "$tap_pid"
v2m-remove "$id" > "$OUT"
kill -CONT $tap_pid
wait $tap_pid
is "$(tried "$id")" 0 "removed at the last moment: nor is that"

# --- three notifiers, ten ends: no lease runs out meanwhile ---
for i in 1 2 3 4 5 6 7 8 9 10; do
	echo talk.mp4
done | v2m-upload --files-from - > ids
v2m-convert-worker --once
for i in 1 2 3; do
	V2M_LEASE=1min v2m-notify --once 2>> log &
done
wait
is "$(sort ids)" "$(grep -F -f ids tried | sort)" "ten ends: each is told once"

# --- failures of jobs ---
V2M_NOTIFY="exec:echo \"\$V2M_ID \$V2M_OUTCOME \$V2M_REASON\" >> '$TMP/notices'; cat > '$TMP/mail'"
id=$(v2m-upload --no-check text.mp4)
v2m-convert-worker --once 2> "$ERR"
is "$(sql queue "SELECT queue FROM message")" v2m.notice \
    "a failure goes through a queue of our own"
v2m-notify --once
like "$(grep "^$id" notices)" "^$id failed ." "its owner is told why"
unlike "$(cat mail)" 'mp3 file_id:' "and not that an MP3 is ready"

# --- by name ---
V2M_NOTIFY="exec:echo \"\$V2M_ID\" >> '$TMP/tried'"
id=$(v2m-upload --no-queue talk.mp4)
v2m-convert-worker "$id" > "$OUT"
mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$id'")
status 0 "by the MP3's ID" v2m-notify "$mp3"
status 0 "and the job's" v2m-notify "$id"
is "$(tried "$id")" 1 "told once"

# --- a job that was given up because of us ---
hook 'cat > mail; echo "$V2M_REASON" >> mail'
id=$(v2m-upload --no-queue talk.mp4)
v2m-convert-worker "$id" > "$OUT"
sql store "UPDATE record SET state = $JOB_FAILED, failure = 73, mp3 = '',
    reason = 'cannot write /srv/v2m/mp3s: 3.1 GB are free' WHERE id = '$id'"
status 0 "its notice" v2m-notify "$id"
like "$(cat mail)" "given up: a fault of the service" "says as much"
unlike "$(cat mail)" "/srv|3[.]1 GB" "and names no folder and no figure"

# --- a mail server that does not answer ---
v2m-status | v2m-remove - > "$OUT"
sql queue "DELETE FROM message"
: > tried
hook 'sleep 30'
for i in 1 2 3; do
	ends > "$OUT"
done
status 75 "three notices, each of which would hang" \
    env V2M_NOTIFY_TIMEOUT=800ms v2m-notify --once
is "$(sql store "SELECT count(*) FROM record WHERE state = $JOB_DONE AND
    told = 'sending'")" 2 "two are tried"
like "$(cat "$ERR")" 'event=ended reason=.*next run' "and the run ends"

done_testing
