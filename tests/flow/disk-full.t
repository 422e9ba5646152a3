#!/bin/sh
# A disk without a free byte, and somebody who takes each that comes: what makes
# room works, and so does reading.
#
# slow: 25 s
if [ -z "${own_mounts:-}" ] && unshare -m true 2> /dev/null; then
	exec env own_mounts=yes unshare -m sh "$0"
fi
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/gateway.sh"
[ -n "${own_mounts:-}" ] || skip_all "mounting a small disk wants root"
gateway_needed
mkdir small there
mount -t tmpfs -o size=8m none small 2> "$ERR" || skip_all "may not mount"
trap 'umount -l "$TMP/small"; tap_end' EXIT
clip a.mp4
clip b.mp4 2
clip c.mp4 3
clip d.mp4 4
V2M_STATE=$TMP/small/state

# fill: all that is free, again and again, as long as it runs.
cat > fill <<'end'
while :; do
	dd if=/dev/zero bs=4k >> small/fill 2> /dev/null
	[ -e filled ] || : > filled
	sleep 0.02
done
end

setup
V2M_TOKEN=$(v2m-user token --lifetime 1h ann@example.org)
export V2M_TOKEN
ids=
for clip in a b c d; do
	ids="$ids $(v2m-upload --quiet $clip.mp4)"
done
v2m-convert-worker --once --quiet && v2m-notify --once --quiet || exit 99
set -- $ids

is "$(stat -c %s small/state/store/reserve)" 1048576 "there is a reserve"
room() {
	stat -c '%n %s %b %B' small/state/*.db-* small/state/store/*.db-* |
	    awk '$2 >= 1048576 && $3 * $4 >= 1048576' | wc -l
}
is "$(room)" 4 "logs and their indexes have a MiB each, with nobody there"

# --- nobody is connected ---
background sh fill
filler=$tap_pid
until [ -e filled ]; do sleep 0.1; done
is "$(df --output=avail small | tail -n 1 | tr -d ' ')" 0 "no byte is free"
status 0 "v2m-status" v2m-status
is "$(wc -l < "$OUT")" 4 "tells all"
status 0 "v2m-fetch" v2m-fetch -o there "$1"
ok "writes the MP3" [ -s there/a.mp3 ]
status 0 "v2m-fetch to stdout" v2m-fetch "$2"
status 0 "v2m-user list" v2m-user list
status 0 "v2m-check" v2m-check
status 75 "an upload has no room" v2m-upload d.mp4
kill $filler
wait $filler 2> /dev/null
rm small/fill
is "$(room)" 4 "the room is still theirs"

# --- a worker and a gateway are at work ---
background v2m-convert-worker 2> worker.log
worker=$tap_pid
gateway_start
rm filled
background sh fill
filler=$tap_pid
until [ -e filled ]; do sleep 0.1; done
http 200 "the gateway's status" "$URL/status" -H "Authorization: Bearer $V2M_TOKEN"
http 200 "a download" "$URL/download?fid=$2" \
    -H "Authorization: Bearer $V2M_TOKEN"
is "$(df --output=avail small | tail -n 1 | tr -d ' ')" 0 "no byte is free"
status 0 "removing three jobs" v2m-remove "$1" "$2" "$3"
is "$(v2m-status | cut -f 1)" "$4" "they are gone"
is "$(ls small/state/store/videos small/state/store/mp3s | grep -c '^[0-9a-f]\{24\}$')" \
    2 "and their bytes"
status 0 "v2m-status" v2m-status
status 0 "v2m-fetch" v2m-fetch -o there "$4"
http 200 "a download" "$URL/download?fid=$4" \
    -H "Authorization: Bearer $V2M_TOKEN"
kill $filler
wait $filler 2> /dev/null
rm small/fill
status 0 "then there is room" v2m-upload d.mp4
eventually "and work goes on" is_state done "$(cat "$OUT")"
ends_well
kill -TERM $worker
wait $worker
is $? 0 "the worker ends"

# --- a file system where nothing is written in place: the reserve ---
is "$(stat -c %s small/state/store/reserve)" 1048576 "the reserve is there"
: > small/state/store/index.db-wal
: > small/state/store/index.db-turns
dd if=/dev/zero bs=4k >> small/fill 2> /dev/null
status 0 "a removal" v2m-remove "$4"
not_ok "takes the reserve" [ -e small/state/store/reserve ]
not_ok "the bytes are gone" [ -e "small/state/store/videos/$4" ]
rm small/fill
status 0 "whoever comes next" v2m-upload a.mp4
is "$(stat -c %s small/state/store/reserve)" 1048576 "makes it again"

# leaves KIB: that much is free
leaves() {
	rm -f small/fill
	leaves_now=$(df -k --output=avail small | tail -n 1)
	fallocate -l $((leaves_now - $1))k small/fill
}
rm small/state/store/reserve
mount -o remount,size=16m small
leaves 2900
status 0 "with a free_reserve" env V2M_FREE_RESERVE=1M v2m-upload a.mp4
not_ok "none is made where that is not free twice" \
    [ -e small/state/store/reserve ]
leaves 3100
status 0 "where it is" env V2M_FREE_RESERVE=1M v2m-upload b.mp4
is "$(stat -c %s small/state/store/reserve)" 1048576 "one is made again"
status 0 "v2m-check --bytes" v2m-check --bytes
is "$(cat "$OUT")" "" "all is well"
for db in state/v2m.db state/store/index.db; do
	is "$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("pragma integrity_check").fetchone()[0])' small/$db)" ok "$db is whole"
done

done_testing
