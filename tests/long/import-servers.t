#!/bin/sh
# v2m-init --import from one machine to servers: to MongoDB with GridFS, and to
# SQLite with S3; killed in between, with a gateway in front, and back again.
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/server-s3.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
# shellcheck source=tests/lib/gateway.sh
. "$tap_root/tests/lib/gateway.sh"
mongodb_start
s3_start
servers_python=$mongodb_python
clip talk.mp4 2

# A configuration file of a new v2m: conf NAME STORE [OBJECTS]
conf() {
	mkdir -m 700 "$1"
	cat > "$1.conf" <<-END
	store = $2
	${3:+objects = $3}
	users = sqlite:$TMP/$1/v2m.db
	queue = sqlite:$TMP/$1/v2m.db
	END
	chmod 600 "$1.conf"
}
there() {	# NAME CMD...
	there_conf=$TMP/$1.conf
	shift
	env -u V2M_URL V2M_CONFIG="$there_conf" "$@"
}
sum() {		# NAME ID
	there "$1" v2m-fetch --force -o - "$2" | sha256sum
}

# move NAME FROM: what FROM (a name) has, kills included
move() {
	for at in import-copied@2 store-linked record-written@3 record-written@1; do
		there "$1" env V2M_FAULT=kill:$at v2m-init --import "$2" \
		    > "$OUT" 2>&1
		is $? 137 "$1: killed at $at"
	done
	status 0 "$1: a pass goes on" there "$1" v2m-init --import "$2"
	status 0 "$1: the two are compared" there "$1" v2m-check --against "$2"
	is "$(cat "$OUT")" "" "$1: nothing is missing"
	for at in import-closed import-rest import-published import-here; do
		there "$1" env V2M_FAULT=kill:$at v2m-init --import "$2" \
		    --final > "$OUT" 2>&1
		is $? 137 "$1: killed at $at"
	done
	status 0 "$1: the move is complete" there "$1" v2m-init --import "$2" \
	    --final
	status 0 "$1: the two are compared" there "$1" v2m-check --bytes \
	    --against "$2"
	is "$(cat "$OUT")" "" "$1: nothing is missing"
}

works() {	# NAME: what waited is done, and told once
	for n in 1 2 3; do
		there "$1" v2m-convert-worker --once >> log 2>&1
		there "$1" v2m-notify --once >> log 2>&1
	done
	is "$(there "$1" v2m-status "$waits" | cut -f 2)" "done" \
	    "$1: what waited is converted"
	is "$(notices "$done") $(notices "$waits")" "1 1" \
	    "$1: each owner was told once"
	is "$(sum "$1" "$done")" "$sum" "$1: the same MP3"
	status 0 "$1: all is well" there "$1" v2m-check --bytes
	is "$(cat "$OUT")" "" "$1: without a finding"
}

# fill CONF: a state with a job that is done, and one that waits
fill() {
	setup
	done=$(v2m-upload talk.mp4)
	is "$(finish "$done")" "done" "one is done"
	sum=$(v2m-fetch --force -o - "$done" | sha256sum)
	for n in 1 2 3; do
		waits=$(v2m-upload talk.mp4)
	done
	V2M_TOKEN=$(v2m-user token ann@example.org)
	export V2M_TOKEN
}

# --- with a gateway, to MongoDB ---
fill
conf mongo "$MONGODB"
gateway_start
move mongo "$V2M_STATE"
http 503 "the old gateway refuses an upload" -F file=@talk.mp4 "$URL/upload" \
    -H "Authorization: Bearer $V2M_TOKEN"
like "$(cat "$GATEWAY_LOG")" "moved to mongodb:" "its log says where to"
http 200 "and serves what it has" "$URL/download?fid=$done" \
    -H "Authorization: Bearer $V2M_TOKEN"
gateway_stop
works mongo

# --- from there to S3 ---
waits=$(there mongo v2m-upload talk.mp4)
conf bucket "dir:$TMP/bucket/store" "$S3"
move bucket mongo.conf
works bucket
done_testing
