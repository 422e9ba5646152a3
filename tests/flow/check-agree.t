#!/bin/sh
# v2m-check: silent when all is well, tells what is not, mends what it can.
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
clip talk.mp4

quiet() {
	status 0 "$1" v2m-check --bytes
	is "$(cat "$OUT")$(cat "$ERR")" "" "$1: not a word"
}

# mended WHAT: --repair says yes to all of it, and then all is well.
mended() {
	status 0 "$1: is mended" v2m-check --repair --yes
	v2m-convert-worker --once 2>> log
	v2m-notify --once 2>> log
	quiet "$1, afterwards"
}

quiet "nothing there"
good=$(v2m-upload talk.mp4)
held=$(v2m-upload --no-queue talk.mp4)
quiet "jobs that wait"
v2m-convert-worker --once
v2m-notify --once
quiet "a job that is done, one that is held"
status 64 "with an operand" v2m-check "$good"
status 64 "--yes alone" v2m-check --yes
status 64 "--repair where nobody can be asked" v2m-check --repair

# --- a message that was lost ---
lost=$(v2m-upload talk.mp4)
sql queue "DELETE FROM message"
sql store "UPDATE record SET queued_at = 1 WHERE id = '$lost'"
status 1 "a lost message" v2m-check
is "$(cat "$OUT")" "$lost	its message is lost	publish its message again" \
    "is told"
is "$(sql queue "SELECT count(*) FROM message")" 0 "and nothing was done"
mended "a lost message"
is "$(state "$lost")" 'done' "the job is done"

# --- an MP3 that is gone ---
mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$good'")
rm "state/store/mp3s/$mp3"
status 1 "an MP3 that is gone" v2m-check --json
like "$(cat "$OUT")" "\"item\":\"$good\",\"what\":\"its MP3 $mp3 is missing\",\"remedy\":\"convert it once more\"" \
    "is told"
mended "an MP3 that is gone"
status 0 "the job has another" v2m-fetch -o again.mp3 "$good"

# --- an MP3 whose bytes changed ---
mp3=$(sql store "SELECT mp3 FROM record WHERE id = '$good'")
chmod u+w "state/store/mp3s/$mp3"
printf 'x' | dd of="state/store/mp3s/$mp3" bs=1 seek=1000 conv=notrunc \
    2> "$ERR"
status 0 "a changed byte" v2m-check
status 1 "is seen with --bytes" v2m-check --bytes
like "$(cat "$OUT")" "^$good	its MP3 is damaged.*	convert it once more$" \
    "and told"
status 0 "is mended" v2m-check --bytes --repair --yes
v2m-convert-worker --once 2>> log
v2m-notify --once 2>> log
quiet "a changed byte, afterwards"

# --- a video that is gone, of a job that is done, and of one that is not ---
rm "state/store/videos/$good"
status 1 "a video that is gone" v2m-check
is "$(cat "$OUT")" "$good	its video is missing	note that its video is gone" \
    "is told"
mended "a video that is gone"
mv "state/store/videos/$held" kept
status 1 "one that is still needed" v2m-check
like "$(cat "$OUT")" "^$held	its video is missing: .*	restore it from a \
backup, or upload the video again" "is told, with what is left to do"
status 1 "and stays so" v2m-check --repair --yes
mv kept "state/store/videos/$held"

# --- at a terminal it asks ---
sql queue "DELETE FROM message"
asked=$(v2m-upload talk.mp4)
sql queue "DELETE FROM message"
sql store "UPDATE record SET queued_at = 1 WHERE id = '$asked'"
echo n | script -qec 'v2m-check --repair' /dev/null > asked
is $? 1 "who says no"
like "$(cat asked)" 'repair 1 of 1\? \[y/N\]' "was asked"
is "$(sql queue "SELECT count(*) FROM message")" 0 "and nothing was done"
echo y | script -qec 'v2m-check --repair' /dev/null > asked
is $? 0 "who says yes"
v2m-convert-worker --once 2>> log
v2m-notify --once 2>> log
quiet "has it mended"

# --- users, queues, what nobody needs ---
v2m-user --quiet remove ann@example.org
status 1 "jobs of a user that is gone" v2m-check
is "$(cat "$OUT")" "ann@example.org	no such user, of 4 jobs	v2m-user add --adopt-jobs gives them to a new account, v2m-user remove --jobs=remove removes them, --jobs=keep lets them be" \
    "are told in one line"
echo secret123 > pw && chmod 600 pw
v2m-user --quiet add --adopt-jobs --password-file pw ann@example.org
sql queue "INSERT INTO message (queue, body) VALUES ('video', 'no job')"
v2m-convert-worker --once 2>> log
status 1 "a message that is no job" v2m-check
like "$(cat "$OUT")" "^video.failed	1 message that is no job	look at them \
with sqlite3, then remove them: see v2m-check\(1\)$" "is told"
sql queue "DELETE FROM message WHERE queue = 'video.failed'"
quiet "removed as the page says"
sql queue "INSERT INTO message (queue, body) VALUES ('v2m.notice', 'none')"
v2m-notify --once 2>> log
status 1 "one among the notices" v2m-check
like "$(cat "$OUT")" "^v2m.notice.failed	1 message that is no job	look" \
    "is told, too"
sql queue "DELETE FROM message"
cp talk.mp4 state/store/videos/5f00000000000000000000ff
sql store "INSERT INTO object (kind, id, length, sha256, name, owner, video,
    fence, created_at) VALUES ('video', '5f00000000000000000000ff',
    $(wc -c < talk.mp4), '$(sha256sum talk.mp4 | cut -d ' ' -f 1)', '', '',
    '', 0, 0)"
status 1 "a video that no job knows" v2m-check
is "$(cat "$OUT")" "5f00000000000000000000ff	video: no record knows it	v2m-prune removes it" \
    "is told"
v2m-prune
quiet "v2m-prune removes it"

done_testing
