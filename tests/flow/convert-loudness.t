#!/bin/sh
# --loudness: measured as others measure it, one gain, and never too much.
#
# slow: 40 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/flow.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg python3 cmp

# loud KEY: what was measured, or done
loud() {
	python3 -c 'import json, sys
print(json.load(open("out.json"))["loudness"][sys.argv[1]])' "$1"
}

# lufs FILE: as ffmpeg measures it
lufs() {
	ffmpeg -nostdin -hide_banner -i "$1" -map 0:a:0 -af ebur128 -f null - \
	    2>&1 | sed -n 's/^ *I: *\(.*\) LUFS/\1/p' | tail -n 1
}

# convert STATUS FILE WHAT [OPTION...]: leaves out.mp3, out.json, $ERR
convert() {
	convert_status=$1 convert_file=$2 convert_what=$3
	shift 3
	status "$convert_status" "$convert_what" v2m-convert "$@" --json \
	    --force "$convert_file" out.mp3
	cp "$OUT" out.json
}

# reaches FILE LUFS WHAT [OPTION...]: what ffmpeg hears before and after
reaches() {
	reaches_file=$1 reaches_wanted=$2 reaches_what=$3
	shift 3
	convert 0 "$reaches_file" "$reaches_what" \
	    --loudness="$reaches_wanted" "$@"
	[ $# -gt 0 ] || ok "is measured as ffmpeg does" \
	    close_to "$(loud lufs)" "$(lufs "$reaches_file")" 0.15
	ok "comes out right" close_to "$(lufs out.mp3)" "$reaches_wanted" 0.3
}

# Loud and quiet parts, tones and noise.
tone="0.06*sin(2764*t)*(1+0.9*sin(0.9*t))+0.02*(random(0)-0.5)"
make quiet.wav -f lavfi -i "aevalsrc=$tone|0.7*($tone):s=44100:d=12"
make quiet48.wav -f lavfi -i "aevalsrc=$tone|0.7*($tone):s=48000:d=12"
make mono.wav -f lavfi -i "aevalsrc=$tone:s=22050:d=12"
make loud.wav -f lavfi -i "aevalsrc=10*($tone):s=44100:d=12"

reaches quiet.wav -20 "louder"
is "$(cat "$ERR")" "" "without a word"
reaches quiet48.wav -20.5 "at 48 kHz"
reaches mono.wav -20 "mono, 22.05 kHz"
reaches loud.wav -16 "softer"
reaches quiet.wav -20 "constant bitrate" -b 256k
reaches quiet.wav -18 "mixed down" --mono

# --- the source's own ways: rate changed, surround, video ---
make high.wav -i quiet.wav -ar 96000
reaches high.wav -20 "96 kHz"
make surround.flac -f lavfi -i "aevalsrc=$tone|$tone|$tone|0|$tone|$tone:s=48000:d=12:c=5.1"
convert 0 surround.flac "surround" --loudness=-18
ok "is measured as it is mixed down" close_to "$(lufs out.mp3)" -18 0.3
# shellcheck disable=SC2086 # arguments of ffmpeg
make clip.mp4 $picture -i quiet.wav $x264 -c:a aac -t 12
convert 0 clip.mp4 "a video" --loudness=-20
is "$(fact samples)" "$(fact source_samples)" "with all its samples"
# Time stamps that jump are told once, though they are read twice.
ffmpeg -v error -nostdin -i quiet.wav -c:a aac -f mpegts a.ts
cat a.ts a.ts > joined.ts
convert 3 joined.ts "a joined stream" --loudness=-20
is "$(fact warnings | grep -c jump)" 1 "tells of its jump once"
is "$(v2m-convert --force joined.ts a.mp3 2>&1 | grep -c jump)" 1 \
    "as without"

# --- one gain: nothing but the level differs ---
v2m-convert --quiet --force quiet.wav plain.mp3 > "$OUT"
gain=$(v2m-convert --force --json --loudness=-20 quiet.wav out.mp3 |
    sed 's/.*"gain_db":\([-0-9.]*\).*/\1/')
make plain.raw -i plain.mp3 -af "volume=${gain}dB" -f f32le -c:a pcm_f32le
make out.raw -i out.mp3 -f f32le -c:a pcm_f32le
ok "one gain from start to end" python3 -c '
from array import array
a, b = array("f", open("plain.raw", "rb").read()), array("f", open("out.raw", "rb").read())
assert len(a) == len(b)
error = sum((x - y) ** 2 for x, y in zip(a, b))
power = sum(y * y for y in b)
assert error < power / 100, error / power'

# --- the ceiling ---
make peaky.wav -f lavfi -i "aevalsrc=0.02*sin(2764*t)+0.7*between(t\,5\,5.002):s=44100:d=12"
convert 3 peaky.wav "a peak that leaves no room" --loudness=-16
like "$(cat "$ERR")" '^v2m-convert: .*peaky.wav: -[0-9.]+ LUFS instead of -16.0: no peak shall exceed -1 dBTP$' \
    "is told with the loudness reached"
reached=$(sed -n 's/.*: \(-[0-9.]*\) LUFS instead.*/\1/p' "$ERR")
ok "which is true" close_to "$(lufs out.mp3)" "$reached" 0.3
ok "the gain is what the peak leaves" close_to "$(loud gain_db)" \
    "$(python3 -c "print(-1 - $(loud peak_dbtp))")" 0.02

# --- nothing to do ---
same() {
	is "$(loud gain_db)" 0.0 "no gain"
	v2m-convert --force "$1" plain.mp3 > "$OUT" 2> "$ERR"
	ok "the same bytes" cmp plain.mp3 out.mp3
}
convert 0 quiet.wav "half a LU from it" \
    --loudness="$(python3 -c "print(round($(lufs quiet.wav) + 0.4, 1))")"
same quiet.wav
make silent.wav -f lavfi -i "anullsrc=r=44100:cl=stereo" -t 6
convert 0 silent.wav "silence" --loudness=-16
same silent.wav
is "$(loud lufs) $(loud peak_dbtp)" "None None" "has no loudness"
make short.wav -i quiet.wav -t 2.9
convert 0 short.wav "less than 3 s" --loudness=-16
same short.wav
make one.wav -i quiet.wav -af atrim=end_sample=1
convert 0 one.wav "one sample" --loudness=-16
same one.wav
v2m-convert --force --json quiet.wav out.mp3 > out.json
is "$(fact loudness)" None "nothing is measured unless asked for"
make none.mp4 -f lavfi -i testsrc=d=1 -c:v mpeg4
status 65 "no sound" v2m-convert --force --loudness=-16 none.mp4 out.mp3
printf 'no video' > text.mp4
status 65 "no video" v2m-convert --force --loudness=-16 text.mp4 out.mp3

# --- samples that are none ---
python3 -c 'import struct, math
with open("nan.raw", "wb") as f:
    for i in range(44100 * 5):
        v = 0.1 * math.sin(i * 0.06)
        if i % 44100 == 7: v = float("nan")
        if i % 44100 == 9: v = 1e30
        f.write(struct.pack("<f", v))'
make nan.wav -f f32le -ar 44100 -ac 1 -i nan.raw -c copy
convert 3 nan.wav "NaN and 1e30" --loudness=-16
unlike "$(cat out.json)" ':-?(NaN|nan|inf|Inf)' "are no figures"

# --- absurd claims: read twice, survived twice ---
python3 "$tap_root/tests/lib/hostile.py" absurd
for file in absurd-*; do
	timeout -k 5 60 v2m-convert --quiet --loudness=-16 --force "$file" \
	    x.mp3 > "$OUT" 2> "$ERR"
	got=$?
	like "$got" '^(0|1|3|65)$' "$file is survived"
done

# --- threads change nothing ---
for n in 1 2 3 7; do
	V2M_MEDIA_DEBUG=1 V2M_MEDIA_JITTER=2000 v2m-convert --threads $n \
	    --force --loudness=-20 loud.wav threads-$n.mp3 > "$OUT" 2> "$ERR"
	ok "the same with $n threads" cmp threads-1.mp3 threads-$n.mp3
done

# --- as a job: by request, within what may be read, in the sandbox ---
setup
one=$(v2m-upload --loudness=-20 clip.mp4)
ok "a worker" v2m-convert-worker --once
is "$(state "$one")" done "measures what it gets piece by piece"
v2m-convert --force --loudness=-20 clip.mp4 out.mp3 > "$OUT"
ok "the job's MP3 is fetched" v2m-fetch -o job.mp3 "$one"
ok "with the same result" cmp out.mp3 job.mp3

# --- wrong ---
for wrong in 16 -4 -51 x -16.55 ''; do
	status 64 "--loudness=$wrong" v2m-convert --force \
	    "--loudness=$wrong" quiet.wav out.mp3
done
done_testing
