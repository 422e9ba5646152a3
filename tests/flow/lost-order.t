#!/bin/sh
# A message that is lost is missed while the queue is full of others, and no
# other is published: 10,000 queued jobs, and one of each kind that looks lost.
#
# slow: 4 min
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
setup
V2M_FREE_RESERVE=0
clip talk.mp4
many=10000

# Everything that is published from here on, with the depth it makes.
sql queue "CREATE TABLE log (queue, body, depth)"
sql queue "CREATE TRIGGER log_all AFTER INSERT ON message BEGIN
    INSERT INTO log SELECT NEW.queue, NEW.body,
	(SELECT count(*) FROM message WHERE queue = NEW.queue); END"

# published ID: how many messages there were for a job since the start
published() {
	sql queue "SELECT count(*) FROM log WHERE queue = 'video' AND
	    body LIKE '%$1%'"
}

# --- one of each kind, two hours old ---
taken=$(v2m-upload talk.mp4)
V2M_FAULT=kill:claimed v2m-convert-worker --once 2> "$ERR"
is "$(state "$taken")" converting "a worker died"
paused=$(v2m-upload talk.mp4)
V2M_RETRY_PAUSE=90s V2M_FAULT=fail:encoded v2m-convert-worker --once 2> "$ERR"
finish "$taken" > "$OUT"
is "$(state "$taken") $(state "$paused")" "done queued" \
    "its job is taken over; another pauses"
byhand=$(v2m-upload talk.mp4)
named=$(v2m-upload talk.mp4)
lost=$(v2m-upload talk.mp4)
sql store "UPDATE record SET queued_at = queued_at - 7200000
    WHERE id IN ('$byhand', '$named', '$lost')"
sql queue "UPDATE message SET published_ms = published_ms - 7200000"
sql queue "DELETE FROM message WHERE body LIKE '%$lost%'"
sql queue "DELETE FROM log"
# What was taken so far was two hours ago, too.
sql store "DELETE FROM note WHERE kind = 'taken'"

# --- 10,000 behind them, of the last two hours; their videos are gone, so that
# each takes a moment ---
python3 - "$V2M_STATE" $many "$(date +%s)" "$byhand" <<'END'
import sqlite3, sys
state, n, now, like = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), \
    sys.argv[4]
store = sqlite3.connect(state + "/store/index.db", timeout=20)
queue = sqlite3.connect(state + "/v2m.db", timeout=20)
names = [r[1] for r in store.execute("PRAGMA table_info(record)")]
row = dict(zip(names, store.execute("SELECT * FROM record WHERE id = ?",
    (like,)).fetchone()))
records, messages = [], []
for i in range(n):
    job = "%024x" % (i + 1)
    at = (now - 7200) * 1000 + i * 7200000 // n
    records.append(tuple(dict(row, id=job, queued_at=at).values()))
    messages.append(("video", '{"video_fid":"%s","mp3_fid":null,'
        '"username":"ann@example.org"}' % job, at))
store.executemany("INSERT INTO record (%s) VALUES (%s)" % (",".join(names),
    ",".join("?" * len(names))), records)
queue.executemany("INSERT INTO message (queue, body, published_ms) "
    "VALUES (?, ?, ?)", messages)
queue.execute("DELETE FROM log")
store.commit()
queue.commit()
END
depth() {
	sql queue "SELECT count(*) FROM message WHERE queue = 'video'"
}
full=$(depth)
ok "the queue is full" [ "$full" -ge $many ]

status 0 "one is requeued by hand" v2m-requeue "$byhand"
status 0 "one is named to a worker" v2m-convert-worker "$named"
[ "$(published "$byhand")" = 1 ] || sql queue "SELECT * FROM log" | tap_show log
is "$(published "$byhand") $(published "$named")" "1 0" \
    "which is one message more"
V2M_LEASE=20s v2m-convert-worker -j 4 2> log &
worker=$!
empty() {
	[ "$(depth)" -lt 20 ]
}
found() {
	[ "$(published "$lost")" -gt 0 ]
}
ok "the lost one is missed" soon found
ok "while there are many others" \
    [ "$(sql queue "SELECT depth FROM log WHERE queue = 'video' AND
	body LIKE '%$lost%'")" -gt 1000 ]
ok "the queue is worked off" soon empty
eventually "the lost one is done" is_state 'done' "$lost"
eventually "so is the one requeued" is_state 'done' "$byhand"
ok "and the one that paused" soon is_state 'done' "$paused"
kill "$worker"
wait "$worker"
is "$(sql queue "SELECT count(*) FROM log WHERE queue = 'video'")" 2 \
    "of 10,005 jobs two were published again"
ok "the queue never held ten more" [ "$(sql queue "SELECT max(depth) FROM log
    WHERE queue = 'video'")" -le $((many + 10)) ]
sql queue "SELECT body, depth FROM log WHERE queue = 'video'" |
    tap_show log

done_testing
