#!/bin/sh
# v2m-convert as a filter: names, pipes, places, refusals, exit statuses.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

# shellcheck disable=SC2086
make talk.mp4 $picture $sound $x264 -c:a aac
# shellcheck disable=SC2086
make sound.wav $sound

# --- in and out ---
status 0 "IN OUT" v2m-convert talk.mp4 talk.mp3
is "$(cat "$OUT")" talk.mp3 "prints the path"
is "$(cat "$ERR")" '' "and nothing else"
ok "IN, to stdout" sh -c 'v2m-convert talk.mp4 > a.mp3 && cmp a.mp3 talk.mp3'
ok "stdin to stdout" sh -c \
    'v2m-convert < talk.mp4 > a.mp3 && cmp a.mp3 talk.mp3'
ok "- -" sh -c 'v2m-convert - - < talk.mp4 > a.mp3 && cmp a.mp3 talk.mp3'
ok "a pipe, moov at its end" sh -c \
    'cat talk.mp4 | v2m-convert - p.mp3 && cmp p.mp3 talk.mp3'
ok "stdout is a pipe" sh -c 'v2m-convert talk.mp4 | cmp - talk.mp3'
ok "stdin that has been read from" sh -c \
    '{ head -c 5 > /dev/null; v2m-convert > a.mp3; } < talk.mp4; [ $? -eq 65 ]'
ok "a fifo" sh -c 'mkfifo f; cat talk.mp4 > f & v2m-convert f a.mp3 --force &&
    cmp a.mp3 talk.mp3'
status 0 "-o FILE" v2m-convert -o o.mp3 talk.mp4
ok "is the same" cmp o.mp3 talk.mp3
status 0 "-o DIR/" v2m-convert -o new/dir/ talk.mp4 sound.wav
is "$(cat "$OUT")" "new/dir/talk.mp3
new/dir/sound.mp3" "makes it, and says what is in it"
status 0 "IN DIR" v2m-convert talk.mp4 new
is "$(cat "$OUT")" new/talk.mp3 "takes the name over"
status 0 "-j 2" v2m-convert -j 2 -o two/ talk.mp4 sound.wav
is "$(sort "$OUT")" "two/sound.mp3
two/talk.mp3" "both are there"
status 0 "to a device" v2m-convert talk.mp4 /dev/null
ok "a reader that leaves early is no error message" sh -c \
    '[ -z "$({ v2m-convert talk.mp4 | head -c 10 > /dev/null; } 2>&1)" ]'
is "$(stat -c %a talk.mp3)" 644 "the mode follows the umask"
is "$(find . -name '.v2m*' -o -name '*.tmp')" '' "nothing is left lying about"

# --- refusals ---
old_mp3() {
	printf 'ID3 mine' > there.mp3
}
old_mp3
status 73 "a file that is there" v2m-convert talk.mp4 there.mp3
is "$(cat there.mp3)" "ID3 mine" "is kept"
like "$(cat "$ERR")" "exists already \(--force" "the remedy is told"
status 0 "--force" v2m-convert --force talk.mp4 there.mp3
ok "replaces it" cmp there.mp3 talk.mp3
old_mp3
echo none > none.mp4
status 65 "a failure under --force" v2m-convert --force none.mp4 there.mp3
is "$(cat there.mp3)" "ID3 mine" "does not"

# --- what --force replaces, and what it never does ---
forces() {
	status 0 "--force, $1" v2m-convert --force talk.mp4 "$2"
	ok "replaces it" cmp "$2" talk.mp3
}
: > empty.mp3
forces "an empty file" empty.mp3
tail -c +$(($(od -An -j 6 -N 4 -t u1 talk.mp3 |
    awk '{ print (($1 * 128 + $2) * 128 + $3) * 128 + $4 }') + 11)) talk.mp3 \
    > bare
is "$(od -An -N 2 -t x1 bare)" " ff fb" "an MP3 without ID3"
forces "that one, without an ending" bare
ln -s there.mp3 link.mp3
forces "a link to an MP3" link.mp3
is "$(cat there.mp3)" "ID3 mine" "and not what it leads to"

keeps() {
	cp -dR "$2" kept
	status 73 "--force, $1" v2m-convert --force "${3:-talk.mp4}" "$2"
	like "$(cat "$ERR")" "exists and is not an MP3" "says why"
	ok "and keeps it" diff -r --no-dereference "$2" kept
	rm -r kept
}
echo mine > text.mp3
printf '\377' > short.mp3
printf '\377\361\120\200 AAC, in ADTS' > adts.mp3
printf '\377\375\220\104 layer II' > two.mp3
for name in text short adts two; do
	keeps "$name under the name of an MP3" $name.mp3
done
ln -s nowhere.mp3 dangling.mp3
keeps "a link to nothing" dangling.mp3
mkdir -p into/talk.mp3
status 73 "--force, a folder under the name" \
    v2m-convert --force -o into talk.mp4
ok "the folder stays" test -d into/talk.mp3
mkfifo reader
cat reader > read.mp3 &
reader=$!
status 0 "--force, a named pipe" v2m-convert --force talk.mp4 reader
wait $reader
ok "is written to" cmp read.mp3 talk.mp3
ok "and stays" test -p reader

mkdir pair && cp talk.mp4 pair/a.mp4 && cp talk.mp4 pair/b.mp4
here=$PWD
cd pair || exit 99
keeps "*.mp4 in a folder of two videos" b.mp4 a.mp4
for force in "" --force; do
	# shellcheck disable=SC2086 # none, or one word
	status 73 "the same: $force" v2m-convert $force *.mp4
	is "$(cat "$ERR")" "v2m-convert: a.mp4: b.mp4 exists and is not an MP3.\
 Two videos? v2m-convert -o FOLDER/ a.mp4 b.mp4" "says what to do"
done
status 73 "-o" v2m-convert -o b.mp4 a.mp4
is "$(cat "$ERR")" "v2m-convert: a.mp4: 'b.mp4' exists and is not an MP3:\
 choose another name" "has no second video"
status 0 "what it says" v2m-convert -o FOLDER/ a.mp4 b.mp4
ok "is right" test -s FOLDER/b.mp3
cd "$here" || exit 99
mkdir same && cp sound.wav same/talk.wav
status 73 "two files of one name" v2m-convert -o same/ talk.mp4 same/talk.wav
ok "the first is there" test -s same/talk.mp3
status 66 "no such file" v2m-convert nowhere.mp4 x.mp3
status 66 "a folder" v2m-convert new x.mp3
ok "no file was made" test ! -e x.mp3
status 73 "no such folder" v2m-convert talk.mp4 nowhere/x.mp3
status 64 "many files without a folder" v2m-convert a b c
status 64 "many files to one" v2m-convert -o x.mp3 talk.mp4 sound.wav
status 64 "-q and -b" v2m-convert -q 2 -b 192k talk.mp4 x.mp3
status 64 "no quality" v2m-convert -q V10 talk.mp4 x.mp3
status 64 "no bitrate" v2m-convert -b 100k talk.mp4 x.mp3
status 64 "--json and an MP3 on stdout" v2m-convert --json talk.mp4
status 64 "no option of ours" v2m-convert --frobnicate talk.mp4 x.mp3
if command -v script > /dev/null; then
	script -qec "v2m-convert talk.mp4" tty.out > /dev/null 2>&1
	like "$(cat tty.out)" 'not for a terminal' "a terminal gets no MP3"
else
	skip "a terminal gets no MP3" "no script(1)"
fi

# --- one failure does not stop the others ---
status 66 "one of three is not there" \
    v2m-convert -o part/ talk.mp4 nowhere.mp4 sound.wav
is "$(cat "$OUT")" "part/talk.mp3
part/sound.mp3" "the others are made"
like "$(cat "$ERR")" '^v2m-convert: nowhere\.mp4: ' "it is named"
echo text > text.mp4
status 1 "failures of two kinds" \
    v2m-convert -o part2/ nowhere.mp4 text.mp4 sound.wav
status 65 "--json" v2m-convert --json -o part3/ text.mp4 sound.wav
is "$(python3 -c 'import json, sys
for line in open(sys.argv[1]):
    o = json.loads(line)
    print(o.get("samples", o.get("status")))' "$OUT")" "65
88200" "has an object for each, failed or not"

# --- what is no media, or has no sound ---
: > empty.mp4
head -c 100000 /dev/urandom > noise.mp4
status 65 "an empty file" v2m-convert empty.mp4 x.mp3
is "$(cat "$ERR")" "v2m-convert: empty.mp4: there is nothing in it" "says so"
no_media() {
	status 65 "$1" v2m-convert "$1" x.mp3
	is "$(cat "$ERR")" "v2m-convert: $1: not a media file $2" "says so"
}
no_media noise.mp4 "that can be read"
no_media text.mp4 "but text"
printf '\n<!doctype HTML>\n<title>Log in</title>\n' > page.mp4
no_media page.mp4 "but a web page (HTML)"
printf '#EXTM3U\n#EXTINF:4,\none.ts\n' > list.m3u8
no_media list.m3u8 "but a playlist, which only names media files: give those"
printf '<?xml version="1.0"?>\n<MPD>\n</MPD>\n' > list.mpd
no_media list.mpd "but a playlist, which only names media files: give those"
{ printf 'PK\003\004' && head -c 1000 /dev/zero; } > a.mp4
no_media a.mp4 "but an archive: unpack it first"
gzip -c talk.mp4 > talk.gz
no_media talk.gz "but an archive: unpack it first"
python3 -c 'import bz2; open("talk.bz2", "wb").write(bz2.compress(bytes(9999)))'
no_media talk.bz2 "but an archive: unpack it first"
printf '1\n00:00:01,000 --> 00:00:02,000\nHello\n' > list.srt
no_media list.srt "but text"
printf 'WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n' > list.vtt
no_media list.vtt "but text"
printf "ffconcat version 1.0\nfile 'talk.mp4'\n" > list.txt
no_media list.txt "but text"
head -c $(($(wc -c < talk.mp4) / 2)) talk.mp4 > half.mp4
status 65 "an MP4 cut before its moov" v2m-convert half.mp4 x.mp3
like "$(cat "$ERR")" "an MP4 without an index \(moov\): it is cut off" \
    "is told from what is no media at all"
for name in mute.mp4 mute.mkv mute.ts mute.flv mute.avi; do
	# shellcheck disable=SC2086
	make $name $picture -an
	status 65 "$name" v2m-convert $name x.mp3
	is "$(cat "$ERR")" "v2m-convert: $name: no audio stream" "says so"
done
make zero.wav -f lavfi -i sine=d=1 -af atrim=end_sample=0
status 65 "no sample" v2m-convert zero.wav x.mp3
is "$(cat "$ERR")" "v2m-convert: zero.wav: no sound in it" "says so"
ok "none of them left a file" test ! -e x.mp3

# --- files that point elsewhere: refused, and nothing is opened ---
elsewhere() {
	mkfifo "$1.fifo"
	sh -c 'echo > "$1"; echo opened > "$1.opened"' - "$1.fifo" &
	elsewhere_pid=$!
	status 65 "$2" timeout 20 v2m-convert --force "$1" x.mp3
	ok "and does not open it" test ! -e "$1.fifo.opened"
	kill $elsewhere_pid 2> /dev/null
	wait $elsewhere_pid 2> /dev/null
}
printf '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n%s\n#EXT-X-ENDLIST\n' \
    "$TMP/hls.mp4.fifo" > hls.mp4
elsewhere hls.mp4 "an HLS playlist"
cat > dash.mp4 << END
<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"
 mediaPresentationDuration="PT4S"
 profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>
<AdaptationSet mimeType="audio/mp4"><Representation id="1" bandwidth="1">
<BaseURL>$TMP/dash.mp4.fifo</BaseURL></Representation></AdaptationSet>
</Period></MPD>
END
elsewhere dash.mp4 "a DASH manifest"
printf "ffconcat version 1.0\nfile '%s'\n" "$TMP/concat.mp4.fifo" > concat.mp4
elsewhere concat.mp4 "a concat script"
printf 'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5004 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n' > sdp.mp4
elsewhere sdp.mp4 "a session description"

# --- the example of the manual that tells which are cut off ---
example=$(sed -n "/jq/s/[\\](aq/'/gp" "$tap_root/man/v2m-convert.1")
if command -v jq > /dev/null; then
	mkdir example && cd example || exit 99
	# shellcheck disable=SC2086
	make whole.mp4 $picture $sound $x264 -c:a aac -movflags +faststart
	head -c $(($(wc -c < whole.mp4) / 2)) whole.mp4 > cut.mp4
	echo text > text.mp4
	status 0 "runs: $example" sh -c "$example"
	is "$(cat "$OUT")" cut.mp4 "lists those, and none that failed"
	cd .. || exit 99
else
	skip "runs: $example" "no jq"
fi

# --- names ---
odd='a "b" '\''c'\'' $(x) ü世
d;e.mp4'
cp talk.mp4 "$odd"
cp talk.mp4 ./-dash.mp4
status 0 "blanks, quotes, a line break, UTF-8" v2m-convert "$odd" "$odd.mp3"
ok "the file has that name" cmp "$odd.mp3" talk.mp3
status 0 "into a folder" v2m-convert -o names/ "$odd"
ok "control characters are replaced" \
    cmp 'names/a "b" '\''c'\'' $(x) ü世_d;e.mp3' talk.mp3
status 0 "a leading dash" v2m-convert -o names/ -- -dash.mp4
ok "is replaced as well" cmp names/_dash.mp3 talk.mp3
cp talk.mp4 ..mp4
status 0 "a name of which nothing is left" v2m-convert -o names/ ..mp4
is "$(cat "$OUT")" names/video.mp3 "does not become that of standard input"
status 66 "a name with an escape in it" v2m-convert "$(printf 'x\033[31my')" x.mp3
unlike "$(cat "$ERR")" "$(printf '\033')" "cannot reach the terminal"

# --- limits ---
ok "a pipe is bounded by max_upload" sh -c \
    'cat talk.mp4 | V2M_MAX_UPLOAD=10k v2m-convert - x.mp3; [ $? -eq 65 ]'
status 3 "a file longer than max_duration" env V2M_MAX_DURATION=1s v2m-convert talk.mp4 x.mp3
like "$(cat "$ERR")" 'longer than 0:01: the rest is left out' "is told"
if [ -w /dev/full ]; then
	status 75 "a full disk" sh -c 'v2m-convert talk.mp4 > /dev/full'
fi

# --- signals ---
# Some seconds of work, whatever the machine.
make long.wav -f lavfi -i anoisesrc=d=2400:r=44100
# The media program below the command $tap_pid has a child for the file.
at_work() {
	helper=$(cat "/proc/$tap_pid/task/$tap_pid/children")
	helper=${helper% }
	[ -n "$helper" ] && [ -n "$(cat "/proc/$helper/task/$helper/children")" ]
}
# Dead, though perhaps not yet buried by process 1.
is_dead() {
	! grep '^State:' "/proc/$1/status" | grep -v '[XZ] ('
}
background v2m-convert --threads 1 long.wav long.mp3
eventually "a conversion is at work" at_work
kill -TERM $tap_pid
wait $tap_pid
is $? 143 "SIGTERM ends it"
ok "without a file" test ! -e long.mp3
is "$(find . -name '.v2m*')" '' "or anything else"
background v2m-convert --threads 1 long.wav long.mp3
eventually "another conversion is at work" at_work
kill -KILL $tap_pid
wait $tap_pid 2> /dev/null
eventually "SIGKILL ends its helper too" is_dead "$helper"
done_testing
