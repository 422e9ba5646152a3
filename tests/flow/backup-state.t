#!/bin/sh
# A copy of a state in use: taken while videos come, are converted and removed,
# it is whole; put back, it tells nobody again.
# slow: 15 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
# shellcheck source=tests/lib/gateway.sh
. "$tap_root/tests/lib/gateway.sh"
setup
clip talk.mp4
# What runs when the copy is taken is no dead worker's yet.
V2M_LEASE=2min
export V2M_LEASE

# put_back DIR: a copy of the backup in use, in the folder `back`.
put_back() {
	rm -rf back
	cp -a "$1" back
	V2M_STATE=$TMP/back v2m-init --quiet --restored
}
back() {
	V2M_TOKEN=$token V2M_STATE=$TMP/back "$@"
}
token=$(v2m-user token ann@example.org)
whole() {	# WHAT
	put_back copy
	status 0 "$1" back v2m-check --bytes
	is "$(cat "$OUT")" "" "$1: without a finding"
}

# --- at rest ---
done=$(v2m-upload talk.mp4)
finish "$done" > "$OUT"
waits=$(v2m-upload talk.mp4)
status 0 "a first copy" v2m-backup copy
is "$(cat "$OUT")" "" "nothing is printed"
like "$(cat "$ERR")" "^v2m-backup: 'copy' has links .* do not protect" \
    "links are called what they are"
is "$(find copy -type f -links 2 | wc -l)" 3 "videos and MP3 are links"
is "$(find copy ! -user "$(id -u)" -o -perm /077)" "" "closed to others"
like "$(cat copy/v2m-backup)" '^complete 20.*Z v2m [0-9]' "it says when"
whole "it is whole"
is "$(back v2m-status | cut -f 1,2 | sort)" \
    "$(v2m-status | cut -f 1,2 | sort)" "with all jobs"
status 0 "the account is in it" back v2m-login --password-file pw ann@example.org
v2m-fetch -o - "$done" > here.mp3
back v2m-fetch -o - "$done" > there.mp3
ok "and the MP3" cmp here.mp3 there.mp3
status 0 "--link" v2m-backup --link copy
is "$(cat "$ERR")" "" "does not warn"
status 0 "--copy" v2m-backup --copy --verbose copy
like "$(cat "$ERR")" '^v2m-backup: 3 new .* 0 removed$' "replaces links"
is "$(find copy -type f -links 2 | wc -l)" 0 "all of them"
status 0 "once more" v2m-backup --copy --verbose copy
like "$(cat "$ERR")" '^v2m-backup: 0 new .* 0 removed$' \
    "takes what is new, and no more"
v2m-remove "$waits" > "$OUT"
status 0 "something was removed" v2m-backup --copy --verbose copy
like "$(cat "$ERR")" '^v2m-backup: 0 new .* 1 removed$' "it goes"
mkdir "copy/store/mp3s/$waits"
status 74 "what cannot be removed from the copy" v2m-backup --copy copy
like "$(cat "$ERR")" "cannot remove '.*/$waits'" "is an error"
rmdir "copy/store/mp3s/$waits"
status 0 "without it" v2m-backup --copy copy

# --- a command that ran on the copy itself ---
status 0 "a job is removed from the copy" env V2M_STATE="$TMP/copy" \
    V2M_TOKEN="$token" v2m-remove "$done"
ok "which leaves a log beside the database" [ -s copy/store/index.db-wal ]
status 0 "the next copy takes its place" v2m-backup --copy copy
is "$(find copy -name '*-wal' -o -name '*-shm')" "" "without that log"
whole "it is whole after that"
is "$(back v2m-status "$done" | cut -f 2)" "done" "and has the job again"

# --- where things are ---
mv state/store/videos kept
status 74 "a folder of videos that is away" v2m-backup --copy copy
like "$(cat "$ERR")" "cannot list '.*/store/videos'" "is an error"
mv kept state/store/videos
whole "the copy before that is whole"
status 0 "objects on a server" env V2M_OBJECTS='s3://b-b/x?region=r' \
    v2m-backup --copy records
is "$(ls records/store)" index.db "are not looked for beside the records"
cp state/v2m.db state/v2m.db-* .
before=$(stat -c %i v2m.db)
status 0 "a path that leads out of the state" env \
    V2M_USERS="sqlite:$TMP/state/../v2m.db" v2m-backup --copy dots
is "$(stat -c %i v2m.db)" "$before" "leaves the live database alone"
ok "and has its copy in the folder" [ -s dots/users.db ]
rm -r records dots v2m.db*

# --- names ---
mkdir away
two="V2M_USERS=sqlite:$TMP/away/a.db V2M_QUEUE=sqlite:$TMP/state/users.db"
# shellcheck disable=SC2086
env $two v2m-init 2> log
# shellcheck disable=SC2086
status 78 "two databases with one name in the copy" env $two \
    v2m-backup --copy two
like "$(cat "$ERR")" \
    "'.*/away/a.db' and '.*/state/users.db' would both be 'users.db'" \
    "are named"
status 78 "a secret with the name of a database" env \
    V2M_USERS="sqlite:$TMP/away/a.db" V2M_JWT_SECRET_FILE="$TMP/state/users.db" \
    v2m-backup --copy two
rm -rf state/users.db* away
ln -s v2m.db state/link.db
status 78 "a database with two names" env \
    V2M_USERS="sqlite:$TMP/state/link.db" v2m-backup --copy two
like "$(cat "$ERR")" "'.*/link.db' and '.*/v2m.db' are one file" \
    "is not copied as two"
rm -rf two state/link.db

# --- refused ---
status 64 "no folder" v2m-backup
status 64 "in the state" v2m-backup state/store/copy
ok "leaves none there" [ ! -e state/store/copy ]
status 64 "around the state" v2m-backup "$TMP"
mkdir other && echo mine > other/file
status 73 "somebody else's" v2m-backup other
is "$(ls other)" file "is left alone"
status 73 "no parent" v2m-backup no/such/folder
status 78 "not set up" env V2M_STATE="$TMP/none" v2m-backup new
status 78 "all on servers" env V2M_USERS=mysql://h/a V2M_STORE=mongodb://h/ \
    V2M_QUEUE=amqp://h/ v2m-backup new
like "$(cat "$ERR")" 'v2m-admin' "says where to read on"
status 0 "a part of it" env V2M_QUEUE=amqp://h/ v2m-backup part
like "$(cat "$ERR")" 'queue is on a server' "says which"

# --- what breaks off ---
id=$(v2m-upload talk.mp4)
V2M_FAULT=kill:backup-copied v2m-backup --copy copy > "$OUT" 2>&1
like "$(cat copy/v2m-backup)" '^complete' "a copy that died left the one before"
whole "which is whole"
is "$(back v2m-status "$id" 2> "$ERR")" "" "without what came later"
status 0 "the next one" v2m-backup --copy copy
is "$(find copy -name '*.new' -o -name '.v2m*')" "" "leaves nothing behind"
whole "is whole"

# --- removed just then ---
V2M_FAULT=stop:backup-listed v2m-backup --copy copy 2> stopped &
pid=$!
is_stopped() {
	grep -q '^State:.*T' "/proc/$pid/status"
}
gone=$(v2m-upload talk.mp4)
eventually "a copy stands still" is_stopped
kill -CONT $pid
wait $pid
V2M_FAULT=stop:backup-listed v2m-backup --copy new 2> stopped &
pid=$!
eventually "another, of all" is_stopped
status 75 "a second one to the same folder" v2m-backup --copy new
rm -f new/store/videos/"$gone"
v2m-remove "$gone" > "$OUT"
kill -CONT $pid
wait $pid
is $? 0 "looks again"
ok "it has not what is gone" [ ! -e "new/store/videos/$gone" ]
rm -rf copy && mv new copy
whole "and is whole"
mv "state/store/videos/$id" kept
rm -f copy/store/videos/"$id"
status 74 "a file that the store has lost" v2m-backup --copy copy
like "$(cat "$ERR")" "^v2m-backup: $id: its file in .* is missing" "is told of"
like "$(cat copy/v2m-backup)" '^complete' "the rest is copied"
mv kept "state/store/videos/$id"

# --- a notice that waits, and is sent after the copy ---
v2m-convert-worker --once 2>> log
status 0 "before a notice is sent" v2m-backup --copy copy
v2m-notify --once
is "$(notices "$id")" 1 "it is sent"
: > notices
put_back copy
back v2m-convert-worker --once 2>> log
back v2m-notify --once 2>> log
is "$(cat notices)" "" "the copy, put back, tells nobody again"
status 1 "v2m-check names it" back v2m-check
like "$(cat "$OUT")" "^$id	it is not known whether its notice was sent" \
    "for the administrator to decide"

# --- an upload that has not ended ---
upload() {
	curl -sS -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $token" \
	    "$@" | tr -d '\r'
}
offset() {
	upload -I "$URL/files/$1" | sed -n 's/^upload-offset: *//Ip'
}
if [ -e "$V2M_BIN/../lib/v2m/gateway.so" ]; then
	gateway_start
	id=$(upload -X POST -D - -H "Upload-Length: $(wc -c < talk.mp4)" \
	    "$URL/files/" | sed -n 's,^location: *,,Ip')
	head -c 1000 talk.mp4 > piece
	upload -X PATCH -H 'Upload-Offset: 0' --data-binary @piece -H \
	    'Content-Type: application/offset+octet-stream' "$URL/files/$id"
	is "$(offset "$id")" 1000 "half an upload"
	status 0 "is copied" v2m-backup --copy copy
	gateway_stop
	whole "with its state"
	export V2M_STATE="$TMP/back"
	gateway_start
	is "$(offset "$id")" 1000 "and can be gone on with"
	tail -c +1001 talk.mp4 > piece
	upload -X PATCH -H 'Upload-Offset: 1000' --data-binary @piece -H \
	    'Content-Type: application/offset+octet-stream' "$URL/files/$id"
	is "$(back v2m-status "$id" | cut -f 2)" queued "in the place of the first"
	gateway_stop
	V2M_STATE=$TMP/state
fi

# --- under load ---
background v2m-convert-worker -j 2 2>> log
workers=$tap_pid
background v2m-notify 2>> log
workers="$workers $tap_pid"
load() {
	until [ -e enough ]; do
		v2m-upload talk.mp4 talk.mp4 talk.mp4 > "ids.$1" 2>> log
		sed 1q "ids.$1" | v2m-remove - > gone 2>> log
	done
}
load 1 &
loads=$!
load 2 &
loads="$loads $!"
for n in 1 2 3 4; do
	sleep 0.5
	how=--copy
	[ $n -lt 4 ] || how=--link
	status 0 "load: copy $n" v2m-backup $how copy
	whole "load: copy $n is whole"
done
touch enough
# shellcheck disable=SC2086
wait $loads
# shellcheck disable=SC2086
kill $workers
# shellcheck disable=SC2086
wait $workers 2> "$ERR"
: > notices
back v2m-convert-worker --once 2>> log
jobs=$(back v2m-status --json | grep -c '"state":"done"')
ok "what waited in the copy can be converted" [ "$jobs" -gt 3 ]
back v2m-notify --once 2>> log
is "$(cut -d ' ' -f 1 notices | sort | uniq -d)" "" "and told once"
back v2m-check --bytes > found
is "$(grep -v 'not known whether its notice was sent' found)" "" \
    "else v2m-check finds nothing then"

done_testing
