#!/bin/sh
# Time stamps: late, missing, jittering, forged, wrapped; and files cut short.
#
# slow: 60 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe mpg123 mp3val python3

# try STATUS WHAT FILE: convert it; the exit status, and a sound MP3.  What was
# said on stderr is $told.
try() {
	: > out.json
	status "$1" "$2" v2m-convert --json --force "$3" out.mp3
	try_failed=$?
	told=$(cat "$ERR")
	[ $try_failed -eq 0 ] && cp "$OUT" out.json &&
	ok "$2: a sound MP3" sound_mp3
}
# between WHAT LEAST MOST
between() {
	[ "$(fact "$1")" -ge "$2" ] && [ "$(fact "$1")" -le "$3" ]
	tap_result $? "$4" ||
	    echo "#   $1 is $(fact "$1"), wanted $2 to $3"
}
# source_is FILE WHAT: all samples of FILE, and no other, came from the source
source_is() {
	is "$(fact source_samples)" "$(samples "$1")" "$2"
}

# --- sound that starts 120 s late ---
slow="-f lavfi -i testsrc=s=64x64:r=10:d=123"
for name in late.mp4 late.mkv late.ts late.flv late.wmv; do
	# shellcheck disable=SC2086
	make $name $slow -itsoffset 120 $sound -ar 44100 &&
	try 0 "$name" $name
	between filled_samples 5286000 5298000 "$name: 120 s of silence in front"
	between duration_ms 121800 122400 "$name: 122 s in all"
done
# shellcheck disable=SC2086
make alone.mka -itsoffset 120 $sound -c:a aac -copyts &&
try 0 "late, but there is nothing before it" alone.mka
is "$(fact filled_samples)" 0 "no silence is put there"

# --- gaps ---
# shellcheck disable=SC2086
make base.mkv $picture $sound48 $x264 -c:a aac
stamps() {
	make "$1" -i base.mkv -c copy -bsf:a "setts=ts=$2"
}
stamps gap.mkv 'if(gt(N\,50)\,TS+2/TB\,TS)' &&
try 3 "a gap of 2 s" gap.mkv
like "$told" '2\.00 s of sound were missing' "is told"
between filled_samples 95900 96100 "and filled"
source_is base.mkv "the sound is all there"
stamps small.mkv 'if(gt(N\,50)\,TS+0.04/TB\,TS)' &&
try 0 "a gap of two packets" small.mkv
between filled_samples 1860 1980 "is filled too"
stamps drift.mkv 'TS*1.01' &&
try 0 "stamps that run 1 % fast" drift.mkv
is "$(fact filled_samples)" 0 "are no gaps"
source_is base.mkv "the same sound"
stamps tiny.mkv 'if(gt(N\,50)\,TS+0.008/TB\,TS)' &&
try 0 "a step of a third of a packet" tiny.mkv
is "$(fact filled_samples)" 0 "is none"
# shellcheck disable=SC2086
make base.flv $picture $sound $x264 -c:a aac
python3 "$forge" flv-drop base.flv drop.flv 500 1200
try 0 "packets missing" drop.flv
between duration_ms 1980 2100 "silence stands in for them"

# --- jitter: the same samples as without ---
python3 "$forge" flv-jitter base.flv jitter.flv
make remux.mkv -i base.flv -c copy
try 0 "FLV with jittering stamps" jitter.flv
cp out.mp3 jitter.mp3
is "$(fact filled_samples)" 0 "has no gaps"
try 0 "its remux" remux.mkv
is "$(ffmpeg -v error -i out.mp3 -f md5 -)" \
    "$(ffmpeg -v error -i jitter.mp3 -f md5 -)" "sounds the same"

# --- forged ---
stamps jump.mkv 'if(gt(N\,50)\,TS+1e9/TB\,TS)' &&
try 3 "stamps jump by a billion seconds" jump.mkv
like "$told" 'jump forward by 1000000000 s at 0:01' "and it is told where"
source_is base.mkv "all its sound is there"
is "$(fact filled_samples)" 0 "and no silence"
# No more is written than what counts in the end.
small() { (ulimit -f 1000; v2m-convert "$@"); }
make two.opus -f lavfi -i sine=r=48000:d=2 -c:a libopus
make two.mp3 -f lavfi -i sine=r=48000:d=2 -c:a libmp3lame
for name in two.opus two.mp3; do
	make day.mkv -i $name -c copy -bsf:a 'setts=ts=TS+gte(N\,50)*80000/TB'
	status 3 "$name: a gap of a day in it" \
	    small --json --force --copy day.mkv out.mp3
	cp "$OUT" out.json
	between duration_ms 1900 2100 "$name: is not filled"
done
make long.mka -f lavfi -i sine=r=16000:d=60 -c:a mp2 -b:a 16k
make long.mkv -i long.mka -c copy -bsf:a 'setts=ts=TS+gte(N\,50)*1000000'
try 3 "one of 1000 s before much sound" long.mkv
between duration_ms 1059000 1061000 "is filled"
make apart.mp4 -i base.mkv -map 0:a -c copy -bsf:a 'setts=ts=N*6144'
try 0 "each packet far from the last" apart.mp4
is "$told" "v2m-convert: apart.mp4: its time stamps make no sense: they were not used" \
    "is told, and not as truncated"
source_is base.mkv "all its sound is there"
# Small to upload, and large to convert: two hours of silence.  What is written
# in between is less than eleven minutes.
bounded() { (ulimit -f 53000; v2m-convert "$@"); }
make few.mkv -i base.mkv -map 0:a -frames:a 15 -c copy -bsf:a 'setts=ts=N*590/TB'
status 0 "fifteen packets, ten minutes from each to the next" \
    bounded --json --force -b 320k few.mkv out.mp3
cp "$OUT" out.json
between duration_ms 200 1000 "are no more sound than they are"
# Two gaps, each no more than what the file claims.
stamps much.mkv 'TS+590/TB*(gt(N\,30)+gt(N\,60))' &&
try 3 "twenty minutes of silence in two seconds of sound" much.mkv
like "$told" 'far more sound is missing than there is' "is told"
between duration_ms 1950 2050 "and left out"
make claims.mkv -i base.mkv -map 0:a -c copy \
    -bsf:a 'setts=ts=TS+gt(N\,25)/TB'
python3 -c 'import struct
data = bytearray(open("claims.mkv", "rb").read())
at = data.index(b"\x44\x89\x88") + 3
data[at:at + 8] = struct.pack(">d", 2000)
open("claims.mkv", "wb").write(data)'
try 3 "a gap that makes it longer than it claims to be" claims.mkv
like "$told" 'would make it longer than the file says' "is told"
between duration_ms 1950 2050 "and is not filled"
# Nothing says how long a TS is.
# shellcheck disable=SC2086
make far.ts $picture -itsoffset 700 $sound48 -c:v mpeg2video -c:a mp2 \
    -max_interleave_delta 0
try 3 "sound that begins twelve minutes late" far.ts
like "$told" 'begins 700\.[0-9] s late .* no silence is put before it' "is told"
between duration_ms 1950 2050 "without the silence"
stamps far.mkv 'TS+1e9/TB' &&
try 0 "all stamps a billion seconds late" far.mkv
source_is base.mkv "the same sound"
stamps negative.mkv 'TS-1/TB' &&
try 0 "negative stamps" negative.mkv
source_is base.mkv "the same sound"
python3 "$forge" flv-shift base.flv back.flv 1000 -900
try 0 "stamps that go back by less than 2 s" back.flv
source_is base.flv "the same sound"
python3 "$forge" flv-shift base.flv ahead.flv 1000 4000000000
try 3 "FLV stamps near the end of their 32 bits" ahead.flv
source_is base.flv "the same sound"
# shellcheck disable=SC2086
make base.ts $picture $sound48 $x264 -c:a aac
make wrap.ts -i base.ts -c copy -output_ts_offset 95442.7
try 0 "33-bit stamps that wrap in a TS" wrap.ts
source_is base.ts "the same sound"
is "$(fact filled_samples)" 0 "and no silence"
cat base.ts base.ts > joined.ts
try 3 "a TS joined to itself" joined.ts
like "$told" 'jump back by [0-9]\.[0-9][0-9] s at 0:0[12]' \
    "and it is told where"
is "$(fact source_samples)" $(($(samples base.ts) * 2)) "all of both"
# shellcheck disable=SC2086
make base.mp4 $picture $sound $x264 -c:a aac
# shellcheck disable=SC2086
make tiny.mp4 -f lavfi -i sine=r=8000:d=0.05 -c:a aac -b:a 8k
python3 "$forge" mp4-duration tiny.mp4 forged.mp4 100000
try 3 "100,000 s claimed in so few bytes" forged.mp4
like "$told" 'truncated: 0\.[0-9] s of 100000 s' "is told as truncated"
source_is tiny.mp4 "and takes no longer than what is there"

# --- cut short, by what each container says of itself ---
cut() {
	head -c $(($(wc -c < "$1") * ${2:-2} / 5)) "$1" > "cut-$1"
}
# shellcheck disable=SC2086
long="-f lavfi -i sine=f=440:r=48000:d=6"
longer="-f lavfi -i testsrc=s=64x64:r=10:d=6 $long"
make_cut() {
	make_cut_name=$1
	shift
	make "$make_cut_name" "$@" && cut "$make_cut_name" &&
	try 3 "cut: $make_cut_name" "cut-$make_cut_name"
	like "$told" 'truncated: [0-3]\.[0-9] s of [56]\.[0-9] s' "$make_cut_name: is told"
	between duration_ms 900 3500 "$make_cut_name: what there is"
	like "$(fact warnings)" '^truncated: ' "$make_cut_name: in --json too"
}
# shellcheck disable=SC2086
{
	make_cut c.mp4 $longer $x264 -c:a aac -movflags +faststart
	make_cut c.mkv $longer $x264 -c:a aac
	make_cut c.webm $longer -c:v libvpx -deadline realtime -c:a libopus
	make_cut c.avi $longer -c:v mpeg4 -c:a libmp3lame
	make_cut c2.avi $longer -c:v mpeg4 -c:a pcm_s16le
	make_cut c.flv $longer $x264 -c:a aac -ar 44100
	make_cut c.wmv $longer -c:v wmv2 -c:a wmav2
	make_cut c.mp3 $long
	make_cut c.flac -f lavfi -i "aevalsrc=0.3*random(0):s=48000:d=6"
	make_cut c.wav $long
	make_cut c.w64 $long
	make_cut c.caf $long
	make_cut c.aiff $long
}
# A Matroska file whose sound just ends before its pictures is whole.
# shellcheck disable=SC2086
make short.mkv -f lavfi -i testsrc=s=64x64:r=10:d=6 $sound -c:v libx264 -c:a aac
try 0 "sound that ends before the pictures, in Matroska" short.mkv
make short.flv -i short.mkv -c copy
make short.mp4 -i short.mkv -c copy
try 0 "in MP4" short.mp4
# shellcheck disable=SC2086
make short.flv -f lavfi -i testsrc=s=64x64:r=10:d=6 $sound -c:v flv -c:a aac
try 0 "in FLV" short.flv

# --- longer than its header can say ---
# Sizes of WAV have 32 bits: they begin anew at 4 GiB, and some writers do not
# go beyond 2.  A tone in the last seconds, holes before it.
# huge NAME BYTES SAYS
huge() {
	python3 - "$@" << 'END'
import array, math, struct, sys
name, size, says = sys.argv[1], int(sys.argv[2], 0), int(sys.argv[3], 0)
block, rate = 32, 192000
tone = array.array('i', [int(2**29 * math.sin(i * 0.0144)) if c < 2 else 0
                         for i in range(rate) for c in range(8)]).tobytes()
with open(name, 'wb') as f:
    f.write(b'RIFF' + struct.pack('<I', says + 36) + b'WAVEfmt ' +
            struct.pack('<IHHIIHH', 16, 1, 8, rate, rate * block, block, 32) +
            b'data' + struct.pack('<I', says))
    f.seek(44 + says)
    f.write(64 * b'\xff')
    f.seek(size - 3 * len(tone))
    f.write(3 * tone)
print(round((size - 44) / rate / block * 1000))
END
}
while read -r name bytes says; do
	ms=$(huge $name.wav "$bytes" "$says")
	from=$((ms / 1000 - 2))
	status 0 "$name" v2m-convert --json --force --from $from $name.wav \
	    out.mp3
	cp "$OUT" out.json
	between duration_ms $((ms - from * 1000 - 20)) \
	    $((ms - from * 1000 + 20)) "$name: its end is there"
	ok "$name: with its sound" [ "$(ffmpeg -nostdin -i out.mp3 -af \
	    volumedetect -f null - 2>&1 |
	    sed -n 's/.*mean_volume: -\([0-9]*\).*/\1/p')" -lt 20 ]
	rm $name.wav
done << 'END'
beyond-4g 0x10600002c 0x6000000
beyond-2g 0x8600002c 0x7ffff000
END

# --- damaged in the middle ---
python3 - << 'END'
data = bytearray(open('base.mp4', 'rb').read())
at = data.find(b'mdat') + 4
import random
random.seed(5)
for i in range(at + 2000, len(data) - 20000, 40):
    data[i] = random.randrange(256)
open('damaged.mp4', 'wb').write(data)
data = bytearray(open('base.ts', 'rb').read())
for i in range(60 * 188, 400 * 188):
    if i % 188 > 20 and random.random() < .05:
        data[i] = random.randrange(256)
open('damaged.ts', 'wb').write(data)
END
for name in damaged.mp4 damaged.ts; do
	v2m-convert --json --force $name out.mp3 > out.json 2> "$ERR"
	case $? in
	3)	like "$(cat "$ERR")" 'damaged packet|time stamps' "$name: told" ;;
	65)	ok "$name: no sound left" true ;;
	0)	ok "$name: the sound was spared" true ;;
	*)	ok "$name" false ;;
	esac
done
done_testing
