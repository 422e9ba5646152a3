#!/bin/sh
# Uploads that are slow to look at keep nobody else waiting: probes hold no
# store connection, one account has one at a time, and none outlives its client.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
setup
python3 "$tap_root/tests/lib/slow-aac.py" slow.aac 4
# Few, so that a handful of probes would hold them all.
V2M_GATEWAY_CONNECTIONS=2
V2M_PROBE_CONCURRENCY=2
export V2M_GATEWAY_CONNECTIONS V2M_PROBE_CONCURRENCY
many=12
gateway_start
ann=$(header_of ann) bob=$(header_of bob)

# probes: the children of the engine, which is the gateway's only one.
engine=$(tr -d ' ' < "/proc/$GATEWAY/task/$GATEWAY/children")
probes() {
	tr ' ' '\n' < "/proc/$engine/task/$engine/children"
}
no_probe() {
	[ -z "$(probes)" ]
}
# upload NAME: by ann; its status and time in NAME.out
upload() {
	curl -sS -m 300 -o /dev/null -w '%{http_code}\n' -T slow.aac \
	    -H "$ann" "$URL/upload/$1.aac" > "$1.out" 2>&1
}
ended() {
	cat many-*.out 2> /dev/null | grep -c .
}

# --- many of one account ---
pids=
for n in $(seq $many); do
	upload "many-$n" &
	pids="$pids $!"
done
one_runs() {
	[ -n "$(probes)" ]
}
eventually "one is looked at" one_runs
http 200 "another account's jobs are listed meanwhile" -H "$bob" \
    "$URL/status?format=json"
ended=$(ended)
ok "before half of the uploads have ended ($ended)" \
    [ "$ended" -lt $((many / 2)) ]
most=0
# is_idle: one has the policy SCHED_IDLE; counts, too.
is_idle() {
	[ "$(probes | grep -c .)" -le $most ] || most=$(probes | grep -c .)
	for pid in $(probes); do
		policy=$(awk '{ print $41 }' "/proc/$pid/stat" 2> /dev/null)
		[ "$policy" != 5 ] || return 0
	done
	return 1
}
eventually "a slow one goes on in time that nobody else wants" is_idle
for n in 1 2 3 4 5 6 7 8; do
	is_idle
	sleep 0.1
done
is "$most" 1 "of one account one is looked at at a time"
http 200 "the gateway is ready" "$URL/readyz"
http 200 "and logs people in" -u 'bob@example.org:correct horse' -X POST \
    "$URL/login"
for pid in $pids; do
	wait "$pid"
done
is "$(cat many-*.out | sort | uniq -c | tr -s ' ')" " $many 200" \
    "all are accepted"
is "$(as ann v2m-status | grep -c .)" $many "each is a job"
logged 'event=unchecked .*too many uploads are being checked'
is $? 0 "some unchecked, for they have waited for 5 s"

# --- whose client goes ---
# One that was given up may still be ending.
eventually "nothing is looked at any more" no_probe
curl -sS -m 300 -o /dev/null -T slow.aac -H "$ann" "$URL/upload/gone.aac" \
    2> /dev/null &
pid=$!
eventually "one more is looked at" one_runs
kill $pid
wait $pid
eventually "its client gone, it is looked at no longer" no_probe
logged 'event=unchecked reason="the client does not wait'
is $? 0 "the log says so"
is_there() {
	[ "$(as ann v2m-status | grep -c .)" = $((many + 1)) ]
}
eventually "and is a job nevertheless" is_there

# --- one upload, two requests ---
size=$(wc -c < slow.aac | tr -d ' ')
V='Tus-Resumable: 1.0.0'
http 201 "a resumable one begins" -H "$ann" -H "$V" -X POST \
    -H "Upload-Length: $size" "$URL/files/"
id=$(field location)
id=${id##*/}
curl -sS -m 300 -o /dev/null -w '%{http_code}\n' -H "$ann" -H "$V" -X PATCH \
    -H 'Content-Type: application/offset+octet-stream' \
    -H 'Upload-Offset: 0' --data-binary @slow.aac "$URL/files/$id" > patch &
pid=$!
eventually "all bytes are there, and are looked at" one_runs
# Where the other's end takes long, it is told to come again.
is_whole() {
	curl -sS -I -H "$ann" -H "$V" "$URL/files/$id" > head.out
	case $(head -n 1 head.out) in
	*' 200 '*) [ "$(tr -d '\r' < head.out |
	    sed -n 's/^upload-offset: *//Ip')" = "$size" ] ;;
	*' 423 '*) return 1 ;;
	*) echo unexpected >> head.bad ;;
	esac
}
eventually "a HEAD waits for the other's end: all of it is there" is_whole
ok "and says nothing else meanwhile" [ ! -e head.bad ]
wait "$pid"
is "$(cat patch)" 204 "the other gets his answer"
is "$(grep -c "job=$id event=unchecked" "$GATEWAY_LOG")" 1 \
    "it was looked at once"
ends_well
done_testing
