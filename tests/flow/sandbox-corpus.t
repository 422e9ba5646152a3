#!/bin/sh
# Hostile files: whatever they claim or name, nothing but they themselves is
# opened, no command dies, and a worker goes on.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg python3

# survives FILE: refused, failed or converted, but ended by itself, with no
# system call refused.
survives() {
	counted timeout -k 5 60 v2m-convert --quiet --force "$1" x.mp3 \
	    > "$OUT" 2> "$ERR"
	survived=$?
	case $survived in
	0|1|3|65) return 0 ;;
	esac
	echo "# $1: exit status $survived"
	tap_show stderr < "$ERR"
	return 1
}

# --- files that name others ---
python3 "$tap_root/tests/lib/hostile.py" listen port hits &
tap_pids=$!
listened() { [ -s port ]; }
eventually "somebody listens" listened
port=$(cat port)
echo secret > secret.txt
make bait.wav -f lavfi -i "aevalsrc=0.3*sin(2764*t):d=1"
python3 "$tap_root/tests/lib/hostile.py" names "$port" "$TMP"
for file in names-*; do
	rm -f x.mp3
	survives "$file"
	is "$survived" 65 "$file is refused"
	unlike "$(cat "$ERR")" forbidden "before it tries anything"
	ok "and becomes no MP3" test ! -e x.mp3
done
is "$(cat hits)" "" "nobody came to the address that they name"

# --- absurd claims ---
python3 "$tap_root/tests/lib/hostile.py" absurd
for file in absurd-*; do
	ok "$file" survives "$file"
done
make nan.wav -f f32le -ar 44100 -ac 2 -i nan.raw -c copy
ok "NaN, infinity and 1e30" survives nan.wav
is "$survived" 3 "become sound, with a warning"
make cover.mp3 -f lavfi -i "aevalsrc=0.3*sin(2764*t):d=2" -f lavfi \
    -i color=s=64x64:d=0.04 -map 0:a -map 1:v -c:v mjpeg \
    -disposition:v attached_pic
every_kind
status 0 "a cover does not hinder" v2m-convert --force cover.mp3 x.mp3

# --- bits turned over, by a fixed seed ---
for file in [a-u].* cover.mp3; do
	python3 "$tap_root/tests/lib/hostile.py" flip "$file" 8
	bad=
	for copy in flipped-*; do
		survives "$copy" || bad="$bad $copy"
		rm -f "$copy"
	done
	is "$bad" "" "$file with bits turned over"
done

# --- a worker goes on ---
setup
rm absurd-empty.mp4
for file in names-* absurd-* nan.wav; do
	v2m-upload --no-check "$file"
done > ids
timeout 300 env V2M_MAX_ATTEMPTS=1 v2m-convert-worker --once 2> "$ERR"
status=$?
is $status 0 "a worker outlives them" || tap_show stderr < "$ERR"
for id in $(cat ids); do
	state "$id"
done | sort | uniq -c > states
is "$(grep -vE ' (failed|done|warnings)$' states)" "" "each of its jobs has ended"

done_testing
