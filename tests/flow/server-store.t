#!/bin/sh
# The store on MongoDB: a real server, its bad days, and other programs' files.
# slow: 240 s, starts a server
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
mongodb_start
echo "# on $MONGODB_KIND"
V2M_STORE=$MONGODB
export V2M_STORE
n=0

# bytes WHAT KIND ID LENGTH: store_bytes.c
[ -x "$V2M_BIN/../tests/store_bytes" ] ||
    give_up "make units first"

bytes() {
	"$V2M_BIN/../tests/store_bytes" "$@"
}

# A new ID, in $id.
new_id() {
	n=$((n + 1))
	id=$(printf '5f%022x' $n)
}

# within SECONDS CMD...
within() {
	within_end=$(($(date +%s) + $1))
	shift
	"$@"
	within_status=$?
	[ "$(date +%s)" -le $within_end ] || return 98
	return $within_status
}

# --- the server keeps its word, on which all else relies ---
is "$(theirs race 4 200)" "$(printf '200\n200')" \
    "of 4 clients at 200 documents one wins each, by update and by modify"

# --- the suite ---
"$V2M_BIN/../tests/records_suite" "$MONGODB" > suite 2>&1
is "$?" 0 "the suite of records passes" || tap_show suite < suite
"$V2M_BIN/../tests/objects_suite" "$MONGODB" > suite 2>&1
is "$?" 0 "the suite of objects passes" || tap_show suite < suite
"$V2M_BIN/../tests/objects_suite" "$MONGODB" "dir:$TMP/objects" > suite 2>&1
is "$?" 0 "and with the bytes in a folder" || tap_show suite < suite
"$V2M_BIN/../tests/upload_stream" "$MONGODB" > suite 2>&1
is "$?" 0 "uploads are received" || tap_show suite < suite
theirs clean

# --- GridFS as others write it ---
for chunk in 261120 1000 65536 4194304 1; do
	length=3000000
	[ $chunk -gt 1000 ] || length=$((30 * chunk))
	id=$(theirs pattern videos $length $chunk)
	for how in read ranges seek; do
		status 0 "theirs, in chunks of $chunk: $how" \
		    bytes $how video "$id" $length
	done
done
id=$(theirs pattern videos 0 261120)
status 0 "an empty file" bytes read video "$id" 0
theirs add videos "$id" 0 0
status 0 "one with an empty chunk" bytes read video "$id" 0

theirs clean

# spoiled WHAT CMD...: a file that theirs CMD has damaged is an error.
spoiled() {
	what=$1
	shift
	id=$(theirs pattern videos 100000 10000)
	cmd=$1 db=$2
	shift 2
	theirs "$cmd" "$db" "$id" "$@"
	status 74 "$what is an error" bytes read video "$id" -
	like "$(cat "$ERR")" "the video $id is damaged" "which is named"
}

spoiled "a missing chunk" drop videos 3
spoiled "a missing last chunk" drop videos 9
spoiled "a surplus chunk" add videos 10 5
spoiled "a chunk that is too short" cut videos 4
spoiled "a negative length" set videos length -5
spoiled "a length beyond the chunks" set videos length 100001
spoiled "a length before their end" set videos length 90000
spoiled "no length" set videos length None
spoiled "chunkSize 0" set videos chunkSize 0
spoiled "a huge chunkSize" set videos chunkSize 2147483648
spoiled "chunkSize in words" set videos chunkSize '"many"'
id=$(theirs pattern videos 100000 10000)
theirs set videos "$id" length 100000.0
theirs set videos "$id" chunkSize 10000.0
status 0 "numbers of another kind are numbers" bytes read video "$id" 100000
theirs set videos "$id" metadata '"nonsense"'
status 0 "metadata of another kind are none" bytes read video "$id" 100000
status 66 "what is not there is not there" \
    bytes read video 5f0000000000000000ffffff 1

# --- GridFS as we write it ---
for chunk in 255k 1k 15M; do
	new_id
	status 0 "ours, in chunks of $chunk" env V2M_CHUNK_SIZE=$chunk \
	    "$V2M_BIN/../tests/store_bytes" put mp3 "$id" 3000000
	theirs get mp3s "$id" > got
	is "$(python3 -c 'import sys
print(sys.stdin.buffer.read() == (bytes(range(251)) * 11953)[:3000000])' \
	    < got)" True "they read what we wrote"
done
like "$(theirs file mp3s "$id")" "'filename': 'bytes.bin'" "with its name"
like "$(theirs file mp3s "$id")" "'uploadDate': datetime" "and date"
for size in 999 16M; do
	status 78 "chunk_size = $size is refused" env V2M_CHUNK_SIZE=$size \
	    v2m-init
done
theirs clean

# --- the flow, with a foreign gateway and a foreign reader ---
setup
clip talk.mp4 3
status 0 "an upload" v2m-upload talk.mp4
id=$(cat "$OUT")
is "$(theirs chunks videos "$id")" 1 "is in GridFS"
theirs get videos "$id" > got
ok "byte by byte" cmp -s got talk.mp4
status 0 "a worker" v2m-convert-worker --once
is "$(state "$id")" done "converts it"
status 0 "a notifier" v2m-notify --once
is "$(notices "$id")" 1 "tells of it"
status 0 "it is fetched" v2m-fetch -o out.mp3 "$id"
mp3=$(theirs record "$id" mp3)
theirs get mp3s "$mp3" > got
ok "and their gateway delivers the same" cmp -s got out.mp3
like "$(theirs file mp3s "$mp3")" "'video': '$id'" \
    "the MP3 says which video it is of"
id=$(theirs put videos talk.mp4 10000)
python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO message (queue, body) VALUES (?, ?)", ("video",
    "{\"video_fid\": \"%s\", \"mp3_fid\": null, \"username\": \"%s\"}"
    % (sys.argv[2], "ann@example.org")))
db.commit()' "$V2M_STATE/v2m.db" "$id"
status 0 "a worker takes a video of a foreign gateway" v2m-convert-worker --once
status 0 "its owner fetches the MP3" v2m-fetch -o two.mp3 "$id"
ok "the same" cmp -s out.mp3 two.mp3
status 0 "and removes the job" v2m-remove "$id"
is "$(theirs chunks videos "$id")" 0 "with all its chunks"

# --- the server is away ---
theirs clean
new_id
mongodb_stop
status 75 "a server that is down is temporary trouble" within 60 v2m-status
like "$(cat "$ERR")" "127.0.0.1:$MONGODB_PORT does not answer" \
    "and the message names it"
status 75 "for an upload too" within 60 v2m-upload talk.mp4
(sleep 2; : > "$TMP/up") &
mongodb_later() {
	while ! [ -e "$TMP/up" ]; do sleep 0.1; done
	mongodb_start
}
"$V2M_BIN/../tests/store_bytes" put video "$id" 3000000 > "$OUT" 2> "$ERR" &
waiting=$!
mongodb_later
wait $waiting
is "$?" 0 "who waits for one that comes up soon gets on" || tap_show err < "$ERR"
status 0 "all of it is there" bytes read video "$id" 3000000

new_id
"$V2M_BIN/../tests/store_bytes" put video "$id" 40000000 > out.put 2> err.put &
waiting=$!
sleep 0.7
mongodb_stop
mongodb_start
wait $waiting
is "$?" 0 "a server that dies and returns during an upload" ||
    tap_show err < err.put
status 0 "loses nothing" bytes read video "$id" 40000000
is "$(theirs chunks videos "$id")" 154 "and doubles nothing"

# --- the server freezes ---
theirs clean
short='socketTimeoutMS=1500&connectTimeoutMS=1000&serverSelectionTimeoutMS=2000'
new_id
V2M_STORE="$MONGODB?$short" "$V2M_BIN/../tests/store_bytes" put video "$id" \
    200000000 > out.put 2> err.put &
waiting=$!
sleep 0.7
mongodb_freeze
within 60 wait $waiting
is "$?" 75 "a server that freezes during an upload is temporary trouble"
status 75 "at the begin of one, too" env "V2M_STORE=$MONGODB?$short" \
    "$V2M_BIN/../tests/store_bytes" put video "$id" 200
mongodb_thaw
status 66 "nothing half is there afterwards" bytes read video "$id" 200000000

# --- the network is cut ---
theirs clean
new_id
relay_start 6000000
status 0 "an upload that is cut off goes on" env "V2M_STORE=$RELAY" \
    "$V2M_BIN/../tests/store_bytes" put video "$id" 20000000
status 0 "and is whole" bytes read video "$id" 20000000
is "$(theirs chunks videos "$id")" 77 "the chunks are there once"
relay_stop
for how in read ranges seek; do
	relay_start 0 5000000
	status 0 "so does reading: $how" env "V2M_STORE=$RELAY" \
	    "$V2M_BIN/../tests/store_bytes" $how video "$id" 20000000
	relay_stop
done
# Each answer of the first ones: connecting, looking, inserting, publishing.
# The last thing that a commit hears is that its document is in.
new_id
relay_start
env "V2M_STORE=$RELAY" "$V2M_BIN/../tests/store_bytes" put mp3 "$id" 1000 \
    > "$OUT" 2> "$ERR"
relay_stop
failed=
for down in 200 600 700 800 900 1000 1100 1200 1300 1400 1500; do
	new_id
	relay_start 0 $down
	env "V2M_STORE=$RELAY" "$V2M_BIN/../tests/store_bytes" put mp3 "$id" \
	    1000 > "$OUT" 2> "$ERR" || failed="$failed put:$down"
	bytes read mp3 "$id" 1000 > "$OUT" 2> "$ERR" ||
	    failed="$failed read:$down"
	relay_stop
done
is "$failed" "" "an answer lost at any step does not lose an object"

# --- the network is slow: 100 kB/s ---
new_id
relay_start
kill -HUP "$relay_pid"
status 0 "a slow network: an upload" env "V2M_STORE=$RELAY" \
    "$V2M_BIN/../tests/store_bytes" put video "$id" 100000
status 0 "and reading" env "V2M_STORE=$RELAY" \
    "$V2M_BIN/../tests/store_bytes" read video "$id" 100000
relay_stop

# Who cannot know whether a change was made finds out before it makes another.
new_id
relay_start
"$V2M_BIN/../tests/store_bytes" put video "$id" 1 > "$OUT" 2> "$ERR"
V2M_STORE=$RELAY "$V2M_BIN/../tests/store_bytes" count video "$id" 300 \
    > out.count 2> err.count &
waiting=$!
for cut in 1 2 3 4 5 6; do
	sleep 0.3
	relay_cut
done
wait $waiting
is "$?" 0 "300 changes of a record through a failing network are 300" ||
    tap_show err < err.count
relay_stop

# --- a thrown-away upload, other clients' accounts, FerretDB ---
left=$(theirs chunks videos)
V2M_FAULT=fail:store-linked "$V2M_BIN/../tests/store_bytes" put video "$id" \
    9000000 > "$OUT" 2>&1
is "$(theirs chunks videos)" "$left" "an upload that fails leaves no chunks"
V2M_FAULT=fail:store-committed "$V2M_BIN/../tests/store_bytes" put video "$id" \
    9000000 > "$OUT" 2>&1
is "$(theirs chunks videos)" "$left" "nor does one that is taken back"
status 78 "a URL that is none" env 'V2M_STORE=mongodb://u:geheim@:x/' v2m-status
unlike "$(cat "$ERR")" geheim "whose password is not repeated"
status 78 "w=0 is refused" env "V2M_STORE=$MONGODB?w=0" v2m-status
status 78 "an '@' that is not escaped is refused" \
    env V2M_STORE=mongodb://me:ge@heim@localhost:1/ v2m-status
unlike "$(cat "$ERR")" heim "without a word of the password"
echo geheim > secret
chmod 600 secret
status 78 "a password for nobody is refused" \
    env "V2M_STORE_PASSWORD_FILE=$TMP/secret" v2m-status
unlike "$(cat "$ERR")" geheim "and not shown"


# --- what died and left chunks ---
theirs clean
old=$(theirs orphan videos 90000)
young=$(theirs orphan videos 80000)
old_mp3=$(theirs orphan mp3s 90000)
file=$(theirs pattern videos 30000 10000)
status 0 "v2m-prune --dry-run" v2m-prune --dry-run
is "$(grep -c "fs.chunks/$old\|fs.chunks/$old_mp3" "$OUT")" 2 \
    "shows chunks without a file"
is "$(theirs chunks videos "$old")" 3 "and leaves them"
status 0 "v2m-prune" v2m-prune
is "$(cat "$OUT" "$ERR")" "" "is silent"
is "$(theirs chunks videos "$old") $(theirs chunks mp3s "$old_mp3")" "0 0" \
    "and removes those"
is "$(theirs chunks videos "$young") $(theirs chunks videos "$file")" "3 3" \
    "not the young ones, which may belong to an upload, nor a file's"
theirs clean

# --- memory does not grow with the file ---
# On a busy machine a server may take long for the next part of 300 MB; the driver
# keeps some MB of the first 60.
peak() {
	new_id
	status 0 "$1 bytes are stored" \
	    env "V2M_STORE=$MONGODB?socketTimeoutMS=120000" \
	    "$V2M_BIN/../tests/store_bytes" put video "$id" "$1"
	cp "$OUT" peak.put
	status 0 "and read" env "V2M_STORE=$MONGODB?socketTimeoutMS=120000" \
	    "$V2M_BIN/../tests/store_bytes" read video "$id" "$1"
	cp "$OUT" peak.get
}
peak 60000000
put=$(cat peak.put) get=$(cat peak.get)
peak 300000000
echo "# put $put and $(cat peak.put) kB, read $get and $(cat peak.get) kB"
if ldd "$V2M_BIN/../tests/store_bytes" | grep -q lib.san; then
	skip "memory does not grow" "sanitizers keep what was freed"
else
	ok "storing 300 MB takes no more memory than 60 MB" \
	    test "$(cat peak.put)" -lt $((put + 4096))
	ok "nor does reading them" \
	    test "$(cat peak.get)" -lt $((get + 4096))
fi

if [ "$MONGODB_KIND" = ferretdb ]; then
	v2m-init > "$OUT" 2>&1
	unlike "$(cat "$OUT")" atomic "behind a lock changes are atomic"
	mongodb_stop
	mongodb_start -raw
	status 0 "v2m-init on FerretDB" v2m-init
	like "$(cat "$ERR")" "one worker and one notifier" "FerretDB 1 is warned of"
fi
done_testing
