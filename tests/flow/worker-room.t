#!/bin/sh
# Several runs at once on a small disk: what they hold and will need counts.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"

[ "$(id -u)" = 0 ] || skip_all "mounts want root"
unshare -m true 2> /dev/null || skip_all "may not mount"
command -v ffmpeg > /dev/null || skip_all "no ffmpeg"

# An MP3 of 320 kbit/s of it has 6 MB; the videos have 1.3.
for name in one two; do
	ffmpeg -v error -nostdin -y -f lavfi -i \
	    "aevalsrc=0.3*sin(2764*t)+0.1*random(0):s=44100:d=150" \
	    -c:a aac -b:a 64k $name.mp4
done
(umask 077; printf 'a good password\n' > pw)
cat > least.py << 'END2'
import os, sys, time
folder, out = sys.argv[1:]
least = None
while not os.path.exists("stop"):
    v = os.statvfs(folder)
    room = v.f_bavail * v.f_frsize
    if least is None or room < least:
        least = room
        with open(out, "w") as f:
            f.write("%d\n" % least)
    time.sleep(0.002)
END2

# What is common: two jobs, two at a time, until both are done.
cat > common.sh << 'END2'
export V2M_RETRY_PAUSE=300ms
v2m-init --quiet
v2m-user add --quiet --password-file pw ann@example.org
V2M_TOKEN=$(v2m-user token ann@example.org)
export V2M_TOKEN
one=$(v2m-upload --no-check -b 320k one.mp4)
two=$(v2m-upload --no-check -b 320k two.mp4)
python3 least.py small least &
watcher=$!
until [ -s least ]; do sleep 0.05; done
for turn in $(seq 60); do
	v2m-convert-worker -v -j 2 --once 2>> err
	[ "$(v2m-status $one $two | cut -f 2 | sort -u)" != done ] || break
	sleep 0.5
done
touch stop
wait $watcher
rm stop
cat err
v2m-status --json $one $two | grep -o '"\(state\|attempts\)": *"\?[a-z0-9]*'
echo "least $(($(cat least) / 1024))"
END2

# least TEXT: KiB that were free at the worst moment
least() {
	printf '%s\n' "$1" | sed -n 's/^least //p'
}

# both_end_well SCRIPT ERE: both jobs of it do, of which one had to wait, with
# such a line; $said is all that was said
both_end_well() {
	unshare -m sh "$1" > said 2>&1
	said=$(cat said)
	is "$(grep -c '"state": *"done' said)" 2 "both end well: $1"
	is "$(grep -c '"attempts": *0' said)" 2 "it counts against neither"
	like "$said" "$2" "one had to wait"
	unlike "$said" 'No space left' "none ran into the end of the disk"
}

# --- the store and the temporary folder on one disk of 33 MiB ---
# The state takes 9 of them, each run 6 twice: one fits, two do not.
mkdir small
cat > together.sh << 'END2'
mount -t tmpfs -o size=33m none small
mkdir small/tmp
export V2M_STATE=$PWD/small/state V2M_FREE_RESERVE=3M TMPDIR=$PWD/small/tmp
. ./common.sh
END2
both_end_well together.sh 'event=postponed.*not enough room'
# Each of the two may pass it by a sixteenth before it sees the other.
ok "the reserve stays free ($(least "$said") KiB)" \
    [ "$(least "$said")" -ge 2000 ]
[ $tap_failures -eq 0 ] || tap_show said < said

# --- a temporary folder of its own, of 9 MiB ---
rm -f err least
cat > apart.sh << 'END2'
mount -t tmpfs -o size=9m none small
export V2M_STATE=$PWD/state V2M_FREE_RESERVE=3M TMPDIR=$PWD/small
. ./common.sh
END2
both_end_well apart.sh 'where the MP3 is made: not enough room'

# --- a disk that is too small for any: temporary, never final ---
rm -f err least
cat > small.sh << 'END2'
mount -t tmpfs -o size=3m none small
export V2M_STATE=$PWD/state2 V2M_FREE_RESERVE=1M TMPDIR=$PWD/small
export V2M_RETRY_PAUSE=100ms
v2m-init --quiet
v2m-user add --quiet --password-file pw ann@example.org
V2M_TOKEN=$(v2m-user token ann@example.org)
export V2M_TOKEN
one=$(v2m-upload --no-check -b 320k one.mp4)
for turn in 1 2 3 4; do
	v2m-convert-worker --once
	echo "turn $?"
	sleep 0.8
done
v2m-status --json $one | grep -o '"\(state\|attempts\)": *"\?[a-z0-9]*'
v2m-convert --force one.mp4 small/out.mp3 -b 320k
echo "convert $?" $(ls -A small | wc -l)
END2
unshare -m sh small.sh > said 2>&1
said=$(cat said)
is "$(printf '%s\n' "$said" | grep -c '^turn 75')" 4 "each turn is put off"
like "$said" '"state": *"queued' "it waits"
like "$said" '"attempts": *0' "without an attempt counted"
like "$said" '^convert 75 0$' "v2m-convert: 75 as well, and leaves nothing"
[ $tap_failures -eq 0 ] || tap_show said < said

# --- v2m-convert and what a pipe brings hold room too ---
rm -f err least
ffmpeg -v error -nostdin -y -f lavfi -i sine=r=44100:d=150 -c:a aac quiet.mp4
cat > convert.sh << 'END2'
mount -t tmpfs -o size=20m none small
python3 least.py small least &
watcher=$!
until [ -s least ]; do sleep 0.05; done
v2m-convert -q V0 quiet.mp4 small/out.mp3
touch stop
wait $watcher
rm stop
v2m-convert -q V0 quiet.mp4 here.mp3
cmp here.mp3 small/out.mp3 && echo same
echo "least $(($(cat least) / 1024))"
echo "after $(df -k --output=avail small | tail -1)"
rm small/out.mp3
export TMPDIR=$PWD/small V2M_FREE_RESERVE=3M
head -c 18500000 /dev/zero | v2m-convert - pipe.mp3
echo "pipe $?"
cat quiet.mp4 | v2m-convert - pipe.mp3
echo "small pipe $?"
END2
unshare -m sh convert.sh > said 2>&1
said=$(cat said)
like "$said" '^same$' "the MP3 is the same"
# 5.6 MB by the claim, of which it takes 1.3.
ok "v2m-convert holds what an MP3 takes at most ($(least "$said") KiB left)" \
    [ "$(least "$said")" -le 15500 ]
ok "what it did not take is given back" \
    [ "$(printf '%s\n' "$said" | sed -n 's/^after *//p')" -ge 18000 ]
like "$said" 'not enough room: .* and free_reserve keeps' \
    "a pipe leaves what is kept free"
like "$said" '^pipe 75$' "or is put off"
like "$said" '^small pipe 0$' "one that fits is taken"
[ $tap_failures -eq 0 ] || tap_show said < said
done_testing
