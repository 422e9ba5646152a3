#!/bin/sh
# Uploads and conversions where there is no room or no right to write.
#
# slow: 8 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

[ "$(id -u)" = 0 ] || skip_all "mounts and an ordinary user want root"
setup
chmod 755 "$TMP"
clip talk.mp4 60
head -c 3000000 /dev/zero > zero.mp4

# --- a full disk: 8 MiB beside the room that the state keeps for itself ---
mkdir small
if unshare -m mount -t tmpfs -o size=13m none small 2> "$ERR"; then
	cat > full.sh <<'END2'
set -e
mount -t tmpfs -o size=13m none small
export V2M_STATE=$PWD/small/state V2M_FREE_RESERVE=0
v2m-init --quiet
v2m-user add --quiet --password-file pw ann@example.org
V2M_TOKEN=$(v2m-user token ann@example.org)
export V2M_TOKEN
set +e
# so full that a video fits no more
dd if=/dev/zero of=small/fill bs=64k count=100 2> /dev/null
cat zero.mp4 | v2m-upload --no-check - > out 2> err
echo "upload $? $(cat out | wc -l) $(ls small/state/store/videos | wc -l)"
cat err
v2m-upload --no-check zero.mp4 > out 2> err
echo "known $? $(cat out | wc -l) $(ls small/state/store/videos | wc -l)"
cat err
rm small/fill
id=$(v2m-upload -b 320k talk.mp4)
# room for the records, none for an MP3
dd if=/dev/zero of=small/fill bs=4k 2> /dev/null
truncate -s -1500k small/fill
v2m-convert-worker --once 2> err
echo "convert $?"
cat err
v2m-status "$id" | cut -f 2 | sed 's/^/state /'
sleep 0.3
v2m-convert-worker --once 2> err
v2m-status --json "$id" | grep -o '"attempts":[0-9]*'
rm small/fill
sleep 1.5
v2m-convert-worker --once
v2m-status "$id" | cut -f 2 | sed 's/^/then /'
mkdir dest
mount -t tmpfs -o size=4k none dest
v2m-fetch -o dest/ "$id" 2> err
echo "fetch $? $(ls -A dest | wc -l)"
cat err
END2
	unshare -m sh full.sh > said 2>&1
	said=$(cat said)
	like "$said" '^upload 75 0 0$' "a full disk: 75, no ID, no file"
	like "$said" 'v2m-upload: stdin: .*No space left' "it says why"
	like "$said" '^known 75 0 0$' "a file that cannot fit is not begun"
	like "$said" 'not enough room in .* are free, .*B are needed$' \
	    "it says why"
	like "$said" '^convert 75$' "no room for the MP3: try again"
	like "$said" 'event=postponed .*result=tempfail' "it is put off"
	like "$said" '^state queued$' "the job waits"
	like "$said" '^"attempts":0$' "no attempt is counted"
	like "$said" '^then done$' "and is done once there is room"
	like "$said" '^fetch 74 0$' "a full disk of one's own: 74, no file"
else
	skip "a full disk" "may not mount"
fi

# --- an ordinary user ---
nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups -- \
	    env HOME="$TMP/n" XDG_STATE_HOME="$TMP/n" "$@"
}
mkdir n
chown 65534:65534 n
if nobody test -x "$V2M_BIN/v2m-upload"; then
	token=$(v2m-user token ann@example.org)
	status 77 "a state that one may not read" \
	    nobody env V2M_TOKEN="$token" v2m-upload talk.mp4
	like "$(cat "$ERR")" 'you may not use|cannot|may not' "in words"
	chmod 000 talk.mp4
	cp zero.mp4 n/open.mp4
	chown 65534 n/open.mp4
	V2M_STATE=$TMP/n/state
	nobody v2m-init --quiet
	nobody v2m-user add --quiet --password-file - ann@example.org < pw
	nobody v2m-login --quiet --password-file - ann@example.org < pw
	status 77 "a file that one may not read" nobody v2m-upload talk.mp4
	like "$(cat "$ERR")" '^v2m-upload: talk.mp4: .*Permission denied' \
	    "in words"
	chmod 644 talk.mp4
	id=$(nobody v2m-upload talk.mp4)
	chmod 500 "$V2M_STATE/store/mp3s" "$V2M_STATE/store/videos"
	status 77 "a store that one may not write to" nobody v2m-upload talk.mp4
	is "$(cat "$OUT")" "" "no ID"
	# temporary, whatever errno says: an administrator will mend it
	status 75 "nor convert into" nobody v2m-convert-worker --once
	is "$(nobody v2m-status "$id" | cut -f 2)" queued "the job waits"
	sleep 0.3
	nobody v2m-convert-worker --once 2> "$ERR"
	sleep 0.5
	nobody v2m-convert-worker --once 2> "$ERR"
	like "$(nobody v2m-status --json "$id")" '"attempts": ?0' \
	    "no attempt is counted"
	pauses=$(grep -o 'pause_ms=[0-9]*' "$ERR")
	like "$pauses" 'pause_ms=(2[0-9]{2}|3[0-9]{2}|4[0-9]{2})' \
	    "pauses grow"
	chmod 700 "$V2M_STATE/store/mp3s" "$V2M_STATE/store/videos"
	sleep 0.5
	nobody v2m-convert-worker --once
	is "$(nobody v2m-status "$id" | cut -f 2)" done "mended, it is done"
	nobody chmod 500 "$V2M_STATE"
	mkdir mine
	chmod 755 mine
	status 77 "a folder that one may not write to" \
	    nobody v2m-fetch -o mine/ "$id"
	is "$(ls -A mine)" "" "stays as it is"
else
	skip "an ordinary user" "who may not reach the build folder"
fi

done_testing
