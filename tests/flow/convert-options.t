#!/bin/sh
# What kind of MP3 is wanted: presets, what excludes what, and the same
# options from upload to fetch.
#
# slow: 20 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe python3
setup

# --- presets are what they stand for ---
make a.wav -f lavfi -i \
    "aevalsrc=0.1*sin(2764*t)|0.1*sin(4146*t)+0.05*random(0):s=44100:d=5"
# equal WHAT 'OPTIONS' 'OPTIONS'
equal() {
	# shellcheck disable=SC2086 # lists of options
	v2m-convert --quiet --force $2 a.wav one.mp3 > .path &&
	v2m-convert --quiet --force $3 a.wav two.mp3 > .path &&
	cmp one.mp3 two.mp3 > .cmp
	tap_result $? "$1"
}
equal "music" "--preset music" "-q V0"
equal "speech" "--preset speech" "-q V6 --mono"
equal "podcast" "--preset podcast" "-q V4 --loudness -16"
equal "what is given counts more" "--preset speech -q 4" "-q 4 --mono"
equal "wherever it stands" "-q 4 --preset speech" "-q 4 --mono"
equal "a bitrate as well" "-b 64k --preset speech" "-b 64k --mono"
equal "no loudness" "--preset podcast --loudness none" "-q V4"
equal "another loudness" "--loudness -23 --preset podcast" \
    "-q V4 --loudness -23"
equal "the defaults, named" "" "-q V2 --loudness none --id3 2.3 --from 0"

for wrong in "--preset opera" "-q V2 -b 128k" "--loudness 16" \
    "--loudness -51" "--loudness loud" "--copy=perhaps" "--copy -q V2" \
    "--copy -b 128k" "--copy=only --mono" "--copy --loudness -16" \
    "--copy --loudness none" "--preset music --copy"; do
	# shellcheck disable=SC2086
	status 64 "$wrong" v2m-convert $wrong a.wav x.mp3
done
ok "no MP3 of these" test ! -e x.mp3

# --- from upload to fetch ---
# shellcheck disable=SC2086
make talk.mkv $picture -f lavfi -i sine=d=2 -f lavfi -i sine=d=4 -map 0 \
    -map 1 -map 2 -c:v mpeg4 -c:a flac -metadata:s:a:0 language=eng \
    -metadata:s:a:1 language=ger -metadata title=Talk
# options ID: of its record
options() {
	v2m-status --json "$1" | python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin)["options"], sort_keys=True,
    separators=(",", ":"), ensure_ascii=False))'
}
wanted='{"from_ms":500,"lang":["de"],"mono":true,"quality":6,"tags":{"artist":"Änne","title":""},"to_ms":3500}'
status 0 "an upload with options" v2m-upload --preset speech --lang de \
    --from 0.5 --to 3.5 --tag artist=Änne --tag title= talk.mkv
id=$(cat "$OUT")
is "$(options "$id")" "$wanted" "its record has them"
is "$(sql queue "SELECT json_extract(body, '\$.options') FROM message" |
    python3 -c 'import json, sys
print(json.dumps(json.load(sys.stdin), sort_keys=True, separators=(",", ":"),
    ensure_ascii=False))')" "$wanted" "its message has a copy"
status 0 "a worker" v2m-convert-worker --once
status 0 "the job's MP3 is fetched" v2m-fetch -o talk.mp3 "$id"
v2m-convert --quiet --preset speech --lang de --from 0.5 --to 3.5 \
    --tag artist=Änne --tag title= talk.mkv direct.mp3 > .path
ok "the MP3 that v2m-convert makes" cmp talk.mp3 direct.mp3

status 0 "in a pipe" sh -c 'v2m-upload --no-queue --track 2 --id3 2.4 \
    -b 64k talk.mkv | v2m-convert-worker - | v2m-fetch -o pipe/ -'
v2m-convert --quiet --track 2 --id3 2.4 -b 64k talk.mkv direct2.mp3 > .path
ok "the same" cmp pipe/talk.mp3 direct2.mp3

status 65 "a track that is not there" v2m-upload --track 3 talk.mkv
like "$(cat "$ERR")" 'no track 3 with sound in it: there are 2$' "is told"
status 65 "nor a language" v2m-upload --lang fr --lang-strict talk.mkv
status 65 "nor from stdin" sh -c \
    'v2m-upload --lang fr --lang-strict - < talk.mkv'
status 64 "a contradiction" v2m-upload --track 1 --lang de talk.mkv
is "$(v2m-status --json | wc -l | tr -d ' ')" 2 "nothing of these is kept"

status 0 "equal options" v2m-upload --skip-existing --lang de --mono -q 6 \
    --to 3.5 --from 500ms --tag title= --tag artist=Änne talk.mkv
is "$(cat "$OUT")" "$id" "are an equal job"
status 0 "a job with other options" v2m-upload --skip-existing --lang en --mono -q 6 \
    --to 3.5 --from 500ms --tag title= --tag artist=Änne talk.mkv
other=$(cat "$OUT")
ok "are another" test "$other" != "$id"

# --- the record decides, not the message ---
sql queue "UPDATE message SET body = json_set(body, '\$.options',
    json('{\"track\":9}')) WHERE queue = 'video'"
is "$(finish "$other")" done "a message with other options"
status 0 "is not listened to" v2m-fetch -o other.mp3 "$other"
v2m-convert --quiet --lang en --mono -q 6 --from 0.5 --to 3.5 --tag title= \
    --tag artist=Änne talk.mkv direct3.mp3 > .path
ok "the record is" cmp other.mp3 direct3.mp3

# Without a record the message's options count, once they are looked at.
# foreign ID OPTIONS
foreign() {
	cp talk.mkv "$V2M_STATE/store/videos/$1"
	sql store "INSERT INTO object (kind, id, length, sha256, name, owner,
	    video, fence, created_at) VALUES ('video', '$1',
	    $(wc -c < talk.mkv), '', '', '', '', 0, 0)"
	sql queue "INSERT INTO message (queue, body) VALUES ('video',
	    '{\"video_fid\": \"$1\", \"mp3_fid\": null, \"username\":
	    \"ann@example.org\", \"options\": $2}')"
}
if [ -d "$V2M_STATE/store/videos" ]; then
	one=5f00000000000000000000a1
	foreign $one '{"track": 2, "id3": "2.4", "bitrate": 64}'
	is "$(finish $one)" done "a message without a record"
	v2m-fetch --quiet -o foreign.mp3 $one > .path
	ok "is done as it says" cmp foreign.mp3 direct2.mp3
	n=2
	for wrong in '{"track": 0}' '{"speed": 2}' '{"mono": 1}' \
	    '{"lang": "de"}' '{"copy": "yes", "mono": true}' \
	    '{"tags": {"x": "y"}}' '{"to_ms": 5, "from_ms": 9}'; do
		one=5f00000000000000000000a$n
		foreign $one "$wrong"
		is "$(finish $one)" failed "options $wrong"
		like "$(v2m-status $one)" 'conversion settings|used|later than|own bitrate' \
		    "say why they are refused"
		n=$((n + 1))
	done
fi

# --- percent, in both passes of one that is measured first ---
long_clip long.mp4
id=$(v2m-upload --loudness -16 long.mp4)
background v2m-convert-worker --once
percent() {
	[ "$(v2m-status --json "$id" | sed -n 's/.*"percent":\([0-9]*\).*/\1/p')" -ge "$1" ] \
	    2> "$ERR"
}
eventually "the first pass tells its progress" percent 1
v2m-remove --quiet "$id" > .path
kill "$tap_pid"
wait "$tap_pid" 2> "$ERR"

# --- what a job says of copying counts more than what the worker does ---
# shellcheck disable=SC2086
make mp3.mkv $picture -f lavfi -i sine=d=2 -c:v mpeg4 -c:a libmp3lame
sql queue "DELETE FROM message"
for pair in "-q V2|{\"copy\":\"no\"}|encoded" "-b 96k|{\"bitrate\":96}|other" \
    "--copy=no|{\"copy\":\"no\"}|encoded" "--copy|{\"copy\":\"yes\"}|copied" \
    "--tag title=x|{\"tags\":{\"title\":\"x\"}}|tagged"; do
	said=${pair%%|*} pair=${pair#*|}
	# shellcheck disable=SC2086
	id=$(v2m-upload $said mp3.mkv)
	is "$(options "$id")" "${pair%%|*}" "$said: what is kept"
	V2M_COPY=yes v2m-convert-worker --once
	v2m-fetch --force -o "${pair#*|}.mp3" "$id" > .path
done
v2m-convert --quiet mp3.mkv want.mp3 > .path
ok "encoded where it is asked for" cmp want.mp3 encoded.mp3
v2m-convert --quiet --force --copy mp3.mkv want.mp3 > .path
ok "copied where it is asked for" cmp want.mp3 copied.mp3
v2m-convert --quiet --force --copy --tag title=x mp3.mkv want.mp3 > .path
ok "copied where nothing is said of it" cmp want.mp3 tagged.mp3
id=$(v2m-upload --copy mp3.mkv)
V2M_COPY=no v2m-convert-worker --once
v2m-fetch --force -o copied2.mp3 "$id" > .path
ok "copied though the worker would not" cmp copied.mp3 copied2.mp3

# --- a bar on a terminal ---
if command -v script > /dev/null; then
	TERM=xterm script -qec "v2m-convert --threads 1 long.mp4 long.mp3" \
	    tty.out > "$OUT" 2>&1
	bar=$(tr '\r' '\n' < tty.out | grep -a '%' | tail -n 1)
	like "$bar" 'long\.mp4  \[[#.]{24}\] +[0-9]+%  [0-9:]+ left' \
	    "with percent and the time left"
	TERM=xterm script -qec \
	    "v2m-convert --quiet --threads 1 --to 1:00 long.mp4 q.mp3" \
	    tty.out > "$OUT" 2>&1
	unlike "$(cat tty.out)" '%' "but not where nothing is to be said"
else
	skip "a bar on a terminal" "no script(1)"
fi

done_testing
