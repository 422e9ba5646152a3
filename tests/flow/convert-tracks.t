#!/bin/sh
# Which track is taken: by default, by number, by language; and the list.
#
# slow: 10 s
. "$(dirname "$0")/../lib/tap.sh"
. "$tap_root/tests/lib/media.sh"
need ffmpeg ffprobe python3

# Each track has a length of its own, by which the MP3 tells where it is from.
tones="-f lavfi -i sine=d=1 -f lavfi -i sine=d=2 -f lavfi -i sine=d=3
    -f lavfi -i sine=d=4"
all="-map 0 -map 1 -map 2 -map 3 -map 4 -c:a flac"

# takes SECONDS WHAT OPTION...: from $source, without a word
takes() {
	takes_s=$1 takes_what=$2
	shift 2
	status 0 "$takes_what" v2m-convert "$@" --json --force "$source" \
	    out.mp3 || return
	cp "$OUT" out.json
	is "$(cat "$ERR")" "" "$takes_what: without a word"
	is "$(($(fact samples) / 44100))" "$takes_s" "$takes_what: the right one"
}

# shellcheck disable=SC2086 # arguments of ffmpeg
make a.mkv $picture $tones $all -metadata:s:a:0 language=eng \
    -metadata:s:a:1 language=ger -metadata:s:a:1 title="Auf deutsch	ü" \
    -metadata:s:a:2 language=fre -metadata:s:a:3 language=eng \
    -disposition:a:0 0 -disposition:a:1 default \
    -disposition:a:2 visual_impaired -disposition:a:3 comment
source=a.mkv
takes 2 "the container's default"
takes 1 "the first" --track 1
takes 4 "a commentary that is asked for" --track 4
takes 3 "a description that is asked for" --track 3
for lang in de ger deu DE de-AT de-Latn-AT it,ger,en; do
	takes 2 "--lang $lang" --lang $lang
done
for lang in en eng en-GB it,EN,de fr,en; do
	takes 1 "--lang $lang: no commentary" --lang $lang --lang-strict
done
status 3 "no such language" v2m-convert --lang it,ja --json --force a.mkv \
    out.mp3
cp "$OUT" out.json
like "$(cat "$ERR")" \
    '^v2m-convert: a.mkv: no sound in the language asked for \(it, ja\): the default track is taken \(ger\)$' \
    "is told"
is "$(($(fact samples) / 44100))" 2 "the default is taken"
rm -f x.mp3
status 65 "no such language, strictly" v2m-convert --lang it,ja \
    --lang-strict a.mkv x.mp3
like "$(cat "$ERR")" 'no sound in the language asked for \(it, ja\)$' "is told"
status 65 "only described in that language" v2m-convert --lang fr \
    --lang-strict a.mkv x.mp3
status 65 "no such track" v2m-convert --track 5 a.mkv x.mp3
like "$(cat "$ERR")" \
    '^v2m-convert: a.mkv: no track 5 with sound in it: there are 4$' "is told"
ok "no MP3 of these" test ! -e x.mp3
for wrong in "--track 0" "--track 1000" "--track x" "--lang german" \
    "--lang de,,en" "--track 1 --lang de" "--lang-strict" \
    "--track 1 --lang-strict"; do
	# shellcheck disable=SC2086
	status 64 "$wrong" v2m-convert $wrong a.mkv x.mp3
done

# --- the list ---
status 0 "the list" v2m-convert --list-tracks a.mkv
is "$(sed 's/	$/	./' "$OUT")" "1	eng	flac	44100 Hz	1 ch	-	.
2	ger	flac	44100 Hz	1 ch	taken,default	Auf deutsch?ü
3	fre	flac	44100 Hz	1 ch	descriptive	.
4	eng	flac	44100 Hz	1 ch	commentary	." "a line for each"
status 0 "of stdin" sh -c 'cat a.mkv | v2m-convert --list-tracks'
is "$(wc -l < "$OUT" | tr -d ' ')" 4 "the same"
status 0 "as JSON" v2m-convert --list-tracks --json a.mkv
is "$(python3 -c 'import json, sys
for line in open(sys.argv[1]):
    t = json.loads(line)
    print(t["input"], t["track"], t["language"], t["codec"], t["rate"],
        t["channels"], t["taken"], t["default"], t["commentary"],
        t["descriptive"], t["hearing_impaired"], t["undecodable"])' "$OUT" |
    sed -n '2p;4p')" \
    "a.mkv 2 ger flac 44100 1 True True False False False False
a.mkv 4 eng flac 44100 1 False False True False False False" "with all members"
make one.wav -f lavfi -i sine=d=1
make none.mp4 -f lavfi -i testsrc=s=64x64:d=1 -c:v mpeg4
status 65 "of several, one without sound" \
    v2m-convert --list-tracks a.mkv none.mp4 one.wav
is "$(cut -f 1,2 "$OUT" | tr '\t' ' ')" "a.mkv 1
a.mkv 2
a.mkv 3
a.mkv 4
one.wav 1" "names stand in front, and the others are there"
like "$(cat "$ERR")" '^v2m-convert: none.mp4: no audio stream$' "one is told"
status 66 "no such file" v2m-convert --list-tracks nowhere.mp4
status 64 "with -o" v2m-convert --list-tracks -o x a.mkv

# --- other containers ---
# shellcheck disable=SC2086
{
	make b.mp4 $picture $tones $all -c:v mpeg4 -strict -2 \
	    -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu \
	    -metadata:s:a:2 language=fra -disposition:a:1 default \
	    -disposition:a:0 0
	make c.ts $picture $tones $all -c:v mpeg2video -c:a mp2 \
	    -metadata:s:a:0 language=eng -metadata:s:a:1 language=ger \
	    -metadata:s:a:2 language=fre
	make d.nut $picture $tones $all -c:v mpeg4 -c:a pcm_s16le \
	    -metadata:s:a:1 language=ger
}
for source in b.mp4 c.ts d.nut; do
	takes 2 "$source: German" --lang de --lang-strict
	takes 3 "$source: the third" --track 3
done

# By its number also one whose codec nobody knows, to say so.
python3 - <<'EOF'
data = open('b.mp4', 'rb').read()
at = data.index(b'fLaC', data.index(b'stsd'))
open('e.mp4', 'wb').write(data[:at] + b'xyzw' + data[at + 4:])
EOF
status 65 "a codec that there is not" v2m-convert --track 1 e.mp4 x.mp3
like "$(cat "$ERR")" 'there is no decoder for track 1 \(xyzw\)$' "is told"
status 0 "is listed" v2m-convert --list-tracks e.mp4
like "$(sed -n 1p "$OUT")" '	undecodable	' "as such"

# --- the file's flag, then its order; never how many bits there are ---
# shellcheck disable=SC2086
{
	make bits.mp4 $tones -map 0 -map 1 -map 2 -c:a aac -b:a:0 24k \
	    -b:a:1 96k -b:a:2 192k -disposition:a default \
	    -metadata:s:a:1 language=eng -metadata:s:a:2 language=deu
	make bits.mkv $tones -map 0 -map 1 -map 2 -c:a libmp3lame -b:a:0 32k \
	    -b:a:1 64k -b:a:2 192k -disposition:a 0 \
	    -metadata:s:a:1 language=eng -metadata:s:a:2 language=deu
	make second.mp4 $tones -map 0 -map 1 -map 2 -c:a aac \
	    -disposition:a 0 -disposition:a:1 default \
	    -metadata:s:a:1 language=eng -metadata:s:a:2 language=deu
	make few.mkv $tones -map 0 -map 1 -map 2 -c:a flac \
	    -disposition:a:0 default+comment \
	    -disposition:a:1 default+visual_impaired -disposition:a:2 0
}
source=bits.mp4
takes 1 "of several that are enabled the first"
source=second.mp4
takes 2 "the one that is enabled"
source=bits.mkv
takes 1 "of several that are not the default the first"
source=few.mkv
takes 3 "no commentary, even where it is the default"
# Matroska: a flag that is not there means that it is the default.
python3 - <<'EOF'
data = open('bits.mkv', 'rb').read()
flag = b'\x88\x81\x00'	# FlagDefault: 0
first = data.index(flag, data.index(b'\x16\x54\xae\x6b'))
second = data.index(flag, first + 3)
# An element of the same length that says nothing: Void.
open('absent.mkv', 'wb').write(data[:second] + b'\xec\x81\x00' +
    data[second + 3:])
EOF
source=absent.mkv
takes 2 "FlagDefault that is absent is the default"
# A descriptor of a transport stream names two languages for one track.
make two.ts -f lavfi -i sine=d=1 -f lavfi -i sine=d=2 -map 0 -map 1 -c:a mp2 \
    -metadata:s:a:0 language=fre -metadata:s:a:1 language=deu,eng
source=two.ts
for lang in de en; do
	takes 2 "--lang $lang of deu,eng" --lang $lang --lang-strict
done

# --- a track that is silent throughout, and another that is not ---
null="-f lavfi -i anullsrc=r=44100:cl=mono:d=1"
# The first sounds, at -84 dBFS, so that nobody hears it.
faint="-f lavfi -i aevalsrc=0.00006*sin(2764*t):s=44100:d=1"
# shellcheck disable=SC2086
{
	make silent.mkv $null $null $faint -f lavfi -i sine=d=1 -map 0 -map 1 \
	    -map 2 -map 3 -c:a flac -sample_fmt s32 -metadata:s:a:0 language=a
	make faint.mkv $faint $null -f lavfi -i sine=d=1 -map 0 -map 1 -map 2 \
	    -c:a flac -sample_fmt s32
	make dumb.mkv $null $null -map 0 -map 1 -c:a flac \
	    -metadata:s:a:0 language=eng
	make lone.mkv $null -c:a flac
}
for option in "" "--loudness -16" "--track 2"; do
	# shellcheck disable=SC2086
	status 3 "a silent track $option" \
	    v2m-convert $option --json --force silent.mkv out.mp3
	cp "$OUT" out.json
	like "$(fact warnings)" \
	    '^track [12] is silent throughout, but track 4 has sound: choose track 4$' \
	    "the one that has sound is told"
done
status 3 "sound below -80 dBFS is none" v2m-convert --force faint.mkv out.mp3
like "$(cat "$ERR")" 'but track 3 has sound' "is told"
for file in dumb lone; do
	status 0 "no track with sound: $file" \
	    v2m-convert --force $file.mkv out.mp3
done
status 0 "the one with sound" v2m-convert --track 4 --force silent.mkv out.mp3

# --- two microphones, a track for each ---
levels() {
	ffmpeg -hide_banner -nostdin -i out.mp3 -af \
	    astats=measure_overall=none:measure_perchannel=RMS_level \
	    -f null - 2>&1 | sed -n 's/.*RMS level dB: \(-[0-9]*\.[0-9]\).*/\1/p' |
	    tr '\n' ' '
}
left="-f lavfi -i aevalsrc=0.3*sin(2764*t):s=48000:d=2"
right="-f lavfi -i aevalsrc=0.2*sin(4146*t):s=48000:d=2"
both_levels="-13.4 -16.9 "
several='there are several mono tracks, and track 1 is taken: choose 1+2 to join two as left and right, 1,2 to mix them'
# shellcheck disable=SC2086
{
	make two.mxf -f lavfi -i testsrc=s=320x240:r=25:d=2 $left $right \
	    -map 0 -map 1 -map 2 -c:v mpeg2video -c:a pcm_s16le
	make four.mxf -f lavfi -i testsrc=s=320x240:r=25:d=2 $left $right \
	    $left $left -map 0 -map 1 -map 2 -map 3 -map 4 \
	    -c:v mpeg2video -c:a pcm_s16le
	make labels.mov $right $left -filter_complex \
	    '[0]aformat=channel_layouts=FR[r];[1]aformat=channel_layouts=FL[l]' \
	    -map '[r]' -map '[l]' -c:a pcm_s16le
	make none.mov $left $right -map 0 -map 1 -c:a pcm_s16le
	make none.mkv $left $right -map 0 -map 1 -c:a flac -disposition:a 0
	make wide.mkv $left $right -map 0 -map 1 -c:a flac -ac:a:1 2
	make late.mkv $left -itsoffset 0.5 $right -map 0 -map 1 -c:a flac
	make rates.mkv $left -f lavfi \
	    -i 'aevalsrc=0.2*sin(4146*t):s=44100:d=1' -map 0 -map 1 -c:a flac
	make stereo.mkv $left $right -map 0 -map 1 -c:a flac -ac 2
}
# joined STATUS FILE LEVELS OPTION...: with a level for each channel
joined() {
	joined_status=$1 joined_file=$2 joined_levels=$3
	shift 3
	status "$joined_status" "$joined_file $*" \
	    v2m-convert "$@" --json --force "$joined_file" out.mp3 || return
	cp "$OUT" out.json
	is "$(levels)" "$joined_levels" "$joined_file $*: levels"
	is "$(fact samples)" 96000 "$joined_file $*: length"
}
joined 0 two.mxf "$both_levels"
joined 3 four.mxf "$both_levels"
is "$(fact warnings)" \
    'tracks 1 and 2 are joined as left and right; left out: 3, 4' \
    "the others are told"
joined 0 labels.mov "$both_levels"
for file in none.mov none.mkv; do
	joined 3 $file "-13.4 "
	is "$(fact warnings)" "$several" "both options are told"
	joined 0 $file "-13.4 " --track 1
	joined 0 $file "$both_levels" --track 1+2
	joined 0 $file "-16.9 -13.4 " --track 2+1
	joined 0 $file "-17.8 " --track 1,2
done
joined 0 two.mxf "-16.9 " --track 2
joined 3 none.mov "$both_levels" --track 1+2 --copy
joined 0 stereo.mkv "-16.4 -16.4 " --track 1
joined 0 stereo.mkv "-20.9 -20.9 " --track 1,2
status 65 "a pair of what is no mono" \
    v2m-convert --track 1+2 --force wide.mkv x.mp3
like "$(cat "$ERR")" 'a track of 2 channels cannot be one half of a pair$' \
    "is told"
status 65 "a partner that is not there" \
    v2m-convert --track 1+7 --force none.mov x.mp3
for wrong in 1+1 1+ +2 1+2+3 1,2,3 1-2 1+x; do
	status 64 "--track $wrong" v2m-convert --track $wrong none.mov x.mp3
done

# Where each is in time: from the left one on there is what follows.
# starts CHANNEL: the first sample louder than 0.05, of out.mp3
starts() {
	ffmpeg -v error -nostdin -i out.mp3 -f f32le - | python3 -c '
import array, sys
a = array.array("f", sys.stdin.buffer.read())[int(sys.argv[1])::2]
loud = [i for i, x in enumerate(a) if abs(x) > 0.05]
print(round(loud[0] / 480) * 10, round(loud[-1] / 480) * 10)' "$1"
}
joined 0 late.mkv "-13.4 -18.2 " --track 1+2
is "$(starts 1)" "500 2000" "a track that begins late does so in the pair"
joined 0 rates.mkv "-13.4 -20.0 " --track 1+2
is "$(starts 1)" "0 1000" "a shorter one at another rate ends where it does"
status 0 "a part of a pair" \
    v2m-convert --track 1+2 --from 0.25 --to 0.75 --force late.mkv out.mp3
is "$(starts 1)" "250 500" "is cut as one"
status 0 "a pair, louder" \
    v2m-convert --loudness -20 --track 1+2 --force none.mov out.mp3
is "$(levels | tr ' ' '\n' | grep -c .)" 2 "is still one"
make gap.mkv -f lavfi -i 'aevalsrc=0.3*sin(2764*t):s=48000:d=3' -f lavfi \
    -i 'aevalsrc=0.2*sin(4146*t):s=48000:d=3' -map 0 -map 1 -c:a flac
python3 - <<'EOF'
# Blocks of the second track between 1 and 2 s become Void.
data = bytearray(open('gap.mkv', 'rb').read())
at = data.index(b'\x1f\x43\xb6\x75')

def number(i, keep=False):
    n = 1
    while not data[i] & (0x100 >> n):
        n += 1
    value = int.from_bytes(data[i:i + n], 'big')
    return i + n, value if keep else value & ((1 << 7 * n) - 1)

i, voids, base = at, 0, 0
while i < len(data):
    start = i
    i, kind = number(i, True)
    i, size = number(i)
    if kind == 0x1f43b675:
        continue		# into the cluster
    if kind == 0xe7:
        base = int.from_bytes(data[i:i + size], 'big')
    if kind == 0xa3 and data[i] == 0x82 and 1000 <= base + int.from_bytes(
            data[i + 1:i + 3], 'big') < 2000:
        data[start] = 0xec
        voids += 1
    if kind == 0x1c53bb6b:
        break
    i += size
assert voids > 3, voids
open('gap.mkv', 'wb').write(data)
EOF
status 0 "a hole in one of them" \
    v2m-convert --track 1+2 --force gap.mkv out.mp3
is "$(ffmpeg -v error -nostdin -i out.mp3 -f f32le - | python3 -c '
import array, sys
a = array.array("f", sys.stdin.buffer.read())[1::2]
rms = [(sum(x * x for x in a[i:i + 4800]) / 4800) ** .5
    for i in range(0, 143000, 4800)]
print("".join("x" if r > .1 else "." if r < .001 else "?" for r in rms))' |
    sed 's/?//g; s/\(.\)\1*/\1/g')" "x.x" "is silence there"

# --- what there is no decoder for, or no key ---
# forge OUT PYTHON: bits.mp4 as `data`, changed
forge() {
	python3 - "$1" "$2" <<'EOF'
import re, sys
data = bytearray(open('bits.mp4', 'rb').read())
at = [m.start() for m in re.finditer(b'mp4a\0\0\0\0\0\0\0\1', data)]
def codec(i, name):
    """Also the box that tells what it is, whatever it is called."""
    data[i:i + 4] = name
    i = data.index(b'esds', i)
    data[i:i + 4] = b'free'
exec(sys.argv[2])
open(sys.argv[1], 'wb').write(data)
EOF
}
forge apac.mp4 'codec(at[0], b"apac")'
status 3 "the default has a codec that there is not" \
    v2m-convert --json --force apac.mp4 out.mp3
cp "$OUT" out.json
is "$(fact warnings)" \
    'there is no decoder for track 1 (apac): track 2 is taken' "is told"
forge all.mp4 'for i in at: codec(i, b"mha1")'
status 65 "all of them have" v2m-convert all.mp4 x.mp3
like "$(cat "$ERR")" 'all.mp4: there is no decoder for its sound \(mha1\)$' \
    "it is named"
status 0 "they can be listed" v2m-convert --list-tracks all.mp4
is "$(cut -f 3,6 "$OUT" | tr '\t' ' ')" "mha1 default,undecodable
mha1 default,undecodable
mha1 default,undecodable" "by the same name"
# An AudioSpecificConfig of object type 42.
forge usac.mp4 'i = data.index(b"\5\x80\x80\x80\5", at[0]) + 5
data[i:i + 2] = b"\xf9\x46"'
status 0 "xHE-AAC is listed" v2m-convert --list-tracks usac.mp4
like "$(sed -n 1p "$OUT")" '	xHE-AAC	' "as such"
# FFmpeg 7.1 decodes it.
if [ "$(ffmpeg -version |
    sed -n 's/^libavcodec *\([0-9]*\)\..*/\1/p')" -lt 61 ]; then
	status 3 "it is the default" \
	    v2m-convert --json --force usac.mp4 out.mp3
	cp "$OUT" out.json
	is "$(fact warnings)" \
	    'there is no decoder for track 1 (xHE-AAC): track 2 is taken' \
	    "is told"
	forge all.mp4 'for i in at:
    i = data.index(b"\5\x80\x80\x80\5", i) + 5
    data[i:i + 2] = b"\xf9\x46"'
	status 65 "all of them are" v2m-convert all.mp4 x.mp3
	like "$(cat "$ERR")" 'there is no decoder for its sound \(xHE-AAC\)$' \
	    "which is told"
else
	skip "xHE-AAC" "this FFmpeg decodes it"
fi

forge drms.mp4 'data[at[0]:at[0] + 4] = b"drms"'
make clear.mp4 -f lavfi -i sine=d=1 -c:a aac
make cenc.mp4 -i clear.mp4 -c copy -encryption_scheme cenc-aes-ctr \
    -encryption_key 76a6c65c5ea762046bd749a2e632ccbb \
    -encryption_kid a7e61c373e219033c21091fa607bf3b8
for source in drms.mp4 cenc.mp4; do
	status 65 "$source" v2m-convert $source x.mp3
	is "$(cat "$ERR")" "v2m-convert: $source: it is encrypted" "is told"
	like "$(v2m-convert --list-tracks $source)" 'encrypted' "and listed"
done
unlike "$(v2m-convert --list-tracks clear.mp4)" 'encrypted' "clear.mp4 is not"
# A broadcast that was recorded without the key.
ts() {
	python3 "$tap_root/tests/lib/ts.py" "$@"
}
# shellcheck disable=SC2086
make clear.ts $picture $left -c:v mpeg2video -c:a mp2
ts scramble clear.ts dark.ts 101
status 65 "a scrambled broadcast" v2m-convert dark.ts x.mp3
is "$(cat "$ERR")" "v2m-convert: dark.ts: it is encrypted" "is told as such"
ts scramble clear.ts dark.ts 100
status 0 "one whose pictures alone are" v2m-convert --force dark.ts out.mp3
# A stream of bytes that are nothing, and the type of MPEG-H in the map.
python3 -c 'import random; r = random.Random(3)
open("bytes", "wb").write(bytes(r.randrange(256) for _ in range(40000)))'
make data.ts -f lavfi -i testsrc=s=64x64:r=10:d=2 -f data -i bytes -map 0 \
    -map 1 -c:v mpeg2video -c:d copy
for type in 2d 2e; do
	python3 "$tap_root/tests/lib/ts.py" type data.ts mpegh.ts 06 $type
	status 65 "type $type in a TS" v2m-convert mpegh.ts x.mp3
	like "$(cat "$ERR")" 'no decoder for its sound \(MPEG-H\)' "is named"
done
ok "no MP3 of these" test ! -e x.mp3

done_testing
