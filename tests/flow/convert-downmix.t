#!/bin/sh
# More than two channels: each at its level, nothing above full scale.
#
# slow: 30 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg python3 cmp

# tones N [GAIN]: N channels of a tone each, for aevalsrc
tones() {
	python3 -c 'import sys
n, gain = int(sys.argv[1]), sys.argv[2]
print("|".join("%s*sin(2*PI*%d*t)" % (gain, 500 + 170 * i)
               for i in range(n)))' "$1" "${2:-0.1}"
}

# surround FILE LAYOUT N [ARG...]
surround() {
	surround_file=$1 surround_layout=$2 surround_n=$3
	shift 3
	make "$surround_file" -f lavfi -i \
	    "aevalsrc=$(tones "$surround_n"):s=48000:d=1.5:c=$surround_layout" "$@"
}

# convert STATUS WHAT FILE [OPTION...]: leaves out.mp3, out.json
convert() {
	convert_status=$1 convert_what=$2 convert_file=$3
	shift 3
	status "$convert_status" "$convert_what" v2m-convert "$@" --json \
	    --force "$convert_file" out.mp3
	cp "$OUT" out.json
}

# mix KEY: what the JSON says of it
mix() {
	python3 -c 'import json, sys
print(json.load(open("out.json"))["downmix"][sys.argv[1]])' "$1"
}

# levels FILE WANTED...: of each tone in each channel, a digit for a share of
# what it was: 1, 0.7, 0.5, 0
levels() {
	levels_file=$1
	shift
	ffmpeg -v error -nostdin -y -i "$levels_file" -f f32le levels.raw
	python3 - "$@" << 'END'
import math, sys
from array import array
rows = sys.argv[1:]
raw = array("f", open("levels.raw", "rb").read())
share = {"1": 1, "7": 0.5 ** 0.5, "5": 0.5, "0": 0}
bad = 0
for side, row in enumerate(rows):
    x = raw[side::len(rows)][12000:60000]
    for i, digit in enumerate(row):
        w = 2 * math.pi * (500 + 170 * i) / 48000
        c = sum(v * math.cos(w * k) for k, v in enumerate(x))
        s = sum(v * math.sin(w * k) for k, v in enumerate(x))
        got = 2 * math.hypot(c, s) / len(x) / 0.1
        if abs(got - share[digit]) > 0.02:
            print("# side %d, channel %d: %.3f, not %s" % (side, i, got, digit))
            bad = 1
sys.exit(bad)
END
}

# peak FILE: in dBFS
peak() {
	ffmpeg -v error -nostdin -y -i "$1" -f f32le peak.raw
	python3 -c 'import math
from array import array
print(20 * math.log10(max(map(abs, array("f", open("peak.raw", "rb").read())))))'
}

# --- every channel of every layout ---
while read -r layout left right; do
	surround l.wav "$layout" ${#left}
	convert 0 "$layout" l.wav
	ok "$layout: each channel at its level" levels out.mp3 "$left" "$right"
	is "$(mix gain_db)" 0.0 "$layout: without a gain"
	is "$(cat "$ERR")" "" "$layout: without a word"
done << 'END'
2.1 100 010
3.0 107 017
4.0 1075 0175
quad 1070 0107
5.1 107070 017007
5.1(side) 107070 017007
6.1 1070570 0170507
7.1 10707070 01700707
FL+FR+FC+LFE+BL+BR+TFL+TFR 10707070 01700707
END
# A WAV that does not say which channels they are.
surround q.raw quad 4 -f s16le -c:a pcm_s16le
make q.au -f s16le -ar 48000 -ac 4 -i q.raw -c:a pcm_s16be
convert 0 "four channels that have no name" q.au
ok "are left, right, and left, right behind" levels out.mp3 1070 0107
surround l.wav 5.1 6
convert 0 "5.1 to mono" l.wav --mono
ok "as ITU-R BS.775 has it" levels out.mp3 771055
surround l.wav stereo 2
convert 0 "stereo to mono" l.wav --mono
ok "is the mean" levels out.mp3 55
is "$(fact downmix)" None "which is not told as a mix"

# --- codecs with levels and mixes of their own ---
surround fronts.wav 5.1 6 -af "pan=5.1|FL=FL|FR=FR"
for codec in ac3 eac3 dca aac; do
	make c.mkv -i fronts.wav -af 'aformat=channel_layouts=5.1(side)' \
	    -strict -2 -b:a 1411k -c:a $codec
	convert 0 "$codec" c.mkv
	ok "has the level of its source" levels out.mp3 10 01
done

# --- ambisonics ---
make a.opus -f lavfi -i "aevalsrc=$(tones 4):s=48000:d=1.5:c=4.0" \
    -c:a libopus -mapping_family 255 -b:a 512k
python3 - << 'END'
data = bytearray(open("a.opus", "rb").read())
length = 27 + data[26] + sum(data[27:27 + data[26]])
at = data.index(b"OpusHead") + 18
assert data[at] == 255
data[at] = 2
data[22:26] = bytes(4)
crc = 0
for byte in data[:length]:
    crc ^= byte << 24
    for _ in range(8):
        crc = (crc << 1 ^ (0x04c11db7 if crc & 1 << 31 else 0)) & 0xffffffff
data[22:26] = crc.to_bytes(4, "little")
open("ambisonic.opus", "wb").write(data)
END
convert 0 "ambisonics" ambisonic.opus
ok "are W + Y and W - Y" levels out.mp3 1100 1100
ffmpeg -v error -nostdin -y -i out.mp3 -af 'pan=mono|c0=0.5*c0-0.5*c1' half.wav
ok "with Y's sign turned" levels half.wav 0100
convert 0 "ambisonics to mono" ambisonic.opus --mono
ok "are W" levels out.mp3 1000

# --- a mix that passes full scale: one gain from start to end ---
# Soft but for a moment near the end.
loud='(0.05+0.85*between(t\,3\,3.02))*sin(2764*t)'
make loud.wav -f lavfi -i "aevalsrc=$loud|$loud|$loud|$loud|$loud|$loud:s=48000:d=4:c=5.1"
convert 0 "a mix above full scale" loud.wav
is "$(cat "$ERR")$(fact warnings)" "" "without a warning"
ok "the peak is told" close_to "$(mix peak_dbfs)" 6.74 0.03
ok "and the gain" close_to "$(mix gain_db)" -6.84 0.03
ok "the MP3's is below full scale" close_to "$(peak out.mp3)" -0.1 0.8
is "$(fact samples)" 192000 "with all samples"
make mixed.wav -i loud.wav -af "aformat=flt,pan=stereo|FL=FL+0.707107*FC+0.707107*BL|FR=FR+0.707107*FC+0.707107*BR,volume=$(mix gain_db)dB" -c:a pcm_f32le
make mixed.raw -i mixed.wav -f f32le -c:a pcm_f32le
make out.raw -i out.mp3 -f f32le -c:a pcm_f32le
ok "and one gain for all of it" python3 -c '
from array import array
a, b = array("f", open("mixed.raw", "rb").read()), array("f", open("out.raw", "rb").read())
assert len(a) == len(b), (len(a), len(b))
for part in range(0, len(a), 38400):	# 0.4 s
    x, y = a[part:part + 38400], b[part:part + 38400]
    error = sum((p - q) ** 2 for p, q in zip(x, y))
    power = sum(p * p for p in x)
    assert error < power / 50, (part, error / power)'
cp out.mp3 one.mp3
for n in 1 3; do
	ok "the same with $n threads" v2m-convert --threads $n --force loud.wav \
	    out.mp3
	ok "byte for byte" cmp one.mp3 out.mp3
done
V2M_MEDIA_DEBUG=1 v2m-convert --force loud.wav out.mp3 2>&1 |
    sed -n 's/.*read \(.*\) of \(.*\) bytes.*/\1 \2/p' > read
ok "the file is read twice" awk '{ exit !($1 < 2.6 * $2 && $1 > 1.8 * $2) }' read
convert 0 "a cut that leaves the loud part out" loud.wav --to 2.5
is "$(mix gain_db)" 0.0 "has no gain"
convert 0 "one that has it" loud.wav --from 2.5
ok "has the same" close_to "$(mix gain_db)" -6.84 0.03

# --- with a loudness: one pass before serves both ---
convert 0 "with a loudness" loud.wav --loudness -30
is "$(mix gain_db)" 0.0 "its gain alone is enough"
lufs=$(python3 -c 'import json
print(json.load(open("out.json"))["loudness"]["lufs"])')
convert 0 "with the loudness that it has" loud.wav \
    --loudness "$(python3 -c "print(round($lufs, 1))")"
ok "it is lowered all the same" close_to "$(mix gain_db)" -6.84 0.03
ok "below full scale" close_to "$(peak out.mp3)" -0.1 0.8
V2M_MEDIA_DEBUG=1 v2m-convert --force --loudness -30 loud.wav out.mp3 2>&1 |
    sed -n 's/.*read \(.*\) of \(.*\) bytes.*/\1 \2/p' > read
ok "the file is read twice" awk '{ exit !($1 < 2.6 * $2 && $1 > 1.8 * $2) }' read

# --- stereo has its own level, also where it is too high ---
make over.wav -f lavfi -i "aevalsrc=1.5*sin(2764*t)|0.2*sin(2764*t):s=48000:d=2" -c:a pcm_f32le
convert 0 "a stereo above full scale" over.wav
is "$(fact downmix)" None "is left as it is"
ok "with its peak" close_to "$(peak out.mp3)" 3.52 0.8

# --- samples that are none: no channel can silence the rest ---
python3 -c 'import struct, math
with open("nan.raw", "wb") as f:
    for i in range(96000):
        v = [0.1 * math.sin(i * 0.06)] * 6
        if i == 7: v[0] = float("nan")
        if i == 9: v[1] = float("inf")
        if i == 48000: v[2] = 1e30
        f.write(struct.pack("<6f", *v))'
make nan.wav -f f32le -ar 48000 -ac 6 -i nan.raw -c copy
convert 3 "NaN, Inf and 1e30 in six channels" nan.wav
ok "count as four times full scale" close_to "$(mix gain_db)" -12.14 0.02
unlike "$(cat out.json)" ':-?(NaN|nan|inf|Inf)' "are no figures"
done_testing
