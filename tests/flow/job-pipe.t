#!/bin/sh
# The flow without a queue: IDs through pipes, in order, with what fails on
# stderr and the rest going on.
# slow: leases run out
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4
clip b.mp4
clip c.mp4
echo 'dear diary' > text.mp4

messages() {
	sql queue "SELECT count(*) FROM message"
}

# --- the line of the README ---
mkdir clips
cp talk.mp4 'clips/holiday film.mp4'
cp b.mp4 c.mp4 clips
status 0 "upload | convert | notify | fetch" sh -c \
    'v2m-upload --no-queue clips/*.mp4 | v2m-convert-worker - |
    v2m-notify - | v2m-fetch -o out/ -'
is "$(cat "$OUT")" "out/b.mp3
out/c.mp3
out/holiday film.mp3" "the paths, in order"
is "$(cat "$ERR")" "" "and not a word on stderr"
is "$(cat notices | wc -l)" 3 "three notices"
is "$(messages)" 0 "no queue was used"

# --- find -print0, --files-from, --wait ---
mkdir -p in/deep
cp talk.mp4 'in/a b.mov'
cp b.mp4 in/deep/c.mov
find in -name '*.mov' -print0 | v2m-upload -0 --files-from - > ids
background v2m-convert-worker 2> log
worker=$tap_pid
mkdir waited
status 0 "--wait -" sh -c 'cd waited && v2m-fetch --wait - < ../ids'
is "$(sort "$OUT")" "a b.mp3
c.mp3" "both are there"
kill $worker
wait $worker
v2m-notify --once

# --- failures ---
{
	v2m-upload --no-queue talk.mp4
	here v2m-upload --no-queue --no-check text.mp4
	v2m-upload --no-queue b.mp4
} > ids
first=$(sed -n 1p ids) bad=$(sed -n 2p ids) third=$(sed -n 3p ids)
status 65 "one of three fails" v2m-convert-worker - < ids
is "$(cat "$OUT")" "$first
$third" "the others go on, in order"
is "$(wc -l < "$ERR")" 1 "one line on stderr"
like "$(cat "$ERR")" "^v2m-convert-worker: $bad: " "which names the ID"
status 0 "the same again" v2m-convert-worker "$first" "$third"
is "$(cat "$OUT")" "$first
$third" "done before is done"
is "$(sql store "SELECT sum(fence) FROM record WHERE id IN ('$first', '$third')")" 2 \
    "and not made again"
unknown=0123456789abcdef01234567
status 66 "an ID that is not known" v2m-convert-worker $unknown
status 66 "one that is none" v2m-convert-worker 'drop table'
like "$(cat "$ERR")" 'not an ID .24 hexadecimal digits' "says what one is"
status 66 "upper case" v2m-convert-worker ABCDEFABCDEFABCDEFABCDEF
status 1 "failures of several kinds" v2m-convert-worker "$bad" $unknown "$first"
is "$(cat "$OUT")" "$first" "and one that is done"
status 66 "to be told" v2m-notify $unknown "$first"
is "$(cat "$OUT")" "$first" "the other is"
held=$(v2m-upload --no-queue talk.mp4)
status 75 "to be told before there is anything to tell" v2m-notify "$held"
like "$(cat "$ERR")" "^v2m-notify: $held: it is held" "says so"

# --- input ---
printf '%s\tdone\tand more\n\n%s' "$first" "$third" > tabs
status 0 "lines with fields behind the ID, and without an end" \
    v2m-convert-worker - < tabs
is "$(cat "$OUT")" "$first
$third" "are taken up to the tab"
printf '%s\0%s\0' "$first" "$third" > nuls
status 0 "-0" v2m-convert-worker -0 - < nuls
is "$(wc -l < "$OUT")" 2 "two lines"
status 0 "v2m-status feeds it too" sh -c 'v2m-status '"$first"' |
    v2m-convert-worker -'
is "$(cat "$OUT")" "$first" "by its first field"
status 64 "--once goes without IDs" v2m-convert-worker --once "$first"
status 64 "so it does for notices" v2m-notify --once -
status 0 "no IDs at all" v2m-convert-worker - < /dev/null
status 0 "operands around stdin" sh -c \
    "echo $third | v2m-convert-worker $first - $first"
is "$(cat "$OUT")" "$first
$third
$first" "in their order"
status 0 "--json keeps the IDs" v2m-convert-worker --json "$first"
status 65 "--json tells failures too" v2m-convert-worker --json "$bad"
python3 -c 'import json,sys; o = json.loads(sys.stdin.read())
assert o["status"] == 65 and o["item"] == sys.argv[1], o' "$bad" < "$OUT"
is "$?" 0 "as an object"

# --- the first goes on before the last arrives, with -j 2 as well ---
for j in 1 2; do
	rm -f in.fifo out.log
	mkfifo in.fifo
	id=$(v2m-upload --no-queue talk.mp4)
	background sh -c "exec v2m-convert-worker -j $j - < in.fifo > out.log"
	worker=$tap_pid
	exec 3> in.fifo
	echo "$id" >&3
	eventually "-j $j: printed while stdin is open" grep -q "$id" out.log
	exec 3>&-
	wait $worker
	is $? 0 "-j $j: ends with it"
done
for i in 1 2 3 4 5 6; do
	v2m-upload --no-queue talk.mp4
done > six
status 0 "six with -j 4" v2m-convert-worker -j 4 - < six
is "$(sort "$OUT")" "$(sort six)" "all are done"

# --- held jobs are nobody's but a pipe's ---
held=$(v2m-upload --no-queue talk.mp4)
sleep 1.1
v2m-convert-worker --once
sql queue "INSERT INTO message (queue, body) VALUES ('video',
    '{\"video_fid\":\"$held\",\"mp3_fid\":null,\"username\":\"ann@example.org\"}')"
v2m-convert-worker --once
is "$(state "$held") $(messages)" "held 0" "neither a sweep nor a message moves it"
V2M_FAULT=kill:encoded v2m-convert-worker "$held" > "$OUT" 2> "$ERR"
sleep 1.1
v2m-convert-worker --once
is "$(state "$held") $(messages)" "converting 0" "killed in a pipe: nor that"
status 0 "named again" v2m-convert-worker "$held"
is "$(state "$held")" 'done' "it is done"
sleep 1.1
v2m-convert-worker --once
is "$(messages)" 0 "and no sweep announces it"
# somebody else is at it: the name is wanted on stdout, so wait
held=$(v2m-upload --no-queue talk.mp4)
background env V2M_LEASE=1min V2M_FAULT=stop:encoded \
    v2m-convert-worker "$held" > other
other=$tap_pid
# However long it takes to come there.
stands() {
	grep -q '^State:.T' /proc/$other/status
}
eventually "another has it, and stands still" stands
is "$(state "$held")" converting "in the middle of it"
(sleep 0.5; kill -CONT $other) &
status 0 "a job that another has" env V2M_LEASE=1min v2m-convert-worker "$held"
is "$(cat "$OUT")" "$held" "is waited for"
wait $other
is "$(cat other)" "$held" "and both print it"
is "$(sql store "SELECT count(*) FROM object WHERE kind = 'mp3' AND
    video = '$held'")" 1 "there is one MP3"

# --- a queued job by name is announced all the same ---
id=$(v2m-upload talk.mp4)
v2m-convert-worker "$id" > "$OUT"
is "$(finish "$id") $(notices "$id")" "done 1" "a queued job by name: told once"

# --- broken pipes and full disks ---
cat > broken.sh <<'END2'
exec 2> broken.err
{ v2m-convert-worker - < six; echo $? > broken.status; } | head -n 1
END2
status 0 "| head -n 1" sh broken.sh
is "$(cat broken.err)" "" "is no error message"
cat > broken2.sh <<'END2'
exec 2> broken.err
{ while /bin/echo; do sleep 0.1; done 2> gone
v2m-status; v2m-status --json; v2m-fetch -o - $1
echo $? > broken.status; } | :
END2
status 0 "a reader that has gone" sh broken2.sh "$first"
is "$(cat broken.err)" "" "is none either"
like "$(cat broken.status)" '^74$' "but an MP3 that was not written is 74"
status 74 "IDs to a full disk" sh -c "v2m-convert-worker $first > /dev/full"
status 74 "a list to a full disk" sh -c 'v2m-status > /dev/full'
status 74 "an MP3 to a full disk" sh -c "v2m-fetch -o - $first > /dev/full"
is "$(wc -l < "$ERR")" 1 "one line says so"

done_testing
