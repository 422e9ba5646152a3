#!/bin/sh
# v2m-upload: what it takes, what it refuses, and with which status.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

clip talk.mp4
status 78 "before v2m-init" v2m-upload talk.mp4
like "$(cat "$ERR")" v2m-init "it says what to do"
v2m-init --quiet
status 77 "without a login" v2m-upload talk.mp4
like "$(cat "$ERR")" 'run v2m-login' "it says what to do"
setup

videos() {
	sql store "SELECT count(*) FROM object WHERE kind = 'video'"
}

# what it takes
cp talk.mp4 'holiday film.mkv'
status 0 "two files" v2m-upload talk.mp4 'holiday film.mkv'
is "$(wc -l < "$OUT")" 2 "two lines"
unlike "$(cat "$OUT")" '[^0-9a-f]' "which hold an ID and nothing else"
is "$(grep -Ec '^.{24}$' "$OUT")" 2 "an ID for each file"
is "$(cat "$ERR")" "" "and not a word on stderr"
is "$(v2m-status | cut -f 4)" "talk.mp4
holiday film.mkv" "under their names"
is "$(sql store "SELECT sha256 FROM record LIMIT 1")" \
    "$(sha256sum < talk.mp4 | cut -d ' ' -f 1)" "the SHA-256 is recorded"
is "$(sql store "SELECT length FROM record LIMIT 1")" \
    "$(wc -c < talk.mp4)" "and the length"

status 0 "a video from stdin" sh -c 'cat talk.mp4 | v2m-upload -'
is "$(v2m-status "$(cat "$OUT")" | cut -f 4)" stdin "called that"
status 0 "stdin from a file" sh -c 'v2m-upload --name "My talk.mp4" - < talk.mp4'
is "$(v2m-status "$(cat "$OUT")" | cut -f 4)" "My talk.mp4" "with a name"
mkfifo f late
status 0 "a FIFO" sh -c 'cat talk.mp4 > f & v2m-upload f'
background sh -c 'sleep 1; cat talk.mp4 > late'
status 0 "a FIFO whose writer comes later" v2m-upload late
status 0 "what is left of stdin" sh -c '{ printf 1234567; cat talk.mp4; } \
    > moved; { dd of=/dev/null bs=7 count=1 2> dd; v2m-upload -; } < moved'
is "$(v2m-status --json "$(cat "$OUT")" | grep -o '"length":[0-9]*')" \
    "\"length\":$(wc -c < talk.mp4)" "is what is stored"

# hostile names
nl=$(printf 'new\nline.mp4')
for name in "$nl" "it's \"quoted\".mp4" 'žluťoučký kůň 映画.mp4' \
    '-dash.mp4' "$(printf 'bad\377utf8.mp4')" "$(printf 'a\tb.mp4')" \
    "$(printf '%0251d' 0).mp4"; do
	cp -- talk.mp4 "$name"
done
status 0 "hostile names as operands" v2m-upload -- "$nl" ./*quoted* ./*kůň* \
    -dash.mp4 ./bad* ./*b.mp4 ./000*
is "$(wc -l < "$OUT")" 7 "an ID for each"
is "$(v2m-status - < "$OUT" | wc -l)" 7 "and a line of v2m-status"
like "$(v2m-status - < "$OUT")" '	new\?line.mp4	' "control characters shown as ?"
like "$(v2m-status - < "$OUT")" '	žluťoučký kůň 映画.mp4	' "UTF-8 as it is"
# U+061C, U+200E, U+200F, U+2060, U+2064 and U+FEFF; U+200C and U+200D stay.
unseen=$(printf 'u\330\234n\342\200\216s\342\200\217e\342\201\240e\342\201\244n\357\273\277.mp4')
joined=$(printf 'j\342\200\214o\342\200\215i.mp4')
cp talk.mp4 "$unseen"
cp talk.mp4 "$joined"
status 0 "names with what cannot be seen" v2m-upload "$unseen" "$joined"
like "$(v2m-status - < "$OUT")" '	u\?n\?s\?e\?e\?n\?\.mp4	' "it is shown as ?"
like "$(v2m-status - < "$OUT")" "	$joined	" "but for what joins letters"
rm "$unseen" "$joined"
status 0 "through find -print0" sh -c \
    'find . -name "*new*" -print0 | v2m-upload -0 --files-from -'
is "$(wc -l < "$OUT")" 1 "IDs end with a newline all the same"
status 0 "through lines, with a tab in it" sh -c \
    'printf "a\tb.mp4\n-dash.mp4\n" | v2m-upload --files-from -'
is "$(wc -l < "$OUT")" 2 "an ID for each"
printf 'talk.mp4\nnone.mp4\n' > list
status 66 "a list in a file, one of them missing" v2m-upload --files-from list
is "$(wc -l < "$OUT")" 1 "the other is uploaded"
like "$(cat "$ERR")" '^v2m-upload: none.mp4: ' "and it is named"
status 66 "a list that is not there" v2m-upload --files-from none

# JSON
status 0 "--json" v2m-upload --json talk.mp4
python3 -c 'import json,sys; o = json.loads(sys.stdin.read())
assert len(o["id"]) == 24 and o["name"] == "talk.mp4", o' < "$OUT"
is "$?" 0 "is an object"

# what it refuses
n=$(videos)
echo 'dear diary' > text.mp4
: > empty.mp4
mkdir folder
ffmpeg -v error -nostdin -y -f lavfi -i testsrc=s=64x48:d=1 -c:v mpeg4 mute.mp4
status 65 "a text file" v2m-upload text.mp4
like "$(cat "$ERR")" '^v2m-upload: text.mp4: ' "by its name"
status 65 "an empty file" v2m-upload empty.mp4
status 65 "an empty file on stdin" v2m-upload - < empty.mp4
status 65 "nothing from a pipe" sh -c ': | v2m-upload -'
python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")'
ln -s loop loop
for it in folder socket loop text.mp4/a.mp4 none.mp4; do
	status 66 "v2m-upload of what is not a file: $it" v2m-upload $it
	status 66 "v2m-convert of it: $it" v2m-convert $it it.mp3
	status 66 "v2m-convert --list-tracks: $it" v2m-convert --list-tracks $it
	status 66 "v2m-upload --files-from: $it" v2m-upload --files-from $it
done
python3 -c 'print("a" * 70000)' > long.list
status 65 "a list with a line that is too long" v2m-upload --files-from long.list
is "$(cat "$ERR")" "v2m-upload: long.list: a line of the list is longer than\
 65536 bytes" "is told"
status 66 "v2m-upload of a folder on stdin" v2m-upload - < folder
status 66 "v2m-convert of a folder on stdin" v2m-convert - it.mp3 < folder
status 65 "v2m-upload of a device without a byte" v2m-upload /dev/null
status 65 "v2m-convert of a device without a byte" v2m-convert /dev/null it.mp3
status 66 "v2m-login: a password file below a file" \
    v2m-login --password-file text.mp4/pw ann@example.org
status 65 "no sound in it" v2m-upload mute.mp4
status 65 "no sound in it, by a pipe" sh -c 'cat mute.mp4 | v2m-upload -'
status 65 "a text by a pipe" sh -c 'cat text.mp4 | v2m-upload -'
status 1 "failures of several kinds" v2m-upload text.mp4 none.mp4
status 65 "more than max_upload" env V2M_MAX_UPLOAD=1k v2m-upload talk.mp4
like "$(cat "$ERR")" 'max_upload' "names the key"
status 65 "more than max_upload by a pipe" sh -c \
    'cat talk.mp4 | V2M_MAX_UPLOAD=1k v2m-upload -'
status 75 "less room than free_reserve" here \
    env V2M_FREE_RESERVE=100000T v2m-upload talk.mp4
like "$(cat "$ERR")" 'free_reserve' "names the key"
is "$(videos)" "$n" "nothing of these is stored"
is "$(find "$V2M_STATE/store/videos" -type f | wc -l)" "$n" "in no file either"
is "$(sql store "SELECT count(*) FROM record WHERE state = $JOB_NEW")" 0 \
    "nor is there a record"
status 64 "no file" v2m-upload
status 64 "files and a list" v2m-upload --files-from - talk.mp4
status 64 "-q and -b" v2m-upload -q V0 -b 192k talk.mp4
status 64 "a quality that is none" v2m-upload -q V11 talk.mp4
status 64 "a bitrate that is none" v2m-upload -b 1M talk.mp4
status 0 "--no-check" here v2m-upload --no-check mute.mp4
is "$(finish "$(cat "$OUT")")" failed "takes what will fail"
status 74 "stdout that is full" sh -c 'v2m-upload talk.mp4 talk.mp4 > /dev/full'
like "$(cat "$ERR")" 'cannot write to stdout' "in words"
is "$(sql store "SELECT count(*) FROM record WHERE name = 'talk.mp4'")" 4 \
    "ends before more is stored whose ID nobody sees"
status 74 "a closed stdout" sh -c 'v2m-upload talk.mp4 >&-'
status 74 "a closed stdin" sh -c 'v2m-upload - <&-'

# a file that grows while it is read
head -c 40000000 /dev/zero > grow.mp4
background sh -c 'while :; do cat talk.mp4 >> grow.mp4; done'
grower=$tap_pid
grows() {
	[ "$(stat -c %s grow.mp4)" -gt 40000000 ]
}
eventually "a file grows" grows
status 75 "a growing file" v2m-upload --no-check grow.mp4
like "$(cat "$ERR")" 'changed its length while it was read' "is refused"
kill $grower
rm -f grow.mp4

# --skip-existing
v2m-status | v2m-remove - > "$OUT"
first=$(v2m-upload --skip-existing talk.mp4)
is "$(v2m-upload --skip-existing talk.mp4)" "$first" "--skip-existing: the same"
is "$(cp talk.mp4 other.mp4; v2m-upload --skip-existing other.mp4)" "$first" \
    "by content, not by name"
is "$(v2m-upload --skip-existing - < talk.mp4)" "$first" "from stdin too"
is "$(cat talk.mp4 | v2m-upload --skip-existing -)" "$first" "and from a pipe"
is "$(videos)" 1 "stored once"
status 0 "other options" v2m-upload --skip-existing -q V5 talk.mp4
is "$([ "$(cat "$OUT")" != "$first" ]; echo $?)" 0 "are another job"
status 0 "without it" v2m-upload talk.mp4
is "$([ "$(cat "$OUT")" != "$first" ]; echo $?)" 0 "it is stored again"
as bob v2m-upload --skip-existing talk.mp4 > bobs
is "$([ "$(cat bobs)" != "$first" ]; echo $?)" 0 "nobody else's job counts"
v2m-status | v2m-remove - > "$OUT"
status 0 "after a removal" v2m-upload --skip-existing talk.mp4
is "$([ "$(cat "$OUT")" != "$first" ]; echo $?)" 0 "it is stored again"
finish "$(cat "$OUT")" > /dev/null
is "$(v2m-upload --skip-existing talk.mp4)" "$(cat "$OUT")" "a done one counts"
status 0 "one that failed" here v2m-upload --no-check mute.mp4
id=$(cat "$OUT")
finish "$id" > /dev/null
status 0 "does not" here v2m-upload --no-check --skip-existing \
    mute.mp4
is "$([ "$(cat "$OUT")" != "$id" ]; echo $?)" 0 "other options count as another job"
cp talk.mp4 held.mp4
echo >> held.mp4
held=$(v2m-upload --no-queue held.mp4)
is "$(v2m-upload --no-queue --skip-existing held.mp4)" "$held" \
    "a held one counts for a pipe"
queued=$(v2m-upload --skip-existing held.mp4)
is "$([ "$queued" != "$held" ]; echo $?)" 0 "but not for the queue"

done_testing
