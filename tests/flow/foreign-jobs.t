#!/bin/sh
# Jobs that existing deployments' services began or finished: a video without
# a record, an MP3 of a foreign converter.

#
# slow: 8 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup

message() {
	sql queue "INSERT INTO message (queue, body) VALUES ('$1', '$2')"
}

# What their programs leave: the bytes, and no word about them.
object() {
	cp "$3" "$V2M_STATE/store/$1s/$2"
	sql store "INSERT INTO object (kind, id, length, sha256, name, owner,
	    video, fence, created_at) VALUES ('$1', '$2',
	    $(wc -c < "$3"), '', '', '', '', 0, 0)"
}

clip talk.mp4
v2m-convert --quiet talk.mp4 theirs.mp3

# Their gateway stores a video and publishes; our worker and notifier go on.
id=5f00000000000000000000a1
object video $id talk.mp4
message video '{"video_fid": "5f00000000000000000000a1", "mp3_fid": null,
    "username": " Ann@Example.ORG", "extra": [1, 2]}'
status 0 "a worker takes a video without a record" v2m-convert-worker --once
is "$(state $id)" done "it is converted, and its owner's"
mp3=$(v2m-status --json $id | sed 's/.*"mp3":"\([^"]*\)".*/\1/')
is "$(sql queue "SELECT json_extract(body, '\$.extra[1]') FROM message
    WHERE queue = 'mp3'")" 2 "a member that nobody knows goes on"
is "$(sql queue "SELECT json_extract(body, '\$.mp3_fid') FROM message
    WHERE queue = 'mp3'")" "$mp3" "the message names the MP3"
status 0 "a notifier tells of it" v2m-notify --once
is "$(notices $id)" 1 "the owner is told once"
status 0 "the owner fetches it" v2m-fetch -o mine.mp3 $id
status 66 "nobody else does" as bob v2m-fetch $id

# Their converter takes our upload and publishes its MP3; we tell and fetch.
status 0 "an upload" v2m-upload talk.mp4
id=$(cat "$OUT")
sql queue "DELETE FROM message"
object mp3 5f00000000000000000000b2 theirs.mp3
message mp3 '{"video_fid": "'"$id"'", "mp3_fid": "5f00000000000000000000b2",
    "username": "ann@example.org"}'
status 0 "a notifier hears of a foreign MP3" v2m-notify --once
is "$(state "$id")" done "the job is done with it"
is "$(notices "$id")" 1 "its owner was told"
status 0 "it is fetched by the job's ID" v2m-fetch -o one.mp3 "$id"
ok "the MP3 is theirs, whole" cmp -s one.mp3 theirs.mp3
status 0 "and by its own" v2m-fetch -o two.mp3 5f00000000000000000000b2

# Neither video nor MP3 has a record of ours.
object mp3 5f00000000000000000000c3 theirs.mp3
message mp3 '{"video_fid": "5f00000000000000000000c1",
    "mp3_fid": "5f00000000000000000000c3", "username": "ann@example.org"}'
status 0 "a notifier hears of a job that is all theirs" v2m-notify --once
is "$(notices 5f00000000000000000000c1)" 1 "its owner was told"
status 0 "and can fetch it" v2m-fetch -o three.mp3 5f00000000000000000000c3

# A message does not take a job away from its record's owner.
message video '{"video_fid": "'"$id"'", "mp3_fid": null,
    "username": "bob@example.org"}'
status 0 "a message with another owner" v2m-convert-worker --once
status 66 "opens nothing to him" as bob v2m-fetch "$id"

# An MP3 of which nobody knows the owner.
object mp3 5f00000000000000000000d3 theirs.mp3
status 77 "an MP3 that is nobody's" v2m-fetch 5f00000000000000000000d3
like "$(cat "$ERR")" "foreign_files" "the refusal names the key"
status 0 "such as existing gateways hand out" env V2M_FOREIGN_FILES=any-user \
    v2m-fetch -o four.mp3 5f00000000000000000000d3
ok "the MP3 is theirs, whole" cmp -s four.mp3 theirs.mp3
echo secret123 > pw && chmod 600 pw
v2m-user --quiet add --admin --password-file pw root@example.org
status 0 "an administrator may" as root v2m-fetch -o five.mp3 \
    5f00000000000000000000d3
V2M_FOREIGN_FILES=any-user
export V2M_FOREIGN_FILES
status 66 "one that has an owner stays his" as bob v2m-fetch \
    5f00000000000000000000b2
unset V2M_FOREIGN_FILES

# Once more, and now by ours.
before=$(mp3s)
status 0 "it is requeued" v2m-requeue --again "$id"
v2m-convert-worker --once 2>> log
v2m-notify --once 2>> log
is "$(state "$id") $(mp3s)" "done $before" "our MP3 takes the place of theirs"
status 66 "which is gone" v2m-fetch 5f00000000000000000000b2

done_testing
