#!/bin/bash
# The drop folder and the nightly run, as cron starts them: a bare environment,
# no terminal, a short PATH.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
drop=$tap_root/scripts/cron/v2m-drop-folder
v2m-login --logout --quiet

# cron COMMAND: stdout and stderr are what cron would mail.
cron() {
	env -i HOME="$TMP" LOGNAME=ann SHELL=/bin/sh PATH=/usr/bin:/bin \
	    V2M_SANDBOX="${V2M_SANDBOX:-yes}" V2M_CONFIG=/dev/null \
	    V2M_STATE="$V2M_STATE" V2M_FREE_RESERVE=0 \
	    V2M_NOTIFY="$V2M_NOTIFY" BIN="$V2M_BIN" DROP="$drop" \
	    setsid /bin/sh -c "$1" < /dev/null
}
ann='PATH=$BIN:$PATH; V2M_TOKEN=$(v2m-user token --lifetime 1h
    ann@example.org); export V2M_TOKEN; '
ann=${ann//$'\n'/}
run="$ann"'"$DROP" -q 0 drop'
silent() {
	is "$(cat "$OUT" "$ERR")" "" "$1"
}

mkdir drop
status 0 "an empty folder" cron "$run"
silent "silent"

name=$'a "film"\n of é'"'s.mp4"
clip "drop/$name"
clip drop/-b.mp4 2
cp drop/-b.mp4 drop/half.mp4.part
cp drop/-b.mp4 drop/.hidden.mp4
mkdir drop/folder.mp4
before=$(cksum < "drop/$name")
status 0 "not before they are quiet" cron "$ann\"\$DROP\" -q 600 drop"
ok "nothing is moved" [ -e "drop/$name" ]
is "$(v2m-status --all 2> "$ERR"; as ann v2m-status)" "" "nothing is uploaded"

status 0 "two videos" cron "$run"
silent "silent"
is "$(cksum < "drop/done/$name")" "$before" "moved, whole"
ok "the other too" [ -s drop/done/-b.mp4 ]
ok "what is not ready stays" [ -e drop/half.mp4.part ] &&
    [ -e drop/.hidden.mp4 ] && [ -d drop/folder.mp4 ]
is "$(as ann v2m-status < drop/done/IDS | cut -f 2 | xargs)" \
    "queued queued" "IDS is what v2m-status reads"
is "$(as ann v2m-status | wc -l)" 2 "no other job"
status 0 "the drop folder runs again" cron "$run"
silent "still silent"
is "$(as ann v2m-status | wc -l)" 2 "and nothing more to do"

# Killed between upload and move: the same job, moved now.
cp drop/done/-b.mp4 drop/c.mp4
status 0 "an equal video under another name" cron "$run"
silent "silent"
is "$(as ann v2m-status | wc -l)" 2 "is the same job"
ok "and out of the way" [ -e drop/done/c.mp4 ]
clip drop/c.mp4 3
status 0 "a new video with a name that is taken" cron "$run"
is "$(ls drop/done | grep -c 'c\.mp4$')" 2 "both are kept"
is "$(as ann v2m-status | wc -l)" 3 "and a job of its own"

echo text > drop/note.txt
clip drop/d.mp4 4
status 1 "something that is no video" cron "$run"
is "$(wc -l < "$ERR")" 1 "one line"
like "$(cat "$ERR")" "^v2m-drop-folder: 'note.txt' is no video" "which says so"
ok "it is kept apart" [ -s drop/failed/note.txt ]
ok "with the reason" [ -s drop/failed/note.txt.error ]
ok "the others are uploaded" [ -s drop/done/d.mp4 ]
status 0 "and it is said once" cron "$run"
silent "only"

clip drop/e.mp4 5
status 77 "not logged in" cron 'PATH=$BIN:$PATH "$DROP" -q 0 drop'
is "$(wc -l < "$ERR")" 1 "one line"
like "$(cat "$ERR")" "^v2m-drop-folder: cannot upload 'e.mp4', left .*log" \
    "which says why"
ok "the file is left" [ -s drop/e.mp4 ]
status 75 "no room" cron "${run/\"\$DROP\"/V2M_FREE_RESERVE=900T \"\$DROP\"}"
ok "the file is left" [ -s drop/e.mp4 ]
if (PATH=/usr/bin:/bin:/usr/local/bin; command -v v2m-upload) > "$OUT"; then
	skip "no v2m in PATH" "one is installed"
else
	status 69 "no v2m in PATH" cron '"$DROP" -q 0 drop'
	like "$(cat "$ERR")" 'no v2m-upload in' "said so"
fi
status 66 "no such folder" cron "${run%drop}missing"
is "$(wc -l < "$ERR")" 1 "one line"
status 64 "no folder named" cron '"$DROP"'
status 64 "no number" cron '"$DROP" -q x drop'

# Another run at work: this one has nothing to do.
exec 8>> drop/.lock
flock 8
status 0 "overlapping runs" cron "$run"
silent "silent"
ok "nothing is done twice" [ -s drop/e.mp4 ]
exec 8>&-
status 0 "after that" cron "$run"
ok "it is uploaded" [ -s drop/done/e.mp4 ]

# The nightly line of the sample, with its own words.
line=$(sed -n 's/^30 2 \* \* \* *//p' "$tap_root/scripts/cron/crontab")
like "$line" 'v2m-convert-worker --once.*v2m-notify --once' "the sample's line"
status 0 "a night" cron 'PATH=$BIN:$PATH; '"$line"
silent "silent"
is "$(as ann v2m-status | cut -f 2 | sort -u)" "done" "all are converted"
is "$(wc -l < notices)" 5 "all owners told"
status 0 "the next run" cron "$run"
silent "silent"
before=$(ls drop/done/*.mp3 | wc -l)
is "$before" 5 "all MP3s are beside their videos"
ok "by name" [ -s drop/done/_b.mp3 ]
ok "nothing is left to come" [ ! -s drop/.pending ]
status 0 "another run" cron "$run"
is "$(ls drop/done/*.mp3 | wc -l)" "$before" "fetches nothing twice"
status 0 "a night without work" cron 'PATH=$BIN:$PATH; '"$line"
silent "silent"
as ann v2m-fetch -o . - < drop/done/IDS > "$OUT" 2> "$ERR"
is "$(wc -l < "$OUT")" 5 "IDS is what v2m-fetch reads"
status 78 "a night without a state" cron \
    "PATH=\$BIN:\$PATH V2M_STATE=$TMP/none; export V2M_STATE; ${line#*; }"
is "$(wc -l < "$ERR")" 1 "one line"

# MP3s elsewhere, or not at all; one that fails; one that was removed.
clip drop/f.mp4 6
clip drop/g.mp4 7
mkdir mp3s
status 0 "-o" cron "${run% drop} -o mp3s drop"
status 0 "before they are converted" cron "${run% drop} -o mp3s drop"
silent "nothing is said"
is "$(wc -l < drop/.pending)" 2 "two are to come"
as ann v2m-remove --quiet "$(grep 'g.mp4$' drop/.pending | cut -f 1)" > "$OUT"
cron 'PATH=$BIN:$PATH; '"$line" 2> "$ERR"
echo mine > mp3s/f.mp3
status 0 "one of them was removed" cron "${run% drop} -o mp3s drop"
silent "and is waited for no more"
ok "neither is the other" [ ! -s drop/.pending ]
is "$(cat mp3s/f.mp3)" mine "a file of that name stays"
is "$(ls mp3s | grep -c '^f\.[0-9a-f]*\.mp3$')" 1 "the MP3 has its ID in it"
clip drop/i.mp4 9
cron "$run"
sql store "UPDATE record SET state = $JOB_FAILED, failure = 65,
    reason = 'a bad day'
    WHERE name = 'i.mp4'"
status 1 "one that failed" cron "$run"
is "$(cat "$ERR")" \
    "v2m-drop-folder: there is no MP3 of 'i.mp4': the conversion failed: a bad day" \
    "is told, with the reason"
status 0 "and it is said once" cron "$run"
silent "only"
clip drop/h.mp4 8
status 0 "--no-fetch" cron "${run% drop} --no-fetch drop"
ok "waits for none" [ ! -s drop/.pending ]
status 66 "no such folder for MP3s" cron "${run% drop} -o none drop"
status 64 "no folder named for them" cron '"$DROP" drop -o'
status 64 "an unknown option" cron '"$DROP" --what drop'
like "$(cat "$ERR")" "unknown option '--what'" "in words"
status 0 "--help" cron '"$DROP" --help'
like "$(cat "$OUT")" "^usage: v2m-drop-folder" "says how"

# A user's own folder, with his own login at a gateway; and a folder of his that
# another user cannot write to.
. "$tap_root/tests/lib/gateway.sh"
user() {
	user_id=$1
	shift
	setpriv --reuid="$user_id" --regid="$user_id" --clear-groups -- \
	    env -i HOME="$TMP/own" PATH="$V2M_BIN:/usr/bin:/bin" \
	    V2M_SANDBOX="${V2M_SANDBOX:-yes}" \
	    V2M_URL="$URL" V2M_CONFIG=/dev/null "$@"
}
if [ "$(id -u)" = 0 ] && [ -e "$V2M_BIN/../lib/v2m/gateway.so" ] &&
    chmod 711 "$TMP" && setpriv --reuid=12001 --clear-groups -- \
    test -x "$V2M_BIN/v2m-upload" -a -x "$drop"; then
	gateway_start
	mkdir -p own/drop
	clip own/drop/talk.mp4 3
	chmod 640 own/drop/talk.mp4
	cp pw own/pw
	chown -R 12001:12001 own
	status 0 "a user logs in" user 12001 v2m-login --quiet \
	    --password-file "$TMP/own/pw" bob@example.org
	status 0 "his own folder" user 12001 "$drop" -q 0 "$TMP/own/drop"
	silent "silent"
	v2m-convert-worker --once --quiet
	status 0 "the next run" user 12001 "$drop" -q 0 "$TMP/own/drop"
	silent "silent"
	is "$(stat -c '%u %a' own/drop/done/talk.mp3)" "12001 640" \
	    "his MP3, with the video's mode"
	chmod 755 own own/drop
	status 73 "another user" user 12002 "$drop" -q 0 "$TMP/own/drop"
	like "$(cat "$ERR")" "cannot write to '.*', which belongs to" \
	    "is told whose it is"
	chmod 777 own/drop
	chmod 777 own/drop/done own/drop/failed
	chmod 666 own/drop/.lock
	clip own/drop/secret.mp4 2
	chmod 600 own/drop/secret.mp4
	status 1 "a file that is another's" user 12001 "$drop" -q 0 \
	    "$TMP/own/drop"
	like "$(cat "$ERR")" "cannot read 'secret.mp4', which belongs to root" \
	    "is told whose it is"
	ok "and left" [ -e own/drop/secret.mp4 ]
	ends_well
else
	skip "a user's own folder" "no root, or no gateway"
fi

# The five-minute line names the script where make install puts it.
like "$(cat "$tap_root/scripts/cron/crontab")" \
    '^\*/5 .*/share/v2m/cron/v2m-drop-folder /' "the other line"

done_testing
