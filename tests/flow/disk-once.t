#!/bin/sh
# A disk that stays full, or takes nothing any more: commands that run once wait
# a little, then end with 75 or 74.
#
# slow: 90 s, it waits
if [ -z "${own_mounts:-}" ] && unshare -m true 2> /dev/null; then
	exec env own_mounts=yes unshare -m sh "$0"
fi
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
[ -n "${own_mounts:-}" ] || skip_all "mounting a small disk wants root"
mkdir small
mount -t tmpfs -o size=8m none small 2> "$ERR" || skip_all "may not mount"
trap 'umount -l "$TMP/small"; tap_end' EXIT
clip talk.mp4
V2M_STATE=$TMP/small/state
setup

# stopped: the command that was started last is
stopped() {
	grep -q '^State:.T' /proc/$tap_pid/status
}

# fill: not a byte is free, nor in the index's log, which a reader keeps from
# being begun anew; until empty.
fill() {
	python3 - "$V2M_STATE/store/index.db" <<-'end' &
	import os, sqlite3, sys, time
	db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
	reader = sqlite3.connect(sys.argv[1], isolation_level=None)
	reader.execute("BEGIN")
	reader.execute("SELECT count(*) FROM record").fetchone()
	db.execute("CREATE TABLE IF NOT EXISTS filler (bytes)")
	wal = sys.argv[1] + "-wal"
	while os.stat(wal).st_size <= 1 << 20:
	    db.execute("INSERT INTO filler VALUES (randomblob(20000))")
	db.execute("DELETE FROM filler WHERE rowid = 1")
	with open("small/fill", "wb", buffering=0) as f:
	    size = 1 << 16
	    while size:
	        try:
	            f.write(bytes(size))
	        except OSError:
	            size //= 2
	open("full", "w").close()
	time.sleep(600)
	end
	filler=$!
	until [ -e full ]; do
		sleep 0.1
	done
}

empty() {
	kill $filler
	wait $filler 2> /dev/null
	rm small/fill full
}

# ends_with STATUS WHY WHAT: so does the command that was started last, in two
# minutes
ends_with() {
	ends_pid=$tap_pid
	{ sleep 120; kill -KILL $ends_pid; } > /dev/null 2>&1 &
	ends_watch=$!
	wait $ends_pid
	is $? "$1" "$3: $1"
	kill $ends_watch 2> /dev/null
	wait $ends_watch 2> /dev/null
	like "$(cat log)" "$2" "it says why"
}

ends_full() {
	ends_with 75 'No space left' "$1"
}

# goes_on WHAT: the stopped command, on a disk that is full now
goes_on() {
	eventually "it has come so far" stopped
	fill
	is "$(df --output=avail small | tail -n 1 | tr -d ' ')" 0 \
	    "no byte is free"
	kill -CONT $tap_pid
	ends_full "$1"
	empty
}

# goes_on_broken WHAT: the stopped command, whose disk stores nothing any more
goes_on_broken() {
	eventually "it has come so far" stopped
	strace -f -qq -o trace -e trace=fdatasync,fsync \
	    -e inject=fdatasync,fsync:error=EIO -p $tap_pid 2>> "$ERR" &
	eventually "it is traced" traced
	kill -CONT $tap_pid
	ends_with 74 'I/O error' "$1"
	wait $!
}

# traced: so is the command that was started last
traced() {
	! grep -q '^TracerPid:.0' /proc/$tap_pid/status
}

id=$(v2m-upload --no-queue talk.mp4) || exit 99
background env V2M_FAULT=stop:stored v2m-convert-worker "$id" > out 2> log
goes_on "a worker given an ID, full since the MP3 is stored"
sleep 1.1
fill
background v2m-convert-worker "$id" > out 2> log
ends_full "full before it begins"
empty
status 0 "with room again" v2m-convert-worker "$id"

id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once 2>> log
background env V2M_FAULT=stop:notice-sent v2m-notify --once 2> log
goes_on "v2m-notify --once, full since it sent"
is "$(notices "$id")" 1 "the notice went out"
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once 2>> log
fill
background v2m-notify --once 2> log
ends_full "full before it begins"
empty
is "$(notices "$id")" 0 "no notice is spent on that"

strace -o "$OUT" -e inject=write:error=EIO:when=99 true 2> "$ERR" || {
	echo "# a broken disk is left out: strace may not trace"
	done_testing
}
# The sanitizer of leaks cannot work in a process that is traced.
ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
export ASAN_OPTIONS
id=$(v2m-upload talk.mp4) || exit 99
background env V2M_FAULT=stop:stored v2m-convert-worker --once > out 2> log
goes_on_broken "a worker, broken since the MP3 is stored"
sleep 1.1
status 0 "on a whole disk" v2m-convert-worker --once
is "$(state "$id")" done "the job is done"

v2m-notify --once 2>> log
id=$(v2m-upload talk.mp4) || exit 99
v2m-convert-worker --once 2>> log
background env V2M_FAULT=stop:notice-sent v2m-notify --once 2> log
goes_on_broken "v2m-notify --once, broken since it sent"
is "$(notices "$id")" 1 "the notice went out"

done_testing
