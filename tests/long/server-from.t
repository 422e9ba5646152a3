#!/bin/sh
# A minute near the end of two hours costs about what the first one costs, in
# CPU time and in what comes down from GridFS.
#
# The other server, in memory: FerretDB looks through all chunks of all files
# for each query, and would take an hour.
# slow: 10 min, starts a server, stores up to 1 GB at a time
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/media.sh"
. "$tap_root/tests/lib/reads.sh"
. "$tap_root/tests/lib/server-mongodb.sh"
need ffmpeg
mongodb_want_java
mongodb_start
relay_start
V2M_STORE=$MONGODB
export V2M_STORE
setup

# spent CMD...: milliseconds of CPU time, of its children too
spent() {
	python3 -c 'import os, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
t = os.times()
print(round((t.children_user + t.children_system) * 1000))
sys.exit(done.returncode)' "$@"
}

# minute FILE FROM: what a minute of it costs: $bytes that come down, $cpu ms
minute() {
	minute_id=$(V2M_STORE=$MONGODB v2m-upload --quiet --from "$2" \
	    --to $(($2 + 60)) "$1") || return
	bytes=$(relay_down)
	cpu=$(V2M_STORE=$RELAY spent v2m-convert-worker --once 2> "$ERR")
	bytes=$(($(relay_down) - bytes))
	[ "$(state "$minute_id")" = done ] || bytes=0
	v2m-remove "$minute_id" > "$OUT"
}

# late and early, once more where another program was in the way of the CPU
cost() {
	for cost_turn in 1 2 3; do
		minute "$1" 7081
		late=$bytes late_cpu=$cpu
		minute "$1" 0
		echo "# $1: $late_cpu and $cpu ms"
		[ $((late_cpu * 100)) -gt $((cpu * 120)) ] || return
	done
}

noise="aevalsrc=0.3*random(0)*abs(sin(t)):s=48000:d=60"
make minute.aac -f lavfi -i "$noise" -c:a aac -b:a 128k
make minute.mp2 -f lavfi -i "$noise" -c:a mp2 -b:a 128k
make minute.ogg -f lavfi -i "$noise" -c:a libopus -b:a 96k
for kind in aac mp2; do
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		for part in 1 2 3 4 5 6 7 8 9 10; do
			cat minute.$kind
		done
	done > long.$kind
done
make long.mp4 -i long.aac -c copy
# Its index names whole pictures alone, 2 s apart as recording programs have
# them.  (At 10 s it is 126 %: where the sound is, is found cluster by cluster,
# and each of these is in a chunk of its own.)
make ten.mp4 -f lavfi -i \
    "testsrc2=s=640x360:r=25:d=10,noise=alls=40:allf=t" -c:v libx264 \
    -preset ultrafast -g 50 -bf 0 -b:v 1M -maxrate 1M -bufsize 1M
make long.mkv -stream_loop 719 -i ten.mp4 -i long.mp2 -map 0:v -map 1:a \
    -c copy
make long.ogg -stream_loop 119 -i minute.ogg -c copy
echo "# $(wc -c long.mp4 long.mkv long.ogg | tr '\n' ' ')"
# What comes down are chunks of 255 KiB.  Of the little that a minute of an Ogg
# file is, one more at each end and one in which to look for the place count.
whole=$((3 * 255 * 1024))
for file in long.mp4 long.mkv long.ogg; do
	cost $file
	[ $file != long.ogg ] || late=$((late - whole))
	at_most "a minute near the end of $file" "$late" "$bytes" 120
	ok "$file: at most 120 % of the CPU time" \
	    [ $((late_cpu * 100)) -le $((cpu * 120)) ]
done
relay_stop

done_testing
