#!/bin/sh
# The demonstration: with a clip of its own, with videos of any name, and with
# things that are none.
#
# slow: 4 s
. "$(dirname "$0")/../lib/tap.sh"

command -v ffmpeg > /dev/null || skip_all "no ffmpeg"
demo=$tap_root/scripts/demo
TMPDIR=$TMP/tmp
mkdir "$TMPDIR" here
export TMPDIR V2M_BIN
cd here || exit 99

status 0 "without a video it makes a clip" "$demo"
like "$(cat "$OUT")" '^\$ v2m-upload .*/v2m-demo.mp4$' "shows the commands"
like "$(cat "$OUT")" '^mp3 file_id: [0-9a-f]{24} is now ready!$' "and the mail"
like "$(cat "$OUT")" '^TAG:title=' "and the tags"
like "$(tail -n 1 "$OUT")" ': v2m-demo.mp3$' "says where the MP3 is"
like "$(ffprobe -v error -show_entries format=duration -of csv=p=0 \
    v2m-demo.mp3)" '^20[.]' "which lasts 20 s"
is "$(ls)" v2m-demo.mp3 "and leaves nothing else"

name="-it's a \$HOME \"film\" é.x.mkv"
ffmpeg -v error -nostdin -f lavfi -i sine=d=2 -f lavfi -i testsrc=d=2:s=64x64 \
    -c:v mpeg4 -c:a libmp3lame -metadata title=Sine "file:$name"
status 0 "any name" "$demo" "$name"
like "$(cat "$OUT")" '^TAG:title=Sine$' "tags are kept"
ok "named as the video" [ -s "./${name%.mkv}.mp3" ]
before=$(cksum < "./${name%.mkv}.mp3")
(cd .. && "$demo" "here/$name" > /dev/null 2>&1)
ok "left in the current folder" [ -s "../${name%.mkv}.mp3" ]
status 0 "once more" "$demo" "$name"
is "$(cksum < "./${name%.mkv}.mp3")" "$before" "nothing is overwritten"
ok "a free name is found" [ -s "./${name%.mkv}-2.mp3" ]

status 0 "by make" make -C "$tap_root" B="${V2M_BIN%/bin}" MAKE=: demo \
    VIDEO="$TMP/here/$name"
ok "the name comes through make unharmed" \
    mv "$tap_root/${name%.mkv}.mp3" made.mp3

status 66 "no such file" "$demo" missing.mp4
is "$(cat "$ERR")" "demo: there is no file 'missing.mp4'" "said so"
status 66 "a folder" "$demo" ..
echo text > text.mp4
status 65 "no video" "$demo" text.mp4
like "$(cat "$ERR")" '^demo: v2m-upload failed' "said so"
ffmpeg -v error -nostdin -f lavfi -i testsrc=d=1 mute.mp4
status 65 "no sound" "$demo" mute.mp4
like "$(cat "$ERR")" 'no audio' "said so"
ok "no MP3 of these" [ ! -e text.mp3 ] && [ ! -e mute.mp3 ]
status 64 "two videos" "$demo" a b
is "$(ls "$TMPDIR")" "" "no throw-away folder is left"
ok "the caller's state is not touched" [ ! -e "$V2M_STATE" ]

done_testing
