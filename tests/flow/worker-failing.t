#!/bin/sh
# Jobs that fail: at once where the file is to blame, after max_attempts where
# the decoder crashes, never for what passes by itself; the owner is told once.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
echo 'dear diary' > text.mp4
ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=64x48:d=1 -c:v mpeg4 mute.mp4

# check ID WHAT: failed for good, its owner told once and in the right words
check() {
	is "$(state "$1")" failed "$2: failed"
	: > mails
	v2m-notify --once
	v2m-notify --once
	is "$(grep "^$1" notices)" "$1 failed" "$2: the owner is told once"
	unlike "$(cat mails)" 'mp3 file_id:' "$2: not that an MP3 is ready"
	is "$(mp3s)" "${3:-0}" "$2: there is no MP3"
	is "$(sql queue "SELECT count(*) FROM message")" 0 "$2: nor a message"
	status 1 "$2: nothing to fetch" v2m-fetch "$1"
	like "$(cat "$ERR")" "^v2m-fetch: $1: the conversion failed: " \
	    "$2: for a reason"
	status 1 "$2: --wait ends" v2m-fetch --wait "$1"
}

# --- the file is to blame ---
id=$(v2m-upload --no-check text.mp4)
status 0 "a text" v2m-convert-worker --once
like "$(cat "$ERR")" "job=$id event=failed .*result=permfail reason=" \
    "the log tells why"
is "$(column "$id" fence)" 1 "tried once"
check "$id" "a text"
id=$(v2m-upload --no-check mute.mp4)
v2m-convert-worker --once 2> "$ERR"
check "$id" "no sound"
id=$(v2m-upload --no-check --no-queue text.mp4)
status 65 "by name: the status says why" v2m-convert-worker "$id"
is "$(cat "$OUT")" "" "and no ID goes on"
like "$(cat "$ERR")" "^v2m-convert-worker: $id: " "its reason on stderr"
status 65 "again: the same" v2m-convert-worker "$id"
status 0 "to be told by name" v2m-notify "$id"
is "$(cat "$OUT")" "$id" "it is"
is "$(notices "$id")" 1 "the owner is told once"
status 0 "v2m-notify once more" v2m-notify "$id"
is "$(cat "$OUT") $(notices "$id")" "$id 1" "it is told already"

# --- its video is gone ---
id=$(v2m-upload talk.mp4)
rm "$V2M_STATE/store/videos/$id"
sql store "DELETE FROM object WHERE id = '$id'"
v2m-convert-worker --once 2> "$ERR"
check "$id" "its video is gone"

# --- the decoder crashes ---
real=$(cd "$V2M_BIN/../libexec/v2m" && pwd)
mkdir crashing
cat > crashing/killer <<END2
while kill -0 \$1 2> /dev/null; do
	pkill -\$(cat '$TMP/signal') -P \$1 -x v2m-media
	sleep 0.01
done
END2
cat > crashing/v2m-media <<END2
#!/bin/sh
PATH=/usr/bin:/bin
sh '$TMP/crashing/killer' \$\$ 3>&- < /dev/null > /dev/null 2>&1 &
exec '$real/v2m-media'
END2
chmod +x crashing/v2m-media
long_clip long.mp4
# Not SEGV, which a sanitizer would make an exit status of.
echo ABRT > signal
id=$(v2m-upload long.mp4)
# Pauses that no run outlasts, however slow the machine, and that end here.
pause_is_over() {
	sql store "UPDATE record SET due = 0 WHERE id = '$id'"
	sql queue "UPDATE message SET due_ms = 0"
}
for turn in 1 2; do
	status 75 "a crash of the decoder" \
	    env V2M_LIBEXECDIR="$TMP/crashing" V2M_RETRY_PAUSE=1min \
	    v2m-convert-worker --once
	is "$(state "$id") $(column "$id" attempts)" "queued $turn" "each crash counts as an attempt"
	like "$(cat "$ERR")" 'event=postponed .*reason="decoder crashed' \
	    "and is logged"
	pause_is_over
done
status 0 "the third" \
    env V2M_LIBEXECDIR="$TMP/crashing" v2m-convert-worker --once
like "$(cat "$ERR")" 'event=failed attempts=3 ' "is the last"
check "$id" "three crashes"
id=$(v2m-upload --no-queue long.mp4)
status 1 "a crash by name" \
    env V2M_LIBEXECDIR="$TMP/crashing" v2m-convert-worker "$id"
is "$(state "$id")" held "is held to be tried again"
v2m-remove "$id" > "$OUT"

# --- a video that is not whole in the store: it does not get better ---
if [ -z "${V2M_STORE:-}" ]; then
	id=$(v2m-upload talk.mp4)
	chmod u+w "$V2M_STATE/store/videos/$id"
	truncate -s 1000 "$V2M_STATE/store/videos/$id"
	for turn in 1 2; do
		V2M_RETRY_PAUSE=1min v2m-convert-worker --once 2> "$ERR"
		is "$(state "$id") $(column "$id" attempts)" "queued $turn" \
		    "a damaged video is tried again"
		pause_is_over
	done
	status 0 "the third time" v2m-convert-worker --once
	check "$id" "a damaged video"
fi

# --- killed from outside: no fault of the job's ---
echo KILL > signal
id=$(v2m-upload long.mp4)
for turn in 1 2 3 4; do
	env V2M_LIBEXECDIR="$TMP/crashing" V2M_RETRY_PAUSE=1min \
	    v2m-convert-worker --once 2>> log
	pause_is_over
done
is "$(state "$id") $(column "$id" attempts) $(column "$id" tries)" "queued 0 4" \
    "a decoder killed from outside is tried again without counting"
v2m-remove "$id" > "$OUT"

# --- temporary trouble ---
id=$(v2m-upload talk.mp4)
pauses=
for turn in 1 2 3 4; do
	V2M_RETRY_PAUSE=10s V2M_FAULT=fail:encoded \
	    v2m-convert-worker --once 2> "$ERR"
	pauses="$pauses $(sed -n 's/.*pause_ms=\([0-9]*\).*/\1/p' "$ERR")"
	pause_is_over
done
grows() {
	# Each is twice the last, less at most a quarter.
	[ "$1" -le 10000 ] && [ "$2" -gt 14000 ] && [ "$3" -gt 28000 ] &&
	    [ "$4" -gt 56000 ]
}
# shellcheck disable=SC2086
ok "pauses grow:$pauses" grows $pauses
is "$(column "$id" attempts) $(column "$id" lost)" "0 0" "nothing is counted"
status 0 "then it goes" v2m-convert-worker --once
is "$(state "$id")" 'done' "and is done"
is "$(column "$id" reason)" "" "with no word of the trouble"
v2m-notify --once
v2m-remove "$id" > "$OUT"

for point in claimed store-written store-linked store-committed stored \
    committed end-publish queue-publish queue-published end-published; do
	id=$(v2m-upload talk.mp4)
	V2M_FAULT=fail:$point v2m-convert-worker --once 2> "$ERR"
	is "$(finish "$id")" 'done' "a failure at $point passes"
	eventually "$point: no message is left" drained
	is "$(mp3s) $(notices "$id") $(column "$id" attempts)" "1 1 0" \
	    "$point: one MP3, one notice, no attempt"
	v2m-remove "$id" > "$OUT"
done

id=$(v2m-upload talk.mp4)
for turn in 1 2; do
	V2M_GIVE_UP_AFTER=300ms V2M_RETRY_PAUSE=1min V2M_FAULT=fail:encoded \
	    v2m-convert-worker --once 2> "$ERR"
	sleep 0.5
	pause_is_over
done
like "$(cat "$ERR")" 'event=failed ' "trouble for give_up_after"
check "$id" "given up"
id=$(v2m-upload talk.mp4)
V2M_GIVE_UP_AFTER=never V2M_FAULT=fail:encoded \
    v2m-convert-worker --once 2> "$ERR"
is "$(finish "$id")" 'done' "give_up_after = never does not"

done_testing
