#!/bin/sh
# v2m-fetch: where it writes, what it never overwrites, and what it refuses.
#
# slow: 12 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
clip other.mp4 2

# done NAME FILE: an ID whose job is done under that name
job() {
	job_id=$(v2m-upload --no-queue --name "$1" - < "$2") || exit 99
	v2m-convert-worker "$job_id"
}

sum() {
	sha256sum < "$1" | cut -d ' ' -f 1
}

id=$(job talk.mp4 talk.mp4)
want=$(sql store "SELECT mp3_sha256 FROM record WHERE id = '$id'")
mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$id'")

# --- where ---
status 0 "to the current folder" v2m-fetch "$id"
is "$(cat "$OUT")" "talk.mp3" "prints the path"
is "$(sum talk.mp3)" "$want" "the bytes are those that were recorded"
is "$(stat -c %a talk.mp3)" 644 "as umask says"
status 0 "-o FILE" v2m-fetch -o a.mp3 "$id"
is "$(cat "$OUT") $(sum a.mp3)" "a.mp3 $want" "is that file"
mkdir dir
status 0 "-o DIR" v2m-fetch -o dir "$id"
is "$(cat "$OUT") $(sum dir/talk.mp3)" "dir/talk.mp3 $want" "is in that folder"
status 0 "-o DIR/" v2m-fetch -o new/deep/ "$id"
is "$(cat "$OUT") $(sum new/deep/talk.mp3)" "new/deep/talk.mp3 $want" \
    "which is made"
status 0 "-o DIR/FILE" v2m-fetch -o dir/b.mp3 "$id"
is "$(cat "$OUT")" dir/b.mp3 "is that file"
status 0 "-o -" v2m-fetch -o - "$id"
is "$(sum "$OUT")" "$want" "writes the MP3 and nothing else"
status 0 "by the MP3's own ID" v2m-fetch -o - "$mp3"
is "$(sum "$OUT")" "$want" "the same"
status 0 "--json" v2m-fetch --json -o json.mp3 "$id"
python3 -c 'import json,sys; o = json.loads(sys.stdin.read())
assert o["path"] == "json.mp3" and o["id"] == sys.argv[1], o' "$id" < "$OUT"
is $? 0 "is an object"
status 0 "-o /dev/null" v2m-fetch -o /dev/null "$id"
status 0 "with --force" v2m-fetch --force -o /dev/null "$id"
ok "does not replace the device" test -c /dev/null
mkfifo fifo
cat fifo > from-fifo &
reader=$!
status 0 "-o FIFO" v2m-fetch -o fifo "$id"
wait $reader
is "$(sum from-fifo)" "$want" "writes to it"
status 64 "two IDs and a file" v2m-fetch -o x.mp3 "$id" "$id"
status 64 "two IDs and -o -" v2m-fetch -o - "$id" "$id"
status 64 "IDs of stdin and a file" v2m-fetch -o x.mp3 -
echo "$id" > ids
status 64 "no ID, whatever stdin has" v2m-fetch -o unwanted/ < ids
like "$(cat "$ERR")" '^v2m-fetch: no ID given' "says what is wanted"
ok "and makes no folder" test ! -e unwanted
status 64 "no ID, and -o -" v2m-fetch -o - < ids
status 64 "-o - and --json" v2m-fetch --json -o - "$id"
status 64 "an empty path" v2m-fetch -o '' "$id"
status 73 "a folder that is not there" v2m-fetch -o none/x.mp3 "$id"
long=$(printf '%0300d' 0)
status 73 "a name that is too long" v2m-fetch -o "$long" "$id"
is "$(find . -name '000*')" "" "is not cut"

# --- never overwrites ---
printf 'ID3 mine' > a.mp3
status 73 "-o FILE that is there" v2m-fetch -o a.mp3 "$id"
like "$(cat "$ERR")" "^v2m-fetch: $id: 'a.mp3' exists already .--force" \
    "says how"
is "$(cat a.mp3)" "ID3 mine" "and is left alone"
status 0 "--force" v2m-fetch --force -o a.mp3 "$id"
is "$(sum a.mp3)" "$want" "replaces it"
for taken in video.mp4 video.mp3; do
	cp talk.mp4 $taken
	status 73 "--force, $taken" v2m-fetch --force -o $taken "$id"
	is "$(cat "$ERR")" "v2m-fetch: $id: '$taken' exists and is not an MP3:\
 choose another name" "says why"
	ok "the video stays" cmp talk.mp4 $taken
done
mkdir mine && cp talk.mp4 mine/talk.mp3
status 73 "--force, into a folder" v2m-fetch --force -o mine "$id"
is "$(ls mine)" talk.mp3 "it stays as well"
ok "as it is" cmp talk.mp4 mine/talk.mp3
: > empty.mp3
status 0 "--force, an empty file" v2m-fetch --force -o empty.mp3 "$id"
is "$(sum empty.mp3)" "$want" "is replaced"
status 73 "the same MP3 again" v2m-fetch "$id"
is "$(ls talk*.mp3)" talk.mp3 "is not written twice"
printf 'ID3 mine' > talk.mp3
status 0 "a name taken by another file" v2m-fetch "$id"
is "$(cat "$OUT")" "talk.$id.mp3" "becomes NAME.ID.mp3"
is "$(cat talk.mp3)" "ID3 mine" "the other is left alone"
status 73 "that one again" v2m-fetch "$id"
status 0 "--force" v2m-fetch --force "$id"
is "$(cat "$OUT") $(sum talk.mp3)" "talk.mp3 $want" "takes the name"
rm -f ./*.mp3
second=$(job talk.mp4 other.mp4)
third=$(job talk.mp4 talk.mp4)
status 0 "three of one name" v2m-fetch "$id" "$second" "$third"
is "$(cat "$OUT")" "talk.mp3
talk.$second.mp3
talk.$third.mp3" "are three files"
status 0 "with --force" v2m-fetch --force "$id" "$second" "$third"
is "$(cat "$OUT")" "talk.mp3
talk.$second.mp3
talk.$third.mp3" "too"
ln -s nowhere link.mp3
status 73 "a dangling symbolic link" v2m-fetch -o link.mp3 "$id"
ok "is not followed" test ! -e nowhere
mkdir folder.mp3
folder=$(job folder.mp4 talk.mp4)
status 0 "a folder of that name" v2m-fetch "$folder"
is "$(cat "$OUT")" "folder.$folder.mp3" "is another file"

# --- hostile names ---
mkdir hostile
n=0
for name in "$(printf 'new\nline.mp4')" '-rf.mp4' '../../up.mp4' '.hidden.mp4' \
    '/etc/passwd' '..' '.' ' ' 'a/b/c' "$(printf '\033[31mred.mp4')" \
    "$(printf '%0300d' 0).mp4" "$(printf 'bad\377utf8.mp4')" \
    "$(python3 -c 'print("x" * 246 + "\u00fc\u00fc\u00fc\u00fc.mp4")')"; do
	bad=$(job "$name" talk.mp4)
	v2m-fetch -o hostile "$bad" > "$OUT" 2> "$ERR" && n=$((n + 1))
done
is $n 13 "files of hostile names are fetched"
is "$(find hostile -type f | wc -l)" 13 "into the folder, each"
is "$(find . -newer hostile -type f -not -path './hostile/*' -name '*.mp3' |
    wc -l)" 0 "and nowhere else"
is "$(find hostile -name '-*' -o -name '.*' -type f | wc -l)" 0 \
    "none begins with - or ."
python3 - <<'END2'
import os, sys
for name in os.listdir(b'hostile'):
    text = name.decode('utf-8')
    assert len(name) <= 255 and text.endswith('.mp3'), name
    assert all(ord(c) >= 32 and ord(c) != 127 for c in text), name
END2
is $? 0 "all are UTF-8 of at most 255 bytes without control characters"

# --- damage ---
rm -f talk*.mp3
python3 - "$V2M_STATE/store/mp3s/$mp3" <<'END2'
import sys
with open(sys.argv[1], 'r+b') as f:
    f.seek(3000)
    b = f.read(1)
    f.seek(3000)
    f.write(bytes([b[0] ^ 1]))
END2
status 74 "one bit of the stored MP3 flipped" v2m-fetch "$id"
like "$(cat "$ERR")" "^v2m-fetch: $id: the stored MP3 is damaged.*SHA-256" \
    "says so"
is "$(ls -A talk* .v2m* 2> /dev/null)" "talk.mp4" "and nothing is written"
status 74 "to stdout" v2m-fetch -o - "$id"
truncate -s 3000 "$V2M_STATE/store/mp3s/$mp3"
status 74 "cut short" v2m-fetch "$id"
rm "$V2M_STATE/store/mp3s/$mp3"
status 74 "its file lost" v2m-fetch "$id"
is "$(ls -A talk* 2> /dev/null)" "talk.mp4" "nothing is written"
status 0 "the others" v2m-fetch -o saved "$second"

# --- who ---
status 66 "another user's ID" as bob v2m-fetch "$second"
as bob v2m-fetch "$second" 2> his
as bob v2m-fetch 0123456789abcdef01234567 2> unknown
is "$(sed "s/$second/ID/" his)" \
    "$(sed 's/0123456789abcdef01234567/ID/' unknown)" \
    "is answered like one that nobody knows"
other=$(sql store "SELECT mp3 FROM record WHERE id = '$second'")
status 66 "nor by its MP3's" as bob v2m-fetch "$other"
status 0 "an administrator" as root v2m-fetch -o admin.mp3 "$second"
status 77 "without a login" env HOME="$TMP/x" XDG_STATE_HOME="$TMP/x" \
    v2m-fetch "$second"
status 66 "no ID" v2m-fetch 'talk.mp4'
like "$(cat "$ERR")" 'not an ID .24 hexadecimal digits' "says what one is"
v2m-remove "$second" > "$OUT"
status 66 "a removed one" v2m-fetch "$second"

# --- when ---
queued=$(v2m-upload talk.mp4)
status 75 "not converted yet" v2m-fetch "$queued"
like "$(cat "$ERR")" 'not converted yet .queued' "says so"
status 75 "--wait with an end" v2m-fetch --wait=300ms "$queued"
like "$(cat "$ERR")" 'still not converted' "says so"
status 64 "--wait with nonsense" v2m-fetch --wait=soon "$queued"
background sh -c 'sleep 0.7; exec v2m-convert-worker --once'
status 0 "--wait" v2m-fetch --wait -o waited.mp3 "$queued"
is "$(sum waited.mp3)" "$want" "waits for it"
v2m-notify --once
is_noted() {
	v2m-status --json "$queued" | grep -Eq '"fetched": ?"'
}
eventually "and is noted as fetched" is_noted
echo 'dear diary' > text.mp4
bad=$(here v2m-upload --no-check text.mp4)
background sh -c 'sleep 0.7; exec v2m-convert-worker --once' 2> "$ERR.w"
status 1 "--wait for one that fails" v2m-fetch --wait "$bad"
like "$(cat "$ERR")" "^v2m-fetch: $bad: the conversion failed: " "says why"
status 1 "several kinds of failure" v2m-fetch "$bad" 0123456789abcdef01234567
queued=$(v2m-upload talk.mp4)
background v2m-fetch --wait "$queued" 2> "$ERR.w"
sleep 0.4
kill -TERM $tap_pid
wait $tap_pid 2> "$ERR"
is $? 143 "a signal ends a wait"

done_testing
