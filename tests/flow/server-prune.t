#!/bin/sh
# v2m-prune and v2m-requeue on MongoDB: chunks of uploads that died, other
# programs' files, and the retention times.
# slow: starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
mongodb_start
V2M_STORE=$MONGODB
export V2M_STORE
setup
clip talk.mp4

cat > play.py <<'END'
"""play.py URL COMMAND ...: what the test does to the store"""
import sys
from datetime import datetime, timedelta

import bson
import pymongo

client = pymongo.MongoClient(sys.argv[1])
command, args = sys.argv[2], sys.argv[3:]


def oid(days):
    return bson.ObjectId.from_datetime(
        datetime.utcnow() - timedelta(days=float(days))).binary[:4] + \
        bson.ObjectId().binary[4:]


if command == "chunks":		# chunks DB DAYS...: one for each age: the ID
    file = bson.ObjectId()
    for n, days in enumerate(args[1:]):
        client[args[0]].fs.chunks.insert_one(
            {"_id": bson.ObjectId(oid(days)), "files_id": file, "n": n,
             "data": b"x" * 100})
    print(file)
elif command == "count":	# count DB ID: its chunks
    print(client[args[0]].fs.chunks.count_documents(
        {"files_id": bson.ObjectId(args[1])}))
elif command == "odd":		# odd DB: a chunk of a strange file
    client[args[0]].fs.chunks.insert_one(
        {"files_id": "strange", "n": 0, "data": b"x"})
elif command == "age":		# age ID DAYS: all that happened to this job
    days = int(args[1])
    ms = days * 86400000
    jobs = client.videos["v2m.jobs"]
    job = jobs.find_one({"_id": bson.ObjectId(args[0])})
    jobs.update_one({"_id": job["_id"]}, {"$set": {
        k: job[k] - ms for k in ("created_at", "queued_at", "done_at",
                                 "fetched_at") if job.get(k)}})
END

play() {
	"$mongodb_python" play.py "$MONGODB" "$@"
}

quiet() {
	status 0 "$1" v2m-prune
	is "$(cat "$OUT")$(grep -v FerretDB "$ERR")" "" "$1: not a word"
}

# --- chunks without a file ---
dead=$(play chunks videos 3 2.5 2)
live=$(play chunks videos 3 2 0.5)
mp3=$(play chunks mp3s 9)
play odd videos
id=$(v2m-upload talk.mp4)
status 0 "--dry-run" v2m-prune --dry-run
is "$(cut -f 1,2 "$OUT" | sort)" "$(printf '%s\tfile\n' \
    "mp3s.fs.chunks/$mp3" "videos.fs.chunks/$dead")" "shows what died"
is "$(play count videos "$dead")" 3 "and leaves it"
quiet "chunks"
is "$(play count videos "$dead") $(play count mp3s "$mp3")" "0 0" \
    "of uploads that died are gone"
is "$(play count videos "$live")" 3 "those of a slow one stay, all of them"
ok "and those of files" test "$(play count videos "$id")" -ge 1

# --- what the MongoDB library keeps in shared memory ---
like_a_killed_one() {
	sh -c 'echo /dev/shm/mongoc-$$ > shm; : > /dev/shm/mongoc-$$
	    exec v2m-prune'
}
like_a_killed_one > "$OUT" 2> "$ERR"
is "$(cat "$OUT")$(grep -v FerretDB "$ERR")" "" \
    "a killed process of the same number: not a word"
xargs rm -f < shm

# --- jobs ---
is "$(v2m-convert-worker --once 2>> log; state "$id")" done "a job"
v2m-notify --once 2>> log
status 0 "once more" v2m-requeue --again "$id"
is "$(v2m-convert-worker --once 2>> log; state "$id")" done "is done again"
is "$(theirs files mp3s)" 1 "and has one MP3"
v2m-notify --once 2>> log
is "$(notices "$id")" 2 "of which the owner was told"
play age "$id" 10
V2M_KEEP_VIDEOS=5d quiet "keep_videos"
is "$(theirs files videos) $(theirs files mp3s)" "0 1" "the video is gone"
is "$(play count videos "$id")" 0 "with its chunks"
V2M_KEEP_UNFETCHED=5d quiet "keep_unfetched"
is "$(theirs files mp3s) $(state "$id")" "0 expired" "and the MP3"

# --- a foreign gateway's ---
theirs put videos talk.mp4 > theirs.id
V2M_KEEP_VIDEOS=1h status 0 "--foreign" v2m-prune --foreign
is "$(theirs files videos)" 1 "what is young may still have a message"

# --- a foreign video that is not whole: no job for ever ---
turn() {
	sql queue "UPDATE message SET due_ms = 0"
	v2m-convert-worker --once 2>> log
	sleep 1		# longer than the pauses
}
message() {
	sql queue "INSERT INTO message (queue, body) VALUES ('video',
	    '{\"video_fid\": \"$1\", \"mp3_fid\": null,
	    \"username\": \"ann@example.org\"}')"
}
holed=$(theirs put videos talk.mp4)
theirs drop videos "$holed" 0
message "$holed"
senseless=$(theirs put videos talk.mp4)
theirs set videos "$senseless" length -5
message "$senseless"
turn; turn; turn
is "$(state "$holed")" failed "one without a chunk fails"
v2m-notify --once 2>> log
is "$(notices "$holed")" 1 "and its owner is told"
is "$(sql queue "SELECT queue FROM message")" video.failed \
    "one of a senseless length is no job"

# --- the server goes away ---
mongodb_stop
status 75 "a server that is away" v2m-prune
mongodb_start
quiet "when it is back"

done_testing
