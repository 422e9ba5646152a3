#!/bin/sh
# v2m-convert over many files: what is there already, a tree that is mirrored,
# names for stdin, warnings, and what a terminal shows meanwhile.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg python3

mkdir -p videos/day1 videos/day2 elsewhere
# shellcheck disable=SC2086
make videos/day1/talk.mp4 $sound -c:a aac
cp videos/day1/talk.mp4 videos/day2/
cp videos/day1/talk.mp4 videos/top.mp4
cp videos/day1/talk.mp4 elsewhere/other.mp4

# --- a tree ---
status 73 "two of one name in one folder" \
    v2m-convert -o flat/ videos/day1/talk.mp4 videos/day2/talk.mp4
status 0 "--relative-to" v2m-convert -j 2 --relative-to videos -o mp3/ \
    videos/day1/talk.mp4 videos/day2/talk.mp4 videos/top.mp4
is "$(sort "$OUT")" "mp3/day1/talk.mp3
mp3/day2/talk.mp3
mp3/top.mp3" "makes the same folders"
is "$(find mp3 -type f | sort)" "$(sort "$OUT")" "they are there"
status 0 "a BASE by another way" v2m-convert -o byway/ \
    --relative-to "$TMP/elsewhere/../videos/" ./videos//day1/talk.mp4
is "$(cat "$OUT")" byway/day1/talk.mp3 "is the same folder"
status 66 "a file that is not below BASE" v2m-convert -o mp3/ \
    --relative-to videos elsewhere/other.mp4
like "$(cat "$ERR")" "not below '.*videos' \(--relative-to\)" "is told so"
status 66 "a BASE that is not there" v2m-convert -o mp3/ --relative-to none \
    elsewhere/other.mp4
status 64 "--relative-to without a folder" v2m-convert --relative-to videos \
    videos/top.mp4 top.mp3

# --- what is there ---
before=$(stat -c %i mp3/top.mp3)
status 0 "--skip-existing" v2m-convert --skip-existing -o mp3/ \
    videos/top.mp4 elsewhere/other.mp4
is "$(cat "$OUT")" "mp3/top.mp3
mp3/other.mp3" "prints both"
like "$(cat "$ERR")" "top.mp4: 'mp3/top.mp3' is there, skipped" \
    "and says which was there"
is "$(stat -c %i mp3/top.mp3)" "$before" "that one is as it was"
status 0 "the same with --json" v2m-convert --json --skip-existing -o mp3/ \
    videos/top.mp4
is "$(cat "$OUT")" \
    '{"input":"videos/top.mp4","output":"mp3/top.mp3","skipped":true}' \
    "says that it was skipped"
: > mp3/talk.mp3
status 73 "an empty file is not skipped" v2m-convert --skip-existing -o mp3/ \
    videos/day1/talk.mp4
echo text > mp3/talk.mp3
status 73 "what is no MP3 is not skipped" v2m-convert --skip-existing -o mp3/ \
    videos/day1/talk.mp4
is "$(cat mp3/talk.mp3)" text "and stays"
status 64 "--force and --skip-existing" v2m-convert --force --skip-existing \
    videos/top.mp4 top.mp3

# --- stdin ---
status 0 "--name" v2m-convert --name "my talk.mp4" -o mp3/ - < videos/top.mp4
is "$(cat "$OUT")" "mp3/my talk.mp3" "names the MP3"
echo none > none
status 65 "what is no video" v2m-convert --name "my talk.mp4" -o new/ - < none
like "$(cat "$ERR")" '^v2m-convert: my talk.mp4: ' "is called by it"
status 64 "--name for a file" v2m-convert --name x.mp4 -o mp3/ videos/top.mp4

# --- warnings ---
# shellcheck disable=SC2086
make whole.wav $sound
head -c $(($(stat -c %s whole.wav) * 2 / 3)) whole.wav > cut.wav
status 3 "a warning" v2m-convert cut.wav cut.mp3
said=$(cat "$ERR")
status 0 "--warnings-ok" v2m-convert --force --warnings-ok cut.wav cut.mp3
is "$(cat "$ERR")" "$said" "says the same"
status 65 "it forgives no failure" v2m-convert --force --warnings-ok none x.mp3

# --- on a terminal ---
if command -v script > /dev/null; then
	ffmpeg -v error -f lavfi -i anoisesrc=d=180:a=0.3 -c:a pcm_s16le a.wav
	cp a.wav b.wav
	cp a.wav c.wav
	TERM=xterm script -qec "taskset -c 0 v2m-convert -j 2 -o tty/ a.wav \
	    b.wav c.wav; echo status \$?" tty.out > /dev/null
	like "$(tr '\r' '\n' < tty.out)" 'status 0' "many files on a terminal"
	like "$(tr '\r' '\n' < tty.out)" '^2 of 3' "are counted"
	like "$(tr '\r' '\n' < tty.out)" '^a.wav  \[[#.]+\] +[0-9]+%' "one has a line"
	like "$(tr '\r' '\n' < tty.out)" '^b.wav  \[[#.]+\] +[0-9]+%' \
	    "and the other"
	is "$(tr -d '\r' < tty.out | grep -c '^.*tty/[abc].mp3$')" 3 \
	    "the paths have lines of their own"
	unlike "$(v2m-convert -o pipe/ -j 2 a.wav b.wav 2>&1)" ' of ' \
	    "without a terminal nothing of it is seen"
else
	skip "many files on a terminal" "no script"
fi

done_testing
